"""The sides of one statement read together, in the first way in which they agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chainrule.errors import ChainruleError, ShapeError
from chainrule.expr import postorder as graph
from chainrule.read.declare import Declaration
from chainrule.read.latex.derivatives import LAYOUT, LAYOUT_SENTENCES, layout_of
from chainrule.read.latex.known import Choices
from chainrule.read.latex.reading import search
from chainrule.read.reading import Reading, read_statements
from chainrule.read.session.looks import base
from chainrule.read.session.scope import Scope
from chainrule.read.session.shorthand import as_gradients
from chainrule.read.session.stated import Side, unlike
from chainrule.read.session.unspecified import LOSSES, losses, place, unspecified, weights
from chainrule.read.syntax import Node, Statement, copied, postorder

KEPT = ("diagonal:", "apply:")
"""Choices that hold for the formulas that follow, beside the layout."""


@dataclass(frozen=True)
class Read:
    """Readings of sides with their trees, the definitions used and what was decided."""

    readings: tuple[Reading, ...]
    nodes: tuple[Node, ...]
    remarks: tuple[str, ...]
    used: tuple[str, ...]
    unspecified: tuple[str, ...]
    counts: Mapping[str, str]
    arguments: tuple[tuple[str, tuple[str, ...]], ...]
    taken: Mapping[str, int]
    ready: Prepared

    @property
    def kept(self) -> dict[str, int]:
        """What later formulas take over."""
        return {k: v for k, v in self.taken.items() if k == LAYOUT or k.startswith(KEPT)}

    @property
    def by(self) -> set[str]:
        """Names that something is differentiated by."""
        return {
            str(n.args[1].value) for root in self.nodes for n in postorder(root)
            if n.op in ("grad", "hessian") and n.args[1].op == "name"
        }  # fmt: skip


def read_sides(
    scope: Scope,
    sides: Sequence[Side],
    defines: Statement | None = None,
    own: Sequence[Mapping[str, int]] = (),
) -> Read:
    """Read sides that are compared with each other.

    Parameters
    ----------
    defines
        What the first side is the value of.
    own
        Choices that each side settles for itself.

    Raises
    ------
    ChainruleError
        That of the usual reading.
    """

    def attempt(choices: Choices, alike: bool, kinds: bool) -> Read:
        ready = prepared(scope, sides, choices, defines, own, kinds)
        found = read_statements(
            ready.before, ready.sides, ready.declared, ready.macros, ready.counts
        )
        if alike and defines is not None and _spread(defines, ready.nodes[0], found[0]):
            raise _Unlike("a loss is a number", source=sides[0].text, at=sides[0].at)
        if grown := _grown(scope, ready, found):
            raise _Unlike(f"{grown} is a number where it is defined", source=sides[0].text,
                          at=sides[0].at)  # fmt: skip
        if alike and unlike(found):
            raise _Unlike(
                "the two sides have different sizes", source=sides[0].text, at=sides[0].at
            )
        remarks = dict.fromkeys((*ready.remarks, *found[0].remarks))
        return Read(
            tuple(found), ready.nodes, tuple(remarks), ready.used, ready.unspecified,
            ready.counts, ready.arguments, {}, ready,
        )  # fmt: skip

    tries = [(True, True), (False, True), (True, False), (False, False)]
    first: ChainruleError | None = None
    for alike, kinds in tries:
        # variables stay what they were, unless the formula says otherwise; whether sides of
        # different sizes can be compared is for others to say
        if not kinds and not scope.seen:
            continue
        try:
            read, decided, taken = search(
                lambda c, a=alike, k=kinds: attempt(c, a, k),  # type: ignore[misc]
                scope.usual,
            )
            break
        except _Unlike as error:
            first = first or error
        except ChainruleError as error:
            first = first or error
            if alike and kinds and not scope.seen:
                raise
    else:
        assert first is not None
        raise first
    return replace(read, remarks=tuple(dict.fromkeys((*read.remarks, *decided))), taken=taken)


NORMS = frozenset({"norm", "norm1", "norm2", "normF"})


def _spread(defines: Statement, value: Node, found: Reading) -> bool:
    """A loss with a norm in it that is no number: another reading is likelier."""
    if found.expr.is_scalar or str(defines.name).casefold() not in LOSSES:
        return False
    return any(n.op == "apply" and n.value in NORMS for n in postorder(value))


def _grown(scope: Scope, ready: Prepared, found: Sequence[Reading]) -> str | None:
    """A defined number that would be none with the sizes tried here."""
    by = [base(g.args[0]) for r in ready.nodes for g in postorder(r) if g.op == "grad"]
    numbers = [n for n in by if scope.kinds.get(n) == "scalar" and n in ready.used]
    if not numbers or len(numbers) < len(by):
        return None
    grads = (e for side in found for e in graph(side.expr) if e.op == "grad")
    return None if all(e.args[0].is_scalar for e in grads) else numbers[0]


@dataclass(frozen=True)
class Prepared:
    """Sides as syntax with all that they rely on, before names and sizes are settled."""

    before: tuple[tuple[Statement, str], ...]
    sides: tuple[tuple[Statement, str], ...]
    declared: Mapping[str, Declaration]
    macros: tuple[Statement, ...]
    nodes: tuple[Node, ...]
    used: tuple[str, ...]
    unspecified: tuple[str, ...]
    remarks: tuple[str, ...]
    counts: Mapping[str, str]
    arguments: tuple[tuple[str, tuple[str, ...]], ...]
    met: frozenset[str] = frozenset()
    """Declared only by what they were in earlier formulas."""
    back: bool = False
    """Names with a d were read as gradients."""


def prepared(
    scope: Scope,
    sides: Sequence[Side],
    choices: Choices,
    defines: Statement | None = None,
    own: Sequence[Mapping[str, int]] = (),
    kinds: bool = True,
) -> Prepared:
    """Trees of the sides, the definitions they use, and general instances of unnamed functions.

    With ``kinds``, variables that nobody declared keep the kind they had before.
    """
    known = scope.known()
    nodes: list[Node] = []
    remarks: dict[str, None] = {}
    counts = dict(scope.counts)
    for n, side in enumerate(sides):
        settled = Choices(dict(own[n]), choices.usual) if own else choices
        node, said, told = side.tree(known, settled)
        counts |= told
        remarks |= dict.fromkeys(_of_entries(scope, node))
        if defines is not None and defines.turned:
            node = Node("transpose", [node], node.at, node.end)
        nodes.append(node)
        remarks |= dict.fromkeys(said)
    back = as_gradients(scope, nodes) if defines is None else []
    remarks |= dict.fromkeys(back)
    parameters = set(defines.parameters or ()) if defines else set()
    used = scope.used(nodes, parameters)
    given = losses(scope, nodes)
    instances = unspecified(scope, nodes, used, [str(s.name) for s in given])
    used = scope.used([*nodes, *(s.value for s in (*given, *instances))], parameters)
    before = list(_in_layout(scope, used, own, choices).items())
    for one in given:
        before.append((str(one.name), one))
        assert scope.loss is not None
        remarks[f"{one.name} is taken to be the cross entropy of statement {scope.loss[1]}"] = None
    for one in instances:
        before.insert(place(one, before), (str(one.name), one))
        arguments = ", ".join(one.parameters or ())
        remarks[f"{one.name} is an unspecified function of {arguments}"] = None
    hidden = {n for n, _ in before} | {defines.name if defines else None}
    statements = [Statement(None, copied(n), n.at) for n in nodes]
    if defines is not None:
        statements[0] = replace(defines, value=copied(nodes[0]))
    return Prepared(
        tuple(
            (s, scope.definitions[n].source if n in used else "")
            for n, s in before if n not in used or not s.parameters
        ),
        tuple((s, side.text) for s, side in zip(statements, sides, strict=True)),
        {n: d for n, d in _declared(scope, kinds).items() if n not in hidden}
        | weights(scope, instances),
        tuple(s for n, s in before if n in used and s.parameters)
        + tuple(s for n in used if (s := scope.definitions[n].slope) is not None),
        tuple(nodes), tuple(used), tuple(str(s.name) for s in instances), tuple(remarks),
        counts,
        tuple(
            (str(s.name), s.parameters or ()) for s in instances if s.value.op != "name"
        ),
        frozenset(scope.seen.keys() - scope.declared.keys() if kinds else ()),
        bool(back),
    )  # fmt: skip


def _of_entries(scope: Scope, root: Node) -> list[str]:
    """``T`` for the matrix whose entries were t_ij, where nothing else is called T."""
    said = []
    for n in postorder(root):
        name = str(n.value)
        small = name[:1].lower() + name[1:]
        if n.op != "name" or small == name or scope.seen.get(small) not in ("matrix", "square"):
            continue
        if name not in scope.declared.keys() | scope.definitions.keys() | scope.seen.keys():
            n.value = small
            said.append(f"{name} is taken to be the matrix of the entries {small}_ij")
    return said


def _declared(scope: Scope, kinds: bool) -> dict[str, Declaration]:
    """What is declared, and the kinds that undeclared variables had before."""
    if not kinds:
        return scope.declared
    met = {n: Declaration(n, None, k) for n, k in scope.seen.items()
           if k in ("vector", "row", "matrix", "square")}  # fmt: skip
    out = {**met, **scope.declared}
    for n, d in scope.declared.items():  # said to be a matrix, and met as a square one
        if d.shape is None and d.kind == "matrix" and scope.seen.get(n) == "square":
            out[n] = replace(d, kind="square")
    return out


class _Unlike(ShapeError):
    """Both sides can be read, but not compared."""


def _in_layout(
    scope: Scope, used: Sequence[str], own: Sequence[Mapping[str, int]], choices: Choices
) -> dict[str, Statement]:
    """The definitions used, their derivatives in the layout that is tried."""
    statements = {n: scope.definitions[n].statement for n in used}
    if not any(g.op == "grad" for s in statements.values() for g in postorder(s.value)):
        return statements
    if own:
        taken = max(c.get(LAYOUT, 0) for c in own)
    else:
        taken = choices.pick(LAYOUT, *LAYOUT_SENTENCES)
    name = layout_of(taken)
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


__all__ = ["ChainruleError", "Read", "read_sides"]
