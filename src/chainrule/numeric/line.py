"""The slope of an expression along a line in one variable, by extrapolated central differences."""

from __future__ import annotations

import numpy as np

from chainrule.expr import Expr, depends, symbols
from chainrule.numeric.domain import KINKED, kink_argument
from chainrule.numeric.evaluate import evaluate, value_of
from chainrule.numeric.loops import steps
from chainrule.numeric.sample import Point
from chainrule.numeric.special import Array

#: Relative steps, best first: smooth functions; kinks or borders near by; rough arithmetic.
STEPS = (2e-3, 3e-4, 3e-5, 1e-2)


class Line:
    """``f(x + t·direction)`` as a function of t; what does not depend on x is evaluated once."""

    def __init__(self, f: Expr, x: Expr, point: Point) -> None:
        self.f, self.point = f, point
        self.x = symbols(f).get(x.name, x)
        self.base = point.values[x.name]
        evaluate(f, point.values, point.sizes, point.known)
        self.memo = dict(point.known)
        live = depends(f, frozenset((self.x,)))
        self.live = [e for e in steps(f) if live[e] and e is not self.x]
        rms = float(np.sqrt(np.vdot(self.base, self.base) / max(1, self.base.size)))
        self.unit = min(max(rms, 0.1), 10.0)

    def at(self, move: Array) -> Array:
        """f(x + move)."""
        memo = self.memo
        memo[self.x] = self.base + move
        for e in self.live:
            memo[e] = value_of(e, memo, self.point.values, self.point.sizes)
        return memo[self.f]

    def slope(self, direction: Array, step: float) -> tuple[Array, float]:
        """d/dt at t = 0, and an estimate of its error (of the last but one extrapolation)."""
        h = step * self.unit

        def central(t: float) -> Array:
            return (self.at(t * direction) - self.at(-t * direction)) / (2 * t)

        one, two, four = central(h), central(h / 2), central(h / 4)
        first, second = (4 * two - one) / 3, (4 * four - two) / 3
        error = float(np.abs(second - first).max(initial=0.0))
        return (16 * second - first) / 15, error

    def stays(self, direction: Array) -> bool:
        """Do the exact zeros at which a kink sits stay zero along the line?"""
        moving = [e for e in self.live if e.op in KINKED]
        fixed = [kink_argument(e, self.point.known) == 0 for e in moving]
        if not any(zero.any() for zero in fixed):
            return True
        self.at(STEPS[-1] * self.unit * direction)
        return all(
            not kink_argument(e, self.memo)[zero].any()
            for e, zero in zip(moving, fixed, strict=True)
        )

    def magnitude(self) -> float:
        """The largest number met on the way to f; its rounding is the noise of f."""
        return max((float(np.abs(self.memo[e]).max(initial=0.0)) for e in self.live), default=0.0)


def directional(f: Expr, x: Expr, point: Point, direction: Array) -> Array:
    """d/dt f(x + t·direction) at t = 0: central differences, extrapolated twice.

    Of several steps the one whose extrapolations agree best is taken; see :meth:`Line.slope`
    for a single step with its error.
    """
    line = Line(f, x, point)
    with np.errstate(all="ignore"):
        found = [line.slope(direction, step) for step in STEPS]
    finite = [pair for pair in found if np.isfinite(pair[1])]
    return min(finite or found, key=lambda pair: pair[1])[0]
