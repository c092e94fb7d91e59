"""Settled syntax with sizes to expressions, through the builders of the operator table."""

from __future__ import annotations

from collections.abc import Mapping

from chainrule.dims import ONE, Dim, Shape, dim
from chainrule.errors import ChainruleError, UnsupportedError
from chainrule.expr import Expr, node, number, size, substitute, symbol, symbols
from chainrule.ops import (
    TABLE,
    add,
    apply,
    call,
    constant,
    divide,
    ediv,
    entry,
    epow,
    hadamard,
    inv,
    member,
    mul,
    neg,
    power,
    prod,
    sigma,
    transpose,
)
from chainrule.ops.derivatives import grad
from chainrule.read.binders import END
from chainrule.read.letters import shown
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
                memo[id(item)] = one(program, sizes, item, args, defined)
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
    traits = declared.traits if declared else ()
    if name in sizes.indices.stacks:
        traits = (*(t for t in traits if t != "family"), "family")
    return symbol(name, rows, cols, *traits)


def one(
    program: Program, sizes: Sizes, item: Node, args: list[Expr], defined: Mapping[str, Expr]
) -> Expr:
    """One piece of settled syntax as an expression."""
    match item.op:
        case "number":
            return number(item.value)
        case "size":
            return size(_index(sizes, item.value))
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
        case "frac":
            return divide(*args) if args[1].is_scalar else ediv(*args)
        case "entry":
            return _entry(sizes, item.value, args[0])
        case "kd":
            return _delta(sizes, *item.value)
        case "unit":
            return constant("unit", sizes.shape(item)[0], _index(sizes, item.value[0]))
        case "member" if _member_key(*item.value) in defined:
            return defined[_member_key(*item.value)]
        case "member":
            base, index = item.value
            rows = sizes.solver.resolve(sizes.shape(item)[0])
            column = sizes.shape(item)[1] == ONE
            family = variable(program, sizes, sizes.indices.name_of(base, sizes.shape(item)))
            return member(family, _index(sizes, index), 1 if column else rows)
        case "sigma" | "prod":
            return _big(program, sizes, item, args[0])
        case "grad":
            return _by_part(program, sizes, item, args[0], defined)
        case "hessian" | "differential":
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


def _index(sizes: Sizes, index: Dim) -> Dim:
    """An index or a size with the names that are printed."""
    program = sizes.program
    names = {own: dim(shown(program, own)) for own in index.names & program.indices.keys()}
    return sizes.solver.resolve(index.subs(names))


def _entry(sizes: Sizes, indices: tuple[Dim | None, Dim | None], value: Expr) -> Expr:
    """``X[1,2]`` is ``unit(m,1)'*X*unit(n,2)``."""
    kept = [
        None if index is None or length == ONE else length if index == END else _index(sizes, index)
        for index, length in zip(indices, value.shape, strict=True)
    ]
    return entry(value, *kept)


def _delta(sizes: Sizes, i: Dim, j: Dim) -> Expr:
    """``kd(i,j)`` is an entry of the identity."""
    n = sizes.solver.resolve(sizes.indices.range_of(i, j))
    i, j = _index(sizes, i), _index(sizes, j)
    return mul(transpose(constant("unit", n, i)), constant("unit", n, j))


def _big(program: Program, sizes: Sizes, item: Node, body: Expr) -> Expr:
    bound = program.indices[item.value]
    low = _index(sizes, bound.low)
    high = _index(sizes, sizes.indices.high(item.value))
    if item.op == "sigma":
        return sigma(shown(sizes.program, item.value), low, high, body)
    return prod(shown(sizes.program, item.value), low, high, body, bound.down)


def _by_part(
    program: Program, sizes: Sizes, item: Node, f: Expr, defined: Mapping[str, Expr]
) -> Expr:
    """A derivative by an intermediate, a member of a family, or an entry of any of these."""
    by = item.args[1]
    layout = "numerator" if item.value == "row" else str(item.value or "gradient")
    match by.op:
        case "variable":
            return grad(f, variable(program, sizes, str(by.value)), layout=layout)
        case "definition":
            name = str(by.value)
            stand_in = symbol(name, *defined[name].shape)
            if defined[name] is stand_in:  # it is open already, around this derivative
                return grad(f, stand_in, layout=layout)
            opened = _with_open(program, sizes, item.args[0], name, stand_in, defined)
            return grad(opened, stand_in, defined[name], layout=layout)
        case "member":
            base, index = by.value
            rows, cols = sizes.shape(by)
            own = _tree(program, sizes, by, defined)
            stand_in = symbol(f"{base}_one", *own.shape)
            opened = _with_open(
                program, sizes, item.args[0], _member_key(base, index), stand_in, defined
            )
            name = sizes.indices.name_of(base, (rows, cols))
            if name not in symbols(opened):  # no other member occurs
                return grad(opened, stand_in, own, layout=layout)
            if not f.is_scalar:
                raise UnsupportedError(
                    "only a scalar is differentiated by a member of a family; take one entry of it"
                )
            stacked = grad(f, variable(program, sizes, name))
            made = member(stacked, _index(sizes, index), 1 if cols == ONE else rows)
            return transpose(made) if layout == "numerator" else made
        case "apply" | "pow":  # by the inverse: every X is the inverse of the new variable
            x = variable(program, sizes, str(by.args[0].value))
            stand_in = symbol(f"{x.name}_inv", *x.shape)
            opened = substitute(f, {x: inv(stand_in)})
            return grad(opened, stand_in, inv(x), layout=layout)
    inner = by.args[0]
    whole = Node("grad", [item.args[0], inner], item.at, item.end)  # in gradient layout
    made = _by_part(program, sizes, whole, f, defined)
    if f.is_scalar:
        return _entry(sizes, by.value, made)
    index = next(i for i in by.value if i is not None)
    return entry(made, None, _index(sizes, index))


def _with_open(
    program: Program, sizes: Sizes, f: Node, name: str, stand_in: Expr, defined: Mapping[str, Expr]
) -> Expr:
    """``f`` once more, with the intermediate or member ``name`` left as a variable."""
    values = {**defined, name: stand_in}
    needed = reached(program, f)
    after = name not in program.definitions
    for other, root in program.definitions.items():
        if after and other in values and other in needed:
            values[other] = _tree(program, sizes, root, values)
        after |= other == name
    return _tree(program, sizes, f, values)


def _member_key(base: str, index: Dim) -> str:
    """Under which a member is left open."""
    return f"{base}@{index}"


def reached(program: Program, root: Node) -> set[str]:
    """All definitions that a formula rests on."""
    out: set[str] = set()
    todo = [root]
    while todo:
        for item in postorder(todo.pop()):
            if item.op == "definition" and item.value not in out:
                out.add(str(item.value))
                todo.append(program.definitions[str(item.value)])
    return out


def _tree(program: Program, sizes: Sizes, root: Node, defined: Mapping[str, Expr]) -> Expr:
    memo: dict[int, Expr] = {}
    for item in postorder(root):
        args = [memo[id(a)] for a in item.args]
        memo[id(item)] = one(program, sizes, item, args, defined)
    return memo[id(root)]
