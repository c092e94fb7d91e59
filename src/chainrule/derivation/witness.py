"""Certification: numbers at generic points that every line of a derivation has to agree with.

A witness holds points with all sizes distinct, a direction for the variable and the values of all
named parts. Lines that follow from one another must have the same value at every point; the
differential of a named part must be its directional derivative, taken numerically.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chainrule.calculus.canonical import provably_equal
from chainrule.calculus.forms import Derivative
from chainrule.calculus.sweep import Sweep
from chainrule.errors import CertificateError, ChainruleError, UnsupportedError
from chainrule.expr import Expr, substitute
from chainrule.tensor.factor import cost

if TYPE_CHECKING:
    from chainrule.numeric.sample import Point

POINTS = 2
TIGHT = 1e-7  # relative deviation of two lines
LOOSE = 1e-4  # relative deviation of a difference quotient
SHORT = 80  # tokens up to which a proof by canonical form is tried
TRIALS = 8
NOISE = 4e-16  # rounding of one value, relative

Array = Any


class Witness:
    """Points at which the lines of one derivation are evaluated."""

    def __init__(self, f: Expr, x: Expr, dx: Expr) -> None:
        import numpy as np

        from chainrule.numeric.domain import KINKED, kink_argument
        from chainrule.numeric.sample import Sampler

        self.f, self.x, self.dx = f, x, dx
        self.table: dict[Expr, Expr] = {}  # named part -> its definition, fully written out
        self.points: list[Point] = []
        sampler = Sampler([f, x])
        kinks = [e for e in sampler.nodes if e.op in KINKED]
        reason = ""
        spare: list[Point] = []
        for trial in range(TRIALS if kinks else POINTS + 2):
            try:
                point = sampler.point(trial)
            except ChainruleError as error:
                reason = error.message
                continue
            flat = any((kink_argument(e, point.known) == 0).any() for e in kinks)
            rng = np.random.default_rng((trial, 11))
            point.values[dx.name] = _direction(x, point.values[x.name].shape, rng)
            point.known.clear()
            (spare if flat else self.points).append(point)
            if len(self.points) == POINTS:
                break
        self.on_kink = len(self.points) < POINTS and bool(spare)
        self.points = (self.points + spare)[:POINTS]
        if not self.points:
            raise UnsupportedError(f"the steps cannot be certified: {reason}")

    # -- values ---------------------------------------------------------------------------------
    def values(self, e: Expr) -> list[Array]:
        """The value of an expression at each point."""
        import numpy as np

        from chainrule.numeric import evaluate

        with np.errstate(all="ignore"):
            return [evaluate(e, p.values, p.sizes, p.known) for p in self.points]

    def value_at(self, e: Expr, p: Point) -> Array:
        """The value of an expression at one point."""
        import numpy as np

        from chainrule.numeric import evaluate

        with np.errstate(all="ignore"):
            return evaluate(e, p.values, p.sizes, p.known)

    def define(self, s: Expr, e: Expr) -> None:
        """Give the symbol ``s`` the value of ``e``."""
        for point, value in zip(self.points, self.values(e), strict=True):
            point.values[s.name] = value
        self.table[s] = substitute(e, self.table)

    def written_out(self, e: Expr) -> Expr:
        """Without named parts."""
        return substitute(e, self.table)

    # -- judgements -------------------------------------------------------------------------------
    def same(self, a: Expr, b: Expr) -> tuple[str, ...]:
        """Certify that two lines are equal; what vouches for it.

        Raises
        ------
        CertificateError
            If they are not.
        """
        if a.shape != b.shape:
            raise CertificateError(f"internal error: {a!r} and {b!r} differ in size")
        agree = self.agree(self.values(a), self.values(b), TIGHT)
        by: tuple[str, ...] = ("numerical",) if agree else ()
        if not agree or cost(a) + cost(b) <= SHORT:
            left, right = self.written_out(a), self.written_out(b)
            small = cost(left) + cost(right) <= 2 * SHORT
            if (small or not agree) and provably_equal(left, right):
                by = ("canonical form", *by)
        if not by:
            raise CertificateError(f"internal error: a step from {a!r} to {b!r} is not an equality")
        return by

    def differential(self, e: Expr, line: Expr) -> tuple[str, ...]:
        """Certify that ``line`` is the change of ``e`` in the direction of the differential."""
        target = self.written_out(e)
        for p, guess in zip(self.points, self.values(line), strict=True):
            truth, noise = slope(target, self.x, p, p.values[self.dx.name])
            if not self.agree([truth], [guess], LOOSE, noise):
                self._refused(f"{line!r} is not the differential of {target!r}")
        return ("canonical form", "numerical") if self._proved(target, line) else ("numerical",)

    def _proved(self, target: Expr, line: Expr) -> bool:
        """Has the line the canonical form of the differential that the index language finds?"""
        if cost(target) > SHORT or cost(line) > SHORT:
            return False
        try:
            found = Derivative(Sweep(target, [self.x]), self.x).expr("differential")
        except UnsupportedError:
            return False
        return provably_equal(found, self.written_out(line))

    def derivative(
        self, f: Expr, s: Expr, predict: Callable[[Point, Array], Array]
    ) -> tuple[str, ...]:
        """Certify the derivative of ``f`` by the named part ``s`` (as if it were free)."""
        import numpy as np

        for k, p in enumerate(self.points):
            rng = np.random.default_rng((k, 13))
            direction = _direction(s, p.values[s.name].shape, rng)
            truth, noise = slope(f, s, p, direction)
            with np.errstate(all="ignore"):
                guess = predict(p, direction)
            if not self.agree([truth.reshape(guess.shape, order="F")], [guess], LOOSE, noise):
                self._refused(f"a derivative of {f!r} by {s.name} failed its check")
        return ("numerical",)

    def _refused(self, what: str) -> None:
        if self.on_kink:
            raise UnsupportedError(
                "the steps cannot be certified: the function sits on a kink at every point"
            )
        raise CertificateError(f"internal error: {what}")

    def gradient(self, f: Expr, s: Expr, g: Expr) -> tuple[str, ...]:
        """Certify the gradient ``g`` of a scalar ``f`` by the named part ``s``."""
        import numpy as np

        values = dict(zip(map(id, self.points), self.values(g), strict=True))
        return self.derivative(f, s, lambda p, d: np.array([[np.vdot(values[id(p)], d)]]))

    def jacobian(self, f: Expr, s: Expr, j: Expr) -> tuple[str, ...]:
        """Certify ∂vec f/∂(vec s)ᵀ."""
        import numpy as np

        values = dict(zip(map(id, self.points), self.values(j), strict=True))
        return self.derivative(
            f, s, lambda p, d: np.asarray(values[id(p)] @ d.reshape(-1, 1, order="F"))
        )

    @staticmethod
    def agree(left: list[Array], right: list[Array], tolerance: float, noise: float = 0.0) -> bool:
        """Equal up to rounding at every point?"""
        import numpy as np

        for a, b in zip(left, right, strict=True):
            if a.shape != b.shape or not np.isfinite(b).all():
                return False
            scale = max(float(np.abs(a).max(initial=0)), float(np.abs(b).max(initial=0)), 1e-12)
            if not float(np.abs(a - b).max(initial=0)) <= max(tolerance * max(scale, 1e-6), noise):
                return False
        return True


def slope(f: Expr, s: Expr, p: Point, direction: Array) -> tuple[Array, float]:
    """The derivative along a direction by differences, and the noise from rounding in it."""
    import numpy as np

    from chainrule.numeric.line import STEPS, Line

    line = Line(f, s, p)
    with np.errstate(all="ignore"):
        found = [(*line.slope(direction, step), step) for step in STEPS]
    fine = [item for item in found if np.isfinite(item[1])] or found
    value, _, step = min(fine, key=lambda item: item[1])
    noise = NOISE * line.magnitude() / (step * line.unit)
    return value, noise if np.isfinite(noise) else 0.0


def _direction(x: Expr, shape: tuple[int, ...], rng: Any) -> Array:
    """Entries away from zero, within the structure of the variable."""
    import numpy as np

    d = rng.uniform(0.3, 1.0, shape) * np.where(rng.random(shape) < 0.5, -1.0, 1.0)
    if "diagonal" in x.traits and not x.is_scalar:
        return np.diag(np.diag(d))
    if "skew" in x.traits:
        return (d - d.T) / 2
    if x.traits & {"symmetric", "positive_definite"} and not x.is_scalar:
        return (d + d.T) / 2
    if "lower" in x.traits:
        return np.tril(d)
    if "upper" in x.traits:
        return np.triu(d)
    return d
