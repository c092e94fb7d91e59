"""Generic points inside the domain: distinct sizes and values that honour the declared traits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from chainrule.errors import ChainruleError, UnsupportedError
from chainrule.expr import Expr, postorder, size_names, symbols
from chainrule.numeric.evaluate import Array, evaluate

TRIES = 24
KINK_MARGIN = 5e-3
MAX_MAGNITUDE = 1e5
WORST_CONDITION = 1e6
PRIMES = (3, 4, 5, 2, 6, 7, 8, 9, 10, 11, 12, 13)


@dataclass
class Point:
    """Sizes, values, and what is known of sub-expressions there."""

    sizes: dict[str, int]
    values: dict[str, Array]


def sample(
    exprs: Sequence[Expr], seed: int = 0, *, fixed_sizes: dict[str, int] | None = None
) -> Point:
    """A random point where all ``exprs`` are finite and away from kinks.

    Raises
    ------
    UnsupportedError
        If no such point was found; names the sub-expression that leaves its domain.
    """
    names = sorted(size_names(*exprs), key=lambda n: _first_use(n, exprs))
    variables = list(symbols(*exprs).values())
    trouble = ""
    for attempt in range(TRIES):
        rng = np.random.default_rng((seed, attempt))
        sizes = dict(fixed_sizes) if fixed_sizes else _sizes(names, seed, attempt, rng)
        try:
            values = {v.name: draw(v, sizes, rng, STRATEGIES[attempt % len(STRATEGIES)])
                      for v in variables}  # fmt: skip
            trouble = _trouble(exprs, Point(sizes, values))
        except (ChainruleError, ArithmeticError, np.linalg.LinAlgError, ValueError) as error:
            trouble = str(error)
        if not trouble:
            return Point(sizes, values)
    raise UnsupportedError(
        f"no point inside the domain was found for the numerical check: {trouble}"
    )


def _first_use(name: str, exprs: Sequence[Expr]) -> tuple[int, str]:
    for n, e in enumerate(postorder(*exprs)):
        if any(name in d.names for d in e.shape):
            return n, name
    return 10**9, name


def _sizes(
    names: Sequence[str], seed: int, attempt: int, rng: np.random.Generator
) -> dict[str, int]:
    numbers = (
        list(PRIMES[: max(len(names), 3)])
        if len(names) <= len(PRIMES)
        else list(range(2, len(names) + 2))
    )
    if attempt == 0 and seed == 0:
        numbers = numbers[::-1] if len(names) == 2 else numbers
    else:
        rng.shuffle(numbers)
    return dict(zip(names, numbers, strict=False))


# -- values ---------------------------------------------------------------------------------------
STRATEGIES = ("plain", "plain", "definite", "unit", "positive", "small", "definite", "unit")


def draw(
    v: Expr, sizes: dict[str, int], rng: np.random.Generator, strategy: str = "plain"
) -> Array:
    """A value for a variable that honours its traits."""
    m, n = (d.at(sizes) for d in v.shape)
    traits = v.traits
    a = rng.standard_normal((m, n))
    for trait, rule in TRAITS.items():
        if trait in traits:
            a = rule(a, rng)
    if traits & SPECIAL:
        return a
    if strategy == "definite" and m == n and m > 1 and not traits & {"skew"}:
        a = 0.3 * a + 2.0 * np.eye(n)
        if "positive" in traits:
            a = np.abs(a)
    elif strategy == "positive":
        a = np.abs(a) + 0.2
    elif strategy == "unit":
        a = 0.1 + 0.8 * rng.random((m, n))
    elif strategy == "small":
        a = 0.2 * a
    if strategy in ("positive", "unit") and traits & {
        "symmetric",
        "diagonal",
        "skew",
        "lower",
        "upper",
    }:
        for trait, rule in TRAITS.items():
            if trait in traits:
                a = rule(a, rng)
    return a


def _definite(a: Array, rng: np.random.Generator) -> Array:
    n = a.shape[0]
    return np.asarray(a @ a.T / n + 0.7 * np.eye(n))


def _invertible(a: Array, rng: np.random.Generator) -> Array:
    return np.asarray(a + 2.0 * np.sign(np.trace(a) or 1.0) * np.eye(a.shape[0]))


def _one_hot(a: Array, rng: np.random.Generator) -> Array:
    out = np.zeros_like(a)
    if a.shape[1] == 1:
        out[rng.integers(a.shape[0]), 0] = 1.0
    else:
        out[np.arange(a.shape[0]), rng.integers(a.shape[1], size=a.shape[0])] = 1.0
    return out


def _probability(a: Array, rng: np.random.Generator) -> Array:
    w = np.exp(a)
    return np.asarray(w / (w.sum() if a.shape[1] == 1 else w.sum(axis=1, keepdims=True)))


Rule = Callable[[Array, np.random.Generator], Array]
TRAITS: dict[str, Rule] = {
    "symmetric": lambda a, r: (a + a.T) / 2,
    "skew": lambda a, r: (a - a.T) / 2,
    "diagonal": lambda a, r: np.diag(np.diag(a)),
    "lower": lambda a, r: np.tril(a),
    "upper": lambda a, r: np.triu(a),
    "orthogonal": lambda a, r: np.linalg.qr(a)[0],
    "invertible": _invertible,
    "positive_definite": _definite,
    "positive": lambda a, r: np.abs(a) + 0.2,
    "nonnegative": lambda a, r: np.abs(a) + 0.1,
    "unit_interval": lambda a, r: 0.1 + 0.8 * r.random(a.shape),
    "one_hot": _one_hot,
    "probability": _probability,
    "probability_vector": _probability,
    "unit_norm": lambda a, r: a / np.sqrt((a * a).sum()),
    "binary": lambda a, r: r.integers(0, 2, a.shape).astype(float),
    "plus_minus_one": lambda a, r: np.where(a > 0, 1.0, -1.0),
}
SPECIAL = frozenset({"orthogonal", "one_hot", "probability", "probability_vector", "unit_norm",
                     "binary", "plus_minus_one", "positive_definite", "unit_interval"})  # fmt: skip


# -- is the point good? ------------------------------------------------------------------------
KINKED = frozenset({"relu", "abs", "sign", "step", "leakyrelu", "norm1"})


def _trouble(exprs: Sequence[Expr], point: Point) -> str:
    cache: dict[Expr, Array] = {}
    with np.errstate(all="ignore"):
        for e in exprs:
            evaluate(e, point.values, point.sizes, cache)
        for e, value in cache.items():
            if not np.all(np.isfinite(value)) or np.abs(value).max(initial=0.0) > MAX_MAGNITUDE:
                return f"{e!r} is not finite"
            if e.args and _outside(e, cache):
                return f"{e!r} leaves its domain"
    return ""


def _outside(e: Expr, cache: dict[Expr, Array]) -> bool:
    a = cache[e.args[0]]
    op = e.op
    if op in KINKED:
        return bool((np.abs(a) < KINK_MARGIN).any())
    if op in ("max", "min"):
        return bool((np.abs(a - cache[e.args[1]]) < KINK_MARGIN).any())
    if op in ("log", "sqrt", "lgamma", "digamma"):
        return bool((a < 1e-3).any())
    if op in ("arcsin", "arccos"):
        return bool((np.abs(a) > 0.98).any())
    if op in ("norm2", "normF"):
        return float(np.abs(a).max()) < 1e-2
    if op in ("inv", "logdet", "det", "adj") or (op == "pow" and a.size > 1):
        return bool(np.linalg.cond(a) > WORST_CONDITION)
    if op in ("logm", "sqrtm"):
        w = np.linalg.eigvals(a)
        return bool(((w.real < 1e-2) & (np.abs(w.imag) < 1e-2)).any())
    if op in ("eigmax", "vmax"):
        if np.abs(a - a.T).max() > 1e-9:
            return True
        w = np.linalg.eigvalsh(a)
        return len(w) > 1 and bool(w[-1] - w[-2] < 0.05)
    if op in ("pow", "epow"):
        k = float(cache[e.args[1]][0, 0])
        if k != int(k):
            return bool((a < 1e-3).any())
        return k < 0 and bool((np.abs(a) < 1e-3).any())
    if op == "pinv":
        s = np.linalg.svd(a, compute_uv=False)
        return bool(s.min() < 1e-2)
    return False
