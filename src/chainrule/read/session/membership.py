"""A value and the space it is said to be in: ``A^\\top x \\in \\mathbb{R}^n``.

What was declared by then is kept with it. The judgement is for others: it needs to know, besides,
which letter is the argument of which map.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chainrule.dims import ONE, Shape, dim
from chainrule.errors import ChainruleError
from chainrule.expr import postorder as parts
from chainrule.expr import symbols
from chainrule.read.declare import Declaration
from chainrule.read.latex.declarations import member
from chainrule.read.latex.known import Choices
from chainrule.read.latex.lines import Line
from chainrule.read.latex.terms import reader
from chainrule.read.session import looks
from chainrule.read.session.scope import Scope
from chainrule.read.session.sides import read_sides
from chainrule.read.session.stated import Side
from chainrule.read.syntax import Node, postorder

PAIR = "mn"
Maps = Mapping[str, tuple[Shape, Shape]]
_OPEN = frozenset({"call", "entry", "member", "sigma", "prod", "kd", "unit", "hessian", "grad"})
"""What has no size that follows from those of the variables alone."""


@dataclass(frozen=True)
class Membership:
    """What is said of the size of a value, and what was known of its parts.

    Attributes
    ----------
    value
        The syntax of the value.
    shape, single
        Rows and columns; ``single`` where only one size was written, so that a row will do too.
    at, end, exponent
        Places in the text of the value and of the sizes.
    shapes
        Of the declared and defined names in it.
    maps
        Arguments and values of the declared functions.
    known
        Size of the value where it follows from declarations alone.
    settled
        A size has been given a value, so that two letters may be the same number.
    """

    value: Node
    shape: Shape
    single: bool
    at: int
    end: int
    exponent: tuple[int, int]
    shapes: Mapping[str, Shape]
    maps: Maps
    known: Shape | None
    settled: bool


def swaps(one: Declaration) -> bool:
    """``K_mn`` of the size mn×mn: the commutation matrix, which every text calls so."""
    head, _, label = one.name.partition("_")
    if head != "K" or len(label) != len(PAIR) or one.shape is None:
        return False
    both = dim(label[0]) * dim(label[1])
    return label.isalpha() and one.shape == (both, both)


def membership(scope: Scope, text: str, line: Line) -> Membership | None:
    """What a line with ``∈`` says of a value that is not merely a name declared there."""
    try:
        found = member(reader(text, scope.known(), Choices()), line)
        if found is None:
            return None
        side = Side(text, tuple(found.items))
        value, _, _ = side.tree(scope.known(), Choices())
    except ChainruleError:
        return None
    if value.op == "call" and _declares_anew(scope, value, found.shape):
        return None
    shapes: dict[str, Shape] = {}
    for name in looks.names(value):
        shape = _shape_of(scope, name, text)
        if shape is not None:
            shapes[name] = shape
    open_ = any(n.op in _OPEN for n in postorder(value))
    sizes = {n for s in (found.shape, *shapes.values()) for d in s for n in d.names}
    sizes |= {n for pair in scope.functions.values() for s in pair for d in s for n in d.names}
    return Membership(
        value, found.shape, found.single, side.at, side.end, found.exponent, shapes,
        dict(scope.functions), None if open_ else _read(scope, side),
        bool(sizes & (scope.definitions.keys() | scope.values.keys())),
    )  # fmt: skip


def _declares_anew(scope: Scope, value: Node, shape: Shape) -> bool:
    """``f(X) ∈ ℝ^{n×m}`` where f was a map to other values: another f."""
    f = str(value.value[0])
    if f not in scope.functions or scope.functions[f][1] == shape:
        return False
    if scope.functions[f] == ((ONE, ONE), (ONE, ONE)):
        return False  # applied to each entry
    del scope.functions[f]
    return True


def says_again(scope: Scope, one: Declaration) -> bool:
    """Is the variable, or its transpose, declared with this size already?"""
    old = scope.declared.get(one.name)
    if old is None or old.shape is None or one.shape is None:
        return False
    return one.shape in (old.shape, old.shape[::-1])


def _shape_of(scope: Scope, name: str, text: str) -> Shape | None:
    if name in scope.functions:
        return None
    if name in scope.definitions and not scope.definitions[name].statement.parameters:
        return _read(scope, Side(text, node=Node("name", [], 0, 0, name)))
    one = scope.declared.get(name)
    return one.shape if one is not None and one.family is None else None


def _read(scope: Scope, side: Side) -> Shape | None:
    """The size of a side if all its variables are declared with theirs."""
    try:
        found = read_sides(scope, [side])
    except ChainruleError:
        return None
    [reading] = found.readings
    for name in symbols(reading.expr):
        one = scope.declared.get(name)
        if one is None or one.shape is None or one.family is not None:
            return None
    called = any(e.op == "call" for e in parts(reading.expr))
    return None if called or found.unspecified else reading.expr.shape
