r"""Formulas that stand in running text without delimiters: "the layer is T = XW + b"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chainrule.documents.plainlines import is_plain_formula
from chainrule.documents.words import FUNCTIONS, STOP

RELATION = re.compile(r"[=≈≡∈∝≠≤≥]|\\(?:in|approx|equiv|propto|leq?|geq?|neq?)(?![A-Za-z])")
_EQUAL = re.compile(r"(?<![<>!])=|[≈≡]|\\(?:approx|equiv)(?![A-Za-z])")
_SPACE = re.compile(r"(?:∈|\\in(?![A-Za-z]))[ ]*(?:ℝ|R\^|R\b|\\mathbb|\\R(?![A-Za-z]))")
_TOKEN = re.compile(
    r"(?P<hidden>`+[^`]{0,300}`+|https?://\S*|</?[A-Za-z!][^<>]{0,300}>|[\w.+]{1,40}@\S{1,60})"
    r"|(?P<command>\\[A-Za-z]+\*?|\\[|{},;:! ])|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0370-\u03ff\U0001d400-\U0001d7ff\u2100-\u214f]"
    r"[\w\u0300-\u036f]*)"
    r"|(?P<blank>[ \t\u00a0]+)|(?P<group>[{}])|(?P<open>[(\[⟨⌊])|(?P<close>[)\]⟩⌋])|(?P<comma>[,;])"
    r"|(?P<op>:=|\.[*/^']|\.{3}|->|[-+*/^_=≈≡∝≠≤≥<>|‖·×⊙⊗∘−√∂∇∑∏∫'’′…→⇒∈±∞!&⊤ᵀ⁻⁺¹²³⁰⁴-⁹ᵢⱼ₀-₉ⁿₙ∀])"
    r"|(?P<word>[^\W\d]+)|(?P<other>[\s\S])"
)
_SETTING = re.compile(r"^--?[A-Za-z]{2}|^-[A-Z] |[A-Z]{2,}_[A-Z]{2}")  # -DNAME=VALUE
_TRIM = " \t\u00a0.,;:!*_|&"
_LONGEST = 2_000
_CASED = re.compile(r"[A-Za-z]{2,3}\Z")
_TABLE = re.compile(r"[ \t>]*\|")


def inline_runs(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Offsets of stretches of one line that are equations among words.

    Parameters
    ----------
    text
        The text made even.
    start, end
        A line, or the part of one between two delimited formulas.
    """
    table = bool(_TABLE.match(text, text.rfind("\n", 0, start) + 1))
    stack: list[int] = []
    begin = -1
    for found in _TOKEN.finditer(text, start, end):
        kind, piece, at = found.lastgroup, found[0], found.start()
        ends = kind in ("hidden", "other", "word")
        if kind == "name":
            ends = not _may_be_name(text, start, end, found)
        elif kind == "comma":
            ends = not stack
        elif kind == "op" and piece == "|" and table:
            ends = True
        elif kind in ("open", "group") and piece != "}":
            if begin < 0:
                begin = at
            stack.append(at)
            continue
        elif kind in ("close", "group"):
            if not stack:
                ends = True
            else:
                stack.pop()
        if not ends:
            if begin < 0 and kind != "blank":
                begin = at
            continue
        if begin >= 0:
            # a bracket that words interrupt is not part of the formula before it
            yield from _accepted(text, begin, min(stack[0], at) if stack else at)
        begin = -1
        stack.clear()
    if begin >= 0:
        yield from _accepted(text, begin, stack[0] if stack else end)


def language_of(piece: str) -> str:
    """``"plain"`` for the plain language, ``"latex"`` where names side by side are a product."""
    if "\\" in piece or "{" in piece or not is_plain_formula(piece):
        return "latex"
    if "*" in piece:
        return "plain"
    for name in re.finditer(r"[A-Za-z]{2,}(?![\w(])", piece):
        if _is_product(name[0]) and piece[max(0, name.start() - 1) : name.start()] != "_":
            return "latex"
    return "plain"


def _is_product(name: str) -> bool:
    return (
        _CASED.match(name) is not None
        and not name.islower()
        and name[0] != "d"
        and name.lower() not in FUNCTIONS
    )


def _may_be_name(text: str, start: int, end: int, found: re.Match[str]) -> bool:
    """Whether a word between signs is a name of mathematics rather than of the language."""
    name = found[0]
    low = name.lower()
    after = text[found.end() : found.end() + 1] if found.end() < end else ""
    before = text[found.start() - 1 : found.start()] if found.start() > start else ""
    if len(name) == 1:
        return not (name in "aAIi" and before in ("", " ") and after == " "
                    and text[found.end() + 1 : found.end() + 2].isalpha()
                    and text[found.end() + 2 : found.end() + 3].isalpha())  # fmt: skip
    if low in STOP:
        return False
    if after == "(" or "_" in name or any(c.isdigit() for c in name):
        return True
    if low in FUNCTIONS:
        return True
    if len(name) == 2 and (name[0] in "d∂" or not name.islower()):
        return True
    if _CASED.match(name) and name.isupper():
        return True
    follows = text[found.end() : min(end, found.end() + 3)].lstrip()[:1]
    leads = text[max(start, found.start() - 3) : found.start()].rstrip()[-1:]
    return follows in ("=", "*", "^") or leads in ("=", "*")


def _accepted(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    if end - start > _LONGEST or not RELATION.search(piece):
        return
    start += len(piece) - len(piece.lstrip(_TRIM))
    end -= len(piece) - len(piece.rstrip(_TRIM))
    if start < end and _says_something(text[start:end]):
        yield start, end


def _says_something(piece: str) -> bool:
    """Whether two sides are compared, with an operation or a call in one of them."""
    if piece.count("(") != piece.count(")") or piece.count("{") != piece.count("}"):
        return False
    if not _EQUAL.search(piece):
        return _SPACE.search(piece) is not None and piece[0].isalpha() | (piece[0] == "\\")
    if _SETTING.search(piece):
        return False
    sides = [side.strip(" :") for side in _EQUAL.split(piece)]
    sides = [side for k, side in enumerate(sides) if side or k in (0, len(sides) - 1)]
    if len(sides) < 2 or not all(sides):
        return False
    names = re.findall(r"[^\W\d_]+", piece)
    if not names:
        return False
    if "\\" in piece:
        return True
    if not re.search(r"\w\(|[*^'’′·×⊙⊗∘√∂∇∑∏‖ᵀ⊤²³⁻]|[-+−/]", piece):
        # T = XW, y = A x: only letters side by side
        return any(_is_product(n) for n in names) or bool(
            re.search(r"(?<![^\W\d_])[^\W\d_][ \t]+[^\W\d_](?![^\W\d_])", piece)
        )
    # "well-known = hyphenated": a sign between words of the language is not enough
    short = [n for n in names if len(n) <= 3 or n.lower() in FUNCTIONS]
    return bool(short) or re.search(r"\w\(|[*^']", piece) is not None
