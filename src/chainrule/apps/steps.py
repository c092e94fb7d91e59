"""Derivations at the doors: ``derive --steps METHOD|all``, and the ``steps`` of a batch request."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chainrule.errors import UnsupportedError, UsageError

if TYPE_CHECKING:
    from chainrule.calculus import Answer
    from chainrule.derivation import Derivation

Found = dict[str, "Derivation | str"]


def steps_request(
    text: str,
    wrt: str,
    declarations: Sequence[str],
    method: str,
    *,
    order: int = 1,
    layout: str = "gradient",
    symmetric: str = "project",
    latex: bool = False,
) -> Found:
    """By method: the derivation, or (with ``all``) the reason why there is none.

    Raises
    ------
    ChainruleError
        For anything that cannot be read or derived by the method asked for.
    """
    from chainrule.derivation import METHODS, derivation, derivations
    from chainrule.read import read_any

    if method not in (*METHODS, "all"):
        raise UsageError(f"unknown method {method!r}: use one of {', '.join(METHODS)}, all")
    if order != 1:
        raise UnsupportedError(
            "steps are written for first derivatives: leave out --order 2, or derive the gradient "
            "once more"
        )
    if layout == "all":
        raise UsageError("steps end in one layout: choose it with --layout")
    names = [n.strip() for n in wrt.split(",") if n.strip()]
    if len(names) != 1:
        raise UsageError("steps lead to the derivative by one variable")
    reading = read_any(text, tuple(declarations), hints=names, latex=latex)
    if method == "all":
        return derivations(reading, names[0], layout=layout, symmetric=symmetric)
    return {method: derivation(reading, names[0], method, layout=layout, symmetric=symmetric)}


def render_steps(
    answer: Answer, found: Found, form: str, language: str = "en", sizes: bool = False
) -> str:
    """The answer with its derivations as ``text``, ``latex``, ``markdown`` or ``json``."""
    from chainrule.apps.render import render as render_answer
    from chainrule.derivation import Derivation, render

    if form == "json":
        return json.dumps(steps_json(answer, found, language), ensure_ascii=False)
    out = [] if form == "latex" else [render_answer(answer, form)]
    for method, d in found.items():
        if isinstance(d, Derivation):
            head = f"% {method}\n" if form == "latex" else ""
            out.append(head + render(d, form, language, sizes))
        else:
            sign = "% " if form == "latex" else ""
            out.append(f"{sign}{method}: does not apply: {d}")
    return "\n\n".join(out)


def steps_json(answer: Answer, found: Found, language: str = "en") -> dict[str, Any]:
    """The JSON of ``derive`` with its steps; of several methods, keyed by method."""
    from chainrule.derivation import Derivation, steps_json

    out = answer.to_json()
    written = {m: steps_json(d, language) for m, d in found.items() if isinstance(d, Derivation)}
    refused = {m: d for m, d in found.items() if isinstance(d, str)}
    if len(found) == 1:
        out["steps"] = next(iter(written.values()))
    else:
        out["steps"], out["steps_refused"] = written, refused
    names = {item["name"] for item in out["where"]}
    parts = {}
    for d in found.values():
        if isinstance(d, Derivation):
            parts.update({n: e for n, e in d.definitions.items() if n not in names})
    out["steps_where"] = _parts_json(parts)
    return out


def _parts_json(parts: dict[str, Any]) -> list[dict[str, str]]:
    from chainrule.write import latex, plain

    return [{"name": n, "plain": plain(e), "latex": latex(e)} for n, e in parts.items()]


def first_answer(found: Found) -> Answer | None:
    """The certified answer that the derivations lead to."""
    return next((d.answer for d in found.values() if not isinstance(d, str)), None)


__all__ = ["first_answer", "render_steps", "steps_json", "steps_request"]
