"""Statements as they come out of a formula: their sides, what they say and what they rely on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from chainrule.dims import ONE
from chainrule.errors import ChainruleError
from chainrule.expr import Expr, number
from chainrule.read.declare import Declaration
from chainrule.read.latex.known import Choices, Known
from chainrule.read.latex.mlist import Item
from chainrule.read.latex.terms import expression, reader
from chainrule.read.reading import Reading
from chainrule.read.session import looks
from chainrule.read.syntax import Node, Statement, copied

if TYPE_CHECKING:
    from chainrule.read.session.membership import Membership
    from chainrule.read.session.sides import Prepared


@dataclass(frozen=True)
class Side:
    """One side of a statement, not settled yet: items of a LaTeX formula, or a tree from text.

    With ``pick``, the entry of it that these indices choose.
    """

    text: str
    items: tuple[Item, ...] = ()
    node: Node | None = None
    pick: tuple[Node, ...] = ()

    def tree(self, known: Known, choices: Choices) -> tuple[Node, tuple[str, ...], dict[str, str]]:
        """The side as syntax, with what was decided, and the counts of families it tells."""
        if self.node is not None:
            return copied(self.node), (), {}
        r = reader(self.text, known, choices)
        node = expression(r, list(self.items))
        if self.pick:
            node = Node("entry", [node], node.at, node.end, [copied(i) for i in self.pick])
        return node, tuple(r.remarks), dict(r.counts)

    @property
    def at(self) -> int:
        """Where it begins."""
        return self.node.at if self.node is not None else self.items[0].at

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.node.end if self.node is not None else max(i.stop for i in self.items)

    @property
    def excerpt(self) -> str:
        """A short piece of the source."""
        found = " ".join(self.text[self.at : self.end].split())
        return found if len(found) < 60 else found[:59] + "…"

    @property
    def literal(self) -> bool:
        """Numbers and matrices of numbers only."""
        if self.node is not None:
            return self.node.op in ("number", "neg") and not looks.names(self.node)
        return looks.is_literal(self.items)

    @property
    def zero(self) -> bool:
        """Is it the number 0?"""
        return len(self.items) == 1 and (self.items[0].kind, self.items[0].value) == ("number", "0")

    @property
    def dotted(self) -> bool:
        """Does it have dots that stand for more of the same?"""
        return looks.has_dots(self.items)


@dataclass(frozen=True)
class Chain:
    """Sides with the signs between them; an empty first side (None) goes on from before."""

    sides: tuple[Side | None, ...]
    relations: tuple[str, ...]
    at: int
    end: int
    after: str = ""
    defines: Statement | None = None
    goes_on: Side | None = None
    """From where a next line goes on, if not from the last side."""

    @property
    def zero_last(self) -> Chain:
        """``0 = a = b`` as ``a = b = 0``: a condition reads the same in both directions."""
        first, last = self.sides[0], self.sides[-1]
        if first is None or not first.zero or last is None or last.zero:
            return self
        if set(self.relations) != {"="}:
            return self
        return replace(self, sides=(*self.sides[1:], first), goes_on=last)

    @property
    def written(self) -> list[Side]:
        """The sides that are there."""
        return [s for s in self.sides if s is not None]


@dataclass(frozen=True)
class Definition:
    """``name = value`` as it was written; ``number`` is that of its statement.

    ``slope`` defines the derivative of a function of one number, called ``g'``.
    """

    statement: Statement
    source: str
    number: int
    slope: Statement | None = None


@dataclass(frozen=True)
class Nearby:
    """A statement on layers with another layer somewhere.

    Attributes
    ----------
    text
        The statement, changed in one place or two.
    old, new
        What was written there, and what is now.
    read
        Its sides for the numbers of each instance in turn; ends where they cannot be read.
    """

    text: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    read: Callable[[], Iterator[tuple[Expr, ...]]]


@dataclass
class Stated:
    """One statement of a document.

    Attributes
    ----------
    kind
        ``definition``, ``equation``, ``expression``, ``declaration``, ``condition``, ``value`` (a
        variable is given numbers), ``mention`` (a sign or function talked about); ``unread`` with
        an ``error`` for what could not be read.
    text, at, end
        The formula in which it stands, and the place.
    number
        Counts statements from 1.
    name
        What a definition defines.
    sides
        The readings, left to right; of a definition, its values alone.
    relations
        Signs between the sides; ``after`` is an arrow that leads here from the statement before.
    continued
        The first side is the last one of the statement before.
    remarks
        Everything that was decided on the way.
    relies_on
        Numbers of the definitions used.
    former
        Of a name that is defined once more: its old and its new value, read together.
    introduced
        Variables that were neither declared nor met before.
    raw
        What an equation is made of, before names and sizes were settled.
    misfit
        The sizes of a side, or of all, do not agree.
    values
        Numbers that variables have been given so far.
    choices
        What was settled where the formula can be read in several ways.
    instances
        The same for numbers in place of the letters that count the layers of a network.
    layers
        Of an instance: the number of each letter. All that its functions depend on is written
        down, and so are all sizes.
    apart
        Of an instance: several letters are free, whose order may be taken for granted.
    spelled
        LaTeX with letters for the names with numbers, where what is said of these holds for all.
    falling
        The same with the factors of products over layers in falling order, where both orders fit.
    nearby
        The same with another layer at one place or two, read when asked for.
    unspecified
        Functions that are differentiated but defined nowhere; the sides hold a general instance.
    member
        Of ``A^\\top x \\in \\mathbb{R}^n``: what is said of the size of a value.
    supposed
        Two indices with ``=`` or ``≠`` between them, if the text looks at one of these cases.
    """

    kind: str
    text: str
    at: int
    end: int
    number: int = 0
    name: str | None = None
    sides: tuple[Reading, ...] = ()
    relations: tuple[str, ...] = ()
    after: str = ""
    continued: bool = False
    remarks: tuple[str, ...] = ()
    declarations: tuple[Declaration, ...] = ()
    relies_on: tuple[int, ...] = ()
    unspecified: tuple[str, ...] = ()
    error: ChainruleError | None = None
    last: Side | None = None
    former: tuple[Reading, Reading] | None = None
    introduced: tuple[str, ...] = ()
    raw: Prepared | None = None
    misfit: bool = False
    values: Mapping[str, Expr] = field(default_factory=dict)
    choices: Mapping[str, int] = field(default_factory=dict)
    instances: tuple[Stated, ...] = ()
    layers: Mapping[str, int] | None = None
    apart: bool = False
    spelled: Mapping[str, str] = field(default_factory=dict)
    falling: Stated | None = None
    nearby: Callable[[], Iterator[Nearby]] | None = None
    member: Membership | None = None
    supposed: tuple[str, str, str] | None = None

    @property
    def source(self) -> str:
        """The statement itself, in one line."""
        return " ".join(self.text[self.at : self.end].split())

    @property
    def expressions(self) -> tuple[Expr, ...]:
        """Values of the sides; zeros at the end of a chain, and vectors of them, are 0."""
        found = tuple(side.expr for side in self.sides)
        return tuple(
            number(0) if e.op == "zeros" and (len(found) > 2 or ONE in e.shape) else e
            for e in found
        )


def closed(text: str, at: int, end: int) -> int:
    """The end of a piece of LaTeX behind the braces that are still open there."""
    missing = text.count("{", at, end) - text.count("}", at, end)
    while missing > 0 and end < len(text) and text[end] in "} ":
        missing -= text[end] == "}"
        end += 1
    return end


def unlike(sides: Sequence[Reading]) -> int:
    """How many neighbours differ in size; a bare number stands for any size."""
    shapes = [s.expr.shape for s in sides if s.expr.op != "number"]
    return sum(1 for a, b in pairwise(shapes) if a != b)
