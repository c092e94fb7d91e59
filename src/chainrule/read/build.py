"""Settled syntax with sizes to expressions, through the builders of the operator table."""

from __future__ import annotations

from chainrule.dims import Shape
from chainrule.errors import ChainruleError
from chainrule.expr import Expr, node, number, size, symbol
from chainrule.ops import (
    TABLE,
    add,
    apply,
    call,
    constant,
    divide,
    ediv,
    epow,
    hadamard,
    mul,
    neg,
    power,
    transpose,
)
from chainrule.read.meaning import Program
from chainrule.read.sizes import Sizes
from chainrule.read.syntax import Node, postorder


def build(program: Program, sizes: Sizes, sources: list[str]) -> list[Expr]:
    """The values of all statements, in order."""
    defined: dict[str, Expr] = {}
    names = {id(root): name for name, root in program.definitions.items()}
    out: list[Expr] = []
    for root, source in zip(program.roots, sources, strict=True):
        memo: dict[int, Expr] = {}
        for item in postorder(root):
            args = [memo[id(a)] for a in item.args]
            try:
                memo[id(item)] = _one(program, sizes, item, args, defined)
            except ChainruleError as error:
                raise error.located(source, item.at) from None
        out.append(memo[id(root)])
        if id(root) in names:
            defined[names[id(root)]] = out[-1]
    return out


def variable(program: Program, sizes: Sizes, name: str) -> Expr:
    """The symbol of a variable."""
    rows, cols = (sizes.solver.resolve(d) for d in sizes.variable(name))
    declared = program.declared.get(name)
    return symbol(name, rows, cols, *(declared.traits if declared else ()))


def _one(
    program: Program, sizes: Sizes, item: Node, args: list[Expr], defined: dict[str, Expr]
) -> Expr:
    match item.op:
        case "number":
            return number(item.value)
        case "size":
            return size(sizes.solver.resolve(item.value))
        case "variable":
            return variable(program, sizes, item.value)
        case "definition":
            return defined[item.value]
        case "constant":
            return _constant(item, sizes.shape(item), sizes)
        case "neg":
            return neg(args[0])
        case "add":
            return add(*args)
        case "mul":
            return mul(*args)
        case "hadamard":
            return hadamard(*args)
        case "div":
            return divide(*args)
        case "ediv":
            return ediv(*args)
        case "transpose":
            return transpose(args[0])
        case "pow":
            return power(*args)
        case "epow":
            return epow(*args)
        case "abstract":
            name, order = item.value
            return call(name, args[0], order)
        case "entry":
            return _entry(item, args[0])
        case "grad" | "hessian" | "differential":
            shape = TABLE[item.op].shape
            assert shape is not None
            return node(item.op, tuple(args), (), shape(tuple(args)))
        case _:
            return apply(item.value, *args)


def _constant(item: Node, shape: Shape, sizes: Sizes) -> Expr:
    name, given, scale = item.value
    if name in ("vector", "matrix"):
        if scale == 0:
            return constant("zeros", *shape)
        made = constant("ones", *shape)
        return made if scale == 1 else mul(number(scale), made)
    if given is None:
        return constant(name, shape[0]) if name == "eye" else constant(name, *shape)
    return constant(name, *(sizes.solver.resolve(d) for d in given))


def _entry(item: Node, value: Expr) -> Expr:
    """``X[1,2]`` is ``unit(m,1)'*X*unit(n,2)``."""
    row, col = item.value
    parts = [value]
    if row is not None:
        parts.insert(0, transpose(constant("unit", value.shape[0], row)))
    if col is not None and value.shape[1].value != 1:
        parts.append(constant("unit", value.shape[1], col))
    if row is not None and value.shape[0].value == 1:
        parts.pop(0)
    return mul(*parts)
