"""Declarations in formulas: ``x \\in \\mathbb{R}^n``, ``f:\\mathbb{R}^n\\to\\mathbb{R}^m``."""

from __future__ import annotations

from dataclasses import dataclass, field

from chainrule.dims import ONE, Dim, Shape, dim
from chainrule.errors import ParseError
from chainrule.read.declare import Declaration, kind_of
from chainrule.read.dimension import size_of
from chainrule.read.latex.lines import Line
from chainrule.read.latex.mlist import Item, Script
from chainrule.read.latex.names import base_of, labelled
from chainrule.read.latex.scripts import is_transpose, letter_of
from chainrule.read.latex.state import Reader, is_symbol, split_at


@dataclass(slots=True)
class Declared:
    """What a declaration says: variables, and functions with the shapes of argument and value."""

    variables: list[Declaration] = field(default_factory=list)
    functions: dict[str, tuple[Shape, Shape]] = field(default_factory=dict)
    turned: set[str] = field(default_factory=set)
    """Variables of which the transpose was declared."""


@dataclass(frozen=True, slots=True)
class Member:
    """A value of which it is said what space it is in: its items, the sizes, where they stand.

    ``single`` tells ``\\mathbb{R}^n`` from ``\\mathbb{R}^{n\\times 1}``; ``exponent`` is the
    place of the sizes, empty behind a set without any.
    """

    items: list[Item]
    shape: Shape
    single: bool
    exponent: tuple[int, int]


def declared(r: Reader, line: Line) -> Declared:
    """Read a declaration.

    Raises
    ------
    UnsupportedError
        For a set that is not a space of vectors or matrices.
    """
    if line.kind == "function":
        return _function(r, line.sides[0])
    shape, traits = _space(r, line.sides[1])
    out = Declared()
    for items in split_at(line.sides[0], ","):
        if not items:
            continue
        name, turned = _name(r, items)
        if name is None:
            continue  # a value such as ∂f/∂x ∈ R^{m×n}: a claim on its size
        own = (shape[1], shape[0]) if turned else shape
        if turned:
            out.turned.add(name)
        out.variables.append(Declaration(name, own, kind_of(own), traits))
    return out


def member(r: Reader, line: Line) -> Member | None:
    """What a line says of the size of a value: ``A^\\top x \\in \\mathbb{R}^n``.

    None for a set that is not the whole space, and for the declaration of a fresh name.

    Raises
    ------
    UnsupportedError
        As :func:`declared`.
    """
    items = split_at(line.sides[0], ",")[-1]
    space = [i for i in line.sides[1] if not is_symbol(i, "␣", ".")]
    if not items or not space or not _is_real(space[0]) or len(space) > 1:
        return None
    name, turned = _name(r, items)
    if name is not None and not (turned and name in r.known):
        return None
    (shape, traits), scripts = _space(r, space), _scripts(space[0])
    sizes = [i for kind, value in scripts if kind == "sup" for i in value]
    if traits or len(scripts) > 1:
        return None
    place = (sizes[0].at, sizes[-1].stop) if sizes else (space[0].stop, space[0].stop)
    return Member(items, shape, not any(is_symbol(i, "×", ",") for i in sizes), place)


def _is_real(item: Item) -> bool:
    return letter_of(item) in ("R", "ℝ") or is_symbol(item, "ℝ")


def _name(r: Reader, items: list[Item]) -> tuple[str | None, bool]:
    """The name declared; the flag says that its transpose was."""
    if len(items) != 1:
        return None, False
    base = base_of(r, items[0])
    if base is None:
        return None, False
    base = labelled(r, base)
    scripts = base.scripts
    if len(scripts) == 1 and scripts[0][0] == "sup" and is_transpose(scripts[0][1]):
        return base.name, True
    if len(scripts) == 1 and scripts[0][0] == "primes":
        return base.name, True
    return (None, False) if scripts else (base.name, False)


def _function(r: Reader, items: list[Item]) -> Declared:
    colon = next(n for n, i in enumerate(items) if is_symbol(i, ":"))
    arrow = next(n for n, i in enumerate(items) if is_symbol(i, "→"))
    name, _ = _name(r, items[:colon])
    if name is None:  # f(x): R^n -> R
        base = base_of(r, items[0]) if items else None
        name = base.name if base is not None else None
    if name is None or arrow < colon:
        raise r.refuse("this declaration of a function is not understood", items[0])
    source, _ = _space(r, items[colon + 1 : arrow])
    target, _ = _space(r, items[arrow + 1 :])
    return Declared(functions={name: (source, target)})


def _space(r: Reader, items: list[Item]) -> tuple[Shape, tuple[str, ...]]:
    """The shape of the elements of ``\\mathbb{R}^{m\\times n}``, ``[0,1]^n``, ``\\{0,1\\}``."""
    items = [i for i in items if not is_symbol(i, "␣", ".")]
    if not items:
        raise r.fail("a set is missing behind ∈", None)
    item = items[0]
    letter = letter_of(item)
    traits: tuple[str, ...] = ()
    if _is_real(item):
        pass
    elif letter == "S" and item.kind == "font":
        return _symmetric(r, item)
    elif item.kind == "fence" and item.value in ("[]", "()"):
        traits = ("unit_interval",)
    elif item.kind == "fence" and item.value == "{}":
        values = [i.value for i in item.body if i.kind == "number"]
        signed = any(is_symbol(i, "-", "±") for i in item.body)
        traits = ("plus_minus_one",) if signed else ("binary",) if values == ["0", "1"] else ()
    else:
        raise r.refuse("this set is not a space of real vectors or matrices", item)
    size: list[Item] = []
    for kind, value in _scripts(item):
        if kind == "sup":
            size = value
        elif kind == "sub":
            traits = (*traits, "positive" if any(is_symbol(i, "+") for i in value) else "")
    if [i for i in size if is_symbol(i, "+")] == size:
        size, traits = [], (*traits, "positive") if size else traits
    return _shape(r, size, item), tuple(t for t in traits if t)


def _scripts(item: Item) -> list[Script]:
    inner = item.body[0] if item.kind in ("font", "group") and len(item.body) == 1 else None
    return [*(_scripts(inner) if inner is not None else []), *item.scripts]


def _symmetric(r: Reader, item: Item) -> tuple[Shape, tuple[str, ...]]:
    size: list[Item] = []
    trait = "symmetric"
    for kind, value in _scripts(item):
        if any(is_symbol(i, "+") for i in value):
            trait = "positive_definite"
        if kind == "sup":
            size = [i for i in value if not is_symbol(i, "+")]
    rows, cols = _shape(r, size, item)
    return (rows, rows if cols == ONE else cols), (trait,)


def _shape(r: Reader, items: list[Item], item: Item) -> Shape:
    if not items:
        return ONE, ONE
    pieces = split_at(items, "×", ",")
    if len(pieces) > 2:
        raise r.refuse(f"a space of {len(pieces)} sizes: only vectors and matrices here", item)
    sizes = [_size(r, piece, item) for piece in pieces]
    return (sizes[0], ONE) if len(sizes) == 1 else (sizes[0], sizes[1])


def _size(r: Reader, items: list[Item], item: Item) -> Dim:
    try:
        node = r.expression(r, items)
        size = size_of(node)
    except ParseError as error:
        error.source = error.source or r.text
        raise
    if size.value is not None and size.value < 1:
        raise r.fail(f"a size must be at least 1, not {size}", item)
    return dim(size)
