"""Functions given entry by entry: ``σ(z)_i = e^{z_i} / Σ_j e^{z_j}``, or carelessly ``σ(z_i)``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from chainrule.errors import ChainruleError
from chainrule.expr import postorder as parts_of
from chainrule.read.latex.functions import known_function
from chainrule.read.latex.known import Choices, Known
from chainrule.read.latex.mlist import Item
from chainrule.read.latex.scripts import FREE_INDEX, letter_of
from chainrule.read.latex.terms import reader
from chainrule.read.session.defining import Forms
from chainrule.read.session.looks import names
from chainrule.read.session.scope import Scope
from chainrule.read.session.sides import Read, read_sides
from chainrule.read.session.stated import Chain, Definition, Side, Stated
from chainrule.read.syntax import Node, Statement, copied, parse, postorder

WHOLE = frozenset({"softmax", "logsoftmax"})
"""Functions of a whole vector."""
SIGMA, SIGMOID = "sigma", "sigmoid"


def by_entries(chain: Chain, scope: Scope, forms: Forms | None) -> tuple[Statement, Read] | None:
    """The function that an equation defines, and its entry as it was read; None for a claim.

    An entry that depends on that entry only says what an elementwise function is.
    """
    first = chain.sides[0]
    found = _head(first.items) if first is not None and len(chain.sides) == 2 else None
    if found is None or forms is None:
        return None
    function, argument, index = found
    if function in scope.declared or function in scope.definitions or argument in scope.definitions:
        return None
    read, value = _mixed(chain, scope, forms, argument, index)
    if read is None or value is None:
        return None
    return Statement(function, value, chain.at, parameters=(argument,)), read


def put_right(chain: Chain, scope: Scope, forms: Forms | None) -> Chain:
    """``softmax(z_i)`` as ``softmax(z)_i``, where the other side has a sum over the entries."""
    first = chain.sides[0]
    found = _head(first.items, WHOLE) if first is not None and len(chain.sides) > 1 else None
    if found is None or forms is None or first is None or first.items[1].scripts:
        return chain
    function, argument, index = found
    if _mixed(chain, scope, forms, argument, index)[1] is None:
        return chain
    at, end = first.at, first.end
    of = Node("name", [], at, end, argument)
    place = Node("name", [], at, end, index)
    entry = Node("entry", [Node("call", [of], at, end, (function, 0))], at, end, [place])
    return replace(chain, sides=(Side(first.text, node=entry), *chain.sides[1:]))


def _mixed(
    chain: Chain, scope: Scope, forms: Forms, argument: str, index: str
) -> tuple[Read | None, Node | None]:
    """The right side, and the vector it is an entry of, if it depends on other entries as well."""
    try:
        read = read_sides(scope, chain.written[1:2])
        entry = read.readings[0].expr
        whole = forms.whole(entry, (index,))
        value = parse(whole)[0].value if whole is not None else None
    except ChainruleError:
        return None, None
    summed = any(e.op in ("sum", "sigma") for e in parts_of(entry))
    if value is None or not summed or argument not in names(value):
        return read, None
    return read, value


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


def _head(items: Sequence[Item], known: Collection[str] = ()) -> tuple[str, str, str] | None:
    """``σ``, ``z`` and ``i`` of ``σ(z)_i`` or ``σ(z_i)``; or one of the known functions."""
    if len(items) != 2 or items[1].kind != "fence" or items[1].value != "()":
        return None
    function, fence = items
    if function.scripts or len(fence.body) != 1:
        return None
    inner = fence.body[0]
    below = [*fence.scripts, *inner.scripts]
    if len(below) != 1 or below[0][0] != "sub" or len(below[0][1]) != 1:
        return None
    name = letter_of(function)
    if known:
        name = known_function(reader("", Known(), Choices()), function)
        name = name if name in known else None
    bare = Item(inner.kind, inner.value, inner.at, inner.end, inner.body)
    argument, index = letter_of(bare), letter_of(below[0][1][0])
    if name is None or argument is None or index not in FREE_INDEX:
        return None
    return name, argument, str(index)
