"""Formulas without delimiters: whole lines in the plain language, and equations among words."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator

from chainrule.documents.plainlines import plain_formulas
from chainrule.documents.runs import RELATION, inline_runs
from chainrule.documents.scan import Found
from chainrule.documents.tokens import Stream

_MARKER = re.compile(r"[ \t>]*(?:[-*+•]|[(（]?\w{1,2}[.)）])?[ \t]*\Z")
_REST = re.compile(r"[ \t.,;:]{0,20}(?:\n|\Z)")
_WIDE = 40  # characters of a marker of a list


def bare_formulas(
    text: str,
    stream: Stream,
    found: list[Found],
    marked: list[int],
    *,
    lines: bool,
    hidden: Callable[[int], bool],
) -> list[Found]:
    """Formulas on the lines, and parts of lines, that no delimited formula takes.

    Parameters
    ----------
    text
        The text made even.
    stream
        Its paragraphs.
    found
        The delimited formulas, in order.
    marked
        Offsets at which headings stand, in order.
    lines
        Whether a whole line may be a formula of the plain language.
    hidden
        Tells offsets that lie in code or in a definition of a macro.
    """
    extra: list[Found] = []
    taken = [(f.open, f.close) for f in found]
    for number, (start, end) in enumerate(stream.paragraphs):
        if number in stream.titled:
            continue
        head = bisect_right(marked, start) - 1
        mine = [f for f in plain_formulas(text, start, end) if _free(taken, *f)] if lines else []
        extra += [Found(a, a, b, b, True, number, head) for a, b in mine]
        for a, b in _among_words(text, start, end, taken, mine):
            if not hidden(a):
                extra.append(Found(a, a, b, b, _alone(text, a, b), number, head))
    return extra


def _free(taken: list[tuple[int, int]], start: int, end: int) -> bool:
    k = bisect_left(taken, (end, 0))
    return not (k and taken[k - 1][1] > start)


def _among_words(
    text: str, start: int, end: int, taken: list[tuple[int, int]], mine: list[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Equations in each line that has a sign of equality outside the formulas known."""
    at = start
    while found := RELATION.search(text, at, end):
        low = max(text.rfind("\n", start, found.start()) + 1, at)
        high = text.find("\n", found.end(), end)
        high = end if high < 0 else high
        k = bisect_right(taken, (found.start(), len(text))) - 1
        if k >= 0 and taken[k][1] > found.start():
            at = taken[k][1]  # the sign stands in a delimited formula
            continue
        floor = max(low, taken[k][1]) if k >= 0 else low
        ceiling = min(high, taken[k + 1][0]) if k + 1 < len(taken) else high
        for a, b in inline_runs(text, floor, ceiling):
            # "f = $x^2$" and "$f$ = 2" are not whole
            left = floor > low and not text[floor:a].strip()
            right = ceiling < high and not text[b:ceiling].strip()
            if not left and not right and _free(mine, a, b):
                yield a, b
        at = ceiling


def _alone(text: str, start: int, end: int) -> bool:
    """Whether nothing else stands on the line."""
    line = text.rfind("\n", max(0, start - _WIDE), start) + 1
    if not line and start > _WIDE:
        return False
    return _REST.match(text, end) is not None and _MARKER.match(text[line:start]) is not None
