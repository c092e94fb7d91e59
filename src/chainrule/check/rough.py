"""Expressions whose sizes may not agree: built without checks, evaluated strictly at a point.

An edit of a formula, or a formula that somebody wrote wrongly, is an ordinary node made past the
builders; that sizes disagree shows when it is evaluated. ``solid`` sends it through the builders.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from chainrule.check.rounds import Rounds
from chainrule.dims import ONE, SCALAR, Shape
from chainrule.errors import ChainruleError
from chainrule.expr import BINDERS, Expr, node, number, postorder, rebuild
from chainrule.numeric.evaluate import value_of
from chainrule.numeric.loops import loop, run
from chainrule.numeric.sample import FAILURES, Point
from chainrule.numeric.special import Array
from chainrule.ops import TABLE, divide
from chainrule.ops.build import NUMBER_ONE

_TO_SCALAR = frozenset({"tr", "sum", "mean", "det", "logdet", "eigmax", "norm1", "norm2", "normF",
                        "logsumexp"})  # fmt: skip
Path = tuple[int, ...]
MOST_PLACES = 160
MOST_ENTRIES = 2_000_000  # larger values are not computed
OVER = "over"  # a / b, as it was written; b must be a number


class Misfit(Exception):
    """Sizes that do not agree, at a node."""


# -- making ----------------------------------------------------------------------------------
def rough(op: str, *args: Expr, params: tuple[object, ...] = ()) -> Expr:
    """A node with the shape it would have if its sizes agreed."""
    return node(op, args, params, _shape(op, args))  # type: ignore[arg-type]


def _shape(op: str, args: tuple[Expr, ...]) -> Shape:
    first = args[0].shape
    match op:
        case "mul":
            shaped = [a.shape for a in args if a.shape != SCALAR]
            return (shaped[0][0], shaped[-1][1]) if shaped else SCALAR
        case "add" | "hadamard" | "max" | "min":
            return next((a.shape for a in args if a.shape != SCALAR), SCALAR)
        case "transpose" | "pinv":
            return first[1], first[0]
        case "kron":
            return first[0] * args[1].shape[0], first[1] * args[1].shape[1]
        case "vec":
            return first[0] * first[1], ONE
        case "diag":
            n = first[0] if first[0] != ONE else first[1]
            return (n, n) if ONE in first else (n, ONE)
        case "sum_rows" | "logsumexp_rows":
            return first[0], ONE
        case "sum_cols":
            return ONE, first[1]
        case _ if op in _TO_SCALAR:
            return SCALAR
    if op in TABLE and (rule := TABLE[op].shape) is not None:
        try:
            return rule(args)
        except (ChainruleError, AttributeError):
            return first
    return first


def with_args(e: Expr, args: tuple[Expr, ...]) -> Expr:
    """The same operator on other arguments, unchecked."""
    if args == e.args:
        return e
    kept = e.shape if e.op in ("hcat", "vcat", "grad", "hessian") else _shape(e.op, args)
    return node(e.op, args, e.params, kept, e.traits)


def replaced(root: Expr, table: Mapping[Expr, Expr]) -> Expr:
    """Parts replaced everywhere, unchecked."""
    memo: dict[Expr, Expr] = {}
    for e in postorder(root):
        memo[e] = table[e] if e in table else with_args(e, tuple(memo[a] for a in e.args))
    return memo[root]


def put(root: Expr, path: Path, new: Expr) -> Expr:
    """The expression with another part at a path."""
    chain = [root]
    for k in path[:-1]:
        chain.append(chain[-1].args[k])
    for e, k in zip(reversed(chain), reversed(path), strict=False):
        new = with_args(e, (*e.args[:k], new, *e.args[k + 1 :]))
    return new


def places(root: Expr) -> list[tuple[Path, Expr]]:
    """All parts with their paths, the whole first; no parts of derivatives or constants."""
    out: list[tuple[Path, Expr]] = []
    todo: list[tuple[Path, Expr]] = [((), root)]
    for path, e in todo:
        out.append((path, e))
        if len(todo) < MOST_PLACES and e.op not in ("grad", "hessian", "differential"):
            todo.extend(((*path, k), a) for k, a in enumerate(e.args))
    return out


def solid(root: Expr) -> Expr:
    """The expression through the builders.

    Raises
    ------
    ShapeError
        If sizes do not agree.
    """
    memo: dict[Expr, Expr] = {}
    for e in postorder(root):
        args = tuple(memo[a] for a in e.args)
        memo[e] = e if not args or e.op in ("grad", "hessian") else _built(e, args)
    return memo[root]


def _built(e: Expr, args: tuple[Expr, ...]) -> Expr:
    from chainrule.expr import builders

    if e.op == OVER:
        return divide(*args)
    return rebuild(e, args) if e.op in BINDERS else builders["rebuild"](e, args)


# -- evaluating --------------------------------------------------------------------------------
def _alike(*args: Array) -> None:
    shaped = {a.shape for a in args if a.size != 1}
    if len(shaped) > 1:
        raise Misfit


def _product(args: tuple[Array, ...]) -> Array:
    """Left to right; what contracts to a number is a factor from then on."""
    total = args[0]
    for a in args[1:]:
        if total.size == 1 or a.size == 1:
            total = total * a
        elif total.shape[1] != a.shape[0] or total.shape[0] * a.shape[1] > MOST_ENTRIES:
            raise Misfit
        else:
            total = total @ a
    return total


def _square(a: Array, *_: Array) -> None:
    if a.shape[0] != a.shape[1]:
        raise Misfit


def _vector(a: Array) -> None:
    if 1 not in a.shape:
        raise Misfit


def _diagonal(a: Array) -> None:
    if 1 not in a.shape and a.shape[0] != a.shape[1]:
        raise Misfit


def _exponent(a: Array, p: Array) -> None:
    if p.size != 1:
        raise Misfit


def _power(a: Array, p: Array) -> None:
    _exponent(a, p)
    _square(a)


_CHECKS: dict[str, Callable[..., None]] = {
    "add": _alike, "hadamard": _alike, "max": _alike, "min": _alike, "tr": _square,
    "det": _square, "logdet": _square, "inv": _square, "adj": _square, "expm": _square,
    "logm": _square, "sqrtm": _square, "sinm": _square, "cosm": _square, "eigmax": _square,
    "vmax": _square, "softmax": _vector, "logsoftmax": _vector, "logsumexp": _vector,
    "diag": _diagonal, "pow": _power, "epow": _exponent, "prod": _square, "vech": _square,
}  # fmt: skip


def strict_value(
    e: Expr, memo: Mapping[Expr, Array], values: Mapping[str, Array], sizes: Mapping[str, int],
    watch: object = None,
) -> Array:  # fmt: skip
    """Value of one node; sizes are not spread where the language does not."""
    if e.op == OVER:
        a, b = (memo[x] for x in e.args)
        if b.size != 1:
            raise Misfit
        return a / b
    if e.op == "mul":
        return _product(tuple(memo[a] for a in e.args))
    if e.op == "kron" and memo[e.args[0]].size * memo[e.args[1]].size > MOST_ENTRIES:
        raise Misfit
    if e.op == "diag" and 1 in (a := memo[e.args[0]]).shape and a.size**2 > MOST_ENTRIES:
        raise Misfit
    check = _CHECKS.get(e.op)
    if check is not None and e.op not in BINDERS:
        check(*[memo[a] for a in e.args])
    if e.op in BINDERS:
        return run(e, memo, values, sizes, strict_value)
    return value_of(e, memo, values, sizes)


class Board:
    """Values of many related expressions at one point, each part evaluated once."""

    def __init__(self, point: Point) -> None:
        self.point = point
        self.memo: dict[Expr, Array] = dict(point.known)
        self.bad: set[Expr] = set()
        self.fresh: list[Expr] = []
        self.load = 0  # entries kept since ``keep``
        self.rounds = Rounds(point, strict_value)

    def value(self, root: Expr) -> Array | None:
        """The value, or None where sizes disagree or a domain is left."""
        memo, bad = self.memo, self.bad
        stack = [root]
        while stack:
            e = stack[-1]
            if e in memo or e in bad:
                stack.pop()
                continue
            needs = loop(e).outside if e.op in BINDERS else e.args
            missing = [a for a in needs if a not in memo]
            if missing and not bad.isdisjoint(missing):
                bad.add(e)
                self.fresh.append(e)
                continue
            if missing:
                stack += missing
                continue
            try:
                rule = self.rounds.run if e.op in BINDERS else strict_value
                memo[e] = rule(e, memo, self.point.values, self.point.sizes)
            except (Misfit, KeyError, AssertionError, IndexError, *FAILURES):
                bad.add(e)
            self.fresh.append(e)
            self.load += memo[e].size if e in memo else 0
        return memo.get(root)

    def keep(self) -> None:
        """What is known now stays; see :meth:`forget`."""
        self.fresh.clear()
        self.load = 0

    def forget(self) -> None:
        """Drop what was evaluated since :meth:`keep`."""
        for e in self.fresh:
            self.memo.pop(e, None)
            self.bad.discard(e)
        self.rounds.forget()
        self.keep()


def close(a: Array, b: Array, tolerance: float = 1e-7, floor: float = 0.0) -> bool:
    """Equal but for rounding, and of the same shape; ``floor`` is what counts as zero."""
    if a.shape != b.shape:
        return False
    top = max(float(np.abs(a).max(initial=0.0)), float(np.abs(b).max(initial=0.0)))
    if not np.isfinite(top):
        return False
    return float(np.abs(a - b).max(initial=0.0)) <= max(tolerance * top, floor)


def readable(root: Expr) -> Expr:
    """For writers: quotients as products with a power, as builders make them."""
    memo: dict[Expr, Expr] = {}
    for e in postorder(root):
        args = tuple(memo[a] for a in e.args)
        if e.op == OVER:
            inverse = rough("pow", args[1], number(-1))
            memo[e] = inverse if args[0] is NUMBER_ONE else rough("mul", args[0], inverse)
        else:
            memo[e] = with_args(e, args)
    return memo[root]
