"""Answers as a person reads them: terminal text, LaTeX, Markdown, JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chainrule.write import latex, plain, unicode

if TYPE_CHECKING:
    from chainrule.calculus import Answer
    from chainrule.expr import Expr

LAYOUT_NAMES = {
    "gradient": "gradient layout", "numerator": "numerator layout",
    "denominator": "denominator layout", "vec": "∂vec F / ∂(vec X)ᵀ",
    "differential": "differential",
}  # fmt: skip
CONVENTIONS = {
    "project": "within matrices of its structure (project)",
    "entries": "each free entry once (entries)",
    "ignore": "all entries taken as independent (ignore)",
}


def render(answer: Answer | dict[str, Answer], form: str) -> str:
    """The answer as ``text``, ``latex``, ``markdown`` or ``json``."""
    if form == "json":
        return json.dumps(to_json(answer), ensure_ascii=False)
    if isinstance(answer, dict):
        first = next(iter(answer.values()))
        lines = [heading(first)] if form == "text" else []
        for name, one in answer.items():
            lines += ["", f"{LAYOUT_NAMES[name]}:"] if form != "latex" else [f"% {name}"]
            lines.append(_body(one, form))
        if form == "text":
            lines += ["", *_notes(first)]
        return "\n".join(lines).strip("\n")
    if form == "text":
        return "\n".join([heading(answer), "", _body(answer, form), "", *_notes(answer)]).rstrip()
    return _body(answer, form)


def to_json(answer: Answer | dict[str, Answer]) -> dict[str, Any]:
    """The JSON contract; with all layouts ``derivative`` is keyed by layout."""
    if not isinstance(answer, dict):
        return answer.to_json()
    out = answer["gradient"].to_json()
    out["layout"] = "all"
    out["derivative"] = {name: one.derivative_json() for name, one in answer.items()}
    seen: dict[str, dict[str, str]] = {}
    for one in answer.values():
        for item in one.to_json()["where"]:
            seen.setdefault(item["name"], item)
    out["where"] = list(seen.values())
    return out


def heading(answer: Answer) -> str:
    """The input as it was read, with sizes; a sum also in matrix form."""
    rows, cols = answer.expr.shape
    sizes = ", ".join(_sized(name, v) for name, v in answer.variables.items())
    shape = "scalar" if answer.expr.is_scalar else f"{rows}×{cols}"
    whole = _matrix_form(answer.expr)
    lines = [f"f = {unicode(answer.expr)}   [{shape}]" + (f"   with {sizes}" if sizes else "")]
    if whole is not None:
        rows_of = sorted(n for n, v in answer.variables.items() if "family" in v.traits)
        said = f"   (the rows of {', '.join(rows_of)} are the members)" if rows_of else ""
        lines.append(f"  = {unicode(whole)}{said}")
    return "\n".join(lines)


def _matrix_form(e: Expr) -> Expr | None:
    """A sum over an index in matrix form; None if it has none, or there is no sum."""
    from chainrule.calculus import dissolve
    from chainrule.expr import BINDERS, postorder

    if not any(n.op in BINDERS for n in postorder(e)):
        return None
    found = dissolve(e)
    return None if any(n.op in BINDERS for n in postorder(found)) else found


def _sized(name: str, v: Any) -> str:
    from chainrule.expr import symbol

    shown = unicode(symbol(name))
    rows, cols = v.shape
    shape = "scalar" if v.is_scalar else f"{rows}" if cols.value == 1 else f"{rows}×{cols}"
    traits = "".join(f" {t.replace('_', ' ')}" for t in sorted(v.traits))
    return f"{shown}: {shape}{traits}"


def _head(answer: Answer, write: Any) -> str:
    from chainrule.expr import symbol

    names = [write(answer.variables.get(n, symbol(n))) for n in answer.wrt]
    tex = write is latex
    if answer.layout == "differential":
        return r"\mathrm{d}f" if tex else "df"
    d = r"\partial" if tex else "∂"
    under = " ".join(f"{d} {n}" if tex else f"{d}{n}" for n in names)
    if answer.order == 2:
        top = r"\partial^2 f" if tex else "∂²f"
        under = (f"{d} {names[0]}^2" if tex else f"{d}{names[0]}²") if len(names) == 1 else under
    else:
        top = rf"{d} f" if tex else "∂f"
    return rf"\frac{{{top}}}{{{under}}}" if tex else f"{top}/{under}"


def _body(answer: Answer, form: str) -> str:
    from chainrule.expr import symbol

    if form == "text":
        rows, cols = answer.result.shape
        lines = [f"  {_head(answer, unicode)} = {unicode(answer.result)}   [{rows}×{cols}]"]
        lines += [f"      where {unicode(symbol(n))} = {unicode(e)}" for n, e in answer.where]
        if answer.form == "vec" and "linear_map" in answer.other_forms:
            lines.append(f"  as a linear map: {answer.other_forms['linear_map']}")
        if "index" in answer.other_forms:
            lines.append(f"  in indices:      {answer.other_forms['index']}")
        for key, said in (("sum", "as a sum:       "), ("member", "by member:      "),
                          ("entry", "by entry:       ")):  # fmt: skip
            if key in answer.other_forms:
                lines.append(f"  {said} {answer.other_forms[key]}")
        lines.append(f"  plain: {plain(answer.result)}")
        return "\n".join(lines)
    body = f"{_head(answer, latex)} = {latex(answer.result)}"
    where = [f"{latex(symbol(n, *e.shape))} = {latex(e)}" for n, e in answer.where]
    if form == "latex":
        return body + "".join(rf",\quad {w}" for w in where)
    lines = [f"$$\n{body}\n$$"]
    if where:
        lines.append("where " + ", ".join(f"${w}$" for w in where))
    return "\n\n".join(lines)


def _notes(answer: Answer) -> list[str]:
    lines = []
    layout = LAYOUT_NAMES[answer.layout]
    if answer.form == "vec" and answer.layout != "vec":
        layout += "; stacked: ∂vec F / ∂(vec X)ᵀ"
    lines.append(f"  layout: {layout}")
    if answer.symmetric:
        lines.append(f"  structure of {', '.join(answer.wrt)}: {CONVENTIONS[answer.symmetric]}")
    if answer.conditions:
        lines.append(f"  holds where: {'; '.join(answer.conditions)}")
    lines += [f"  kink: {k}" for k in answer.kinks]
    c = answer.certificate
    if c.verdict == "equal":
        sizes = ", ".join(f"{n}={v}" for n, v in c.sizes.items())
        at = f" at {sizes}" if sizes else ""
        lines.append(f"  certified: agrees with central differences{at}"
                     f" to {c.max_relative_error or 0.0:.0e}")  # fmt: skip
    else:
        lines.append(f"  not certified: {c.detail or 'no numerical check was possible'}")
    return lines
