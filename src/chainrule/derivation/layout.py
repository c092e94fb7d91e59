"""Long lines broken between the terms of a sum."""

from __future__ import annotations

from chainrule.derivation.data import Body
from chainrule.derivation.sentences import written
from chainrule.expr import Expr
from chainrule.ops import add

WIDTH = {"unicode": 92, "latex": 220}


def broken(body: Body, form: str) -> list[str]:
    """The written form in lines; every line but the first starts with its sign."""
    text = written(body, form)
    limit = WIDTH[form]
    if len(text) <= limit or not isinstance(body, Expr) or body.op != "add":
        return [text]
    lines: list[str] = []
    terms: list[Expr] = []
    for t in body.args:
        if terms and len(written(add(*terms, t), form)) > limit:
            lines.append(_signed(terms, form, first=not lines))
            terms = []
        terms.append(t)
    lines.append(_signed(terms, form, first=not lines))
    return lines


def _signed(terms: list[Expr], form: str, first: bool) -> str:
    text = written(add(*terms), form)
    if first:
        return text
    minus = "−" if form == "unicode" else "-"
    return f"{minus} {text[1:]}" if text.startswith(minus) else f"+ {text}"
