"""Definitions and inner derivatives written out before differentiating."""

from __future__ import annotations

from chainrule.dims import ONE, Dim
from chainrule.errors import UnsupportedError
from chainrule.expr import Expr, node, postorder, rebuild, substitute, symbols
from chainrule.ops import add, apply, eye, mul, zeros


def expand(root: Expr, wrt: frozenset[Expr]) -> Expr:
    """``grad(…)``, ``hessian(…)`` and ``d(…)`` evaluated; blocks that hold a variable opened."""
    memo: dict[Expr, Expr] = {}
    held: dict[Expr, bool] = {}
    for e in postorder(root):
        args = tuple(memo[a] for a in e.args)
        held[e] = e in wrt or any(held[a] for a in e.args)
        match e.op:
            case "grad" | "hessian":
                memo[e] = _derivative(e, *args)
            case "differential":
                memo[e] = _total_differential(args[0])
            case "hcat" | "vcat" if held[e]:
                memo[e] = _blocks(e.op, args)
            case _:
                memo[e] = rebuild(e, args)
    return memo[root]


def _blocks(op: str, args: tuple[Expr, ...]) -> Expr:
    """Blocks as a sum of products with constant selectors [0 … I … 0]."""
    axis = 1 if op == "hcat" else 0
    lengths = [a.shape[axis] for a in args]
    parts = []
    for k, a in enumerate(args):
        row = [_selector(a.shape[axis], lengths[j], j == k, axis) for j in range(len(args))]
        selector = apply(op, *row)
        parts.append(mul(a, selector) if axis else mul(selector, a))
    return add(*parts)


def _selector(own: Dim, other: Dim, here: bool, axis: int) -> Expr:
    if here:
        return eye(own)
    return zeros(own, other) if axis else zeros(other, own)


def _derivative(e: Expr, f: Expr, x: Expr, value: Expr | None = None) -> Expr:
    """By a variable; with a value, the variable stands for an intermediate that is put back."""
    from chainrule.calculus.forms import Derivative
    from chainrule.calculus.sweep import Sweep

    if x.op != "symbol":
        raise UnsupportedError(f"a derivative by {x!r} needs a variable, not an expression")
    layout = str(e.params[0]) if e.params else "gradient"
    first = Derivative(Sweep(f, [x]), x).expr(layout)
    if value is not None:
        return substitute(first, {x: value})
    if e.op == "grad":
        return first
    return Derivative(Sweep(first, [x]), x).expr("vec")


def _total_differential(f: Expr) -> Expr:
    """d(f): every variable moves."""
    from chainrule.calculus.forms import Derivative
    from chainrule.calculus.sweep import Sweep

    moving = [s for s in symbols(f).values() if "constant" not in s.traits]
    if not moving:
        return zeros(*f.shape) if f.shape != (ONE, ONE) else node("number", (), (0,))
    sweep = Sweep(f, moving)
    parts = [Derivative(sweep, s).expr("differential") for s in moving]
    return add(*parts)
