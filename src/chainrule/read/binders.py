"""Indices: sums and products over them, entries, members of families, deltas, indicators.

Runs before names are settled. Every bound index gets a name of its own (``i#1``), so that two sums
may use the same letter, and what indices spell becomes a size polynomial.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from chainrule.dims import Dim, dim
from chainrule.errors import ParseError, UnsupportedError
from chainrule.read.classes import settle_label
from chainrule.read.dimension import size_of
from chainrule.read.names import FAMILY, INDEX_LETTERS
from chainrule.read.syntax import Node, copied, postorder

if TYPE_CHECKING:
    from chainrule.read.meaning import Program

MARK = "#"
END = dim("end#")
"""In place of an index: the last one of its axis."""
BIG = frozenset({"sum", "prod"})
MOST_APPLICATIONS = 50


@dataclass(frozen=True, slots=True)
class Bound:
    """An index of a sum: as written, and its range; ``high`` is None where nothing was said.

    ``down`` tells the direction of a product where it was written.
    """

    shown: str
    low: Dim
    high: Dim | None
    down: bool | None = None


Scope = dict[str, Dim]
"""What index names stand for: a bound index of its own name, or what a definition is applied to."""


def resolve_indices(program: Program, roots: list[Node], whole: Iterable[str]) -> None:
    """Settle all indices in some formulas.

    ``x_i`` is an entry where x is declared or defined as a vector; otherwise kinds decide between
    an entry and a member of a family.

    Parameters
    ----------
    whole
        Names that are one name although they look indexed, such as a definition ``z_i = …``.

    Raises
    ------
    ParseError, UnsupportedError
        With the place.
    """
    names = {str(n.value) for root in roots for n in postorder(root) if n.op == "name"}
    program.bare |= names
    program.whole |= set(whole)
    known = frozenset(program.definitions.keys() | program.whole)
    for root in roots:
        stack: list[tuple[Node, Scope, int]] = [(root, {}, 0)]
        while stack:
            node, scope, depth = stack.pop()
            for _ in range(MOST_APPLICATIONS):
                applied = _applied(program, node, scope)
                if applied is None:
                    break
                scope, depth = applied, depth + 1
                if depth > MOST_APPLICATIONS:
                    raise program.fail("definitions are applied inside each other too often", node)
            inner = _settle(program, node, scope, known)
            stack.extend((a, inner, depth) for a in node.args)


def _applied(program: Program, node: Node, scope: Scope) -> Scope | None:
    """``f(y)`` of a defined ``f(x)`` and ``z_k`` of a defined ``z_i``, written out in place.

    Returns the scope of what is written there now; None if nothing was to be done.
    """
    name = node.value[0] + "'" * node.value[1] if node.op == "call" else None
    if name in program.parameters:
        names = program.parameters[name]
        same = [a.value for a in node.args] == list(names)
        if name not in program.written or (same and name not in program.macros):
            return None
        if len(node.args) != len(names):
            raise program.fail(f"{name} takes {len(names)} argument(s), not {len(node.args)}", node)
        table = dict(zip(names, node.args, strict=True))
        _become(node, copied(program.written[name], table))
        return scope
    if node.op == "name" and node.value in program.macros and node.value not in scope:
        _become(node, copied(program.written[str(node.value)]))
        return scope
    base, given = _indexed_name(node)
    if base not in program.by_entries or len(given) != len(program.by_entries[base][0]):
        return None
    letters, body, step = program.by_entries[base]
    values = [_index(program, copied(i), scope) - step for i in given]
    if step and any(not v.name for v in values):
        return None  # y_j itself is where the recursion starts
    _become(node, copied(body))
    return dict(zip(letters, values, strict=True))


def _indexed_name(node: Node) -> tuple[str, list[Node]]:
    """The name and indices of ``z_i``, ``z[i]`` and ``Z[i,j]``."""
    if node.op == "member" and isinstance(node.value[1], Node):
        return str(node.value[0]), [node.value[1]]
    if node.op == "entry" and node.args[0].op == "name":
        if all(isinstance(v, Node) and (v.op != "range" or v.args) for v in node.value):
            return str(node.args[0].value), list(node.value)
    if node.op == "name" and (found := FAMILY.match(str(node.value))):
        return found["base"], [Node("name", [], node.at, node.end, found["index"])]
    return "", []


def _settle(program: Program, node: Node, scope: Scope, defined: frozenset[str]) -> Scope:
    """Rewrite one node; returns the scope of its arguments."""
    settle_label(program, node, scope)
    match node.op:
        case "call" if node.value[0] in BIG and len(node.args) == 2:
            _big_call(program, node)
            return _bind(program, node, scope)
        case "call" if node.value == ("kd", 0):
            if len(node.args) != 2:
                raise program.fail("kd takes two indices, as in kd(i,j)", node)
            both = tuple(_index(program, i, scope) for i in node.args)
            node.op, node.args, node.value = "kd", [], both
        case "call" if node.value == ("unit", 0) and len(node.args) == 2:
            names = {str(n.value) for n in postorder(node.args[1]) if n.op == "name"}
            if names & scope.keys():
                length = _index(program, node.args[0], {}, free=False)
                program.sizes |= length.names
                index = _index(program, node.args[1], scope)
                node.op, node.args, node.value = "unit", [], (index, length)
        case "sigma" | "prod":
            return _bind(program, node, scope)
        case "name":
            _name(program, node, scope, defined)
        case "member":
            _member(program, node, scope, defined)
        case "entry":
            _entry(program, node, scope)
        case "kd" | "unit" if isinstance(node.value[0], Node):
            node.value = tuple(_index(program, i, scope) for i in node.value)
        case "indicator":
            _indicator(program, node, scope)
    return scope


def _big_call(program: Program, node: Node) -> None:
    """``sum(i, …)`` and ``sum(i=1:n, …)`` of the text language."""
    name = node.value[0]
    first, body = node.args
    low = high = None
    down: bool | None = None
    if first.op == "range" and first.args:
        low, high, *steps = first.value
        if steps:
            down = _step(program, steps[0]) < 0
        first = first.args[0]
    if first.op != "name":
        raise program.fail(
            f"{name} over an index is written {name}(i, …) or {name}(i=1:n, …)", first
        )
    node.op, node.args = ("sigma" if name == "sum" else "prod"), [body]
    node.value = (str(first.value), low, high, down)


def _step(program: Program, node: Node) -> int:
    """The middle of ``n:-1:1``."""
    inner = node.args[0] if node.op == "neg" else node
    if inner.op != "number" or inner.value != 1:
        raise program.fail("an index runs in steps of 1 or -1", node)
    return -1 if node.op == "neg" else 1


def _bind(program: Program, node: Node, scope: Scope) -> Scope:
    name, low, high, *directions = node.value
    own = f"{name}{MARK}{len(program.indices) + 1}"
    first = dim(1) if low is None else _index(program, low, scope, free=False)
    last = None if high is None else _index(program, high, scope, free=False)
    for end in (first, last):
        if end is not None:
            program.sizes |= {n for n in end.names if n not in program.indices}
    down = directions[0] if directions else None
    program.indices[own] = Bound(name, first, last, down)
    node.value = own
    return {**scope, name: dim(own)}


def _name(program: Program, node: Node, scope: Scope, defined: frozenset[str]) -> None:
    name = str(node.value)
    if name in scope:
        node.op, node.value = "size", scope[name]
        return
    found = FAMILY.match(name)
    if found is None or name in program.declared or name in program.definitions:
        return
    base, index = found["base"], found["index"]
    if index not in scope and index not in INDEX_LETTERS:
        return
    if name in program.whole and index not in scope and base not in program.families:
        return
    node.op, node.args = "member", []
    node.value = (base, Node("name", [], node.at, node.end, index))
    _member(program, node, scope, defined)


def _member(program: Program, node: Node, scope: Scope, defined: frozenset[str]) -> None:
    base, index_node = node.value
    index = _index(program, index_node, scope)
    declared = program.declared.get(base)
    entries = declared is None and base in defined and base not in program.by_entries
    if (declared is not None and not declared.family) or entries:
        if declared is not None and declared.kind not in ("vector", "row"):
            raise program.fail(
                f"{base} is declared as a {declared.kind}; one index needs a vector or a family",
                node,
            )
        inner = Node("name", [], node.at, node.at + len(base), base)
        node.op, node.args, node.value = "entry", [inner], (index,)
        return
    program.families.setdefault(base, None)
    if base in program.counts:
        program.sizes.add(program.counts[base])
    node.value = (base, index)


def _entry(program: Program, node: Node, scope: Scope) -> None:
    if not 1 <= len(node.value) <= 2:
        raise program.fail("an entry has one or two indices, as in x[2] or X[1,2]", node)
    indices: list[Dim | None] = []
    for item in node.value:
        if item.op == "range" and not item.args:
            indices.append(None)
            continue
        index = _index(program, item, scope)
        if index.value is not None and index.value < 1:
            raise program.fail("indices count from 1", item)
        indices.append(index)
    if all(i is None for i in indices):
        raise program.fail("write an index, as in X[1,:]", node)
    node.value = tuple(indices)


def _index(program: Program, root: Node, scope: Scope, free: bool = True) -> Dim:
    """What an index spells; names that no sum binds are free indices."""
    if root.op == "end":
        return END
    try:
        spelled = size_of(root)
    except ParseError as error:
        error.source = error.source or program.source
        error.message = error.message.replace("a size", "an index")
        raise
    for name in spelled.names - scope.keys() - program.indices.keys():
        if not free or name in program.declared_sizes or name in program.sizes:
            continue
        if name in program.declared:
            raise program.fail(f"{name} is a variable and cannot be an index", root)
        program.free_indices[name] = None
    return spelled.subs({n: scope[n] for n in spelled.names & scope.keys()})


def _indicator(program: Program, node: Node, scope: Scope) -> None:
    """``[i==j]`` is a Kronecker delta, ``[z>0]`` is step(z)."""
    left, right = node.args
    sign = {"=": "==", "≤": "<=", "≥": ">=", "≠": "!="}.get(node.value, node.value)
    if sign in ("==", "!="):
        if not (_is_index(program, left, scope) and _is_index(program, right, scope)):
            raise program.fail(
                "an indicator of equality compares two indices, as in [i==j]", node,
                UnsupportedError,
            )  # fmt: skip
        both = tuple(_index(program, side, scope) for side in (left, right))
        delta = Node("kd", [], node.at, node.end, both)
        _become(node, delta if sign == "==" else _complement(delta))
        return
    if sign in ("<", ">="):
        left, right = right, left
    gap = Node("add", [left, Node("neg", [right], right.at, right.end)], node.at, node.end)
    if right.op == "number" and right.value == 0:
        gap = left
    step = Node("call", [gap], node.at, node.end, ("step", 0))
    _become(node, step if sign in "<>" else _complement(step))


def _is_index(program: Program, node: Node, scope: Scope) -> bool:
    return all(
        (n.op == "number" and n.value.denominator == 1) or n.op in ("add", "neg")
        or (n.op == "name" and (n.value in scope or (
            n.value in INDEX_LETTERS and n.value not in program.declared)))
        for n in postorder(node)
    )  # fmt: skip


def _complement(node: Node) -> Node:
    one = Node("number", [], node.at, node.end, Fraction(1))
    return Node("add", [one, Node("neg", [node], node.at, node.end)], node.at, node.end)


def _become(node: Node, other: Node) -> None:
    node.op, node.args, node.value = other.op, other.args, other.value
