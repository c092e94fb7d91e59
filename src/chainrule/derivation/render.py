"""Derivations for readers: terminal text, LaTeX, Markdown, HTML and JSON, in four languages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from chainrule.derivation.catalogue import RIGHT_TO_LEFT, known, message
from chainrule.derivation.data import Derivation, Line, Step
from chainrule.derivation.labels import head, left_side
from chainrule.derivation.layout import broken
from chainrule.derivation.rules import RULES
from chainrule.derivation.sentences import (
    CANONICAL,
    GIVEN,
    MERGES,
    NUMERICAL,
    Pieces,
    filled,
    joined,
    sentence,
    title,
    written,
)
from chainrule.errors import UsageError
from chainrule.expr import symbol, symbols
from chainrule.write import latex, plain, unicode

FORMS = ("text", "latex", "markdown", "html", "json")
GROUPED = frozenset({"introduce", "define", "forward", "entries_define", "jacobian_of"})
ISOLATE, RELEASE = "\u2066", "\u2069"  # left-to-right isolate, pop
INDENT = " " * 7


def render(d: Derivation, form: str = "text", language: str = "en", sizes: bool = False) -> str:
    """A derivation as a person reads it.

    Parameters
    ----------
    form
        ``text`` (Unicode), ``latex`` (``aligned``), ``markdown``, ``html`` (a fragment) or
        ``json``.
    language
        ``en``, ``fa``, ``ru`` or ``zh``.
    sizes
        Show the size of every line.

    Raises
    ------
    UsageError
        For an unknown form or language.
    """
    if form not in FORMS:
        raise UsageError(f"unknown form {form!r}: use one of {', '.join(FORMS)}")
    language = known(language)
    if form == "json":
        return json.dumps(to_json(d, language), ensure_ascii=False, indent=1)
    write = {"text": _text, "latex": _latex, "markdown": _markdown, "html": _html}[form]
    return write(d, language, sizes)


def blocks(d: Derivation) -> Iterator[tuple[int, list[Step]]]:
    """Steps with the number of the first; neighbours that name values belong together."""
    run: list[Step] = []
    for n, step in enumerate(d.steps, 1):
        if run and step.rule.name == run[0].rule.name and step.rule.name in GROUPED:
            run.append(step)
            continue
        if run:
            yield n - len(run), run
        run = [step]
    if run:
        yield len(d.steps) - len(run) + 1, run


# -- text ---------------------------------------------------------------------------------------
def _prose(pieces: Pieces, language: str) -> str:
    def math(text: str) -> str:
        return f"{ISOLATE}{text}{RELEASE}" if language in RIGHT_TO_LEFT else text

    return joined(pieces, math, str)


def _number(first: int, run: list[Step]) -> str:
    return f"{first}." if len(run) == 1 else f"{first}–{first + len(run) - 1}."


def _text(d: Derivation, language: str, sizes: bool) -> str:
    out = [_prose(title(d, language, False), language)]
    if sizes:
        out.append(INDENT + _declared(d))
    previous: Line | None = None
    for first, run in blocks(d):
        words = _prose(sentence(run[0], language, False), language)
        out.append(f"{_number(first, run):>5} {words}")
        for step in run:
            out += [INDENT + line for line in _lines(step, previous, sizes)]
            previous = step.after
    return "\n".join(line.rstrip() for line in out)


def _lines(step: Step, previous: Line | None, sizes: bool) -> list[str]:
    left = head(step.after.label)
    if previous is not None and step.before is not None and previous.label == step.after.label:
        left = " " * len(left)
    rows = [f"{left} = {part}" if n == 0 else " " * (len(left) + 5) + part
            for n, part in enumerate(broken(step.after.body, "unicode"))]  # fmt: skip
    if step.rule.name == "introduce" and step.before is not None:
        start = f"{head(step.before.label)} = {written(step.before.body, 'unicode')}   ⇒   "
        rows = [start + rows[0], *(" " * len(start) + r for r in rows[1:])]
    if step.rule.name == "entries_define" and step.before is not None:
        start = f"{head(step.before.label)} = {written(step.before.body, 'unicode')}:   "
        rows = [start + rows[0], *rows[1:]] if step.sizes else rows
    if sizes:
        rows[-1] += f"   [{'×'.join(step.sizes) or '1'}]"
    return rows


def _declared(d: Derivation) -> str:
    return ", ".join(
        f"{unicode(symbol(n))}: {v.shape[0]}×{v.shape[1]}" for n, v in symbols(d.expr).items()
    )


# -- LaTeX ---------------------------------------------------------------------------------------
def _tex_lines(step: Step, previous: Line | None, sizes: bool) -> list[str]:
    left = head(step.after.label, True)
    same = previous is not None and step.before is not None
    if same and previous is not None and previous.label == step.after.label:
        left = ""
    parts = broken(step.after.body, "latex")
    rows = [f"{left} &= {parts[0]}", *(rf"&\quad {p}" for p in parts[1:])]
    if step.rule.name == "introduce" and step.before is not None:
        start = f"{head(step.before.label, True)} &= {written(step.before.body, 'latex')}"
        rows[0] = rf"{start} \;\Rightarrow\; {head(step.after.label, True)} = {parts[0]}"
    if step.rule.name == "entries_define" and step.before is not None:
        rows[0] = (f"{head(step.before.label, True)} &= {written(step.before.body, 'latex')}, "
                   rf"\quad {left} = {parts[0]}")  # fmt: skip
    if sizes:
        size = r" \times ".join(step.sizes) or "1"
        rows[-1] += rf" \quad [{size}]"
    return rows


def _latex(d: Derivation, language: str, sizes: bool) -> str:
    rows: list[str] = []
    previous: Line | None = None
    for first, run in blocks(d):
        words = joined(sentence(run[0], language, True), lambda t: f"${t}$", _tex_text)
        rows.append(rf"&\text{{{_number(first, run)} {words}}}")
        for step in run:
            rows += _tex_lines(step, previous, sizes)
            previous = step.after
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def _tex_text(text: str) -> str:
    for sign in "%&#_":
        text = text.replace(sign, "\\" + sign)
    return text.replace("–", "--")


# -- Markdown and HTML -----------------------------------------------------------------------------
def _aligned(run: list[Step], sizes: bool) -> str:
    rows = [row for step in run for row in _tex_lines(step, None, sizes)]
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def _markdown(d: Derivation, language: str, sizes: bool) -> str:
    def math(text: str) -> str:
        return f'<span dir="ltr">${text}$</span>' if language in RIGHT_TO_LEFT else f"${text}$"

    out = [joined(title(d, language, True), math, str)]
    for first, run in blocks(d):
        words = joined(sentence(run[0], language, True), math, str)
        number = _number(first, run).replace(".", r"\.")
        out.append(f"{number} {words}\n\n$$\n{_aligned(run, sizes)}\n$$")
    text = "\n\n".join(out)
    if language not in RIGHT_TO_LEFT:
        return text
    return f'<div dir="rtl" lang="{language}">\n\n{text}\n\n</div>'


def _html(d: Derivation, language: str, sizes: bool) -> str:
    def math(text: str) -> str:
        return rf'<span class="math" dir="ltr">\({escape(text, False)}\)</span>'

    side = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    out = [f'<section class="derivation" lang="{language}" dir="{side}">',
           f"<p>{joined(title(d, language, True), math, escape)}</p>", "<ol>"]  # fmt: skip
    for first, run in blocks(d):
        words = joined(sentence(run[0], language, True), math, escape)
        shown = escape(_aligned(run, sizes), False)
        out.append(f'<li value="{first}"><p>{words}</p>'
                   f'<div class="math" dir="ltr">\\[{shown}\\]</div></li>')  # fmt: skip
    return "\n".join([*out, "</ol>", "</section>"])


# -- JSON and reasons ---------------------------------------------------------------------
def to_json(d: Derivation, language: str = "en") -> dict[str, Any]:
    """The whole derivation as data."""
    return {
        "method": d.method,
        "goal": head(d.goal),
        "function": {"name": d.name, "plain": plain(d.expr), "latex": latex(d.expr)},
        "wrt": d.variable.name,
        "steps": steps_json(d, language),
        "where": [{"name": n, "plain": plain(e), "latex": latex(e)}
                  for n, e in d.definitions.items()],
        "result": {"plain": plain(d.result), "unicode": unicode(d.result),
                   "latex": latex(d.result)},
        "certified": d.certified,
    }  # fmt: skip


def steps_json(d: Derivation, language: str = "en") -> list[dict[str, Any]]:
    """The steps alone, as ``derive --format json`` lists them."""
    return [_step_json(d, s, language) for s in d.steps]


def _step_json(d: Derivation, step: Step, language: str) -> dict[str, Any]:
    before = written(step.before.body, "plain") if step.before else left_side(step.after.label)
    return {
        "before": before,
        "after": written(step.after.body, "plain"),
        "rule": step.rule.title,
        "certified": step.certified,
        "method": d.method,
        "by": list(step.by),
        "left": {"before": head(step.before.label) if step.before else None,
                 "after": head(step.after.label)},
        "latex": f"{head(step.after.label, True)} = {written(step.after.body, 'latex')}",
        "sentence": _prose(sentence(step, language, False), language),
        "sizes": list(step.sizes),
    }  # fmt: skip


def explain(d: Derivation, number: int, language: str = "en") -> str:
    """Why a step holds: its rule, the local rules that it merges, what certifies it."""
    language = known(language)
    step = d.steps[number - 1]
    out = [f"{number}. {_prose(sentence(step, language, False), language)}"]
    if step.before is not None:
        out.append(f"{INDENT}{head(step.before.label)} = {written(step.before.body, 'unicode')}")
    out.append(f"{INDENT}{head(step.after.label)} = {written(step.after.body, 'unicode')}")
    if step.parts:
        out.append(message(MERGES, language))
        for part in step.parts:
            rule = RULES[part.rule]
            words = filled(rule.sentence, language, {**step.where, "function": part.before}, rule,
                           False)  # fmt: skip
            out.append(f"{INDENT}d({unicode(part.before)}) = {unicode(part.after)}")
            out.append(f"{INDENT}   {_prose(words, language)}")
    for kind in step.by:
        said = {"canonical form": CANONICAL, "numerical": NUMERICAL}.get(kind, GIVEN)
        out.append(message(said, language))
    return "\n".join(out)


__all__ = ["FORMS", "blocks", "explain", "render", "steps_json", "to_json"]
