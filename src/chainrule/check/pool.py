"""Edits that bring in something new: a factor or a term of the right answer that was dropped."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache

import numpy as np

from chainrule.check.edit import Edit
from chainrule.check.rough import Board, Path, close, rough, with_args
from chainrule.expr import Expr, number, postorder
from chainrule.numeric.special import Array
from chainrule.ops import mul
from chainrule.ops.slopes import SLOPES

MOST = 56
_SKIP = frozenset({"number", "size", "unit"})


def parts_of(
    exprs: Sequence[Expr], board: Board, opaque: Collection[Expr] = frozenset(),
    secret: Callable[[Expr], bool] = lambda e: False,
) -> list[Expr]:  # fmt: skip
    """What an answer is likely to be made of: parts of the function and of its derivative.

    Slopes of the elementwise functions in it, and transposes, come along. Parts in ``opaque`` have
    a name, so they count as short; nobody can write what is ``secret``, nor the variable that
    only stands for an intermediate.
    """
    found: dict[Expr, None] = {}
    unsayable = _unsayable(exprs, opaque, secret)
    for root in exprs:
        for e in reversed(postorder(root)):
            if e.op in _SKIP or e.op in ("grad", "hessian", "differential") or e in unsayable:
                continue
            found[e] = None
            if e.op in SLOPES:
                found[SLOPES[e.op](e.args[0])] = None
    out: list[Expr] = []
    values: set[tuple[tuple[int, ...], bytes]] = set()
    for e in sorted(found, key=lambda e: length(e, opaque)):
        value = board.value(e)
        if value is None or not np.isfinite(value).all() or e.op == "zeros":
            continue
        key = value.shape, np.round(value, 9).tobytes()
        if key in values:  # the same thing, written longer
            continue
        values.add(key)
        out.append(e)
        if value.size > 1 and e.op not in ("transpose", "eye"):
            out.append(rough("transpose", e))
            board.value(out[-1])
    return out[:MOST]


def _unsayable(
    exprs: Sequence[Expr], opaque: Collection[Expr], secret: Callable[[Expr], bool]
) -> set[Expr]:
    order = postorder(*exprs)
    stand_ins = {e.args[1] for e in order if e.op == "grad" and len(e.args) > 2}
    out: set[Expr] = set()
    for e in order:
        inside = not out.isdisjoint(e.args) and e.op != "grad"
        if e in stand_ins or secret(e) or (inside and e not in opaque):
            out.add(e)
    return out


def length(e: Expr, opaque: Collection[Expr] = frozenset()) -> int:
    """How many parts are written; one with a name of its own counts as one."""
    seen: set[Expr] = set()
    todo = [e]
    while todo:
        part = todo.pop()
        if part not in seen:
            seen.add(part)
            todo += () if part in opaque else part.args
    return len(seen)


@lru_cache(maxsize=4096)
def weight_of(e: Expr, opaque: frozenset[Expr] = frozenset()) -> float:
    """How much a new part adds to what was written."""
    return 0.12 * min(10, length(e, opaque))


def insertions(
    places: Sequence[tuple[Path, Expr]], board: Board, pool: Sequence[Expr],
    opaque: frozenset[Expr] = frozenset(),
) -> Iterator[Edit]:  # fmt: skip
    """A factor from the pool put beside a part, or a part replaced by one from the pool."""
    shapes = {p: board.memo[p].shape for p in pool if p in board.memo}
    for path, e in places:
        if e.op == "number" and path:
            continue
        value = board.memo.get(e)
        for p, shape in shapes.items():
            w = weight_of(p, opaque)
            if p is e:
                continue
            if value is None or value.shape == shape or not path:
                yield Edit(path, e, p, _replaced_kind(e, p),
                           ("{} stands where {} is meant", e, p),
                           1.6 + w + weight_of(e, opaque))  # fmt: skip
            if e.op == "number" or (value is None and path):
                continue
            dropped = ("the factor {} is missing", p)
            if shape == (1, 1):
                yield Edit(path, e, rough("mul", p, e), "dropped_factor", dropped, 1.4 + w)
                yield Edit(path, e, rough("mul", e, rough("pow", p, number(-1))),
                           "dropped_factor", ("the factor 1/({}) is missing", p),
                           1.5 + w)  # fmt: skip
                continue
            if value is None:
                continue
            if value.shape == shape and value.size > 1:
                yield Edit(path, e, rough("hadamard", e, p), "dropped_factor", dropped, 1.35 + w)
            if value.size == 1 and path:
                continue
            if value.size == 1 or value.shape[0] == shape[1]:
                yield Edit(path, e, rough("mul", p, *_factors(e)), "dropped_factor", dropped,
                           1.4 + w)  # fmt: skip
            if value.size == 1 or value.shape[1] == shape[0]:
                yield Edit(path, e, rough("mul", *_factors(e), p), "dropped_factor", dropped,
                           1.4 + w)  # fmt: skip
        yield from _between(path, e, shapes, opaque)


def _factors(e: Expr) -> tuple[Expr, ...]:
    return e.args if e.op == "mul" and not e.is_scalar else (e,)


def _between(
    path: Path, e: Expr, shapes: dict[Expr, tuple[int, ...]], opaque: frozenset[Expr]
) -> Iterator[Edit]:
    """A factor dropped inside a product."""
    if e.op != "mul":
        return
    for k in range(1, len(e.args)):
        for p in shapes:
            new = with_args(e, (*e.args[:k], p, *e.args[k:]))
            yield Edit(path, e, new, "dropped_factor", ("the factor {} is missing", p),
                       1.4 + weight_of(p, opaque))  # fmt: skip


def _replaced_kind(old: Expr, new: Expr) -> str:
    if old.op == new.op == "number":
        return "factor"
    if {old.op, new.op} & {"call"} or (old.args and old.args == new.args):
        return "wrong_function"
    return "other"


def missing_terms(
    side: Expr, value: Array, target: Array, board: Board, terms: Sequence[Expr]
) -> Iterator[Edit]:
    """A term of the right answer that was left out, or written with another factor."""
    if value.shape != target.shape:
        return
    gap = target - value
    for t in terms:
        v = board.value(t)
        if v is None or v.shape != gap.shape or not np.isfinite(v).all():
            continue
        for sign, sized in ((1, v), (-1, -v), (2, 2 * v), (0.5, v / 2), (-2, -2 * v),
                            (-0.5, -v / 2)):  # fmt: skip
            if close(gap, sized):
                term = t if sign == 1 else mul(number(sign), t)
                new = rough("add", *(side.args if side.op == "add" else (side,)), term)
                yield Edit((), side, new, "other", ("the term {} is missing", term),
                           1.5 + weight_of(t) / 2)  # fmt: skip
