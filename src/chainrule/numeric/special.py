"""Elementwise special functions for small arrays, without loading SciPy."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Terms of the asymptotic series in 1/x², for x >= 10 (Abramowitz & Stegun 6.3.18 and 6.4.12).
DIGAMMA_SERIES = (-1 / 12, 1 / 120, -1 / 252, 1 / 240, -1 / 132, 691 / 32760, -1 / 12)
TRIGAMMA_SERIES = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6)
LARGE = 10.0


def entrywise(function: Callable[[float], float]) -> Callable[[Array], Array]:
    """Apply a scalar function to every entry."""
    each = np.frompyfunc(function, 1, 1)

    def rule(a: Array) -> Array:
        return np.asarray(each(a), dtype=float).reshape(a.shape)

    return rule


def _lgamma(x: float) -> float:
    try:
        return math.lgamma(x)
    except (ValueError, OverflowError):  # a pole
        return math.inf


def _series(terms: tuple[float, ...], square: float) -> float:
    total = 0.0
    for term in reversed(terms):
        total = square * (total + term)
    return total


def _digamma(x: float) -> float:
    if math.isnan(x) or x == math.inf:
        return x
    if x <= 0:
        if x == -math.inf or x == math.floor(x):
            return math.nan
        return _digamma(1 - x) - math.pi / math.tan(math.pi * x)
    shift = 0.0
    while x < LARGE:
        shift -= 1 / x
        x += 1
    return shift + math.log(x) - 0.5 / x + _series(DIGAMMA_SERIES, 1 / (x * x))


def _trigamma(x: float) -> float:
    if math.isnan(x) or x == math.inf:
        return 0.0 if x == math.inf else x
    if x <= 0:
        if x == -math.inf or x == math.floor(x):
            return math.nan
        return float((math.pi / math.sin(math.pi * x)) ** 2 - _trigamma(1 - x))
    shift = 0.0
    while x < LARGE:
        shift += 1 / (x * x)
        x += 1
    return shift + 1 / x + 0.5 / (x * x) + _series(TRIGAMMA_SERIES, 1 / (x * x)) / x


erf = entrywise(math.erf)
lgamma = entrywise(_lgamma)
digamma = entrywise(_digamma)
trigamma = entrywise(_trigamma)


def gelu(a: Array) -> Array:
    """x times the normal distribution function; erfc keeps the left tail accurate."""
    return np.asarray(0.5 * a * _erfc(a * -math.sqrt(0.5)))


_erfc = entrywise(math.erfc)


def sigmoid(a: Array) -> Array:
    """1/(1+exp(-x)) without overflow, accurate in both tails."""
    z = np.exp(-np.abs(a))
    return np.asarray(np.where(a >= 0, 1.0, z) / (1.0 + z))


def softplus(a: Array) -> Array:
    """log(1+exp(x)) without overflow."""
    return np.asarray(np.logaddexp(0.0, a))


def logsumexp(a: Array, axis: int | None = None) -> Array:
    """Of all entries (1×1) or along an axis, which is kept with length one."""
    top = a.max(axis=axis, keepdims=True)
    return np.asarray(top + np.log(np.exp(a - top).sum(axis=axis, keepdims=True)))


def softmax(a: Array, axis: int | None = None) -> Array:
    """Of all entries or along an axis."""
    z = np.exp(a - a.max(axis=axis, keepdims=True))
    return np.asarray(z / z.sum(axis=axis, keepdims=True))
