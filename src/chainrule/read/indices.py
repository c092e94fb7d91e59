"""Sizes from indices: an index that runs over an axis has the length of the axis as its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainrule.dims import ONE, SCALAR, Dim, Shape, dim
from chainrule.ops.indexed import looks_down
from chainrule.read.patterns import COLUMN
from chainrule.read.patterns import SCALAR as SCALAR_KIND
from chainrule.read.syntax import Node

if TYPE_CHECKING:
    from chainrule.read.sizes import Sizes


class Indices:
    """Where indices meet axes, and the families that indices count.

    ``families`` maps a name to the number of its members and their shape.
    """

    def __init__(self, sizes: Sizes) -> None:
        self.sizes = sizes
        self.met: list[tuple[Dim, Dim, Node, str]] = []
        self.families: dict[str, tuple[Dim, Shape]] = {}
        self.open: dict[str, Dim] = {}
        self.free: dict[str, Dim] = {}
        self.deltas: list[tuple[Dim, Dim]] = []
        self.spare = sizes.solver.fresh()

    def meet(self, length: Dim, index: Dim, node: Node) -> None:
        """``index`` stands on an axis of the given length."""
        if index.value is not None:
            found = self.sizes.solver.resolve(length)
            if found.value is not None and index.value > found.value:
                raise self.sizes.fail(f"the index {index} is outside 1…{found}", node)
            return
        self.met.append((length, index, node, self.sizes.text))

    def member(self, node: Node) -> Shape:
        """The shape of a member of a family."""
        base, index = node.value
        if base not in self.families:
            self.families[base] = self._family(base)
        count, shape = self.families[base]
        self.meet(count, index, node)
        return shape

    def _family(self, base: str) -> tuple[Dim, Shape]:
        declared = self.sizes.program.declared.get(base)
        solver = self.sizes.solver
        if declared is not None and declared.family is not None:
            return declared.family.count, declared.family.shape
        kind = self.sizes.kinds.get(f"{base}[]", COLUMN)
        if kind == SCALAR_KIND and base in self.sizes.program.variables:
            rows, cols = self.sizes.variable(base)  # the entries of the vector itself
            return (cols if rows == ONE else rows), SCALAR
        told = self.sizes.program.counts.get(base)
        count = dim(told) if told else solver.fresh()
        if kind == SCALAR_KIND:
            shape: Shape = SCALAR
        elif kind == COLUMN:
            shape = (solver.fresh(), ONE)
        else:
            shape = (solver.fresh(), solver.fresh())
        stacked = (count * shape[0], shape[1])
        if shape == SCALAR:
            stacked = (count, ONE)
        elif kind == COLUMN:
            stacked = (count, shape[0])
        self.sizes.variables[self.name_of(base, shape)] = stacked
        return count, shape

    def name_of(self, base: str, shape: Shape) -> str:
        """The name of a family; a family of vectors beside a vector of that name gets an s."""
        program = self.sizes.program
        if shape != SCALAR and base in program.variables and base not in program.declared:
            return f"{base}s"
        return base

    @property
    def stacks(self) -> set[str]:
        """Names of the variables that stack vectors or matrices."""
        return {self.name_of(b, s) for b, (_, s) in self.families.items() if s != SCALAR}

    def high(self, own: str) -> Dim:
        """The last value of a bound index."""
        bound = self.sizes.program.indices[own]
        if bound.high is not None:
            return bound.high
        if own not in self.open:
            self.open[own] = self.sizes.solver.fresh()
        return self.open[own]

    def top(self, own: str) -> Dim:
        """The largest value of a bound index; that of a descending product stands first."""
        bound = self.sizes.program.indices[own]
        down = bound.down
        if down is None and bound.high is not None:
            down = looks_down(bound.low, bound.high)
        return bound.low if down else self.high(own)

    def finish(self) -> None:
        """Equate ends and lengths where nothing is known yet, and compare where both are."""
        program, solver = self.sizes.program, self.sizes.solver
        for length, index, node, text in sorted(self.met, key=lambda m: -_offset(m[1])):
            name = index.name
            if name is not None and name in program.free_indices:
                self._join(self.free.setdefault(name, length), length)
                continue
            used = index.names & program.indices.keys()
            if not used:
                continue
            last = self._last(index, used)
            a, b = solver.resolve(length), solver.resolve(last)
            if a == b:
                continue
            if self._unknown(a) or self._unknown(b):
                if solver.equal(a, b):
                    continue
            spare = (solver.resolve(a) - solver.resolve(b)).value
            if name is not None and (spare is None or spare < 0):
                shown = program.indices[name].shown
                raise self.sizes.fail(
                    f"the index {shown} runs to {self.sizes.show_size(b)}, but here are "
                    f"{self.sizes.show_size(a)} entries", node, text,
                )  # fmt: skip
        for pair in self.deltas:
            lengths = [n for n in map(self._range, pair) if n is not None]
            if len(lengths) > 1:
                self._join(*lengths)
        for own, bound in program.indices.items():
            if bound.high is None and own not in self.open:
                raise self.sizes.fail(
                    f"how far does the index {bound.shown} run? Write for example "
                    f"sum({bound.shown}=1:n, …)", program.roots[-1],
                )  # fmt: skip

    def range_of(self, *indices: Dim) -> Dim:
        """The length of the axes on which these indices stand."""
        found = [n for n in map(self._range, indices) if n is not None]
        if found:
            return found[0]
        numbers = [i.value for i in indices if i.value is not None]
        return dim(max(numbers)) if len(numbers) == len(indices) else self.spare

    def _range(self, index: Dim) -> Dim | None:
        if index.name in self.sizes.program.indices:
            return self.high(str(index.name))
        return self.free.get(str(index.name))

    def _join(self, a: Dim, b: Dim) -> None:
        """Two axes with the same free index have one length, where nothing speaks against it."""
        solver = self.sizes.solver
        a, b = solver.resolve(a), solver.resolve(b)
        if a != b and (self._unknown(a) or self._unknown(b)):
            solver.equal(a, b)

    def _unknown(self, size: Dim) -> bool:
        solver = self.sizes.solver
        return any(n[0] == "?" or n in solver.soft for n in size.names)

    def _last(self, index: Dim, used: frozenset[str]) -> Dim:
        """The largest value of an index expression."""
        table: dict[str, Dim] = {}
        for own in used:
            falls = any(c < 0 for mono, c in index.terms if dict(mono).get(own))
            table[own] = self.sizes.program.indices[own].low if falls else self.top(own)
        return index.subs(table)


def _offset(index: Dim) -> float:
    return float(next((c for mono, c in index.terms if not mono), 0))
