"""Right answers about functions that are defined nowhere, with their derivatives left standing.

A loss Q that a text never writes down is read as a general instance, whose parts have names that
nobody wrote. An answer speaks of ∂Q/∂z instead: for Q of z, the derivative by what z depends on is
that of Σ G·z with G = ∂Q/∂z.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from chainrule.check.case import Case, Variant
from chainrule.check.layouts import by_entries, derivative_nodes, laid_out, written_out
from chainrule.check.naming import named
from chainrule.check.rough import readable, replaced, solid
from chainrule.errors import ChainruleError
from chainrule.expr import Expr, node, postorder, substitute, symbol
from chainrule.ops import add, apply, hadamard
from chainrule.write import plain


def stands_in(e: Expr, names: Mapping[str, Expr]) -> bool:
    """Does the general instance of a function show?"""
    secret = secret_of(names)
    return any(secret(part) for part in postorder(e))


def secret_of(names: Mapping[str, Expr]) -> Callable[[Expr], bool]:
    """Is this the weight or the elementwise function of such an instance?"""
    weights = tuple(f"{n}_weights" for n in names)
    calls = tuple(f"{n}_of" for n in names)

    def secret(e: Expr) -> bool:
        if e.op == "symbol":
            return e.name.startswith(weights)
        return e.op == "call" and str(e.params[0]).startswith(calls)

    return secret


def left_standing(case: Case, variant: Variant, side: int) -> Expr | None:
    """The side with its derivatives written out as far as the text does, by the document's names.

    None where a part of it has no name of its own.
    """
    signals: dict[Expr, Expr] = {}
    table: dict[Expr, Expr] = {}
    expr = case.claim.sides[side]
    for e in postorder(expr):
        if e.op == "grad":
            function = _linear(case, e, signals)
            if function is None:
                return None
            table[e] = node("grad", (function, *e.args[1:]), e.params, e.shape)
    try:
        written = solid(written_out(replaced(expr, table), variant.convention))
    except ChainruleError:
        return None
    made = replaced(named(case.names, written), signals)
    return None if stands_in(made, case.names) else made


def _linear(case: Case, e: Expr, signals: dict[Expr, Expr]) -> Expr | None:
    """``Σ G·z`` for ``Σ C·q(z)``, with what each G stands for."""
    f, x = e.args[:2]
    opened = {x: e.args[2]} if len(e.args) > 2 else {}
    labels = {v: n for n, v in case.names.items()}
    top = labels.get(substitute(f, opened) if opened else f)
    pieces = f.args if f.op == "add" else (f,)
    out = []
    for piece in pieces:
        inner = piece.args[0] if piece.op == "sum" else piece
        calls = [a for a in inner.args if a.op == "call"] if inner.op == "hadamard" else []
        if top is None or len(calls) != 1 or calls[0].params[1] != 0:
            return None
        u = calls[0].args[0]
        name = u.name if u.op == "symbol" else labels.get(substitute(u, opened) if opened else u)
        if name is None or u is x:
            return None
        signal = symbol(f"{top}_by_{name}", *u.shape)
        by = node("symbol", (), (name,), u.shape)
        whole = node("symbol", (), (top,), f.shape)
        signals[signal] = node("grad", (whole, by), (), u.shape)
        out.append(apply("sum", hadamard(signal, u)))
    return add(*out)


def as_written(case: Case) -> list[Expr]:
    """The sides that do not conform, each derivative as one letter: to say what does not fit."""
    assert case.first is not None
    convention = case.first.convention
    out = []
    for side, opened in zip(case.claim.sides, case.first.sides, strict=True):
        if case.is_solid(opened) or by_entries(side):
            continue
        table = {}
        for e in (d for d in derivative_nodes(side) if d.op == "grad"):
            with suppress(ChainruleError):
                shape = laid_out(e, convention.inner or convention.layout).shape
                table[e] = symbol(plain(readable(named(case.names, e))), *shape)
        out.append(named(case.names, replaced(side, table)))
    return out
