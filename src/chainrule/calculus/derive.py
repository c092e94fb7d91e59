"""The pipeline: expand, sweep, lay out, impose structure, name parts, certify."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol, runtime_checkable

from chainrule.calculus.answer import Answer, Certificate
from chainrule.calculus.certify import certify
from chainrule.calculus.conditions import conditions, kinks, smooth_norms
from chainrule.calculus.expand import expand
from chainrule.calculus.forms import LAYOUTS, Derivative
from chainrule.calculus.naming import Names, Where, name_parts
from chainrule.calculus.structure import impose, structure_of
from chainrule.calculus.sweep import Sweep
from chainrule.errors import UnsupportedError, UsageError
from chainrule.expr import Expr, depends, node, size_names, substitute, symbol, symbols


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
        The variable; two variables (for ``order=2``) ask for the mixed second derivative.
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
    names = _names(wrt)
    if order == 1 and len(names) > 1:
        raise UsageError("one variable at a time: use gradients() or repeat the request for each")
    found = [_variable(n, variables) for n in names]
    freed = {v: _freed(v) for v in found if v is not None}
    f = substitute(expand(expr, frozenset(variables.values())), freed)
    missing = tuple(
        f"{n} does not occur in the expression, so the derivative is zero"
        for n, v in zip(names, found, strict=True)
        if v is None
    )
    xs = [freed[v] if v is not None else symbol(n) for n, v in zip(names, found, strict=True)]
    if order == 2:
        draft, terms = _second(f, xs, layout, symmetric), None
    else:
        draft, terms = _first(f, xs[0], layout, symmetric, check)
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


def _first(
    f: Expr, x: Expr, layout: str, symmetric: str, check: bool
) -> tuple[Answer, Expr | None]:
    d = Derivative(Sweep(f, [x]), x)
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
    else:
        result = d.expr(layout)
    answer = Answer(
        expr=f, variables={}, wrt=(x.name,), result=result, form=form, layout=layout,
        symmetric=used, other_forms=_other_forms(d, layout),
    )  # fmt: skip
    return answer, d.unfactored(layout) if check and used in (None, "ignore") else None


def _laid_out(gradient: Expr, layout: str) -> Expr:
    from chainrule.ops import apply
    from chainrule.traits import transposed

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
        "linear_map": lambda: f"d{d.x.name} ↦ {d.expr('differential')!r}",
        "vec": lambda: repr(d.expr("vec")),
        "index": d.index_form,
    }
    for key, build in builders.items():
        try:
            forms[key] = build()
        except UnsupportedError:
            continue
    return forms


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


def restore(result: Expr, where: Where) -> Expr:
    """The result with all named parts written out."""
    for name, e in reversed(where):
        result = substitute(result, {node("symbol", (), (name,), e.shape): e})
    return result


__all__ = ["derive", "derive_all", "restore"]
