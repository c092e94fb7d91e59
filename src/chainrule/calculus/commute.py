"""Which matrices commute for certain: functions of one matrix, and multiples of the identity."""

from __future__ import annotations

from chainrule.expr import Expr
from chainrule.ops import mul

FUNCTIONS = frozenset({"inv", "pow", "expm", "logm", "sqrtm", "sinm", "cosm", "adj"})


def commute(a: Expr, b: Expr) -> bool:
    """True only when ``a*b = b*a`` follows from both being functions of one matrix."""
    base = _base(b)
    return _function_of(a, base)


def _base(e: Expr) -> Expr:
    """The matrix that ``e`` is a function of, up to scalars."""
    while True:
        if e.op in FUNCTIONS:
            e = e.args[0]
        elif e.op == "mul":
            shaped = [a for a in e.args if not a.is_scalar]
            if len(shaped) == 1 or all(a is shaped[0] for a in shaped):
                e = shaped[0]
            else:
                return e
        else:
            return e


def _function_of(e: Expr, base: Expr) -> bool:
    if e is base or e.is_scalar or e.op == "eye":
        return True
    if e.op == "add" and any(a.is_scalar for a in e.args):
        return False  # a scalar spreads over all entries: t*ones, not t*eye
    if e.op in FUNCTIONS or e.op in ("mul", "add"):
        args = [a for a in e.args if not a.is_scalar]
        if _strip(e) is base:
            return True
        return bool(args) and all(_function_of(a, base) for a in args)
    return False


def _strip(e: Expr) -> Expr:
    shaped = [a for a in e.args if not a.is_scalar]
    return mul(*shaped) if e.op == "mul" and shaped else e
