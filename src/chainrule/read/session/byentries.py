"""Functions given entry by entry: ``σ(z)_i = e^{z_i} / Σ_j e^{z_j}``, or carelessly ``σ(z_i)``."""

from __future__ import annotations

from dataclasses import replace

from chainrule.errors import ChainruleError
from chainrule.expr import postorder as parts_of
from chainrule.read.latex.mlist import Item
from chainrule.read.latex.scripts import FREE_INDEX, letter_of
from chainrule.read.session.defining import Forms
from chainrule.read.session.looks import names
from chainrule.read.session.scope import Scope
from chainrule.read.session.sides import Read, read_sides
from chainrule.read.session.stated import Chain, Definition, Stated
from chainrule.read.syntax import Statement, copied, parse, postorder

SIGMA, SIGMOID = "sigma", "sigmoid"


def by_entries(chain: Chain, scope: Scope, forms: Forms | None) -> tuple[Statement, Read] | None:
    """The function that an equation defines, and its entry as it was read; None for a claim.

    An entry that depends on that entry only says what an elementwise function is.
    """
    first = chain.sides[0]
    found = _head(list(first.items)) if first is not None and len(chain.sides) == 2 else None
    if found is None or forms is None:
        return None
    function, argument, index = found
    if function in scope.declared or function in scope.definitions or argument in scope.definitions:
        return None
    try:
        read = read_sides(scope, chain.written[1:])
        entry = read.readings[0].expr
        whole = forms.whole(entry, (index,))
        value = parse(whole)[0].value if whole is not None else None
    except ChainruleError:
        return None
    summed = any(e.op in ("sum", "sigma") for e in parts_of(entry))
    if value is None or not summed or argument not in names(value):
        return None
    return Statement(function, value, chain.at, parameters=(argument,)), read


def take(
    defines: Statement, read: Read, chain: Chain, scope: Scope, stated: Stated, number: int
) -> None:
    """Enter the function; formulas before, in which σ was taken for the logistic one, mean it."""
    name = str(defines.name)
    text = chain.written[0].text
    if name == SIGMA:
        for n, old in scope.definitions.items():
            if "sigma" in old.source:
                scope.definitions[n] = replace(old, statement=_renamed(old.statement))
    scope.definitions[name] = Definition(defines, text, number, None)
    scope.kinds[name] = "vector"
    stated.kind, stated.name, stated.sides = "definition", name, read.readings


def _renamed(statement: Statement) -> Statement:
    value = copied(statement.value)
    for node in postorder(value):
        if node.op == "call" and node.value == (SIGMOID, 0):
            node.value = (SIGMA, 0)
    return replace(statement, value=value)


def _head(items: list[Item]) -> tuple[str, str, str] | None:
    """``σ``, ``z`` and ``i`` of ``σ(z)_i`` or ``σ(z_i)``."""
    if len(items) != 2 or items[1].kind != "fence" or items[1].value != "()":
        return None
    function, fence = items
    if function.scripts or len(fence.body) != 1:
        return None
    inner = fence.body[0]
    below = [*fence.scripts, *inner.scripts]
    if len(below) != 1 or below[0][0] != "sub" or len(below[0][1]) != 1:
        return None
    bare = Item(inner.kind, inner.value, inner.at, inner.end, inner.body)
    found = letter_of(function), letter_of(bare), letter_of(below[0][1][0])
    if None in found or found[2] not in FREE_INDEX:
        return None
    return str(found[0]), str(found[1]), str(found[2])
