"""Guards on the raw text: size, nesting, control characters, brackets, line ends.

What passes has the same length as what came in, so every offset holds for the original text.
"""

from __future__ import annotations

import re
import unicodedata

from chainrule.errors import LimitError, ParseError
from chainrule.read.names import GREEK, plain_letter

MAX_CHARS = 100_000
MAX_NESTING = 200
MAX_TOKENS = 10_000

_PIECE = re.compile(r"\w+|[^\w\s]")
_BRACKET = re.compile(r"[()\[\]{}\n]")
_ODD = re.compile(r"[^\x20-\x7e\n\r\t\f]")
_ALLOWED = frozenset("−–×·⋅∙•÷⊙∘⊗’′ʹᵀ⊤⁰¹²³⁴⁵⁶⁷⁸⁹⁻₀₁₂₃₄₅₆₇₈₉ᵢⱼ‖≤≥≠") | GREEK.keys()
_CLOSES = {")": "(", "]": "[", "}": "{"}
_OPENS = frozenset("([{")
_GOES_ON_AFTER = frozenset("+-*/^=,−–×·⋅∙•÷⊙∘⊗")
_GOES_ON_BEFORE = frozenset("+*/^=,.×·⋅∙•÷⊙∘⊗")
_SPACES = "\u00a0\u2002\u2003\u2009\u200a\u202f\u2062"


def check(text: str) -> str:
    """The text in plain letters, line ends inside brackets removed.

    Raises
    ------
    LimitError
        Too long, too many symbols, or nested too deeply.
    ParseError
        Empty, an unreadable character, or a bracket without its partner.
    """
    if len(text) > MAX_CHARS:
        raise LimitError(
            f"the text has {len(text)} characters; at most {MAX_CHARS} are read at once"
        )
    if not text.strip("; \t\r\n\f"):
        raise ParseError("the formula is empty; write for example x'*A*x", source=text, at=0)
    if not text.isascii() or not text.isprintable():
        text = _ODD.sub(lambda found: _character(found, text), text)
    pieces = sum(1 for _ in _PIECE.finditer(text))
    text = _brackets(text)
    if pieces > MAX_TOKENS:
        raise LimitError(
            f"the formula has {pieces} symbols; at most {MAX_TOKENS} are read at once: "
            "name parts of it with definitions in separate requests"
        )
    return text


def _character(found: re.Match[str], text: str) -> str:
    ch, at = found.group(), found.start()
    if ch in _ALLOWED:
        return ch
    if ch in _SPACES or (ch == "\ufeff" and at == 0):
        return " "
    if ch == "∥":
        return "‖"
    plain = plain_letter(ch)
    if plain != ch:
        return plain
    category = unicodedata.category(ch)
    if category in ("Lu", "Ll") and unicodedata.name(ch, "").startswith("LATIN"):
        return ch
    code = f"U+{ord(ch):04X}"
    if category == "Cc":
        raise ParseError(f"the text contains the control character {code}", source=text, at=at)
    if category == "Cf":
        raise ParseError(
            f"the text contains the invisible character {code}; please type it again without",
            source=text, at=at,
        )  # fmt: skip
    name = unicodedata.name(ch, "unnamed").lower()
    raise ParseError(f"the character {code} ({name}) is not used in formulas", source=text, at=at)


def _brackets(text: str) -> str:
    """Match brackets; a line end inside brackets or next to an operator is only a space."""
    open_at: list[int] = []
    joined: list[int] = []
    for found in _BRACKET.finditer(text):
        ch, at = found.group(), found.start()
        if ch in _OPENS:
            open_at.append(at)
            if len(open_at) > MAX_NESTING:
                raise LimitError(
                    f"brackets are nested more than {MAX_NESTING} deep", source=text, at=at
                )
        elif ch == "\n":
            before, after = text[:at].rstrip()[-1:], text[at:].lstrip()[:1]
            if open_at or before in _GOES_ON_AFTER or after in _GOES_ON_BEFORE:
                joined.append(at)
        elif not open_at:
            raise ParseError(f"this '{ch}' closes nothing", source=text, at=at)
        elif text[open_at[-1]] != _CLOSES[ch]:
            raise ParseError(
                f"this '{ch}' does not fit the '{text[open_at[-1]]}' opened before it",
                source=text, at=at,
            )  # fmt: skip
        else:
            open_at.pop()
    if open_at:
        raise ParseError(f"this '{text[open_at[-1]]}' is never closed", source=text, at=open_at[-1])
    if joined:
        chars = list(text)
        for at in joined:
            chars[at] = " "
        text = "".join(chars)
    return text
