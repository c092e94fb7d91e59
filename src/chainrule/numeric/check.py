"""Certification: a claimed derivative against a numerical derivative of the input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from chainrule.dims import ONE, Shape
from chainrule.errors import ChainruleError, UsageError
from chainrule.expr import Expr
from chainrule.numeric.domain import KINKED, kink_argument
from chainrule.numeric.evaluate import evaluate
from chainrule.numeric.line import STEPS, Line
from chainrule.numeric.sample import FAILURES, Point, Sampler
from chainrule.numeric.special import Array

TOLERANCE = 1e-6  # relative error of a point that agrees
GROSS = 1e-4  # relative error of a point that disagrees; between the two it is not conclusive
MOST_TRIALS = 10
LARGE = 500  # nodes from which on fewer points must do
RESOLVED = 1e-2  # relative error of a difference quotient that follows its function
ROUNDING = 1e-13  # rounding noise of an evaluation, relative to the largest number in it
KINDS = frozenset({"gradient", "gradient_T", "jacobian", "jacobian_T", "vec", "vec_T",
                   "by_scalar", "by_scalar_T", "differential"})  # fmt: skip


@dataclass(frozen=True)
class Certificate:
    """Outcome of a check.

    Attributes
    ----------
    verdict
        ``equal``, ``different`` or ``unknown``.
    by
        ``("numerical",)``, or ``("shape",)`` if the sizes alone decide.
    sizes
        Numbers of the named sizes at a point that decided.
    max_relative_error
        Largest relative error of the points that agreed, or the error that disagrees.
    detail
        What was found, for a person.
    """

    verdict: str
    by: tuple[str, ...] = ()
    sizes: dict[str, int] = field(default_factory=dict)
    max_relative_error: float | None = None
    detail: str = ""


@dataclass(frozen=True)
class _Judgement:
    """What one direction at a point says: agrees, disagrees, void (0 up to rounding), noisy."""

    kind: str
    error: float = 0.0
    moved: bool = False  # is the derivative other than zero?


def check(
    f: Expr,
    wrt: Expr,
    claim: Expr,
    kind: str,
    *,
    where: Sequence[tuple[str, Expr]] = (),
    structure: str | None = None,
    trials: int = 2,
) -> Certificate:
    """Is ``claim`` the derivative of ``f`` by ``wrt``?

    Random directions at random points, each with other sizes. A point decides against the claim
    only if two directions and two steps say so, well above the error of the differences; a
    function with kinks is tried until both sides of each have been seen.

    Parameters
    ----------
    kind
        What the claim is: ``gradient``, ``jacobian``, ``by_scalar``, each also with ``_T`` for its
        transpose; ``vec``, ``vec_T``; ``differential`` (contains ``d<name>``).
    where
        Names used by the claim, in order of definition.
    structure
        Convention for a structured variable: ``symmetric_project``, ``symmetric_entries``,
        ``skew_project``, ``skew_entries``, ``diagonal``.

    Raises
    ------
    UsageError
        For an unknown kind.
    """
    if kind not in KINDS:
        raise UsageError(f"unknown kind {kind!r}: use one of {', '.join(sorted(KINDS))}")
    wanted = _shape(f, wrt, kind)
    if claim.shape != wanted:
        return Certificate("different", ("shape",), detail=(
            f"the claim is {claim.shape[0]}×{claim.shape[1]}, "
            f"the derivative {wanted[0]}×{wanted[1]}"))  # fmt: skip
    given = frozenset([name for name, _ in where] + ["d" + wrt.name])
    sampler = Sampler([f, wrt], [claim, *(e for _, e in where)], given)
    zero = claim.op in ("zeros", "number")
    kinks = [e for e in sampler.nodes if e.op in KINKED]
    sides: set[tuple[Expr, bool]] = set()
    agreed: list[float] = []
    sizes: dict[str, int] = {}
    trouble, voids, moved = "", 0, False
    for trial in range(MOST_TRIALS if len(sampler.nodes) < LARGE else MOST_TRIALS // 2 + 1):
        try:
            point = sampler.point(trial)
        except ChainruleError as error:
            trouble = trouble or error.message
            if trial > 1:
                break
            continue
        claimed = _Claim(claim, kind, where, structure, point, "d" + wrt.name)
        try:
            found = _at_point(f, wrt, claimed, point, np.random.default_rng((trial, 7)))
        except (*FAILURES, KeyError) as error:
            trouble = f"the claim cannot be evaluated numerically ({error})"
            continue
        if found.kind == "disagrees":
            detail = f"relative error {found.error:.1e} at sizes {point.sizes}"
            return Certificate("different", ("numerical",), point.sizes, found.error, detail)
        if found.kind == "noisy":
            trouble = "the numerical derivative was too noisy to decide"
            continue
        voids += found.kind == "void"
        if found.kind == "agrees":
            agreed.append(found.error)
            moved = moved or found.moved
            sizes = sizes or point.sizes
        for e in kinks:
            argument = kink_argument(e, point.known)
            sides.update((e, side) for side in (True, False) if ((argument > 0) == side).any())
        if len(agreed) >= trials and (moved or zero) and len(sides) >= 2 * len(kinks):
            break
    if agreed and not moved and not zero and len(sides) < 2 * len(kinks):
        return Certificate("unknown", detail=(
            "only the side of a kink where the derivative is zero was met"))  # fmt: skip
    if agreed or voids >= trials:
        return Certificate("equal", ("numerical",), sizes, max(agreed, default=0.0))
    return Certificate("unknown", detail=trouble or "the derivative is too small to be checked")


def _shape(f: Expr, wrt: Expr, kind: str) -> Shape:
    """The shape a claim of the kind must have."""
    match kind.removesuffix("_T"):
        case "gradient":
            shape = wrt.shape
        case "jacobian" | "vec":
            shape = (f.shape[0] * f.shape[1], wrt.shape[0] * wrt.shape[1])
        case _:
            shape = f.shape
    return (shape[1], shape[0]) if kind.endswith("_T") else shape


class _Claim:
    """A claim at a point: what it predicts for a direction."""

    def __init__(
        self, claim: Expr, kind: str, where: Sequence[tuple[str, Expr]], structure: str | None,
        point: Point, differential: str,
    ) -> None:  # fmt: skip
        self.claim, self.kind, self.where = claim, kind.removesuffix("_T"), where
        self.structure, self.point, self.differential = structure, point, differential
        self.turned = kind.endswith("_T")
        self.value: Array | None = None

    def predict(self, direction: Array) -> Array:
        """The change of f; NaN if the claim lacks the structure that its convention demands."""
        value = self.value
        if value is None or self.kind == "differential":
            value = self._evaluate({self.differential: direction})
            if self.structure and self.kind == "gradient" and not _has(value, self.structure):
                value = np.full(value.shape, np.inf)
            self.value = value
        match self.kind:
            case "gradient":
                weights = direction
                if self.structure and self.structure.endswith("_entries"):
                    weights = np.tril(direction)  # each free entry once
                return np.array([[np.vdot(value, weights)]])
            case "jacobian" | "vec":
                return np.asarray(value @ direction.reshape(-1, 1, order="F"))
            case "by_scalar":
                return np.asarray(value * direction[0, 0])
            case _:
                return value

    def _evaluate(self, more: Mapping[str, Array]) -> Array:
        values = {**self.point.values, **more}
        cache = dict(self.point.known)
        for name, e in self.where:
            values[name] = evaluate(e, values, self.point.sizes, cache)
        value = evaluate(self.claim, values, self.point.sizes, cache)
        if not np.isfinite(value).all():
            raise ValueError("it is not finite")
        return value.T if self.turned else value


def _has(value: Array, structure: str) -> bool:
    """Is the value symmetric, skew, diagonal, as its convention says?"""
    if structure.startswith("symmetric"):
        off = value - value.T
    elif structure.startswith("skew"):
        off = value + value.T
    else:
        off = value - np.diag(np.diag(value))
    return float(np.abs(off).max()) <= TOLERANCE * float(np.abs(value).max())


def _at_point(
    f: Expr, wrt: Expr, claimed: _Claim, point: Point, rng: np.random.Generator
) -> _Judgement:
    """One direction; a second one if that disagrees."""
    with np.errstate(all="ignore"):
        line = Line(f, wrt, point)
        kinked = any(e.op in KINKED for e in line.live)
        found = _Judgement("noisy")
        for _ in range(2):
            direction = _direction(wrt, point, rng, claimed.structure, kinked)
            if kinked and not line.stays(direction):
                return _Judgement("noisy")
            found = _judge(line, claimed.predict(direction), direction)
            if found.kind != "disagrees":
                break
        return found


def _judge(line: Line, predicted: Array, direction: Array) -> _Judgement:
    if not np.isfinite(predicted).all():
        return _Judgement("disagrees", np.inf)
    tried: list[tuple[float, Array]] = []
    for step in STEPS:
        try:
            slope, error = line.slope(direction, step)
        except FAILURES:  # the step left the domain
            continue
        if not np.isfinite(error):
            continue
        slope = slope.reshape(predicted.shape, order="F")  # columns stacked, as vec does
        deviation = _largest(slope - predicted)
        scale = max(_largest(slope), _largest(predicted))
        if deviation <= TOLERANCE * scale:
            return _Judgement("agrees", deviation / scale if scale else 0.0, scale > 0)
        tried.append((error, slope))
        if len(tried) < 2:
            continue
        tried.sort(key=lambda pair: pair[0])
        (noise, best), (_, second) = tried[0], tried[1]
        noise = max(noise, _largest(best - second))
        deviation = _largest(best - predicted)
        size = _largest(best)
        scale = max(size, _largest(predicted))
        rounding = ROUNDING * line.magnitude() / STEPS[1]
        if scale <= rounding:
            return _Judgement("void")
        resolved = noise <= RESOLVED * size or size + noise <= rounding
        if resolved and deviation > GROSS * scale + 20 * noise:
            return _Judgement("disagrees", deviation / scale)
    return _Judgement("noisy")


def _largest(a: Array) -> float:
    return float(np.abs(a).max(initial=0.0))


def _direction(
    x: Expr, point: Point, rng: np.random.Generator, structure: str | None, kinked: bool
) -> Array:
    """Entries away from zero, of either sign, within the structure of the variable.

    A triangular variable is varied in all entries, which says more; but not if a kink may sit at
    its zeros.
    """
    shape = point.values[x.name].shape
    d = rng.uniform(0.3, 1.0, shape) * np.where(rng.random(shape) < 0.5, -1.0, 1.0)
    if x.shape == (ONE, ONE):
        return d
    held = structure or ""
    if "diagonal" in x.traits or held == "diagonal":
        return np.diag(np.diag(d))
    if "skew" in x.traits or held.startswith("skew"):
        return np.asarray((d - d.T) / 2)
    if {"symmetric", "positive_definite"} & x.traits or held.startswith("symmetric"):
        return np.asarray((d + d.T) / 2)
    if kinked and {"lower", "upper"} & x.traits:
        return np.tril(d) if "lower" in x.traits else np.triu(d)
    return d
