"""Other kinds and sizes of variables, where what was guessed or said in general does not fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

from chainrule.check.context import Context, first_draft
from chainrule.check.layouts import derivative_nodes
from chainrule.check.points import Clock
from chainrule.check.unwritten import hidden
from chainrule.check.verdict import Claim, Verdict
from chainrule.dims import ONE, Dim
from chainrule.errors import ChainruleError
from chainrule.expr import Expr, postorder, symbols
from chainrule.read.declare import Declaration
from chainrule.read.kinds import habit
from chainrule.read.reading import read_statements
from chainrule.read.session import Stated
from chainrule.read.syntax import Node, Statement, copied
from chainrule.read.syntax import postorder as nodes_of

KINDS = ("scalar", "vector", "matrix", "row")
MOST_LOOSE = 3
OF_SQUARE = frozenset({"inv", "det", "tr", "logdet"})
BARS = "abs"
"""``|X|``, which was read as absolute values because X is not square."""


def other_kinds(stated: Stated, context: Context) -> Verdict | None:
    """What nobody declared may be a row, a column, a matrix: is there a way in which it holds?"""
    raw = stated.raw
    if raw is None:
        return None
    turned = any(e.op == "transpose" for e in postorder(*stated.expressions))
    shown = _as_matrices(stated.expressions)
    met = raw.met & symbols(*stated.expressions).keys() - shown
    if turned:  # but for a bias, which may be added to every entry
        met &= {e.args[1].name for e in derivative_nodes(*stated.expressions)
                if e.args[1].op == "symbol"}  # fmt: skip
    names = [
        n for n in dict.fromkeys(n for s in stated.sides for n in s.variables)
        if (n not in raw.declared or n in met) and n not in context.declared
        and not hidden(stated, n) and n.isidentifier()
    ]  # fmt: skip
    if not names or len(names) > MOST_LOOSE:
        return None
    clock = Clock(1.5)
    # a vector of earlier formulas may be a number in one where nothing is transposed
    bound: Verdict | None = None
    for kinds in product(*(
        ("scalar",) if n in met else KINDS[1:] if n in shown else _likely(n) for n in names
    )):  # fmt: skip
        if clock.over:
            return None
        table = {n: Declaration(n, (ONE, ONE) if k == "scalar" else None, k)
                 for n, k in zip(names, kinds, strict=True)}  # fmt: skip
        try:
            found = read_statements(raw.before, raw.sides, {**raw.declared, **table}, raw.macros,
                                    raw.counts)  # fmt: skip
        except ChainruleError:
            continue
        sides = tuple(r.expr for r in found)
        verdict = first_draft(
            Claim(sides), {}, replace(context, budget_s=0.3, alone=True), only_true=True
        ).verdict
        if not verdict.holds:
            continue
        said = ", ".join(f"{n} a {k}" for n, k in zip(names, kinds, strict=True))
        verdict = replace(verdict, kind="true_if", conditions=(*verdict.conditions, f"with {said}"))
        if len(verdict.conditions) == 1:
            return verdict
        bound = bound or verdict
    return bound


def _likely(name: str) -> tuple[str, ...]:
    """The kinds that a name may have, its habit first."""
    return tuple(sorted(KINDS, key=lambda k: k != habit(name)))


def _as_matrices(sides: Sequence[Expr]) -> frozenset[str]:
    """Capital letters that are transposed or inverted: nobody does that to a number."""
    parts = (e.args[0] for e in postorder(*sides) if e.op in ("transpose", "inv", "tr", "det"))
    return frozenset(n for e in parts for n in symbols(e) if habit(n) == "matrix")


def if_square(stated: Stated, context: Context) -> tuple[Claim, str] | None:
    """``d log|X| = tr(X⁻¹dX)`` after X ∈ ℝ^{m×n} was said of other formulas: here X is square."""
    raw = stated.raw
    if raw is None or context.alone or len(raw.sides) < 2:
        return None
    wanted = _needed_square(raw.nodes, raw.declared)
    if not wanted:
        return None
    sizes = {str(raw.declared[n].shape[1].name): raw.declared[n].shape[0] for n in wanted}  # type: ignore[index]
    declared = {
        n: d if d.shape is None else replace(d, shape=_equal(d.shape, sizes))
        for n, d in raw.declared.items()
    }  # fmt: skip
    sides = tuple((_with_det(s, wanted), where) for s, where in raw.sides)
    try:
        found = read_statements(raw.before, sides, declared, raw.macros, raw.counts)
    except ChainruleError:
        return None
    claim = Claim(tuple(r.expr for r in found))
    return claim, f"{' and '.join(wanted)} is square"


def _needed_square(roots: Sequence[Node], declared: Mapping[str, Declaration]) -> tuple[str, ...]:
    """Matrices m×n whose inverse, determinant or trace is written, with m and n names."""
    out: dict[str, None] = {}
    for n in (n for root in roots for n in nodes_of(root)):
        inside = str(n.args[0].value) if n.args and n.args[0].op == "name" else ""
        inside = inside if inside in declared else inside[1:]  # dX
        said = declared.get(inside)
        if said is None or said.shape is None or None in (d.name for d in said.shape):
            continue
        name = str(n.value[0] if n.op == "call" else n.value)
        if said.shape[0] != said.shape[1] and (n.op == "pow" or name in OF_SQUARE):
            out[inside] = None
    return tuple(out)


def _equal(shape: tuple[Dim, Dim], sizes: Mapping[str, Dim]) -> tuple[Dim, Dim]:
    return shape[0].subs(sizes), shape[1].subs(sizes)


def _with_det(statement: Statement, wanted: Sequence[str]) -> Statement:
    value = copied(statement.value)
    for n in nodes_of(value):
        if n.args and n.args[0].op == "name" and n.args[0].value in wanted:
            if n.op == "apply" and n.value == BARS:
                n.value = "det"
            elif n.op == "call" and n.value[0] == BARS:
                n.value = ("det", 0)
    return replace(statement, value=value)
