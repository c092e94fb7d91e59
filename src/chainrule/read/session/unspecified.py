"""Functions that are differentiated but defined nowhere: a general instance in their place.

Course notes write ∂Q/∂W for a loss Q that they never write down. What they say must hold for every
Q, so a general one is put in: ``sum(C.*q(T))`` with weights C and an abstract function q of its
own, and ``f(A*x)`` for a function between vectors.
"""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.read.declare import Declaration, kind_of
from chainrule.read.latex.functions import ALWAYS
from chainrule.read.names import INDEX_LETTERS
from chainrule.read.session.looks import base, names
from chainrule.read.session.scope import Scope
from chainrule.read.syntax import Node, Statement, copied, postorder


def unspecified(
    scope: Scope, nodes: Sequence[Node], used: Sequence[str], known: Sequence[str] = ()
) -> list[Statement]:
    """An instance for each function without a definition, with its arguments as parameters."""
    wanted: dict[str, dict[str, None]] = {}
    spelled: dict[str, str] = {}
    trees = [*nodes, *(scope.definitions[n].statement.value for n in used)]
    primed = {n.value[0] for r in trees for n in postorder(r) if n.op == "call" and n.value[1]}
    for root in trees:
        for node in postorder(root):
            if node.op not in ("grad", "hessian"):
                continue
            f, x = (base(a) for a in node.args)
            if node.args[0].op == "call" and (f in primed or _elementwise(scope, f)):
                continue
            stem, _, index = x.rpartition("_")
            whole = stem in scope.seen or stem in scope.declared or f in scope.functions
            if index in INDEX_LETTERS and whole:
                x = stem
            if f in known:
                continue
            if f and x and f != x and f not in scope.definitions and f not in scope.broken:
                wanted.setdefault(f, dict.fromkeys(scope.arguments.get(f, ())))[x] = None
    out = []
    for f in list(wanted):  # j and J in one problem are the same loss
        first = spelled.setdefault(f.casefold(), f)
        if first != f and f not in scope.seen:
            wanted[first] |= wanted.pop(f)
            out.append(Statement(f, Node("name", [], 0, 0, first), 0, parameters=(first,)))
    for f, by in wanted.items():
        if f in scope.declared and f not in scope.functions and f in scope.seen:
            continue  # a variable like any other
        outer = [x for x in by if not any(x in scope.below(o) for o in by if o != x)]
        out.insert(0, _instance(scope, f, outer))
    return out


def _elementwise(scope: Scope, name: str) -> bool:
    """``φ(x)`` is a function of its own for every entry, and so is a declared f: ℝ → ℝ."""
    if name in scope.functions:
        return all(kind_of(shape) == "scalar" for shape in scope.functions[name])
    return name in ALWAYS


LOSSES = frozenset({"l", "j", "e", "c", "loss", "cost"})
"""Letters for a loss, in either case."""


def losses(scope: Scope, nodes: Sequence[Node]) -> list[Statement]:
    """``L`` where it is differentiated but defined nowhere, and one loss was written down."""
    if scope.loss is None:
        return []
    found: dict[str, None] = {}
    for root in nodes:
        for node in postorder(root):
            f = base(node.args[0]) if node.op in ("grad", "hessian") else ""
            free = f not in scope.definitions and f not in scope.declared and f not in scope.broken
            if f.casefold() in LOSSES and free:
                found[f] = None
    return [Statement(f, copied(scope.loss[0]), 0) for f in found]


def place(statement: Statement, before: Sequence[tuple[str, Statement]]) -> int:
    """Where an instance belongs: behind its arguments, before what uses it."""
    users = [k for k, (_, s) in enumerate(before) if statement.name in names(s.value)]
    after = [k + 1 for k, (n, _) in enumerate(before) if n in (statement.parameters or ())]
    return max([*after, min(users)]) if users else max([*after, 0])


def weights(scope: Scope, instances: Sequence[Statement]) -> dict[str, Declaration]:
    """The matrix in the instance of ``f: ℝⁿ → ℝᵐ`` is m×n."""
    out = {}
    for one in instances:
        f, by = str(one.name), [scope.declared.get(p) for p in one.parameters or ()]
        if f in scope.functions and len(by) == 1 and by[0] is not None:
            taken, given = scope.functions[f]
            if by[0].shape == taken and kind_of(given) == "vector":
                name = f"{f}_weights"
                out[name] = Declaration(name, (given[0], taken[0]), "matrix")
    return out


def _instance(scope: Scope, f: str, by: Sequence[str]) -> Statement:
    parts = []
    vector = f in scope.functions and kind_of(scope.functions[f][1]) == "vector"
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
    return Statement(f, whole, 0, parameters=tuple(by))
