"""Brackets, bars and norms matched: what they enclose becomes one item, a fence."""

from __future__ import annotations

from chainrule.errors import LimitError, ParseError
from chainrule.read.latex.mlist import Item
from chainrule.read.latex.symbols import CLOSING, OPENING

MAX_NESTING = 60
BARS = ("|", "‖")


def match(items: list[Item], text: str, depth: int = 0) -> list[Item]:
    """Brackets, bars and norms as ``fence`` items; a closing one too many is a ``stray``."""
    if depth > MAX_NESTING:
        raise LimitError(f"brackets are nested more than {MAX_NESTING} deep", source=text, at=0)
    out: list[list[Item]] = [[]]
    opened: list[Item] = []
    bars = _bars(items)
    for n, item in enumerate(items):
        _inside(item, text, depth)
        side = bars.get(n) or _side(item)
        if side == "open":
            opened.append(item)
            out.append([])
            if len(opened) + depth > MAX_NESTING:
                raise LimitError(
                    f"brackets are nested more than {MAX_NESTING} deep", source=text, at=item.at
                )
        elif side == "close":
            if not opened:
                item.kind = "stray"
                out[-1].append(item)
                continue
            first = opened.pop()
            body = out.pop()
            pair = first.value + item.value
            fence = Item("fence", pair, first.at, item.end, body=body, scripts=item.scripts)
            out[-1].append(fence)
        else:
            out[-1].append(item)
    if opened:
        what = f"this '{opened[-1].value}' is never closed"
        raise ParseError(what, source=text, at=opened[-1].at)
    return out[0]


def _inside(item: Item, text: str, depth: int) -> None:
    item.body = match(item.body, text, depth + 1) if item.body else item.body
    if item.more and item.kind == "fraction":
        item.more = match(item.more, text, depth + 1)
    if item.rows:
        item.rows = [[match(cell, text, depth + 1) for cell in row] for row in item.rows]
    for n, (kind, value) in enumerate(item.scripts):
        if kind != "primes":
            item.scripts[n] = (kind, match(value, text, depth + 1))


def _explicit(item: Item) -> str:
    return item.more[0].value if item.kind == "symbol" and item.more else ""


def _side(item: Item) -> str:
    if item.kind != "symbol":
        return ""
    explicit = _explicit(item)
    if explicit:
        return "open" if explicit == "left" else "close"
    if item.value in OPENING:
        return "open"
    if item.value in CLOSING:
        return "close"
    return ""


def _bars(items: list[Item]) -> dict[int, str]:
    """Pairs of plain bars at one level of brackets; an odd one is a condition, p(x|y)."""
    sides: dict[int, str] = {}
    levels: list[list[int]] = [[]]
    for n, item in enumerate(items):
        if item.kind != "symbol":
            continue
        explicit = _explicit(item)
        if explicit == "left" or (not explicit and item.value in OPENING):
            levels.append([])
        elif explicit == "right" or (not explicit and item.value in CLOSING):
            _pair(items, levels.pop() if len(levels) > 1 else levels[0], sides)
        elif item.value in BARS and not explicit:
            levels[-1].append(n)
    for level in levels:
        _pair(items, level, sides)
    return sides


def _pair(items: list[Item], places: list[int], sides: dict[int, str]) -> None:
    for bar in BARS:
        own = [n for n in places if items[n].value == bar]
        if len(own) % 2:
            continue
        for first, second in zip(own[::2], own[1::2], strict=True):
            sides[first], sides[second] = "open", "close"
