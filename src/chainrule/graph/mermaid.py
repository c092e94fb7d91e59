"""The graph for Mermaid, which Markdown pages draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainrule.graph.build import Graph
from chainrule.graph.dot import labels
from chainrule.graph.spell import gradient_texts

if TYPE_CHECKING:
    from chainrule.graph.passes import Run

CLASSES = {
    "input": "fill:#dbeafe,stroke:#2563eb,color:#0f172a",
    "parameter": "fill:#fef3c7,stroke:#d97706,color:#0f172a",
    "operation": "fill:#ffffff,stroke:#64748b,color:#0f172a",
    "output": "fill:#dcfce7,stroke:#16a34a,color:#0f172a",
}
SAFE = frozenset(" .,=+−⊙⊘⊗ᵀ⁻₁₂₃₄₅₆₇₈₉₀∂/_×()∘²³…⋮")  # besides letters and digits


def mermaid(g: Graph, run: Run | None = None, backward: bool = False) -> str:
    """A flowchart from top to bottom; ``backward`` as for :func:`chainrule.graph.dot.dot`."""
    rules = gradient_texts(g) if backward and run is None else {}
    lines = ["flowchart TD"]
    for n in g.nodes:
        text = "<br/>".join(_escaped(line) for line in labels(g, n.name, run, rules))
        lines.append(f'  {n.id}("{text}"):::{n.kind}')
    sizes = run.sizes if run is not None else {}
    for n in g.nodes:
        for name in n.inputs:
            source = g.node(name)
            lines.append(f'  {source.id} -- "{_escaped(source.size_at(sizes))}" --> {n.id}')
    lines += [f"  classDef {kind} {style}" for kind, style in CLASSES.items()]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    """Mermaid's own entities for whatever could be taken for syntax or HTML."""
    return "".join(c if c.isalnum() or c in SAFE else f"#{ord(c)};" for c in text)


__all__ = ["mermaid"]
