"""Names of nodes: the user's own, else the textbook's (z_1 before a function, h_1 after it)."""

from __future__ import annotations

from collections.abc import Mapping

from chainrule.dims import ONE
from chainrule.expr import Expr, size_names, symbols
from chainrule.graph.fold import Plan
from chainrule.ops import is_elementwise

PROBABILITIES = frozenset({"softmax", "softmax_rows"})


def name_nodes(
    made: Plan, definitions: Mapping[str, Expr], output: str | None = None
) -> dict[Expr, str]:
    """A name for every node; no two are the same."""
    root = made.order[-1]
    own: dict[Expr, str] = {}
    for name, e in definitions.items():
        if e.op != "symbol":
            own.setdefault(e, name)
    taken = {*symbols(root), *definitions, *size_names(root), "T", "I", "pi"}
    heads = {name.split("_")[0].rstrip("0123456789") for name in taken}
    count: dict[str, int] = {}
    names: dict[Expr, str] = {}
    for e in made.order:
        if e.op == "symbol":
            names[e] = e.name
        elif e is root:
            names[e] = own.get(e) or "" if output is None else _free(output, set(symbols(root)))
            names[e] = names[e] or _free("f", taken)
        elif e in own:
            names[e] = own[e]
        else:
            names[e] = _numbered(_head(e, heads), taken, count)
        taken.add(names[e])
    return names


def _head(e: Expr, heads: set[str]) -> str:
    """z for what goes into a function, h for what comes out, s for scalars."""
    if e.op in PROBABILITIES:
        return "p"
    matrix = ONE not in e.shape
    if e.is_scalar:
        return "s"
    if is_elementwise(e.op):
        return _other("H", "A", heads) if matrix else _other("h", "a", heads)
    if matrix:
        return _other("Z", "M", heads)
    return _other("z", "u", heads)


def _other(first: str, second: str, heads: set[str]) -> str:
    """The usual letter, or another one where the user has it."""
    return second if first in heads else first


def _numbered(head: str, taken: set[str], count: dict[str, int]) -> str:
    while True:
        count[head] = count.get(head, 0) + 1
        number = str(count[head])
        if not taken & {f"{head}_{number}", head + number}:  # h1 and h_1 are both written h₁
            return f"{head}_{number}"


def _free(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    n = 1
    while f"{name}_{n}" in taken:
        n += 1
    return f"{name}_{n}"


__all__ = ["name_nodes"]
