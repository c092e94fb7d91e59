"""Lines of plain text that are formulas in the plain language: ``f = x'*A*x``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from chainrule.documents.words import FUNCTIONS, STOP

_TOKEN = re.compile(
    r"(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<name>[^\W\d]\w*)|(?P<blank>[ \t\u00a0\n]+)"
    r"|(?P<op>\.[*/^']|==|[-+*/^=·×⊙⊗∘−<>≤≥√∂∇∑∏'’])|(?P<other>[(),;:\[\]|‖⁻⁺∞²³¹])"
)
_MARKER = re.compile(r"[ \t>]*(?:[-*+•][ \t]+|[(（]?\w{1,2}[.)）][ \t]+|[(（]\w{1,2}[)）][ \t]*)?")
_TABLE = re.compile(r"[ \t]*\|[ \t]")
_BAR = re.compile(r"\|(?=[ \t\n]|\Z)|(?<=[ \t])\|(?=[ \t])")
_OPERATION = re.compile(r"[*/^'(+·×⊙⊗−√∂∇∑]| - ")
_LABEL = re.compile(r"[^\n:=*]{1,60}:[ \t]+(?=[^\s:=])")
_CONTINUED = re.compile(r"[ \t]*=(?!=)")
_END = " \t.,;\n\u00a0"
_LONGEST = 20_000


def plain_formulas(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Offsets of the formulas in one paragraph; lines that begin with ``=`` continue one.

    Parameters
    ----------
    text
        The text made even.
    start, end
        The paragraph.
    """
    current: tuple[int, int] | None = None
    at = start
    while at < end:
        stop = text.find("\n", at, end)
        stop = end if stop < 0 else stop
        if current and _CONTINUED.match(text, at, stop):
            last = _trimmed(text, at, stop)
            if is_plain_formula(text[current[1] : last].lstrip().removeprefix("=")):
                current = (current[0], last)
                at = stop + 1
                continue
        if current:
            yield current
        current = None
        if _TABLE.match(text, at, stop):
            yield from _in_cells(text, at, stop)
        else:
            current = _on_line(text, at, stop)
        at = stop + 1
    if current:
        yield current


def _in_cells(text: str, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Formulas in the cells of one row of a table; ``|`` next to no blank is part of a formula."""
    bars = [start, *(m.start() for m in _BAR.finditer(text, start, stop)), stop]
    for left, right in pairwise(bars):
        found = _on_line(text, left + 1, right)
        if found:
            yield found


def _on_line(text: str, start: int, stop: int) -> tuple[int, int] | None:
    marker = _MARKER.match(text, start, stop)
    begin = marker.end() if marker else start
    last = _trimmed(text, begin, stop)
    if last - begin > _LONGEST or begin >= last:
        return None
    if has_relation(text[begin:last]):
        return begin, last
    label = _LABEL.match(text, begin, last)
    if label and has_relation(text[label.end() : last]):
        return label.end(), last
    return None


def _trimmed(text: str, start: int, stop: int) -> int:
    line = text[start:stop]
    comment = line.find(" #")
    return start + len((line[:comment] if comment >= 0 else line).rstrip(_END))


def has_relation(line: str) -> bool:
    """Whether a line is a formula that says something: an equation, or an operation on names."""
    if not is_plain_formula(line):
        return False
    names = [m["name"] for m in _TOKEN.finditer(line) if m["name"]]
    if "=" in line:
        if line.startswith("=") or line.endswith("="):
            return False
        # "version = 3.11", "name=value" are settings, not mathematics
        return _OPERATION.search(line) is not None or any(len(n) <= 2 for n in names)
    if not names or not any(c in line for c in "+-*/^'·×⊙⊗−√∇∑"):
        return False
    if set("*^'·×⊙⊗√∇∑").isdisjoint(line):
        # "and/or", "x-ray" are words
        return not any(len(n) > 2 and n.lower() not in FUNCTIONS for n in names)
    return True


def is_plain_formula(line: str) -> bool:
    """Whether a text has only names, numbers and operators, and no two names side by side."""
    at, depth = 0, 0
    operand = blank = False  # whether something that can be multiplied, then a blank, came before
    called = ""
    while at < len(line):
        found = _TOKEN.match(line, at)
        if not found:
            return False
        kind, piece, at = found.lastgroup, found[0], found.end()
        if kind == "blank":
            blank = True
            continue
        if kind in ("name", "number"):
            if operand and (blank or kind == "number" or called or line[found.start() - 1] in "'’"):
                return False
            if kind == "name" and not _is_name(piece):
                return False
            operand, called = True, piece if kind == "name" else ""
        else:
            if piece in "([":
                if operand and blank and called and called.lower() not in FUNCTIONS:
                    return False
                depth += 1
            elif piece in ")]":
                depth -= 1
            elif piece == ":" and not depth:
                return False
            if depth < 0:
                return False
            operand, called = piece in (")", "]", "'", "’", ".'"), ""
        blank = False
    return depth == 0


def _is_name(word: str) -> bool:
    if len(word) > 1 and word.lower() in STOP:
        return False
    return all(ord(c) < 0x400 or 0x1D2C <= ord(c) <= 0x1DBF or 0x2070 <= ord(c) <= 0x20A0
               or c == "ϕ" for c in word)  # fmt: skip
