"""Symbolic sizes: integer polynomials in named sizes, and their unification.

``n``, ``3``, ``2*m``, ``m*n``, ``n+p``, ``q^2`` are sizes. Two sizes are the same exactly when
their polynomials are, so equality is structural.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache

Monomial = tuple[tuple[str, int], ...]
Coefficient = int | Fraction
Terms = tuple[tuple[Monomial, Coefficient], ...]


class Dim:
    """A size: a polynomial with integer coefficients in named sizes. Immutable.

    ``terms`` is a sorted tuple of (monomial, coefficient); the empty monomial is the constant.
    """

    __slots__ = ("_hash", "names", "terms", "value")

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self._hash = hash(terms)
        self.names = frozenset(name for mono, _ in terms for name, _ in mono)
        self.value: int | None = None
        if not terms:
            self.value = 0
        elif len(terms) == 1 and not terms[0][0]:
            self.value = int(terms[0][1])

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Dim) and self.terms == other.terms)

    def __hash__(self) -> int:
        return self._hash

    def __add__(self, other: DimLike) -> Dim:
        total = dict(self.terms)
        for mono, coef in dim(other).terms:
            total[mono] = total.get(mono, 0) + coef
        return _make(total)

    __radd__ = __add__

    def __sub__(self, other: DimLike) -> Dim:
        return self + dim(other) * -1

    def __mul__(self, other: DimLike) -> Dim:
        total: dict[Monomial, Coefficient] = {}
        for m1, c1 in self.terms:
            for m2, c2 in dim(other).terms:
                powers = dict(m1)
                for name, p in m2:
                    powers[name] = powers.get(name, 0) + p
                mono = tuple(sorted(powers.items()))
                total[mono] = total.get(mono, 0) + c1 * c2
        return _make(total)

    __rmul__ = __mul__

    def divided(self, k: int) -> Dim:
        """The size over a number; vech has length (n² + n)/2, whole for every n."""
        return _make({m: Fraction(c, k) for m, c in self.terms})

    @property
    def name(self) -> str | None:
        """The name, if the size is a single named size."""
        if len(self.terms) == 1:
            mono, coef = self.terms[0]
            if coef == 1 and len(mono) == 1 and mono[0][1] == 1:
                return mono[0][0]
        return None

    def at(self, sizes: Mapping[str, int]) -> int:
        """The number for given named sizes; ``KeyError`` if one is missing."""
        total: Coefficient = 0
        for mono, coef in self.terms:
            for name, p in mono:
                coef *= sizes[name] ** p
            total += coef
        return int(total)  # n(n+1)/2 has halves as coefficients and is whole all the same

    def subs(self, sizes: Mapping[str, Dim]) -> Dim:
        """Replace named sizes by sizes."""
        if self.names.isdisjoint(sizes):
            return self
        total = ZERO
        for mono, coef in self.terms:
            part = Dim((((), coef),))
            for name, p in mono:
                base = sizes[name] if name in sizes else dim(name)
                for _ in range(p):
                    part = part * base
            total = total + part
        return total

    def __str__(self) -> str:
        if not self.terms:
            return "0"
        out = ""
        for mono, coef in sorted(self.terms, key=lambda t: (-sum(p for _, p in t[0]), t[0])):
            factors = [f"{name}^{p}" if p > 1 else name for name, p in mono]
            if abs(coef) != 1 or not factors:
                factors.insert(0, str(abs(coef)))
            sign = "-" if coef < 0 else "+"
            out += ("-" if sign == "-" else "") if not out else sign
            out += "*".join(factors)
        return out

    __repr__ = __str__


DimLike = Dim | int | str


def _make(total: Mapping[Monomial, Coefficient]) -> Dim:
    return Dim(tuple(sorted((m, _whole(c)) for m, c in total.items() if c)))


def _whole(c: Coefficient) -> Coefficient:
    return int(c) if c.denominator == 1 else c


@lru_cache(maxsize=4096)
def _atom(value: int | str) -> Dim:
    if not isinstance(value, str):  # a number; a fraction only within n(n+1)/2
        return Dim((((), value),)) if value else Dim(())
    return Dim(((((value, 1),), 1),))


def dim(value: DimLike) -> Dim:
    """A size from a number or a name."""
    return value if isinstance(value, Dim) else _atom(value)


ZERO = dim(0)
ONE = dim(1)
Shape = tuple[Dim, Dim]
SCALAR: Shape = (ONE, ONE)


def unify(pairs: list[tuple[Dim, Dim]]) -> dict[str, Dim] | None:
    """Solve equations between sizes for the named sizes.

    Returns
    -------
    dict or None
        A substitution that makes every pair equal, fully applied; None when there is none
        that this solver (linear, one name at a time) can see.
    """
    solved: dict[str, Dim] = {}
    pending = list(pairs)
    stuck = 0
    while pending:
        a, b = (d.subs(solved) for d in pending.pop(0))
        if a == b:
            stuck = 0
            continue
        step = _solve_one(a - b)
        if step is None:
            if (a - b).value is not None or stuck > len(pending):
                return None
            stuck += 1
            pending.append((a, b))
            continue
        stuck = 0
        solved = {k: v.subs(dict([step])) for k, v in solved.items()}
        solved[step[0]] = step[1]
    return solved


def _solve_one(difference: Dim) -> tuple[str, Dim] | None:
    """Solve ``difference == 0`` for one name that stands alone in its monomial."""
    for mono, coef in difference.terms:
        if len(mono) != 1 or mono[0][1] != 1:
            continue
        name = mono[0][0]
        rest = _make({m: c for m, c in difference.terms if m != mono})
        if name in rest.names or any(c % coef for _, c in rest.terms):
            continue
        size = _make({m: Fraction(-c, 1) / coef for m, c in rest.terms})
        if all(c <= 0 for _, c in size.terms):
            continue
        return name, size
    if len(difference.terms) == 2:  # k*m = k*p: a common named factor cancels
        (m1, c1), (m2, c2) = difference.terms
        common = {k: min(p, dict(m2)[k]) for k, p in m1 if k in dict(m2)}
        if common and c1 == -c2:
            left, right = (
                tuple((k, p - common.get(k, 0)) for k, p in mono if p > common.get(k, 0))
                for mono in (m1, m2)
            )
            return _solve_one(_make({left: c1, right: c2}))
    return None
