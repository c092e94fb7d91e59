"""Is a point good for a numerical check? Inside every domain, off the kinks, well conditioned."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from chainrule.expr import Expr, postorder
from chainrule.numeric.special import Array


@dataclass(frozen=True)
class Margin:
    """How far from trouble a point must stay."""

    kink: float
    gap: float  # from the border of a domain
    condition: float
    magnitude: float
    tiny: float  # smaller values, unless exactly zero, say nothing about their derivative
    angle: float  # of what oscillates; faster than that no difference quotient follows
    singular: bool = False  # may det and adj meet singular matrices?


#: Comfortable first; the later ones for formulas that leave no such room.
MARGINS = (
    Margin(1e-2, 5e-2, 1e3, 1e5, 1e-8, 20.0),
    Margin(1e-2, 2e-2, 1e4, 1e7, 1e-14, 50.0),
    Margin(3e-3, 5e-3, 1e6, 1e12, 0.0, 1e3, singular=True),
)
KINKED = frozenset({"relu", "abs", "sign", "step", "leakyrelu", "norm1", "max", "min"})
TOO_LARGE = "becomes too large"
TOO_SMALL = "nearly vanishes"
BAND = 0.3  # chance-wise share of points lost to kinks; many kinks get a narrower margin each


def problem(
    e: Expr, value: Array, memo: Mapping[Expr, Array], margin: Margin, kink: float
) -> str | None:
    """What is wrong with the value of a node, in words; None if nothing is."""
    square = float(np.vdot(value, value))
    if not square <= margin.magnitude**2 * value.size:  # also true of nan
        return OUTSIDE if np.isnan(value).any() else TOO_LARGE
    if 0 < square < margin.tiny**2:
        return TOO_SMALL
    if e.op in KINKED:
        near = np.abs(kink_argument(e, memo))
        return "comes too close to its kink" if ((near > 0) & (near < kink)).any() else None
    rule = CHECKS.get(e.op)
    return rule(e, value, memo, margin) if rule is not None else None


def squared_norms(roots: Sequence[Expr]) -> frozenset[Expr]:
    """Norms that occur only in even powers: they have no kink."""
    even: set[Expr] = set()
    bare = set(roots)
    for e in postorder(*roots):
        for a in e.args:
            if a.op in ("norm2", "normF"):
                square = e.op == "pow" and e.args[1].op == "number" and e.args[1].value % 2 == 0
                (even if square and e.args[1].value > 0 else bare).add(a)
    return frozenset(even - bare)


def kink_argument(e: Expr, memo: Mapping[Expr, Array]) -> Array:
    """What jumps at zero in a kinked function.

    Exact zeros are structural at a random point: the diagonal of a skew matrix, max(x,x). The
    function is smooth along the structure; whoever leaves it has to look (``Line.stays``).
    """
    a = memo[e.args[0]]
    if e.op not in ("max", "min"):
        return a
    b = memo[e.args[1]]
    gap = a - b
    return np.where(np.abs(gap) <= 1e-13 * np.abs(a), 0.0, gap)  # equal but for rounding


Check = Callable[[Expr, Array, Mapping[Expr, Array], Margin], str | None]
OUTSIDE = "leaves its domain"
SINGULAR = "is (nearly) singular"
TINY = 1e-200
SATURATED = 1e-6


def _room(e: Expr, memo: Mapping[Expr, Array], margin: Margin) -> float:
    """How far from zero a node must stay: measured by its terms, as they may cancel.

    A product of scalars is as small as its factors are, without loss of precision.
    """
    if e.op == "add":
        return margin.gap * min(1.0, max(float(np.abs(memo[a]).max()) for a in e.args))
    if e.op == "pow" or (e.op in ("mul", "prod") and all(a.is_scalar for a in e.args)):
        return TINY
    return TINY if e.op in ("exp", "det") else margin.gap


def _positive(e: Expr, value: Array, memo: Mapping[Expr, Array], margin: Margin) -> str | None:
    low = float(memo[e.args[0]].min())
    return OUTSIDE if low < _room(e.args[0], memo, margin) else None


def _unit(e: Expr, value: Array, memo: Mapping[Expr, Array], margin: Margin) -> str | None:
    return OUTSIDE if float(np.abs(memo[e.args[0]]).max()) > 1 - margin.gap else None


def _tan(e: Expr, value: Array, memo: Mapping[Expr, Array], margin: Margin) -> str | None:
    if float(np.abs(value).max()) > 1 / margin.gap:
        return "comes too close to a pole"
    return _angle(e, value, memo, margin)


def _angle(e: Expr, value: Array, memo: Mapping[Expr, Array], margin: Margin) -> str | None:
    return TOO_LARGE if float(np.abs(memo[e.args[0]]).max()) > margin.angle else None


def _norm(e: Expr, value: Array, memo: Mapping[Expr, Array], margin: Margin) -> str | None:
    return "comes too close to its kink" if float(value[0, 0]) < margin.gap else None


def _inverse(e: Expr, value: Array, memo: Mapping[Expr, Array], margin: Margin) -> str | None:
    a = memo[e.args[0]]
    return SINGULAR if _norms(a) * _norms(value) > margin.condition * len(a) else None


def _norms(a: Array) -> float:
    return math.sqrt(float(np.vdot(a, a)))


def _regular(e: Expr, value: Array, memo: Mapping[Expr, Array], margin: Margin) -> str | None:
    if margin.singular and e.op != "logdet":
        return None
    return SINGULAR if np.linalg.cond(memo[e.args[0]]) > margin.condition else None


def _spread(e: Expr, value: Array, memo: Mapping[Expr, Array], margin: Margin) -> str | None:
    """Where one probability is 1 the derivative is rounding."""
    top = value.max(axis=1) if e.op == "softmax_rows" else value.max()
    return "is saturated" if margin.tiny and bool((top > 1 - SATURATED).all()) else None


def _full_rank(e: Expr, value: Array, memo: Mapping[Expr, Array], margin: Margin) -> str | None:
    s = np.linalg.svd(memo[e.args[0]], compute_uv=False)
    return SINGULAR if s[-1] * margin.condition < s[0] or s[0] == 0 else None


def _off_cut(e: Expr, value: Array, memo: Mapping[Expr, Array], margin: Margin) -> str | None:
    w = np.linalg.eigvals(memo[e.args[0]])
    near = (w.real < margin.gap) & (np.abs(w.imag) < margin.gap)
    return OUTSIDE if bool(near.any()) else None


def _separated(e: Expr, value: Array, memo: Mapping[Expr, Array], margin: Margin) -> str | None:
    a = memo[e.args[0]]
    if float(np.abs(a - a.T).max()) > 1e-9 * (1 + float(np.abs(a).max())):
        return "needs a symmetric matrix"
    w = np.linalg.eigvalsh(a)
    return "has a (nearly) repeated eigenvalue" if len(w) > 1 and w[-1] - w[-2] < 0.05 else None


def _power(e: Expr, value: Array, memo: Mapping[Expr, Array], margin: Margin) -> str | None:
    a, exponent = memo[e.args[0]], e.args[1]
    k = float(memo[exponent][0, 0])
    whole = k == int(k) and exponent.op == "number"
    if e.op == "pow" and a.size > 1:
        return _off_cut(e, value, memo, margin) if not whole else (
            _regular_power(a, margin) if k < 0 else None)  # fmt: skip
    if not whole:
        return OUTSIDE if float(a.min()) < _room(e.args[0], memo, margin) else None
    near = k < 0 and float(np.abs(a).min()) < _room(e.args[0], memo, margin)
    return "comes too close to 0" if near else None


def _regular_power(a: Array, margin: Margin) -> str | None:
    return SINGULAR if np.linalg.cond(a) > margin.condition else None


CHECKS: dict[str, Check] = {
    "log": _positive, "sqrt": _positive, "lgamma": _positive, "digamma": _positive,
    "trigamma": _positive, "sin": _angle, "cos": _angle, "call": _angle,
    "arcsin": _unit, "arccos": _unit, "tan": _tan,
    "softmax": _spread, "softmax_rows": _spread,
    "norm2": _norm, "normF": _norm, "inv": _inverse, "logdet": _regular, "det": _regular,
    "adj": _regular, "pinv": _full_rank, "logm": _off_cut, "sqrtm": _off_cut,
    "eigmax": _separated, "vmax": _separated, "pow": _power, "epow": _power,
}  # fmt: skip
