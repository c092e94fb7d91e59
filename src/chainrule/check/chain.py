"""Chains of equations: the first wrong step, later ones judged against their predecessor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from chainrule.check.draft import Draft
from chainrule.check.verdict import Claim, Verdict
from chainrule.expr import Expr

FAR = 3.0
"""Weight from which on a mend puts another side in place of the one that was written."""
NEAR = 2.0
WORST = ("false", "ill_formed", "unknown", "true_if", "true_in_layout", "true")
WRONG = ("false", "ill_formed")


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
    once, where it happened.
    """
    options = {"layout": layout, "symmetric": symmetric, "names": names, "mend": mend}
    steps = tuple(d.finished() for d in _drafts(claim, budget_s, options))
    first_wrong = next((k for k, v in enumerate(steps) if v.kind in WRONG), None)
    return ChainVerdict(steps, first_wrong, steps[_telling(steps)])


def draft_chain(
    claim: Claim, *, budget_s: float = 2.5, only_true: bool = False, **options: Any
) -> Draft:
    """What kind of statement the chain is as a whole; no further than its first wrong step."""
    drafts: list[Draft] = []
    for k, found in enumerate(_drafts(claim, budget_s, {**options, "only_true": only_true})):
        drafts.append(found)
        if found.kind in WRONG and options.get("mend", True) and k + 2 < len(claim.sides):
            return Draft(found.verdict, partial(_by_the_next, claim, k, found, budget_s, options))
        if found.kind in WRONG or (only_true and not found.holds):
            break
    return drafts[_telling([d.verdict for d in drafts])]


def _by_the_next(
    claim: Claim, k: int, draft_: Draft, budget_s: float, options: Mapping[str, Any]
) -> Verdict:
    """The mend of a wrong step; where there is none, what the side would be by the one after it."""
    from chainrule.check.judge import draft

    found = draft_.finished()
    if found.mend is not None and found.mend.weight < FAR:
        return found
    pair = replace(
        claim, sides=claim.sides[k + 1 : k + 3], relations=(claim.relation(k + 1),),
        sources=claim.sources[k + 1 : k + 3], digits=claim.digits[k + 1 : k + 3], suspects=(0,),
    )  # fmt: skip
    other = draft(pair, budget_s=budget_s / 2, **options).finished()
    mend = other.mend
    if other.kind not in WRONG or mend is None or mend.side or mend.weight > NEAR:
        return found
    text = f"{mend.slip.message}; then it agrees with what follows, not yet with what is before"
    slip = replace(mend.slip, message=text)
    return replace(found, slip=slip, mends=(replace(mend, side=1, slip=slip), *found.mends))


def _drafts(claim: Claim, budget_s: float, options: Mapping[str, Any]) -> Iterator[Draft]:
    from chainrule.check.judge import draft

    share = max(budget_s / max(1, len(claim.sides) - 1), 0.5)
    for k in range(len(claim.sides) - 1):
        pair = replace(
            claim, sides=claim.sides[k : k + 2], relations=(claim.relation(k),),
            sources=claim.sources[k : k + 2], digits=claim.digits[k : k + 2],
            suspects=_suspects(claim, k),
        )  # fmt: skip
        yield draft(pair, budget_s=share, **options).at_step(k)


def _telling(steps: Sequence[Verdict]) -> int:
    """Number of the step that settles the whole: the first wrong one, else the weakest."""
    wrong = (k for k, v in enumerate(steps) if v.kind in WRONG)
    return next(wrong, min(range(len(steps)), key=lambda k: WORST.index(steps[k].kind)))


def _suspects(claim: Claim, k: int) -> tuple[int, ...]:
    """In a chain the later side is the suspect: the earlier one was believed."""
    if claim.suspects:
        return tuple(s - k for s in claim.suspects if k <= s <= k + 1)
    return (1,)
