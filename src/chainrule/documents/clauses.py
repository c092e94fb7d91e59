"""One sentence: which names it speaks of and what it says of them.

Words become pieces with a part in the sentence (name, what is said, "is", "not", "and", other), and
three patterns are looked for: name – is – said, said – name ("symmetric matrix A"), name – said.
"""

from __future__ import annotations

import re
from functools import cache

from chainrule.documents import phrases

_LETTER = r"[A-Za-z\u0391-\u03c9]"
_NAME = (
    rf"(?:\\(?:hat|bar|tilde|vec|mathbf|boldsymbol|mathrm|mathcal|bm|overline)\s*)?"
    rf"(?:\{{\s*)?(?:\\[A-Za-z]+|{_LETTER})'*(?:\s*\}})?"
    r"(?:_(?:\{[^{}]{1,12}\}|\w)|\^\{?\(\w{1,4}\)\}?)*\d{0,2}"
)
_SUBJECT = re.compile(
    rf"\s*(?P<names>{_NAME}(?:\s*,\s*{_NAME})*)\s*(?:\(\s*{_NAME}\s*\)\s*)?"
    r"(?:(?P<placed>(?:\\in(?![A-Za-z])|∈|:|\\colon)[\s\S]*)|[.,;:]?\s*)\Z"
)
_ONE = re.compile(_NAME)
_COMMANDS = re.compile(
    r"\\(?:in|times|to|cdot|sum|prod|frac|partial|nabla|ldots|dots|odot|otimes|circ|mathbb|R|text|quad)"
    r"(?![A-Za-z])"
)
_TIMES = re.compile(r"\s*(\w{1,3})\s*(?:\\times(?![A-Za-z])|×)\s*(\w{1,3})\s*\Z")


def _any(pattern: str) -> str:
    # a word ends at its last letter, but Chinese has no such ends
    return rf"(?:{pattern})(?:(?![^\W\d_])|(?<=[\u3400-\u9fff])|(?=[\u3400-\u9fff]))"


def _named(prefix: str, words: dict[str, str]) -> str:
    return "|".join(f"(?P<{prefix}{k}>{_any(p)})" for k, p in enumerate(words.values()))


_KINDS = tuple(phrases.KINDS)
_TRAITS = tuple(phrases.TRAITS)


@cache
def _token() -> re.Pattern[str]:
    # compiled when first asked for: it takes longer than all other patterns together
    return re.compile(
        r"(?P<formula>\x01)|(?P<size>(?<!\w)[a-z\d]{1,3}(?:\s*[×]\s*|\s+(?:x|by)\s+|-by-)[a-z\d]{1,3}(?!\w))"
        rf"|(?P<not>{_any(phrases.NOT)}|non-?(?=symmetric|diagonal|square))"
        rf"|{_named('t', phrases.TRAITS)}|{_named('k', phrases.KINDS)}"
        rf"|(?P<copula>{_any(phrases.COPULA)})|(?P<joiner>{_any(phrases.JOINER)})"
        rf"|(?P<bare>(?<![\w\\'’]){_LETTER}(?:_\w|\d)?(?![\w'’-]))"
        rf"|(?P<article>{_any(phrases.ARTICLE)})"
        r"|(?P<word>[^\W\d_\u3400-\u9fff]+(?:['’-][^\W\d_]+)*|[\u3400-\u9fff]|\d+)|(?P<sign>[^\s\w])"
    )


_CONDITION = re.compile(rf"(?<!\w){_any(phrases.CONDITION)}")
_GOAL = re.compile(rf"(?<!\w){_any(phrases.GOAL)}")
_FAR = 3  # words between a copula and what it says


def is_size(formula: str) -> bool:
    """``n\\times m``, and nothing else?"""
    return _TIMES.match(formula) is not None


def sentence_facts(sentence: str, formulas: list[str]) -> list[tuple[str, str, str, bool]]:
    """Facts of one sentence as (kind, name, value, whether conditional).

    Parameters
    ----------
    sentence
        The sentence with the character U+0001 for each formula.
    formulas
        Those formulas.
    """
    low = phrases.in_small_letters(sentence)
    if sentence.rstrip()[-1:] in ("?", "؟", "？"):
        return []
    found: list[tuple[str, str, str, bool]] = []
    for value, pattern in phrases.LAYOUT_PATTERNS:
        if pattern.search(low):
            found.append(("layout", "", value, False))
    goal = _GOAL.search(low)
    limit = goal.start() if goal else len(sentence)
    # "if A is symmetric, show that …" supposes it for all that follows
    conditional = goal is None and _CONDITION.search(low) is not None
    for name, value, at in _bound(_pieces(sentence, low, formulas)):
        kind = "size" if "," in value else "trait" if value in phrases.TRAITS else "kind"
        row = (kind, name, value, conditional)
        if at < limit and row not in found:
            found.append(row)
    return found


class _Piece:
    """A word of the sentence with its part in it."""

    __slots__ = ("at", "names", "role", "value")

    def __init__(self, role: str, at: int, names: tuple[str, ...] = (), value: str = "") -> None:
        self.role, self.at, self.names, self.value = role, at, names, value


def _pieces(sentence: str, low: str, formulas: list[str]) -> list[_Piece]:
    pieces: list[_Piece] = []
    rest = iter(formulas)
    for found in _token().finditer(low):
        role = found.lastgroup or "word"
        at = found.start()
        if role == "formula":
            formula = next(rest, "")
            times = _TIMES.match(formula)
            if times:
                pieces.append(_Piece("says", at, value=f"{times[1]},{times[2]}"))
                continue
            names, placed = _names_of(formula)
            role = "name" if names else "other"
            pieces.append(_Piece(role, at, names, "placed" if placed else ""))
        elif role == "size":
            ends = re.findall(r"[A-Za-z\d]+", sentence[at : found.end()])
            pieces.append(_Piece("says", at, value=f"{ends[0]},{ends[-1]}"))
        elif role == "bare":
            letter = sentence[at : found.end()]
            after = sentence[found.end() : found.end() + 12]
            if letter in ("a", "A", "I", "O") and not _is_subject(sentence, at, after):
                pieces.append(_Piece("article", at))
            else:
                pieces.append(_Piece("name", at, (letter,)))
        elif role[0] == "t" and role[1:].isdigit():
            pieces.append(_Piece("says", at, value=_TRAITS[int(role[1:])]))
        elif role[0] == "k" and role[1:].isdigit():
            pieces.append(_Piece("says", at, value=_KINDS[int(role[1:])]))
        elif role == "sign":
            if found[0] not in '*_()（）«»"“”':
                pieces.append(_Piece("other", at))
        else:
            pieces.append(_Piece(role, at))
    return pieces


def _is_subject(sentence: str, at: int, after: str) -> bool:
    """Whether ``A`` or ``a`` is a name rather than the English article or pronoun."""
    if sentence[at] in "IO" and re.match(r"\s+(?:am|have|will|can)\b", after):
        return False
    if re.match(r"\s*(?:$|[.,;:،。，—–)]|is\b|are\b|be\b|and\b|[^\x00-\u02ff])", after):
        return True
    return re.search(r"[^\x00-\u02ff]\s*\Z", sentence[:at]) is not None


def _names_of(formula: str) -> tuple[tuple[str, ...], bool]:
    """Names a formula consists of, and whether it also says what they belong to."""
    found = _SUBJECT.match(formula)
    if not found or len(found["names"]) > 80 or _COMMANDS.search(found["names"]):
        return (), False
    names = tuple(m[0].strip() for m in _ONE.finditer(found["names"]))
    return names, found["placed"] is not None


def _bound(pieces: list[_Piece]) -> list[tuple[str, str, int]]:
    """Names with what is said of them."""
    rows: list[tuple[str, str, int]] = []
    k = 0
    while k < len(pieces):
        if pieces[k].role == "name":
            names, k = _group(pieces, k)
            says, k, denied = _predicate(pieces, k)
            rows += [(n, v, at) for v, at in _said(says) for n in names if not denied]
        elif pieces[k].role == "says":
            denied = k > 0 and pieces[k - 1].role == "not"
            first = k
            while k < len(pieces) and pieces[k].role in ("says", "article"):
                k += 1
            said = [p for p in pieces[first:k] if p.role == "says"]
            if k < len(pieces) and pieces[k].role == "name":
                names, after = _group(pieces, k)
                rows += [(n, v, at) for v, at in _said(said) for n in names if not denied]
                says, k, denied = _predicate(pieces, after)
                rows += [(n, v, at) for v, at in _said(says) for n in names if not denied]
        else:
            k += 1
    return rows


def _said(says: list[_Piece]) -> list[tuple[str, int]]:
    """What is said; of a "scalar function" only that it is a function."""
    function = any(p.value == "function" for p in says)
    return [
        (p.value, p.at)
        for p in says
        if not function or p.value == "function" or p.value in phrases.TRAITS
    ]


def _group(pieces: list[_Piece], k: int) -> tuple[list[str], int]:
    """Names joined by commas and "and", and where they end.

    In "$x \\in R^n$ and Ψ are …" the first has said all there is to say of it.
    """
    names, placed = list(pieces[k].names), pieces[k].value
    k += 1
    while k + 1 < len(pieces) and pieces[k].role == "joiner":
        n = k + 1
        while n < len(pieces) and pieces[n].role == "joiner":
            n += 1
        if n >= len(pieces) or pieces[n].role != "name":
            break
        if pieces[n].value != placed:
            names, placed = [], pieces[n].value
        names += pieces[n].names
        k = n + 1
    return names, k


def _predicate(pieces: list[_Piece], k: int) -> tuple[list[_Piece], int, bool]:
    """What follows names: "is a symmetric matrix", "— диагональная", "متقارن است", "对称"."""
    at, copula, far, denied = k, False, 0, False
    while at < len(pieces):
        role = pieces[at].role
        if role == "copula":
            copula = True
        elif role == "not":
            denied = True
        elif role == "article" and copula:
            pass
        elif role == "word" and copula and far < _FAR:
            far += 1
        else:
            break
        at += 1
    if at >= len(pieces) or pieces[at].role != "says":
        return [], k, False
    says: list[_Piece] = []
    end = at
    while at < len(pieces):
        role = pieces[at].role
        if role == "says":
            says.append(pieces[at])
            end = at + 1
        elif role == "not":
            denied = True  # "متقارن نیست" stands after what it denies
        elif role not in ("joiner", "article") or (
            at + 1 < len(pieces) and pieces[at + 1].role == "name"
        ):
            break
        at += 1
    # "A, symmetric matrix B": without a copula what stands directly before a name belongs to it
    if not copula and end < len(pieces) and pieces[end].role == "name":
        return [], k, False
    return says, max(end, k), denied
