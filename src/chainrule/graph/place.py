"""Coordinates for a layered graph: boxes near their neighbours, and none over another.

Each layer in turn takes the places its neighbours ask for; where boxes would overlap, the nearest
places in least squares that keep their order and distance are found by pooling (isotonic
regression), so that boxes never overlap, by construction.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from chainrule.graph.layers import layered

GAP_X = 26.0
GAP_Y = 46.0
THIN = 8.0  # room for an edge that passes
ROUNDS = 24
NEAR = 8  # layers above and below over which the lean of a deep graph is taken

Point = tuple[float, float]


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
    arrivals
        For each edge, where it enters the layer of the box it leads to: a place for a label.
    """

    centres: list[Point]
    routes: list[list[Point]]
    arrivals: list[Point]
    width: float
    height: float


def place(boxes: list[tuple[float, float]], edges: list[tuple[int, int]]) -> Layout:
    """Lay out boxes of the given widths and heights; edges lead from lower to higher numbers."""
    g = layered(len(boxes), edges)
    count = len(g.up)
    wide = [boxes[k][0] if k < len(boxes) else THIN for k in range(count)]
    x = _across(g.rows, g.up, g.down, wide, len(boxes))
    left = min((x[k] - wide[k] / 2 for k in range(count)), default=0.0)
    x = [v - left for v in x]
    tops, tall = [], []
    y = 0.0
    for row in g.rows:
        h = max((boxes[k][1] for k in row if k < len(boxes)), default=0.0)
        tops.append(y)
        tall.append(h)
        y += h + GAP_Y
    layer = {k: d for d, row in enumerate(g.rows) for k in row}
    centres = [(x[k], tops[layer[k]] + tall[layer[k]] / 2) for k in range(len(boxes))]
    ports = _ports(edges, g.chains, x, boxes)
    arrivals = [
        (x[b] + shift, tops[layer[b]]) for (_, b), shift in zip(edges, ports, strict=True)
    ]
    routes = [
        _route(chain, x, layer, tops, tall, boxes, centres, arrival)
        for chain, arrival in zip(g.chains, arrivals, strict=True)
    ]
    width = max((x[k] + wide[k] / 2 for k in range(count)), default=0.0)
    return Layout(centres, routes, arrivals, width, max(y - GAP_Y, 0.0))


def _across(
    rows: list[list[int]],
    up: list[list[int]],
    down: list[list[int]],
    wide: list[float],
    real: int,
) -> list[float]:
    x = [0.0] * len(wide)
    for row in rows:
        at = 0.0
        for k in row:
            x[k] = at + wide[k] / 2
            at += wide[k] + GAP_X
        for k in row:
            x[k] -= (at - GAP_X) / 2
    for n in range(ROUNDS):
        last = n >= ROUNDS - 2
        order = rows[1:] if n % 2 == 0 else rows[-2::-1]
        for row in order:
            wanted, weight = [], []
            for k in row:
                near = (up[k] + down[k]) if last else (up[k] if n % 2 == 0 else down[k])
                near = near or up[k] or down[k]
                straight = k >= real
                wanted.append(sum(x[m] for m in near) / len(near) if near else x[k])
                weight.append(4.0 if straight else 1.0 * max(1, len(near)))
            for k, v in zip(row, spread(wanted, weight, [wide[k] for k in row]), strict=True):
                x[k] = v
    _upright(rows, x, wide)
    return x


def _upright(rows: list[list[int]], x: list[float], wide: list[float]) -> None:
    """A deep graph may lean to one side by a little on each layer: set it upright again.

    Whole layers are moved, by the average of their neighbours, so that no box meets another.
    """
    left = [min(x[k] - wide[k] / 2 for k in row) for row in rows]
    right = [max(x[k] + wide[k] / 2 for k in row) for row in rows]
    middle = [(a + b) / 2 for a, b in zip(left, right, strict=True)]
    near = [middle[max(0, d - NEAR) : d + NEAR + 1] for d in range(len(rows))]
    lean = [sum(m) / len(m) for m in near]
    if max(lean) - min(lean) <= max(b - a for a, b in zip(left, right, strict=True)):
        return
    for row, by in zip(rows, lean, strict=True):
        for k in row:
            x[k] -= by


def spread(wanted: list[float], weight: list[float], wide: list[float]) -> list[float]:
    """The nearest places that keep the order and leave a gap between neighbours."""
    offset = [0.0]
    for a, b in pairwise(wide):
        offset.append(offset[-1] + (a + b) / 2 + GAP_X)
    pools: list[tuple[float, float, int]] = []  # mean, weight, length
    for v, w, o in zip(wanted, weight, offset, strict=True):
        mean, total, size = v - o, w, 1
        while pools and pools[-1][0] > mean:
            m, t, s = pools.pop()
            mean = (mean * total + m * t) / (total + t)
            total, size = total + t, size + s
        pools.append((mean, total, size))
    flat = [mean for mean, _, size in pools for _ in range(size)]
    return [v + o for v, o in zip(flat, offset, strict=True)]


def _ports(
    edges: list[tuple[int, int]],
    chains: list[list[int]],
    x: list[float],
    boxes: list[tuple[float, float]],
) -> list[float]:
    """Arrivals at a box side by side, in the order in which they come."""
    arriving: dict[int, list[int]] = {}
    for n, (_, b) in enumerate(edges):
        arriving.setdefault(b, []).append(n)
    shift = [0.0] * len(edges)
    for b, ns in arriving.items():
        ns.sort(key=lambda n: x[chains[n][-2]])
        step = boxes[b][0] / len(ns)
        for k, n in enumerate(ns):
            shift[n] = (k + 0.5) * step - boxes[b][0] / 2
    return shift


def _route(
    chain: list[int],
    x: list[float],
    layer: dict[int, int],
    tops: list[float],
    tall: list[float],
    boxes: list[tuple[float, float]],
    centres: list[Point],
    arrival: Point,
) -> list[Point]:
    first, last = chain[0], chain[-1]
    cx, cy = centres[first]
    points = [(cx, cy + boxes[first][1] / 2)]
    d = layer[first]
    if points[0][1] < tops[d] + tall[d]:
        points.append((cx, tops[d] + tall[d]))
    for k in chain[1:-1]:
        d = layer[k]
        points += [(x[k], tops[d]), (x[k], tops[d] + tall[d])]
    end = centres[last][1] - boxes[last][1] / 2
    points.append(arrival)
    if end > arrival[1]:
        points.append((arrival[0], end))
    return points


__all__ = ["Layout", "Point", "place", "spread"]
