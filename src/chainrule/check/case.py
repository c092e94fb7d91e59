"""One statement of two sides under examination: its variants, points, and what was learnt."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

import numpy as np

from chainrule.check.assume import holds_by_assumption
from chainrule.check.compare import Agreement, agreement, magnitude, matches, same_at
from chainrule.check.conditions import Condition
from chainrule.check.layouts import (
    Convention,
    derivative_nodes,
    derivative_of,
    functions_of,
    laid_out,
    written_out,
)
from chainrule.check.points import Clock, Points
from chainrule.check.rough import Board, replaced, solid
from chainrule.check.verdict import Claim
from chainrule.dims import ONE
from chainrule.errors import ChainruleError
from chainrule.expr import Expr, number, substitute
from chainrule.ops import with_sizes

ZERO = number(0)


@dataclass(frozen=True)
class Variant:
    """Both sides with derivatives written out in one convention."""

    convention: Convention
    sides: tuple[Expr, Expr]


@dataclass
class Case:
    """A statement, and what is found out about it step by step."""

    claim: Claim
    layout: str | None
    symmetric: str | None
    clock: Clock
    names: dict[str, Expr]
    mend: bool = True
    only_true: bool = False
    heaviest: float = inf  # weight of a mend from which on it is of no use
    tried: list[Variant] = field(default_factory=list)
    trouble: str = ""
    _points: Points | None = None
    _boards: list[Board] | None = None
    _solid: dict[Expr, Expr | None] = field(default_factory=dict)

    @property
    def pair(self) -> tuple[Expr, Expr]:
        """The two sides as claimed."""
        left, right = self.claim.sides
        return left, right

    @property
    def first(self) -> Variant | None:
        """The variant in the document's own convention."""
        return self.tried[0] if self.tried else None

    def variant(self, convention: Convention) -> Variant | None:
        """The sides in a convention; None if a derivative cannot be written."""
        try:
            left, right = (self.settled(written_out(s, convention)) for s in self.claim.sides)
        except ChainruleError as error:
            self.trouble = self.trouble or error.message
            return None
        made = Variant(convention, (left, right))
        self.tried.append(made)
        return made

    def settled(self, e: Expr) -> Expr:
        """Through the builders if the sizes agree, else as it is."""
        if e not in self._solid:
            try:
                self._solid[e] = solid(e)
            except ChainruleError:
                self._solid[e] = None
        found = self._solid[e]
        return e if found is None else found

    def solid(self, e: Expr) -> Expr:
        """Through the builders; raises what they raise."""
        return solid(e)

    def is_solid(self, e: Expr) -> bool:
        """Do its sizes agree?"""
        self.settled(e)
        return self._solid[e] is not None

    def formed(self, variant: Variant) -> bool:
        """Are both sides well formed?"""
        return all(self.is_solid(s) for s in variant.sides)

    def same_shape(self, variant: Variant) -> bool:
        """Have the sides the same shape?"""
        return variant.sides[0].shape == variant.sides[1].shape

    def points(self) -> Points:
        """Points inside the domain of what is well formed."""
        if self._points is None:
            assert self.first is not None
            sides = self.first.sides
            inside = [s for s in sides if self.is_solid(s)]
            inside += functions_of(self.claim.sides)
            others = [s for s in sides if not self.is_solid(s)]
            others += [e.args[0] for e in derivative_nodes(*self.claim.sides)]
            self._points = Points(inside or list(sides[:1]), others)
        return self._points

    def boards(self) -> list[Board]:
        """Two boards to screen with, rather not where all is zero; none if no point was found."""
        if self._boards is None:
            try:
                found = self.points().first(5)
            except ChainruleError:
                found = []
            self._boards = sorted(found, key=self._vanishes)[:2]
        return self._boards

    def _vanishes(self, board: Board) -> bool:
        assert self.first is not None
        values = [board.value(s) for s in self.first.sides]
        return all(v is None or not v.any() for v in values)

    def telling_boards(self) -> list[Board]:
        """Two boards for the search: one where the sides differ, one where not all is zero."""
        assert self.first is not None
        left, right = self.first.sides
        try:
            found = sorted(self.points().first(6), key=self._vanishes)
        except ChainruleError:
            return []
        differ = [b for b in found if not matches(left, right, [b])] or found
        rest = [b for b in found if b is not differ[0]]
        return [differ[0], *rest[:1]]

    def screen(self, variant: Variant) -> bool:
        """Do the sides agree at first sight?"""
        if variant.sides[0] is variant.sides[1]:
            return True
        boards = self.boards()
        if not boards:  # a proof needs no point
            return self.formed(variant) and self.same_shape(variant)
        return matches(*variant.sides, boards)

    def agree(self, variant: Variant) -> Agreement:
        """Do the sides agree?"""
        return agreement(*variant.sides, self.points(), self.clock)

    def doubt(self) -> str:
        """Is the derivative itself beyond doubt? Its own certificate, before anything is false."""
        from chainrule.numeric import check

        for e in derivative_nodes(*self.claim.sides):
            if e.op != "grad" or self.clock.left < 0.3:
                continue
            f, x = derivative_of(e)
            bare = e if len(e.args) == 2 else None
            if bare is None or (not f.is_scalar and not x.is_scalar and _flat(f, x)):
                kind = "vec"
            else:
                kind = "gradient" if f.is_scalar else "by_scalar" if x.is_scalar else "jacobian"
            if bare is None:
                continue
            made = laid_out(e, "gradient", "ignore")
            table = {v: w for v, w in ((e.args[1], x),) if v is not w}
            found = check(f, x, substitute(made, table) if table else made, kind)
            if found.verdict == "different":
                return (
                    "the derivative found here failed its own numerical check "
                    f"({found.detail}); please report this statement"
                )
        return ""

    def holds_under(self, variant: Variant, condition: Condition) -> bool:
        """Do the sides agree for variables with more facts?"""
        functions = functions_of(self.claim.sides)
        try:
            left, right, *functions = (
                with_sizes(replaced(e, condition.table), condition.sizes)
                for e in (*variant.sides, *functions)
            )
            points = Points([left, right, *functions])
            boards: list[Board] = []
            for board in points.found(3):  # most conditions fall at the first point
                if not same_at(left, right, board):
                    return False
                boards.append(board)
            zero = ZERO in (left, right) or "zeros" in (left.op, right.op)
            if not zero and all(_is_zero(left, right, b) for b in boards):
                return False  # 0 = 0 says nothing
        except ChainruleError:
            return False
        found = agreement(left, right, points, self.clock)
        return found.verdict == "equal"

    def assumed(self) -> str | None:
        """Does the statement follow from an equation of its context?"""
        if not self.claim.assuming or self.first is None:
            return None
        return holds_by_assumption(self.claim.assuming, self.first.sides, self.points())


def _flat(f: Expr, x: Expr) -> bool:
    return ONE not in f.shape or ONE not in x.shape


def _is_zero(left: Expr, right: Expr, board: Board) -> bool:
    """Zero, or what rounding leaves of it?"""
    value = board.value(left)
    least = 1e-9 * magnitude(left, right, board)
    return value is None or float(np.abs(value).max(initial=0.0)) <= least
