"""The graph for Graphviz."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from chainrule.graph.build import Graph
from chainrule.graph.spell import formula_text, gradient_texts, name_text, partial_text

if TYPE_CHECKING:
    from chainrule.graph.passes import Run

STYLES = {
    "input": 'fillcolor="#dbeafe", color="#2563eb"',
    "parameter": 'fillcolor="#fef3c7", color="#d97706"',
    "operation": 'fillcolor="#ffffff", color="#64748b"',
    "output": 'fillcolor="#dcfce7", color="#16a34a"',
}


def dot(g: Graph, run: Run | None = None, backward: bool = False) -> str:
    """Boxes with formulas, edges with sizes; with a run, values and gradients too.

    ``backward`` writes the symbolic gradients into a drawing without numbers.
    """
    rules = gradient_texts(g) if backward and run is None else {}
    lines = [
        "digraph computation {",
        "  rankdir=TB;",
        '  node [shape=box, style="rounded,filled", fontname="Helvetica"];',
        '  edge [fontname="Helvetica", fontsize=10];',
    ]
    for n in g.nodes:
        text = "\n".join(labels(g, n.name, run, rules))
        lines.append(f"  {n.id} [label={_quoted(text)}, {STYLES[n.kind]}];")
    sizes = run.sizes if run is not None else {}
    for n in g.nodes:
        for name in n.inputs:
            source = g.node(name)
            lines.append(f"  {source.id} -> {n.id} [label={_quoted(source.size_at(sizes))}];")
    return "\n".join([*lines, "}"]) + "\n"


def labels(g: Graph, name: str, run: Run | None, rules: Mapping[str, str]) -> list[str]:
    """The lines of text in the box of a node."""
    from chainrule.graph.show import matrix_text

    n = g.node(name)
    formula = formula_text(n)
    size = n.size_at(run.sizes if run is not None else {})
    lines = [f"{name_text(n)} = {formula}" if formula else f"{name_text(n)}  ({size})"]
    if name in rules:
        lines.append(rules[name])
    if run is not None:
        lines.append(matrix_text(run.values[name], run.digits))
        if run.gradients:
            gradient = matrix_text(run.gradients[name], run.digits)
            lines.append(f"{partial_text(g, n)} = {gradient}")
        lines += [f"⚠ {k.op}: {k.convention}" for k in run.kinks if k.node == name]
    return lines


def _quoted(text: str) -> str:
    inside = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{inside}"'


__all__ = ["dot", "labels"]
