"""Statements into claims, also those whose sizes do not agree: these become rough expressions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from chainrule.check.rough import OVER, rough
from chainrule.check.verdict import Claim
from chainrule.dims import dim
from chainrule.errors import ChainruleError, ParseError, ShapeError, UnsupportedError
from chainrule.expr import Expr, node, number, size_names, symbol
from chainrule.ops import constant, transpose
from chainrule.read.build import one as built
from chainrule.read.build import reached, variable
from chainrule.read.declare import Declaration, collect
from chainrule.read.kinds import KindConflict, assign, habit
from chainrule.read.letters import LETTERS
from chainrule.read.meaning import Program, settle, started
from chainrule.read.patterns import COLUMN, MATRIX, SCALAR
from chainrule.read.reading import read_statements
from chainrule.read.sizes import Sizes
from chainrule.read.syntax import Node, Statement, copied, parse, postorder

Place = tuple[Statement, str]


@dataclass(frozen=True)
class Sides:
    """What the sides of a statement are.

    Attributes
    ----------
    exprs : tuple of Expr
        Rough where the sizes do not agree.
    names : dict
        Defined names with their values.
    variables : dict
        Symbols by name.
    error : ChainruleError or None
        Why the sides cannot be read as they are.
    """

    exprs: tuple[Expr, ...]
    names: dict[str, Expr]
    variables: dict[str, Expr]
    error: ChainruleError | None = None


def read_sides(
    before: Sequence[Place],
    sides: Sequence[Place],
    declared: Mapping[str, Declaration],
    macros: Sequence[Statement] = (),
) -> Sides:
    """The sides of one statement after some definitions; roughly where sizes disagree.

    ``macros`` are definitions with parameters, written out where they are applied.

    Raises
    ------
    ChainruleError
        If the text is no formula, or a definition cannot be read.
    """
    try:
        found = read_statements(before, sides, declared, macros)
        return Sides(tuple(r.expr for r in found), dict(found[0].definitions),
                     dict(found[0].variables))  # fmt: skip
    except (ShapeError, UnsupportedError) as error:
        try:
            made = rough_sides(before, sides, declared, macros)
        except (KeyError, AttributeError, AssertionError, ValueError):
            raise error from None
        if any(n.startswith("?") for n in size_names(*made.exprs)):
            raise error from None  # an index without an end, say
        return replace(made, error=error)


def rough_sides(
    before: Sequence[Place],
    sides: Sequence[Place],
    declared: Mapping[str, Declaration],
    macros: Sequence[Statement] = (),
) -> Sides:
    """The sides past all checks of sizes."""
    pairs = [*before, *sides]
    statements = [[replace(s, value=copied(s.value))] for s, _ in pairs]
    program = started(declared, macros)
    plain = frozenset(
        str(n.value) for (s,) in statements for n in postorder(s.value) if n.op == "name"
    )
    roots: list[Node] = []
    where = [w for _, w in pairs]
    for one, source in zip(statements, where, strict=True):
        roots.append(settle(program, one, source, (), plain)[-1])
    sizes = _sizes(program, roots, where)
    return _Rough(program, sizes).sides(roots, len(before))


def _sizes(program: Program, roots: list[Node], where: list[str]) -> Sizes:
    """Sizes as far as they can be inferred before the first disagreement."""
    try:
        kinds = dict(assign(program, roots))
    except KindConflict as found:
        kinds = dict(found.guess)
        for name in program.variables:
            kinds.setdefault(program.twins.get(name, name),
                             {"scalar": SCALAR, "vector": COLUMN, "matrix": MATRIX}[habit(name)],
                             )  # fmt: skip
    sizes = Sizes(program, kinds)
    with suppress(ChainruleError):
        sizes.walk(where)
    with suppress(ChainruleError):
        sizes.christen()
    return sizes


class _Rough:
    """Settled syntax to expressions, unchecked."""

    def __init__(self, program: Program, sizes: Sizes) -> None:
        self.program, self.sizes = program, sizes

    def sides(self, roots: list[Node], before: int) -> Sides:
        names = {id(root): name for name, root in self.program.definitions.items()}
        defined: dict[str, Expr] = {}
        out: list[Expr] = []
        for k, root in enumerate(roots):
            value = self.tree(root, defined)
            if id(root) in names:
                defined[names[id(root)]] = value
            if k >= before:
                out.append(value)
        table = {n: variable(self.program, self.sizes, n) for n in self.program.variables}
        return Sides(tuple(out), defined, table)

    def tree(self, root: Node, defined: Mapping[str, Expr]) -> Expr:
        memo: dict[int, Expr] = {}
        for item in postorder(root):
            memo[id(item)] = self.one(item, [memo[id(a)] for a in item.args], defined)
        return memo[id(root)]

    def one(self, item: Node, args: list[Expr], defined: Mapping[str, Expr]) -> Expr:
        if item.op == "grad":
            return self.gradient(item, args[0], defined)
        try:
            made = built(self.program, self.sizes, item, args, defined)
        except (ChainruleError, KeyError, ValueError):
            return self.forced(item, args)
        if item.op == "constant" and item.value[:2] == ("eye", None) and made.is_scalar:
            return constant("eye", dim(self.spare()))  # nobody writes I for the number 1
        return made

    def spare(self) -> str:
        """A name for a size that nothing has."""
        taken = set(self.program.words) | self.program.sizes | self.program.declared_sizes
        taken |= {n for s in self.sizes.solver.bound.values() for n in s.names}
        return next(c for c in LETTERS if c not in taken)

    def forced(self, item: Node, args: list[Expr]) -> Expr:
        match item.op:
            case "neg":
                return rough("mul", number(-1), *args)
            case "add" | "mul" | "hadamard" | "transpose" | "pow" | "epow":
                return rough(item.op, *args)
            case "div":
                return rough(OVER, *args)
            case "ediv" | "frac":
                return rough("hadamard", args[0], rough("epow", args[1], number(-1)))
            case "constant" if item.value[1] is not None:
                return constant(item.value[0], *item.value[1])
            case "apply":
                return rough(str(item.value), *args)
        raise ShapeError("the sizes do not agree", at=item.at)

    def gradient(self, item: Node, f: Expr, defined: Mapping[str, Expr]) -> Expr:
        by = item.args[1]
        if by.op not in ("variable", "definition"):
            return built(self.program, self.sizes, item,
                         [f, self.tree(by, defined)], defined)  # fmt: skip
        if by.op == "variable":
            made = grad_node(f, variable(self.program, self.sizes, str(by.value)))
        else:
            name = str(by.value)
            stand_in = symbol(name, *defined[name].shape)
            if defined[name] is stand_in:  # open already, around this derivative
                return grad_node(f, stand_in)
            made = grad_node(self._opened(item.args[0], name, stand_in, defined), stand_in,
                             defined[name])  # fmt: skip
        return transpose(made) if item.value == "row" and f.is_scalar else made

    def _opened(self, f: Node, name: str, stand_in: Expr, defined: Mapping[str, Expr]) -> Expr:
        """``f`` once more, with the intermediate left as a variable."""
        values = {**defined, name: stand_in}
        needed = reached(self.program, f)
        after = False
        for other, root in self.program.definitions.items():
            if after and other in values and other in needed:
                values[other] = self.tree(root, values)
            after |= other == name
        return self.tree(f, values)


def grad_node(f: Expr, x: Expr, *value: Expr) -> Expr:
    """``grad(f,x)`` for any shapes; what has more than two indices is stacked."""
    if f.is_scalar:
        shape = x.shape
    elif x.is_scalar:
        shape = f.shape
    else:
        shape = (f.shape[0] * f.shape[1], x.shape[0] * x.shape[1])
    return node("grad", (f, x, *value), (), shape)


_SPLIT = re.compile(r"\s*(==|≈|~=|(?<![=<>:])=(?!=))\s*")


def read_claim(
    text: str, declarations: Sequence[str] = (), definitions: Sequence[str] = ()
) -> tuple[Claim, Sides]:
    """A statement in the text language, ``a == b`` or ``a = b = c``, after some definitions.

    Raises
    ------
    ChainruleError
        If there is no statement, or a side is no formula.
    """
    pieces, relations = split_sides(text)
    if len(pieces) < 2:
        raise ParseError("there is no equation here", source=text, at=0)
    before = [(s, d) for d in definitions for s in parse(d)]
    sides = [(Statement(None, _value(p), 0), p) for p in pieces]
    found = read_sides(before, sides, collect(declarations))
    digits = tuple(printed_decimals(p) for p in pieces) if "≈" in relations else ()
    return Claim(found.exprs, relations, digits, sources=tuple(pieces)), found


_NUMBER = re.compile(r"-?\d+(?:\.(\d*))?\Z")


def printed_decimals(text: str) -> int | None:
    """Decimals of a printed number; None for anything else."""
    found = _NUMBER.match(text.strip())
    return len(found[1] or "") if found else None


def split_sides(text: str) -> tuple[list[str], tuple[str, ...]]:
    """Sides and relations; signs inside brackets do not count."""
    depth, start = 0, 0
    pieces: list[str] = []
    relations: list[str] = []
    at = 0
    while at < len(text):
        ch = text[at]
        depth += (ch in "([") - (ch in ")]")
        found = _SPLIT.match(text, at) if depth == 0 else None
        if found:
            pieces.append(text[start:at])
            relations.append("≈" if found[1] in ("≈", "~=") else "=")
            at = start = found.end()
        else:
            at += 1
    pieces.append(text[start:])
    return [p.strip() for p in pieces], tuple(relations)


def _value(text: str) -> Node:
    statements = parse(text)
    if len(statements) != 1 or statements[0].right is not None or statements[0].name:
        raise ParseError("one side of an equation is one formula", source=text, at=0)
    return statements[0].value
