"""The certificate: an independent numerical derivative vouches for every answer."""

from __future__ import annotations

from typing import Protocol

from chainrule.calculus.answer import Answer, Certificate
from chainrule.calculus.canonical import provably_equal
from chainrule.calculus.naming import Where
from chainrule.errors import CertificateError
from chainrule.expr import Expr
from chainrule.tensor.factor import cost


class Checked(Protocol):
    """What the numerical path reports."""

    @property
    def verdict(self) -> str: ...
    @property
    def detail(self) -> str: ...


SHORT = 80  # tokens up to which the canonical form is computed for the certificate


def certify(
    f: Expr, xs: list[Expr], draft: Answer, where: Where, result: Expr, terms: Expr | None
) -> Certificate:
    """Check an answer; a mismatch is an error of ours and is never shown as an answer.

    ``terms`` is the sum of terms as the sweep found it: that the printed form has the same
    canonical form proves that factoring and naming changed nothing.

    Raises
    ------
    CertificateError
        If the numerical derivative disagrees.
    """
    from chainrule.numeric import check

    target, x = (draft.expr, xs[-1]) if draft.order == 2 else (f, xs[0])
    kind = _kind(target, x, draft)
    if draft.order == 2:
        accept(check(f, xs[0], target, "gradient"), f, xs[0])
    found = check(target, x, result, kind, where=where, structure=_structure(x, draft))
    accept(found, target, x)
    by = tuple(found.by)
    if terms is not None and cost(terms) <= SHORT and provably_equal(terms, draft.result):
        by = ("canonical form", *by)
    return Certificate(found.verdict, by, dict(found.sizes),
                       found.max_relative_error, found.detail)  # fmt: skip


def accept(found: Checked, target: Expr, x: Expr) -> None:
    if found.verdict == "different":
        raise CertificateError(
            f"internal error: the derivative found for {target!r} by {x.name} failed its numerical "
            f"check ({found.detail}) and is withheld; please report this input"
        )


def _kind(target: Expr, x: Expr, draft: Answer) -> str:
    layout = draft.layout
    if draft.form == "differential":
        return "differential"
    if draft.form == "vec":
        return "vec_T" if layout == "denominator" else "vec"
    turned = layout == "denominator" if not target.is_scalar else layout == "numerator"
    if draft.order == 2:
        turned = False
    if target.is_scalar:
        base = "gradient"
    elif x.is_scalar:
        base = "by_scalar"
    else:
        base = "jacobian"
    return base + "_T" if turned else base


def _structure(x: Expr, draft: Answer) -> str | None:
    from chainrule.calculus.structure import structure_of

    kind = structure_of(x)
    if kind is None or draft.symmetric in (None, "ignore"):
        return None
    return f"{kind}_{draft.symmetric}" if kind in ("symmetric", "skew") else kind
