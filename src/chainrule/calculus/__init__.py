"""Derivatives: gradients, Jacobians, Hessians, differentials; layouts; equality; certificates."""

from chainrule.calculus.answer import Answer, Certificate
from chainrule.calculus.derive import derive, derive_all, restore
from chainrule.calculus.equality import Equality, equal
from chainrule.calculus.gradients import Gradients, gradients

__all__ = [
    "Answer", "Certificate", "Equality", "Gradients", "derive", "derive_all", "equal",
    "gradients", "restore",
]  # fmt: skip
