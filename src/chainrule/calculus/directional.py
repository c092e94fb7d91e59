"""The differential by moving along a line: for sums and products over an index of matrices.

A derivative with four indices that holds a sum is stacked (``vec``); along ``X + t*dX`` it has two
indices only, and ``d prod(X_i)`` is the sum of ``left*dX*right`` that people write.
"""

from __future__ import annotations

from chainrule.calculus.forms import Derivative
from chainrule.calculus.sweep import Sweep
from chainrule.dims import SCALAR
from chainrule.expr import Expr, node, number, postorder, rebuild, substitute, symbols
from chainrule.ops import add, mul, zeros

ZERO = number(0)


def directional(f: Expr, x: Expr) -> Expr:
    """dF, with the symbol ``dX`` of the shape of X.

    Raises
    ------
    UnsupportedError
        If it cannot be written.
    """
    name = "t"
    while name in symbols(f) or name == x.name:
        name += "_"
    t = node("symbol", (), (name,), SCALAR)
    dx = node("symbol", (), ("d" + x.name,), x.shape)
    moved = substitute(f, {x: add(x, mul(t, dx))})
    slope = Derivative(Sweep(moved, [t]), t).expr("gradient")
    return _without_zeros(substitute(slope, {t: ZERO}))


def _without_zeros(root: Expr) -> Expr:
    memo: dict[Expr, Expr] = {}
    for e in postorder(root):
        args = tuple(memo[a] for a in e.args)
        if e.op == "mul" and any(_is_zero(a) for a in args):
            memo[e] = zeros(*e.shape)
        elif e.op == "add" and any(_is_zero(a) for a in args):
            kept = [a for a in args if not _is_zero(a)]
            made = add(*kept) if kept else zeros(*e.shape)
            memo[e] = made if made.shape == e.shape else rebuild(e, args)
        else:
            memo[e] = rebuild(e, args)
    return memo[root]


def _is_zero(e: Expr) -> bool:
    return e is ZERO or e.op == "zeros"
