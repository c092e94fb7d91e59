"""Networks of any depth: formulas with letters for layers, read once more with numbers.

``y_{n+1} = φ(W_n y_n + b_n)`` defines as many names as there are layers. What a document says of
``y_i``, ``W_{j-1}`` or a product over layers is read for a network of three: every definition for
every layer, every claim for one or two layers in the middle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product
from typing import TYPE_CHECKING

from chainrule.errors import ChainruleError
from chainrule.read.declare import Declaration, kind_of
from chainrule.read.latex.layers import (
    Bounds,
    Label,
    Numbers,
    label_of,
    labels,
    products,
)
from chainrule.read.latex.lines import Line
from chainrule.read.latex.mlist import Item
from chainrule.read.latex.reading import defined_as
from chainrule.read.latex.scripts import shifted
from chainrule.read.latex.spots import forms
from chainrule.read.latex.state import is_symbol
from chainrule.read.session.looks import everywhere
from chainrule.read.session.numbered import Outcome, Written, nearby, read_numbered
from chainrule.read.session.scope import Scope
from chainrule.read.session.stated import Stated

if TYPE_CHECKING:
    from chainrule.read.session.session import Session

TOP = 3
"""Layers of the network that claims are read for."""
CLAIMED = 2
"""For so many choices of layers at most."""
ROUNDS = 3
MOST_LETTERS = 3
"""For layers in one line; a line with more is left as it is."""
Step = tuple[Label, set[Label]]
SIZED = ("vector", "matrix", "square", "row")


@dataclass
class Layers:
    """What a scope says of layers.

    Attributes
    ----------
    lines
        All that was read before the recursion.
    steps
        Definitions of a label by labels with the same letter.
    bases
        Names whose labels count layers; empty until a recursion is met.
    depth
        Letters for the last layer: capitals, and those in the definition of a loss.
    bounds
        Of products over layers, by their index.
    forms
        How names with a label are spelled, ``%`` in place of the label.
    twin
        The session in which letters are numbers.
    last
        The numbers of the line before, for one that goes on from it.
    """

    lines: list[Written] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    bases: frozenset[str] = frozenset()
    depth: frozenset[str] = frozenset()
    bounds: dict[str, Bounds] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)
    twin: Session | None = None
    last: list[Mapping[str, int]] = field(default_factory=list)

    def copy(self) -> Layers:
        """One that can go on by itself."""
        twin = self.twin.copy() if self.twin is not None else None
        return Layers(
            list(self.lines), list(self.steps), self.bases, self.depth, dict(self.bounds),
            dict(self.forms), twin, list(self.last),
        )  # fmt: skip

    def follow(self, host: Session, written: Written, said: list[Stated]) -> None:
        """Take over a line; a claim on layers gets its instances.

        Where letters could not be read, the first instance takes the place of the statement.
        """
        step = _step(written[2], host.scope)
        if self.twin is None:
            self.lines.append(written)
            if step is not None:
                self.steps.append(step)
                self.bases = _recursive(self.steps)
            if self.bases:
                self._begin(host)
            return
        if step is not None and any(one.base in self.bases for one in step[1]):
            self.bases |= {step[0].base}
        found = self._line(written, said[0].number if said else None)
        for k, stated in enumerate(said):
            many = tuple(one[k] for one in found if len(one) == len(said))
            if stated.kind == "unread" and many and many[0].kind != "unread":
                said[k] = stated = replace(many[0])
            stated.instances = many

    def _begin(self, host: Session) -> None:
        self.twin = host.begun()
        for written in self.lines:
            self._line(written)
        self._sized()
        self.lines = []

    # -- lines ---------------------------------------------------------------------------------

    def _line(self, written: Written, number: int | None = None) -> list[list[Stated]]:
        """Read a line with numbers; what it states, for each choice of them."""
        assert self.twin is not None
        line = written[2]
        if number is not None:
            self.twin.number = number
        for side in line.sides:
            self.bounds.update(products(side, self.bases))
            self.forms.update(forms(side, written[1], self.bases))
        letters = self._letters(line)
        self.depth |= {name for name in letters if name.isupper()}  # a^{[L]}: the last one
        goes_on = line.kind == "chain" and not line.sides[0] and bool(self.last)
        if len(letters) > MOST_LETTERS:
            return []
        if not letters and not goes_on:
            self.last = []
            self._take(written, {})
            return []
        if line.kind in ("declaration", "function"):  # sizes have layers as well
            mine = {one for side in line.sides for one in labels(side) if one.letter in letters}
            self.bases |= {one.base for one in mine}
            for values in _choices(letters, range(TOP + 1)):
                self._take(written, values)
            return []
        if line.kind != "chain":
            return []
        label = label_of(line.sides[0][0]) if len(line.sides[0]) == 1 else None
        if label is not None and (read := self._defined(written, label, letters)):
            return read
        if label is None and self._is_loss(line, letters):
            self.depth |= letters
            return self._claimed(written, frozenset())
        return self._claimed(written, letters - self.depth)

    def _letters(self, line: Line) -> frozenset[str]:
        found = {one.letter for side in line.sides for one in labels(side, self.bases)}
        for side in line.sides:
            for index, bounds in products(side, self.bases):
                found |= {s[0] for b in bounds if (s := shifted(b)) is not None}
                found.discard(index)
        return frozenset(found)

    def _is_loss(self, line: Line, letters: frozenset[str]) -> bool:
        """A quantity of the whole network, defined by its last layer."""
        assert self.twin is not None
        if len(letters) != 1 or letters <= self.depth:
            return False
        found = defined_as(line, self.twin.scope.known())
        return found is not None and found.name not in self.twin.scope.definitions

    def _numbers(self, values: Mapping[str, int], falling: bool = False) -> Numbers:
        fixed = dict.fromkeys(self.depth, TOP)
        bounds = dict(self.bounds)
        return Numbers(self.bases, {**values, **fixed}, self.depth, TOP, bounds, falling)

    def _read(
        self, written: Written, values: Mapping[str, int], falling: bool = False
    ) -> Outcome | None:
        """What a line states with these numbers, and the session after it."""
        assert self.twin is not None
        return read_numbered(self.twin, written, self._numbers(values, falling))

    def _take(self, written: Written, values: Mapping[str, int]) -> None:
        read = self._read(written, values)
        if read is not None:
            self.twin = read[1]

    def _defined(
        self, written: Written, label: Label, letters: frozenset[str]
    ) -> list[list[Stated]]:
        """Define the members of a family one after the other, as far as that is possible."""
        if letters - self.depth != {label.letter} or label.base not in self.bases:
            return []
        out: dict[int, list[Stated]] = {}
        for _ in range(ROUNDS):
            before = len(out)
            for layer in range(TOP + 1):
                n = layer + label.offset
                if layer in out or not 1 <= n <= TOP:
                    continue
                read = self._member(written, label, {label.letter: layer})
                if read is not None:
                    out[layer] = read
            if len(out) == before:
                break
        kept = sorted(out)[:CLAIMED]
        self.last = [{label.letter: n} for n in kept]
        for values in self.last:
            self._say(out[values[label.letter]], values, written[2])
        return [out[n] for n in kept]

    def _member(
        self, written: Written, label: Label, values: Mapping[str, int]
    ) -> list[Stated] | None:
        """One definition: of a new name, by what is there."""
        assert self.twin is not None
        scope = self.twin.scope
        if values[label.letter] + label.offset in _members(scope, label.base):
            return None
        if not self._exist(written[2].sides[1:2], values):
            return None
        read = self._read(written, values)
        if read is None or not read[0] or read[0][0].kind != "definition":
            return None
        self.twin = read[1]
        return read[0]

    def _claimed(self, written: Written, letters: frozenset[str]) -> list[list[Stated]]:
        """Read a claim for layers in the middle."""
        line = written[2]
        found: list[tuple[Mapping[str, int], Outcome]] = []
        broken = list(found)
        choices = self.last[:1] if not line.sides[0] else _choices(letters, range(1, TOP))
        for values in choices:
            read = self._claim(written, values)
            if read is not None:
                (found if _whole(read[0]) else broken).append((values, read))
        found = found[:CLAIMED] or broken[:CLAIMED]
        assert self.twin is not None
        if found and len(found[0][1][0]) == 1:
            numbers = [self._numbers(values) for values, _ in found]
            for _, (many, _) in found:
                many[0].nearby = partial(
                    nearby, self.twin, written, numbers, self.bases, many[0].choices
                )
        if found:
            self.last = [values for values, _ in found]
            self.twin = found[0][1][1]
        for values, (many, _) in found:
            self._say(many, values, line)
        return [many for _, (many, _) in found]

    def _claim(self, written: Written, values: Mapping[str, int]) -> Outcome | None:
        """A claim for these layers; its products in either order, where both fit."""
        if not self._exist(written[2].sides, values):
            return None
        read = self._read(written, values)
        if read is None or not read[0]:
            return None
        other = self._read(written, values, True) if self._multiplies(written[2]) else None
        if other is None or not _whole(other[0]):
            return read
        if not _whole(read[0]):
            return other
        for one, turned in zip(read[0], other[0], strict=False):
            turned.layers = self._taken(values, written[2])
            one.falling = turned
        return read

    def _multiplies(self, line: Line) -> bool:
        """Is there a product over layers?"""
        return any(
            any(is_symbol(i, "∏") for i in everywhere(side)) or any(products(side, self.bases))
            for side in line.sides
        )

    def _exist(self, sides: Sequence[Sequence[Item]], values: Mapping[str, int]) -> bool:
        """Do all the layers exist, of names that are known for some?"""
        assert self.twin is not None
        known = {**values, **dict.fromkeys(self.depth, TOP)}
        for one in (one for side in sides for one in labels(side, self.bases)):
            there = _members(self.twin.scope, one.base)
            if there and one.letter in known and known[one.letter] + one.offset not in there:
                return False
        return True

    def _say(self, said: Sequence[Stated], values: Mapping[str, int], line: Line) -> None:
        """Put down which layers were taken."""
        taken = self._taken(values, line)
        text = ", ".join(f"{name} = {n}" for name, n in taken.items())
        spelled = {} if self._multiplies(line) else _spelled(self.forms, taken)
        for stated in said:
            remark = f"read for a network of {TOP} layers" + (f", {text}" if text else "")
            stated.remarks += (remark,)
            stated.layers, stated.spelled, stated.apart = taken, spelled, len(values) > 1

    def _taken(self, values: Mapping[str, int], line: Line) -> dict[str, int]:
        fixed = sorted(self.depth & self._letters(line))
        return {**values, **dict.fromkeys(fixed, TOP)}

    def _sized(self) -> None:
        """The sizes of what the layers are made of are settled: they differ from layer to layer."""
        assert self.twin is not None
        scope = self.twin.scope
        sizes: dict[str, Declaration] = {}
        for name in scope.definitions:
            if name.rpartition("_")[0] not in self.bases and name.rstrip("0123456789") not in (
                self.bases
            ):
                continue
            try:
                readings = self.twin.value_of(name)
            except ChainruleError:
                continue
            for n, v in readings.variables.items():
                if kind_of(v.shape) in SIZED and n not in scope.declared:
                    sizes[n] = Declaration(n, v.shape, kind_of(v.shape))
        scope.declared |= sizes
        scope.given |= sizes.keys()


def _choices(letters: frozenset[str], numbers: Sequence[int]) -> list[dict[str, int]]:
    """Numbers for letters, those first in which no two letters have the same."""
    names = sorted(letters)
    found = [dict(zip(names, values, strict=True))
             for values in product(numbers, repeat=len(names))]  # fmt: skip
    return sorted(found, key=lambda values: -len(set(values.values())))


def _spelled(forms: Mapping[str, str], taken: Mapping[str, int]) -> dict[str, str]:
    """Names of numbered layers with letters again: W3 is ``W^{(l+1)}`` where l is 2."""
    out = {}
    for base, form in forms.items():
        for n in range(TOP + 1):
            near = sorted((abs(n - k), letter, n - k) for letter, k in taken.items())
            if near and near[0][0] < TOP - 1:
                _, letter, step = near[0]
                label = f"{letter}{step:+d}" if step else letter
                for name in (f"{base}{n}", f"{base}_{n}"):
                    out[name] = form.replace("%", label)
    return out


def _members(scope: Scope, base: str) -> set[int]:
    """The layers for which a name is defined or has a size."""
    out = set()
    for name in (*scope.definitions, *scope.given, *scope.declared):
        rest = name.removeprefix(base).lstrip("_")
        if name.startswith(base) and rest.isdigit():
            out.add(int(rest))
    return out


def _whole(said: Sequence[Stated]) -> bool:
    """Claims whose sizes agree?"""
    return all(s.kind == "equation" and not s.misfit for s in said)


def _step(line: Line, scope: Scope) -> Step | None:
    """A label on the left, and the labels with the same letter on the right."""
    if line.kind != "chain" or line.after or len(line.sides[0]) != 1:
        return None
    left = label_of(line.sides[0][0])
    if left is None or left.base in scope.declared:
        return None
    right = {one for side in line.sides[1:2] for one in labels(side)}
    right = {one for one in right if one.letter == left.letter and one.base not in scope.declared}
    return (left, right) if right else None


def _recursive(steps: Sequence[Step]) -> frozenset[str]:
    """The names in recursions, that lead back with another layer, and what they are made of."""
    ways = {(a.base, b.base, b.offset - a.offset) for a, right in steps for b in right}
    for _ in range(ROUNDS):
        ways |= {
            (a, d, n + m) for a, b, n in ways for c, d, m in ways if b == c and abs(n + m) < TOP
        }
    back = {a for a, b, n in ways if a == b and n}
    if not back:
        return frozenset()
    used = {b for a, b, _ in ways if a in back}
    return frozenset(back | used)
