"""Values with exact fractions where they stay rational, floats where they do not.

Every entry is a fraction or a float of its own: a network with whole-number weights shows whole
numbers up to its first sigmoid, and sigmoid(0) is still 1/2.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import AbstractContextManager
from fractions import Fraction
from typing import TYPE_CHECKING

from chainrule.dims import Dim
from chainrule.expr import BINDERS, Expr
from chainrule.graph.arithmetic import F0, F1, RULES, Inexact, Number, Rows, is_exact, plus, product
from chainrule.ops.indexed import bound, with_sizes

if TYPE_CHECKING:
    from chainrule.numeric.special import Array

MAX_BITS = 2000  # longer fractions become floats
WHOLE = frozenset({"unit", "commut", "dup", "elim"})  # constants that are whole numbers
MAX_ROUNDS = 2000  # of all loops together; beyond that sums over an index are done in floats


class Engine:
    """Evaluates expressions at given values; remembers every part it has seen."""

    def __init__(self, values: Mapping[str, Rows], sizes: Mapping[str, int], exact: bool) -> None:
        self.values = dict(values)
        self.sizes = sizes
        self.exact = exact
        self.memo: dict[Expr, Rows] = {}
        self.arrays: dict[Expr, Array] = {}
        self.given: dict[str, Array] = {}
        self.waiting = list(values)  # names whose arrays have not been asked for
        self.rounds = 0

    def bind(self, name: str, value: Rows) -> None:
        """Give a name its value."""
        self.values[name] = value
        self.waiting.append(name)

    def value(self, e: Expr) -> Rows:
        """The value of an expression as rows of numbers."""
        return self._exactly(e) if self.exact else self._in_floats(e)

    def _exactly(self, e: Expr) -> Rows:
        stack = [e]
        while stack:
            item = stack[-1]
            needs = [] if item.op in BINDERS else [a for a in item.args if a not in self.memo]
            if needs and item not in self.memo:
                stack += reversed(needs)
                continue
            stack.pop()
            if item not in self.memo:
                self.memo[item] = self._one(item)
        return self.memo[e]

    def _one(self, e: Expr) -> Rows:
        if e.op == "symbol":
            return self.values[e.name]
        if e.op in BINDERS:
            return self._loop(e)
        args = [self.memo[a] for a in e.args]
        rule = RULES.get(e.op)
        try:
            if rule is not None:
                found = rule(*args)
            else:
                found = self._special(e, args)
        except (ZeroDivisionError, OverflowError, ValueError, Inexact):
            found = None
        return self._by_arrays(e, args) if found is None else tamed(found)

    def _special(self, e: Expr, args: list[Rows]) -> Rows | None:
        match e.op:
            case "number":
                return [[e.value]]
            case "size":
                return [[Fraction(self._at(e.params[0]))]]
            case "eye" | "ones" | "zeros":
                m, n = self._at(e.params[0]), self._at(e.params[-1])
                if e.op == "eye":
                    return [[Fraction(int(i == j)) for j in range(n)] for i in range(n)]
                return [[F1 if e.op == "ones" else F0] * n for _ in range(m)]
        return None

    def _loop(self, e: Expr) -> Rows:
        """A sum or product over an index, round by round."""
        name, lo, hi = bound(e)
        first, last = lo.at(self.sizes), hi.at(self.sizes)
        step = -1 if e.op == "prod" and first > last else 1
        self.rounds += abs(last - first) + 1
        if self.rounds > MAX_ROUNDS:
            return self._in_floats(e)
        m, n = (d.at(self.sizes) for d in e.shape)
        unity = e.op == "prod"
        total: Rows = [[Fraction(int(unity and i == j)) for j in range(n)] for i in range(m)]
        for k in range(first, last + step, step):
            part = self._exactly(with_sizes(e.args[0], {name: k}))
            total = product(total, part) if unity else plus(total, part)
        return tamed(total)

    def _by_arrays(self, e: Expr, args: list[Rows]) -> Rows:
        from chainrule.numeric.evaluate import value_of

        memo = {a: array(rows) for a, rows in zip(e.args, args, strict=True)}
        with quiet():
            found = value_of(e, memo, {}, self.sizes)
        if e.op in WHOLE:
            return [[Fraction(int(v)) for v in row] for row in found.tolist()]
        return rows_of(found)

    def _in_floats(self, e: Expr) -> Rows:
        from chainrule.numeric import evaluate

        while self.waiting:
            name = self.waiting.pop()
            self.given[name] = array(self.values[name])
        with quiet():
            return rows_of(evaluate(e, self.given, self.sizes, self.arrays))

    def _at(self, p: object) -> int:
        assert isinstance(p, Dim)
        return p.at(self.sizes)


def quiet() -> AbstractContextManager[object]:
    """Infinities and nans are shown in the table, not warned about."""
    import numpy as np

    return np.errstate(all="ignore")


def array(rows: Rows) -> Array:
    """As a NumPy array of floats."""
    import numpy as np

    return np.array([[_float(v) for v in row] for row in rows])


def rows_of(a: Array) -> Rows:
    """From a NumPy array."""
    out: Rows = a.tolist()
    return out


def tamed(rows: Rows) -> Rows:
    """Very long fractions as floats."""
    if any(isinstance(v, Fraction) and _long(v) for row in rows for v in row):
        return [[_float(v) if isinstance(v, Fraction) and _long(v) else v for v in row]
                for row in rows]  # fmt: skip
    return rows


def _long(v: Fraction) -> bool:
    return v.numerator.bit_length() > MAX_BITS or v.denominator.bit_length() > MAX_BITS


def _float(v: Number) -> float:
    try:
        return float(v)
    except OverflowError:
        return math.inf if v > 0 else -math.inf


__all__ = ["Engine", "Number", "Rows", "array", "is_exact", "quiet", "rows_of"]
