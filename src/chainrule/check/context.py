"""What a verdict on a statement needs to know beside the statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chainrule.check.draft import Draft
from chainrule.check.judge import draft
from chainrule.check.membership import Letters
from chainrule.check.verdict import Claim
from chainrule.expr import Expr, number
from chainrule.read.session import Stated

ZERO = number(0)
STATIONARY = "at the stationary point"


@dataclass(frozen=True)
class Context:
    """What a verdict needs beside the statement.

    Attributes
    ----------
    before
        The statement before, for what an arrow concludes from it.
    solutions
        Values of variables that later lines conclude from a derivative set to zero.
    declared
        Variables that were declared.
    moving
        Variables whose differentials occur around here; all others are constant for ``d``.
    zero
        The last derivative that was set to zero.
    letters
        Which letter is the argument, or the value, of which map.
    facts
        Equations that were stated about variables before.
    summed
        The document says that repeated indices are summed.
    alone
        A single equation without a document: its variables are all that there is.
    """

    layout: str | None = None
    symmetric: str | None = None
    budget_s: float = 3.0
    before: Stated | None = None
    solutions: Mapping[str, Expr] = field(default_factory=dict)
    declared: frozenset[str] = frozenset()
    moving: frozenset[str] = frozenset()
    zero: Expr | None = None
    letters: Letters = field(default_factory=Letters)
    facts: tuple[tuple[Expr, Expr], ...] = ()
    summed: bool = False
    alone: bool = False
    mend: bool = True

    @property
    def options(self) -> dict[str, Any]:
        """For the judge."""
        return {"layout": self.layout, "symmetric": self.symmetric, "budget_s": self.budget_s,
                "mend": self.mend}  # fmt: skip


def first_draft(
    claim: Claim, names: Mapping[str, Expr], context: Context, only_true: bool = False
) -> Draft:
    """What kind of statement it is by itself; mends can wait until nothing else explains it."""
    return draft(claim, names=names, only_true=only_true, **context.options)


def names_of(stated: Stated) -> dict[str, Expr]:
    return dict(stated.sides[0].definitions) if stated.sides else {}
