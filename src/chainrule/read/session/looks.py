"""What a line looks like before it is read: literal, dotted, a mere mention; names in a tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chainrule.read.latex.lines import Line
from chainrule.read.latex.mlist import Item
from chainrule.read.latex.scripts import FREE_INDEX, is_transpose, letter_of
from chainrule.read.latex.state import is_symbol
from chainrule.read.mistakes import FUNCTIONS
from chainrule.read.syntax import Node, postorder

LENGTHS = frozenset("nmpqkdsrtNMKDTCH")
"""Letters that stand in sizes such as ``n×m``."""


def everywhere(items: Iterable[Item], scripts: bool = False) -> Iterator[Item]:
    """All items at all depths; those in scripts only if asked for."""
    stack = list(items)
    while stack:
        item = stack.pop()
        yield item
        stack += [*item.body, *item.more]
        stack += [i for row in item.rows for cell in row for i in cell]
        if scripts:
            for kind, value in item.scripts:
                if kind in ("sub", "sup"):
                    stack += value


def pair_of_indices(line: Line) -> tuple[str, str, str] | None:
    """``i = j`` and ``i ≠ j``: a case that the text looks at, with its relation."""
    if line.kind not in ("chain", "condition") or [len(s) for s in line.sides] != [1, 1]:
        return None
    first, second = (letter_of(s[0]) if not s[0].scripts else None for s in line.sides)
    relation = line.relations[0].value if len(line.relations) == 1 else ""
    if not {first, second} <= FREE_INDEX or first == second or relation not in ("=", "≠"):
        return None
    return str(first), str(second), relation


def has_dots(items: Iterable[Item]) -> bool:
    """Dots that stand for more of the same?"""
    return any(is_symbol(item, "…") for item in everywhere(items))


def is_literal(items: Iterable[Item]) -> bool:
    """Numbers and matrices of numbers only."""
    found = False
    for item in everywhere(items):
        if item.kind == "number":
            found = True
        elif item.kind in ("environment", "group", "fence", "fraction"):
            pass
        elif item.kind != "symbol" or item.value not in ("-", "+", ",", "␣"):
            return False
        if any(k == "sup" and not is_transpose(v) for k, v in item.scripts):
            return False
    return found


def is_mention(line: Line) -> bool:
    """A single sign, set or function name, as in "the operator ⊙", or a size ``n×m``."""
    items = [i for i in line.sides[0] if i.kind != "stray"]
    if len(items) == 3 and is_symbol(items[1], "×"):
        return all(not i.scripts and (i.kind == "number" or letter_of(i) in LENGTHS)
                   for i in (items[0], items[2]))  # fmt: skip
    if len(items) != 1:
        return False
    item = items[0]
    if item.scripts and item.kind not in ("font", "command"):
        return False
    if item.kind == "font" and item.value in ("mathbb", "mathcal"):
        return True
    if item.kind == "fence":
        return all(i.kind == "symbol" for i in item.body)
    if item.kind in ("symbol", "word"):
        return True
    return item.kind == "command" and letter_of(item) is None


def names(root: Node) -> set[str]:
    """All names in a tree that was not settled yet."""
    out: set[str] = set()
    todo: list[object] = [root]
    while todo:
        item = todo.pop()
        if isinstance(item, (list, tuple)):
            todo += item
        elif isinstance(item, str):
            out.add(item)
        elif isinstance(item, Node):
            for node in postorder(item):
                if node.op in ("name", "call", "member", "entry", "sigma", "prod"):
                    todo.append(node.value)
    return out


def base(node: Node) -> str:
    """The name that is differentiated: f in ``f``, ``f(x)``, ``f_i``, ``f[i]``."""
    while node.op in ("transpose", "entry") and node.args:
        node = node.args[0]
    if node.op == "name":
        return str(node.value)
    if node.op in ("call", "member"):
        name = node.value[0]
        return str(name) if name not in FUNCTIONS else ""
    return ""
