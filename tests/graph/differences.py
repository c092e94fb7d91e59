"""Gradients by every node from central differences of the graph's own formulas, in floats."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chainrule.graph import Graph
from chainrule.numeric import evaluate

Values = dict[str, np.ndarray]


def forward(
    g: Graph, leaves: Mapping[str, np.ndarray], sizes: Mapping[str, int],
    moved: str = "", by: np.ndarray | float = 0.0,
) -> Values:  # fmt: skip
    """Values of all nodes; that of the node ``moved`` is changed by ``by``."""
    values: Values = {}
    for n in g.nodes:
        if n.op == "symbol":
            values[n.name] = np.atleast_2d(np.asarray(leaves[n.name], dtype=float))
        else:
            values[n.name] = evaluate(n.formula, values, sizes)
        if n.name == moved:
            values[n.name] = values[n.name] + by
    return values


def gradient(
    g: Graph, leaves: Mapping[str, np.ndarray], sizes: Mapping[str, int], name: str,
    step: float = 1e-3,
) -> np.ndarray:  # fmt: skip
    """∂output/∂node, entry by entry, twice extrapolated."""
    shape = forward(g, leaves, sizes)[name].shape
    out = np.zeros(shape)
    for at in np.ndindex(shape):
        unit = np.zeros(shape)
        unit[at] = 1.0

        def slope(h: float, unit: np.ndarray = unit) -> float:
            up = forward(g, leaves, sizes, name, h * unit)[g.output.name]
            down = forward(g, leaves, sizes, name, -h * unit)[g.output.name]
            return float((up - down)[0, 0]) / (2 * h)

        a, b, c = slope(step), slope(step / 2), slope(step / 4)
        first, second = (4 * b - a) / 3, (4 * c - b) / 3
        out[at] = (16 * second - first) / 15
    return out
