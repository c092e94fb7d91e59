"""Verdicts by numerical differentiation alone, for derivatives that have no notation."""

from __future__ import annotations

import numpy as np

from chainrule.check.case import Case
from chainrule.check.counter import lists, rounded
from chainrule.check.layouts import derivative_of, has_derivative
from chainrule.check.points import Points
from chainrule.check.replay import script
from chainrule.check.rough import Board, close, solid
from chainrule.check.verdict import Counterexample, Slip, Verdict
from chainrule.errors import ChainruleError
from chainrule.expr import Expr
from chainrule.numeric import check
from chainrule.numeric.draw import honours
from chainrule.numeric.line import directional
from chainrule.numeric.sample import FAILURES, Point
from chainrule.numeric.special import Array
from chainrule.ops import zeros

LAYOUTS = (("gradient", ""), ("numerator", "_T"))


def by_differences(case: Case) -> Verdict | None:
    """The verdict on ``grad(f,x) = G`` where the derivative cannot be written; None if none."""
    for k, side in enumerate(case.claim.sides):
        other = case.claim.sides[1 - k]
        if side.op != "grad" or len(side.args) != 2 or has_derivative(other):
            continue
        try:
            return _judged(case, side, solid(other))
        except ChainruleError:
            return None
    return None


def _judged(case: Case, side: Expr, other: Expr) -> Verdict | None:
    f, x = derivative_of(side)
    kind = "gradient" if f.is_scalar else "by_scalar" if x.is_scalar else "jacobian"
    found = [(name, check(f, x, other, kind + turned)) for name, turned in LAYOUTS]
    own = case.layout or "gradient"
    for name, result in found:
        if result.verdict == "equal":
            verdict = "true" if name == own else "true_in_layout"
            return Verdict(verdict, name, by=result.by)
    if kind != "gradient" or any(result.verdict != "different" for _, result in found):
        return None
    example = _example(f, x, other, side)
    if example is None:
        return None
    slip = Slip("other", "the derivative has no closed form; by difference quotients it is another")
    return Verdict("false", own, (), slip, (), example, by=("numerical",))


def _example(f: Expr, x: Expr, other: Expr, side: Expr) -> Counterexample | None:
    points = Points([f, other])
    for seed in range(4):
        sizes = {n: 2 + (k + seed) % 2 for k, n in enumerate(points.sampler.sizing.names)}
        exact = points.small(seed, sizes)
        if exact is None:
            continue
        for digits in (1, 2, None):
            point = exact if digits is None else rounded(points, exact, digits)
            if not honours(x, point.values[x.name]):
                continue
            try:
                value, claimed = gradient_at(f, x, point), _value(other, point)
            except FAILURES:
                continue
            if claimed is None or not np.isfinite(value).all() or close(value, claimed, 1e-4):
                continue
            text = "" if x.traits else script(side, other, zeros(*x.shape), other, point)
            values = {n: lists(v) for n, v in point.values.items()}
            return Counterexample(dict(point.sizes), values, lists(np.round(value, 9)),
                                  lists(claimed), text)  # fmt: skip
    return None


def _value(e: Expr, point: Point) -> Array | None:
    return Board(Point(point.sizes, point.values)).value(e)


def gradient_at(f: Expr, x: Expr, point: Point) -> Array:
    """The gradient of a scalar, entry by entry, by difference quotients."""
    base = point.values[x.name]
    out = np.zeros(base.shape)
    for at in np.ndindex(*base.shape):
        direction = np.zeros(base.shape)
        direction[at] = 1.0
        out[at] = directional(f, x, point, direction)[0, 0]
    return out


__all__ = ["by_differences", "gradient_at"]
