r"""Delimiters in the order they stand: ``$`` signs, ``\(``, ``\begin{align}``, headings."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from chainrule.documents.cuts import BREAK, HEADING, MATH, SKIP, Cut

DOLLAR, OPEN_ROUND, CLOSE_ROUND, OPEN_SQUARE, CLOSE_SQUARE, BEGIN, END, TICKS, TITLE, FENCED = (
    range(10)
)

_DISPLAYED = (
    "equation align gather multline eqnarray displaymath math flalign alignat dmath "
    "IEEEeqnarray xalignat dgroup"
)
_NESTED = (
    "aligned alignedat gathered split cases dcases rcases array matrix pmatrix bmatrix Bmatrix "
    "vmatrix Vmatrix smallmatrix psmallmatrix bsmallmatrix matrix* pmatrix* bmatrix* multlined "
    "cases* dcases* subarray"
)
OUTER = frozenset(name + star for name in _DISPLAYED.split() for star in ("", "*"))
INNER = frozenset(_NESTED.split())
_MATHEMATICAL = OUTER | INNER
_KINDS = {r"\(": OPEN_ROUND, r"\)": CLOSE_ROUND, r"\[": OPEN_SQUARE, r"\]": CLOSE_SQUARE}
_BASE = r"\\(?P<which>begin|end)[ ]?\{(?P<env>[A-Za-z]{1,20}\*?)\}"
_REST = r"|\\[\s\S]|\$+"
_LINKS = r"|`+|\]\([^()\s\\]{0,2000}\)|https?://[^\s<>\"'\\)$]{0,2000}"


class Token(NamedTuple):
    """A delimiter with the paragraph and the heading it stands under, both by number."""

    kind: int
    start: int
    end: int
    para: int
    head: int
    name: str = ""
    level: int = 0


class Stream(NamedTuple):
    """All delimiters of a text, its paragraphs as (start, end), and what is not searched."""

    tokens: list[Token]
    paragraphs: list[tuple[int, int]]
    titled: set[int]  # paragraphs that are headings
    skipped: list[tuple[int, int]]


def tokenize(
    text: str,
    cuts: Iterable[Cut],
    *,
    markdown: bool,
    aliases: Mapping[str, tuple[str, str]],
    ignored: Callable[[int], bool],
) -> Stream:
    r"""Find the delimiters between the cuts.

    Parameters
    ----------
    text
        The text made even.
    cuts
        Stretches that separate paragraphs; of overlapping ones the first counts.
    markdown
        Whether back-ticks, links and addresses hide what is in them.
    aliases
        Macros that stand for ``\begin{…}`` or ``\end{…}``: name to (``begin``, environment).
    ignored
        Tells offsets that lie in a definition.
    """
    pattern = _pattern(markdown, aliases)
    tokens: list[Token] = []
    paragraphs: list[tuple[int, int]] = []
    titled: set[int] = set()
    skipped: list[tuple[int, int]] = []
    head = 0

    def paragraph(start: int, end: int) -> None:
        number = len(paragraphs)
        paragraphs.append((start, end))
        found_here: list[Token] = []
        ticks = False
        for found in pattern.finditer(text, start, end):
            piece = found[0]
            first = piece[0]
            if first == "$":
                kind, name = DOLLAR, ""
            elif first == "\\":
                name = ""
                if found["env"]:
                    name = found["env"]
                    if name not in _MATHEMATICAL:
                        continue
                    kind = BEGIN if found["which"] == "begin" else END
                elif piece in _KINDS:
                    kind = _KINDS[piece]
                elif piece in aliases:
                    which, name = aliases[piece]
                    kind = BEGIN if which == "begin" else END
                else:
                    continue
            elif first == "`":
                kind, name, ticks = TICKS, "", True
            else:
                continue
            if not ignored(found.start()):
                found_here.append(Token(kind, found.start(), found.end(), number, head, name))
        if ticks:
            found_here = _without_code(text, found_here, skipped)
        tokens.extend(found_here)

    at = 0
    for cut in sorted(cuts):
        if cut.start < at:
            continue
        if cut.start > at:
            paragraph(at, cut.start)
        at = cut.end
        if cut.kind == HEADING:
            head += 1
            place = (cut.start, cut.end, len(paragraphs), head, cut.title, cut.level)
            tokens.append(Token(TITLE, *place))
            titled.add(len(paragraphs))
            paragraph(cut.start, cut.end)
        elif cut.kind == MATH:
            number = len(paragraphs)
            before = len(tokens)
            paragraph(*cut.inner)
            if len(tokens) == before:
                tokens.append(Token(FENCED, *cut.inner, number, head))
            skipped.append((cut.start, cut.end))
        elif cut.kind == SKIP:
            skipped.append((cut.start, cut.end))
        else:
            assert cut.kind == BREAK
    if at < len(text):
        paragraph(at, len(text))
    return Stream(tokens, paragraphs, titled, sorted(skipped))


def _pattern(markdown: bool, aliases: Mapping[str, tuple[str, str]]) -> re.Pattern[str]:
    named = "".join(rf"|{re.escape(name)}(?![A-Za-z])" for name in sorted(aliases))
    return re.compile(_BASE + named + _REST + (_LINKS if markdown else ""))


def _without_code(text: str, tokens: list[Token], skipped: list[tuple[int, int]]) -> list[Token]:
    """Drop code between equal runs of back-ticks, except ``$`…`$``, which is mathematics."""
    closers: dict[int, list[int]] = {}
    for k, token in enumerate(tokens):
        if token.kind == TICKS:
            closers.setdefault(token.end - token.start, []).append(k)
    kept: list[Token] = []
    k = 0
    while k < len(tokens):
        token = tokens[k]
        k += 1
        if token.kind != TICKS:
            kept.append(token)
            continue
        same = closers[token.end - token.start]
        after = bisect_right(same, k - 1)
        if after == len(same):
            continue
        close = tokens[same[after]]
        if text[token.start - 1 : token.start] == "$" and text[close.end : close.end + 1] == "$":
            continue
        skipped.append((token.start, close.end))
        k = same[after] + 1
    return kept
