"""Local rules: the gradient by a node in terms of the gradients of the nodes that use it.

Each rule is the derivative of ⟨gradient, formula⟩, found by the same reverse sweep as every other
derivative, so no rule is written by hand and none can drop a factor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chainrule.calculus.derive import VALUE_TRAITS
from chainrule.calculus.expand import expand
from chainrule.calculus.forms import Derivative
from chainrule.calculus.structure import impose, structure_of
from chainrule.calculus.sweep import Sweep
from chainrule.dims import ONE, SCALAR
from chainrule.errors import UnsupportedError, UsageError
from chainrule.expr import Expr, node, number, rebuild, substitute
from chainrule.graph.build import Graph, Node
from chainrule.ops import add, apply, eye, mul, trace, transpose, zeros
from chainrule.tensor.factor import cost

Parts = list[tuple[str, Expr]]  # name of a user, and its share in the gradient
FRECHET = frozenset({"expm", "logm", "sinm", "cosm", "sqrtm"})  # derivatives have no closed form
BLOCKS = frozenset({"hcat", "vcat"})


def require_scalar(g: Graph) -> None:
    """A backward pass starts from one number."""
    out = g.output
    if out.shape != SCALAR:
        n = out.shape[0]
        pick = f"unit({n},1)'*{out.name}" if out.shape[1] == ONE else f"{out.name}[1,1]"
        alike = [n.name for n in g.leaves if n.shape == out.shape and out.shape[1] == ONE]
        hint = f'; or declare "{alike[0]}: scalar" if it is one' if alike else ""
        raise UsageError(
            f"{out.name} is {out.size}, and gradients need a scalar: choose an entry, such as "
            f"{pick}, or a weighted sum of the entries, such as tr(G'*{out.name}){hint}"
        )


def adjoint(g: Graph, n: Node) -> Expr:
    """The symbol that stands for ∂output/∂node."""
    name = f"d{g.output.name}_d{n.name}"
    while name in g.table:
        name += "_"
    return node("symbol", (), (name,), n.shape)


def local_rules(g: Graph, parts: Mapping[str, Parts] | None = None) -> dict[str, Expr]:
    """For every node its gradient in terms of the nodes that use it directly.

    ``parts`` are those of :func:`local_parts` by name of node, if they are at hand.

    Raises
    ------
    UsageError
        If the output is not a scalar.
    UnsupportedError
        If an operation has no derivative.
    """
    require_scalar(g)
    return {
        n.name: _total(n, local_parts(g, n) if parts is None else parts[n.name])
        for n in reversed(g.nodes)
    }


def local_parts(g: Graph, n: Node) -> Parts:
    """The share of every user of a node in its gradient; before structure is imposed."""
    if n is g.output:
        return [(n.name, number(1))]
    return [(c.name, _through(g, n, c, c.formula)) for c in g.users[n.name]]


def symbolic_gradients(g: Graph) -> dict[str, Expr]:
    """As :func:`local_rules`, but passing through operations that have no name of their own."""
    require_scalar(g)
    rules: dict[str, Expr] = {}
    for n in reversed(g.nodes):
        try:
            short = _rule(g, n, _named_users(g, n))
        except UnsupportedError:  # together they have no notation, one by one they have
            short = _rule(g, n, [(c, c.formula) for c in g.users[n.name]])
        try:
            direct = _through_the_only_user(g, n)
        except UnsupportedError:
            direct = None
        rules[n.name] = direct if direct is not None and cost(direct) < cost(short) else short
    return rules


def stored(g: Graph, rules: dict[str, Expr]) -> tuple[str, ...]:
    """Names of the values that the backward pass needs, in the order of evaluation."""
    from chainrule.expr import symbols

    needed = symbols(*rules.values())
    return tuple(n.name for n in g.nodes if n.name in needed)


def _rule(g: Graph, n: Node, users: Iterable[tuple[Node, Expr]]) -> Expr:
    if n is g.output:
        return number(1)
    return _total(n, [(c.name, _through(g, n, c, formula)) for c, formula in users])


def _total(n: Node, parts: Parts) -> Expr:
    """Sum over the users: gradients are added where a value fans out."""
    total = add(*([p for _, p in parts if not _is_zero(p)] or [zeros(*n.shape)]))
    kind = structure_of(n.symbol) if n.op == "symbol" else None
    return impose(total, kind, "project") if kind and not _is_zero(total) else total


def _through(g: Graph, n: Node, c: Node, formula: Expr) -> Expr:
    """∂⟨gradient of c, formula⟩/∂n, with the formula itself called by the name of c."""
    x = node("symbol", (), n.symbol.params, n.shape, n.symbol.traits - VALUE_TRAITS)
    h = substitute(formula, {n.symbol: x})
    if c.op in BLOCKS:
        h = expand(h, frozenset({x}))
    result = _pulled_back(number(1) if c is g.output else adjoint(g, c), h, x)
    known = {h: c.symbol} if h.args else {}
    return substitute(result, {**known, x: n.symbol})


def _pulled_back(weight: Expr, h: Expr, x: Expr) -> Expr:
    """∂⟨weight, h⟩/∂x in matrix notation; through the stacked Jacobian where there is none."""
    if h.op in FRECHET and not h.is_scalar:
        return _in_two_steps(weight, h, x)
    f = paired(weight, h)
    try:
        return Derivative(Sweep(f, [x]), x).expr("gradient")
    except UnsupportedError:
        try:
            jacobian = Derivative(Sweep(h, [x]), x).expr("vec")
        except UnsupportedError:
            if len(h.args) != 1 or h.args[0] is x:
                raise
            return _in_two_steps(weight, h, x)
        stacked = weight if weight.shape[1] == ONE else apply("vec", weight)
        if jacobian.op != "eye":
            stacked = mul(transpose(jacobian), stacked)
        return stacked if x.shape[1] == ONE else unstacked(stacked, x)


def _in_two_steps(weight: Expr, h: Expr, x: Expr) -> Expr:
    """Through the only operand of ``h``, which holds ``x``."""
    u = h.args[0]
    if h.op in FRECHET:
        outer = frechet(h.op, u, weight)
    else:
        operand = node("symbol", (), ("operand",), u.shape)
        outer = substitute(_pulled_back(weight, rebuild(h, (operand,)), operand), {operand: u})
    if u is x:
        return outer
    arriving = node("symbol", (), ("arriving",), u.shape)
    return substitute(_pulled_back(arriving, u, x), {arriving: outer})


def frechet(op: str, x: Expr, weight: Expr) -> Expr:
    """Adjoint derivative of a matrix function: the corner of f([X' G; 0 X'])."""
    n = x.shape[0]
    below = apply("hcat", zeros(n, n), transpose(x))
    blocks = apply("vcat", apply("hcat", transpose(x), weight), below)
    left = apply("hcat", eye(n), zeros(n, n))
    right = apply("vcat", zeros(n, n), eye(n))
    return mul(left, apply(op, blocks), right)


def unstacked(v: Expr, like: Expr) -> Expr:
    """The matrix of the size of ``like`` whose stacked columns are ``v``."""
    m, n = like.shape
    return mul(apply("kron", transpose(apply("vec", eye(n))), eye(m)), apply("kron", eye(n), v))


def stacked_columns(e: Expr) -> Expr | None:
    """``v`` if the expression is ``unstacked(v, …)``."""
    if e.op != "mul" or len(e.args) != 2 or any(a.op != "kron" for a in e.args):
        return None
    (row, m), (n, v) = (a.args for a in e.args)
    if n.op != "eye" or m.op != "eye" or row != transpose(apply("vec", n)):
        return None
    return v


def paired(weight: Expr, value: Expr) -> Expr:
    """⟨weight, value⟩, a scalar."""
    if value.is_scalar:
        return mul(weight, value)
    if value.shape[1] == ONE:
        return mul(transpose(weight), value)
    if value.shape[0] == ONE:
        return mul(weight, transpose(value))
    return trace(mul(transpose(weight), value))


def _is_zero(e: Expr) -> bool:
    return e.op == "zeros" or (e.op == "number" and e.value == 0)


def _named_users(g: Graph, n: Node) -> list[tuple[Node, Expr]]:
    """Users, or their users where a nameless operation feeds one named node only."""
    found: dict[str, Node] = {}
    inside: dict[str, dict[Expr, Expr]] = {}
    for c in g.users[n.name]:
        after = g.users[c.name]
        beyond = after[0] if len(after) == 1 else None
        passes = not c.own and beyond is not None and (beyond.own or beyond is g.output)
        target = beyond if passes and beyond is not None else c
        found[target.name] = target
        if target is not c:
            inside.setdefault(target.name, {})[c.symbol] = c.formula
    return [(c, substitute(c.formula, inside.get(c.name, {}))) for c in found.values()]


def _through_the_only_user(g: Graph, n: Node) -> Expr | None:
    """∂L/∂z = softmax(z) − y: the derivative straight from the output, where that is one step."""
    formula, table = g.output.formula, g.output
    users = g.users[n.name]
    if n is g.output or len(users) != 1 or users[0] is g.output:
        return None
    c = users[0]
    if tuple(u.name for u in g.users[c.name]) != (table.name,) or n.name in table.inputs:
        return None
    whole = substitute(formula, {c.symbol: c.formula})
    result = _total(n, [(g.output.name, _through(g, n, g.output, whole))])
    return substitute(result, {c.formula: c.symbol}) if c.own else result


__all__ = ["Parts", "adjoint", "local_parts", "local_rules", "paired", "require_scalar",
           "stacked_columns", "stored", "symbolic_gradients", "unstacked"]  # fmt: skip
