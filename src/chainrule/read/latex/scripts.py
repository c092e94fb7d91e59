"""Subscripts and superscripts taken apart: labels, indices, transposes, powers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chainrule.read.latex.mlist import Item
from chainrule.read.latex.state import is_symbol, split_at
from chainrule.read.latex.symbols import LETTERS, UNICODE_LETTERS

INDEX_LETTERS = frozenset("ijklmnpqrstuvwabcoNKMD") | {"ell"}
FREE_INDEX = frozenset("ijkl") | {"ell"}
FURTHER_INDEX = frozenset("mnpqrst")
"""Letters that are indices beside two of these only, as in the Kronecker delta δ_jp."""
ALL = frozenset({":", "·"})
CLASS_LETTERS = frozenset("cyk") | {"ell"}
TRANSPOSES = frozenset({"T", "⊤", "t", "⊺"})


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a subscript: a ``letter``, a ``number``, a ``word``, an ``expression``; ``all``
    for the colon of a row or column."""

    kind: str
    text: str
    items: tuple[Item, ...]


def letter_of(item: Item) -> str | None:
    """The plain name of a single letter in any font; None for anything else."""
    if item.kind == "letter":
        return UNICODE_LETTERS.get(item.value, item.value)
    if item.kind == "command":
        return LETTERS.get(item.value)
    if item.kind in ("font", "group") and len(item.body) == 1 and not item.body[0].scripts:
        return letter_of(item.body[0])
    if item.kind == "word" and len(item.value) == 1 and item.value.isalpha():
        return item.value
    return None


def shifted(items: Sequence[Item]) -> tuple[str, int] | None:
    """``j`` and ``j+1`` as letter and offset."""
    letter = letter_of(items[0]) if items and not items[0].scripts else None
    if letter is None:
        return None
    if len(items) == 1:
        return letter, 0
    if len(items) != 3 or items[2].kind != "number" or not items[2].value.isdigit():
        return None
    if not is_symbol(items[1], "+", "-"):
        return None
    step = int(items[2].value)
    return letter, step if items[1].value == "+" else -step


def parts(items: list[Item]) -> list[Part]:
    """A subscript split at commas; letters side by side are parts of their own."""
    out: list[Part] = []
    for piece in split_at(items, ",", ";"):
        if piece:
            out.extend(_piece(piece))
    return out


def _piece(piece: list[Item]) -> list[Part]:
    run = ""
    if len(piece) == 2 and class_label(piece[1]) and not piece[0].scripts:
        return [p for i in piece for p in _piece([i])]
    if len(piece) <= 2 and any(i.kind == "symbol" and i.value in ALL for i in piece):
        return [p for i in piece for p in _slice(i)]
    for item in piece:
        letter = letter_of(item)
        if item.scripts or (letter is None and item.kind not in ("number", "word")):
            return [Part("expression", _spell(piece), tuple(piece))]
        run += item.value if item.kind == "word" else (letter or item.value)
    if len(piece) == 1 and piece[0].kind == "word" and len(run) > 1:
        return [Part("word", run, tuple(piece))]
    if len(piece) > 2 and all(i.kind == "letter" for i in piece) and not _all_indices(piece):
        return [Part("word", run, tuple(piece))]
    out = []
    for item in piece:
        kind = "number" if item.kind == "number" else "letter"
        text = item.value if kind == "number" else str(letter_of(item))
        out.append(Part(kind, text, (item,)))
    return out


def class_label(item: Item) -> str | None:
    """``c_i`` in place of an index, the class of sample i, as the name ``c_i``."""
    letter = letter_of(item)
    if letter not in CLASS_LETTERS or len(item.scripts) != 1:
        return None
    kind, value = item.scripts[0]
    if kind != "sub" or not isinstance(value, list) or len(value) != 1 or value[0].scripts:
        return None
    index = letter_of(value[0])
    return f"{letter}_{index}" if index in FREE_INDEX or index == "n" else None


def label_in(part: Part) -> str | None:
    """The class label that is the whole part; None for any other."""
    return class_label(part.items[0]) if len(part.items) == 1 else None


def _slice(item: Item) -> list[Part]:
    """``i:`` and ``:j`` without a comma; a dot stands for a colon."""
    if item.kind == "symbol":
        return [Part("all" if item.value in ALL else "expression", ":", (item,))]
    return _piece([item])


def _all_indices(piece: list[Item]) -> bool:
    return all(letter_of(i) in INDEX_LETTERS for i in piece) and len(piece) <= 3


def _spell(piece: list[Item]) -> str:
    """A label for what is not a plain index: ``m-1`` is ``mm1``, ``n+1`` is ``np1``."""
    out = ""
    for item in piece:
        letter = letter_of(item)
        if letter is not None:
            out += letter
        elif item.kind in ("number", "word"):
            out += "".join(ch for ch in item.value if ch.isalnum())
        elif item.value == "-":
            out += "m"
        elif item.value == "+":
            out += "p"
        elif item.value in ("*", "⋆"):
            out += "star"
        for _, script in item.scripts:
            if isinstance(script, list):
                out += _spell(script)
    return out


def is_transpose(items: list[Item]) -> bool:
    """``T``, ``\\top``, ``\\mathsf T``, ``\\prime``, ``tr``?"""
    if len(items) != 1 or items[0].scripts:
        return False
    item = items[0]
    if item.kind in ("font", "group"):
        return is_transpose(item.body)
    if item.kind == "word":
        return item.value in ("T", "t", "tr", "Tr")
    return item.value in ("T", "⊤", "⊺", "′") or item.value == "\\mathsf"


def label_of(items: list[Item]) -> tuple[str, list[Item]] | None:
    """``(21)``, ``[l]`` and ``(1)\\top``: a label in brackets and what follows it."""
    if not items or items[0].kind != "fence" or items[0].value not in ("()", "[]"):
        return None
    inner = items[0].body
    found = parts(inner)
    if not found or (any(p.kind == "expression" for p in found) and len(found) > 1):
        return None
    return "".join(p.text for p in found), items[1:]
