"""The answer to a request for a derivative, as data and as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chainrule.expr import Expr, node
from chainrule.write import latex, plain, unicode


@dataclass(frozen=True)
class Certificate:
    """What vouches for an answer.

    Attributes
    ----------
    verdict
        ``"equal"``, or ``"unknown"`` when no check was possible (the reason is in ``detail``).
    by
        Kinds of evidence: ``"canonical form"``, ``"numerical"``.
    sizes
        Sizes at which the numerical check was made, all distinct.
    max_relative_error
        Largest deviation from the independent numerical derivative.
    """

    verdict: str = "unknown"
    by: tuple[str, ...] = ()
    sizes: dict[str, int] = field(default_factory=dict)
    max_relative_error: float | None = None
    detail: str = ""


@dataclass(frozen=True)
class Answer:
    """A derivative with everything a reader needs to trust and use it.

    Attributes
    ----------
    expr : Expr
        The function.
    result : Expr
        The derivative; may use the names in ``where``.
    form : str
        ``matrix``, ``vec`` (rows and columns stacked) or ``differential``.
    layout, symmetric, order, wrt
        As asked for.
    where : tuple of (name, Expr)
        Named parts; later ones may use earlier ones.
    other_forms : dict
        ``vec``, ``linear_map`` and ``index`` forms as plain text; ``sum`` where the function was
        written as a sum over an index, ``member`` and ``entry`` of the gradient (``d/dx_k = …``).
    """

    expr: Expr
    variables: dict[str, Expr]
    wrt: tuple[str, ...]
    result: Expr
    form: str = "matrix"
    order: int = 1
    layout: str = "gradient"
    symmetric: str | None = None
    assumed: tuple[str, ...] = ()
    where: tuple[tuple[str, Expr], ...] = ()
    other_forms: dict[str, str] = field(default_factory=dict)
    kinks: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    certificate: Certificate = field(default_factory=Certificate)

    def __repr__(self) -> str:
        return self.text()

    def text(self) -> str:
        """The derivative and its named parts, one per line, in plain syntax."""
        lines = [plain(self.result)]
        lines += [f"  where {name} = {plain(e)}" for name, e in self.where]
        return "\n".join(lines)

    @property
    def latex(self) -> str:
        """The derivative in LaTeX."""
        return latex(self.result)

    def _repr_latex_(self) -> str:
        body = latex(self.result)
        if self.where:
            body += r",\quad " + r",\; ".join(
                f"{latex(_named(name, e))} = {latex(e)}" for name, e in self.where
            )
        return f"$\\displaystyle {body}$"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/latex": self._repr_latex_(), "text/plain": self.text()}

    def derivative_json(self) -> dict[str, Any]:
        """The ``derivative`` object of the JSON contract."""
        return {
            "form": self.form, "plain": plain(self.result), "unicode": unicode(self.result),
            "latex": latex(self.result), "shape": shape_json(self.result),
        }  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """The JSON contract of ``derive``."""
        return {
            "input": {"plain": plain(self.expr), "latex": latex(self.expr),
                      "shape": shape_json(self.expr)},
            "variables": {
                name: {"shape": shape_json(v), "traits": sorted(v.traits)}
                for name, v in self.variables.items()
            },
            "assumed": list(self.assumed),
            "wrt": self.wrt[0] if len(self.wrt) == 1 else list(self.wrt),
            "order": self.order,
            "layout": self.layout,
            "symmetric": self.symmetric,
            "derivative": self.derivative_json(),
            "where": [{"name": n, "plain": plain(e), "latex": latex(e)} for n, e in self.where],
            "other_forms": dict(self.other_forms),
            "kinks": list(self.kinks),
            "conditions": list(self.conditions),
            "remarks": list(self.remarks),
            "steps": None,
            "certificate": {
                "verdict": self.certificate.verdict, "by": list(self.certificate.by),
                "sizes": dict(self.certificate.sizes),
                "max_relative_error": self.certificate.max_relative_error,
            },
        }  # fmt: skip


def shape_json(e: Expr) -> list[str]:
    """``["n", "1"]``."""
    return [str(d) for d in e.shape]


def _named(name: str, e: Expr) -> Expr:
    return node("symbol", (), (name,), e.shape)
