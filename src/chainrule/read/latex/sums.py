"""Indexed sums and products: ``\\sum_{i=1}^n``, ``\\sum_{i,j}``, ``\\sum x_i``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chainrule.read.latex.mlist import Item
from chainrule.read.latex.scripts import FREE_INDEX, letter_of, parts
from chainrule.read.latex.state import Cursor, Reader, call_node, is_symbol, split_at
from chainrule.read.syntax import Node


@dataclass(slots=True)
class Range:
    """An index and its bounds; None where nothing is written."""

    name: str
    low: Node | None = None
    high: Node | None = None


def big(r: Reader, cursor: Cursor) -> Node:
    """The sign with its ranges and the product that it stands before."""
    sign = cursor.take()
    word = "sum" if sign.value == "∑" else "product"
    ranges = _ranges(r, sign)
    if ranges is None:
        found = _obvious(r, cursor)
        bounds = [r.expression(r, value) for _, value in sign.scripts]
        if found is None and bounds:
            raise r.refuse(f"the index of this {word} is not said; write \\sum_{{i=1}}^n", sign)
        if found is None:
            return _plain(r, cursor, sign)
        ranges = [Range(found, *bounds)]
        r.remark(f"the {word} without an index is taken over {found}")
    _averaged(r, cursor, ranges, sign)
    _opened(cursor, {one.name for one in ranges})
    for one in ranges:
        if one.name in r.bound:
            r.remark(f"the inner index {one.name} is another one than the outer {one.name}")
    r.bound += [one.name for one in ranges]
    try:
        body = _body(r, cursor, sign)
    finally:
        del r.bound[len(r.bound) - len(ranges) :]
    _nothing_left_behind(r, cursor, ranges, sign)
    op = "sigma" if sign.value == "∑" else "prod"
    for one in reversed(ranges):
        body = Node(op, [body], sign.at, body.end, (one.name, one.low, one.high))
    return body


def _opened(cursor: Cursor, indices: set[str]) -> None:
    """``\\sum_k{w_k x_k + b}``: nobody sees these braces, so b stands behind the sum."""
    group = cursor.peek()
    if group is None or group.kind != "group" or group.scripts:
        return
    terms = split_at(group.body, "+", "-")
    if all(not t or subscripts(t) & indices for t in terms):
        return
    cursor.items = [*cursor.items[: cursor.at], *group.body, *cursor.items[cursor.at + 1 :]]


def _averaged(r: Reader, cursor: Cursor, ranges: list[Range], sign: Item) -> None:
    """``\\frac{1}{n}\\sum_i``: the sum runs to n."""
    place = next(n for n, i in enumerate(cursor.items) if i is sign)
    before = cursor.items[place - 1] if place else None
    if before is None or before.kind != "fraction" or len(before.more) != 1:
        return
    letter = letter_of(before.more[0])
    one = ranges[0]
    free = letter is not None and r.known.kinds.get(letter) in (None, "scalar")
    if len(ranges) != 1 or one.high is not None or not free or letter in r.known.kinds:
        return
    item = before.more[0]
    one.high = Node("name", [], item.at, item.end, letter)
    r.remark(f"the sum over {one.name} is taken to {letter}")


def _body(r: Reader, cursor: Cursor, sign: Item) -> Node:
    minus = None
    if is_symbol(cursor.peek(), "+", "-"):
        minus = cursor.take()
    if cursor.done:
        raise r.fail("there is nothing to sum here", sign)
    body = r.product(r, cursor)
    if minus is not None and minus.value == "-":
        body = Node("neg", [body], minus.at, body.end)
    return body


def _plain(r: Reader, cursor: Cursor, sign: Item) -> Node:
    """A sum without any index: over all entries."""
    if sign.value == "∏":
        raise r.refuse("a product needs an index, as in \\prod_{i=1}^n", sign)
    body = _body(r, cursor, sign)
    r.remark("the sum without an index is taken over all entries")
    return call_node("sum", [body], sign.at, body.end)


def _ranges(r: Reader, sign: Item) -> list[Range] | None:
    below = next((v for k, v in sign.scripts if k == "sub"), None)
    above = next((v for k, v in sign.scripts if k == "sup"), None)
    if below is None:
        return None
    equals = [n for n, i in enumerate(below) if is_symbol(i, "=")]
    others = [i for i in below if i.kind == "symbol" and i.value in "∈<>≤≥≠"]
    if others:
        member = [n for n, i in enumerate(below) if is_symbol(i, "∈")]
        if member and below[0].scripts:  # x_i ∈ C
            raise r.refuse("a sum over the members of a set is not supported; give bounds", sign)
        if len(others) == 1 and member and letter_of(below[0]) is not None:
            r.remark(f"the sum over {letter_of(below[0])} is taken over the whole range")
            return [Range(str(letter_of(below[0])))]
        raise r.refuse("a sum over a condition is not supported; give bounds", sign)
    if len(equals) > 1:
        raise r.refuse("a sum with several bounds below is not supported; write it nested", sign)
    if not equals and above and not all(p.kind == "letter" for p in parts(below)):
        return None  # \prod_{m-1}^i: bounds without an index
    head = below[: equals[0]] if equals else below
    names = [_index_name(r, p.text, p.kind, sign) for p in parts(head)]
    if not names:
        raise r.fail("the index of this sum is missing", sign)
    low = r.expression(r, below[equals[0] + 1 :]) if equals else None
    highs: list[Node | None] = [None] * len(names)
    if above:
        read = [r.expression(r, p) for p in split_at(above, ",")]
        if len(read) not in (1, len(names)):
            raise r.fail("the bounds of this sum do not fit its indices", sign)
        highs = list(read) if len(read) == len(names) else [read[0]] * len(names)
    return [Range(n, low, h) for n, h in zip(names, highs, strict=True)]


def _index_name(r: Reader, text: str, kind: str, sign: Item) -> str:
    if kind != "letter":
        raise r.refuse("the index of a sum is a letter, as in \\sum_{i=1}^n", sign)
    if text in r.known and r.known.rank(text) != 0 and text not in FREE_INDEX:
        raise r.fail(f"{text} is a variable and cannot be an index as well", sign)
    return text


def _obvious(r: Reader, cursor: Cursor) -> str | None:
    """The one index letter that the body uses and nothing else explains."""
    found = subscripts(_reach(cursor.rest())) - set(r.bound)
    free = [name for name in ("i", "j", "k", "l", "ell", "t") if name in found]
    return free[0] if len(free) == 1 else None


def _reach(items: list[Item]) -> list[Item]:
    """Up to the next sign that ends a sum."""
    for n, item in enumerate(items):
        if n and is_symbol(item, "+", "-", "=", ",", "⇒"):
            return items[:n]
    return items


def subscripts(items: Iterable[Item], free: bool = False) -> set[str]:
    """All single letters that stand in subscripts, or in labels like ``x^{(i)}``.

    With ``free``, only up to the first sum within each pair of brackets.
    """
    out: set[str] = set()
    stack: list[Iterable[Item]] = [items]
    while stack:
        for item in stack.pop():
            if free and is_symbol(item, "∑", "∏"):
                break
            stack += [item.body, item.more]
            stack += [cell for row in item.rows for cell in row]
            for kind, value in item.scripts:
                if kind == "sub":
                    out |= {p.text for p in parts(value) if p.kind == "letter"}
                    out |= {str(letter_of(i)) for i in value if letter_of(i)}
                elif kind == "sup" and value and value[0].kind == "fence":
                    out |= {p.text for p in parts(value[0].body) if p.kind == "letter"}
                elif kind == "sup":  # e^{z_i}
                    stack.append(value)
    return out


def _nothing_left_behind(r: Reader, cursor: Cursor, ranges: list[Range], sign: Item) -> None:
    """``\\sum_i a_i + b_i``: a later term with the index asks for brackets."""
    rest = cursor.rest()
    stop = next((n for n, i in enumerate(rest) if i.kind == "symbol" and i.value in "=,⇒→≈␣"), None)
    rest = rest if stop is None else rest[:stop]
    left = subscripts(rest, free=True) & {one.name for one in ranges} - set(r.bound)
    if left:
        name = sorted(left)[0]
        raise r.fail(
            f"a later term has the index {name} of this sum: put brackets around what is summed",
            sign,
        )
