"""Generic points inside the domain: distinct sizes and values that honour the declared traits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from chainrule.errors import ChainruleError, UnsupportedError
from chainrule.expr import Expr, postorder, symbols
from chainrule.numeric.domain import (
    BAND,
    KINKED,
    MARGINS,
    TOO_LARGE,
    TOO_SMALL,
    Margin,
    problem,
    squared_norms,
)
from chainrule.numeric.draw import CLOSED, SCALABLE, STRATEGIES, draw
from chainrule.numeric.evaluate import value_of
from chainrule.numeric.loops import steps
from chainrule.numeric.sizing import Sizing
from chainrule.numeric.special import Array
from chainrule.ops.table import describe

ROUNDS = 6  # choices of sizes
TRIES = 16  # values per choice
GENERIC = 4  # seeds from which on other ranges of values are mixed in, to see other branches
NAMES = tuple(STRATEGIES)
FAILURES = (ChainruleError, ArithmeticError, ValueError, np.linalg.LinAlgError, MemoryError)


@dataclass
class Point:
    """Sizes, values, and the values of the sub-expressions there."""

    sizes: dict[str, int]
    values: dict[str, Array]
    known: dict[Expr, Array] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Trouble:
    """The first node, in order of evaluation, that is not fine."""

    at: int
    what: str


class _InLoop(Exception):
    """A node inside a loop is not fine in one of the rounds."""


class Sampler:
    """Points for some expressions, all of which are to be inside their domains.

    Parameters
    ----------
    exprs
        What must be finite, well conditioned and away from kinks.
    others
        What is only to be evaluated at the point: its variables get values too.
    without
        Names of variables in ``others`` that get their values elsewhere.
    """

    def __init__(
        self,
        exprs: Sequence[Expr],
        others: Sequence[Expr] = (),
        without: frozenset[str] = frozenset(),
    ) -> None:
        self.nodes = steps(*exprs)
        self.smooth = squared_norms(exprs)
        found = symbols(*exprs)
        extra = postorder(*others) if others else []
        for name, e in symbols(*others).items() if others else ():
            if name not in without:
                found.setdefault(name, e)
        self.variables = list(found.values())
        self.below = _variables_below(exprs)
        self.sizing = Sizing(postorder(*exprs), extra)

    def point(self, seed: int = 0, fixed_sizes: dict[str, int] | None = None) -> Point:
        """A random point; the same for the same seed.

        Raises
        ------
        UnsupportedError
            If none was found; names the sub-expression that leaves its domain.
        """
        furthest = Trouble(-1, "")
        for attempt in range(ROUNDS):
            rng = np.random.default_rng((seed, attempt))
            sizes = self.sizing.choose(rng, natural=attempt == seed == 0)
            if attempt == ROUNDS - 1:  # perhaps two sizes must agree after all
                sizes = dict.fromkeys(sizes, 3)
            sizes.update(fixed_sizes or {})
            sizes = self.sizing.placed(rng, sizes, seed)
            margin = MARGINS[min(attempt // 2, len(MARGINS) - 1)]
            with np.errstate(all="ignore"):
                found = self._settle(sizes, margin, rng, seed)
            if isinstance(found, Point):
                return found
            if found.at > furthest.at:
                furthest = found
        raise UnsupportedError(
            "no point inside the domain was found for the numerical check: "
            f"{describe(self.nodes[furthest.at])} {furthest.what}"
        )

    def _settle(
        self, sizes: dict[str, int], margin: Margin, rng: np.random.Generator, seed: int
    ) -> Point | Trouble:
        """Draw values; then redraw a variable at a time, as long as that leads no less far."""
        kink = self._kink(margin, sizes)
        values = {}
        for k, v in enumerate(self.variables):
            strategy = "plain"
            if seed >= GENERIC:
                mixed = seed % 2 == 1 and rng.random() < 0.5
                strategy = NAMES[rng.integers(len(NAMES))] if mixed else "even"
            values[v.name] = draw(v, sizes, rng, strategy)
            if v.is_scalar and not v.traits and strategy in ("plain", "even"):
                # both signs in turn, each with either sign of the others
                turn = seed // 2 * (2 * k + 1) // 2 + seed + k
                values[v.name] = np.copysign(values[v.name], -1.0 if turn % 2 else 1.0)
        kept, best = values, Trouble(-1, "")
        passed: dict[Expr, Array] = {}
        for _ in range(TRIES):
            memo = self._unmoved(passed, kept, values)
            trouble = self._walk(values, sizes, margin, kink, memo)
            if trouble is None:
                return Point(sizes, values, memo)
            if trouble.at >= best.at:
                kept, best, passed = values, trouble, memo
            values = self._redrawn(kept, best, sizes, rng)
            if values is kept:
                break
        return best

    def _kink(self, margin: Margin, sizes: dict[str, int]) -> float:
        entries = sum(
            e.args[0].shape[0].at(sizes) * e.args[0].shape[1].at(sizes)
            for e in self.nodes if e.op in KINKED
        )  # fmt: skip
        return min(margin.kink, BAND / entries) if entries else margin.kink

    def _walk(
        self, values: dict[str, Array], sizes: dict[str, int], margin: Margin, kink: float,
        memo: dict[Expr, Array],
    ) -> Trouble | None:  # fmt: skip
        def watch(e: Expr, value: Array, inner: Mapping[Expr, Array]) -> None:
            found = None if e in self.smooth else problem(e, value, inner, margin, kink)
            if found is not None:
                raise _InLoop(found)

        for at, e in enumerate(self.nodes):
            if e in memo:
                continue
            try:
                value = memo[e] = value_of(e, memo, values, sizes, watch)
                what = None if e in self.smooth else problem(e, value, memo, margin, kink)
            except _InLoop as inside:
                what = str(inside)
            except FAILURES as error:
                what = f"cannot be evaluated ({error})"
            if what is not None:
                memo.pop(e, None)
                return Trouble(at, what)
        return None

    def _unmoved(
        self, passed: Mapping[Expr, Array], kept: Mapping[str, Array], values: Mapping[str, Array]
    ) -> dict[Expr, Array]:
        """Of the values that were fine, those that no redrawn variable occurs in."""
        if not passed:
            return {}
        moved = {name for name, v in values.items() if v is not kept[name]}
        return {e: v for e, v in passed.items() if moved.isdisjoint(self.below[e])}

    def _redrawn(
        self, values: dict[str, Array], trouble: Trouble, sizes: dict[str, int],
        rng: np.random.Generator,
    ) -> dict[str, Array]:  # fmt: skip
        below = list(symbols(self.nodes[trouble.at]).values())
        if trouble.what in (TOO_LARGE, TOO_SMALL):
            below = [v for v in below if v.traits <= SCALABLE]
            factor = 0.5 if trouble.what == TOO_LARGE else float(rng.choice((0.3, 2.0)))
            return values | {v.name: factor * values[v.name] for v in below} if below else values
        if not below:
            return values
        v = below[rng.integers(len(below))]
        generic = v.traits & CLOSED or "kink" in trouble.what
        strategy = "plain" if generic else NAMES[rng.integers(len(NAMES))]
        return values | {v.name: draw(v, sizes, rng, strategy)}


def _variables_below(exprs: Sequence[Expr]) -> dict[Expr, frozenset[str]]:
    """Names of the variables that occur in each part."""
    below: dict[Expr, frozenset[str]] = {}
    for e in postorder(*exprs):
        if e.op == "symbol":
            below[e] = frozenset((e.name,))
        else:
            below[e] = frozenset().union(*(below[a] for a in e.args))
    return below


def sample(
    exprs: Sequence[Expr], seed: int = 0, *, fixed_sizes: dict[str, int] | None = None
) -> Point:
    """A random point where all ``exprs`` are finite, well conditioned and away from kinks.

    Raises
    ------
    UnsupportedError
        If no such point was found; names the sub-expression that leaves its domain.
    """
    return Sampler(exprs).point(seed, fixed_sizes)
