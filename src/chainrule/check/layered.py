"""Claims on networks of any depth: judged for numbers of layers where letters leave them open."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import inf

from chainrule.check.context import Context
from chainrule.check.judge import draft
from chainrule.check.points import Clock
from chainrule.check.reading import read_sides
from chainrule.check.verdict import WRONG, Claim, Rewrite, Slip, Verdict
from chainrule.errors import ChainruleError
from chainrule.read.session import Stated
from chainrule.read.syntax import parse
from chainrule.write import plain

FAR = 3.0
"""Weight from which on a mend puts another side in place of the one that was written."""
SECONDS = 2.5
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
        shown, verdict = _either_order(one, alone, judged)
        many.append((shown, verdict))
        if verdict is None or verdict.kind not in WRONG or _apart(many):
            continue
        if verdict.mend is not None and verdict.mend.weight < FAR:
            if not _for_all(verdict, shown, stated.instances):
                shown = replace(shown, spelled={})
            return shown, verdict
        moved = (
            _moved(shown, verdict, context.layout, len(stated.instances)) if alone.mend else None
        )
        if moved is not None:
            return shown, moved
        alone = replace(alone, mend=False)  # for other layers there is no better one
    wrong = [(s, v) for s, v in many if v is not None and v.kind in WRONG]
    held = [one for one in many if one[1] is not None and one[1].holds]
    if held and wrong and _apart(many):  # k < t, or t < k: nobody says which
        return held[0]
    if wrong:  # for some layers a mend is simpler than for others
        shown, bad = min(wrong, key=lambda one: one[1].mend.weight if one[1].mend else inf)
        return replace(shown, spelled={}), bad
    if stated.layers is not None or all(v is not None and v.holds for _, v in many):
        return min(many, key=lambda one: one[1] is None or one[1].holds)
    return None, judged(stated, context)


def _apart(many: Sequence[tuple[Stated, Verdict | None]]) -> bool:
    """Are there several letters, whose order the formula may take for granted?"""
    return any(s.apart for s, _ in many)


def _for_all(found: Verdict, shown: Stated, instances: Sequence[Stated]) -> bool:
    """Is the mend right for the numbers of the other instances too, and there are some?"""
    others = [one for one in instances if one is not shown and one.raw is not None]
    mend, k = found.mend, found.step or 0
    if mend is None or not others:
        return False
    text = plain(mend.expr)
    for one in others:
        assert one.raw is not None
        mended = _renumbered(text, shown.spelled, one.spelled)
        sides = list(one.raw.sides)
        at = k + mend.side
        if at >= len(sides):
            return False
        try:
            sides[at] = (parse(mended)[0], mended)
            read = read_sides(one.raw.before, sides, one.raw.declared, one.raw.macros).exprs
        except ChainruleError:
            return False
        if not draft(Claim(read[k : k + 2]), only_true=True, budget_s=SECONDS / 5).holds:
            return False
    return True


def _renumbered(text: str, here: Mapping[str, str], there: Mapping[str, str]) -> str:
    """The same names of other layers: W_2 for W_1 where both are ``W_{i}``."""
    back: dict[str, list[str]] = {}
    for name, form in there.items():
        back.setdefault(form, []).append(name)

    def other(found: re.Match[str]) -> str:
        names = back.get(here.get(found[0], ""), [found[0]])
        same = [n for n in names if ("_" in n) == ("_" in found[0])]
        return (same or names)[0]

    return re.sub(r"[A-Za-z]\w*", other, text)


def _moved(stated: Stated, found: Verdict, layout: str | None, count: int) -> Verdict | None:
    """The mend that moves a layer by one, where that makes the statement true in all instances."""
    if stated.nearby is None:
        return None
    clock = Clock(SECONDS)
    for other in stated.nearby():
        if clock.over:
            return None
        right = 0
        for sides in other.read():
            claim = Claim(sides)
            if not draft(claim, layout=layout, only_true=True, budget_s=SECONDS / 5).holds:
                break
            right += 1
        if right == count:
            verbs = ("stand", "are") if len(other.old) > 1 else ("stands", "is")
            old, new = (" and ".join(names) for names in (other.old, other.new))
            slip = Slip("index", f"{old} {verbs[0]} where {new} {verbs[1]} meant")
            return replace(found, slip=slip, mends=(), rewrite=Rewrite(other.text))
    return None


def _either_order(stated: Stated, context: Context, judged: Judge) -> tuple[Stated, Verdict | None]:
    """Products over layers may stand for the falling order, which nobody writes."""
    found = judged(stated, context)
    if stated.falling is not None and found is not None and found.kind in WRONG:
        other = judged(stated.falling, replace(context, mend=False))
        if other is not None and other.holds:
            text = "the factors of the product stand in falling order, the last layer first"
            return stated.falling, replace(other, kind="true_if", conditions=(text,))
    return stated, found
