"""The differential of an expression as a person writes it down: one local rule per node.

Products, sums and transposes are written in place; what is no product takes its local differential
from the same table of derivatives as everything else.
"""

from __future__ import annotations

from chainrule.calculus.forms import Derivative
from chainrule.calculus.sweep import Sweep
from chainrule.derivation.auxiliaries import argument, fused_nodes, is_squared_norm
from chainrule.derivation.data import Part
from chainrule.derivation.linear import summed, summed_over, tidy
from chainrule.dims import ONE
from chainrule.errors import UnsupportedError
from chainrule.expr import Expr, depends, node, number, postorder, rebuild, substitute, symbols
from chainrule.ops import add, apply, is_elementwise, mul, ones, trace
from chainrule.ops.slopes import slope
from chainrule.tensor.partial import MATRIX_SLOPES
from chainrule.traits import transposed

THROUGH = frozenset({"tr", "sum", "sum_rows", "sum_cols", "diag", "vec", "sigma"})
PRODUCTS = frozenset({"mul", "hadamard", "kron"})
NAMED_RULES = {"inv": "d_inverse", "det": "d_det", "logdet": "d_logdet",
               "transpose": "d_transpose", "add": "linear"}  # fmt: skip


def differential(e: Expr, moves: dict[Expr, Expr]) -> tuple[Expr, tuple[Part, ...]]:
    """The differential of ``e`` when each symbol of ``moves`` changes by its value there.

    Returns
    -------
    line, parts
        An expression linear in the differentials, and the local rules that were used.

    Raises
    ------
    UnsupportedError
        If a node has no differential in the language; names it.
    """
    live = depends(e, frozenset(moves))
    order = postorder(e)
    inside = _inside_traces(order, live) | fused_nodes(order)
    memo: dict[Expr, Expr] = {}
    parts: list[Part] = []
    for n in order:
        if n in moves:
            memo[n] = moves[n]
        elif live[n] and n not in inside:
            memo[n], rule = _local(n, live, memo, moves)
            if rule is not None:
                parts.append(Part(rule, n, memo[n]))
    return memo.get(e, _zero(e)), tuple(parts)


def _zero(e: Expr) -> Expr:
    return number(0) if e.is_scalar else apply_zero(e)


def apply_zero(e: Expr) -> Expr:
    """Zeros of the size of ``e``."""
    from chainrule.ops import zeros

    return zeros(*e.shape)


def _inside_traces(order: list[Expr], live: dict[Expr, bool]) -> frozenset[Expr]:
    """Nodes under a trace of a matrix function: they have a differential only together."""
    out: set[Expr] = set()
    for n in order:
        if n.op == "tr" and live[n] and _hard(n.args[0], live):
            out.update(postorder(n.args[0]))
    return frozenset(out)


def _hard(e: Expr, live: dict[Expr, bool]) -> bool:
    return any(live[n] and _matrix_function(n) for n in postorder(e))


def _matrix_function(n: Expr) -> bool:
    if n.op == "pow" and not n.is_scalar:
        p = n.args[1]
        return p.op != "number" or p.value.denominator != 1
    return n.op in MATRIX_SLOPES and n.op != "inv"


def _local(
    e: Expr, live: dict[Expr, bool], d: dict[Expr, Expr], moves: dict[Expr, Expr]
) -> tuple[Expr, str | None]:
    """The differential of a node from those of its arguments, and the rule."""
    if e.op == "tr" and _hard(e.args[0], live):
        return _under_trace(e, live, moves), "d_function"
    if e.op == "add":
        return _sum(e, d), "linear"
    if e.op in PRODUCTS:
        terms = [rebuild_product(e, k, d[a]) for k, a in enumerate(e.args) if live[a]]
        return add(*(tidy(t) for t in terms)), "product_rule" if len(terms) > 1 else None
    if e.op == "transpose":
        return pushed(d[e.args[0]]), None
    if e.op in THROUGH:
        marks = frozenset(m for v in moves.values() for m in symbols(v).values())
        if e.op == "sigma":
            return summed_over(e, d[e.args[0]]), None
        return _through(e, d[e.args[0]], marks), None
    inner = argument(e)
    if is_squared_norm(e):
        du = d[inner]
        if inner.shape[1] == ONE:
            return mul(number(2), pushed(inner), du), "d_squared_norm"
        return mul(number(2), trace(mul(pushed(inner), du))), "d_squared_norm"
    if e.op == "log" and inner is not e.args[0]:
        return trace(mul(apply("inv", inner), d[inner])), "d_logdet"
    if is_elementwise(e.op) and len(e.args) == 1:
        factor = slope(e)
        if factor is None:
            return _zero(e), "chain_elementwise"
        return times(factor, d[inner]), "chain_scalar" if e.is_scalar else "chain_elementwise"
    if e.op in ("pow", "epow") and not live[e.args[1]] and (e.is_scalar or e.op == "epow"):
        return _power(e, d[inner]), "power_rule"
    whole = "power_rule" if e.is_scalar or e.op == "epow" else "matrix_power"
    rule = NAMED_RULES.get(e.op, whole if e.op in ("pow", "epow") else "d_function")
    return _from_table(e, live, d), rule


def _sum(e: Expr, d: dict[Expr, Expr]) -> Expr:
    moved = [d[a] for a in e.args if a in d]
    full = [t for t in moved if t.shape == e.shape]
    if not full and not e.is_scalar:
        moved[0] = mul(moved[0], ones(*e.shape))
    return add(*moved)


def rebuild_product(e: Expr, k: int, value: Expr) -> Expr:
    """The product with another factor at place ``k``; scalars stay in front."""
    args = list(e.args)
    args[k] = value
    if e.op == "mul" and value.is_scalar and not e.is_scalar:
        return mul(*args)
    return rebuild(e, tuple(args))


def times(factor: Expr, du: Expr) -> Expr:
    """φ′(u) ⊙ du; for a column vector diag(φ′(u)) du, which multiplies further as a matrix."""
    if factor.is_scalar or du.is_scalar:
        return mul(factor, du)
    if du.shape[1] == ONE:
        return mul(apply("diag", factor), du)
    return apply("hadamard", factor, du)


def _through(e: Expr, du: Expr, marks: frozenset[Expr]) -> Expr:
    """Sums and traces; the sum of diag(p) w is p'w."""
    return summed(du, marks) if e.op == "sum" else apply(e.op, du)


def _power(e: Expr, du: Expr) -> Expr:
    base, p = e.args
    less = number(p.value - 1) if p.op == "number" else p - 1
    down = number(1) if less.op == "number" and less.value == 0 else rebuild(e, (base, less))
    if e.op == "epow" and du.shape[1] == ONE and not du.is_scalar and not down.is_scalar:
        return mul(p, apply("diag", down), du)
    return mul(p, times(down, du))


def _from_table(e: Expr, live: dict[Expr, bool], d: dict[Expr, Expr]) -> Expr:
    """The local differential from the table of derivatives."""
    stand = {k: node("symbol", (), (f"arg_{k}",), a.shape) for k, a in enumerate(e.args) if live[a]}
    f = rebuild(e, tuple(stand.get(k, a) for k, a in enumerate(e.args)))
    back: dict[Expr, Expr] = {}
    total = []
    for k, s in stand.items():
        total.append(Derivative(Sweep(f, [s]), s).expr("differential"))
        back[s] = e.args[k]
        back[node("symbol", (), ("d" + s.name,), s.shape)] = d[e.args[k]]
    return substitute(add(*total), back)


def _under_trace(e: Expr, live: dict[Expr, bool], moves: dict[Expr, Expr]) -> Expr:
    """d tr(… f(U) …), with dU inside where the function allows it, else by the variable itself."""
    arguments = {n.args[0] for n in postorder(e) if live[n] and _matrix_function(n)}
    only = next(iter(arguments))
    if len(arguments) == 1 and only not in moves and _only_through(e, only, live):
        s = node("symbol", (), ("arg_0",), only.shape)
        try:
            line = Derivative(Sweep(substitute(e, {only: s}), [s]), s).expr("differential")
        except UnsupportedError:
            pass
        else:
            du, _ = differential(only, dict(moves))
            return substitute(line, {s: only, node("symbol", (), ("darg_0",), only.shape): du})
    total = []
    for s in moves:
        if not depends(e, frozenset({s}))[e]:
            continue
        line = Derivative(Sweep(e, [s]), s).expr("differential")
        total.append(substitute(line, {node("symbol", (), ("d" + s.name,), s.shape): moves[s]}))
    return add(*total)


def _only_through(e: Expr, part: Expr, live: dict[Expr, bool]) -> bool:
    hidden = node("symbol", (), ("arg_0",), part.shape)
    rest = substitute(e, {part: hidden})
    return not any(live.get(n, False) and n.op == "symbol" for n in postorder(rest))


def pushed(e: Expr) -> Expr:
    """The transpose, pushed to the factors."""
    return transposed(e)
