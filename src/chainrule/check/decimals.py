"""Numbers in statements: values that variables were given, and printed decimals."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from chainrule.calculus.expand import expand
from chainrule.check.context import ZERO
from chainrule.check.layouts import has_derivative
from chainrule.errors import ChainruleError
from chainrule.expr import Expr, postorder, substitute, symbols
from chainrule.read.session import Stated

_DECIMAL = re.compile(r"\d+\.(\d+)")


def with_values(sides: Sequence[Expr], values: Mapping[str, Expr]) -> tuple[Expr, ...]:
    """Numbers for the variables that have been given some, where another side is all numbers."""
    if not values or not any(not symbols(s) and s != ZERO for s in sides):
        return tuple(sides)
    return tuple(_evaluated(s, values) for s in sides)


def _evaluated(side: Expr, values: Mapping[str, Expr]) -> Expr:
    try:
        if has_derivative(side):
            side = expand(side, frozenset())
        table = {
            s: values[n] for n, s in symbols(side).items()
            if n in values and values[n].shape == s.shape
        }  # fmt: skip
        return substitute(side, table)
    except ChainruleError:
        return side


def rounding(stated: Stated, relations: Sequence[str]) -> tuple[str, ...]:
    """Decimals in a side of numbers are printed, rounded ones."""
    out = ["≈" if r == "≈" else "=" for r in relations]
    for k in range(min(len(out), len(stated.sides) - 1)):
        if any(_printed(stated, j) is not None for j in (k, k + 1)):
            out[k] = "≈"
    return tuple(out)


def digits(stated: Stated, count: int) -> tuple[int | None, ...]:
    return tuple(_printed(stated, k) for k in range(count))


def _printed(stated: Stated, k: int) -> int | None:
    """Decimals of a side made of printed numbers with decimals; None for all others."""
    if k >= len(stated.sides):
        return None
    e = stated.sides[k].expr
    if any(n.op not in ("number", "hcat", "vcat", "transpose", "mul") for n in postorder(e)):
        return None
    found = [len(d) for d in _DECIMAL.findall(stated.text[stated.at : stated.end])]
    return max(found) if found else None
