"""Sums and products over an index for many related formulas: what they share is evaluated once.

Formulas that differ in one place of the body of a loop agree in all the rest of it, so the values
in each round are kept, and another formula adds only what is new.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chainrule.expr import BINDERS, Expr, free_names
from chainrule.numeric.loops import ValueOf, loop, run
from chainrule.numeric.sample import Point
from chainrule.numeric.special import Array
from chainrule.ops.indexed import bound, is_down

LONGEST = 50  # rounds of a loop whose values are kept
MOST = 2000  # rounds that are kept
Round = tuple[tuple[str, int], ...]


class Rounds:
    """Values inside loops at one point, by the indices that they depend on."""

    def __init__(self, point: Point, value_of: ValueOf) -> None:
        self.point = point
        self.value_of = value_of
        self.known: dict[Round, dict[Expr, Array]] = {}
        self.load = 0  # entries of all values

    def forget(self) -> None:
        """Drop all values."""
        self.known.clear()
        self.load = 0

    def run(
        self, e: Expr, memo: Mapping[Expr, Array], values: Mapping[str, Array],
        sizes: Mapping[str, int], watch: object = None,
    ) -> Array:  # fmt: skip
        """Value of a binder, as :func:`chainrule.numeric.loops.run` has it."""
        name, lo, hi = bound(e)
        first, last = lo.at(sizes), hi.at(sizes)
        if abs(last - first) > LONGEST or len(self.known) > MOST:
            return run(e, memo, values, sizes, self.value_of)
        around = self._around(e, sizes)
        here = dict(sizes)
        shape = (e.shape[0].at(sizes), e.shape[1].at(sizes))
        total: Array = np.zeros(shape) if e.op == "sigma" else np.eye(shape[0])
        for k in range(first, last - 1, -1) if is_down(e) else range(first, last + 1):
            here[name] = k
            value = self._round(e, (*around, (name, k)), memo, values, here)
            total = total + value if e.op == "sigma" else total @ value
        return total

    def _around(self, e: Expr, sizes: Mapping[str, int]) -> Round:
        """The indices of the loops around this one that it depends on."""
        usual = self.point.sizes
        names = sorted(n for n in free_names(e) if n in sizes and sizes[n] != usual.get(n))
        return tuple((n, sizes[n]) for n in names)

    def _round(
        self, e: Expr, key: Round, memo: Mapping[Expr, Array], values: Mapping[str, Array],
        here: Mapping[str, int],
    ) -> Array:  # fmt: skip
        plan, inner = loop(e), self.known.setdefault(key, {})
        for a in plan.outside:
            inner.setdefault(a, memo[a])
        for item in plan.live:
            if item not in inner:
                step = self.run if item.op in BINDERS else self.value_of
                found = inner[item] = step(item, inner, values, here)
                self.load += found.size
        return inner[e.args[0]]
