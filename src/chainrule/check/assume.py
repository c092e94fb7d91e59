"""Statements that hold where an equation of the context holds, such as at a stationary point."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chainrule.check.layouts import Convention, written_out
from chainrule.check.points import Points
from chainrule.check.rough import Board, close, solid
from chainrule.errors import ChainruleError
from chainrule.expr import Expr, symbols
from chainrule.numeric.sample import Point
from chainrule.numeric.special import Array
from chainrule.ops import sub

ROUNDS = 25


def holds_by_assumption(
    assuming: Sequence[tuple[Expr, Expr]], sides: tuple[Expr, Expr], points: Points
) -> str | None:
    """The condition, if the sides agree at points where the equations of the context hold."""
    try:
        residuals = [solid(sub(*(written_out(s, Convention()) for s in pair))) for pair in assuming]
    except ChainruleError:
        return None
    both = Points([*residuals, *sides])
    unknowns = [v for v in symbols(*residuals).values() if v.name in symbols(*sides)]
    hits = 0
    for v in unknowns:
        for trial in range(3):
            board = both.board(trial)
            if board is None:
                continue
            where = solved(residuals, [v], board.point)
            if where is None:
                break
            a, b = (where.value(s) for s in sides)
            if a is None or b is None or not close(a, b, 1e-6):
                hits = 0
                break
            hits += 1
        if hits >= 2:
            return "at the stationary point" if _is_zero(assuming[0][1]) else (
                f"where {assuming[0][0]!r} = {assuming[0][1]!r}")  # fmt: skip
    return None


def _is_zero(e: Expr) -> bool:
    return e.op == "zeros" or (e.op == "number" and e.value == 0)


def solved(residuals: Sequence[Expr], variables: Sequence[Expr], point: Point) -> Board | None:
    """Gauss–Newton in some variables at once, from the point."""
    start = [point.values[v.name] for v in variables]
    ends = np.cumsum([0, *(s.size for s in start)])
    x = np.concatenate([s.ravel() for s in start])

    def at(value: Array) -> tuple[Array, Board] | None:
        own = {v.name: value[a:b].reshape(s.shape)
               for v, s, a, b in zip(variables, start, ends, ends[1:], strict=False)}  # fmt: skip
        board = Board(Point(point.sizes, {**point.values, **own}))
        found = [board.value(r) for r in residuals]
        if any(f is None or not np.isfinite(f).all() for f in found):
            return None
        return np.concatenate([f.ravel() for f in found if f is not None]), board

    for _ in range(ROUNDS):
        here = at(x)
        if here is None:
            return None
        r, board = here
        if float(np.abs(r).max(initial=0.0)) < 1e-10:
            return board
        columns = []
        for k in range(x.size):
            step = np.zeros(x.size)
            step[k] = 1e-6
            ahead, back = at(x + step), at(x - step)
            if ahead is None or back is None:
                return None
            columns.append((ahead[0] - back[0]) / 2e-6)
        x = x + np.linalg.lstsq(np.array(columns).T, -r, rcond=None)[0]
    return None
