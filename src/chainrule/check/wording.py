"""Words that contradict the size beside them, or what is said elsewhere.

"A row vector ($n\\times 1$)" is a column. Where y is 1 for what belongs to a class, it is not 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from chainrule.check.verdict import Rewrite, Slip, Verdict
from chainrule.documents import Document, Formula, LineIndex, position
from chainrule.documents.beside import COLUMN, ROW, SQUARE, Beside, words_beside_sizes
from chainrule.documents.indicators import indicators
from chainrule.read.session import Stated
from chainrule.statements import Placed

FIRST_NUMBER = 1_000_000
"""Statements in words are counted from here: those of formulas have the numbers below."""
_SWAPPED = {
    "row": "column", "column": "row", "Row": "Column", "Column": "Row",
    "строка": "столбец", "строки": "столбца", "строку": "столбец", "строкой": "столбцом",
    "строке": "столбце", "столбец": "строка", "столбца": "строки", "столбцом": "строкой",
    "столбце": "строке", "столбцу": "строке",
    "سطری": "ستونی", "ستونی": "سطری", "行": "列", "列": "行",
}  # fmt: skip
_SWAP = re.compile("|".join(sorted(_SWAPPED, key=len, reverse=True)))


def wrong_words(document: Document) -> Iterator[tuple[Placed, Verdict]]:
    """Statements in words that contradict a size, each with its verdict."""
    index = LineIndex(document.source)
    for one in words_beside_sizes(document):
        told = _amiss(one)
        if told is None:
            continue
        kind, text = told
        rewrite = _rewritten(one)
        verdict = Verdict("false", slip=Slip(kind, text), by=("shape",),
                          rewrite=Rewrite(rewrite) if rewrite else None)  # fmt: skip
        text = _written(one, one.lead, one.tail)
        yield _placed(text, one.offset, one.end, one.formula, index), verdict
    yield from _coded(document, index)


def _amiss(one: Beside) -> tuple[str, str] | None:
    rows, cols = one.rows, one.cols
    if one.kind == SQUARE:
        alike = rows.isdigit() == cols.isdigit()
        return (
            ("other", f"a square matrix is not {rows}×{cols}") if alike and rows != cols else None
        )
    if (rows == "1") == (cols == "1"):
        return None
    if (cols if one.kind == ROW else rows) != "1":
        return None
    other = COLUMN if one.kind == ROW else ROW
    return "transpose", (f"a {one.kind} is {cols}×{rows}; {rows}×{cols} is the size of a {other}")


def _written(one: Beside, lead: str, tail: str) -> str:
    """In LaTeX, so that it can be typeset; as it stands where the size is no formula."""
    bracket = lead[-1:] in ("(", "（")
    if one.formula is None or one.formula.language == "plain":
        return f"{lead}{'' if bracket else ' '}{one.size}{'' if bracket else ' '}{tail}".strip()
    lead = lead.removesuffix("$").removesuffix(r"\(").rstrip("(（ ")
    tail = tail.lstrip(")） ")
    size = f"({one.size})" if bracket else one.size
    return " ".join(
        p
        for p in (rf"\text{{{lead} }}" if lead else "", size, rf"\text{{ {tail}}}" if tail else "")
        if p
    )


def _rewritten(one: Beside) -> str:
    if one.kind == SQUARE:
        return ""
    lead, tail = (_SWAP.sub(lambda m: _SWAPPED[m[0]], t, count=1) for t in (one.lead, one.tail))
    return "" if (lead, tail) == (one.lead, one.tail) else _written(one, lead, tail)


def _placed(text: str, offset: int, end: int, known: Formula | None, index: LineIndex) -> Placed:
    """A statement in words; it stands in for the formula that is part of it."""
    line, column = position(index, offset)
    if known is None:
        formula = Formula(text, line, column, offset, end, False, "plain", "", "", (), 0, None)
    else:
        if known.cell is not None:
            line, column = known.line, known.column
        formula = replace(known, text=text, line=line, column=column, offset=offset)
    stated = Stated("words", text, 0, len(text), FIRST_NUMBER + offset)
    return Placed(stated, formula, line, column)


# -- indicators ----------------------------------------------------------------------------------


def _coded(document: Document, index: LineIndex) -> Iterator[tuple[Placed, Verdict]]:
    """``y_ij = 0`` for what belongs to class j, where y is 1 for that elsewhere."""
    found = indicators(document)
    for one in found:
        other = next((o for o in found if o.letter == one.letter and o.value == "1"), None)
        if one.value != "0" or other is None:
            continue
        line, _ = position(index, other.offset)
        text = _in_latex(document.source[one.offset : one.end])
        message = (
            f"{one.letter} is 0 here for what belongs to the class, and 1 for that in line {line}"
        )
        put = re.sub(r"(=\s*)0", r"\g<1>1", text, count=1)
        yield (
            _placed(text, one.offset, one.end, one.formula, index),
            Verdict("false", slip=Slip("other", message), rewrite=Rewrite(put)),
        )


def _in_latex(source: str) -> str:
    """What begins inside a formula and goes on in words."""
    pieces = re.split(r"\$+", " ".join(source.split()))
    return "".join(
        rf"\text{{{p.replace(' -', '-')}}}" if k % 2 and p else p.rstrip()
        for k, p in enumerate(pieces)
    )


__all__ = ["wrong_words"]
