"""A formula as statements: chains of equations, declarations, conditions, bare expressions."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from chainrule.read.latex.brackets import JOINED
from chainrule.read.latex.mlist import Item
from chainrule.read.latex.parsing import parse
from chainrule.read.latex.scripts import letter_of
from chainrule.read.latex.state import is_symbol
from chainrule.read.latex.superscripts import with_labels

CHAIN = frozenset({"=", "≈", "≜"})
ARROWS = frozenset({"⇒", "⇔", "→"})
LOCALLY = "∀"
"""In place of an arrow: a declaration that holds for its own formula only."""
ORDER = frozenset({"<", ">", "≤", "≥", "≠", "≻", "⪰", "∝", "∼", "↦"})


@dataclass(slots=True)
class Line:
    """One statement, still as items.

    ``kind`` is ``expression``, ``chain`` (``relations`` between ``sides``), ``declaration``
    (``sides[0]`` names, ``sides[1]`` set), ``function`` (``f: A -> B``), ``condition`` or
    ``prose``. A chain with an empty first side goes on from the statement before it;
    ``after`` is the arrow that leads to it.
    """

    kind: str
    sides: list[list[Item]]
    relations: list[Item] = field(default_factory=list)
    at: int = 0
    end: int = 0
    after: str = ""
    text: str = ""


def lines(text: str) -> list[Line]:
    """All statements of a formula, in order."""
    out: list[Line] = []
    for row in _rows(parse(text)):
        with_labels(row)
        for chunk, arrow in _chunks(row):
            for items in _chain_and_member(chunk):
                line = _line(items)
                if line is not None:
                    line.after, line.text = arrow, text
                    out.append(line)
    return out


def _chain_and_member(items: list[Item]) -> list[list[Item]]:
    """``z = W x ∈ S`` is the chain, and that z and its last side are members of S."""
    place = next((n for n, i in enumerate(items) if is_symbol(i, "∈")), 0)
    signs = [n for n in range(place) if is_symbol(items[n], *CHAIN)]
    if not signs or not signs[0] or signs[-1] + 1 == place:
        return [items]
    if any(is_symbol(i, *ORDER, *ARROWS, ":", "|", ",") for i in items[:place]):
        return [items]
    first, last = items[: signs[0]], items[signs[-1] + 1 : place]
    comma = Item("symbol", ",", last[0].at, last[0].at)
    name = [*first, comma] if _one_name(first) else []
    if len(last) == 1 and any(is_symbol(i, ",", "…") for i in last[0].body):
        return [[*first, *items[place:]]]  # x = (x_1, …, x_n) ∈ ℝ^n tells what x is made of
    return [items[:place], [*name, *last, *items[place:]]]


def _rows(rows: list[list[list[Item]]]) -> list[list[Item]]:
    """Rows of items; environments that only align are opened."""
    out: list[list[Item]] = []
    for row in rows:
        cells = [i for cell in row for i in cell]
        if any(i.kind == "environment" and i.value in JOINED for i in cells):
            out.extend(_opened(cells))
        else:
            out.append(_unboxed(cells))
    return out


def _unboxed(cells: list[Item]) -> list[Item]:
    """A box or face around a whole statement, ``\\boxed{w = A b}``, is no part of it."""
    out: list[Item] = []
    for item in cells:
        whole = item.kind in ("font", "group") and not item.scripts
        if whole and any(is_symbol(i, *CHAIN, *ORDER, *ARROWS) for i in item.body):
            out.extend(_unboxed(item.body))
        else:
            out.append(item)
    return out


def _opened(cells: list[Item]) -> list[list[Item]]:
    """What stands before an aligned part goes with its first row, what follows with its last."""
    out: list[list[Item]] = [[]]
    for item in cells:
        if item.kind == "environment" and item.value in JOINED and not item.scripts:
            inner = _rows(item.rows)
            if out[-1] and all(r and is_symbol(r[0], "+", "-", "·") for r in inner[1:] if r):
                out[-1].extend(i for r in inner for i in r)  # one expression on several rows
                continue
            for n, row in enumerate(inner):
                if n:
                    out.append([])
                out[-1].extend(row)
        else:
            out[-1].extend(_unboxed([item]))
    return out


def _chunks(row: list[Item]) -> list[tuple[list[Item], str]]:
    """Statements of a row: split at commas, wide spaces, words and arrows."""
    out: list[tuple[list[Item], str]] = [([], "")]
    colon = any(is_symbol(i, ":") for i in row)
    row = _without_st(row)
    for n, item in enumerate(row):
        if is_symbol(item, ",", ";", "␣") or _is_prose(item):
            out.append(([], ""))
        elif is_symbol(item, *ARROWS) and not (colon and item.value == "→"):
            out.append(([], item.value))
        elif is_symbol(item, "∀"):
            out.append(([], LOCALLY))
        elif is_symbol(item, ".") and n == len(row) - 1:
            continue
        else:
            out[-1][0].append(item)
    for n, (items, arrow) in enumerate(out):  # "log likelihood = …": the words are no formula
        if n and not arrow and items and is_symbol(items[0], *CHAIN):
            out[n] = (items[1:], arrow)
    return _names_before_sets([c for c in out if c[0] or c[1]])


def _without_st(row: list[Item]) -> list[Item]:
    """``s.t.``, set as letters, parts what stands before it from a condition."""
    out = list(row)
    for n in range(len(row) - 3):
        s, dot, t, end = row[n : n + 4]
        if (s.value, t.value) == ("s", "t") and is_symbol(dot, ".") and is_symbol(end, "."):
            out[n : n + 4] = [Item("symbol", ",", s.at, s.at)] * 4
    return out


def _is_prose(item: Item) -> bool:
    """Words between formulas; names of functions are no prose."""
    if item.kind != "word" or item.scripts:
        return False
    head = item.more[0].value if item.more else ""
    if head.startswith("\\operatorname"):
        return False
    text = item.value.strip()
    return " " in text or not text.isascii() or text.lower() in _WORDS or not text


_WORDS = frozenset({
    "where", "and", "if", "then", "with", "for", "so", "or", "hence", "thus", "otherwise", "since",
    "let", "as", "is", "on", "in", "but", "st", "s.t.", "i.e.", "e.g.", "therefore", "because",
    "subject to", "likelihood",
})  # fmt: skip


def _names_before_sets(chunks: list[tuple[list[Item], str]]) -> list[tuple[list[Item], str]]:
    """``x, b, c ∈ S``: the names before the last one belong to its declaration."""
    out: list[tuple[list[Item], str]] = []
    for items, arrow in chunks:
        if any(is_symbol(i, "∈", "≻", "⪰") for i in items):
            names: list[Item] = []
            while out and not out[-1][1] and _one_name(out[-1][0]):
                names = [*out.pop()[0], Item("symbol", ",", items[0].at, items[0].at), *names]
            items = [*names, *items]
        out.append((items, arrow))
    return out


def _arrows_of_sets(items: list[Item]) -> None:
    """``f: ℝⁿ ↦ ℝ`` is ``f: ℝⁿ → ℝ``: sets are not mapped to each other entry by entry."""
    if not any(is_symbol(i, ":") for i in items):
        return
    for item, to in pairwise(items):
        if is_symbol(item, "↦") and to.kind == "font" and to.value in ("mathbb", "mathcal"):
            item.value = "→"


def _one_name(items: list[Item]) -> bool:
    return len(items) == 1 and (
        letter_of(items[0]) is not None or items[0].kind in ("accent", "font", "word")
    )


def _line(items: list[Item]) -> Line | None:
    while items and is_symbol(items[-1], ",", ".", ";", "␣"):
        items = items[:-1]
    if not items or _is_number_of_equation(items):
        return None
    at, end = items[0].at, items[-1].stop
    _arrows_of_sets(items)
    if any(is_symbol(i, ":") for i in items) and any(is_symbol(i, "→") for i in items):
        return Line("function", [items], [], at, end)
    for n, item in enumerate(items):
        if is_symbol(item, "∈"):
            return Line("declaration", [items[:n], items[n + 1 :]], [item], at, end)
    places = [n for n, i in enumerate(items) if is_symbol(i, *CHAIN)]
    order = [n for n, i in enumerate(items) if is_symbol(i, *ORDER)]
    if order:
        sides = [items[: order[0]], items[order[0] + 1 :]]
        return Line("condition", sides, [items[order[0]]], at, end)
    if not places:
        return Line("expression", [items], [], at, end)
    sides, start = [], 0
    for n in places:
        sides.append(items[start:n])
        start = n + 1
    sides.append(items[start:])
    relations = [items[n] for n in places]
    while len(sides) > 1 and not sides[-1]:  # "… =" at the end of a line that goes on
        sides.pop()
        relations.pop()
    if any(not s for s in sides[1:]):
        keep = [0, *(n for n in range(1, len(sides)) if sides[n])]
        relations = [relations[n - 1] for n in keep[1:]]
        sides = [sides[n] for n in keep]
    if len(sides) == 1:
        return Line("expression", sides, [], at, end) if sides[0] else None
    return Line("chain", sides, relations, at, end)


def _is_number_of_equation(items: list[Item]) -> bool:
    """``(1)`` at the margin."""
    if len(items) != 1 or items[0].kind != "fence" or items[0].value != "()":
        return False
    body = items[0].body
    return len(body) == 1 and body[0].kind == "number" and not items[0].scripts
