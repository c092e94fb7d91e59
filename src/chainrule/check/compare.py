"""Do two written-out sides agree? A proof, many points, or a board where they differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chainrule.calculus.canonical import provably_equal
from chainrule.check.points import MOST_TRIALS, TRIALS, Clock, Points, sides_seen
from chainrule.check.rough import Board, close, solid
from chainrule.errors import ChainruleError
from chainrule.expr import Expr, postorder
from chainrule.numeric.sample import Point
from chainrule.numeric.special import Array

PROVABLE = 250  # nodes up to which a proof is tried
JITTER = 1e-13
CANCELLED = 1e-9  # of the largest number met: less than that may be rounding
LEAST = 2  # points that must agree


@dataclass(frozen=True)
class Agreement:
    """``equal``, ``different`` (at a board) or ``unknown``."""

    verdict: str
    by: tuple[str, ...] = ()
    board: Board | None = None
    reason: str = ""


def matches(left: Expr, right: Expr, boards: list[Board]) -> bool:
    """The same values at all these boards? None of them, if a side has no value there."""
    return all(same_at(left, right, board) for board in boards)


def same_at(left: Expr, right: Expr, board: Board) -> bool:
    """The same value, up to what rounding explains?"""
    a, b = board.value(left), board.value(right)
    if a is None or b is None or a.shape != b.shape:
        return False
    if close(a, b, 1e-8):
        return True
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return False
    tiny = close(a, b, 0.0, CANCELLED * magnitude(left, right, board))
    return (tiny or close(a, b, 1e-4)) and _rounding(left, right, a, b, board)


def magnitude(left: Expr, right: Expr, board: Board) -> float:
    """The largest number on the way to either side: what cancels leaves its rounding."""
    known = [board.memo[e] for e in postorder(left, right) if e in board.memo]
    tops = (float(np.abs(v).max(initial=0.0)) for v in known)
    return max((t for t in tops if np.isfinite(t)), default=0.0)


def _rounding(left: Expr, right: Expr, a: Array, b: Array, board: Board) -> bool:
    """A gap no larger than what a tiny change of the values makes."""
    rng = np.random.default_rng(1)
    shaken = {}
    for name, v in board.point.values.items():
        s = rng.uniform(-1, 1, v.shape)
        shaken[name] = v * (1 + JITTER * (s + s.T if v.shape[0] == v.shape[1] else s))
    other = Board(Point(board.point.sizes, shaken))
    a2, b2 = other.value(left), other.value(right)
    if a2 is None or b2 is None:
        return False
    gap = float(np.abs(a - b).max())
    return gap <= 10 * max(float(np.abs(a - a2).max()), float(np.abs(b - b2).max()))


def agreement(left: Expr, right: Expr, points: Points, clock: Clock) -> Agreement:
    """Compare two sides whose derivatives are written out."""
    try:
        a, b = solid(left), solid(right)
    except ChainruleError as error:
        return Agreement("different", ("shape",), reason=error.message)
    if a.shape != b.shape:
        return Agreement("different", ("shape",))
    if len(postorder(a, b)) <= PROVABLE and clock.left > 0.5 and _proved(a, b):
        return Agreement("equal", ("canonical form",))
    kinks = points.kinks()
    seen: set[tuple[Expr, bool]] = set()
    agreed, missed = 0, 0
    for trial in range(MOST_TRIALS):
        board = points.board(trial)
        if board is None:
            missed += 1
            if missed > 2 and not agreed:
                break
            continue
        left_, right_ = board.value(a), board.value(b)
        if left_ is None or right_ is None:
            continue
        if not (np.isfinite(left_).all() and np.isfinite(right_).all()):
            continue
        if not same_at(a, b, board):
            return Agreement("different", ("numerical",), board)
        agreed += 1
        sides_seen(kinks, board.point, seen)
        if (agreed >= TRIALS and len(seen) == 2 * len(kinks)) or (clock.over and agreed >= LEAST):
            break
    if agreed < LEAST:
        return Agreement("unknown", reason=points.reason or "no point inside the domain was found")
    return Agreement("equal", ("numerical",))


def _proved(a: Expr, b: Expr) -> bool:
    try:
        return provably_equal(a, b)
    except (KeyError, AssertionError):  # no proof; the points decide
        return False
