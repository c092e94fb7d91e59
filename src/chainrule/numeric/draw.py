"""Random values of a variable that honour its declared traits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from chainrule.expr import Expr
from chainrule.numeric.special import Array

Rng = np.random.Generator
Rule = Callable[[Array, Rng], Array]

#: Ways to draw a value; all but the first are tried where the generic one leaves the domain.
STRATEGIES: dict[str, Rule] = {
    "plain": lambda a, r: a,
    "positive": lambda a, r: np.abs(a) + 0.2,
    "unit": lambda a, r: 0.1 + 0.8 * r.random(a.shape),
    "definite": lambda a, r: 0.3 * a + 2.0 * np.eye(*a.shape) if a.size > 1 else np.abs(a) + 1.0,
    "small": lambda a, r: 0.2 * a,
    "large": lambda a, r: 2.0 + 2.0 * np.abs(a),
    "negative": lambda a, r: -np.abs(a) - 0.2,
    # keeps the length of what it multiplies, also after two hundred layers
    "even": lambda a, r: a * np.sqrt(2.0 / a.shape[1]) if a.shape[1] > 1 else a,
}


def draw(v: Expr, sizes: dict[str, int], rng: Rng, strategy: str = "plain") -> Array:
    """A value for a variable at the given sizes."""
    shape = (v.shape[0].at(sizes), v.shape[1].at(sizes))
    a = rng.standard_normal(shape)
    if not v.traits:
        return STRATEGIES[strategy](a, rng)
    if not v.traits & CLOSED:
        a = STRATEGIES[strategy](a, rng)
    for table in (VALUES, STRUCTURES, SHIFTS):
        for trait, rule in table.items():
            if trait in v.traits:
                a = rule(a, rng)
    if "orthogonal" in v.traits:
        a = _orthogonal(a, v.traits)
    return a


def _one_hot(a: Array, rng: Rng) -> Array:
    out = np.zeros_like(a)
    if a.shape[1] == 1:
        out[rng.integers(a.shape[0]), 0] = 1.0
    else:
        out[np.arange(a.shape[0]), rng.integers(a.shape[1], size=a.shape[0])] = 1.0
    return out


def _probability(a: Array, rng: Rng) -> Array:
    w = np.exp(a)
    return np.asarray(w / (w.sum() if a.shape[1] == 1 else w.sum(axis=1, keepdims=True)))


def _orthogonal(a: Array, traits: frozenset[str]) -> Array:
    """Orthonormal columns, or rows if there are fewer of them; a reflection if symmetric."""
    if "diagonal" in traits:
        return np.asarray(np.where(np.eye(*a.shape) > 0, np.sign(a), 0.0))
    if "symmetric" in traits:
        u = a[:, :1]
        return np.eye(a.shape[0]) - 2 * u @ u.T / float(np.vdot(u, u))
    if a.shape[0] < a.shape[1]:
        return np.asarray(np.linalg.qr(a.T)[0].T)
    return np.asarray(np.linalg.qr(a)[0])


def _definite(a: Array, rng: Rng) -> Array:
    return np.asarray(a @ a.T / a.shape[0] + 0.7 * np.eye(a.shape[0]))


def _invertible(a: Array, rng: Rng) -> Array:
    if a.shape[0] != a.shape[1] or np.array_equal(a, -a.T):  # a skew matrix has no diagonal
        return a
    if a.size == 1:
        return np.where(a < 0, a - 0.2, a + 0.2)
    return a + 2.0 * (1.0 if a.trace() >= 0 else -1.0) * np.eye(a.shape[0])


#: Ranges of the entries, then the pattern of the matrix, then what keeps the pattern.
VALUES: dict[str, Rule] = {
    "positive": lambda a, r: np.abs(a) + 0.2,
    "nonnegative": lambda a, r: np.abs(a) + 0.1,
    "unit_interval": lambda a, r: 0.1 + 0.8 * r.random(a.shape),
    "binary": lambda a, r: np.where(a > 0, 1.0, 0.0),
    "plus_minus_one": lambda a, r: np.where(a > 0, 1.0, -1.0),
    "one_hot": _one_hot,
    "probability": _probability,
    "probability_vector": _probability,
}
STRUCTURES: dict[str, Rule] = {
    "positive_definite": _definite,
    "symmetric": lambda a, r: (a + a.T) / 2,
    "skew": lambda a, r: (a - a.T) / 2,
    "lower": lambda a, r: np.tril(a),
    "upper": lambda a, r: np.triu(a),
    "diagonal": lambda a, r: np.where(np.eye(*a.shape) > 0, a, 0.0),
}
SHIFTS: dict[str, Rule] = {
    "invertible": _invertible,
    "unit_norm": lambda a, r: a / np.sqrt(np.vdot(a, a)),
}
#: Traits that settle the range of the entries, so that strategies have no say.
CLOSED = frozenset({"orthogonal", "one_hot", "probability", "probability_vector", "unit_norm",
                    "binary", "plus_minus_one", "unit_interval"})  # fmt: skip
#: Traits that survive multiplication by a positive number.
SCALABLE = frozenset({"symmetric", "skew", "diagonal", "lower", "upper", "invertible",
                      "positive_definite", "positive", "nonnegative", "family"})  # fmt: skip


def honours(v: Expr, a: Array) -> bool:
    """Does a value have the traits of the variable?"""
    return all(rule(a) for trait, rule in HONOURS.items() if trait in v.traits)


def _sums_to_one(a: Array) -> bool:
    sums = a.sum() if a.shape[1] == 1 else a.sum(axis=1)
    return bool((a >= 0).all() and np.allclose(sums, 1.0, rtol=0, atol=1e-12))


def _orthonormal(a: Array) -> bool:
    short = a.T @ a if a.shape[0] >= a.shape[1] else a @ a.T
    return bool(np.allclose(short, np.eye(len(short)), rtol=0, atol=1e-12))


HONOURS: dict[str, Callable[[Array], bool]] = {
    "positive": lambda a: bool((a > 0).all()),
    "nonnegative": lambda a: bool((a >= 0).all()),
    "unit_interval": lambda a: bool(((a > 0) & (a < 1)).all()),
    "binary": lambda a: bool(((a == 0) | (a == 1)).all()),
    "plus_minus_one": lambda a: bool((np.abs(a) == 1).all()),
    "one_hot": lambda a: bool(((a == 0) | (a == 1)).all()) and _sums_to_one(a),
    "probability": _sums_to_one,
    "probability_vector": _sums_to_one,
    "unit_norm": lambda a: abs(float(np.vdot(a, a)) - 1.0) < 1e-12,
    "symmetric": lambda a: np.array_equal(a, a.T),
    "skew": lambda a: np.array_equal(a, -a.T),
    "lower": lambda a: np.array_equal(a, np.tril(a)),
    "upper": lambda a: np.array_equal(a, np.triu(a)),
    "diagonal": lambda a: np.array_equal(a, np.where(np.eye(*a.shape) > 0, a, 0.0)),
    "positive_definite": lambda a: np.array_equal(a, a.T) and bool(np.linalg.eigvalsh(a)[0] > 1e-3),
    "invertible": lambda a: bool(np.linalg.cond(a) < 1e6),
    "orthogonal": _orthonormal,
}
