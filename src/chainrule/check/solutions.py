"""Derivatives that are set to zero, and what holds at their solutions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chainrule.calculus.expand import expand
from chainrule.check.context import STATIONARY, ZERO, Context, first_draft, names_of
from chainrule.check.judge import judge
from chainrule.check.layouts import derivative_nodes, has_derivative
from chainrule.check.verdict import Claim, Slip, Verdict
from chainrule.errors import ChainruleError
from chainrule.expr import Expr, substitute, symbols
from chainrule.ops import with_sizes, zeros
from chainrule.read.session import Stated


def at_solution(sides: Sequence[Expr], context: Context) -> Verdict | None:
    """With the values that set the derivative to zero in place of the variables."""
    names = symbols(*sides)
    table = {}
    for n, v in context.solutions.items():
        value = _fitted(v, names[n]) if n in names else None
        own = symbols(value) if value is not None else {}
        if value is not None and all(names[m] is s for m, s in own.items() if m in names):
            table[names[n]] = value
    if not table or has_derivative(*sides):
        return None
    try:
        put = tuple(_put(s, table) for s in sides if s != ZERO or s is sides[0])
    except ChainruleError:
        return None
    if len(put) < 2:
        return None
    found = first_draft(Claim(put), {}, replace(context, budget_s=1.0), only_true=True).verdict
    return under(found, STATIONARY) if found.kind == "true" else None


def stationarity(stated: Stated) -> Expr | None:
    """What a statement sets to zero: the derivative, as it is written out there."""
    sides = stated.expressions
    if len(sides) < 2 or sides[-1] != ZERO or not derivative_nodes(sides[0]):
        return None
    return sides[0] if derivative_nodes(sides[-2]) else sides[-2]


def where_zero(claim: Claim, names: Mapping[str, Expr], context: Context) -> Verdict | None:
    """``X'X w = X'y`` follows from a derivative that was set to zero."""
    zero, have = context.zero, symbols(*claim.sides)
    if zero is None or has_derivative(*claim.sides):
        return None
    if any(have.get(n, s) is not s for n, s in symbols(zero).items()):
        return None
    options = replace(context, budget_s=1.0, mend=False).options
    found = judge(replace(claim, assuming=((zero, ZERO),)), names=names, **options)
    return found if found.holds else None


def _put(side: Expr, table: Mapping[Expr, Expr]) -> Expr:
    """Solutions in place of their variables; one may hold another, Σ the mean μ."""
    for _ in range(len(table)):
        side = substitute(side, dict(table))
    return side


def _fitted(value: Expr, like: Expr) -> Expr | None:
    """The value with its own names of sizes brought in line with those of a variable."""
    table = {
        have.name: want for have, want in zip(value.shape, like.shape, strict=True)
        if have != want and have.name is not None
    }  # fmt: skip
    try:
        fitted = with_sizes(value, table)
    except ChainruleError:
        return None
    return fitted if fitted.shape == like.shape else None


def at_conclusion(solved: Sequence[Claim], stated: Stated, context: Context) -> Verdict:
    """Is what was written zero at the value? Or else what should have been written?"""
    names = names_of(stated)
    found = judge(solved[0], names=names, **context.options)
    if found.kind != "false":
        return under(found, STATIONARY)
    for claim in solved[1:]:  # the value is right though the line before is not
        other = judge(claim, names=names, **replace(context, mend=False).options)
        if other.holds:
            return under(other, STATIONARY)
    text = f"the derivative is not zero at this {stated.sides[0].expr!r}"
    return replace(found, slip=Slip("other", text), mends=())


def concluded(stated: Stated, before: Stated | None) -> list[Claim]:
    """``… = E = 0 ⇒ v = value``: the claims that E, and what equals it, vanish at the value."""
    if stated.after not in ("⇒", "⇔") or before is None or len(stated.sides) < 2:
        return []
    earlier = before.expressions
    if len(earlier) < 2 or earlier[-1] != ZERO:
        return []
    first, value = stated.sides[0].expr, stated.sides[-1].expr
    out = []
    for gradient in reversed(earlier[:-1]):
        known = symbols(gradient)
        if first.op != "symbol" or first.name not in known:
            break
        if first.shape != known[first.name].shape:
            break
        if any(known[n].shape != s.shape for n, s in symbols(value).items() if n in known):
            break
        try:
            written = expand(gradient, frozenset()) if has_derivative(gradient) else gradient
            put = substitute(written, {known[first.name]: value})
            out.append(Claim((put, zeros(*put.shape))))
        except ChainruleError:
            break
    return out


def under(found: Verdict, condition: str) -> Verdict:
    if found.kind != "true":
        return found
    return replace(found, kind="true_if", conditions=(condition,))
