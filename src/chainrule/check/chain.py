"""Chains of equations: the first wrong step, later ones judged against their predecessor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from chainrule.check.verdict import Claim, Verdict
from chainrule.expr import Expr

WORST = ("false", "ill_formed", "unknown", "true_if", "true_in_layout", "true")


@dataclass(frozen=True)
class ChainVerdict:
    """What became of a chain.

    Attributes
    ----------
    steps : tuple of Verdict
        One per relation; each side is judged against its own predecessor.
    first_wrong : int or None
        Number of the first relation that is wrong.
    verdict : Verdict
        Of the chain as a whole: that of its first wrong step, else the weakest one.
    """

    steps: tuple[Verdict, ...]
    first_wrong: int | None
    verdict: Verdict

    @property
    def first_doubtful(self) -> int | None:
        """Number of the first relation that is wrong or needs a condition nobody stated."""
        kinds = ("false", "ill_formed", "true_if")
        return next((k for k, v in enumerate(self.steps) if v.kind in kinds), None)


def judge_chain(
    claim: Claim, *, layout: str | None = None, symmetric: str | None = None,
    budget_s: float = 2.5, names: Mapping[str, Expr] | None = None, mend: bool = True,
) -> ChainVerdict:  # fmt: skip
    """Judge ``a = b = c`` step by step.

    A step after a wrong one is judged on its own: that its left side is wrong already is reported
    once, where it happened. A layout found for one step is kept for the next ones.
    """
    from chainrule.check.judge import judge

    steps: list[Verdict] = []
    first_wrong: int | None = None
    share = budget_s / max(1, len(claim.sides) - 1)
    for k in range(len(claim.sides) - 1):
        pair = replace(
            claim, sides=claim.sides[k : k + 2], relations=(claim.relation(k),),
            sources=claim.sources[k : k + 2], digits=claim.digits[k : k + 2],
            suspects=_suspects(claim, k),
        )  # fmt: skip
        found = judge(pair, layout=layout, symmetric=symmetric, budget_s=max(share, 0.5),
                      names=names, mend=mend)  # fmt: skip
        found = replace(found, step=k)
        steps.append(found)
        if found.kind in ("false", "ill_formed") and first_wrong is None:
            first_wrong = k
    if first_wrong is not None:
        whole = steps[first_wrong]
    else:
        whole = min(steps, key=lambda v: WORST.index(v.kind))
    return ChainVerdict(tuple(steps), first_wrong, whole)


def _suspects(claim: Claim, k: int) -> tuple[int, ...]:
    """In a chain the later side is the suspect: the earlier one was believed."""
    if claim.suspects:
        return tuple(s - k for s in claim.suspects if k <= s <= k + 1)
    return (1,)
