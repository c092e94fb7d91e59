"""Offsets to lines and columns, and texts made uniform without moving any character."""

from __future__ import annotations

import re
from bisect import bisect_right

# Marks of direction and order, which carry no text: byte order mark, LRM, RLM, embeddings, isolates
_UNSEEN = re.compile("[\ufeff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def even_out(source: str) -> str:
    """Text of the same length with only ``\\n`` as line end and blanks for marks of direction."""
    work = source
    if "\r" in work:
        work = work.replace("\r\n", " \n").replace("\r", "\n")
    return work if work.isascii() else _UNSEEN.sub(" ", work)


class LineIndex:
    """Where each line of a text starts; built once, asked by bisection."""

    __slots__ = ("_marked", "starts")

    def __init__(self, source: str) -> None:
        text = source
        if "\r" in text:
            text = text.replace("\r\n", " \n").replace("\r", "\n")
        self.starts = [0]
        self.starts.extend(m.end() for m in re.finditer("\n", text))
        # editors do not count a byte order mark as a column
        self._marked = source.startswith("\ufeff")

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1."""
        line = bisect_right(self.starts, offset)
        column = offset - self.starts[line - 1] + 1 if line else 1
        if self._marked and line == 1 and column > 1:
            column -= 1
        return max(line, 1), column


def position(source: str | LineIndex, offset: int) -> tuple[int, int]:
    """Line and column, counted from 1, of a character offset.

    Parameters
    ----------
    source
        The text, or better its ``LineIndex`` when many offsets are asked for.
    offset
        Counted from 0; an offset beyond the end continues the last line.
    """
    index = source if isinstance(source, LineIndex) else LineIndex(source)
    return index.position(max(0, offset))
