"""Certification: a claimed derivative against central differences on the input, extrapolated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from chainrule.errors import ChainruleError
from chainrule.expr import Expr, node
from chainrule.numeric.evaluate import Array, evaluate
from chainrule.numeric.sample import Point, draw, sample

TOLERANCE = 1e-6  # relative error of a point that agrees
GROSS = 1e-4  # relative error of a point that disagrees; between the two it is not conclusive
MOST_TRIALS = 7
STEPS = (2e-3, 3e-4, 1e-2)
NOISE = 1e-13


@dataclass(frozen=True)
class Certificate:
    """Outcome of a check: ``equal``, ``different`` or ``unknown``."""

    verdict: str
    by: tuple[str, ...] = ()
    sizes: dict[str, int] = field(default_factory=dict)
    max_relative_error: float | None = None
    detail: str = ""


def directional(
    f: Expr, x: Expr, point: Point, direction: Array, step: float = STEPS[0]
) -> tuple[Array, float]:
    """d/dt f(x + t·direction) at t = 0: central differences, extrapolated twice.

    Returns
    -------
    slope, noise
        The derivative and an estimate of its error, in the units of ``f``.
    """
    base = point.values[x.name]
    held = dict(point.values)

    def at(t: float) -> Array:
        held[x.name] = base + t * direction
        return evaluate(f, held, point.sizes)

    def slope(h: float) -> Array:
        return (at(h) - at(-h)) / (2 * h)

    one, two, four = slope(step), slope(step / 2), slope(step / 4)
    first, second = (4 * two - one) / 3, (4 * four - two) / 3
    noise = float(np.abs(second - first).max(initial=0.0))
    return (16 * second - first) / 15, noise


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
    """
    failed: dict[str, int] = {}
    dx = node("symbol", (), ("d" + wrt.name,), wrt.shape)
    errors: list[float] = []
    sizes: dict[str, int] = {}
    for trial in range(MOST_TRIALS):
        try:
            point = sample([f, wrt], seed=trial)
        except ChainruleError as error:
            if errors:
                break
            return Certificate("unknown", detail=error.message)
        rng = np.random.default_rng((trial, 7))
        direction = _direction(wrt, point, rng, structure)
        point.values[dx.name] = direction
        error_here = _deviation(f, wrt, claim, kind, where, structure, point, direction)
        if error_here is None:
            return Certificate("unknown", detail="the claim cannot be evaluated numerically")
        errors.append(error_here)
        if error_here > TOLERANCE:
            failed = point.sizes
        sizes = sizes or point.sizes
        verdict = _verdict(errors, trials)
        if verdict == "equal":
            good = [e for e in errors if e <= TOLERANCE]
            return Certificate("equal", ("numerical",), sizes, max(good))
        if verdict == "different":
            return Certificate("different", ("numerical",), failed, max(errors),
                               f"relative error {max(errors):.1e} at sizes {failed}")  # fmt: skip
    if errors and all(e <= TOLERANCE for e in errors):
        return Certificate("equal", ("numerical",), sizes, max(errors))
    return Certificate("unknown", (), sizes, max(errors, default=None),
                       "the numerical derivative was too noisy to decide")  # fmt: skip


def _verdict(errors: Sequence[float], trials: int) -> str | None:
    """Decide once the points agree: one bad point may be noise or a kink, two are a mistake."""
    bad = sum(e > GROSS for e in errors)
    good = sum(e <= TOLERANCE for e in errors)
    if bad >= 2:
        return "different"
    return "equal" if good >= trials and bad == 0 else None


def _deviation(
    f: Expr, wrt: Expr, claim: Expr, kind: str, where: Sequence[tuple[str, Expr]],
    structure: str | None, point: Point, direction: Array,
) -> float | None:  # fmt: skip
    cache: dict[Expr, Array] = {}
    values = dict(point.values)
    with np.errstate(all="ignore"):
        for name, e in where:
            values[name] = evaluate(e, values, point.sizes)
        value = evaluate(claim, values, point.sizes, cache)
        if not np.all(np.isfinite(value)):
            return None
        predicted = _predicted(value, kind, direction, structure)
        best = np.inf
        for step in STEPS:
            numeric, noise = directional(f, wrt, point, direction, step)
            if numeric.shape != predicted.shape:
                if numeric.size != predicted.size:
                    return np.inf
                numeric = numeric.reshape(predicted.shape, order="F")
            scale = max(
                float(np.abs(numeric).max(initial=0.0)), float(np.abs(predicted).max(initial=0.0))
            )
            size = float(np.abs(evaluate(f, point.values, point.sizes)).max(initial=0.0))
            floor = 1e-9 + NOISE * size / step / TOLERANCE
            error = float(np.abs(numeric - predicted).max(initial=0.0)) / (scale + floor)
            if error > TOLERANCE and noise / (scale + floor) > TOLERANCE:
                error = min(error, GROSS)  # the differences themselves are too noisy to accuse
            best = min(best, error)
            if best < TOLERANCE:
                break
    return best


def _predicted(value: Array, kind: str, direction: Array, structure: str | None) -> Array:
    turned = value.T if kind.endswith("_T") else value
    match kind.removesuffix("_T"):
        case "gradient":
            weights = direction
            if structure == "symmetric_entries" or structure == "skew_entries":
                weights = np.tril(direction)
            if turned.shape != weights.shape:
                turned = turned.reshape(weights.shape)
            return np.array([[float((turned * weights).sum())]])
        case "jacobian" | "vec":
            return np.asarray(turned @ direction.reshape(-1, 1, order="F"))
        case "by_scalar":
            return np.asarray(turned * direction[0, 0])
        case _:
            return value


def _direction(x: Expr, point: Point, rng: np.random.Generator, structure: str | None) -> Array:
    shape = point.values[x.name].shape
    d = rng.uniform(0.3, 1.0, shape) * np.where(rng.random(shape) < 0.5, -1.0, 1.0)
    kept = {"symmetric", "positive_definite", "diagonal", "skew"} & x.traits
    if structure is not None or kept:
        if "diagonal" in kept:
            d = np.diag(np.diag(d))
        elif "skew" in kept:
            d = (d - d.T) / 2
        elif kept:
            d = (d + d.T) / 2
    return d


__all__ = ["Certificate", "check", "directional", "draw"]
