"""Layered layout (Sugiyama): which layer, and in which order, every box stands.

Longest paths give the layers, barycentres and swaps of neighbours the order. Edges over several
layers run through dummies, one on each layer in between, so that they never cross a box.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from dataclasses import dataclass
from itertools import pairwise

SWEEPS = 16
MAX_SWAPS = 4000  # boxes on all layers above which neighbours are not tried in the other order


@dataclass
class Layers:
    """Boxes are 0 … n-1, dummies come after them.

    Attributes
    ----------
    rows
        For each layer its boxes and dummies from left to right.
    chains
        For each edge the boxes and dummies that it runs through.
    up, down
        Neighbours on the layer above and below.
    """

    rows: list[list[int]]
    chains: list[list[int]]
    up: list[list[int]]
    down: list[list[int]]


def layered(count: int, edges: list[tuple[int, int]]) -> Layers:
    """Layers of a graph whose boxes are numbered so that edges lead to higher numbers."""
    depth = _depths(count, edges)
    rows: list[list[int]] = [[] for _ in range(max(depth, default=0) + 1)]
    for k, d in enumerate(depth):
        rows[d].append(k)
    up: list[list[int]] = [[] for _ in range(count)]
    down: list[list[int]] = [[] for _ in range(count)]
    chains = []
    for a, b in edges:
        chain = [a]
        for d in range(depth[a] + 1, depth[b]):
            dummy = len(up)
            up.append([])
            down.append([])
            rows[d].append(dummy)
            chain.append(dummy)
        chain.append(b)
        for p, q in pairwise(chain):
            down[p].append(q)
            up[q].append(p)
        chains.append(chain)
    found = Layers(rows, chains, up, down)
    _order(found)
    return found


def _depths(count: int, edges: list[tuple[int, int]]) -> list[int]:
    """Longest path from the top; what has nothing above it moves down next to its first user."""
    above: list[list[int]] = [[] for _ in range(count)]
    below: list[list[int]] = [[] for _ in range(count)]
    for a, b in edges:
        above[b].append(a)
        below[a].append(b)
    depth = [0] * count
    for k in range(count):
        depth[k] = max((depth[a] + 1 for a in above[k]), default=0)
    for k in range(count):
        if not above[k] and below[k]:
            depth[k] = min(depth[b] for b in below[k]) - 1
    return depth


def _order(g: Layers) -> None:
    """Sweep down and up; keep the order with the fewest crossings."""
    _start(g)
    best, fewest = [list(r) for r in g.rows], crossings(g)
    for sweep in range(SWEEPS):
        if fewest == 0:
            break
        down = sweep % 2 == 0
        near = g.up if down else g.down
        for d in range(1, len(g.rows)) if down else range(len(g.rows) - 2, -1, -1):
            place = {k: n for n, k in enumerate(g.rows[d - 1 if down else d + 1])}
            row = g.rows[d]
            here = {k: n for n, k in enumerate(row)}
            weight = {
                k: sum(place[m] for m in near[k]) / len(near[k]) if near[k] else float(here[k])
                for k in row
            }
            row.sort(key=lambda k: weight[k])
        if sum(len(r) for r in g.rows) <= MAX_SWAPS:
            _swap(g)
        total = crossings(g)
        if total < fewest:
            best, fewest = [list(r) for r in g.rows], total
    g.rows[:] = best


def _start(g: Layers) -> None:
    """Order of first visit from the output up, operands from left to right."""
    seen: dict[int, int] = {}
    stack = [k for row in g.rows for k in row if not g.down[k]]
    while stack:
        k = stack.pop()
        if k in seen:
            continue
        seen[k] = len(seen)
        stack.extend(reversed(g.up[k]))
    for row in g.rows:
        row.sort(key=lambda k: seen[k])


def _swap(g: Layers) -> None:
    """Exchange neighbours where that saves crossings."""
    place = {k: n for row in g.rows for n, k in enumerate(row)}
    for row in g.rows:
        better = True
        rounds = 0
        while better and rounds < len(row):
            better = False
            rounds += 1
            for n in range(len(row) - 1):
                a, b = row[n], row[n + 1]
                now = _pair(g.up[a], g.up[b], place) + _pair(g.down[a], g.down[b], place)
                then = _pair(g.up[b], g.up[a], place) + _pair(g.down[b], g.down[a], place)
                if then < now:
                    row[n], row[n + 1] = b, a
                    place[a], place[b] = n + 1, n
                    better = True


def _pair(left: list[int], right: list[int], place: dict[int, int]) -> int:
    """Crossings of the edges of two neighbours, the first one standing on the left."""
    return sum(place[m] > place[k] for m in left for k in right)


def crossings(g: Layers) -> int:
    """Pairs of edges that cross."""
    total = 0
    for d in range(len(g.rows) - 1):
        place = {k: n for n, k in enumerate(g.rows[d + 1])}
        seen: list[int] = []
        for a in g.rows[d]:
            ends = sorted(place[b] for b in g.down[a])
            total += sum(len(seen) - bisect_right(seen, e) for e in ends)
            for e in ends:
                insort(seen, e)
    return total


__all__ = ["Layers", "crossings", "layered"]
