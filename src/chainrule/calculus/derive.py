"""The pipeline: expand, sweep, lay out, impose structure, name parts, certify."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol, runtime_checkable

from chainrule.calculus.answer import Answer, Certificate
from chainrule.calculus.certify import certify
from chainrule.calculus.conditions import conditions, kinks, smooth_norms
from chainrule.calculus.directional import directional
from chainrule.calculus.dissolve import dissolved
from chainrule.calculus.expand import expand
from chainrule.calculus.forms import LAYOUTS, Derivative
from chainrule.calculus.members import Part, best_part, block_rows, picked
from chainrule.calculus.naming import Names, Where, name_parts, restore
from chainrule.calculus.parts import by_part, part_asked
from chainrule.calculus.structure import impose, structure_of
from chainrule.calculus.sweep import Sweep
from chainrule.dims import ONE, dim
from chainrule.errors import UnsupportedError, UsageError
from chainrule.expr import (
    BINDERS,
    Expr,
    depends,
    node,
    postorder,
    size_names,
    substitute,
    symbol,
    symbols,
)
from chainrule.ops import apply, is_family
from chainrule.ops.indexed import fresh
from chainrule.traits import transposed


@runtime_checkable
class Reading(Protocol):
    """What a reader hands over: an expression and what is known about it."""

    @property
    def expr(self) -> Expr: ...
    @property
    def variables(self) -> dict[str, Expr]: ...
    @property
    def assumed(self) -> tuple[str, ...]: ...
    @property
    def definitions(self) -> dict[str, Expr]: ...
    @property
    def remarks(self) -> tuple[str, ...]: ...


Source = Expr | Reading


def derive(
    source: Source,
    wrt: str | Expr | Sequence[str | Expr],
    *,
    order: int = 1,
    layout: str = "gradient",
    symmetric: str = "project",
    check: bool = True,
) -> Answer:
    """The derivative of an expression, simplified, laid out and certified.

    Parameters
    ----------
    source
        An expression or what a reader returned.
    wrt
        The variable; two variables (for ``order=2``) ask for the mixed second derivative. Also a
        member of a family or an entry, ``"x_k"``, ``"W[i,j]"`` or as an expression.
    order
        1, or 2 for the Hessian (of a scalar by a vector n×n, by a matrix of vec X).
    layout
        ``gradient``, ``numerator``, ``denominator``, ``vec`` or ``differential``.
    symmetric
        Convention for symmetric, skew and diagonal variables: ``project``, ``entries``, ``ignore``.
    check
        Certify the answer against an independent numerical derivative.

    Raises
    ------
    UsageError
        If the request makes no sense (unknown layout, order 3, …).
    UnsupportedError
        If the derivative cannot be written; the message names the operator that stands in the way.
    CertificateError
        If the answer fails its own check; it is then withheld.
    """
    if layout not in LAYOUTS:
        raise UsageError(f"unknown layout {layout!r}: use one of {', '.join(LAYOUTS)}, all")
    if order not in (1, 2):
        raise UsageError(f"order {order} is not supported: ask for 1 or 2")
    expr, variables, assumed, definitions, remarks = _unpack(source)
    part = part_asked(wrt, variables, expr)
    if part is not None:
        if order != 1:
            raise UsageError("a second derivative by an entry or a member is not supported")
        whole = derive(source, part.whole.name, symmetric=symmetric, check=check)
        return by_part(whole, expand(expr, frozenset(variables.values())), part, layout, check)
    names = _names(wrt)
    if order == 1 and len(names) > 1:
        raise UsageError("one variable at a time: use gradients() or repeat the request for each")
    found = [_variable(n, variables) for n in names]
    freed = {v: _freed(v) for v in found if v is not None}
    written = substitute(expand(expr, frozenset(variables.values())), freed)
    f = dissolved(written)
    missing = tuple(
        f"{n} does not occur in the expression, so the derivative is zero"
        for n, v in zip(names, found, strict=True)
        if v is None
    )
    xs = [freed[v] if v is not None else symbol(n) for n, v in zip(names, found, strict=True)]
    try:
        draft, terms = _answer(f, xs, order, layout, symmetric, check, False, f is not written)
    except UnsupportedError:
        if f is written:
            raise
        f = written  # the matrix form may be harder to differentiate than the sum
        draft, terms = _answer(f, xs, order, layout, symmetric, check, True)
    if order == 1 and layout != "differential":
        draft = replace(draft, other_forms={
            **draft.other_forms, **_sum_forms(f, written, xs[0], draft)})  # fmt: skip
    result, where = _named(draft, f, variables, definitions)
    certificate = certify(f, xs, draft, where, result, terms) if check else Certificate()
    live = depends(f, frozenset(xs))
    return replace(
        draft, expr=expr, variables=variables, result=result, where=where, assumed=assumed,
        wrt=tuple(names), kinks=kinks(f, live, smooth_norms(f)),
        conditions=conditions(f, draft.result), remarks=(*remarks, *missing),
        certificate=certificate,
    )  # fmt: skip


def derive_all(source: Source, wrt: str | Expr, **options: object) -> dict[str, Answer]:
    """One answer per layout (``differential`` included)."""
    return {name: derive(source, wrt, layout=name, **options) for name in LAYOUTS}  # type: ignore[arg-type]


def _unpack(
    source: Source,
) -> tuple[Expr, dict[str, Expr], tuple[str, ...], dict[str, Expr], tuple[str, ...]]:
    if isinstance(source, Expr):
        return source, symbols(source), (), {}, ()
    return (source.expr, dict(source.variables), tuple(source.assumed), dict(source.definitions),
            tuple(source.remarks))  # fmt: skip


def _names(wrt: str | Expr | Sequence[str | Expr]) -> list[str]:
    if isinstance(wrt, Expr):
        return [wrt.name]
    if isinstance(wrt, str):
        return [part.strip() for part in wrt.split(",") if part.strip()]
    return [w.name if isinstance(w, Expr) else w for w in wrt]


VALUE_TRAITS = frozenset({"one_hot", "probability", "probability_vector", "binary", "orthogonal",
                          "unit_norm", "plus_minus_one"})  # fmt: skip


def _freed(x: Expr) -> Expr:
    """The variable without facts that hold at its values only: it moves off them."""
    return node("symbol", (), x.params, x.shape, x.traits - VALUE_TRAITS)


def _variable(name: str, variables: dict[str, Expr]) -> Expr | None:
    if not name:
        raise UsageError("say by which variable to differentiate")
    return variables.get(name)


def _answer(
    f: Expr, xs: list[Expr], order: int, layout: str, symmetric: str, check: bool,
    keep: bool = False, summed: bool = False,
) -> tuple[Answer, Expr | None]:  # fmt: skip
    if order == 2:
        return _second(f, xs, layout, symmetric), None
    return _first(f, xs[0], layout, symmetric, check, keep, summed)


def _sum_forms(f: Expr, written: Expr, x: Expr, draft: Answer) -> dict[str, str]:
    """The derivative as a sum where the function was written as one, and by member of a family."""
    forms: dict[str, str] = {}
    by_member = is_family(x) and f.is_scalar and draft.layout == "gradient"
    if by_member and draft.result.shape == x.shape:
        rows = block_rows(written, x)
        k = fresh("k", {*symbols(f, draft.result), *size_names(f, draft.result)})
        part = Part(x, dim(k), None, rows)
        forms["member"] = f"d/d{x.name}_{k} = {best_part(written, draft.result, part)!r}"
    if f is not written and draft.symmetric in (None, "ignore") and not by_member:
        try:
            as_sum = Derivative(Sweep(written, [x], keep=True), x).expr(draft.layout)
        except UnsupportedError:
            return forms
        text = repr(as_sum)
        if "unit(" in text:
            forms |= _entry_form(f, x, draft)  # a sum of unit vectors says less than one entry
        elif any(e.op in BINDERS for e in postorder(as_sum)):
            forms["sum"] = text
    return forms


def _entry_form(f: Expr, x: Expr, draft: Answer) -> dict[str, str]:
    if not f.is_scalar or draft.layout != "gradient" or draft.result.shape != x.shape:
        return {}
    taken = {*symbols(f, draft.result), *size_names(f, draft.result)}
    at: list[str | None] = []
    for length in x.shape:
        at.append(None if length == ONE else fresh("i", taken))
        taken |= {at[-1] or ""}
    i, j = (None if k is None else dim(k) for k in at)
    found = picked(draft.result, Part(x, i, j))
    shown = ",".join(k for k in at if k is not None)
    return {"entry": f"d/d{x.name}[{shown}] = {found!r}"}


def _first(
    f: Expr, x: Expr, layout: str, symmetric: str, check: bool, keep: bool, summed: bool
) -> tuple[Answer, Expr | None]:
    d = Derivative(Sweep(f, [x], keep=keep, use_ones=summed), x)
    form = "vec" if d.is_flat or layout == "vec" else "matrix"
    if layout == "differential":
        form = "differential"
    structure = structure_of(x)
    used: str | None = None
    if structure and layout != "differential" and d.terms:
        if not d.outs:
            g = impose(d.expr("gradient"), structure, symmetric)
            result = _laid_out(g, layout)
            used = symmetric
        else:
            result = d.expr(layout)
            used = "ignore"
    elif layout == "differential":
        result = _differential(d)
    else:
        result = d.expr(layout)
    answer = Answer(
        expr=f, variables={}, wrt=(x.name,), result=result, form=form, layout=layout,
        symmetric=used, other_forms=_other_forms(d, layout),
    )  # fmt: skip
    return answer, d.unfactored(layout) if check and used in (None, "ignore") else None


def _laid_out(gradient: Expr, layout: str) -> Expr:
    if layout == "numerator":
        return transposed(gradient)
    if layout == "vec":
        return transposed(apply("vec", gradient))
    return gradient


def _other_forms(d: Derivative, layout: str) -> dict[str, str]:
    """Linear map, vec and index form of a derivative with more than two indices."""
    if not d.is_flat or layout == "differential":
        return {}
    forms: dict[str, str] = {}
    builders: dict[str, Callable[[], str]] = {
        "linear_map": lambda: f"d{d.x.name} ↦ {_differential(d)!r}",
        "vec": lambda: repr(d.expr("vec")),
        "index": d.index_form,
    }
    for key, build in builders.items():
        try:
            forms[key] = build()
        except UnsupportedError:
            continue
    return forms


def _differential(d: Derivative) -> Expr:
    try:
        return d.expr("differential")
    except UnsupportedError:
        if not any(e.op in BINDERS for e in postorder(d.f)):
            raise
        return directional(d.f, d.x)


def _second(f: Expr, xs: list[Expr], layout: str, symmetric: str) -> Answer:
    if not f.is_scalar:
        raise UnsupportedError(
            f"the second derivative of {f!r} ({f.shape[0]}×{f.shape[1]}) has too many indices: "
            "only scalars have a Hessian; take the derivative of one entry or of a weighted sum"
        )
    if len(xs) > 2:
        raise UsageError("a second derivative takes one or two variables")
    x, y = xs[0], xs[-1]
    gradient = Derivative(Sweep(f, [x]), x).expr("gradient")
    d = Derivative(Sweep(gradient, [y]), y)
    matrix = bool(d.outs and d.own) and d.order > 2
    result = d.expr("vec" if matrix or layout == "vec" else "gradient")
    used = "ignore" if structure_of(x) or structure_of(y) else None
    form = "vec" if matrix else "matrix"
    if layout == "differential":
        result, form = d.differential(), "differential"
    return Answer(
        expr=gradient, variables={}, wrt=tuple(v.name for v in xs), result=result, form=form,
        order=2, layout=layout, symmetric=used, other_forms=_other_forms(d, layout),
    )  # fmt: skip


def _named(
    draft: Answer, f: Expr, variables: dict[str, Expr], definitions: dict[str, Expr]
) -> tuple[Expr, Where]:
    names = Names({*variables, *definitions, *size_names(f, draft.result), "T", "I", "pi"})
    parts = {n: e for n, e in definitions.items() if e is not f}
    (result,), where = name_parts((draft.result,), parts, names)
    return result, where


__all__ = ["derive", "derive_all", "restore"]
