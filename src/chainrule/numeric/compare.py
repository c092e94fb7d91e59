"""Numerical comparison of two expressions, with a counterexample people can replay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.errors import ChainruleError
from chainrule.expr import Expr
from chainrule.numeric.domain import KINKED, kink_argument
from chainrule.numeric.draw import honours
from chainrule.numeric.evaluate import evaluate
from chainrule.numeric.sample import FAILURES, Point, Sampler
from chainrule.numeric.special import Array

TOLERANCE = 1e-8
JITTER = 1e-14  # relative change of the values that shows how rounding is amplified
MOST_TRIALS = 12  # for functions whose kinks have not been seen from both sides
SMALL = 8  # tries for a counterexample with short numbers


@dataclass(frozen=True)
class Comparison:
    """``equal`` (numerically), ``different`` with a counterexample, ``unknown`` with a reason."""

    verdict: str
    by: tuple[str, ...] = ()
    counterexample: dict[str, Any] | None = None
    reason: str | None = None


def compare(a: Expr, b: Expr, trials: int = 6) -> Comparison:
    """Evaluate both at several sizes and points where both are defined."""
    if a.shape != b.shape:
        return Comparison("different", ("shape",), reason=(
            f"one is {a.shape[0]}×{a.shape[1]}, the other {b.shape[0]}×{b.shape[1]}"))  # fmt: skip
    sampler = Sampler([a, b])
    kinks = [e for e in sampler.nodes if e.op in KINKED]
    sides: set[tuple[Expr, bool]] = set()
    found, reason = 0, None
    for trial in range(MOST_TRIALS):
        try:
            point = sampler.point(trial)
        except ChainruleError as error:
            reason = error.message
            if trial >= trials or (trial and not found):
                break
            continue
        found += 1
        if _differ(a, b, point):
            return Comparison("different", ("numerical",), _counterexample(a, b, sampler, point))
        for e in kinks:
            argument = kink_argument(e, point.known)
            sides.update((e, side) for side in (True, False) if ((argument > 0) == side).any())
        if found >= trials and len(sides) == 2 * len(kinks):
            break
    if found < 2:
        return Comparison("unknown", reason=reason or "no point inside the domain was found")
    return Comparison("equal", ("numerical",))


def _both(a: Expr, b: Expr, point: Point) -> tuple[Array, Array]:
    with np.errstate(all="ignore"):
        return (evaluate(a, point.values, point.sizes, point.known),
                evaluate(b, point.values, point.sizes, point.known))  # fmt: skip


def _largest(a: Array) -> float:
    return float(np.abs(a).max(initial=0.0))


def _differ(a: Expr, b: Expr, point: Point) -> bool:
    """More than rounding can explain?"""
    left, right = _both(a, b, point)
    gap = _largest(left - right)
    if not gap > TOLERANCE * max(_largest(left), _largest(right)):
        return False
    rng = np.random.default_rng(1)
    shaken = {name: v * (1 + JITTER * _signs(v, rng)) for name, v in point.values.items()}
    left_, right_ = _both(a, b, Point(point.sizes, shaken))
    return bool(gap > 10 * max(_largest(left - left_), _largest(right - right_)))


def _signs(v: Array, rng: np.random.Generator) -> Array:
    """Random signs, symmetric for a square matrix so that structure survives."""
    s = rng.uniform(-1.0, 1.0, v.shape)
    return np.asarray(s + s.T if v.shape[0] == v.shape[1] else s)


def _counterexample(a: Expr, b: Expr, sampler: Sampler, point: Point) -> dict[str, Any]:
    """Small sizes and short numbers if they show the difference too."""
    best, shortest = point, None
    for seed in range(SMALL):
        sizes = {n: 2 + (k + seed) % 2 for k, n in enumerate(sampler.sizing.names)}
        try:
            small = sampler.point(100 + seed, sizes)
        except ChainruleError:
            continue
        for digits in (0, 1, None):
            tried = small if digits is None else _rounded(sampler, small, digits)
            if (shortest is None or _cost(digits) < shortest) and _shows(a, b, tried):
                best, shortest = tried, _cost(digits)
        if shortest == 0:
            break
    left, right = _both(a, b, best)
    return {
        "sizes": best.sizes, "values": {n: _lists(v) for n, v in best.values.items()},
        "left": _lists(left), "right": _lists(right),
    }  # fmt: skip


def _cost(digits: int | None) -> int:
    return 9 if digits is None else digits


def _rounded(sampler: Sampler, point: Point, digits: int) -> Point:
    """Values with few digits, where the traits allow it."""
    values = {}
    for v in sampler.variables:
        exact = point.values[v.name]
        short = np.round(exact * 2 if digits == 0 else exact, digits) + 0.0
        values[v.name] = short if honours(v, short) else exact
    return Point(point.sizes, values)


def _shows(a: Expr, b: Expr, point: Point) -> bool:
    try:
        point.known.clear()
        _both(a, b, point)
        return all(np.isfinite(v).all() for v in point.known.values()) and _differ(a, b, point)
    except FAILURES:
        return False


def _lists(a: Array) -> list[list[float]]:
    """Rows of numbers; whole ones as integers, which are shorter to read."""
    return [[int(x) if x == int(x) and abs(x) < 1e15 else float(f"{x:.12g}") for x in row]
            for row in a.tolist()]  # fmt: skip
