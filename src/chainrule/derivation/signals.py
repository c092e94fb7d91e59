"""Gradients at named parts: what arrives at a node from the nodes that use it, and its name."""

from __future__ import annotations

import re

from chainrule.calculus.forms import Derivative
from chainrule.calculus.sweep import Sweep
from chainrule.dims import ONE
from chainrule.expr import Expr, number, postorder, substitute
from chainrule.ops import add, apply, mul, zeros
from chainrule.traits import transposed


def arriving(
    s: Expr, users: list[Expr], parts: dict[Expr, Expr], signals: dict[Expr, Expr], root: Expr
) -> Expr:
    """The sum of what arrives at a node from all nodes that use it."""
    found = [weighted(signals[t], parts[t]) for t in users]
    if s in postorder(root):
        found.insert(0, root)
    if not found:
        return number(0) if s.is_scalar else zeros(*s.shape)
    total = [Derivative(Sweep(w, [s]), s).expr("gradient") for w in found]
    if len(total) == 1:
        return total[0]
    if any(t.op == "zeros" for t in total):
        return Derivative(Sweep(add(*found), [s]), s).expr("gradient")
    return add(*total)


def weighted(delta: Expr, e: Expr) -> Expr:
    """⟨δ, e⟩."""
    if e.is_scalar:
        return mul(delta, e)
    if e.shape[1] == ONE:
        return mul(transposed(delta), e)
    return apply("sum", apply("hadamard", delta, e))


def beyond(root: Expr, parts: dict[Expr, Expr], later: list[Expr]) -> Expr:
    """The function with all later parts written out."""
    for t in reversed(later):
        root = substitute(root, {t: parts[t]})
    return root


def digits(name: str) -> str:
    """``21`` of l21 and of l_21."""
    found = re.fullmatch(r"[^\W\d]+_?(\d+)", name)
    return found[1] if found else ""
