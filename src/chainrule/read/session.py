"""Statements one after the other: declarations and definitions that later formulas rely on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from chainrule.dims import Shape
from chainrule.errors import ChainruleError, ShapeError, UnsupportedError, UsageError
from chainrule.expr import Expr, symbols
from chainrule.read.declare import Declaration, kind_of
from chainrule.read.latex.declarations import declared
from chainrule.read.latex.derivatives import LAYOUT, LAYOUT_SENTENCES, layout_of
from chainrule.read.latex.known import Choices, Known
from chainrule.read.latex.lines import Line, lines
from chainrule.read.latex.mlist import Item
from chainrule.read.latex.names import base_of
from chainrule.read.latex.reading import defined_as, search, undelimited
from chainrule.read.latex.scripts import is_transpose, letter_of
from chainrule.read.latex.state import is_symbol
from chainrule.read.latex.terms import expression, reader
from chainrule.read.mistakes import FUNCTIONS
from chainrule.read.reading import Reading, read_statements
from chainrule.read.syntax import Node, Statement, copied, postorder

Items = list[Item]


@dataclass(frozen=True)
class Definition:
    """``name = value`` as it was written; ``number`` is that of its statement."""

    statement: Statement
    source: str
    number: int


@dataclass
class Stated:
    """One statement of a document.

    Attributes
    ----------
    kind
        ``definition``, ``equation``, ``expression``, ``declaration``, ``condition``; ``unread``
        with an ``error`` for what could not be read.
    text, at, end
        The formula in which it stands, and the place.
    number
        Counts statements from 1.
    name
        What a definition defines.
    sides
        The readings, left to right; of a definition, its value alone.
    relations
        Signs between the sides; ``after`` is an arrow that leads here from the statement before.
    continued
        The first side is the last one of the statement before.
    remarks
        Everything that was decided on the way.
    relies_on
        Numbers of the definitions used.
    """

    kind: str
    text: str
    at: int
    end: int
    number: int
    name: str | None = None
    sides: tuple[Reading, ...] = ()
    relations: tuple[str, ...] = ()
    after: str = ""
    continued: bool = False
    remarks: tuple[str, ...] = ()
    declarations: tuple[Declaration, ...] = ()
    relies_on: tuple[int, ...] = ()
    error: ChainruleError | None = None
    line: Line | None = None

    @property
    def source(self) -> str:
        """The statement itself."""
        return " ".join(self.text[self.at : self.end].split())

    @property
    def expressions(self) -> tuple[Expr, ...]:
        """Values of the sides."""
        return tuple(side.expr for side in self.sides)


class Session:
    """What the formulas of one scope know of each other."""

    def __init__(
        self, declarations: Mapping[str, Declaration] | None = None, first: int = 1
    ) -> None:
        self.declared: dict[str, Declaration] = dict(declarations or {})
        self.given = frozenset(self.declared)
        self.functions: dict[str, tuple[Shape, Shape]] = {}
        self.definitions: dict[str, Definition] = {}
        self.broken: dict[str, int] = {}
        self.by: set[str] = set()
        self.usual: dict[str, int] = {}
        self.kinds: dict[str, str] = {}
        self.seen: set[str] = set()
        self.values: dict[str, Expr] = {}
        self.pending: tuple[Statement, int] | None = None
        self.number = first
        self.last: Stated | None = None

    def read(self, text: str) -> list[Stated]:
        """Read one formula: its statements, each with its error where it could not be read."""
        bare = undelimited(text)
        try:
            found = lines(bare)
        except ChainruleError as error:
            return [self._count(Stated("unread", text, 0, len(text), 0, error=error))]
        for line in found:  # declarations count for the whole formula
            if line.kind in ("declaration", "function"):
                self._declare(bare, line)
        out = []
        for line in found:
            stated = Stated("unread", text, line.at, line.end, 0, after=line.after, line=line)
            try:
                self._state(bare, line, stated)
            except ChainruleError as error:
                stated.kind, stated.error = "unread", error
            except RecursionError:
                stated.error = UsageError("the formula is nested too deeply", source=text)
            out.append(self._count(stated))
        return out

    def _count(self, stated: Stated) -> Stated:
        stated.number = self.number
        self.number += 1
        if stated.kind in ("equation", "definition", "expression", "unread"):
            self.last = stated
        return stated

    # -- declarations ------------------------------------------------------------------------

    def _declare(self, text: str, line: Line) -> tuple[Declaration, ...]:
        try:
            r = reader(text, self._known(), Choices())
            found = declared(r, line)
        except ChainruleError:
            return ()
        for one in found.variables:
            if one.name in self.given:
                continue
            old = self.declared.get(one.name)
            if old is not None and old.shape != one.shape:
                self._forget(one.name)
            self.declared[one.name] = one
        self.functions.update(found.functions)
        return tuple(found.variables)

    def _forget(self, name: str) -> None:
        """Definitions in which a name occurs that is declared anew: a new problem has begun."""
        stale = {name}
        for other, definition in self.definitions.items():
            if stale & _names(definition.statement.value):
                stale.add(other)
        for other in stale:
            self.definitions.pop(other, None)
        self.by.discard(name)

    def _known(self) -> Known:
        names = {
            n: d.statement.parameters for n, d in self.definitions.items() if d.statement.parameters
        }
        known = Known.of(self.declared, self.definitions, names)
        known.kinds.update((n, k) for n, k in self.kinds.items() if n in self.definitions)
        known.kinds = {
            n: k for n, k in known.kinds.items()
            if n not in self.definitions or not self.definitions[n].statement.indices
        }  # fmt: skip
        steps = frozenset(n for n, d in self.definitions.items() if d.statement.step)
        return replace(known, steps=steps)

    # -- statements --------------------------------------------------------------------------

    def _state(self, text: str, line: Line, stated: Stated) -> None:
        match line.kind:
            case "declaration" | "function":
                r = reader(text, self._known(), Choices())
                found = declared(r, line)
                stated.kind, stated.declarations = "declaration", tuple(found.variables)
            case "condition" if line.relations[0].value in "∼∝":
                raise UnsupportedError(
                    f"a statement with '{line.relations[0].value}', on distributions or up to a "
                    "factor, is not supported", source=stated.text, at=line.at,
                )  # fmt: skip
            case "condition":
                stated.kind = "condition"
                self._sides(text, line.sides, stated)
                stated.relations = tuple(i.value for i in line.relations)
            case "expression" if _is_mention(line):
                stated.kind = "mention"
            case "expression":
                stated.kind = "expression"
                self._sides(text, line.sides, stated)
            case _:
                self._chain(text, line, stated)

    def _chain(self, text: str, line: Line, stated: Stated) -> None:
        stated.relations = tuple(i.value for i in line.relations)
        sides = line.sides
        if not sides[0]:
            if self.last is None or self.last.line is None:
                raise UsageError(
                    "this line goes on from one before it, but there is none", source=stated.text,
                    at=line.at,
                )  # fmt: skip
            stated.continued = True
            if self.pending is not None and self.pending[1] == self.last.number:
                self._define(text, sides[1:], stated, self.pending[0])
                return
            sides = [self.last.line.sides[-1], *sides[1:]]
            if self.last.kind == "unread":
                raise UsageError(
                    "this line goes on from one that could not be read", source=stated.text,
                    at=line.at,
                )  # fmt: skip
            self._continued(text, sides, stated)
            stated.kind = "equation"
            return
        name = self._new_name(line)
        if name is None:
            self._in_parts(text, sides, stated, None, 2)
            stated.kind = "equation"
            return
        self._define(text, sides[1:], stated, name)

    def _define(
        self, text: str, sides: Sequence[Items], stated: Stated, name: Statement
    ) -> None:
        """The value of a name; a literal value of a variable is kept apart from formulas."""
        assert name.name is not None
        if all(_is_literal(side) for side in sides) and (
            name.name in self.seen or name.name in self.declared
        ):
            self._sides(text, sides, stated, None)
            stated.kind, stated.name = "value", name.name
            self.values[name.name] = stated.sides[0].expr
            return
        try:
            self._in_parts(text, sides, stated, name, 1)
        except ChainruleError as error:
            if self._afresh(name, text, sides, stated):
                return
            if not any(_has_dots(side) for side in sides):  # these only explain
                self.broken[name.name] = self.number
            self.pending = (name, self.number)
            raise error
        stated.kind, stated.name = "definition", name.name

    def _afresh(
        self, name: Statement, text: str, sides: Sequence[Items], stated: Stated
    ) -> bool:
        """A definition that only fits without the sizes declared before begins a new problem."""
        before = dict(self.declared)
        self.declared = {n: d for n, d in before.items() if n in self.given}
        try:
            self._in_parts(text, sides, stated, name, 1)
        except ChainruleError:
            self.declared = before
            return False
        used = {n for side in stated.sides for n in symbols(side.expr)}
        if not used & (before.keys() - self.given):
            self.declared = before
            return False
        self.declared = {n: d for n, d in before.items() if n not in used or n in self.given}
        stated.kind, stated.name = "definition", name.name
        stated.remarks += ("the sizes declared before do not fit; read anew",)
        return True

    def _in_parts(
        self, text: str, sides: Sequence[Items], stated: Stated, name: Statement | None, least: int
    ) -> None:
        """All sides; else those that can be read, if these are at least so many."""
        try:
            self._sides(text, sides, stated, name)
            return
        except ChainruleError as error:
            first = error
        readable: list[Items] = []
        choices: list[dict[str, int]] = []
        failed: list[ChainruleError] = []
        for side in sides:
            usual = self.usual
            self.usual = {}
            trial = Stated("", text, stated.at, stated.end, 0, line=stated.line)
            try:
                taken = self._sides(text, [side], trial, None)
            except ChainruleError as error:
                stated.remarks += (f"not read: {_text_of(text, side)}: {error.message}",)
                failed.append(error)
            else:
                readable.append(side)
                choices.append(taken)
            finally:
                self.usual = usual
        if len(readable) < least:
            raise failed[0] if len(failed) == 1 else first
        if len(readable) < len(sides):
            try:
                self._sides(text, readable, stated, name)
                return
            except ChainruleError:
                pass
        elif not any(choices):
            raise first
        self._sides(text, readable, stated, name, own=choices)

    def _new_name(self, line: Line) -> Statement | None:
        """A name that this chain defines; None if the chain is a claim."""
        found = defined_as(line, self._known())
        if found is None or found.name is None or line.relations[0].value == "≈":
            return None
        if found.name == "sigma" and found.parameters:
            return None  # σ(z) = 1/(1+e^{-z}) is a property of the logistic function
        name = found.name
        literal = all(_is_literal(side) for side in line.sides[1:])
        if literal and (name in self.definitions or found.indices or "_" in name):
            return None
        if name in self.definitions and self._repeats(line, name):
            return None
        if name in self.given or name in self.by or line_after(line):
            return None
        if found.indices and (name in self.declared or name in self.definitions):
            return None
        if found.indices and any(
            n.upper() == name.upper() and (n in self.definitions or n in self.declared)
            for n in (name[:1].upper() + name[1:], name)
        ):
            return None
        if not found.indices and not found.parameters and self._mentions(line, name):
            return None
        return found

    def _repeats(self, line: Line, name: str) -> bool:
        """A second ``z = …``: a claim if it can be read beside the first one, else a new start."""
        trial = Stated("", line.text, line.at, line.end, 0, line=line)
        before = dict(self.usual)
        try:
            self._sides(line.text, line.sides, trial, None)
        except ChainruleError:
            return False
        finally:
            self.usual = before
        return _alike(trial.sides) == 0

    def _mentions(self, line: Line, name: str) -> bool:
        """``x = x + 1`` is an equation."""
        stack = [i for side in line.sides[1:] for i in side]
        while stack:
            item = stack.pop()
            stack += [*item.body, *item.more]
            for row in item.rows:
                for cell in row:
                    stack += cell
            for kind, value in item.scripts:
                if kind in ("sub", "sup"):
                    stack += value
            try:
                base = base_of(reader("", self._known(), Choices()), item)
            except ChainruleError:
                base = None
            if base is not None and base.name == name and not base.scripts:
                return True
        return False

    # -- reading -----------------------------------------------------------------------------

    def _continued(self, text: str, sides: Sequence[Items], stated: Stated) -> None:
        """The last side before and what follows it, each with its own text for messages."""
        assert self.last is not None
        self._sides(text, sides, stated, None, [undelimited(self.last.text)])

    def _sides(
        self,
        text: str,
        sides: Sequence[Items],
        stated: Stated,
        names: Statement | None = None,
        texts: Sequence[str] = (),
        own: Sequence[dict[str, int]] = (),
    ) -> dict[str, int]:
        """Read sides; the first one is the value of ``names`` where this is given.

        ``own`` holds what each side settles for itself. Returns the choices taken.
        """
        sources = [*texts, *[text] * (len(sides) - len(texts))]

        def attempt(
            choices: Choices,
        ) -> tuple[list[Reading], list[Node], tuple[str, ...], set[str]]:
            known = self._known()
            nodes: list[Node] = []
            remarks: dict[str, None] = {}
            for n, (source, items) in enumerate(zip(sources, sides, strict=True)):
                settled = Choices(own[n], choices.usual) if own else choices
                r = reader(source, known, settled)
                nodes.append(expression(r, items))
                remarks |= r.remarks
            kept = [copied(n) for n in nodes]
            used = self._used(nodes, set(names.parameters or ()) if names else set())
            stacked = self._stacked(used, own, choices)
            statements = [Statement(None, n, n.at) for n in nodes]
            if names is not None:
                statements[0] = replace(names, value=nodes[0])
            unknown = self._unspecified(kept, used)
            remarks |= {f"{n} is an unspecified function of {x}": None for n, x, _ in unknown}
            hidden = {n for n, _, _ in unknown} | self.definitions.keys()
            before = [(s, self.definitions[n].source) for n, s in stacked.items()]
            for f, x, s in unknown:
                before.insert(self._place(f, x.split(", "), list(stacked)), (s, text))
            found = read_statements(
                before,
                list(zip(statements, sources, strict=True)),
                {
                    n: d for n, d in self.declared.items()
                    if n not in hidden and (names is None or n != names.name)
                },
            )
            if worst and _alike(tuple(found)) > worst[0]:
                raise ShapeError("the two sides have different sizes", source=text, at=stated.at)
            return found, kept, tuple(remarks), set(used)

        worst = [0]
        try:
            (readings, nodes, remarks, used), decided, taken = search(attempt, self.usual)
        except ChainruleError as error:
            if not _is_soft(error):
                raise
            worst = []
            (readings, nodes, remarks, used), decided, taken = search(attempt, self.usual)
        self.usual.update(
            (k, v)
            for k, v in taken.items()
            if k == LAYOUT or k.startswith(("diagonal:", "apply:"))
        )
        self.seen |= {n for reading in readings for n in reading.variables}
        stated.sides = tuple(readings)
        self.by |= {
            str(n.args[1].value) for root in nodes for n in postorder(root)
            if n.op in ("grad", "hessian") and n.args[1].op == "name"
        }  # fmt: skip
        said = (*stated.remarks, *remarks, *readings[0].remarks, *decided)
        stated.remarks = tuple(dict.fromkeys(said))
        stated.relies_on = tuple(sorted(self.definitions[n].number for n in used))
        if names is not None and names.name is not None:
            statement = replace(names, value=nodes[0])
            self.definitions[names.name] = Definition(statement, sources[0], self.number)
            self.broken.pop(names.name, None)
            self.kinds[names.name] = kind_of(readings[0].expr.shape)
            self.values.pop(names.name, None)
            if not names.indices and names.name in self.declared:
                self._fits(names.name, readings[0], stated)
        return taken

    def _stacked(
        self, used: Sequence[str], own: Sequence[dict[str, int]], choices: Choices
    ) -> dict[str, Statement]:
        """The definitions used, their derivatives in the layout that is tried."""
        statements = {n: self.definitions[n].statement for n in used}
        inner = [g for s in statements.values() for g in postorder(s.value) if g.op == "grad"]
        if not inner:
            return statements
        taken = max((c.get("layout", 0) for c in own), default=0)
        name = layout_of(choices.pick(LAYOUT, *LAYOUT_SENTENCES) if not own else taken)
        if name is None:
            return statements
        out = {}
        for n, s in statements.items():
            value = copied(s.value)
            for g in postorder(value):
                if g.op == "grad" and g.value is None:
                    g.value = name
            out[n] = replace(s, value=value)
        return out

    def _place(self, f: str, by: Sequence[str], used: Sequence[str]) -> int:
        """Where an unspecified f belongs: behind its arguments, before what uses it."""
        users = [
            k for k, n in enumerate(used)
            if f in _names(self.definitions[n].statement.value)
        ]  # fmt: skip
        after = [k + 1 for k, n in enumerate(used) if n in by]
        return min([*users, len(used)]) if users else max([*after, 0])

    def _fits(self, name: str, reading: Reading, stated: Stated) -> None:
        """A defined name that was declared before has the declared size."""
        want = self.declared[name].shape
        have = reading.expr.shape
        if want is not None and kind_of(want) != kind_of(have):
            stated.remarks += (
                f"{name} was declared {want[0]}×{want[1]}, but its value is {have[0]}×{have[1]}",
            )

    def _unspecified(
        self, nodes: Sequence[Node], used: Sequence[str]
    ) -> list[tuple[str, str, Statement]]:
        """Functions that are differentiated but nowhere defined: a general instance for each."""
        wanted: dict[str, dict[str, None]] = {}
        trees = [*nodes, *(self.definitions[n].statement.value for n in used)]
        for root in trees:
            for node in postorder(root):
                if node.op in ("grad", "hessian"):
                    f, x = (_base(a) for a in node.args)
                    if f and x and f not in self.definitions and f not in self.broken and f != x:
                        wanted.setdefault(f, {})[x] = None
        out = []
        for f, by in wanted.items():
            outer = [x for x in by if not any(x in self._below(o) for o in by if o != x)]
            if f not in self.declared or f in self.functions or f not in self.seen:
                out.append((f, ", ".join(outer), self._instance(f, outer)))
        return out

    def _below(self, name: str) -> set[str]:
        """All names that a definition rests on."""
        out: set[str] = set()
        todo = [name]
        while todo:
            one = todo.pop()
            if one in self.definitions:
                for inner in _names(self.definitions[one].statement.value):
                    if inner not in out:
                        out.add(inner)
                        todo.append(inner)
        return out

    def _instance(self, f: str, by: Sequence[str]) -> Statement:
        """``sum(C.*phi(x))`` for a scalar function, ``phi(A*x)`` for a vector of its own size."""
        parts = []
        vector = f in self.functions and kind_of(self.functions[f][1]) == "vector"
        for x in by:
            inner = Node("name", [], 0, 0, x)
            tag = "" if len(by) == 1 else f"_{x}"
            weight = Node("name", [], 0, 0, f"{f}_weights{tag}")
            if vector:
                inner = Node("mul", [weight, inner], 0, 0)
            value = Node("call", [inner], 0, 0, (f"{f}_of{tag}", 0))
            if not vector:
                value = Node("hadamard", [weight, value], 0, 0)
                value = Node("call", [value], 0, 0, ("sum", 0))
            parts.append(value)
        whole = parts[0] if len(parts) == 1 else Node("add", parts, 0, 0)
        return Statement(f, whole, 0)

    def _used(self, nodes: Sequence[Node], parameters: set[str]) -> list[str]:
        """Definitions that the nodes rely on, in order of definition.

        Raises
        ------
        UsageError
            If one of them could not be read.
        """
        order: dict[str, None] = {}
        open_: set[str] = set()
        todo = [(n, False) for root in nodes for n in sorted(_names(root))]
        while todo:
            written, done = todo.pop()
            name = self._defined(written)
            if done:
                order[written] = None
                open_.discard(written)
            elif name is None:
                if written in self.broken and written not in self.declared:
                    raise UsageError(
                        f"{written} is defined in statement {self.broken[written]}, which could "
                        "not be read"
                    )
            elif name not in parameters and name not in order:
                if name in open_ and self.definitions[name].statement.step:
                    continue
                if name in open_:
                    raise UsageError(f"the definition of {name} leads back to {name}")
                open_.add(name)
                inner = self.definitions[name].statement
                todo.append((name, True))
                own = set(inner.parameters or ())
                if inner.step:
                    own |= {n for n in _names(inner.value) if self._defined(n) == name}
                todo += [(n, False) for n in sorted(_names(inner.value)) if n not in own]
        return list(order)

    def _defined(self, name: str) -> str | None:
        """The defined name that ``z``, ``dz`` or ``z_k`` refers to."""
        for candidate in (name, name[1:] if name[:1] == "d" else "", name.rpartition("_")[0]):
            if candidate in self.definitions:
                return candidate
        return None


def _base(node: Node) -> str:
    """The name that is differentiated: f in ``f``, ``f(x)``, ``f_i``, ``f[i]``."""
    while node.op in ("transpose", "entry") and node.args:
        node = node.args[0]
    if node.op == "name":
        return str(node.value)
    if node.op in ("call", "member"):
        name = node.value[0]
        return str(name) if name not in FUNCTIONS else ""
    return ""


def _alike(sides: Sequence[Reading]) -> int:
    """How many neighbours differ in size; a bare number stands for any size."""
    shapes = [s.expr.shape for s in sides if s.expr.op != "number"]
    return sum(1 for a, b in pairwise(shapes) if a != b)


def _is_soft(error: ChainruleError) -> bool:
    return error.message == "the two sides have different sizes"


def _has_dots(items: Items) -> bool:
    stack = list(items)
    while stack:
        item = stack.pop()
        if is_symbol(item, "…"):
            return True
        stack += [*item.body, *item.more, *(i for row in item.rows for cell in row for i in cell)]
    return False


def _is_literal(items: Items) -> bool:
    """Numbers and matrices of numbers only."""
    stack = list(items)
    found = False
    while stack:
        item = stack.pop()
        if item.kind == "number":
            found = True
        elif item.kind == "environment":
            stack += [i for row in item.rows for cell in row for i in cell]
        elif item.kind in ("group", "fence", "fraction"):
            stack += [*item.body, *item.more]
        elif item.kind != "symbol" or item.value not in ("-", "+", ",", "␣"):
            return False
        if any(k == "sup" and not is_transpose(v) for k, v in item.scripts):
            return False
    return found


def _is_mention(line: Line) -> bool:
    """A single sign or function name, as in "the operator ⊙"."""
    items = [i for i in line.sides[0] if i.kind != "stray"]
    if len(items) != 1:
        return False
    item = items[0]
    if item.scripts and item.kind not in ("font", "command"):
        return False
    if item.kind == "font" and item.value in ("mathbb", "mathcal"):
        return True
    if item.kind == "fence":
        return all(i.kind == "symbol" for i in item.body)
    if item.kind in ("symbol", "word"):
        return True
    return item.kind == "command" and letter_of(item) is None


def _text_of(text: str, items: Items) -> str:
    found = " ".join(text[items[0].at : items[-1].stop].split())
    return found if len(found) < 60 else found[:59] + "…"


def line_after(line: Line) -> bool:
    """Does an arrow lead to this line? Then it is concluded, not defined."""
    return bool(line.after)


def _names(root: Node) -> set[str]:
    """All names in a tree that was not settled yet."""
    out: set[str] = set()
    todo: list[object] = [root]
    while todo:
        item = todo.pop()
        if isinstance(item, (list, tuple)):
            todo += item
        elif isinstance(item, str):
            out.add(item)
        elif isinstance(item, Node):
            for node in postorder(item):
                if node.op in ("name", "call", "member", "entry", "sigma", "prod"):
                    todo.append(node.value)
    return out


__all__ = ["Definition", "Session", "Stated"]
