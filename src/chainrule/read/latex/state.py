"""What the rooms of the LaTeX reader share: the text, what is known, the cursor over items."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from chainrule.errors import ChainruleError, ParseError, UnsupportedError
from chainrule.read.latex.known import Choices, Known
from chainrule.read.latex.mlist import Item
from chainrule.read.syntax import Node


@dataclass(slots=True)
class Reader:
    """State of reading one formula.

    ``expression`` and ``product`` are the entry points of the grammar of terms, set by its room so
    that the rooms of names, brackets and derivatives can call back. ``bound`` holds the indices of
    the sums around, ``traces`` counts the traces around, ``counts`` holds the
    number of members of families from ``x_1, …, x_n``.
    """

    text: str
    known: Known
    choices: Choices
    expression: Callable[[Reader, list[Item]], Node]
    product: Callable[[Reader, Cursor], Node]
    bound: list[str] = field(default_factory=list)
    traces: int = 0
    depth: int = 0
    counts: dict[str, str] = field(default_factory=dict)
    remarks: dict[str, None] = field(default_factory=dict)

    def fail(
        self, message: str, item: Item | None, kind: type[ChainruleError] = ParseError
    ) -> ChainruleError:
        """An error with its place."""
        at = item.at if item is not None else len(self.text)
        return kind(message, source=self.text, at=at)

    def refuse(self, what: str, item: Item | None) -> ChainruleError:
        """Understood, but not supported."""
        return self.fail(what, item, UnsupportedError)

    def remark(self, text: str) -> None:
        """Say how something was read."""
        self.remarks[text] = None


@dataclass(slots=True)
class Cursor:
    """A place in a list of items."""

    items: list[Item]
    at: int = 0

    def peek(self, ahead: int = 0) -> Item | None:
        """The next item, or None at the end."""
        place = self.at + ahead
        return self.items[place] if place < len(self.items) else None

    def take(self) -> Item:
        """The next item, passed over."""
        item = self.items[self.at]
        self.at += 1
        return item

    @property
    def done(self) -> bool:
        """Nothing left?"""
        return self.at >= len(self.items)

    def rest(self) -> list[Item]:
        """All that is left."""
        return self.items[self.at :]

    @property
    def last(self) -> Item | None:
        """The item before this place, for messages."""
        return self.items[self.at - 1] if self.at else (self.items[0] if self.items else None)


def is_symbol(item: Item | None, *values: str) -> bool:
    """Is it one of these signs, with scripts or without?"""
    return item is not None and item.kind == "symbol" and item.value in values


def split_at(items: list[Item], *signs: str) -> list[list[Item]]:
    """The pieces between these signs, at least one."""
    pieces: list[list[Item]] = [[]]
    for item in items:
        if is_symbol(item, *signs):
            pieces.append([])
        else:
            pieces[-1].append(item)
    return pieces


def number_node(value: Fraction | int, item: Item) -> Node:
    """A literal number."""
    return Node("number", [], item.at, item.end, Fraction(value))


def name_node(name: str, at: int, end: int) -> Node:
    """A name."""
    return Node("name", [], at, end, name)


def call_node(name: str, args: list[Node], at: int, end: int, order: int = 0) -> Node:
    """A function applied."""
    return Node("call", args, at, end, (name, order))
