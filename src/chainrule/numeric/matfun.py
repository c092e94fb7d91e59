"""Functions of whole matrices: exponential, logarithm, roots, adjugate, leading eigenvector."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Numerator of the [13/13] Padé approximant of exp, and the norm up to which it is exact to
#: double precision (Higham, SIAM J. Matrix Anal. Appl. 26, 2005).
PADE = (64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800,
        129060195264000, 10559470521600, 670442572800, 33522128640, 1323241920, 40840800,
        960960, 16380, 182, 1)  # fmt: skip
PADE_NORM = 5.371920351148152
DEFECTIVE = 1e6  # condition of the eigenvectors from which the eigenvalue formula is too inexact


def _expm(a: NDArray[Any]) -> NDArray[Any]:
    norm = float(np.abs(a).sum(axis=0).max(initial=0.0))
    if not np.isfinite(norm) or norm > 1e4:
        return np.full(a.shape, np.nan)
    halvings = max(0, int(np.ceil(np.log2(norm / PADE_NORM)))) if norm > 0 else 0
    a = a / 2.0**halvings
    one = np.eye(a.shape[0])
    a2 = a @ a
    a4 = a2 @ a2
    a6 = a4 @ a2
    c = [float(x) for x in PADE]
    odd = a @ (a6 @ (c[13] * a6 + c[11] * a4 + c[9] * a2)
               + c[7] * a6 + c[5] * a4 + c[3] * a2 + c[1] * one)  # fmt: skip
    even = (a6 @ (c[12] * a6 + c[10] * a4 + c[8] * a2)
            + c[6] * a6 + c[4] * a4 + c[2] * a2 + c[0] * one)  # fmt: skip
    result: NDArray[Any] = np.linalg.solve(even - odd, even + odd)
    for _ in range(halvings):
        result = result @ result
    return result


def expm(a: Array) -> Array:
    """Matrix exponential by scaling and squaring."""
    return np.asarray(_expm(a), dtype=float)


def sinm(a: Array) -> Array:
    """Matrix sine: exp(iA) = cos A + i sin A, both real for a real A."""
    return np.asarray(_expm(1j * a).imag, dtype=float)


def cosm(a: Array) -> Array:
    """Matrix cosine."""
    return np.asarray(_expm(1j * a).real, dtype=float)


Spectral = Callable[[NDArray[Any]], NDArray[Any]]


def _spectral(a: Array, function: Spectral, slow: Callable[[Array], Any]) -> Array:
    """f(A) from the eigenvalues, NaN where the principal value is not real."""
    if not np.isfinite(a).all():
        return np.full(a.shape, np.nan)
    if np.array_equal(a, a.T):
        w, v = np.linalg.eigh(a)
        return np.asarray((v * function(w)) @ v.T)
    values, vectors = np.linalg.eig(a)
    if np.linalg.cond(vectors) > DEFECTIVE:
        found = np.asarray(slow(a))
    else:
        of_values = function(values.astype(complex))
        found = (vectors * of_values) @ np.linalg.inv(vectors)
    size = float(np.abs(found).max(initial=0.0))
    if float(np.abs(found.imag).max(initial=0.0)) > 1e-7 * size:
        return np.full(a.shape, np.nan)
    return np.asarray(found.real, dtype=float)


def _scipy(name: str) -> Callable[..., Any]:
    from scipy import linalg  # only for matrices without a basis of eigenvectors

    function: Callable[..., Any] = getattr(linalg, name)
    return function


def logm(a: Array) -> Array:
    """Principal matrix logarithm; NaN where it is not real."""
    return _spectral(a, np.log, lambda x: _scipy("logm")(x))


def sqrtm(a: Array) -> Array:
    """Principal matrix square root; NaN where it is not real."""
    return _spectral(a, np.sqrt, lambda x: _scipy("sqrtm")(x))


def power(a: Array, p: Array) -> Array:
    """``a^p``: of a scalar, or of a square matrix (principal value for a fractional p)."""
    k = float(p[0, 0])
    if a.size == 1:
        return np.asarray(a ** int(k) if 0 <= k < 64 and k == int(k) else a**k)
    if not np.isfinite(k):
        return np.full(a.shape, np.nan)
    if k == int(k):
        return np.linalg.matrix_power(a, int(k))
    return _spectral(a, lambda w: w**k, lambda x: _scipy("fractional_matrix_power")(x, k))


@lru_cache(maxsize=32)
def _minors(n: int) -> tuple[NDArray[Any], Array]:
    """For each row the others, and the signs of the cofactors."""
    others = np.array([[k for k in range(n) if k != i] for i in range(n)], dtype=np.intp)
    i = np.arange(n)
    signs: Array = np.where((i[:, None] + i) % 2, -1.0, 1.0)
    return others.reshape(n, n - 1), signs


def adj(a: Array) -> Array:
    """Adjugate from the cofactors, so also of a singular matrix."""
    others, signs = _minors(a.shape[0])
    minors = a[others[:, None, :, None], others[None, :, None, :]]
    return np.asarray((signs * np.linalg.det(minors)).T)


def _leading(a: Array) -> tuple[Array, Array]:
    w, v = np.linalg.eigh((a + a.T) / 2)
    return w, v[:, -1:]


def eigmax(a: Array) -> Array:
    """Largest eigenvalue of the symmetric part."""
    return _leading(a)[0][-1:].reshape(1, 1)


def vmax(a: Array) -> Array:
    """Its unit eigenvector, with the entry of largest magnitude positive."""
    top = _leading(a)[1]
    return np.asarray(top * np.sign(top[np.argmax(np.abs(top[:, 0])), 0]))
