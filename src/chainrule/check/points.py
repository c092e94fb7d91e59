"""Points at which a claim is tried, and time that is left."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import numpy as np

from chainrule.check.rough import Board
from chainrule.errors import ChainruleError, UnsupportedError
from chainrule.expr import Expr
from chainrule.numeric.domain import KINKED, kink_argument
from chainrule.numeric.sample import Point, Sampler

TRIALS = 6
MOST_TRIALS = 12


class Clock:
    """A time budget."""

    def __init__(self, seconds: float) -> None:
        self.restart(seconds)

    def restart(self, seconds: float) -> None:
        """So many seconds from now on."""
        self.end = time.perf_counter() + seconds

    @property
    def left(self) -> float:
        """Seconds left; negative afterwards."""
        return self.end - time.perf_counter()

    @property
    def over(self) -> bool:
        """Is the time used up?"""
        return self.left < 0


class Points:
    """Boards at random points inside the domain of all that is well formed, sizes all distinct."""

    def __init__(self, inside: Sequence[Expr], others: Sequence[Expr] = ()) -> None:
        self.sampler = Sampler(list(inside), list(others))
        self.boards: dict[int, Board | None] = {}
        self.reason = ""

    def board(self, trial: int) -> Board | None:
        """The board of a trial; None where no point was found."""
        if trial not in self.boards:
            try:
                made: Board | None = Board(self.sampler.point(trial))
            except ChainruleError as error:
                made, self.reason = None, error.message
            self.boards[trial] = made
        return self.boards[trial]

    def first(self, count: int = 1) -> list[Board]:
        """The first boards that exist.

        Raises
        ------
        UnsupportedError
            If there is none.
        """
        return list(self.found(count))

    def found(self, count: int) -> Iterator[Board]:
        """The same one by one, each point sought only when it is asked for."""
        seen = 0
        for trial in range(count + 3):
            board = self.board(trial)
            if board is not None:
                seen += 1
                yield board
            if seen == count:
                return
        if not seen:
            raise UnsupportedError(self.reason or "no point inside the domain was found")

    def small(self, seed: int, sizes: dict[str, int]) -> Point | None:
        """A point with given sizes, for counterexamples."""
        try:
            return self.sampler.point(100 + seed, sizes)
        except ChainruleError:
            return None

    def kinks(self) -> list[Expr]:
        """What has a kink among the sampled expressions."""
        return [e for e in self.sampler.nodes if e.op in KINKED]


def sides_seen(kinks: list[Expr], point: Point, seen: set[tuple[Expr, bool]]) -> None:
    """Note on which sides of the kinks a point lies."""
    for e in kinks:
        if e.args[0] not in point.known:
            continue
        argument = kink_argument(e, point.known)
        seen.update((e, side) for side in (True, False) if ((argument > 0) == side).any())


def quiet() -> np.errstate:
    """No warnings from values outside a domain."""
    return np.errstate(all="ignore")
