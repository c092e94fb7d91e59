"""Matrices with dots: what their corners say of an equation.

``[a_11 … a_1n; ⋮; a_m1 … a_mn]`` stands for a pattern that nobody writes out. Its printed entries
are claims of their own: the first and the last row and column, as far as they are written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chainrule.read.latex.brackets import MATRICES
from chainrule.read.latex.mlist import Item
from chainrule.read.latex.scripts import letter_of, parts
from chainrule.read.latex.state import is_symbol, number_node
from chainrule.read.session.stated import Chain, Side
from chainrule.read.syntax import Node

LAST = 0
"""Place of the last row or column; others count from 1."""


@dataclass(frozen=True)
class Grid:
    """Printed entries by place; ``rows`` and ``cols`` tell whether there is more than one."""

    cells: dict[tuple[int, int], tuple[Item, ...]]
    rows: bool
    cols: bool


def grid_of(items: Sequence[Item]) -> Grid | None:
    """The printed entries of a matrix or a row with dots; None for anything else."""
    rest = [i for i in items if not is_symbol(i, "␣", ".", ",")]
    if len(rest) != 1 or rest[0].scripts:
        return None
    item = rest[0]
    if item.kind == "environment" and item.value in MATRICES:
        rows = [[_bare(cell) for cell in row] for row in item.rows if any(row)]
    elif item.kind == "fence" and item.value == "[]":
        rows = [_pieces(item.body)]
    else:
        return None
    dotted = any(_dots(c) for row in rows for c in row)
    if not dotted or len({len(row) for row in rows}) > 1:
        return None
    down = _places([all(_dots(c) or not c for c in row) or _dots(row[0]) for row in rows])
    across = _places([_dots(rows[0][k]) for k in range(len(rows[0]))])
    if down is None or across is None:
        return None
    cells = {
        (i, j): tuple(rows[n][k])
        for n, i in down.items() for k, j in across.items()
        if rows[n][k] and not _dots(rows[n][k])
    }  # fmt: skip
    return Grid(cells, len(rows) > 1, len(rows[0]) > 1) if cells else None


def corners(chain: Chain) -> list[Chain] | None:
    """One chain for each printed entry, where a side is a matrix with dots; None if none is."""
    grids = [grid_of(s.items) if s is not None else None for s in chain.sides]
    known = [g for g in grids if g is not None]
    if not known or any(s is None for s in chain.sides):
        return None
    if chain.defines is not None:  # explained by its entries, not claimed
        chain = replace(chain, defines=None, relations=("≜",) * len(chain.relations))
    first = known[0]
    if any(g.cells.keys() != first.cells.keys() for g in known):
        return None
    out = []
    for i, j in first.cells:
        sides = []
        for side, grid in zip(chain.sides, grids, strict=True):
            assert side is not None
            if grid is not None:
                sides.append(replace(side, items=grid.cells[i, j]))
            else:
                place = [k for k, more in ((i, first.rows), (j, first.cols)) if more]
                sides.append(replace(side, pick=tuple(_index(k, side) for k in place)))
        out.append(replace(chain, sides=tuple(sides)))
    return out


def runs(chain: Chain) -> tuple[dict[str, str], dict[str, str]]:
    """What a grid of ``∂f_1/∂x_1 … ∂f_m/∂x_n`` differentiates, and by what, with their lengths."""
    over: dict[str, set[str]] = {}
    under: dict[str, set[str]] = {}
    for side in chain.sides:
        grid = grid_of(side.items) if side is not None else None
        for item in (i for cell in (grid.cells.values() if grid else ()) for i in cell):
            if item.kind == "fraction":
                for items, found in ((item.body, over), (item.more, under)):
                    for name, index in _indexed(items):
                        found.setdefault(name, set()).add(index)
    return _lengths(over), _lengths(under)


def _indexed(items: Sequence[Item]) -> list[tuple[str, str]]:
    out = []
    for item in items:
        letter = letter_of(item)
        if letter and len(item.scripts) == 1 and item.scripts[0][0] == "sub":
            found = parts(item.scripts[0][1])
            if len(found) == 1 and found[0].kind in ("letter", "number"):
                out.append((letter, found[0].text))
    return out


def _lengths(found: dict[str, set[str]]) -> dict[str, str]:
    """Names with an index 1; the letter that is there for the last one, or any other index."""
    last = {n: sorted(i for i in indices if i.isalpha()) for n, indices in found.items()}
    return {n: last[n][0] for n, indices in found.items() if "1" in indices and last[n]}


def _index(k: int, side: Side) -> Node:
    if k == LAST:
        return Node("end", [], side.at, side.end)
    return number_node(k, side.items[0])


def _places(dots: Sequence[bool]) -> dict[int, int] | None:
    """Positions to places: 1, 2, … before the dots, the last one behind them."""
    groups = sum(1 for n, d in enumerate(dots) if d and (n == 0 or not dots[n - 1]))
    if groups > 1:
        return None
    if not groups:
        return {n: n + 1 for n in range(len(dots))}
    first = list(dots).index(True)
    out = {n: n + 1 for n in range(first)}
    if not dots[-1]:
        out[len(dots) - 1] = LAST
    return out


def _bare(cell: Sequence[Item]) -> list[Item]:
    return [i for i in cell if not is_symbol(i, "␣")]


def _pieces(items: Sequence[Item]) -> list[list[Item]]:
    pieces: list[list[Item]] = [[]]
    for item in items:
        if is_symbol(item, "␣", ","):
            pieces.append([])
        else:
            pieces[-1].append(item)
    return [p for p in pieces if p]


def _dots(cell: Sequence[Item]) -> bool:
    return bool(cell) and all(is_symbol(i, "…") for i in cell)
