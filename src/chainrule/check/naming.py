"""Defined parts shown by their names in mends and messages."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from chainrule.check.layouts import is_selector
from chainrule.check.rough import readable, rough, with_args
from chainrule.expr import Expr, node, postorder, substitute
from chainrule.write import plain


def named(names: Mapping[str, Expr], root: Expr, kept: Collection[Expr] = ()) -> Expr:
    """The expression with names for defined parts, also inside derivatives.

    Parts in ``kept`` stand as they are: the derivative that belongs in a chain of derivatives.
    """
    table = {e: node("symbol", (), (n,), e.shape) for n, e in names.items()
             if e.args and e not in kept}  # fmt: skip
    if not table:
        return root
    memo: dict[Expr, Expr] = {}
    for e in postorder(root):
        if e in table:
            memo[e] = table[e]
        elif e.op == "grad":
            memo[e] = _derivative(e, table)
        else:
            memo[e] = with_args(e, tuple(memo[a] for a in e.args))
    return memo[root]


def _derivative(e: Expr, table: Mapping[Expr, Expr]) -> Expr:
    """``d(L)/d(l)``: the function by its name, the intermediate by its own."""
    f, x = e.args[:2]
    whole = substitute(f, {x: e.args[2]}) if len(e.args) > 2 else f
    top = table[whole] if whole in table else _inside(whole, table)
    return node("grad", (top, x), (), e.shape)


def _inside(e: Expr, table: Mapping[Expr, Expr]) -> Expr:
    """Names within what is differentiated, such as ``z`` in one entry of it."""
    memo: dict[Expr, Expr] = {}
    for part in postorder(e):
        if part in table:
            memo[part] = table[part]
            continue
        args = tuple(memo[a] for a in part.args)
        if part.op == "mul" and is_selector(part.args[0]) and len(part.args) > 2:
            rest = table.get(rough("mul", *part.args[1:]))  # an entry of a product with a name
            args = args if rest is None else (args[0], rest)
        memo[part] = with_args(part, args)
    return memo[e]


def said(names: Mapping[str, Expr], e: Expr, kept: Collection[Expr] = ()) -> str:
    """In plain syntax, by names."""
    return plain(readable(named(names, e, kept)))
