"""Equal up to what the context lets go: an additive constant, a positive factor."""

from __future__ import annotations

import numpy as np

from chainrule.check.case import Case, Variant
from chainrule.check.rough import Board
from chainrule.expr import Expr, symbols
from chainrule.numeric.draw import draw
from chainrule.numeric.sample import Point

MOVES = 4


def up_to(case: Case, variant: Variant) -> str | None:
    """The sentence, if the sides differ by a constant or a positive factor and that is allowed."""
    allowed = case.claim.modulo
    left, right = variant.sides
    if not allowed or not left.is_scalar or not right.is_scalar:
        return None
    free = [v for v in symbols(left, right).values()
            if not case.claim.wrt or v.name in case.claim.wrt]  # fmt: skip
    if not free:
        return None
    gaps: list[tuple[float, float]] = []
    for board in case.boards():
        pairs = _moved(left, right, board, free)
        if len(pairs) < 3:
            return None
        a, b = np.array(pairs).T
        gaps.append((float(np.ptp(a - b)) / (1e-300 + float(np.ptp(a))), _slope_spread(a, b)))
    if "constant" in allowed and all(gap < 1e-8 for gap, _ in gaps):
        return "up to an additive constant" + _of(free)
    if "factor" in allowed and all(spread < 1e-8 for _, spread in gaps):
        return "up to a positive factor" + _of(free)
    if allowed >= {"constant", "factor"} and all(_affine(left, right, b, free) for b in
                                                 case.boards()):  # fmt: skip
        return "up to an additive constant and a positive factor" + _of(free)
    return None


def _of(free: list[Expr]) -> str:
    return " (free of " + ", ".join(v.name for v in free) + ")"


def _slope_spread(a: np.ndarray, b: np.ndarray) -> float:
    ratio = a / b
    if not np.isfinite(ratio).all() or ratio.min() <= 0:
        return np.inf
    return float(np.ptp(ratio) / ratio.max())


def _affine(left: Expr, right: Expr, board: Board, free: list[Expr]) -> bool:
    a, b = np.array(_moved(left, right, board, free)).T
    slope = np.diff(a) / np.diff(b)
    return bool(np.isfinite(slope).all() and slope.min() > 0
                and np.ptp(slope) < 1e-7 * slope.max())  # fmt: skip


def _moved(left: Expr, right: Expr, board: Board, free: list[Expr]) -> list[tuple[float, float]]:
    """Both sides while only the variables of interest move."""
    out = []
    for k in range(MOVES):
        rng = np.random.default_rng((k, 3))
        values = dict(board.point.values)
        for v in free:
            values[v.name] = draw(v, board.point.sizes, rng)
            if v.is_scalar and float(board.point.values[v.name][0, 0]) > 0:
                values[v.name] = np.abs(values[v.name]) + 0.1
        moved = Board(Point(board.point.sizes, values))
        a, b = moved.value(left), moved.value(right)
        if a is not None and b is not None and np.isfinite(a).all() and np.isfinite(b).all():
            out.append((float(a[0, 0]), float(b[0, 0])))
    return out
