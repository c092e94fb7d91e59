"""A verdict before its mends: what kind it is, is known; what slipped is looked for if asked.

Most of the time for a wrong statement goes into the search for a mend, and many statements that
look wrong by themselves turn out to hold by their context. So that search comes last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from chainrule.check.points import Clock, quiet
from chainrule.check.verdict import Verdict, unknown
from chainrule.errors import ChainruleError


@dataclass(frozen=True)
class Draft:
    """A verdict whose kind and conditions are settled.

    Attributes
    ----------
    verdict : Verdict
        As it is known so far.
    rest : callable or None
        Finds the slip and the mends; None where nothing is left to do.
    """

    verdict: Verdict
    rest: Callable[[], Verdict] | None = None

    @property
    def kind(self) -> str:
        """One of ``VERDICTS``."""
        return self.verdict.kind

    @property
    def holds(self) -> bool:
        """True, in some layout, or under a condition."""
        return self.verdict.holds

    def finished(self) -> Verdict:
        """The verdict with slip and mends."""
        return self.verdict if self.rest is None else self.rest()

    def at_step(self, k: int) -> Draft:
        """The same as a step of a chain."""
        rest = self.rest
        return Draft(
            replace(self.verdict, step=k),
            None if rest is None else lambda: replace(rest(), step=k),
        )


def guarded(step: Callable[[], Draft]) -> Draft:
    """What cannot be worked out is unknown."""
    try:
        with quiet():
            return step()
    except ChainruleError as error:
        return Draft(unknown(error))
    except (RecursionError, MemoryError):
        return Draft(unknown("the formula is too deep or too large"))


def later(verdict: Verdict, clock: Clock, step: Callable[[], Verdict]) -> Draft:
    """A draft whose rest may take what is left of the time now, whenever it is asked for."""
    left = clock.left

    def rest() -> Verdict:
        clock.restart(left)
        return guarded(lambda: Draft(step())).verdict

    return Draft(verdict, rest)
