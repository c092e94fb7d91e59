"""Constants with their sizes: ``I_n``, ``\\mathbf 1_n``, ``e_i``; ``\\mathbb 1`` of a condition."""

from __future__ import annotations

from chainrule.read.latex.brackets import compares, indicator
from chainrule.read.latex.mlist import Item, Script
from chainrule.read.latex.names import index_node, scripted
from chainrule.read.latex.scripts import (
    FREE_INDEX,
    FURTHER_INDEX,
    is_transpose,
    label_in,
    letter_of,
    parts,
)
from chainrule.read.latex.state import Cursor, Reader, call_node, is_symbol, name_node, split_at
from chainrule.read.syntax import Node


def filled(r: Reader, name: str, size: list[Item], item: Item) -> Node:
    """``1_n``, ``\\mathbf 0_{m\\times n}``, ``I_n``: a constant with its sizes."""
    args = [r.expression(r, piece) for piece in split_at(size, "×", ",")]
    if name == "eye" and len(args) == 2:
        args = args[:1]
    return call_node(name, args, item.at, item.end)


def constant(r: Reader, item: Item) -> Node | None:
    """The constants that have a letter or a bold digit as their name; None for anything else."""
    digit = _digit(item)
    if digit is not None:
        return _ones(r, "ones" if digit == "1" else "zeros", item)
    letter = letter_of(item)
    if letter is None or letter in r.known or letter in r.known.indexed:
        return None
    scripts = _all_scripts(item)
    sub = next((v for k, v in scripts if k == "sub"), None)
    rest = [s for s in scripts if s[0] != "sub"]
    match letter:
        case "pi" if sub is None:
            return scripted(r, name_node("pi", item.at, item.end), scripts, item)
        case "I" if sub is not None and _entry_of_identity(r, sub):
            indices = [index_node(r, p) for p in parts(sub)]
            delta = Node("kd", [], item.at, item.stop, indices)
            return scripted(r, delta, rest, item)
        case "I" if _spelled(r, letter, sub) is None:
            if sub is None:
                r.remark("I is read as the identity matrix; if it is a variable, declare it")
                node = call_node("eye", [], item.at, item.end)
                return scripted(r, node, scripts, item)
            return scripted(r, filled(r, "eye", sub, item), rest, item)
        case "e" if sub is None and rest and rest[0][0] == "sup" and not _label(rest[0][1]):
            node = Node("apply", [r.expression(r, rest[0][1])], item.at, item.stop, "epower")
            return scripted(r, node, rest[1:], item)
        case "e" if sub is not None and _unit_index(r, sub):
            length = _length(r, rest)
            if length is not None:
                args = [r.expression(r, length), r.expression(r, sub)]
                return scripted(r, call_node("unit", args, item.at, item.stop), rest[1:], item)
            return scripted(r, _unit(r, sub, item), rest, item)
        case "K" if sub is not None and _pieces(sub) == 2 and _beside_vec(r, sub):
            return scripted(r, filled(r, "commut", _split(sub), item), rest, item)
        case "K" | "D" | "L" if _spelled(r, letter, sub) is not None:
            return None
        case "K" if sub is not None and _pieces(sub) == 2 and _sizes(r, sub):
            return scripted(r, filled(r, "commut", _split(sub), item), rest, item)
        case "D" | "L" if sub is not None and _pieces(sub) == 1 and _sizes(r, sub):
            name = "dup" if letter == "D" else "elim"
            return scripted(r, filled(r, name, sub, item), rest, item)
    return None


def _entry_of_identity(r: Reader, sub: list[Item]) -> bool:
    """``I_{ij}``, with two indices."""
    texts = [p.text for p in parts(sub)]
    return len(texts) == 2 and all(t in r.bound or t in FREE_INDEX for t in texts)


def _all_scripts(item: Item) -> list[Script]:
    inner = item.body[0] if item.kind in ("font", "group") and len(item.body) == 1 else None
    return [*(_all_scripts(inner) if inner is not None else []), *item.scripts]


def _digit(item: Item) -> str | None:
    """``1`` or ``0`` in a bold or blackboard face, or with a bar: a vector or matrix of it."""
    if item.kind not in ("font", "accent", "group") or len(item.body) != 1:
        return None
    inner = item.body[0]
    if inner.kind == "number" and inner.value in ("0", "1") and item.kind != "group":
        return str(inner.value)
    return _digit(inner) if inner.kind in ("font", "group") else None


def _ones(r: Reader, name: str, item: Item) -> Node:
    scripts = _all_scripts(item)
    sub = next((v for k, v in scripts if k == "sub"), None)
    rest = [s for s in scripts if s[0] != "sub"]
    if sub is None:
        return scripted(r, call_node(name, [], item.at, item.end), rest, item)
    if compares(sub):  # 1_{z>0}
        return scripted(r, indicator(r, sub, item), rest, item)
    return scripted(r, filled(r, name, sub, item), rest, item)


def indicated(r: Reader, cursor: Cursor) -> Node | None:
    """``\\mathbb{1}(z>0)``, ``\\mathbf 1[z>0]``, ``I(z>0)``: an indicator with its condition."""
    item, following = cursor.peek(), cursor.peek(1)
    if item is None or following is None or following.kind != "fence" or item.scripts:
        return None
    if _digit(item) != "1" and (letter_of(item) != "I" or "I" in r.known):
        return None
    if not compares(following.body):
        return None
    cursor.take()
    cursor.take()
    node = indicator(r, following.body, following)
    return scripted(r, node, following.scripts, following)


def _spelled(r: Reader, letter: str, sub: list[Item] | None) -> str | None:
    return r.known.spelled(letter, "".join(p.text for p in parts(sub))) if sub else None


def _label(items: object) -> bool:
    if not isinstance(items, list) or not items:
        return False
    return is_transpose(items) or items[0].kind == "fence" or is_symbol(items[0], "*", "⋆")


def _unit_index(r: Reader, sub: list[Item]) -> bool:
    found = parts(sub)
    text = found[0].text if len(found) == 1 else ""
    if r.known.spelled("e", text) is not None or f"e_{text}" in r.known:
        return False
    if found and label_in(found[0]) is not None:
        return len(found) == 1
    return bool(text) and (text in r.bound or text in ("i", "j", "k", "l", "ell") or
                           (found[0].kind == "number" and text != "0"))  # fmt: skip


def _unit(r: Reader, sub: list[Item], item: Item) -> Node:
    found = parts(sub)[0]
    shown = label_in(found) or found.text
    r.remark(f"e_{shown} is read as the unit vector with a one at place {shown}")
    return Node("unit", [], item.at, item.stop, [index_node(r, found)])


def _length(r: Reader, rest: list[Script]) -> list[Item] | None:
    """The size in ``e_2^{(n)}``; None where the label is something else."""
    if not rest or rest[0][0] != "sup" or len(rest[0][1]) != 1 or rest[0][1][0].kind != "fence":
        return None
    body: list[Item] = rest[0][1][0].body
    return body if _sizes(r, body) else None


def _sizes(r: Reader, sub: list[Item]) -> bool:
    """Is it made of names of sizes, and numbers between?"""
    named = [i for i in sub if i.kind not in ("number", "symbol", "fence")]
    return bool(named) and all(letter_of(i) in r.known.sizes for i in named)


def _beside_vec(r: Reader, sub: list[Item]) -> bool:
    """``K_{mn}`` in a formula with vec is a commutation matrix, though nothing declares m and n."""
    return "vec" in r.text and all(p.text in FURTHER_INDEX for p in parts(sub))


def _pieces(sub: list[Item]) -> int:
    """How many sizes: ``mn`` are two, ``2m,n`` as well."""
    commas = sum(is_symbol(i, ",") for i in sub)
    return commas + 1 if commas or len(sub) != len(parts(sub)) else len(sub)


def _split(sub: list[Item]) -> list[Item]:
    """``mn`` in ``K_{mn}`` with a comma between."""
    if any(is_symbol(i, ",") for i in sub):
        return sub
    return [sub[0], Item("symbol", ",", sub[0].end, sub[0].end), *sub[1:]]
