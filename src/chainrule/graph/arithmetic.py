"""Operators on rows of fractions and floats: exact where the result is rational."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

Number = Fraction | float
Rows = list[list[Number]]
F0, F1, HALF = Fraction(0), Fraction(1), Fraction(1, 2)
MAX_SOLVE = 12  # larger matrices are inverted in floats
MAX_POWER = 64


class Inexact(Exception):
    """No rational result: let floats do it."""


def is_exact(rows: Rows) -> bool:
    """Are all entries fractions?"""
    return all(isinstance(v, Fraction) for row in rows for v in row)


def _spread(a: Rows, b: Rows) -> tuple[Rows, Rows]:
    """A scalar next to a matrix becomes a matrix of its size."""
    if len(a) * len(a[0]) == 1 and len(b) * len(b[0]) > 1:
        return [[a[0][0]] * len(b[0]) for _ in b], b
    if len(b) * len(b[0]) == 1 and len(a) * len(a[0]) > 1:
        return a, [[b[0][0]] * len(a[0]) for _ in a]
    return a, b


Binary = Callable[[Number, Number], Number]


def _entrywise(f: Binary) -> Callable[..., Rows]:
    def rule(*args: Rows) -> Rows:
        total = args[0]
        for other in args[1:]:
            left, right = _spread(total, other)
            total = [
                [f(u, v) for u, v in zip(p, q, strict=True)]
                for p, q in zip(left, right, strict=True)
            ]
        return total

    return rule


def _each(f: Callable[[Number], Number]) -> Callable[[Rows], Rows]:
    return lambda a: [[f(v) for v in row] for row in a]


def product(*args: Rows) -> Rows:
    total = args[0]
    for b in args[1:]:
        if len(total) * len(total[0]) == 1 or len(b) * len(b[0]) == 1:
            total = _times(total, b)
        else:
            columns = _transpose(b)
            total = [[_dot(row, c) for c in columns] for row in total]
    return total


def _dot(u: list[Number], v: list[Number]) -> Number:
    total: Number = F0
    for a, b in zip(u, v, strict=True):
        if (a and b) or not (math.isfinite(a) and math.isfinite(b)):
            total += a * b
    return total


def _transpose(a: Rows) -> Rows:
    return [list(column) for column in zip(*a, strict=True)]


def _total(values: list[Number]) -> Number:
    total: Number = F0
    for v in values:
        total += v
    return total


def _sum(a: Rows) -> Rows:
    return [[_total([v for row in a for v in row])]]


def _diag(a: Rows) -> Rows:
    if len(a) == 1 or len(a[0]) == 1:
        flat = [v for row in a for v in row]
        return [[v if i == j else F0 for j in range(len(flat))] for i, v in enumerate(flat)]
    return [[a[i][i]] for i in range(len(a))]


def _vec(a: Rows) -> Rows:
    return [[v] for column in zip(*a, strict=True) for v in column]


def _vech(a: Rows) -> Rows:
    return [[a[i][j]] for j in range(len(a)) for i in range(j, len(a))]


def _kron(a: Rows, b: Rows) -> Rows:
    return [[u * v for u in p for v in q] for p in a for q in b]


def _power_entry(a: Number, p: Number) -> Number:
    if not isinstance(a, Fraction) or not isinstance(p, Fraction):
        raise Inexact
    if p == HALF:
        return _root(a)
    if p == -HALF:
        return 1 / _root(a)
    if p.denominator != 1 or abs(p) > MAX_POWER:
        raise Inexact
    return a ** int(p)


def _root(a: Number) -> Number:
    """The square root if it is rational."""
    if isinstance(a, Fraction) and a >= 0:
        top, bottom = math.isqrt(a.numerator), math.isqrt(a.denominator)
        if top * top == a.numerator and bottom * bottom == a.denominator:
            return Fraction(top, bottom)
    raise Inexact


def _epow(a: Rows, p: Rows) -> Rows:
    return [[_power_entry(v, p[0][0]) for v in row] for row in a]


def _pow(a: Rows, p: Rows) -> Rows:
    if len(a) == 1:
        return _epow(a, p)
    k = p[0][0]
    if not isinstance(k, Fraction) or k.denominator != 1 or abs(k) > MAX_POWER:
        raise Inexact
    base = _inv(a) if k < 0 else a
    out: Rows = [[Fraction(int(i == j)) for j in range(len(a))] for i in range(len(a))]
    for _ in range(abs(int(k))):
        out = product(out, base)
    return out


def _eliminate(a: Rows) -> tuple[Number, Rows]:
    """Determinant and inverse by Gauss and Jordan."""
    n = len(a)
    if n > MAX_SOLVE or not is_exact(a):
        raise Inexact
    work = [[*row, *(Fraction(int(i == j)) for j in range(n))] for i, row in enumerate(a)]
    det: Number = F1
    for k in range(n):
        pivot = next((i for i in range(k, n) if work[i][k]), None)
        if pivot is None:
            return F0, []
        if pivot != k:
            work[k], work[pivot] = work[pivot], work[k]
            det = -det
        head = work[k][k]
        det *= head
        work[k] = [v / head for v in work[k]]
        for i in range(n):
            if i != k and work[i][k]:
                f = work[i][k]
                work[i] = [v - f * w for v, w in zip(work[i], work[k], strict=True)]
    return det, [row[n:] for row in work]


def _inv(a: Rows) -> Rows:
    found = _eliminate(a)[1]
    if not found:
        raise Inexact
    return found


def _norm2(a: Rows) -> Rows:
    return [[_root(_total([v * v for row in a for v in row]))]]


def _function(f: Callable[[float], float], at: dict[Number, Number]) -> Callable[[Rows], Rows]:
    """A function with the few points where it is rational."""

    def entry(v: Number) -> Number:
        return at[v] if isinstance(v, Fraction) and v in at else f(float(v))

    return lambda a: [[entry(v) for v in row] for row in a]


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def _log(x: float) -> float:
    return math.log(x) if x > 0 else (-math.inf if x == 0 else math.nan)


def _abs(v: Number) -> Number:
    return v if v >= 0 else -v


def _sign(v: Number) -> Number:
    return Fraction((v > 0) - (v < 0))


_times = _entrywise(lambda u, v: u * v)
plus = _entrywise(lambda u, v: u + v)
RULES: dict[str, Callable[..., Rows | None]] = {
    "add": plus, "mul": product, "hadamard": _times,
    "transpose": _transpose, "tr": lambda a: [[_total([a[i][i] for i in range(len(a))])]],
    "sum": _sum, "mean": lambda a: [[_sum(a)[0][0] / (len(a) * len(a[0]))]],
    "sum_rows": lambda a: [[_total(row)] for row in a],
    "sum_cols": lambda a: [[_total(list(c)) for c in zip(*a, strict=True)]],
    "diag": _diag, "vec": _vec, "vech": _vech, "kron": _kron,
    "hcat": lambda *a: [[v for row in rows for v in row] for rows in zip(*a, strict=True)],
    "vcat": lambda *a: [row for rows in a for row in rows],
    "pow": _pow, "epow": _epow, "inv": _inv, "det": lambda a: [[_eliminate(a)[0]]],
    "norm1": lambda a: _sum(_each(_abs)(a)), "norm2": _norm2, "normF": _norm2,
    "abs": _each(_abs), "sign": _each(_sign),
    "relu": _each(lambda v: max(v, F0)),
    "leakyrelu": _each(lambda v: v if v > 0 else v / 100),
    "step": _each(lambda v: F1 if v > 0 else F0),
    "max": _entrywise(max), "min": _entrywise(min), "sqrt": _each(_root),
    "exp": _function(math.exp, {F0: F1}), "log": _function(_log, {F1: F0}),
    "sigmoid": _function(_sigmoid, {F0: HALF}), "tanh": _function(math.tanh, {F0: F0}),
    "sin": _function(math.sin, {F0: F0}), "cos": _function(math.cos, {F0: F1}),
}  # fmt: skip


__all__ = ["F0", "F1", "RULES", "Inexact", "Number", "Rows", "is_exact", "plus", "product"]
