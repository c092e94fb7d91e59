"""Counterexamples: small sizes, short numbers, both sides, and a NumPy script that shows it."""

from __future__ import annotations

import numpy as np

from chainrule.check.points import Points
from chainrule.check.replay import script
from chainrule.check.rough import Board, close
from chainrule.check.verdict import Counterexample
from chainrule.expr import Expr
from chainrule.numeric.draw import honours
from chainrule.numeric.sample import Point
from chainrule.numeric.special import Array

SEEDS = 6


def counterexample(
    left: Expr, right: Expr, points: Points, *, original: tuple[Expr, Expr] | None = None
) -> Counterexample | None:
    """The shortest point found at which two sides differ; None where there is none."""
    best: tuple[float, Board] | None = None
    names = points.sampler.sizing.names
    for seed in range(SEEDS):
        # all sizes 2 while that shows the difference, then 2 and 3 in turn
        sizes = {n: 2 + (k + seed) % 2 for k, n in enumerate(names)}
        small = points.small(seed, sizes)
        if small is None:
            continue
        for digits in (0, 1, None):
            point = small if digits is None else rounded(points, small, digits)
            board = Board(point)
            if _shows(left, right, board, points):
                cost = (9.0 if digits is None else digits) + 0.01 * sum(sizes.values())
                if best is None or cost < best[0]:
                    best = cost, board
                break
        if best is not None and best[0] < 1:
            break
    if best is None:
        board_ = next((b for b in (points.board(t) for t in range(6)) if b is not None
                       and _shows(left, right, b, points)), None)  # fmt: skip
        if board_ is None:
            return None
        best = 99.0, board_
    board = best[1]
    a, b = board.value(left), board.value(right)
    assert a is not None and b is not None
    used = {v.name for v in points.sampler.variables}
    values = {n: lists(v) for n, v in board.point.values.items() if n in used}
    text = script(*(original or (left, right)), left, right, board.point)
    return Counterexample(dict(board.point.sizes), values, lists(a), lists(b), text)


def _shows(left: Expr, right: Expr, board: Board, points: Points) -> bool:
    a, b = board.value(left), board.value(right)
    if a is None or b is None or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return False
    for e in points.sampler.nodes:  # inside the domain of what is differentiated, too
        v = board.value(e)
        if v is None or not np.isfinite(v).all():
            return False
    return a.shape != b.shape or not close(a, b, 1e-6)


def rounded(points: Points, point: Point, digits: int) -> Point:
    """Values with few digits, where the facts on the variable allow it."""
    values = {}
    for v in points.sampler.variables:
        exact = point.values[v.name]
        if v.traits & {"symmetric", "positive_definite"}:
            exact = (exact + exact.T) / 2
        short = np.round(exact * 2 if digits == 0 else exact, digits) + 0.0
        values[v.name] = short if honours(v, short) else point.values[v.name]
    return Point(point.sizes, values)


def lists(a: Array) -> list[list[float]]:
    """Rows of numbers; whole ones as integers, which are shorter to read."""
    return [[int(x) if x == int(x) and abs(x) < 1e15 else float(f"{x:.12g}") for x in row]
            for row in a.tolist()]  # fmt: skip
