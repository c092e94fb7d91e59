"""Numerical comparison of two expressions, with a counterexample people can replay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.errors import ChainruleError
from chainrule.expr import Expr, size_names, symbols
from chainrule.numeric.evaluate import Array, evaluate
from chainrule.numeric.sample import Point, sample

TOLERANCE = 1e-8


@dataclass(frozen=True)
class Comparison:
    """``equal`` (numerically), ``different`` with a counterexample, or ``unknown``."""

    verdict: str
    by: tuple[str, ...] = ()
    counterexample: dict[str, Any] | None = None
    reason: str | None = None


def compare(a: Expr, b: Expr, trials: int = 6) -> Comparison:
    """Evaluate both at several sizes and points."""
    found = 0
    reason = None
    for trial in range(trials):
        try:
            point = sample([a, b], seed=trial)
        except ChainruleError as error:
            reason = error.message
            continue
        found += 1
        if _differ(a, b, point):
            return Comparison("different", ("numerical",), _counterexample(a, b, point))
    if found < 2:
        return Comparison("unknown", reason=reason or "no point inside the domain was found")
    return Comparison("equal", ("numerical",))


def _both(a: Expr, b: Expr, point: Point) -> tuple[Array, Array]:
    with np.errstate(all="ignore"):
        cache: dict[Expr, Array] = {}
        return (evaluate(a, point.values, point.sizes, cache),
                evaluate(b, point.values, point.sizes, cache))  # fmt: skip


def _differ(a: Expr, b: Expr, point: Point) -> bool:
    left, right = _both(a, b, point)
    scale = max(float(np.abs(left).max(initial=0.0)), float(np.abs(right).max(initial=0.0)), 1e-6)
    return bool(np.abs(left - right).max(initial=0.0) > TOLERANCE * scale)


def _counterexample(a: Expr, b: Expr, point: Point) -> dict[str, Any]:
    """Small sizes and short numbers if they show the difference too."""
    best = point
    names = sorted(size_names(a, b))
    for seed in range(8):
        sizes = {n: 2 + (k + seed) % 2 for k, n in enumerate(names)}
        try:
            small = sample([a, b], seed=100 + seed, fixed_sizes=sizes)
        except ChainruleError:
            continue
        free = all(not v.traits for v in symbols(a, b).values())
        if free:
            rounded = {n: np.round(v, 1) for n, v in small.values.items()}
            try:
                if (
                    _differ(a, b, Point(sizes, rounded))
                    and np.isfinite(_both(a, b, Point(sizes, rounded))).all()
                ):
                    best = Point(sizes, rounded)
                    break
            except (ValueError, np.linalg.LinAlgError, ChainruleError):
                pass
        if _differ(a, b, small):
            best = small
            break
    left, right = _both(a, b, best)
    return {
        "sizes": best.sizes,
        "values": {n: np.round(v, 12).tolist() for n, v in best.values.items()},
        "left": left.tolist(), "right": right.tolist(),
    }  # fmt: skip
