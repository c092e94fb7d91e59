"""What all methods start from: the function, its variable, names, auxiliaries and the answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from chainrule.calculus import Answer, derive
from chainrule.calculus.derive import VALUE_TRAITS, Source, restore
from chainrule.calculus.dissolve import dissolved
from chainrule.calculus.expand import expand
from chainrule.derivation.auxiliaries import Parts, choose
from chainrule.derivation.data import Label
from chainrule.derivation.witness import Witness
from chainrule.dims import ONE
from chainrule.errors import UnsupportedError
from chainrule.expr import BINDERS, Expr, node, postorder, size_names, substitute, symbols

OUTPUT = ("f", "y", "Q", "L", "J", "h", "g")
OUTPUT_MATRIX = ("F", "Y", "Q", "M", "G")


@dataclass(frozen=True)
class Problem:
    """A function to be differentiated, ready for a method.

    Attributes
    ----------
    expr
        The function as it was given, sums over families included.
    f, x
        Function (its sums perhaps in matrix form) and variable, freed of facts that hold at
        the values of the variable only.
    name, named
        What the function is called, and whether the user called it so.
    answer
        The certified derivative.
    taken
        Names in use.
    """

    expr: Expr
    f: Expr
    x: Expr
    name: str
    named: bool
    answer: Answer
    definitions: Mapping[str, Expr]
    taken: frozenset[str]

    @cached_property
    def dx(self) -> Expr:
        """The differential of the variable."""
        return differential_of(self.x)

    @cached_property
    def result(self) -> Expr:
        """The answer with all names written out."""
        return freed(restore(self.answer.result, self.answer.where), self.x)

    @cached_property
    def witness(self) -> Witness:
        """Fresh points (a problem serves one derivation)."""
        return Witness(self.f, self.x, self.dx)

    def auxiliaries(self, fine: bool = False, short: bool = False) -> Parts:
        """Named parts of the function."""
        taken = self.taken | {self.name}
        return choose(self.f, self.x, self.definitions, taken, fine, short)

    @property
    def goal(self) -> Label:
        """The label of the derivative in the layout asked for."""
        a = self.answer
        if a.layout == "differential":
            return Label("d", (self.name,))
        if a.form == "vec":
            kind = "row" if self.x.shape[1] == ONE else "vecrow"
            if not self.f.is_scalar:
                kind = "vecby" if self.x.is_scalar else "vec"
            return Label(kind, (self.name, self.x.name))
        row = self.f.is_scalar and a.layout == "numerator" and not self.x.is_scalar
        return Label("row" if row else "partial", (self.name, self.x.name))

    @cached_property
    def sums(self) -> bool:
        """Are there sums over an index?"""
        return any(e.op in BINDERS for e in postorder(self.f))

    def stacked(self) -> Problem:
        """The same problem with the members of families stacked as rows of a matrix."""
        f = dissolved(self.f)
        if f is self.f:
            return self
        given = {n: dissolved(e) for n, e in self.definitions.items()}
        return replace(self, f=f, definitions={n: e for n, e in given.items() if e is not f})

    def symbol(self) -> Expr:
        """The function as a symbol."""
        return node("symbol", (), (self.name,), self.f.shape)


def look_alikes(name: str) -> tuple[str, ...]:
    """``z1`` and ``z_1`` are written the same."""
    found = re.fullmatch(r"([^\W\d_]+)_?(\d+)", name)
    return (f"{found[1]}{found[2]}", f"{found[1]}_{found[2]}") if found else ()


def differential_of(s: Expr) -> Expr:
    """The symbol dX of a symbol X."""
    return node("symbol", (), ("d" + s.name,), s.shape)


def freed(e: Expr, x: Expr) -> Expr:
    """The expression with the freed variable in place of the user's."""
    table = {s: x for s in symbols(e).values() if s.name == x.name and s is not x}
    return substitute(e, table) if table else e


def problem(source: Source, wrt: str | Expr, layout: str, symmetric: str) -> Problem:
    """Read the request and find the answer that the derivation has to reach.

    Raises
    ------
    UnsupportedError
        If the variable does not occur.
    """
    answer = derive(source, wrt, layout=layout, symmetric=symmetric)
    expr = source if isinstance(source, Expr) else source.expr
    table = symbols(expr) if isinstance(source, Expr) else dict(source.variables)
    definitions = {} if isinstance(source, Expr) else dict(source.definitions)
    user = table.get(answer.wrt[0])
    if user is None:
        raise UnsupportedError(f"{answer.wrt[0]} is unknown, so there is nothing to derive")
    x = node("symbol", (), user.params, user.shape, user.traits - VALUE_TRAITS)
    moving = frozenset(table.values())
    written = freed(expand(expr, moving), x)
    f = written
    given = {n: freed(expand(e, moving), x) for n, e in definitions.items()}
    taken = frozenset({*table, *symbols(expr), *definitions, *size_names(expr), "T", "I", "pi"})
    if "d" + x.name in taken:
        raise UnsupportedError(
            f"the name d{x.name} is in use, but a derivation needs it for the differential"
        )
    taken |= {alike for n in taken for alike in look_alikes(n)}
    named = next((n for n, e in given.items() if e is f), None)
    taken = taken - ({named} if named else set())
    pool = OUTPUT if ONE in f.shape else OUTPUT_MATRIX
    name = named or next((n for n in pool if n not in taken), "f_0")
    kept = {n: e for n, e in given.items() if e is not f}
    return Problem(written, f, x, name, named is not None, answer, kept, taken)
