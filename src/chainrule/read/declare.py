"""Declarations: ``A: n,n symmetric; x: n; t: scalar`` to names, sizes and traits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction

from chainrule.dims import ONE, Dim, dim
from chainrule.errors import (
    ChainruleError,
    LimitError,
    ParseError,
    ShapeError,
    UnsupportedError,
    UsageError,
)
from chainrule.read.dimension import size_of
from chainrule.read.mistakes import FUNCTIONS
from chainrule.read.names import plain_name
from chainrule.read.syntax import parse
from chainrule.read.text import MAX_CHARS

TRAITS = frozenset({
    "symmetric", "skew", "diagonal", "lower", "upper", "orthogonal", "invertible",
    "positive_definite", "positive", "nonnegative", "unit_interval", "one_hot", "probability",
    "unit_norm", "constant", "binary", "plus_minus_one", "probability_vector",
})  # fmt: skip
ALIASES = {
    "sym": "symmetric", "pd": "positive_definite", "spd": "positive_definite",
    "posdef": "positive_definite", "positive-definite": "positive_definite",
    "skew-symmetric": "skew", "skew_symmetric": "skew", "antisymmetric": "skew",
    "nonsingular": "invertible", "regular": "invertible", "lower_triangular": "lower",
    "upper_triangular": "upper", "one-hot": "one_hot", "onehot": "one_hot", "diag": "diagonal",
    "non-negative": "nonnegative", "orthonormal": "orthogonal", "const": "constant",
    "unit-norm": "unit_norm",
}  # fmt: skip
KINDS = {"scalar": "scalar", "vector": "vector", "column": "vector", "row": "row",
         "matrix": "matrix", "square": "square", "size": "size"}  # fmt: skip
_WORDS = sorted(TRAITS | KINDS.keys() | ALIASES.keys())
SQUARE_TRAITS = frozenset({
    "symmetric", "skew", "diagonal", "lower", "upper", "invertible", "positive_definite",
})  # fmt: skip

_NAME = re.compile(r"[^\W\d_ᵀ⁰¹²³⁴-⁹₀-₉][^\Wᵀ⁰¹²³⁴-⁹]*\Z")
_LAST = re.compile(r"(?P<rest>.*?)(?P<space>[\s,]*)(?P<word>[A-Za-z][\w-]*)\Z", re.DOTALL)


@dataclass(frozen=True)
class Family:
    """Members ``x_i`` for i = 1…count, each of one shape, stacked as the rows of one matrix."""

    index: str
    count: Dim
    shape: tuple[Dim, Dim]

    @property
    def stacked(self) -> tuple[Dim, Dim]:
        """Shape of all members together: columns lie on their side, matrices one below another."""
        rows, cols = self.shape
        return (self.count, rows) if cols == ONE else (self.count * rows, cols)


@dataclass(frozen=True)
class Declaration:
    """One declared variable.

    Attributes
    ----------
    name
        In ASCII spelling.
    shape
        Rows and columns; None when only a kind was given.
    kind
        ``scalar``, ``vector``, ``row``, ``matrix`` or ``square``; ``size`` for a name that is
        itself a size and may stand in formulas as a number.
    traits
        Canonical names.
    family
        For ``x_i: m, i=1:n``; then ``shape`` is that of all members stacked.
    """

    name: str
    shape: tuple[Dim, Dim] | None
    kind: str
    traits: tuple[str, ...] = ()
    family: Family | None = None


def declare(text: str) -> list[Declaration]:
    """Read declarations separated by ``;`` or line ends.

    Raises
    ------
    ParseError
        If a part is not ``name: sizes traits``.
    UsageError
        If a name is taken or declared twice differently.
    ShapeError
        If a trait needs a square matrix and the sizes say otherwise.
    """
    if len(text) > MAX_CHARS:
        raise LimitError(f"the declarations have {len(text)} characters; at most {MAX_CHARS}")
    found: list[Declaration] = []
    offset = 0
    for part in re.split(r"[;\n]", text):
        if part.strip():
            try:
                found.extend(_one(part))
            except ChainruleError as error:
                at = offset + len(part) - len(part.lstrip())
                error.source, error.at = text, at + (error.at or 0)
                raise
        offset += len(part) + 1
    return found


def _one(part: str) -> list[Declaration]:
    names, colon, rest = part.partition(":")
    if not colon:
        raise ParseError(f"'{part.strip()[:40]}' is not a declaration; write for example A: n,n")
    if "∈" in part or "\\in" in part:
        raise ParseError("write the size after a colon, for example x: n")
    if "=" in rest:
        return [_family(names, rest)]
    sizes, words = _split(rest.replace("×", ",").strip())
    out = []
    for raw in names.split(","):
        name = raw.strip()
        _check_name(name)
        out.append(_declaration(plain_name(name), sizes, words))
    return out


_RANGE = re.compile(
    r"(?P<rest>.*?),?\s*(?:for\s+)?(?P<index>[^\W\d_])\s*=\s*1\s*(?::|\.\.\.?|…)\s*(?P<high>[\w*]+)"
    r"(?P<tail>\s+[A-Za-z_ -]+)?\s*\Z", re.DOTALL,
)  # fmt: skip


def _family(names: str, rest: str) -> Declaration:
    """``x_i: m, i=1:n`` and ``W_i: m,p, i=1:n symmetric``."""
    found = _RANGE.match(rest)
    name = names.strip()
    if found is None:
        raise ParseError(f"'{rest.strip()[:40]}' is not a range; write for example x_i: m, i=1:n")
    base, underscore, index = plain_name(name).rpartition("_")
    if not underscore or index != found["index"]:
        raise ParseError(
            f"the index {found['index']} does not fit the name {name}; write for example "
            "x_i: m, i=1:n"
        )
    _check_name(base)
    sizes, words = _split((found["rest"] + (found["tail"] or "")).replace("×", ",").strip())
    one = _declaration(base, sizes, words)
    if one.shape is None or one.kind == "row":
        raise UnsupportedError(f"say the sizes of each {name}, a scalar, column or matrix")
    family = Family(index, _size(found["high"]), one.shape)
    if one.shape == (ONE, ONE):  # scalars x_1, …, x_n are the entries of a vector
        return Declaration(base, (family.count, ONE), "vector", one.traits)
    shape = family.stacked
    traits = (*(t for t in one.traits if t not in SQUARE_TRAITS), "family")
    return Declaration(base, shape, kind_of(shape), traits, family)


def _split(text: str) -> tuple[str, list[str]]:
    """Sizes, and the kinds and traits that follow them."""
    words: list[str] = []
    while found := _LAST.match(text):
        word, rest = found["word"].lower(), found["rest"]
        known = ALIASES.get(word, word)
        if known in TRAITS or known in KINDS:
            words.insert(0, known)
            text = rest.rstrip(" ,\t")
            continue
        alone = not rest or "," in found["space"] or not found["space"]
        if not alone and rest[-1] not in "*+-^(,":
            raise _unknown_trait(word)
        if len(word) > 3 and get_close_matches(word, _WORDS, 1, 0.8):
            raise _unknown_trait(word)
        break
    return text, words


def _unknown_trait(word: str) -> ParseError:
    close = get_close_matches(word, _WORDS, 1)
    hint = f"did you mean {close[0]}?" if close else "known are " + ", ".join(sorted(TRAITS))
    return ParseError(f"the property '{word}' is not known; {hint}")


def _check_name(name: str) -> None:
    if not _NAME.match(name):
        raise ParseError(f"'{name[:40]}' is not a name; write for example A: n,n")
    plain = plain_name(name)
    if plain in FUNCTIONS and plain != "d":
        raise UsageError(f"'{plain}' is the name of a function and cannot be a variable")


def _declaration(name: str, sizes: str, words: list[str]) -> Declaration:
    kinds = [KINDS[w] for w in words if w in KINDS]
    traits = tuple(dict.fromkeys(w for w in words if w in TRAITS))
    kind = kinds[-1] if kinds else None
    if sizes:
        shape = _shape(sizes, kind == "row")
        found = kind_of(shape)
        if kind and kind != found and not (kind == "square" and shape[0] == shape[1]):
            raise ShapeError(f"{name} is called a {kind} but has the sizes {sizes}")
        if SQUARE_TRAITS.intersection(traits) and shape[0] != shape[1]:
            which = next(t for t in traits if t in SQUARE_TRAITS)
            raise ShapeError(f"{name} cannot be {which}: it is {shape[0]}×{shape[1]}, not square")
        return Declaration(name, shape, found, traits)
    if kind is None:
        kind = "square" if SQUARE_TRAITS.intersection(traits) else "scalar"
        kind = "vector" if {"one_hot", "probability", "probability_vector"} & set(traits) else kind
    shape_or_none = (ONE, ONE) if kind == "scalar" else None
    return Declaration(name, shape_or_none, kind, traits)


def kind_of(shape: tuple[Dim, Dim]) -> str:
    """``scalar``, ``vector``, ``row`` or ``matrix``."""
    match shape[0] == ONE, shape[1] == ONE:
        case True, True:
            return "scalar"
        case False, True:
            return "vector"
        case True, False:
            return "row"
        case _:
            return "matrix"


def _shape(text: str, row: bool) -> tuple[Dim, Dim]:
    text = text.strip()
    if text.startswith(("[", "(")) and text.endswith(("]", ")")) and "," in text:
        text = text[1:-1]
    parts = text.split(",")
    if len(parts) > 2:
        raise UnsupportedError(
            f"'{text[:40]}' has {len(parts)} sizes; variables have rows and columns only"
        )
    sizes = [_size(p) for p in parts]
    if len(sizes) == 1:
        return (ONE, sizes[0]) if row else (sizes[0], ONE)
    return sizes[0], sizes[1]


_PLAIN_SIZE = re.compile(r"\s*(?:(\d{1,9})|([^\W\d_]\w*))\s*\Z")


def _size(text: str) -> Dim:
    found = _PLAIN_SIZE.match(text)
    if found:
        size = dim(int(found[1])) if found[1] else dim(plain_name(found[2]))
    else:
        statements = parse(text)
        if len(statements) != 1 or statements[0].right or statements[0].name:
            raise ParseError(f"'{text.strip()[:40]}' is not a size")
        size = size_of(statements[0].value)
    for n in (1, 2):
        if any(isinstance(c, Fraction) for _, c in size.terms) and not _whole_at(size, n):
            raise ShapeError(f"the size {size} is not a whole number for {n}")
    if size.value is not None and size.value <= 0:
        raise ShapeError(f"a size must be at least 1, not {size}")
    return size


def _whole_at(size: Dim, n: int) -> bool:
    """n(n+1)/2 is a size, n/2 is not."""
    total = sum((c * n ** sum(p for _, p in mono) for mono, c in size.terms), Fraction(0))
    return total.denominator == 1


def collect(texts: Sequence[str]) -> dict[str, Declaration]:
    """All declarations by name; the same name twice must say the same."""
    table: dict[str, Declaration] = {}
    for text in texts:
        for found in declare(text):
            old = table.setdefault(found.name, found)
            if (old.shape, old.kind, set(old.traits)) != (
                found.shape, found.kind, set(found.traits),
            ):  # fmt: skip
                raise UsageError(f"{found.name} is declared twice, and differently")
    return table
