"""Claims on networks of any depth: judged for numbers of layers where letters leave them open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import inf

from chainrule.check.context import Context
from chainrule.check.verdict import WRONG, Verdict
from chainrule.read.session import Stated

NEAR = 5.0
"""Weight of a mend that is an edit, not the right answer in place of the whole side."""
Judge = Callable[[Stated, Context], Verdict | None]


def in_layers(
    stated: Stated, context: Context, judged: Judge
) -> tuple[Stated | None, Verdict | None]:
    """The verdict; with numbers for layers, and the instance, where letters leave it open."""
    if not stated.instances:
        return None, judged(stated, context)
    if stated.layers is None:  # letters could be read
        found = judged(stated, replace(context, mend=False))
        if found is not None and found.holds:
            return None, found
    alone = replace(context, before=None)
    many: list[tuple[Stated, Verdict | None]] = []
    for one in stated.instances:
        many.append(_either_order(one, alone, judged))
        verdict = many[-1][1]
        if verdict is not None and verdict.kind in WRONG and verdict.mend is not None:
            if verdict.mend.weight < NEAR:  # for other layers it is no simpler
                break
    wrong = [(s, v) for s, v in many if v is not None and v.kind in WRONG]
    if wrong:
        return min(wrong, key=lambda one: one[1].mend.weight if one[1].mend else inf)
    if stated.layers is not None or all(v is not None and v.holds for _, v in many):
        return min(many, key=lambda one: one[1] is None or one[1].holds)
    return None, judged(stated, context)


def _either_order(stated: Stated, context: Context, judged: Judge) -> tuple[Stated, Verdict | None]:
    """Products over layers may stand for the falling order, which nobody writes."""
    found = judged(stated, context)
    if stated.falling is not None and found is not None and found.kind in WRONG:
        other = judged(stated.falling, context)
        if other is not None and other.holds:
            text = "the factors of the product stand in falling order, the last layer first"
            return stated.falling, replace(other, kind="true_if", conditions=(text,))
    return stated, found
