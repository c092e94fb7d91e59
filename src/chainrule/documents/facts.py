"""What the prose declares: "A is symmetric", "вектор x", "numerator layout", with its place."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise

from chainrule.documents import phrases
from chainrule.documents.clauses import is_size, sentence_facts
from chainrule.documents.lines import LineIndex, even_out
from chainrule.documents.model import Document, Formula

_SENTENCE = re.compile(
    r"[.!?؟。！？；;](?=\s|\Z|[\u3400-\u9fff])|\n\s*\n|\n(?=[ \t>]*(?:[-*+•]|\d+[.)])[ \t])"
)
_CLUE = re.compile(
    "|".join(w for t in (phrases.KINDS, phrases.TRAITS, phrases.LAYOUTS) for w in t.values())
)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something the prose says.

    Parameters
    ----------
    kind
        ``"trait"``, ``"kind"``, ``"size"`` or ``"layout"``.
    name
        The name as it is written (LaTeX inside a formula): ``A``, ``\\\\Sigma``; empty for a
        layout.
    value
        For a trait ``"symmetric"``, ``"positive_definite"`` …; for a kind ``"scalar"``,
        ``"vector"``, ``"row vector"``, ``"column vector"``, ``"matrix"``, ``"function"``; for a
        size ``"n,m"``; for a layout ``"numerator"``, ``"denominator"``, ``"gradient"`` or
        ``"column vectors"``.
    line, column, offset, end
        Place of the sentence (up to ``end``) in ``Document.source``, counted as in ``Formula``.
    scope_id
        The scope it belongs to.
    conditional
        Said under an "if": true only for the sentence it stands in.
    text
        The sentence in one line.
    cell
        Number of the notebook cell.
    """

    kind: str
    name: str
    value: str
    line: int
    column: int
    offset: int
    end: int
    scope_id: int
    conditional: bool
    text: str
    cell: int | None = None


def find_facts(document: Document) -> tuple[Fact, ...]:
    """Declarations made in words, in the order of the document."""
    text = even_out(document.source)
    formulas = document.formulas
    starts = [f.offset for f in formulas]
    shown = masked(text, formulas)
    low = phrases.in_small_letters(shown)
    index = LineIndex(document.source)
    heads = [h.offset for h in document.headings]
    facts: list[Fact] = []
    bounds = sorted(
        {
            0,
            len(shown),
            *(m.end() for m in _SENTENCE.finditer(shown)),
            *_around_titles(shown, heads),
        }
    )
    for start, end in pairwise(bounds):
        piece = shown[start:end]
        here = formulas[bisect_left(starts, start) : bisect_left(starts, end)]
        if not _CLUE.search(low, start, end) and not any(is_size(f.text) for f in here):
            continue
        said = sentence_facts(piece, [f.text for f in here])
        if not said:
            continue
        begin = start + len(piece) - len(piece.lstrip())
        h = bisect_right(heads, begin) - 1
        owner = here[0] if here else document.headings[h] if h >= 0 else None
        scope, cell = (owner.scope_id, owner.cell) if owner else (0, None)
        line, column = index.position(begin)
        sentence = " ".join(text[begin:end].split())
        for kind, name, value, conditional in said:
            facts.append(
                Fact(
                    kind, name, value, line, column, begin, end, scope, conditional, sentence, cell
                )
            )
    return tuple(facts)


def _around_titles(text: str, heads: list[int]) -> list[int]:
    ends = [text.find("\n", at) for at in heads]
    return heads + [end for end in ends if end >= 0]


def masked(text: str, formulas: tuple[Formula, ...]) -> str:
    """The text with one U+0001 per formula and blanks for the rest of it; offsets stay."""
    pieces: list[str] = []
    at = 0
    for formula in formulas:
        start, end = formula.offset, formula.end
        while start > at and text[start - 1] in "$":
            start -= 1
        if text[start - 1 : start] in ("(", "[") and text[start - 2 : start - 1] == "\\":
            start -= 2
        while end < len(text) and text[end] == "$":
            end += 1
        if text[end : end + 2] in (r"\)", r"\]"):
            end += 2
        if start < at:
            continue
        pieces += (text[at:start].replace("\x01", " "), "\x01", " " * (end - start - 1))
        at = end
    return "".join((*pieces, text[at:].replace("\x01", " ")))
