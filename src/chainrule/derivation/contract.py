"""Values of lines in index notation: every term an Einstein sum over entries."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from chainrule.derivation.entries import IndexLine, live_indices
from chainrule.tensor.ir import Exponent, Index, Term, exponent_expr

if TYPE_CHECKING:
    from chainrule.derivation.witness import Witness
    from chainrule.numeric.sample import Point

Array = Any


def tensor_value(line: IndexLine, w: Witness, p: Point) -> Array:
    """The array over the free indices of a line."""
    import numpy as np

    total = np.zeros([i.dim.at(p.sizes) for i in line.free])
    for t in line.terms:
        total = total + _term(t, line.free, w, p)
    return total


def _term(t: Term, free: tuple[Index, ...], w: Witness, p: Point) -> Array:
    import numpy as np

    labels: dict[Index, int] = {}

    def label(i: Index) -> int:
        return labels.setdefault(i, len(labels))

    operands: list[Any] = []
    for e, i, j, power in t.factors:
        value = _raised(w.value_at(e, p), power, w, p)
        axes = [label(k) for k in (i, j) if k is not None]
        shape = [n for n, k in zip(value.shape, (i, j), strict=True) if k is not None]
        operands += [value.reshape(shape), axes]
    for a, b in t.deltas:
        operands += [np.eye(a.dim.at(p.sizes)), [label(a), label(b)]]
    for whole, slow, fast in t.pairs:
        m, n = slow.dim.at(p.sizes), fast.dim.at(p.sizes)
        operands += [np.eye(m * n).reshape(m * n, m, n), [label(whole), label(slow), label(fast)]]
    seen = live_indices(t)
    for k in (*free, *t.bound):
        if k not in seen:
            seen.add(k)
            operands += [np.ones(k.dim.at(p.sizes)), [label(k)]]
    value = np.einsum(*operands, [label(k) for k in free], optimize=True) if operands else 1.0
    for base, power in t.scalars.items():
        value = value * float(_raised(w.value_at(base, p), power, w, p).item())
    return float(t.coef) * np.asarray(value)


def _raised(value: Array, power: Exponent, w: Witness, p: Point) -> Array:
    import numpy as np

    if power == 1:
        return value
    exponent = float(power) if isinstance(power, Fraction) else float(
        w.value_at(exponent_expr(power), p).item())  # fmt: skip
    with np.errstate(all="ignore"):
        return np.power(value, exponent)
