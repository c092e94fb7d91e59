"""The index language: a tensor is a sum of terms, a term a coefficient times factors with indices.

A factor is a matrix-language expression taken as it stands (an *atom*) with its indices: a column
vector has one, a matrix two. Two kinds of constants need no atom: ``delta`` (Kronecker's) and
``pair``, which says that an index of size ``a*b`` runs over pairs (slow, fast); ``vec`` and
``kron`` are nothing but pairs. A free index that no factor mentions is a broadcast; a bound index
that no factor mentions counts its size.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from chainrule.dims import ONE, Dim
from chainrule.errors import UsageError
from chainrule.expr import Expr, number
from chainrule.ops import add, mul

Exponent = Fraction | Expr
F0, F1 = Fraction(0), Fraction(1)


class Index:
    """An index; two are the same when they are the same object."""

    __slots__ = ("dim",)

    def __init__(self, dim: Dim) -> None:
        self.dim = dim


Slot = Index | None  # None: an axis of size one
Factor = tuple[Expr, Slot, Slot, Exponent]


@dataclass(slots=True)
class Term:
    """coefficient × scalars × factors × deltas × pairs, summed over ``bound``."""

    coef: Fraction = F1
    scalars: dict[Expr, Exponent] = field(default_factory=dict)
    factors: list[Factor] = field(default_factory=list)
    deltas: list[tuple[Index, Index]] = field(default_factory=list)
    pairs: list[tuple[Index, Index, Index]] = field(default_factory=list)
    bound: list[Index] = field(default_factory=list)

    def copy(self) -> Term:
        """A term that can be changed without changing this one."""
        return Term(self.coef, dict(self.scalars), list(self.factors), list(self.deltas),
                    list(self.pairs), list(self.bound))  # fmt: skip

    def times_scalar(self, base: Expr, exponent: Exponent = F1) -> None:
        """Multiply by ``base ** exponent``.

        Raises
        ------
        UsageError
            For a negative power of the number 0.
        """
        if base.op == "number" and isinstance(exponent, Fraction) and exponent.denominator == 1:
            if base.value == 0 and exponent < 0:
                raise UsageError("division by zero")
            self.coef *= base.value ** int(exponent)
            return
        total = exponent_sum(self.scalars.get(base, F0), exponent)
        if total == 0:
            self.scalars.pop(base, None)  # not there yet where the exponent itself is zero
        else:
            self.scalars[base] = total

    def absorb(self, other: Term) -> None:
        """Multiply by another term (indices already agree)."""
        self.coef *= other.coef
        for base, exponent in other.scalars.items():
            self.times_scalar(base, exponent)
        self.factors += other.factors
        self.deltas += other.deltas
        self.pairs += other.pairs
        self.bound += other.bound

    def size(self) -> int:
        """A measure of how long the term is."""
        return len(self.factors) + len(self.scalars) + len(self.pairs)


def exponent_sum(a: Exponent, b: Exponent) -> Exponent:
    """a + b, exact when both are numbers."""
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a + b
    if a == 0:
        return b
    if b == 0:
        return a
    ea, eb = exponent_expr(a), exponent_expr(b)
    if _negated(ea) is eb:
        return F0
    constant = F0
    rest: list[Expr] = []
    for e in (ea, eb):
        for part in e.args if e.op == "add" else (e,):
            if part.op == "number":
                constant += part.value
            else:
                rest.append(part)
    if not rest:
        return constant
    if constant:
        rest.append(number(constant))
    return add(*rest)


def _negated(e: Expr) -> Expr:
    return -e


def exponent_expr(a: Exponent) -> Expr:
    """The exponent as an expression."""
    return number(a) if isinstance(a, Fraction) else a


def exponent_times(a: Exponent, k: Exponent) -> Exponent:
    """a * k."""
    if isinstance(a, Fraction) and isinstance(k, Fraction):
        return a * k
    if a == 1:
        return k
    if k == 1:
        return a
    if k == -1:
        return -exponent_expr(a)
    return mul(exponent_expr(a), exponent_expr(k))


@dataclass(slots=True)
class Tensor:
    """A sum of terms over common free indices."""

    free: tuple[Slot, ...]
    terms: list[Term]


def index(dim: Dim) -> Slot:
    """A fresh index, or None for an axis of size one."""
    return None if dim == ONE else Index(dim)
