"""Small rewritings after sums became matrices: norms for sums of squares, fewer transposes."""

from __future__ import annotations

from fractions import Fraction

from chainrule.dims import ONE
from chainrule.expr import Expr, number, postorder, rebuild
from chainrule.ops import add, apply, hadamard, is_elementwise, mul, power
from chainrule.traits import transposed

TWO = number(2)


def tidied(root: Expr) -> Expr:
    """An equal expression that reads better."""
    memo: dict[Expr, Expr] = {}
    for e in postorder(root):
        memo[e] = _tidy(rebuild(e, tuple(memo[a] for a in e.args)))
    return memo[root]


def _tidy(e: Expr) -> Expr:
    arg = e.args[0] if e.args else e
    match e.op:
        case "sum" | "tr" if arg.op == "mul" and any(a.is_scalar for a in arg.args):
            over = [a for a in arg.args if a.is_scalar and not divides(a)]
            under = [a for a in arg.args if a.is_scalar and divides(a)]
            chain = [a for a in arg.args if not a.is_scalar]
            return mul(*over, _tidy(apply(e.op, mul(*chain))), *under)
        case "sum" if arg.op == "transpose":
            return _tidy(apply("sum", arg.args[0]))
        case "sum" if arg.op == "epow" and arg.args[1] is TWO:
            return _square(arg.args[0])
        case "tr" if arg.op == "mul" and len(arg.args) == 2:
            return _trace(e, *arg.args)
        case "pow" if arg.op == "pow" and arg.args[0].op in ("norm2", "normF"):
            inner, outer = arg.args[1], e.args[1]
            if inner.op == "number" and outer.op == "number" and inner.value % 2 == 0:
                return power(arg.args[0], number(inner.value * outer.value))
        case "mul":
            return _product(e)
        case "add":
            return _collected(e)
    return e


def _square(u: Expr) -> Expr:
    """The sum of all squares of entries."""
    if u.shape[0] == ONE:
        u = transposed(u)
    return power(apply("norm2" if u.shape[1] == ONE else "normF", u), TWO)


def _trace(e: Expr, a: Expr, b: Expr) -> Expr:
    """``tr(Y*log(P)')`` is ``sum(Y.*log(P))``."""
    other = transposed(b)
    if other is a:
        return _square(a)
    if any(_entrywise(m) for m in (a, other)):
        return apply("sum", hadamard(a, other))
    return e


def _entrywise(e: Expr) -> bool:
    core = e.args[0] if e.op == "transpose" else e
    return core.op == "hadamard" or is_elementwise(core.op)


def _product(e: Expr) -> Expr:
    """``u'*u`` of a longer vector is ``norm2(u)^2``; so is ``u'.^2*ones(n)``."""
    chain = [a for a in e.args if not a.is_scalar]
    if not e.is_scalar or len(chain) != 2:
        return e
    u, v = chain
    made: Expr | None = None
    if transposed(u) is v and v.op in ("add", "epow", "hadamard"):
        made = _square(v)
    elif v.op == "ones" and u.op == "epow" and u.args[1] is TWO:
        made = _square(u.args[0])
    if made is None:
        return e
    return mul(*(made if a is u else a for a in e.args if a is not v))


def _collected(e: Expr) -> Expr:
    """Equal summands counted."""
    table: dict[Expr, Fraction] = {}
    for a in e.args:
        count, core = Fraction(1), a
        if a.op == "mul" and a.args[0].op == "number":
            count, core = a.args[0].value, mul(*a.args[1:])
        elif a.op == "number":
            count, core = a.value, number(1)
        table[core] = table.get(core, Fraction(0)) + count
    if len(table) == len(e.args):
        return e
    parts = [mul(number(c), core) for core, c in table.items() if c]
    return add(*parts) if parts and any(p.shape == e.shape for p in parts) else e


def divides(e: Expr) -> bool:
    """A negative power: a divisor."""
    return e.op == "pow" and e.args[1].op == "number" and e.args[1].value < 0
