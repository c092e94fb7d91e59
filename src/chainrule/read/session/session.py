"""Formulas of one scope, one after the other: what each states, read by what came before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from chainrule.dims import ONE, dim
from chainrule.errors import ChainruleError, ShapeError, UnsupportedError, UsageError
from chainrule.expr import Expr, symbols
from chainrule.read.classes import TRAIT as ONE_HOT
from chainrule.read.declare import TRAITS, Declaration, declare
from chainrule.read.latex.declarations import declared
from chainrule.read.latex.derivatives import LAYOUT
from chainrule.read.latex.known import Choices
from chainrule.read.latex.lines import LOCALLY, Line, lines
from chainrule.read.latex.reading import defined_as, undelimited
from chainrule.read.latex.terms import reader, single_name
from chainrule.read.reading import Reading
from chainrule.read.session import looks
from chainrule.read.session.byentries import by_entries, put_right, take
from chainrule.read.session.defining import (
    Forms,
    also_named,
    chain_of,
    defined_by,
    enter,
    take_former,
)
from chainrule.read.session.dotted import corners, runs
from chainrule.read.session.layers import Layers
from chainrule.read.session.membership import membership, says_again, swaps
from chainrule.read.session.scope import Scope, kind_in
from chainrule.read.session.sides import Prepared, Read, prepared, read_sides
from chainrule.read.session.stated import Chain, Side, Stated, closed
from chainrule.read.syntax import Node, Statement, parse, postorder

VALUE_FOR_EACH = ", a value for each"
"""In the remark on a function of several arguments that nobody wrote down."""
SUPPOSED_FOR = 8
"""So many statements after ``i = j`` still suppose it."""
LAYOUTS = {"gradient": 0, "numerator": 1, "vec": 2}


class Session:
    """Reads the formulas of one scope.

    Parameters
    ----------
    declarations
        Given from outside; formulas cannot change them.
    forms
        What the rooms of calculus make of definitions; without them ``z_{ij} = …`` defines entries
        only, and a function that is defined has no slope.
    """

    def __init__(
        self,
        declarations: Mapping[str, Declaration] | None = None,
        forms: Forms | None = None,
    ) -> None:
        self.scope = Scope.of(declarations or {})
        self.forms = forms
        self.number = 1
        self.last: Stated | None = None
        self.pending: Statement | None = None
        self.layers: Layers | None = Layers()
        self.once = False

    def copy(self) -> Session:
        """A session that can go on by itself."""
        twin = Session(forms=self.forms)
        twin.scope, twin.number = self.scope.copy(), self.number
        twin.last, twin.pending = self.last, self.pending
        twin.layers = self.layers.copy() if self.layers is not None else None
        twin.once = self.once
        return twin

    def continued(self) -> Session:
        """A session for a problem that goes on from this one.

        Everything is known there; what was only a variable here may be defined there.
        """
        twin = self.copy()
        twin.scope.inherited = frozenset(twin.scope.declared.keys() - twin.scope.given)
        twin.scope.by = set()
        twin.layers, twin.last, twin.pending = Layers(), None, None
        return twin

    def begun(self) -> Session:
        """A session with the same declarations, in which nothing was read yet.

        There a name is defined once: what says more of it is a claim.
        """
        twin = Session(forms=self.forms)
        twin.scope, twin.layers, twin.once = self.scope.begun(), None, True
        return twin

    def set_layout(self, layout: str) -> None:
        """The layout in which derivatives are read first."""
        self.scope.usual[LAYOUT] = LAYOUTS[layout]
        if self.layers is not None and self.layers.twin is not None:
            self.layers.twin.set_layout(layout)

    def add(self, name: str, what: str) -> None:
        """Something said in words: ``add("\\\\Sigma", "symmetric")``, ``add("A", "n,m")``.

        What makes no sense for a name is left out.
        """
        try:
            found = lines(name)
            items = found[0].sides[0] if found else []
            plain = single_name(reader(name, self.scope.known(), Choices()), items)
            for one in declare(f"{plain}: {what}") if plain else []:
                (self.scope.add_trait if what in TRAITS else self.scope.declare)(one)
        except ChainruleError:
            return
        if self.layers is not None and self.layers.twin is not None:
            self.layers.twin.add(name, what)

    def read(self, text: str) -> list[Stated]:
        """Read one LaTeX formula: its statements, each with its error where it has one."""
        bare = undelimited(text)
        try:
            found = lines(bare)
        except ChainruleError as error:
            return [self._count(Stated("unread", text, 0, len(text), error=error))]
        before = None
        for line in found:  # declarations count for the whole formula
            if line.kind in ("declaration", "function"):
                if line.after == LOCALLY and before is None:
                    before = dict(self.scope.declared)
                self.declare_line(bare, line, line.after == LOCALLY)
        pairs = [pair for line in found if (pair := looks.pair_of_indices(line)) is not None]
        if pairs:
            self.scope.supposed = (*pairs[0], self.number) if len(pairs) == 1 else None
        out: list[Stated] = []
        for line in found:
            said = self.read_line(text, bare, line)
            if self.layers is not None:
                self.layers.follow(self, (text, bare, line), said)
            out += said
        if before is not None:
            self.scope.declared = before
        return out

    def read_text(self, text: str) -> list[Stated]:
        """Read statements in the text language."""
        try:
            found = parse(text)
        except ChainruleError as error:
            return [self._count(Stated("unread", text, 0, len(text), error=error))]
        return [self._chain(text, chain_of(text, s)) for s in found]

    # -- statements --------------------------------------------------------------------------

    def value_of(self, name: str) -> Reading:
        """The value of a defined name, with its variables."""
        return read_sides(self.scope, [Side(name, node=Node("name", [], 0, 1, name))]).readings[0]

    def sides_of(self, bare: str, line: Line, choices: Mapping[str, int]) -> tuple[Expr, ...]:
        """The sides of a line read in the way that was found for a similar one."""
        sides = [Side(bare, tuple(s)) for s in line.sides]
        read = read_sides(self.scope, sides, own=[choices] * len(sides))
        return tuple(r.expr for r in read.readings)

    def read_line(self, text: str, bare: str, line: Line) -> list[Stated]:
        """The statements of a line; ``bare`` is the text of its formula without delimiters."""
        if looks.pair_of_indices(line) is not None:
            end = closed(text, line.at, line.end)
            return [self._count(Stated("condition", text, line.at, end, after=line.after))]
        if line.kind in ("chain", "condition", "expression") and not (
            line.kind == "expression" and looks.is_mention(line)
        ):
            relations = tuple(i.value for i in line.relations)
            sides = tuple(Side(bare, tuple(s)) if s else None for s in line.sides)
            defines = None
            if line.kind == "chain":
                defines = defined_as(line, self.scope.known())
            chain = Chain(sides, relations, line.at, line.end, line.after, defines).zero_last
            parts = corners(
                replace(
                    chain, defines=defined_by(chain, self.scope, self.once) if defines else None
                )
            )
            if parts is not None:
                self._run(chain)
                return [self._chain(text, part) for part in parts]
            return [self._chain(text, chain, line.kind == "condition")]
        end = closed(text, line.at, line.end)
        stated = Stated("mention", text, line.at, end, after=line.after)
        if line.kind in ("declaration", "function"):
            try:
                found = declared(reader(bare, self.scope.known(), Choices()), line)
                stated.kind, stated.declarations = "declaration", tuple(found.variables)
                if line.kind == "declaration":
                    stated.member = membership(self.scope, bare, line)
            except ChainruleError as error:
                stated.kind, stated.error = "unread", error
        return [self._count(stated)]

    def _chain(self, text: str, chain: Chain, condition: bool = False) -> Stated:
        stated = Stated("unread", text, chain.at, closed(text, chain.at, chain.end),
                        after=chain.after)  # fmt: skip
        stated.relations = chain.relations
        try:
            if condition:
                self._condition(chain, stated)
            elif len(chain.sides) == 1 and chain.defines is None:
                stated.kind = "expression" if self._sides(chain.written, stated) else "unread"
            elif chain.sides[0] is None:
                self._continued(chain, stated)
            else:
                self._equation(chain, stated)
        except ChainruleError as error:
            stated.kind, stated.error = "unread", error
            if isinstance(error, (ShapeError, UnsupportedError)):
                stated.raw, stated.misfit = self._raw(chain), True
        except RecursionError:
            stated.kind = "unread"
            stated.error = UsageError("the formula is nested too deeply", source=text)
        if stated.kind == "unread":
            stated.remarks = ()
        stated.last = chain.goes_on or chain.sides[-1]
        return self._count(stated)

    def _raw(self, chain: Chain) -> Prepared | None:
        """What a statement is made of whose sizes do not agree."""
        sides = chain.written
        if chain.sides[0] is None and self.last is not None and self.last.last is not None:
            sides = [self.last.last, *sides]
        try:
            return prepared(self.scope, sides, Choices({}, self.scope.usual))
        except ChainruleError:
            return None

    def _count(self, stated: Stated) -> Stated:
        stated.values = dict(self.scope.values)
        if self.scope.supposed is not None and self.number - self.scope.supposed[3] <= SUPPOSED_FOR:
            stated.supposed = self.scope.supposed[:3]
        stated.number = self.number
        self.number += 1
        if stated.kind in ("equation", "definition", "expression", "unread", "mention"):
            self.last = stated  # nothing goes on from a mere mention: it has no last side
            if stated.kind != "unread":
                self.pending = None
        return stated

    def _run(self, chain: Chain) -> None:
        """``∂f_1/∂x_1 … ∂f_m/∂x_n`` says that x has n entries and f as many as m."""
        scope = self.scope
        functions, variables = runs(chain)
        taken = scope.declared.keys() | scope.definitions.keys()
        if len(functions) != 1 or len(variables) != 1 or (functions.keys() | variables) & taken:
            return
        (f, rows), (x, cols) = *functions.items(), *variables.items()
        shape, values = scope.functions.get(f, ((dim(cols), ONE), (dim(rows), ONE)))
        if shape[1] == ONE:
            scope.declare(Declaration(x, shape, "vector"))
            scope.functions[f] = (shape, values)

    def declare_line(self, text: str, line: Line, locally: bool = False) -> None:
        """Take over what a line declares."""
        try:
            found = declared(reader(text, self.scope.known(), Choices()), line)
        except ChainruleError:
            return  # said where the line itself is read
        for one in found.variables:
            if one.name in found.turned and says_again(self.scope, one):
                continue  # a claim on the transpose of what was declared before
            if swaps(one):
                continue  # K_mn ∈ ℝ^{mn×mn} is the commutation matrix
            if locally:
                self.scope.declared[one.name] = one
            else:
                self.scope.declare(one)
        self.scope.functions.update(found.functions)

    def _condition(self, chain: Chain, stated: Stated) -> None:
        if chain.relations[0] in "∼∝":
            raise UnsupportedError(
                f"a statement with '{chain.relations[0]}', on distributions or up to a factor, is "
                "not supported", source=stated.text, at=chain.at,
            )  # fmt: skip
        if not chain.written:
            raise UsageError(
                f"there is nothing beside this '{chain.relations[0]}'", source=stated.text,
                at=chain.at,
            )  # fmt: skip
        self._sides(chain.written, stated)
        stated.kind = "condition"

    def _continued(self, chain: Chain, stated: Stated) -> None:
        stated.continued = True
        sides = [s for s in chain.sides if s is not None]
        if self.pending is not None:
            self._define(self.pending, sides, stated)
            return
        if self.last is None or self.last.last is None:
            raise UsageError(
                "this line goes on from one before it, but there is none", source=stated.text,
                at=chain.at,
            )  # fmt: skip
        try:
            self._sides([self.last.last, *sides], stated)
        except ChainruleError:
            if self.last.kind != "unread":
                raise
            raise UsageError(
                "this line goes on from one that could not be read", source=stated.text,
                at=chain.at,
            ) from None  # fmt: skip
        stated.kind = "equation"

    def _equation(self, chain: Chain, stated: Stated) -> None:
        entries = by_entries(chain, self.scope, self.forms)
        if entries is not None:
            take(*entries, chain, self.scope, stated, self.number)
            return
        chain = put_right(chain, self.scope, self.forms)
        defines = defined_by(chain, self.scope, self.once)
        sides = chain.written
        if defines is not None:
            take_former(chain, self.scope, stated)
            self._define(defines, sides[1:], stated)
            return
        self._in_parts(sides, stated, None, 2)
        stated.kind = "equation"

    # -- definitions -------------------------------------------------------------------------

    def _define(self, defines: Statement, sides: Sequence[Side], stated: Stated) -> None:
        """The value of a name; a literal value of a variable is kept apart from formulas."""
        name, scope = str(defines.name), self.scope
        if all(s.literal for s in sides) and (name in scope.seen or name in scope.declared):
            self._sides(sides, stated)
            stated.kind, stated.name = "value", name
            scope.values[name] = stated.sides[0].expr
            return
        sides, others = also_named(sides, scope)
        try:
            self._in_parts(sides, stated, defines, 1)
            for other in others:  # μ̂ = x̄ = … says what x̄ is, too
                self._in_parts(sides, Stated("definition", stated.text, 0, 0), other, 1)
            if len(sides) > 1 and any(VALUE_FOR_EACH in r for r in stated.remarks):
                with suppress(ChainruleError):  # better what is written out
                    self._in_parts([*sides[1:], sides[0]], stated, defines, 1)
        except ChainruleError as error:
            if self._afresh(defines, sides, stated):
                return
            if not any(s.dotted for s in sides):  # these only explain
                scope.broken[name] = self.number
            self.pending = defines
            raise error
        stated.kind, stated.name = "definition", name

    def _afresh(self, defines: Statement, sides: Sequence[Side], stated: Stated) -> bool:
        """A definition that only fits without the sizes declared before begins a new problem."""
        scope = self.scope
        before = dict(scope.declared)
        given = {n: d for n, d in before.items() if n in scope.given}
        turned = {n: replace(d, shape=None, kind="row" if d.kind == "vector" else d.kind)
                  for n, d in before.items() if n not in given and d.kind != "scalar"}  # fmt: skip
        for table in ({**turned, **given}, given):  # rows in place of columns, or all anew
            scope.declared = table
            try:
                self._in_parts(sides, stated, defines, 1)
                break
            except ChainruleError:
                continue
        else:
            scope.declared = before
            return False
        used = {n for side in stated.sides for n in symbols(side.expr)}
        fresh = bool(used & (before.keys() - scope.given))
        kept = scope.declared
        scope.declared = {
            n: d if not fresh or n not in used or n in scope.given else kept.get(n, d)
            for n, d in before.items()
            if not fresh or n not in used or n in kept
        }
        if fresh:
            stated.kind, stated.name = "definition", defines.name
            stated.remarks += ("the sizes declared before do not fit; read anew",)
        return fresh

    # -- sides -------------------------------------------------------------------------------

    def _in_parts(
        self, sides: Sequence[Side], stated: Stated, defines: Statement | None, least: int
    ) -> None:
        """All sides; else those that can be read, if these are at least so many."""
        try:
            self._sides(sides, stated, defines)
            return
        except ChainruleError as error:
            first = error
        readable: list[Side] = []
        choices: list[Mapping[str, int]] = []
        failed: list[ChainruleError] = []
        usual, self.scope.usual = self.scope.usual, {}
        for side in sides:
            try:
                choices.append(read_sides(self.scope, [side]).taken)
                readable.append(side)
            except ChainruleError as error:
                stated.remarks += (f"not read: {side.excerpt}: {error.message}",)
                failed.append(error)
        self.scope.usual = usual
        if any(isinstance(e, ShapeError) for e in failed):
            with suppress(ChainruleError):
                stated.raw = prepared(self.scope, sides, Choices({}, self.scope.usual))
                stated.misfit = True
        if len(readable) < least:
            raise failed[0] if len(failed) == 1 else first
        if len(readable) < len(sides):
            try:
                self._sides(readable, stated, defines)
                return
            except ChainruleError:
                pass
        elif not any(choices):
            raise first
        self._sides(readable, stated, defines, choices)

    def _swapped(self, nodes: Sequence[Node]) -> None:
        """K_mn beside vec is the commutation matrix from then on, if words called it a matrix."""
        for n in (n for root in nodes for n in postorder(root)):
            if n.op == "call" and n.value == ("commut", 0):
                name = "K_" + "".join(str(a.value) for a in n.args)
                if name in self.scope.declared and self.scope.declared[name].shape is None:
                    del self.scope.declared[name]

    def _sides(
        self,
        sides: Sequence[Side],
        stated: Stated,
        defines: Statement | None = None,
        own: Sequence[Mapping[str, int]] = (),
    ) -> Read:
        """Read sides and take over what they tell."""
        scope = self.scope
        read = read_sides(scope, sides, defines, own)
        stated.sides, stated.unspecified = read.readings, read.unspecified
        stated.choices = read.taken
        if len(sides) > 1 and not stated.misfit:
            stated.raw = read.ready
        stated.introduced = tuple(
            n
            for n in dict.fromkeys(n for one in read.readings for n in one.variables)
            if n not in scope.seen and n not in scope.declared and not scope.written(n, read.used)
        )
        scope.counts.update(read.counts)
        self._swapped(read.nodes)
        if any(r.startswith("CE(") for r in read.remarks):
            scope.loss = (read.nodes[min(1, len(sides) - 1)], self.number)
            if len(sides) > 1 and sides[1].literal:
                scope.loss = (read.nodes[0], self.number)
        for f, by in read.arguments:
            scope.arguments.setdefault(f, set()).update(by)
        stated.remarks = tuple(dict.fromkeys((*stated.remarks, *read.remarks)))
        stated.relies_on = tuple(sorted(scope.definitions[n].number for n in read.used))
        scope.usual.update(read.kept)
        first = read.nodes[0]
        while first.op == "transpose":  # φ' is no transpose of a variable either
            first = first.args[0]
        mentioned = len(read.nodes) == 1 and first.op == "name"
        for one in read.readings if not mentioned else ():
            for n, v in one.variables.items():
                if defines is None or n not in (defines.parameters or ()):
                    scope.seen.setdefault(n, kind_in(v))
                if ONE_HOT in v.traits and "binary" in scope.traits(n):
                    old = scope.declared[n]  # its rows mark classes: so it is from now on
                    traits = (*(t for t in old.traits if t != "binary"), ONE_HOT)
                    scope.declared[n] = replace(old, traits=traits)
        scope.by |= read.by
        if defines is not None and defines.name is not None:
            enter(defines, read, sides[0], scope, stated, self.number, self.forms)
        return read
