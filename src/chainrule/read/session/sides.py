"""The sides of one statement read together, in the first way in which they agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chainrule.errors import ChainruleError, ShapeError
from chainrule.read.declare import Declaration
from chainrule.read.latex.derivatives import LAYOUT, LAYOUT_SENTENCES, layout_of
from chainrule.read.latex.known import Choices
from chainrule.read.latex.reading import search
from chainrule.read.reading import Reading, read_statements
from chainrule.read.session.scope import Scope
from chainrule.read.session.stated import Side, unlike
from chainrule.read.session.unspecified import place, unspecified
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
    taken: Mapping[str, int]

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

    def attempt(choices: Choices, alike: bool) -> Read:
        ready = prepared(scope, sides, choices, defines, own)
        found = read_statements(ready.before, ready.sides, ready.declared, ready.macros)
        if alike and unlike(found):
            raise _Unlike(
                "the two sides have different sizes", source=sides[0].text, at=sides[0].at
            )
        remarks = dict.fromkeys((*ready.remarks, *found[0].remarks))
        return Read(
            tuple(found), ready.nodes, tuple(remarks), ready.used, ready.unspecified, {}
        )

    try:
        read, decided, taken = search(lambda c: attempt(c, True), scope.usual)
    except _Unlike:  # read as they are; whether they can be compared is for others to say
        read, decided, taken = search(lambda c: attempt(c, False), scope.usual)
    return replace(read, remarks=tuple(dict.fromkeys((*read.remarks, *decided))), taken=taken)


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


def prepared(
    scope: Scope,
    sides: Sequence[Side],
    choices: Choices,
    defines: Statement | None = None,
    own: Sequence[Mapping[str, int]] = (),
) -> Prepared:
    """Trees of the sides, the definitions they use, and general instances of unnamed functions."""
    known = scope.known()
    nodes: list[Node] = []
    remarks: dict[str, None] = {}
    for n, side in enumerate(sides):
        settled = Choices(dict(own[n]), choices.usual) if own else choices
        node, said = side.tree(known, settled)
        if defines is not None and defines.turned:
            node = Node("transpose", [node], node.at, node.end)
        nodes.append(node)
        remarks |= dict.fromkeys(said)
    used = scope.used(nodes, set(defines.parameters or ()) if defines else set())
    before = list(_in_layout(scope, used, own, choices).items())
    for one in unspecified(scope, nodes, used):
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
        {n: d for n, d in scope.declared.items() if n not in hidden},
        tuple(s for n, s in before if n in used and s.parameters),
        tuple(nodes), tuple(used), tuple(n for n, _ in before if n not in used), tuple(remarks),
    )  # fmt: skip


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
