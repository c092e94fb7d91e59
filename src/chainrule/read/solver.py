"""Equations between symbolic sizes, solved one at a time as they come up."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

from chainrule.dims import ZERO, Dim, dim

MAX_GUESSES = 200


class Solver:
    """Unknown sizes (names with ``?``) and what is known about them.

    Sizes named only in the formula (``eye(n)``) give way to declared ones and to numbers;
    declared sizes are fixed.
    """

    def __init__(self, soft: frozenset[str]) -> None:
        self.bound: dict[str, Dim] = {}
        self.soft = soft
        self.reasons: dict[str, str] = {}
        self.pending: list[tuple[Dim, Dim]] = []
        self._count = 0

    def fresh(self) -> Dim:
        """A new unknown."""
        self._count += 1
        return dim(f"?{self._count}")

    def resolve(self, size: Dim) -> Dim:
        """The size with everything put in that is known."""
        passed: list[str] = []
        while known := {n: self.bound[n] for n in size.names if n in self.bound}:
            if size.name is not None:
                passed.append(size.name)
            size = size.subs(known)
        for name in passed:  # shorten the way for the next one
            self.bound[name] = size
        return size

    def equal(self, a: Dim, b: Dim, reason: str = "") -> bool:
        """Require equality; False if it cannot hold."""
        if a is b:
            return True
        a, b = self.resolve(a), self.resolve(b)
        if a == b:
            return True
        found = self._solve(a, b)
        if found is None:
            open_names = [n for n in (a - b).names if n[0] == "?" or n in self.soft]
            if not open_names:
                return False
            self.pending.append((a, b))
            return True
        name, size = found
        self.bound[name] = size
        if reason:
            self.reasons.setdefault(name, reason)
        return True

    def _solve(self, a: Dim, b: Dim) -> tuple[str, Dim] | None:
        """Solve for one name: the youngest unknown, better one that needs no subtraction."""
        difference = a - b
        found: list[tuple[tuple[bool, bool, int], str, Dim]] = []
        for mono, coef in difference.terms:
            if len(mono) != 1 or mono[0][1] != 1 or not self._open(mono[0][0]):
                continue
            name = mono[0][0]
            rest = Dim(tuple(t for t in difference.terms if t[0] != mono))
            if name in rest.names:
                continue
            scale = Fraction(-1) / coef
            terms = tuple((m, _whole(c * scale)) for m, c in rest.terms)
            if abs(coef) != 1 and any(isinstance(c, Fraction) for _, c in terms):
                continue
            if all(c <= 0 for _, c in terms):
                continue
            subtracts = any(c < 0 for _, c in terms)
            unknown = name[0] == "?"
            rank = (not unknown, subtracts, -int(name[1:]) if unknown else 0)
            found.append((rank, name, Dim(terms)))
        if found:
            _, name, size = min(found, key=lambda f: f[0])
            return name, size
        return self._cancel(difference)

    def _cancel(self, difference: Dim) -> tuple[str, Dim] | None:
        """``k*m = k*p`` gives ``m = p``."""
        if len(difference.terms) != 2:
            return None
        (m1, c1), (m2, c2) = difference.terms
        if c1 != -c2:
            return None
        second = dict(m2)
        common = {k: min(p, second[k]) for k, p in m1 if k in second}
        if not common:
            return None
        left, right = (
            Dim(((tuple((k, p - common.get(k, 0)) for k, p in m if p > common.get(k, 0)), 1),))
            for m in (m1, m2)
        )
        return self._solve(left, right)

    def finish(self) -> list[tuple[Dim, Dim]]:
        """Come back to what could not be solved at once; returns what still cannot."""
        for _ in range(len(self.pending) + 1):
            todo, self.pending = self.pending, []
            if not todo:
                break
            before = len(self.bound)
            failed = [pair for pair in todo if not self.equal(*pair)]
            if failed:
                return failed
            if len(self.bound) == before and not self._guess():
                return [p for p in self.pending if self.resolve(p[0]) != self.resolve(p[1])]
        return [p for p in self.pending if self.resolve(p[0]) != self.resolve(p[1])]

    def _guess(self) -> bool:
        """``?1*?2 = m*n``: take the factors in order, if that makes both sides equal."""
        for left, right in self.pending:
            a, b = self.resolve(left), self.resolve(right)
            if a == b:
                continue
            unknown = sorted((n for n in (a - b).names if self._open(n)), key=_age)
            table = self._pairwise(a, b) or self._try(a - b, unknown)
            if table:
                self.bound.update(table)
                return True
        return False

    def _open(self, name: str) -> bool:
        return name[0] == "?" or name in self.soft

    def _pairwise(self, a: Dim, b: Dim) -> dict[str, Dim] | None:
        """Products of as many factors each: first with first, and so on."""
        if len(a.terms) != 1 or len(b.terms) != 1:
            return None
        left, right = (
            sorted((n for n, p in d.terms[0][0] for _ in range(p)), key=_age) for d in (a, b)
        )
        if len(left) != len(right):
            return None
        table: dict[str, Dim] = {}
        for x, y in zip(left, right, strict=True):
            old, new = (x, y) if _age(x) < _age(y) and self._open(x) else (y, x)
            if old != new and old not in table and self._open(old):
                table[old] = dim(new).subs(table)
        return table if table and (a - b).subs(table).subs(table) == ZERO else None

    def _try(self, difference: Dim, unknown: list[str]) -> dict[str, Dim] | None:
        """Sizes that occur, in all orders (few)."""
        known = sorted(difference.names)
        for length in range(1, min(len(unknown), 3) + 1):
            for count, choice in enumerate(permutations(known, length)):
                if count > MAX_GUESSES:
                    break
                table = {u: dim(k) for u, k in zip(unknown, choice, strict=False) if u != k}
                cyclic = any(k in table for size in table.values() for k in size.names)
                if table and not cyclic and difference.subs(table) == ZERO:
                    return table
        return None


def _age(name: str) -> tuple[bool, str]:
    """Unknowns first, in the order in which they came up."""
    return name[0] != "?", name.rjust(8)


def _whole(value: Fraction) -> int | Fraction:
    return int(value) if value.denominator == 1 else value
