"""Three-valued equality: a proof, a counterexample, or an honest "unknown"."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chainrule.calculus.canonical import provably_equal
from chainrule.calculus.expand import expand
from chainrule.expr import Expr, symbols


@dataclass(frozen=True)
class Equality:
    """Verdict ``equal``, ``different`` or ``unknown``.

    Attributes
    ----------
    by
        ``"canonical form"`` (a proof), ``"numerical"`` (many evaluations agree) or ``"shape"``.
    counterexample
        Sizes, values, and both sides there, when different.
    reason
        What stopped the decision, when unknown.
    """

    verdict: str
    by: tuple[str, ...] = ()
    counterexample: dict[str, Any] | None = None
    reason: str | None = None
    remarks: tuple[str, ...] = field(default=())

    def __bool__(self) -> bool:
        raise TypeError("equality is three-valued: compare .verdict with 'equal'")

    def to_json(self) -> dict[str, Any]:
        """As answered by ``chainrule batch``."""
        return {"verdict": self.verdict, "by": list(self.by),
                "counterexample": self.counterexample, "reason": self.reason}  # fmt: skip


def equal(a: Expr, b: Expr) -> Equality:
    """Are two expressions equal wherever both are defined?"""
    variables = frozenset(symbols(a, b).values())
    a, b = expand(a, variables), expand(b, variables)
    if a.shape != b.shape:
        sizes = {"left": [str(d) for d in a.shape], "right": [str(d) for d in b.shape]}
        return Equality("different", ("shape",), {"shapes": sizes})
    if provably_equal(a, b):
        return Equality("equal", ("canonical form",))
    from chainrule.numeric import compare

    found = compare(a, b)
    reason = None if found.verdict != "unknown" else getattr(found, "reason", None)
    return Equality(found.verdict, tuple(found.by), found.counterexample, reason)
