"""Values and derivatives by another road: HIPS autograd, node by node, apart from the library's
own numeric path.

:func:`value_and_pullback` evaluates an expression and gives the map from a cotangent of the
value to the gradient by one variable. It refuses points that lie outside the domain, near a kink or
where the numbers are too badly conditioned to compare (:class:`OutsideError`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import autograd.numpy as anp
import numpy as np
import scipy.linalg
import scipy.special
from autograd.core import make_vjp
from autograd.extend import defvjp, primitive
from autograd.scipy.special import erf, gammaln, polygamma, psi
from autograd.tracer import getval

from chainrule.dims import Dim
from chainrule.expr import Expr, postorder

Array = Any
LARGEST = 1e4
MARGIN = 1e-2


class OutsideError(Exception):
    """The point is not inside the domain, or too close to its border."""


def require(ok: Any, why: str) -> None:
    """Stay inside the domain."""
    if not np.all(ok):
        raise OutsideError(why)


# -- functions of matrices: the adjoint of the Fréchet derivative is the upper right block ---------
def _matrix_function(f: Callable[[np.ndarray], np.ndarray]) -> Callable[[Array], Array]:
    def real(x: np.ndarray) -> np.ndarray:
        y = f(x)
        if np.iscomplexobj(y):
            require(np.abs(y.imag) < 1e-10 * (1 + np.abs(y.real)), "complex")
        return np.real(y)

    wrapped = primitive(real)

    def pullback(ans: Array, x: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        def pull(g: np.ndarray) -> np.ndarray:
            n = x.shape[0]
            block = np.block([[x.T, g], [np.zeros((n, n)), x.T]])
            return real(block)[:n, n:]

        return pull

    defvjp(wrapped, pullback)
    return wrapped


expm = _matrix_function(scipy.linalg.expm)
logm = _matrix_function(scipy.linalg.logm)
sqrtm = _matrix_function(scipy.linalg.sqrtm)
sinm = _matrix_function(scipy.linalg.sinm)
cosm = _matrix_function(scipy.linalg.cosm)


def _top(x: np.ndarray) -> tuple[float, np.ndarray]:
    values, vectors = np.linalg.eigh((x + x.T) / 2)
    return values[-1], vectors[:, -1]


@primitive
def eigmax(x: np.ndarray) -> np.ndarray:
    """Largest eigenvalue of a symmetric matrix, a scalar."""
    return np.array([[_top(x)[0]]])


defvjp(eigmax, lambda ans, x: lambda g: g[0, 0] * np.outer(_top(x)[1], _top(x)[1]))


@primitive
def vmax(x: np.ndarray) -> np.ndarray:
    """Unit eigenvector of the largest eigenvalue; its sign is free."""
    return _top(x)[1][:, None]


def _vmax_pullback(ans: Array, x: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    value, vector = _top(x)
    spread = np.linalg.pinv(value * np.eye(len(vector)) - x)
    return lambda g: spread @ g @ vector[None, :]


defvjp(vmax, _vmax_pullback)


# -- guards: what must hold of the arguments ------------------------------------------------------
def _regular(x: np.ndarray) -> None:
    require(np.linalg.cond(x) < 300, "badly conditioned")


def _no_negative_axis(x: np.ndarray) -> None:
    _regular(x)
    eigenvalues = np.linalg.eigvals(x)
    require((eigenvalues.real > 0.05) | (np.abs(eigenvalues.imag) > 0.05), "negative axis")


def _symmetric(x: np.ndarray) -> None:
    require(np.abs(x - x.T) < 1e-9 * (1 + np.abs(x)), "not symmetric")
    values = np.linalg.eigvalsh(x)
    require(np.diff(values) > 0.05, "eigenvalues not apart")


def _positive(x: np.ndarray) -> None:
    require(x > MARGIN, "not positive")


def _apart_from_zero(x: np.ndarray) -> None:
    require(np.abs(x) > MARGIN, "near zero")


def _norm(x: np.ndarray) -> None:
    require(np.linalg.norm(x) > MARGIN, "norm near zero")


def _full_rank(x: np.ndarray) -> None:
    _regular(x)


GUARDS: dict[str, Callable[[np.ndarray], None]] = {
    "log": _positive, "sqrt": _positive, "lgamma": _positive, "digamma": _positive,
    "trigamma": _positive, "abs": _apart_from_zero, "sign": _apart_from_zero,
    "relu": _apart_from_zero, "leakyrelu": _apart_from_zero, "step": _apart_from_zero,
    "norm1": _apart_from_zero, "norm2": _norm, "normF": _norm, "inv": _regular,
    "det": _regular, "adj": _regular, "logdet": _regular, "pinv": _full_rank,
    "logm": _no_negative_axis, "sqrtm": _no_negative_axis, "eigmax": _symmetric,
    "vmax": _symmetric, "tan": lambda x: require(np.abs(np.cos(x)) > 0.05, "pole"),
    "arcsin": lambda x: require(np.abs(x) < 0.99, "|x| > 1"),
    "arccos": lambda x: require(np.abs(x) < 0.99, "|x| > 1"),
    "exp": lambda x: require(x < 9, "large"), "expm": lambda x: require(np.abs(x) < 4, "large"),
    "sinm": lambda x: require(np.abs(x) < 4, "large"),
    "cosm": lambda x: require(np.abs(x) < 4, "large"),
    "sinh": lambda x: require(np.abs(x) < 9, "large"),
    "cosh": lambda x: require(np.abs(x) < 9, "large"),
}  # fmt: skip


# -- values ----------------------------------------------------------------------------------------
def _column(x: Array) -> Array:
    return anp.reshape(x.T, (-1, 1))


def _lse(x: Array, axis: int) -> Array:
    top = np.max(getval(x), axis=axis, keepdims=True)
    return top + anp.log(anp.sum(anp.exp(x - top), axis=axis, keepdims=True))


def _all_lse(x: Array) -> Array:
    return _lse(_column(x), 0)


def _scalar(x: Array) -> Array:
    return anp.reshape(x, (1, 1))


def _pinv(x: Array) -> Array:
    if x.shape[0] >= x.shape[1]:
        return anp.dot(anp.linalg.inv(anp.dot(x.T, x)), x.T)
    return anp.dot(x.T, anp.linalg.inv(anp.dot(x, x.T)))


def _diag(x: Array) -> Array:
    m, n = x.shape
    if n == 1:
        return anp.eye(m) * x
    if m == 1:
        return anp.eye(n) * x
    return anp.sum(anp.eye(m) * x, axis=1, keepdims=True)


def _matrix_power(x: Array, b: Array) -> Array:
    exponent = float(getval(b)[0, 0])
    if not isinstance(b, np.ndarray) or exponent != round(exponent) or abs(exponent) > 12:
        _no_negative_axis(getval(x))
        return expm(b * logm(x))
    if exponent < 0:
        _regular(getval(x))
        x, exponent = anp.linalg.inv(x), -exponent
    result: Array = anp.eye(x.shape[0])
    for _ in range(int(exponent)):
        result = anp.dot(result, x)
    return result


def _power(x: Array, b: Array) -> Array:
    if x.shape != (1, 1):
        return _matrix_power(x, b)
    return _entry_power(x, b)


def _entry_power(x: Array, b: Array) -> Array:
    exponent = float(getval(b)[0, 0])
    if not isinstance(b, np.ndarray) or exponent != round(exponent):
        _positive(getval(x))
        return anp.exp(b * anp.log(x))
    if exponent < 0:
        _apart_from_zero(getval(x))
        return 1.0 / _entry_power(x, -b)
    result: Array = anp.ones(x.shape)
    for _ in range(int(exponent)):
        result = result * x
    return result


def _extreme(pick: Callable[..., Any]) -> Callable[..., Array]:
    def value(x: Array, y: Array) -> Array:
        a, b = getval(x), getval(y)
        require(np.abs(a - b) > MARGIN, "tie")
        first = (pick(a, b) == a) * 1.0
        return first * x + (1.0 - first) * y

    return value


def _vech(x: Array) -> Array:
    n = x.shape[0]
    keep = [j * n + i for j in range(n) for i in range(j, n)]
    return _column(x)[np.array(keep), :]


UNARY: dict[str, Callable[[Array], Array]] = {
    "transpose": lambda x: x.T, "tr": lambda x: _scalar(anp.sum(anp.eye(x.shape[0]) * x)),
    "sum": lambda x: _scalar(anp.sum(x)), "mean": lambda x: _scalar(anp.sum(x) / x.size),
    "sum_rows": lambda x: anp.sum(x, axis=1, keepdims=True),
    "sum_cols": lambda x: anp.sum(x, axis=0, keepdims=True),
    "diag": _diag, "vec": _column, "vech": _vech,
    "exp": anp.exp, "log": anp.log, "sqrt": anp.sqrt, "sin": anp.sin, "cos": anp.cos,
    "tan": anp.tan, "sinh": anp.sinh, "cosh": anp.cosh, "tanh": anp.tanh, "arcsin": anp.arcsin,
    "arccos": anp.arccos, "arctan": anp.arctan, "erf": erf, "lgamma": gammaln, "digamma": psi,
    "trigamma": lambda x: polygamma(1, x), "abs": lambda x: x * np.sign(getval(x)),
    "sign": lambda x: np.sign(getval(x)), "step": lambda x: 1.0 * (getval(x) > 0),
    "relu": lambda x: x * (getval(x) > 0),
    "leakyrelu": lambda x: x * np.where(getval(x) > 0, 1.0, 0.01),
    "sigmoid": lambda x: 0.5 * (1 + anp.tanh(x / 2)), "softplus": lambda x: anp.logaddexp(x, 0.0),
    "gelu": lambda x: x * 0.5 * (1 + erf(x / np.sqrt(2))),
    "inv": anp.linalg.inv, "det": lambda x: _scalar(anp.linalg.det(x)),
    "logdet": lambda x: _scalar(anp.linalg.slogdet(x)[1]),
    "adj": lambda x: anp.linalg.det(x) * anp.linalg.inv(x), "pinv": _pinv,
    "expm": expm, "logm": logm, "sqrtm": sqrtm, "sinm": sinm, "cosm": cosm, "eigmax": eigmax,
    "vmax": vmax,
    "norm1": lambda x: _scalar(anp.sum(x * np.sign(getval(x)))),
    "norm2": lambda x: _scalar(anp.sqrt(anp.sum(x * x))),
    "normF": lambda x: _scalar(anp.sqrt(anp.sum(x * x))),
    "logsumexp": _all_lse, "softmax": lambda x: anp.exp(x - _all_lse(x)),
    "logsoftmax": lambda x: x - _all_lse(x), "logsumexp_rows": lambda x: _lse(x, 1),
    "softmax_rows": lambda x: anp.exp(x - _lse(x, 1)), "logsoftmax_rows": lambda x: x - _lse(x, 1),
}  # fmt: skip
BINARY: dict[str, Callable[[Array, Array], Array]] = {
    "pow": _power, "epow": _entry_power, "max": _extreme(np.maximum), "min": _extreme(np.minimum),
    "kron": lambda x, y: anp.reshape(
        x[:, None, :, None] * y[None, :, None, :],
        (x.shape[0] * y.shape[0], x.shape[1] * y.shape[1])),
}  # fmt: skip


def _multiply(args: list[Array]) -> Array:
    result = args[0]
    for x in args[1:]:
        scalar = result.shape == (1, 1) or x.shape == (1, 1)
        result = result * x if scalar else anp.dot(result, x)
    return result


def _total(args: list[Array]) -> Array:
    result = args[0]
    for x in args[1:]:
        result = result + x
    return result


def _entrywise(args: list[Array]) -> Array:
    result = args[0]
    for x in args[1:]:
        result = result * x
    return result


MANY: dict[str, Callable[[list[Array]], Array]] = {
    "add": _total, "mul": _multiply, "hadamard": _entrywise,
    "hcat": lambda args: anp.concatenate(args, axis=1),
    "vcat": lambda args: anp.concatenate(args, axis=0),
}  # fmt: skip


def _commutation(m: int, n: int) -> np.ndarray:
    k = np.zeros((m * n, m * n))
    for i in range(m):
        for j in range(n):
            k[i * n + j, j * m + i] = 1
    return k


def _duplication(n: int) -> np.ndarray:
    d = np.zeros((n * n, n * (n + 1) // 2))
    column = 0
    for j in range(n):
        for i in range(j, n):
            d[j * n + i, column] = d[i * n + j, column] = 1
            column += 1
    return d


def _elimination(n: int) -> np.ndarray:
    return np.eye(n * n)[[j * n + i for j in range(n) for i in range(j, n)]]


def _unit(n: int, i: int) -> np.ndarray:
    return np.eye(n)[:, [i - 1]]


CONSTANTS: dict[str, Callable[..., np.ndarray]] = {
    "eye": np.eye, "ones": lambda m, n: np.ones((m, n)), "zeros": lambda m, n: np.zeros((m, n)),
    "unit": _unit, "commut": _commutation, "dup": _duplication, "elim": _elimination,
    "pi": lambda: np.array([[np.pi]]),
}  # fmt: skip


def evaluate(
    root: Expr, values: Mapping[str, Array], sizes: Mapping[str, int],
    phi: Callable[[str, int], Callable[[Array], Array]],
) -> Array:  # fmt: skip
    """The value, traceable by autograd; ``phi(name, order)`` gives the abstract functions."""
    memo: dict[Expr, Array] = {}
    for e in postorder(root):
        args = [memo[a] for a in e.args]
        if e.op in GUARDS:
            GUARDS[e.op](getval(args[0]))
        memo[e] = _node(e, args, values, sizes, phi)
        plain = getval(memo[e])
        expected = (int(e.shape[0].at(sizes)), int(e.shape[1].at(sizes)))
        if plain.shape != expected:
            raise AssertionError(f"{e.op}: shape {plain.shape}, the expression says {expected}")
        require(np.isfinite(plain) & (np.abs(plain) < LARGEST), "large or not finite")
    return memo[root]


def _node(
    e: Expr, args: list[Array], values: Mapping[str, Array], sizes: Mapping[str, int],
    phi: Callable[[str, int], Callable[[Array], Array]],
) -> Array:  # fmt: skip
    if e.op == "symbol":
        return values[e.name]
    if e.op == "number":
        return np.array([[float(e.value)]])
    if e.op == "size":
        return np.array([[float(_dim(e.params[0], sizes))]])
    if e.op in UNARY:
        return UNARY[e.op](args[0])
    if e.op in BINARY:
        return BINARY[e.op](args[0], args[1])
    if e.op in MANY:
        shape = (int(e.shape[0].at(sizes)), int(e.shape[1].at(sizes)))
        result = MANY[e.op](args)
        return result if result.shape == shape else result * np.ones(shape)
    if e.op == "call":
        return phi(str(e.params[0]), int(str(e.params[1])))(args[0])
    return CONSTANTS[e.op](*(_dim(p, sizes) for p in e.params))


def _dim(p: object, sizes: Mapping[str, int]) -> int:
    return int(p.at(sizes)) if isinstance(p, Dim) else int(str(p))


Pullback = Callable[[np.ndarray], np.ndarray]


def value_and_pullback(
    root: Expr, by: str, values: Mapping[str, np.ndarray], sizes: Mapping[str, int],
    phi: Callable[[str, int], Callable[[Array], Array]],
) -> tuple[np.ndarray, Pullback]:  # fmt: skip
    """Value, and cotangent of the value -> gradient by the variable ``by``."""

    def f(x: Array) -> Array:
        return evaluate(root, {**values, by: x}, sizes, phi)

    pull, value = make_vjp(f, values[by])
    return value, pull
