"""A tree of text from the output down to the inputs; what is shared is written out once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainrule.graph.build import Graph, Node
from chainrule.graph.show import matrix_text
from chainrule.graph.spell import formula_text, name_text, partial_text

if TYPE_CHECKING:
    from chainrule.graph.passes import Run


def tree(g: Graph, run: Run | None = None) -> str:
    """One line for each use of a node; a shared node is expanded at its first use."""
    shared = {name for name, users in g.users.items() if len(users) > 1}
    seen: set[str] = set()
    lines: list[str] = []
    stack: list[tuple[str, str, str]] = [(g.output.name, "", "")]
    while stack:
        name, lead, indent = stack.pop()
        n = g.node(name)
        if name in seen:
            lines.append(f"{lead}{name_text(n)}" + (" ↑" if n.inputs else ""))
            continue
        if name in shared:
            seen.add(name)
        lines.append(lead + _line(g, n, run))
        for k, child in reversed(list(enumerate(n.inputs))):
            last = k == len(n.inputs) - 1
            stack.append((child, indent + ("└─ " if last else "├─ "),
                          indent + ("   " if last else "│  ")))  # fmt: skip
    if any(g.node(name).inputs for name in seen):
        lines.append("(↑ shared: written out above)")
    return "\n".join(lines)


def _line(g: Graph, n: Node, run: Run | None) -> str:
    formula = formula_text(n)
    kind = "" if formula else f"  {n.kind}"
    size = n.size_at(run.sizes if run is not None else {})
    text = f"{name_text(n)}{' = ' + formula if formula else ''}  {size}{kind}"
    if run is None:
        return text
    text += f"  = {matrix_text(run.values[n.name], run.digits)}"
    if run.gradients:
        gradient = matrix_text(run.gradients[n.name], run.digits)
        text += f"  {partial_text(g, n)} = {gradient}"
    return text


__all__ = ["tree"]
