"""The run as a table: node, formula, value, local rule, gradient."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from chainrule.graph.build import Graph
from chainrule.graph.show import matrix_lines, pad, width
from chainrule.graph.spell import TIES, UNVEC, formula_text, name_text, partial_text, rule_text

if TYPE_CHECKING:
    from chainrule.graph.passes import Run

WRAP = 34  # columns of a formula or rule before it is broken


def table(run: Run, digits: int | None = None) -> str:
    """A table for terminals and text files; below it what was kept, and the kinks met."""
    g = run.graph
    backward = bool(run.gradients)
    head = ["node", "formula", "value"]
    if backward:
        head += ["local rule", "gradient"]
    body: list[list[list[str]]] = []
    for n in g.nodes:
        formula = formula_text(n) or n.kind
        row = [[name_text(n), n.size_at(run.sizes)], _broken(formula),
               matrix_lines(run.values[n.name], digits)]  # fmt: skip
        if backward:
            text = f"{partial_text(g, n)} = {rule_text(g, run.rules[n.name])}"
            row += [_broken(text), matrix_lines(run.gradients[n.name], digits)]
        body.append(row)
    lines = grid(head, body)
    notes = _notes(run, "\n".join(lines))
    return "\n".join([*lines, *notes])


def _notes(run: Run, text: str) -> list[str]:
    g: Graph = run.graph
    notes = []
    if run.stored:
        kept = ", ".join(name_text(g.node(name)) for name in run.stored)
        notes.append(f"kept for the backward pass: {kept}")
    if " > " in text and any(n.op in ("max", "min") for n in g.nodes):
        notes.append(TIES)
    if "unvec(" in text:
        notes.append(UNVEC)
    notes += [f"kink: {k.text()}" for k in run.kinks]
    return notes


def _broken(text: str) -> list[str]:
    found = textwrap.wrap(text, WRAP, break_long_words=False, break_on_hyphens=False)
    return found or [""]


def grid(head: list[str], body: list[list[list[str]]]) -> list[str]:
    """Cells of several lines in columns of equal width."""
    widths = [
        max([width(title), *(width(line) for row in body for line in row[k])])
        for k, title in enumerate(head)
    ]
    rule = [f"{'─' * (w + 2)}" for w in widths]
    lines = [f"┌{'┬'.join(rule)}┐", _line(head, widths), f"├{'┼'.join(rule)}┤"]
    for k, row in enumerate(body):
        tall = max(len(cell) for cell in row)
        if k and (tall > 1 or max(len(cell) for cell in body[k - 1]) > 1):
            lines.append(f"├{'┼'.join(rule)}┤")
        for i in range(tall):
            lines.append(_line([cell[i] if i < len(cell) else "" for cell in row], widths))
    return [*lines, f"└{'┴'.join(rule)}┘"]


def _line(texts: list[str], widths: list[int]) -> str:
    cells = (pad(t, w) for t, w in zip(texts, widths, strict=True))
    return "│ " + " │ ".join(cells) + " │"


__all__ = ["grid", "table"]
