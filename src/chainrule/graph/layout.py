"""Where the boxes of a drawing stand and how its edges run, by the layered engine of graphlay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import graphlay

OPTIONS = {
    "direction": "topbottom",
    "spacing": {"layer_gap": 46.0, "node_gap": 26.0, "dummy_gap": 16.0, "edge_label_margin": 6.0},
    "routing": {"style": "diagonal", "port_sides": "facing_only"},
}

Point = tuple[float, float]
Size = tuple[float, float]


@dataclass(frozen=True)
class Layout:
    """Centres of the boxes, the lines of the edges, and the size of the whole.

    Attributes
    ----------
    centres
        One for each box.
    routes
        For each edge, the points it runs through: from the lower side of a box to the upper side
        of another.
    labels
        For each edge, the centre of its label.
    """

    centres: list[Point]
    routes: list[list[Point]]
    labels: list[Point]
    width: float
    height: float


def layout(
    boxes: Sequence[Size], edges: Sequence[tuple[int, int]], labels: Sequence[Size]
) -> Layout:
    """Lay out boxes of the given widths and heights; edges lead from lower to higher numbers.

    ``labels`` are the sizes of what is written at the edges.
    """
    g = graphlay.Graph()
    for k, (wide, tall) in enumerate(boxes):
        g.node(k, width=wide, height=tall)
    for (a, b), (wide, tall) in zip(edges, labels, strict=True):
        g.edge(a, b, label_size={"width": wide, "height": tall})
    found = graphlay.layout(g, options=OPTIONS)
    low, high = found.bounds["min"], found.bounds["max"]
    centres = [_moved(n["center"], low) for n in found.nodes]
    routes = [[_moved(p, low) for p in e["points"]] for e in found.edges]
    anchors = [_moved(e["label_anchor"], low) if e["label_anchor"] else r[-1]
               for e, r in zip(found.edges, routes, strict=True)]  # fmt: skip
    return Layout(centres, routes, anchors, high["x"] - low["x"], high["y"] - low["y"])


def _moved(point: dict[str, float], low: dict[str, float]) -> Point:
    return point["x"] - low["x"], point["y"] - low["y"]


__all__ = ["Layout", "Point", "layout"]
