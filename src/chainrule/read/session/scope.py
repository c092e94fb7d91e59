"""What the formulas of one scope know of each other: declarations, definitions, values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from chainrule.dims import Shape
from chainrule.errors import UsageError
from chainrule.expr import Expr
from chainrule.read.declare import SQUARE_TRAITS, Declaration, kind_of
from chainrule.read.latex.known import Known
from chainrule.read.session.looks import names
from chainrule.read.session.stated import Definition
from chainrule.read.syntax import Node, Statement


@dataclass
class Scope:
    """The names of a scope.

    Attributes
    ----------
    declared, given
        Variables; those given from outside cannot be declared anew.
    functions
        Shapes of argument and value of ``f: A → B``.
    definitions, broken
        Definitions in order; those that could not be read, with the number of their statement.
    by
        Names that something was differentiated by: variables, never defined afterwards.
    usual
        Choices that earlier formulas settled.
    kinds
        Kinds of the defined names.
    seen
        Variables that occurred, with the kind they had there.
    values
        Numbers that variables were given.
    counts
        How many members a family has, from ``x_1, …, x_n``.
    arguments
        By what functions without a definition were differentiated.
    loss
        A cross entropy that was written down, with the number of its statement: what L, J or E
        mean where they are defined nowhere.
    inherited
        Variables of the problem before this one, which may be defined here.
    sizeless
        Variables of which only traits were said so far.
    supposed
        Two indices that are said to be equal, or not, and the number of that statement.
    """

    declared: dict[str, Declaration]
    given: frozenset[str]
    functions: dict[str, tuple[Shape, Shape]] = field(default_factory=dict)
    definitions: dict[str, Definition] = field(default_factory=dict)
    broken: dict[str, int] = field(default_factory=dict)
    by: set[str] = field(default_factory=set)
    usual: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)
    values: dict[str, Expr] = field(default_factory=dict)
    counts: dict[str, str] = field(default_factory=dict)
    arguments: dict[str, set[str]] = field(default_factory=dict)
    loss: tuple[Node, int] | None = None
    sizeless: set[str] = field(default_factory=set)
    inherited: frozenset[str] = frozenset()
    supposed: tuple[str, str, str, int] | None = None

    @classmethod
    def of(cls, given: Mapping[str, Declaration]) -> Scope:
        """A new scope."""
        return cls(dict(given), frozenset(given))

    def copy(self) -> Scope:
        """A scope that can go on by itself."""
        return Scope(
            dict(self.declared), self.given, dict(self.functions), dict(self.definitions),
            dict(self.broken), set(self.by), dict(self.usual), dict(self.kinds), dict(self.seen),
            dict(self.values), dict(self.counts),
            {f: set(by) for f, by in self.arguments.items()}, self.loss,
            set(self.sizeless), self.inherited, self.supposed,
        )  # fmt: skip

    def begun(self) -> Scope:
        """The same declarations and habits, nothing defined."""
        return Scope(dict(self.declared), self.given, dict(self.functions), usual=dict(self.usual),
                     sizeless=set(self.sizeless))  # fmt: skip

    def known(self) -> Known:
        """What the reader of a formula needs to know."""
        statements = {n: d.statement for n, d in self.definitions.items()}
        parameters = {n: s.parameters for n, s in statements.items() if s.parameters}
        known = Known.of(self.declared, statements, parameters)
        known.kinds.update((n, k) for n, k in self.kinds.items() if n in statements)
        indexed = {n for n, s in statements.items() if s.indices}
        known.kinds = {n: k for n, k in known.kinds.items() if n not in indexed}
        steps = frozenset(n for n, s in statements.items() if s.step)
        vectors = frozenset(n for n, f in self.functions.items() if kind_of(f[1]) == "vector")
        return replace(known, steps=steps, seen=self.seen, functions=vectors,
                       indexed=frozenset(indexed))  # fmt: skip

    def declare(self, one: Declaration) -> None:
        """A variable; if it had another size, a new problem has begun for all that used it."""
        if one.name in self.given:
            return
        old = self.declared.get(one.name)
        if old is not None and one.name in self.sizeless:
            self.sizeless.discard(one.name)
            one = replace(one, traits=tuple(dict.fromkeys((*old.traits, *one.traits))))
            old = None
        if old is not None and old.shape != one.shape and None not in (old.shape, one.shape):
            self.forget(one.name)
        if old is not None and one.shape is None:
            one = replace(old, traits=tuple(dict.fromkeys((*old.traits, *one.traits))))
        elif old is not None and old.shape is None:
            one = replace(one, traits=tuple(dict.fromkeys((*old.traits, *one.traits))))
        if one.shape is not None and one.shape[0] != one.shape[1]:  # that is said of another name
            one = replace(one, traits=tuple(t for t in one.traits if t not in SQUARE_TRAITS))
        self.declared[one.name] = one

    def add_trait(self, one: Declaration) -> None:
        """A trait said in words: it says nothing about the size, whatever ``one`` has."""
        if one.name not in self.declared:
            self.declare(one)
            self.sizeless.add(one.name)
        elif one.name not in self.sizeless:
            self.declare(replace(one, shape=None))
        else:
            old = self.declared[one.name]
            both = tuple(dict.fromkeys((*old.traits, *one.traits)))
            self.declared[one.name] = replace(old, traits=both)

    def forget(self, name: str) -> None:
        """Drop the definitions in which a name occurs."""
        stale = {name}
        for other, definition in self.definitions.items():
            if stale & names(definition.statement.value):
                stale.add(other)
        for other in stale:
            self.definitions.pop(other, None)
        self.by.discard(name)
        self.seen.pop(name, None)

    def traits(self, name: str) -> tuple[str, ...]:
        """Those of a declared variable."""
        return self.declared[name].traits if name in self.declared else ()

    def defined(self, name: str) -> str | None:
        """The defined name that ``z``, ``dz`` or ``z_k`` refers to."""
        for candidate in (name, name[1:] if name[:1] == "d" else "", name.rpartition("_")[0]):
            if candidate in self.definitions:
                return candidate
        return None

    def written(self, name: str, used: Sequence[str]) -> bool:
        """Does one of these definitions hold the name, or a member of it?"""
        inside = {n for u in used for n in names(self.definitions[u].statement.value)}
        return name in inside or any(n.rpartition("_")[0] == name for n in inside)

    def below(self, name: str) -> set[str]:
        """All names that a definition rests on."""
        out: set[str] = set()
        todo = [name]
        while todo:
            one = todo.pop()
            if one in self.definitions:
                inner = names(self.definitions[one].statement.value) - out
                out |= inner
                todo += inner
        return out

    def used(self, nodes: Sequence[Node], parameters: set[str]) -> list[str]:
        """Definitions that the nodes rely on, each behind those it relies on itself.

        Raises
        ------
        UsageError
            If one of them could not be read, or leads back to itself.
        """
        order: dict[str, None] = {}
        open_: set[str] = set()
        todo = [(n, False) for root in nodes for n in sorted(names(root))]
        while todo:
            written, done = todo.pop()
            if done:
                order[written] = None
                open_.discard(written)
                continue
            name = self.defined(written)
            if name is None:
                self._readable(written)
                continue
            if name in parameters or name in order:
                continue
            statement = self.definitions[name].statement
            if name in open_:
                if statement.step:
                    continue
                raise UsageError(f"the definition of {name} leads back to {name}")
            open_.add(name)
            todo.append((name, True))
            inner = names(statement.value) - set(statement.parameters or ())
            todo += [(n, False) for n in sorted(inner) if not _itself(self, statement, n)]
        return list(order)

    def _readable(self, name: str) -> None:
        if name in self.broken and name not in self.declared:
            raise UsageError(
                f"{name} is defined in statement {self.broken[name]}, which could not be read"
            )


def kind_in(v: Expr) -> str:
    """What a variable turned out to be."""
    if "family" in v.traits:
        return "family"
    square = v.shape[0] == v.shape[1] and not v.is_scalar
    return "square" if square else kind_of(v.shape)


def _itself(scope: Scope, statement: Statement, name: str) -> bool:
    """The ``y`` in the recursion ``y_{n+1} = φ(y_n)``."""
    return bool(statement.step) and scope.defined(name) == statement.name
