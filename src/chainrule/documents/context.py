"""The prose around a formula, in one short line."""

from __future__ import annotations

import re

REACH = 200
_WINDOW = 400
_ITEM = re.compile(r"\n[ \t>]*(?:[-*+•]|\(?\w{1,3}[.)）])[ \t]")
_MARKER = re.compile(r"[ \t\n>]*(?:[-*+•]|[(（]?\w{1,3}[.)、）])?[ \t\n]*\Z")


def prose_before(text: str, low: int, high: int) -> str:
    """What stands before ``high``, at most 200 characters; a list starts anew at each item."""
    piece = text[max(low, high - _WINDOW) : high]
    if "\n" in piece:
        for item in reversed(list(_ITEM.finditer(piece))):
            if not _MARKER.match(piece[item.start() :]):
                piece = piece[item.start() :]
                break
    return _one_line(piece)[-REACH:].lstrip()


def prose_after(text: str, low: int, high: int) -> str:
    """What stands after ``low``, at most 200 characters."""
    piece = text[low : min(high, low + _WINDOW)]
    if "\n" in piece:
        item = _ITEM.search(piece)
        if item:
            piece = piece[: item.start()]
    return _one_line(piece)[:REACH].rstrip()


def is_marker(piece: str) -> bool:
    """Whether there is nothing but, say, ``1.`` before a formula."""
    return len(piece) < 40 and _MARKER.match(piece) is not None


def _one_line(piece: str) -> str:
    return " ".join(piece.replace("\x00", " ").split())
