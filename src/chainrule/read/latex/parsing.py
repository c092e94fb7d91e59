"""The text of a formula in LaTeX to items: limits, the parser, and what is wrong with a text."""

from __future__ import annotations

import re
from typing import Any

from chainrule.errors import LimitError, ParseError
from chainrule.read.latex.fences import MAX_NESTING, match
from chainrule.read.latex.mlist import Item, Malformed, parser

MAX_CHARS = 100_000
MAX_ITEMS = 10_000
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


def parse(text: str) -> list[list[list[Item]]]:
    """Rows of cells of items.

    Raises
    ------
    ParseError
        With the place.
    LimitError
        Too long or too deep.
    """
    if len(text) > MAX_CHARS:
        raise LimitError(
            f"the formula has {len(text)} characters; at most {MAX_CHARS} are read",
            source=text[:200], at=0,
        )  # fmt: skip
    clean = _norms(INVISIBLE.sub(" ", text))
    _guard(clean, text)
    from lark.exceptions import UnexpectedCharacters, UnexpectedInput

    try:
        rows: list[list[list[Item]]] = parser().parse(clean)  # type: ignore[assignment]
    except Malformed as stop:
        raise ParseError(str(stop), source=text, at=stop.at) from None
    except UnexpectedCharacters as error:
        at = error.pos_in_stream or 0
        raise ParseError(_unreadable(text, at), source=text, at=at) from None
    except UnexpectedInput as error:
        at = min(getattr(error, "pos_in_stream", None) or len(text), len(text))
        token = getattr(error, "token", None)
        raise ParseError(_unexpected(token), source=text, at=at) from None
    return [[match(cell, text) for cell in row] for row in rows]


_SINGLE_BAR = re.compile(r"(?<![\\|])\|(?!\|)")


def _norms(text: str) -> str:
    """``||x||`` as a norm where no single bar stands beside; places stay the same."""
    pairs = text.count("||")
    if pairs == 0 or pairs % 2 or "|||" in text or _SINGLE_BAR.search(text):
        return text
    return text.replace("||", "‖ ")


def _unreadable(text: str, at: int) -> str:
    ch = text[at]
    if ch == "\\":
        return "there is nothing behind this backslash"
    return f"the character {ch!r} is not used in formulas"


def _unexpected(token: Any) -> str:
    if token is None or token.type == "$END":
        return "the formula ends too early"
    value = str(token)
    if value.startswith("\\end"):
        return f"{value} closes nothing"
    if value.startswith("\\"):
        return f"{value.split('{')[0].strip()} is not expected here"
    if value in "^_":
        return f"there is nothing before this '{value}'"
    return f"'{value}' is not expected here"


_ITEM = re.compile(r"\\[a-zA-Z]+|\d+|\S")
_BRACE = re.compile(r"\\.|[{}]|\\begin|\\end", re.DOTALL)


def _guard(clean: str, text: str) -> None:
    """Count, and match braces before parsing: the message then names the one that is at fault."""
    for n, token in enumerate(_ITEM.finditer(clean)):
        if n >= MAX_ITEMS:
            raise LimitError(
                f"the formula has more than {MAX_ITEMS} symbols", source=text, at=token.start()
            )
    open_at: list[int] = []
    for found in _BRACE.finditer(clean):
        ch = found.group()
        if ch == "{":
            open_at.append(found.start())
            if len(open_at) > MAX_NESTING:
                raise LimitError(
                    f"braces are nested more than {MAX_NESTING} deep", source=text, at=found.start()
                )
        elif ch == "}":
            if not open_at:
                raise ParseError("this '}' closes nothing", source=text, at=found.start())
            open_at.pop()
    if open_at:
        raise ParseError("this '{' is never closed", source=text, at=open_at[-1])
    if clean.count("\\begin") > MAX_NESTING * 5:
        raise LimitError("the formula has too many environments", source=text, at=0)
