"""Derivatives inside a claim written out in each layout that people use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from chainrule.calculus.derive import VALUE_TRAITS
from chainrule.calculus.dissolve import dissolved
from chainrule.calculus.expand import expand
from chainrule.calculus.forms import Derivative
from chainrule.calculus.structure import impose, structure_of
from chainrule.calculus.sweep import Sweep
from chainrule.check.rough import with_args
from chainrule.dims import ONE
from chainrule.errors import ChainruleError, LimitError
from chainrule.expr import BINDERS, Expr, free_names, node, postorder, substitute
from chainrule.ops import apply, constant, mul
from chainrule.traits import transposed

LAYOUTS = ("gradient", "numerator", "vec", "vec_rows", "denominator", "vec_column")
"""Order of preference where several fit: shape of the variable, then the named others."""

SAID = {
    "gradient": "gradient layout (the shape of the variable)",
    "numerator": "numerator layout (rows are outputs; the derivative of a scalar is a row)",
    "denominator": "denominator layout (columns are outputs)",
    "vec": "vec layout, columns stacked",
    "vec_rows": "vec layout, rows stacked",
    "vec_column": "vec layout, as a column",
    "transposed": "the transposed layout (a row where a column is meant)",
}
DERIVATIVES = frozenset({"grad", "hessian", "differential"})
MOST_NODES = 3000


@dataclass(frozen=True)
class Convention:
    """Layout of the derivatives, of those inside a larger side, and treatment of structure."""

    layout: str = "gradient"
    inner: str | None = None
    symmetric: str | None = None


def has_derivative(*sides: Expr) -> bool:
    """Does a derivative stand in a side?"""
    return any(e.op in DERIVATIVES for e in postorder(*sides))


def derivative_nodes(*sides: Expr) -> list[Expr]:
    """The ``grad(f,x)`` and ``hessian(f,x)`` in some sides."""
    return [e for e in postorder(*sides) if e.op in ("grad", "hessian")]


def written_out(side: Expr, convention: Convention) -> Expr:
    """The side with its derivatives in the layout of a convention; unchecked where sizes disagree.

    Raises
    ------
    ChainruleError
        If a derivative cannot be written.
    """
    order = postorder(side)
    if len(order) > MOST_NODES:
        raise LimitError(f"the formula has {len(order)} parts, which is too many")
    memo: dict[Expr, Expr] = {}
    lone = side.op == "grad" or (side.op == "transpose" and side.args[0].op == "grad")
    for e in order:
        args = tuple(memo[a] for a in e.args)
        layout = convention.layout if lone or not convention.inner else convention.inner
        if e.op == "grad":
            memo[e] = laid_out(e, layout, convention.symmetric)
        elif e.op == "hessian":
            memo[e] = second(e)
        elif e.op == "differential":
            memo[e] = expand(e, frozenset())
        elif e.op == "mul" and any(is_selector(a) for a in e.args):
            # a partial derivative: an entry is the same in every layout
            args = tuple(_entrywise(a, convention, memo) for a in e.args)
            memo[e] = with_args(e, args)
        else:
            memo[e] = with_args(e, args)
    return memo[side]


def _entrywise(e: Expr, convention: Convention, memo: Mapping[Expr, Expr]) -> Expr:
    """A factor beside a selector: a derivative as it was read, since the selector fits that."""
    if e.op == "grad":
        return laid_out(e, str(e.params[0]) if e.params else "gradient", convention.symmetric)
    if e.op == "transpose" and e.args[0].op == "grad":
        return with_args(e, (_entrywise(e.args[0], convention, memo),))
    return memo[e]


def by_entries(side: Expr) -> bool:
    """Do derivatives stand in a side, and all of them beside selectors?"""
    alone = [side] if side.op == "grad" else []
    for e in postorder(side):
        selected = e.op == "mul" and any(is_selector(a) for a in e.args)
        bare = [a.args[0] if a.op == "transpose" else a for a in e.args]
        if e.op != "transpose" and not selected:
            alone += [a for a in bare if a.op == "grad"]
    return not alone and any(e.op == "grad" for e in postorder(side))


def is_selector(e: Expr) -> bool:
    """A unit vector, or its transpose?"""
    return e.op == "unit" or (e.op == "transpose" and e.args[0].op == "unit")


def derivative_of(e: Expr) -> tuple[Expr, Expr]:
    """Function and variable of a ``grad`` node, ready for the sweep."""
    f, x = e.args[:2]
    free = node("symbol", (), x.params, x.shape, x.traits - VALUE_TRAITS)
    written = expand(f, frozenset((x,)))
    return dissolved(substitute(written, {x: free})), free


@lru_cache(maxsize=512)
def _whole(e: Expr) -> tuple[Expr, bool, Expr]:
    """Derivative with rows as outputs (gradient for scalars); is it stacked?; the variable."""
    f, x = derivative_of(e)
    d = Derivative(Sweep(f, [x]), x)
    made = d.expr("gradient")
    return made, d.is_flat or (d.terms == [] and f.is_scalar is False and not x.is_scalar), x


def laid_out(e: Expr, layout: str, symmetric: str | None = None) -> Expr:
    """``grad(f,x)`` in a layout."""
    made, flat, free = _whole(e)
    f, x = e.args[:2]
    structure = structure_of(x)
    if structure and f.is_scalar and symmetric not in (None, "ignore"):
        made = impose(made, structure, symmetric or "project")
    made = _in_layout(made, f, x, layout, flat)
    table = {free: x} if free is not x else {}
    if len(e.args) > 2:
        table[free] = e.args[2]
    return substitute(made, table) if table else made


def _in_layout(made: Expr, f: Expr, x: Expr, layout: str, flat: bool) -> Expr:
    if f.is_scalar:
        match layout:
            case "numerator" | "transposed":
                return transposed(made)
            case "vec" | "vec_column":
                column = made if made.shape[1] == ONE else apply("vec", made)
                return transposed(column) if layout == "vec" else column
            case "vec_rows":
                return transposed(apply("vec", transposed(made)))
        return made
    if x.is_scalar:
        if layout in ("denominator", "transposed"):
            return transposed(made)
        if layout.startswith("vec") and made.shape[1] != ONE:
            return apply("vec", made)
        return made
    match layout:
        case "denominator" | "transposed":
            return transposed(made)
        case "vec_rows":
            return mul(_to_rows(f), made, transposed(_to_rows(x)))
    return made


def _to_rows(e: Expr) -> Expr:
    """P with P vec(E) = vec(E')."""
    if ONE in e.shape:
        return constant("eye", e.shape[0] * e.shape[1])
    return constant("commut", *e.shape)


@lru_cache(maxsize=256)
def second(e: Expr) -> Expr:
    """``hessian(f,x)``, by a matrix that of vec X."""
    return expand(e, frozenset())


def layouts_for(sides: Sequence[Expr], preferred: str | None) -> list[str]:
    """Layouts that make a difference for the derivatives of a claim, the preferred one first."""
    nodes = [e for e in derivative_nodes(*sides) if e.op == "grad"]
    if not nodes:
        return [preferred or "gradient"]
    wanted = ["gradient", "numerator"]
    for e in nodes:
        f, x = e.args[:2]
        if not f.is_scalar:
            wanted.append("denominator")
        if not x.is_scalar and x.shape[1] != ONE and x.shape[0] != ONE:
            wanted += ["vec", "vec_rows", "vec_column"] if f.is_scalar else ["vec", "vec_rows"]
        elif not f.is_scalar and ONE not in f.shape:
            wanted += ["vec", "vec_rows"]
        elif f.is_scalar and not x.is_scalar:
            wanted.append("vec")
    known = [w for w in LAYOUTS if w in wanted]
    if preferred:
        known = [preferred, *(w for w in known if w != preferred)]
    return known


def functions_of(sides: Sequence[Expr]) -> list[Expr]:
    """What is differentiated, for the domain; with intermediates at their values.

    What depends on the index of a sum around it is left out: outside the sum it has no value.
    """
    out = []
    bound = {str(e.params[0]) for e in postorder(*sides) if e.op in BINDERS}
    bound -= frozenset().union(*(free_names(s) for s in sides))
    for e in derivative_nodes(*sides):
        f = e.args[0]
        if bound & free_names(f):
            continue
        if len(e.args) > 2:
            f = substitute(f, {e.args[1]: e.args[2]})
        try:
            out.append(dissolved(expand(f, frozenset())))
        except ChainruleError:
            continue
    return out


__all__ = [
    "LAYOUTS", "SAID", "Convention", "by_entries", "derivative_nodes", "derivative_of",
    "functions_of", "has_derivative", "laid_out", "layouts_for", "written_out",
]  # fmt: skip
