"""The operator table: one row each; every reader, writer, derivation and test picks it up here.

Signatures are einsum strings over (rows, columns); ``1`` marks an axis of size one and ``(ab)`` an
axis that runs over the pairs of ``a`` (slow) and ``b`` (fast).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chainrule.dims import SCALAR, Dim, Shape
from chainrule.errors import ShapeError
from chainrule.expr import Expr

ShapeRule = Callable[[tuple[Expr, ...]], Shape]


@dataclass(frozen=True)
class Op:
    """A row of the table.

    Attributes
    ----------
    name
        Spelling in the text language.
    kind
        ``contraction``, ``elementwise``, ``primitive``, ``definition``, ``constant``,
        ``derivative`` or ``binder``.
    arity
        Number of arguments; None for any number.
    doc
        One line for the reference.
    signature
        Einsum signature of a contraction.
    shape
        Shape rule of the others.
    domain
        For elementwise functions: ``"real"``, ``"positive"``, ``"nonnegative"``, ``"unit"``
        (open interval -1…1), ``"nonzero"``.
    kinks
        Where the derivative jumps, in words, and the convention used there.
    params
        Number of size (or index) parameters of a constant.
    """

    name: str
    kind: str
    arity: int | None
    doc: str
    signature: str | None = None
    shape: ShapeRule | None = None
    domain: str = "real"
    kinks: str | None = None
    params: int = 0


TABLE: dict[str, Op] = {}


def row(op: Op) -> Op:
    """Add a row."""
    TABLE[op.name] = op
    return op


def is_elementwise(name: str) -> bool:
    """A function of the entries, one by one (abstract functions and powers ``.^`` too)?"""
    op = TABLE.get(name)
    return op is not None and op.kind == "elementwise"


def describe(e: Expr) -> str:
    """``A (m×n)`` for messages."""
    text = repr(e)
    if len(text) > 40:
        text = text[:37] + "…"
    return f"{text} ({e.shape[0]}×{e.shape[1]})"


def same(args: tuple[Expr, ...]) -> Shape:
    """Shape of the only argument."""
    return args[0].shape


def square(args: tuple[Expr, ...], what: str) -> Dim:
    """The size of a square argument, or an error that names it."""
    rows, cols = args[0].shape
    if rows != cols:
        raise ShapeError(f"{what} needs a square matrix, but {describe(args[0])} is not")
    return rows


def scalar(args: tuple[Expr, ...]) -> Shape:
    """Always 1×1."""
    return SCALAR
