"""Derivatives: gradients, Jacobians, Hessians, differentials; layouts; equality; certificates."""

from chainrule.calculus.answer import Answer, Certificate
from chainrule.calculus.derive import derive, derive_all, restore
from chainrule.calculus.dissolve import dissolve
from chainrule.calculus.equality import Equality, equal
from chainrule.calculus.gradients import Gradients, gradients
from chainrule.calculus.members import in_members, member_gradient
from chainrule.calculus.select import select

__all__ = [
    "Answer", "Certificate", "Equality", "Gradients", "derive", "derive_all", "dissolve", "equal",
    "gradients", "in_members", "member_gradient", "restore", "select",
]  # fmt: skip
