"""The sentence of a step in a reader's language, mathematics kept apart from prose."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from chainrule.derivation.catalogue import message
from chainrule.derivation.data import Body, Derivation, Label, Part, Rule, Step
from chainrule.derivation.labels import head, prettier
from chainrule.derivation.rules import RULES
from chainrule.expr import Expr, node, postorder, substitute
from chainrule.write import latex, plain, unicode

Pieces = list[tuple[bool, str]]  # (is mathematics?, text)
Values = Mapping[str, Body | Label]
MARKS = "ⓐⓑⓒⓓⓔⓕⓖⓗ"  # stand-ins that no name uses
GENERAL = frozenset({"linear", "d_transpose"})  # not worth a word beside another rule
MOST = 3  # rules named in one sentence

TITLES = {
    "differential": "Derivative of {function} by {name}, by differentials.",
    "index": "Derivative of {function} by {name}, in index notation.",
    "kronecker": "Derivative of {function} by {name}, by vec and Kronecker products.",
    "backprop": "Derivative of {function} by {name}, by backpropagation.",
}
CANONICAL = "Both lines have the same canonical form."
NUMERICAL = "Checked with numbers, at sizes that are all distinct."
GIVEN = "Holds by definition."
MERGES = "This step uses:"


def written(body: Body, form: str) -> str:
    """Mathematics as ``unicode``, ``latex`` or ``plain``."""
    if not isinstance(body, Expr):
        return prettier(body.write(form), form)
    if form == "plain":
        return plain(body)
    return prettier(with_indicators(body, latex if form == "latex" else unicode), form)


def with_indicators(body: Expr, write: Callable[[Expr], str]) -> str:
    """The derivative of relu as documents print it: ``[z > 0]`` for ``step(z)``."""
    table: dict[Expr, Expr] = {}
    shown: dict[str, str] = {}
    for e in postorder(body):
        if e.op == "step" and len(shown) < len(MARKS):
            mark = MARKS[len(shown)]
            shown[mark] = f"[{write(e.args[0])} > 0]"
            table[e] = node("symbol", (), (mark,), e.shape)
    text = write(substitute(body, table)) if table else write(body)
    for mark, indicator in shown.items():
        text = text.replace(mark, indicator)
    return text


def filled(text: str, language: str, values: Values, rule: Rule | None, tex: bool) -> Pieces:
    """A message with its placeholders filled."""
    out: Pieces = []
    for piece in re.split(r"(\{\w+\})", message(text, language)):
        key = piece[1:-1] if piece.startswith("{") else ""
        if key == "formula" and rule is not None:
            out.append((True, rule.formula_latex if tex else rule.formula))
        elif key in values:
            value = values[key]
            shown = head(value, tex) if isinstance(value, Label) else written(
                value, "latex" if tex else "unicode")  # fmt: skip
            out.append((True, shown))
        elif piece:
            out.append((False, piece))
    return out


def sentence(step: Step, language: str, tex: bool) -> Pieces:
    """What is done in a step; of a step that merges several rules, the most telling ones."""
    rules = _telling(step.parts)
    if step.rule.name not in RULES or not rules or step.rule.name == "introduce":
        return filled(step.rule.sentence, language, step.where, step.rule, tex)
    out: Pieces = []
    for part in rules:
        rule = RULES[part.rule]
        values = {**step.where, "function": part.before}
        out += [(False, " ")] if out else []
        out += filled(rule.sentence, language, values, rule, tex)
    return out


def _telling(parts: tuple[Part, ...]) -> list[Part]:
    """Distinct rules, outermost first."""
    found: dict[str, Part] = {}
    for part in reversed(parts):
        key = part.rule if part.rule != "d_function" else f"d_function {part.before.op}"
        found.setdefault(key, part)
    special = [p for p in found.values() if p.rule not in GENERAL]
    return (special or list(found.values()))[:MOST]


def title(d: Derivation, language: str, tex: bool) -> Pieces:
    """What is derived, and how."""
    function = Label("name", (d.name,)) if d.named else d.expr
    values: Values = {"function": function, "name": Label("name", (d.variable.name,))}
    return filled(TITLES[d.method], language, values, None, tex)


def joined(pieces: Pieces, math: Callable[[str], str], prose: Callable[[str], str]) -> str:
    """Pieces put together, mathematics and prose each in their own way."""
    return "".join(math(t) if is_math else prose(t) for is_math, t in pieces)
