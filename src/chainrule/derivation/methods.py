"""The four methods by name: ask for one, for all that apply, or for the reasons why not."""

from __future__ import annotations

from collections.abc import Callable

from chainrule.calculus.derive import Source
from chainrule.derivation.backprop import by_backpropagation
from chainrule.derivation.data import Body, Derivation, Label, Line, Step
from chainrule.derivation.differential import by_differentials
from chainrule.derivation.index import by_indices
from chainrule.derivation.kronecker import by_kronecker
from chainrule.derivation.problem import Problem, problem
from chainrule.derivation.rules import RULES
from chainrule.derivation.writer import Steps
from chainrule.errors import ChainruleError, UnsupportedError, UsageError
from chainrule.expr import Expr, depends

METHODS: dict[str, Callable[[Problem], Derivation]] = {
    "differential": by_differentials,
    "index": by_indices,
    "kronecker": by_kronecker,
    "backprop": by_backpropagation,
}


def derivation(
    source: Source,
    wrt: str | Expr,
    method: str = "differential",
    *,
    layout: str = "gradient",
    symmetric: str = "project",
) -> Derivation:
    """The derivative of ``source`` by ``wrt``, step by step.

    Parameters
    ----------
    source
        An expression or what a reader returned.
    wrt
        The variable.
    method
        ``differential``, ``index``, ``kronecker`` or ``backprop``.
    layout, symmetric
        As in :func:`chainrule.calculus.derive`.

    Raises
    ------
    UsageError
        For an unknown method.
    UnsupportedError
        If the method does not apply; the message gives the reason.
    CertificateError
        If a step fails its check; nothing is then shown.
    """
    if method not in METHODS:
        raise UsageError(f"unknown method {method!r}: use one of {', '.join(METHODS)}")
    p = problem(source, wrt, layout, symmetric)
    if not depends(p.f, frozenset({p.x}))[p.f]:
        return constant(p, method)
    if p.sums and method in ("differential", "kronecker"):
        try:
            return _written(METHODS[method], p)
        except ChainruleError:  # then with the families stacked
            pass
    return _written(METHODS[method], p.stacked())


def constant(p: Problem, method: str) -> Derivation:
    """One step: the variable does not occur."""
    steps = Steps(p, method)
    where: dict[str, Body | Label] = {"name": Label("name", (p.x.name,))}
    steps.steps.append(Step(Line(Label("name", (p.name,)), p.f), Line(p.goal, p.result),
                            RULES["constant"], steps.answer_certificate(), where))  # fmt: skip
    return steps.built(p.goal)


def _written(method: Callable[[Problem], Derivation], p: Problem) -> Derivation:
    from numpy.linalg import LinAlgError

    try:
        return method(p)
    except LinAlgError as failure:
        raise UnsupportedError(
            f"the steps cannot be certified: a matrix in them is singular ({failure})"
        ) from None


def derivations(
    source: Source, wrt: str | Expr, *, layout: str = "gradient", symmetric: str = "project"
) -> dict[str, Derivation | str]:
    """By method: the derivation, or the reason why the method does not apply."""
    out: dict[str, Derivation | str] = {}
    for method in METHODS:
        try:
            out[method] = derivation(source, wrt, method, layout=layout, symmetric=symmetric)
        except UnsupportedError as error:
            out[method] = error.message
    return out


def methods_for(source: Source, wrt: str | Expr) -> list[str]:
    """The methods that apply."""
    return [m for m, d in derivations(source, wrt).items() if isinstance(d, Derivation)]
