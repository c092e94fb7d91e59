"""What a chain defines, and how a definition enters its scope."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from chainrule.errors import ChainruleError
from chainrule.expr import Expr
from chainrule.read.declare import kind_of
from chainrule.read.latex.known import Choices, Known
from chainrule.read.mistakes import FUNCTIONS
from chainrule.read.session import looks
from chainrule.read.session.scope import Scope
from chainrule.read.session.shorthand import runs_back
from chainrule.read.session.sides import Read, read_sides
from chainrule.read.session.stated import Chain, Definition, Side, Stated, unlike
from chainrule.read.syntax import Node, Statement, parse

JOINT = "_joint"
"""Ends the name of a function of many arguments with dots between them."""


@dataclass(frozen=True)
class Forms:
    """What the rooms of calculus make of definitions, each as text; None where there is no form.

    Attributes
    ----------
    whole
        The matrix (or vector) of an entry with free indices.
    function
        What a function of one variable is, by name, and its slope.
    """

    whole: Callable[[Expr, tuple[str, ...]], str | None]
    function: Callable[[Expr, str], tuple[str | None, str | None]]


def defined_by(chain: Chain, scope: Scope, once: bool = False) -> Statement | None:
    """What a chain defines; None if it is a claim.

    With ``once``, what is said of a defined name is a claim.
    """
    found = chain.defines
    if found is None or found.name is None or chain.relations[:1] == ("≈",):
        return None
    name = found.name
    if once and name in scope.definitions:
        return None
    if name.endswith(JOINT) and name.removesuffix(JOINT) not in scope.definitions:
        name = name.removesuffix(JOINT)  # j(W_1, …, W_m) is simply j
        found = replace(found, name=name)
    if name == "sigma" and found.parameters:
        return None  # σ(z) = 1/(1+e^{-z}) is a property of the logistic function
    if name in scope.given or chain.after or (found.parameters and name in FUNCTIONS):
        return None
    right = chain.written[1:]
    literal = all(s.literal for s in right)
    if literal and (name in scope.definitions or found.indices or "_" in name):
        return None
    if name in scope.by and name not in scope.definitions and not literal:
        return None
    taken = (scope.declared.keys() - scope.inherited) | scope.definitions.keys()
    if found.indices and _either_case(name) & taken:
        return None
    if found.indices and (old := _either_case(name) & scope.inherited):
        found = replace(found, name=min(old))
    if found.indices or found.parameters:
        return found
    trees = _trees(right, scope)
    if any(name in looks.names(node) for node in trees):
        return None  # x = x + 1 is an equation
    return None if runs_back(scope, name, trees) else found


ACCENTS = ("_bar", "_hat", "_tilde")


def also_named(sides: Sequence[Side], scope: Scope) -> tuple[list[Side], list[Statement]]:
    """``x̄`` in ``μ̂ = x̄ = \\frac{1}{n} Σ x_i``: the sides without new names, and these names.

    At the end of a chain a name may be what it is compared with, unless it has an accent.
    """
    kept: list[Side] = []
    found: list[Statement] = []
    known = scope.known()
    for k, side in enumerate(sides):
        name = _bare_name(side, known) if len(sides) > 1 else None
        taken = scope.declared.keys() | scope.definitions.keys() | scope.seen.keys()
        last = k == len(sides) - 1 and not str(name).endswith(ACCENTS)
        if name is None or name in taken or last or len(kept) + len(sides) - k == 1:
            kept.append(side)
        else:
            found.append(Statement(name, Node("number", [], side.at, side.end, 0), side.at))
    return kept, found


def _bare_name(side: Side, known: Known) -> str | None:
    with suppress(ChainruleError):
        node = side.tree(known, Choices())[0]
        return str(node.value) if node.op == "name" else None
    return None


def take_former(chain: Chain, scope: Scope, stated: Stated) -> None:
    """The value that a name had before it is defined once more, for comparison."""
    if scope.defined(str(chain.defines.name if chain.defines else "")) is None:
        return
    try:
        found = read_sides(scope, chain.written[:2]).readings
    except ChainruleError:
        return
    if not unlike(found):
        stated.former = (found[0], found[1])


def enter(
    defines: Statement, read: Read, side: Side, scope: Scope, stated: Stated, number: int,
    forms: Forms | None,
) -> None:  # fmt: skip
    """A new definition: that of statement ``number``, from the first of its sides."""
    defines = _of_one_time(defines, read, scope)
    name = str(defines.name)
    statement = Statement(
        name, read.nodes[0], defines.at, parameters=defines.parameters,
        indices=defines.indices, step=defines.step,
    )  # fmt: skip
    value = read.readings[0].expr
    slope = None
    if defines.indices and not defines.step and forms is not None:
        found = forms.whole(value, defines.indices)
        if found is not None:
            statement = Statement(name, parse(found)[0].value, defines.at)
    elif len(defines.parameters or ()) == 1 and forms is not None:
        statement, slope = _function(statement, value, forms)
    if name in scope.inherited:  # a variable of the problem before
        scope.inherited -= {name}
        scope.declared.pop(name, None)
    scope.definitions.pop(name, None)
    scope.definitions[name] = Definition(statement, side.text, number, slope)
    scope.broken.pop(name, None)
    scope.values.pop(name, None)
    have = value.shape
    scope.kinds[name] = kind_of(have)
    if defines.indices and not statement.indices:
        scope.kinds[name] = ("vector", "matrix")[len(defines.indices) - 1]
    want = scope.declared[name].shape if name in scope.declared else None
    if want is not None and not defines.indices and kind_of(want) != kind_of(have):
        stated.remarks += (
            f"{name} was declared {want[0]}×{want[1]}, but its value is {have[0]}×{have[1]}",
        )


def _of_one_time(defines: Statement, read: Read, scope: Scope) -> Statement:
    """``P_k = (I - K_k H) P_{k-1}`` is about one time k: ``P_k`` and ``K_k`` are names there."""
    if not defines.indices or defines.step or len(defines.indices) != 1:
        return defines
    (index,) = defines.indices
    found = looks.names(read.nodes[0])
    if not any(n.startswith(f"{defines.name}_{index}m") for n in found):
        return defines
    for one in found:
        if one.endswith(f"_{index}") and one[0].isupper() and scope.seen.get(one) != "square":
            scope.seen[one] = "matrix"
    return replace(defines, name=f"{defines.name}_{index}", indices=())


def _function(
    statement: Statement, value: Expr, forms: Forms
) -> tuple[Statement, Statement | None]:
    """``g(z) = 1/(1+e^{-z})`` by its name, where it has one, and its derivative ``g'(z)``."""
    (parameter,) = statement.parameters or ("",)
    known, slope = forms.function(value, parameter)
    if known is not None:
        statement = replace(statement, value=parse(known)[0].value)
    if slope is None:
        return statement, None
    return statement, replace(statement, name=f"{statement.name}'", value=parse(slope)[0].value)


def chain_of(text: str, s: Statement) -> Chain:
    """A statement of the text language as a chain."""
    first = Side(text, node=s.value)
    if s.name is not None:
        defines = Statement(s.name, s.value, s.at, parameters=s.parameters)
        claims = s.parameters and s.name in FUNCTIONS  # grad(f, x) = 2*x defines nothing
        left = Node("name", [], s.at, s.at + len(s.name), s.name)
        if s.parameters:
            args = [Node("name", [], s.at, s.at, p) for p in s.parameters]
            left = Node("call", args, s.at, s.at + len(s.name), (s.name, 0))
        return Chain((Side(text, node=left), first), ("=",), s.at, s.value.end, "",
                     None if claims else defines)  # fmt: skip
    sides = [first, *(Side(text, node=n) for n in (s.right, *s.more) if n is not None)]
    return Chain(tuple(sides), ("=",) * (len(sides) - 1), s.at, sides[-1].end)


def _trees(sides: Sequence[Side], scope: Scope) -> list[Node]:
    """Those that can be read, by what is known so far."""
    known, out = scope.known(), []
    for side in sides:
        with suppress(ChainruleError):
            out.append(side.tree(known, Choices())[0])
    return out


def _either_case(name: str) -> set[str]:
    """``w`` and ``W``: entries are often written small."""
    return {name, name[:1].upper() + name[1:]}
