"""Statements as they stand in the source, in one line, with the places that matter in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from chainrule.check.document import Checked
from chainrule.check.verdict import Mend
from chainrule.expr import Expr
from chainrule.read.session import Stated
from chainrule.write import plain

Span = tuple[int, int]
REACH = 20  # characters before a piece in which its bracket opens
_BRACKET = re.compile(
    r"(\\begin\{\w+\*?\}|(?:\\left\s*)?[({\[]|\\left\s*\.)"
    r"|(\\end\{\w+\*?\}|(?:\\right\s*)?[)}\]]|\\right\s*\.)|\\.", re.DOTALL,
)  # fmt: skip
_CLOSER = re.compile(r"[\s\\&]*?(?:\\end\{\w+\*?\}|(?:\\right\s*)?[)}\]])")
_OPENER = re.compile(r"(?:\\left\s*)?[({\[]\s*\Z")
_HIDDEN = re.compile(r"_weights(?:\b|_)|_of(?:_\w+)?'*\(")
_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|\w+|\s+|[^\w\s]")


def one_line(stated: Stated) -> str:
    """The statement in one line, brackets and environments closed."""
    return _squeezed(stated.text, *_whole(stated))[0]


_SCRIPTS = re.compile(r"(?:\s*[_^](?:\{[^{}]*\}|\\[A-Za-z]+|\w))+")


def side_span(stated: Stated, k: int) -> Span | None:
    """Where side ``k`` stands in :func:`one_line`; None if that is not known."""
    if stated.raw is None or k >= len(stated.raw.sides):
        return None
    statement, text = stated.raw.sides[k]
    at, end = statement.value.at, statement.value.end
    if not stated.at <= at < end <= len(stated.text) or len(text) != len(stated.text):
        return None  # it goes on from another line
    first, last = _whole(stated)
    at, end = _paired(stated.text, at, end)
    found = _SCRIPTS.match(stated.text, end, last)  # the label of a name belongs to it
    end = found.end() if found else end
    shown, place = _squeezed(stated.text, first, last)
    a, b = place[max(at - first, 0)], place[min(end - first, len(place) - 1)]
    while a < b and shown[a] == " ":
        a += 1
    while b > a and shown[b - 1] == " ":
        b -= 1
    return (a, b) if a < b else None


def _whole(stated: Stated) -> Span:
    return _paired(stated.text, stated.at, stated.end)


def _paired(text: str, at: int, end: int) -> Span:
    """The piece with the brackets and ends of environments next to it that belong to it."""
    opened, closed = _unpaired(text[at:end])
    while opened:
        found = _CLOSER.match(text, end)
        if found is None:
            break
        end = found.end()
        opened -= 1
    while closed:
        found = _OPENER.search(text, max(0, at - REACH), at)
        if found is None:
            break
        at = found.start()
        closed -= 1
    return at, end


def _unpaired(piece: str) -> tuple[int, int]:
    """How many brackets and environments are opened and not closed, closed and not opened."""
    opened = closed = 0
    for found in _BRACKET.finditer(piece):
        if found[1]:
            opened += 1
        elif found[2]:
            if opened:
                opened -= 1
            else:
                closed += 1
    return opened, closed


def _squeezed(text: str, at: int, end: int) -> tuple[str, list[int]]:
    """The piece with single blanks, and where each of its characters went."""
    out: list[str] = []
    place: list[int] = []
    for ch in text[at:end]:
        blank = ch.isspace() or not ch.isprintable()
        if not blank or (out and out[-1] != " "):
            place.append(len(out))
            out.append(" " if blank else ch)
        else:
            place.append(max(len(out) - 1, 0))
    place.append(len(out))
    return "".join(out).rstrip(), place


def suspect(checked: Checked) -> tuple[int | None, Expr | None]:
    """Number of the side that is wrong, or would be mended, and its value where it has one."""
    stated, verdict = checked.stated, checked.verdict
    if verdict is None:
        return None, None
    rough = stated.raw is not None and (stated.misfit or stated.kind == "unread")
    count = len(stated.raw.sides) if rough and stated.raw else len(stated.sides)
    if count < 2:
        return None, None
    if verdict.slip is not None and verdict.slip.kind == "spurious_equation":
        k = count - 1
    else:
        known = verdict.mend is not None and not hidden(verdict.mend)
        k = (verdict.step or 0) + (verdict.mend.side if verdict.mend and known else 1)
        if not rough and verdict.mend is not None:
            k = _having(verdict.mend.old, stated.expressions, k)
    k = min(k, count - 1)
    return k, None if rough else stated.expressions[k]


def hidden(mend: Mend) -> bool:
    """Does it show the general instance that stands in for a function defined nowhere?"""
    return bool(_HIDDEN.search(mend.plain))


def _having(old: str, sides: Sequence[Expr], k: int) -> int:
    """Sides may have been left out before judging; the wrong one holds the part that changes."""
    if not old or k >= len(sides) or old in plain(sides[k]):
        return k
    return next((j for j in range(k, len(sides)) if old in plain(sides[j])), k)


def changed(old: str, new: str) -> Span | None:
    """The part of ``new`` that is not in ``old``; None where it is all, or only something left."""
    if not old or old == new:
        return None
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    if len(before) * len(after) > 250_000:
        return None
    offsets = [0]
    for token in after:
        offsets.append(offsets[-1] + len(token))
    edits = [op for op in SequenceMatcher(None, before, after, False).get_opcodes()
             if op[0] != "equal"]  # fmt: skip
    if not edits:
        return None
    a, b = offsets[edits[0][3]], offsets[edits[-1][4]]
    if a == b:  # something was left out: the next part shows where
        b = offsets[min(edits[-1][4] + 1, len(after))]
    while a < b and new[a] == " ":
        a += 1
    while b > a and new[b - 1] == " ":
        b -= 1
    return (a, b) if 0 < b - a < len(new) else None


def part(whole: str, piece: str) -> Span | None:
    """Where a piece stands, once, as a part of its own."""
    if not piece or whole.count(piece) != 1 or len(piece) == len(whole):
        return None
    at = whole.index(piece)
    end = at + len(piece)
    inside = (at and whole[at - 1].isalnum() and piece[0].isalnum()) or (
        end < len(whole) and whole[end].isalnum() and piece[-1].isalnum()
    )
    return None if inside else (at, end)
