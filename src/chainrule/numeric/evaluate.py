"""The plain NumPy path: evaluate an expression at given sizes and values.

It shares nothing with the index language and so can vouch for what comes out of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from zlib import crc32

import numpy as np

from chainrule.dims import Dim
from chainrule.errors import UnsupportedError
from chainrule.expr import BINDERS, Expr
from chainrule.numeric import matfun, special
from chainrule.numeric.loops import Watch, run, steps
from chainrule.numeric.special import Array


def evaluate(
    e: Expr,
    values: Mapping[str, Array],
    sizes: Mapping[str, int],
    cache: dict[Expr, Array] | None = None,
) -> Array:
    """Value of an expression as a 2-D array of its shape.

    Parameters
    ----------
    values
        Arrays by variable name, each of the shape of the variable.
    sizes
        Numbers for the named sizes and the free indices.
    cache
        Values of sub-expressions already known at this point; is added to.

    Raises
    ------
    UnsupportedError
        For an operator that has no value, such as a derivative that was not expanded.
    """
    memo: dict[Expr, Array] = {} if cache is None else cache
    if e not in memo:
        for item in steps(e):
            if item not in memo:
                memo[item] = value_of(item, memo, values, sizes)
    return memo[e]


def value_of(
    e: Expr, memo: Mapping[Expr, Array], values: Mapping[str, Array], sizes: Mapping[str, int],
    watch: Watch | None = None,
) -> Array:  # fmt: skip
    """Value of one node from the values of its arguments; ``watch`` sees those inside loops."""
    rule = RULES.get(e.op)
    if rule is not None:
        args = e.args
        if len(args) == 1:
            return rule(memo[args[0]])
        if len(args) == 2:
            return rule(memo[args[0]], memo[args[1]])
        return rule(*[memo[a] for a in args])
    match e.op:
        case "symbol":
            return values[e.name]
        case "number":
            return _number(e)
        case "size":
            return np.array([[float(_at(e.params[0], sizes))]])
        case "call":
            name, order = e.params
            return abstract(str(name), int(order), memo[e.args[0]])  # type: ignore[arg-type]
    if e.op in BINDERS:
        return run(e, memo, values, sizes, value_of, watch)
    if e.op in CONSTANTS:
        return _constant(e.op, tuple(_at(p, sizes) for p in e.params))
    raise UnsupportedError(f"{e.op} cannot be evaluated")


def _at(p: object, sizes: Mapping[str, int]) -> int:
    assert isinstance(p, Dim)
    return p.at(sizes)


@lru_cache(maxsize=2048)
def _number(e: Expr) -> Array:
    value = e.value
    try:
        return _frozen(np.array([[float(value)]]))
    except OverflowError:
        return _frozen(np.array([[math.inf if value > 0 else -math.inf]]))


@lru_cache(maxsize=64)
def _constant(op: str, params: tuple[int, ...]) -> Array:
    if any(p < 1 for p in params):
        raise ValueError(f"{op} needs positive sizes, not {params}")
    return _frozen(CONSTANTS[op](*params))


def _frozen(a: Array) -> Array:
    """Shared between calls, so nobody may write into it."""
    a.setflags(write=False)
    return a


# -- operators ---------------------------------------------------------------------------------
def _add(*args: Array) -> Array:
    total = args[0]
    for a in args[1:]:
        total = total + a
    return total


def _mul(*args: Array) -> Array:
    total = args[0]
    for a in args[1:]:
        total = total * a if total.size == 1 or a.size == 1 else total @ a
    return total


def _hadamard(*args: Array) -> Array:
    total = args[0]
    for a in args[1:]:
        total = total * a
    return total


def _scalar(value: float) -> Array:
    return np.array([[value]])


def _diag(a: Array) -> Array:
    if 1 in a.shape:
        return np.diag(a.ravel()) if a.size > 1 else a
    return np.diag(a)[:, None].copy()


def _vec(a: Array) -> Array:
    return a.reshape(-1, 1, order="F")


def _vech(a: Array) -> Array:
    return np.concatenate([a[j:, j] for j in range(a.shape[0])])[:, None]


def _kron(a: Array, b: Array) -> Array:
    m, n, p, q = *a.shape, *b.shape
    return (a[:, None, :, None] * b[None, :, None, :]).reshape(m * p, n * q)


def _norm(a: Array) -> Array:
    top = float(np.abs(a).max(initial=0.0))  # scaled, so that squares do not overflow
    if top == 0.0 or not np.isfinite(top):
        return _scalar(top)
    scaled = a / top
    return _scalar(top * math.sqrt(float(np.vdot(scaled, scaled))))


def _epow(a: Array, p: Array) -> Array:
    k = float(p[0, 0])
    return np.asarray(a ** int(k) if 0 <= k < 64 and k == int(k) else a**k)


RULES: dict[str, Callable[..., Array]] = {
    "add": _add, "mul": _mul, "hadamard": _hadamard, "transpose": lambda a: a.T,
    "tr": lambda a: _scalar(a.trace()), "sum": lambda a: a.sum(keepdims=True),
    "mean": lambda a: a.mean(keepdims=True),
    "sum_rows": lambda a: a.sum(axis=1, keepdims=True),
    "sum_cols": lambda a: a.sum(axis=0, keepdims=True),
    "diag": _diag, "vec": _vec, "vech": _vech, "kron": _kron,
    "hcat": lambda *a: np.hstack(a), "vcat": lambda *a: np.vstack(a),
    "pow": matfun.power, "epow": _epow, "inv": np.linalg.inv, "pinv": np.linalg.pinv,
    "det": lambda a: _scalar(np.linalg.det(a)),
    "logdet": lambda a: _scalar(np.linalg.slogdet(a)[1]),
    "adj": matfun.adj, "expm": matfun.expm, "logm": matfun.logm, "sqrtm": matfun.sqrtm,
    "sinm": matfun.sinm, "cosm": matfun.cosm, "eigmax": matfun.eigmax, "vmax": matfun.vmax,
    "norm2": _norm, "normF": _norm, "norm1": lambda a: np.abs(a).sum(keepdims=True),
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "abs": np.abs, "sign": np.sign,
    "sin": np.sin, "cos": np.cos, "tan": np.tan, "sinh": np.sinh, "cosh": np.cosh,
    "tanh": np.tanh, "arcsin": np.arcsin, "arccos": np.arccos, "arctan": np.arctan,
    "erf": special.erf, "lgamma": special.lgamma, "digamma": special.digamma,
    "trigamma": special.trigamma, "sigmoid": special.sigmoid, "softplus": special.softplus,
    "gelu": special.gelu,
    "relu": lambda a: np.maximum(a, 0.0), "leakyrelu": lambda a: np.where(a > 0, a, 0.01 * a),
    "step": lambda a: np.where(a > 0, 1.0, 0.0), "max": np.maximum, "min": np.minimum,
    "softmax": special.softmax,
    "logsoftmax": lambda a: a - special.logsumexp(a),
    "logsumexp": special.logsumexp,
    "softmax_rows": lambda a: special.softmax(a, 1),
    "logsoftmax_rows": lambda a: a - special.logsumexp(a, 1),
    "logsumexp_rows": lambda a: special.logsumexp(a, 1),
}  # fmt: skip


# -- constants -----------------------------------------------------------------------------------
def _commut(m: int, n: int) -> Array:
    """K with K vec(A) = vec(A') for A m×n."""
    return np.eye(m * n)[np.arange(m * n).reshape(m, n, order="F").ravel()]


def _unit(n: int, i: int) -> Array:
    if i > n:
        raise ValueError(f"there is no unit vector {i} of length {n}")
    out = np.zeros((n, 1))
    out[i - 1, 0] = 1.0
    return out


def _elim(n: int) -> Array:
    rows = [i + j * n for j in range(n) for i in range(j, n)]
    return np.eye(n * n)[rows]


def _dup(n: int) -> Array:
    at: dict[tuple[int, int], int] = {}
    for j in range(n):
        for i in range(j, n):
            at[i, j] = len(at)
    out = np.zeros((n * n, len(at)))
    for j in range(n):
        for i in range(n):
            out[i + j * n, at[max(i, j), min(i, j)]] = 1.0
    return out


CONSTANTS: dict[str, Callable[..., Array]] = {
    "eye": lambda n: np.eye(n), "ones": lambda m, n: np.ones((m, n)),
    "zeros": lambda m, n: np.zeros((m, n)), "unit": _unit, "commut": _commut, "dup": _dup,
    "elim": _elim, "pi": lambda: _scalar(math.pi),
}  # fmt: skip


def abstract(name: str, order: int, a: Array) -> Array:
    """A smooth stand-in for an abstract function, the same for the same name.

    phi(x) = p sin(q x + r) + s x² + t x with numbers drawn from the name.
    """
    seed = crc32(name.encode())
    p, q, r, s, t = (0.5 + ((seed >> k) % 97) / 97 for k in (0, 5, 10, 15, 20))
    wave = p * q**order * np.sin(q * a + r + order * math.pi / 2)
    if order == 0:
        return np.asarray(wave + s * a * a + t * a)
    if order == 1:
        return np.asarray(wave + 2 * s * a + t)
    return np.asarray(wave + (2 * s if order == 2 else 0.0))
