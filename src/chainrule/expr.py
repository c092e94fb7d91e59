"""The matrix language: immutable, interned expressions.

Equal means identical: building the same expression twice gives the same object, so memo tables
are dictionaries and sharing in a deep network is free. Constructors check sizes but never
simplify behind the user's back; the little normalisation there is (nested sums and products are
flattened, ``A''`` is ``A``, literal numbers are folded) keeps reading and writing inverse to one
another and is documented in :mod:`chainrule.ops.build`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any, Union
from weakref import WeakValueDictionary

from chainrule.dims import SCALAR, Dim, DimLike, Shape, dim

Param = Dim | str | int | Fraction
ExprLike = Union["Expr", int, float, Fraction]

_interned: WeakValueDictionary[tuple[Any, ...], Expr] = WeakValueDictionary()
_counter = 0


class Expr:
    """An expression of the matrix language.

    Attributes
    ----------
    op : str
        ``"symbol"``, ``"number"``, ``"size"`` or the name of a row of the operator table.
    args : tuple of Expr
    params : tuple
        What is not an expression: sizes of constants, names and orders of abstract functions.
    shape : (Dim, Dim)
        Rows and columns; a scalar is 1×1, a vector n×1.
    serial : int
        Order of creation; a stable, cheap tie-break.
    """

    __slots__ = ("__weakref__", "args", "names_cache", "op", "params", "serial", "shape", "traits")

    op: str
    args: tuple[Expr, ...]
    params: tuple[Param, ...]
    shape: Shape
    traits: frozenset[str]
    serial: int
    names_cache: frozenset[str]

    def __repr__(self) -> str:
        from chainrule.write import plain  # the reader's view; writers sit above this room

        return plain(self)

    # -- structure ---------------------------------------------------------------------------
    @property
    def is_scalar(self) -> bool:
        """1×1?"""
        return self.shape == SCALAR

    @property
    def name(self) -> str:
        """Name of a symbol."""
        if self.op != "symbol":
            raise AttributeError(f"{self.op} has no name")
        return str(self.params[0])

    @property
    def value(self) -> Fraction:
        """Value of a literal number."""
        value = self.params[0]
        if self.op != "number" or not isinstance(value, Fraction):
            raise AttributeError(f"{self.op} has no value")
        return value

    # -- NumPy's operators; the table installs the builders ------------------------------------
    def __add__(self, other: ExprLike) -> Expr:
        return builders["add"](self, coerce(other))

    def __radd__(self, other: ExprLike) -> Expr:
        return builders["add"](coerce(other), self)

    def __sub__(self, other: ExprLike) -> Expr:
        return builders["add"](self, builders["neg"](coerce(other)))

    def __rsub__(self, other: ExprLike) -> Expr:
        return builders["add"](coerce(other), builders["neg"](self))

    def __neg__(self) -> Expr:
        return builders["neg"](self)

    def __pos__(self) -> Expr:
        return self

    def __mul__(self, other: ExprLike) -> Expr:
        return builders["hadamard"](self, coerce(other))

    def __rmul__(self, other: ExprLike) -> Expr:
        return builders["hadamard"](coerce(other), self)

    def __matmul__(self, other: ExprLike) -> Expr:
        return builders["mul"](self, coerce(other))

    def __rmatmul__(self, other: ExprLike) -> Expr:
        return builders["mul"](coerce(other), self)

    def __truediv__(self, other: ExprLike) -> Expr:
        return builders["ediv"](self, coerce(other))

    def __rtruediv__(self, other: ExprLike) -> Expr:
        return builders["ediv"](coerce(other), self)

    def __pow__(self, other: ExprLike) -> Expr:
        return builders["epow"](self, coerce(other))

    @property
    def T(self) -> Expr:
        """Transpose."""
        return builders["transpose"](self)

    def __bool__(self) -> bool:
        raise TypeError("an expression has no truth value; use chainrule.equal(a, b) or `is`")

    def _no_order(self, other: object) -> bool:
        raise TypeError("expressions have no order")

    __lt__ = __le__ = __gt__ = __ge__ = _no_order

    def _repr_latex_(self) -> str:
        from chainrule.write import latex

        return f"$\\displaystyle {latex(self)}$"


builders: dict[str, Callable[..., Expr]] = {}


def node(
    op: str,
    args: tuple[Expr, ...] = (),
    params: tuple[Param, ...] = (),
    shape: Shape = SCALAR,
    traits: frozenset[str] = frozenset(),
) -> Expr:
    """The one place where expressions are made: look up or intern."""
    global _counter
    key = (op, args, params, shape, traits)
    found = _interned.get(key)
    if found is None:
        found = object.__new__(Expr)
        found.op, found.args, found.params = op, args, params
        found.shape, found.traits = shape, traits
        _counter += 1
        found.serial = _counter
        _interned[key] = found
    return found


def symbol(name: str, rows: DimLike = 1, cols: DimLike = 1, *traits: str) -> Expr:
    """A variable with its size and traits."""
    return node("symbol", (), (name,), (dim(rows), dim(cols)), frozenset(traits))


def number(value: int | float | str | Fraction) -> Expr:
    """A literal number, kept exact (a decimal is read as the fraction it spells)."""
    if isinstance(value, float):
        value = repr(value)
    return node("number", (), (Fraction(value),))


def size(value: DimLike) -> Expr:
    """A size used as a number (``n`` in ``1/n*sum(x)``)."""
    value = dim(value)
    return number(value.value) if value.value is not None else node("size", (), (value,))


def coerce(value: ExprLike) -> Expr:
    """Accept plain Python numbers where an expression is wanted."""
    if isinstance(value, Expr):
        return value
    if isinstance(value, (int, float, Fraction)):
        return number(value)
    raise TypeError(f"cannot use {type(value).__name__} in an expression")


def postorder(*roots: Expr, below: Callable[[Expr], Sequence[Expr]] | None = None) -> list[Expr]:
    """All distinct nodes, arguments before the nodes that use them; no recursion.

    ``below`` says what a node needs, where that is not its arguments; it is asked once for each.
    """
    seen: set[Expr] = set()
    order: list[Expr] = []
    stack: list[tuple[Expr, bool]] = [(root, False) for root in reversed(roots)]
    while stack:
        item, ready = stack.pop()
        if ready:
            order.append(item)
        elif item not in seen:
            seen.add(item)
            stack.append((item, True))
            needs = item.args if below is None else below(item)
            stack.extend((arg, False) for arg in reversed(needs) if arg not in seen)
    return order


def symbols(*roots: Expr) -> dict[str, Expr]:
    """The variables that occur, by name, in order of first occurrence."""
    return {e.name: e for e in postorder(*roots) if e.op == "symbol"}


#: Operators that bind an index in their argument; parameters are name, first and last value.
BINDERS = frozenset({"sigma", "prod"})


def size_names(*roots: Expr) -> frozenset[str]:
    """The named sizes and free indices that occur; an index bound by a sum does not count."""
    order = postorder(*roots)
    if any(e.op in BINDERS for e in order):
        return frozenset().union(*(free_names(r) for r in roots))
    names: set[str] = set()
    for e in order:
        names |= _own_names(e)
    return frozenset(names)


def free_names(root: Expr) -> frozenset[str]:
    """Named sizes and free indices of one expression; kept with every node it passes."""
    if hasattr(root, "names_cache"):
        return root.names_cache
    stack = [root]
    while stack:  # postorder that stops where the names are known already
        e = stack[-1]
        missing = [a for a in e.args if not hasattr(a, "names_cache")]
        if missing:
            stack += missing
            continue
        stack.pop()
        names = _own_names(e)
        for a in e.args:
            inner = a.names_cache
            if e.op in BINDERS:
                inner = inner - {str(e.params[0])}
            names = inner if names <= inner else names if inner <= names else names | inner
        e.names_cache = names
    return root.names_cache


def _own_names(e: Expr) -> frozenset[str]:
    names = e.shape[0].names | e.shape[1].names
    for p in e.params:
        if isinstance(p, Dim):
            names |= p.names
    return names


def rebuild(e: Expr, args: tuple[Expr, ...]) -> Expr:
    """The same operator on other arguments (sizes checked again)."""
    if args == e.args:
        return e
    if e.op in BINDERS:
        return builders["rebinder"](e, args)
    return builders["rebuild"](e, args)


def substitute(root: Expr, table: dict[Expr, Expr]) -> Expr:
    """Replace sub-expressions (not into replacements), once, memoised by node.

    An index bound by a sum is renamed where a replacement would be captured by it.
    """
    memo: dict[Expr, Expr] = {}
    for e in postorder(root):
        if e in table:
            memo[e] = table[e]
        elif e.op in BINDERS and (clash := _captured(e, table)) is not None:
            inner = builders["renamed"](e, clash)
            memo[e] = rebuild(inner, (substitute(inner.args[0], table),))
        else:
            memo[e] = rebuild(e, tuple(memo[a] for a in e.args))
    return memo[root]


def _captured(e: Expr, table: dict[Expr, Expr]) -> frozenset[str] | None:
    """Names to avoid, where a replaced or replacing expression uses the bound name freely."""
    name = str(e.params[0])
    names: frozenset[str] = frozenset()
    for old, new in table.items():
        names |= free_names(old) | free_names(new)
    return names if name in names else None


def depends(root: Expr, on: frozenset[Expr]) -> dict[Expr, bool]:
    """For every node below ``root``: does a symbol of ``on`` occur in it?"""
    memo: dict[Expr, bool] = {}
    for e in postorder(root):
        memo[e] = e in on or any(memo[a] for a in e.args)
    return memo


def walk_depth(root: Expr) -> int:
    """Nesting depth."""
    memo: dict[Expr, int] = {}
    for e in postorder(root):
        memo[e] = 1 + max((memo[a] for a in e.args), default=0)
    return memo[root]


def children(e: Expr) -> Iterator[Expr]:
    """Arguments, one by one."""
    return iter(e.args)
