"""Functions that a document defines, ``g(z) = 1/(1+e^{-z})``: known by name, and their slopes."""

from __future__ import annotations

from chainrule.calculus import equal
from chainrule.calculus.expand import expand
from chainrule.errors import ChainruleError
from chainrule.expr import Expr, postorder, symbol, symbols
from chainrule.ops import apply
from chainrule.ops.derivatives import grad
from chainrule.ops.slopes import SLOPES
from chainrule.write import plain

STANDARD = ("sigmoid", "tanh", "relu", "softplus")
"""Elementwise functions that documents write out."""
_TELLING = frozenset({"exp", "max", "step", "log", "abs"})


def function(value: Expr, name: str) -> tuple[str | None, str | None]:
    """What a function of one variable is, and its slope, as text; None where there is no form.

    ``1/(1+exp(-z))`` is ``sigmoid(z)`` and may be applied to vectors, entry by entry. A function
    that has no name has a slope if it is a number that depends on a number.
    """
    x = symbols(value).get(name)
    if x is None:
        return None, None
    known = _standard(value, x)
    if known is not None:
        column = symbol(name, "n", 1)
        return f"{known}({name})", plain(SLOPES[known](column))
    if not (x.is_scalar and value.is_scalar):
        return None, None
    try:
        return None, plain(expand(grad(value, x), frozenset({x})))
    except ChainruleError:
        return None, None


def _standard(value: Expr, x: Expr) -> str | None:
    """The name of the elementwise function that a value in ``x`` is."""
    if value.op in SLOPES and value.args == (x,):
        return value.op
    if value.shape != x.shape or len(symbols(value)) > 1:
        return None
    if not any(e.op in _TELLING for e in postorder(value)):
        return None
    return next((f for f in STANDARD if equal(value, apply(f, x)).verdict == "equal"), None)
