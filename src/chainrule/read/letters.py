"""Letters for what has no name to be printed: sizes that stayed open, and indices in the way."""

from __future__ import annotations

from itertools import chain, count
from typing import TYPE_CHECKING

from chainrule.dims import ONE, Dim, dim

if TYPE_CHECKING:
    from chainrule.read.meaning import Program
    from chainrule.read.sizes import Sizes

LETTERS = "nmkpqrslhuvwxyzijtabcdefg"


def christen(sizes: Sizes) -> None:
    """Give the sizes that stayed open readable names: n, m, k, p, q, …"""
    program = sizes.program
    taken = set(program.words) | program.declared.keys() | program.definitions.keys()
    taken |= program.sizes | program.declared_sizes | program.free_indices.keys()
    taken |= {bound.shown for bound in program.indices.values()}
    for size in sizes.solver.bound.values():
        taken |= size.names
    free = (c for c in chain(LETTERS, (f"n{i}" for i in count(1))) if c not in taken)

    def name(size: Dim, wish: str = "") -> None:
        for unknown in sorted(sizes.solver.resolve(size).names):
            if unknown[0] == "?" and unknown not in sizes.solver.bound:
                letter = wish if wish and wish not in taken else next(free)
                taken.add(letter)
                sizes.solver.bound[unknown] = dim(letter)

    name(sizes.indices.spare) if sizes.indices.deltas else None
    shapes = list(sizes.variables.values())
    for shape in shapes:  # matrices first, so that they come out m×n
        rows, cols = (sizes.solver.resolve(d) for d in shape)
        if rows != cols and ONE not in (rows, cols) and rows.name and cols.name:
            name(cols, "n")
            name(rows, "m")
    for shape in shapes:
        name(shape[0])
        name(shape[1])
    for shape in list(sizes.shapes.values()):
        for size in shape:
            if any(n[0] == "?" for n in sizes.solver.resolve(size).names):
                name(size)


def shown(program: Program, own: str) -> str:
    """The printed name of a bound index: as written, unless a size has that name."""
    written = program.indices[own].shown
    taken = program.sizes | program.declared_sizes
    if written not in taken:
        return written
    taken = taken | {b.shown for b in program.indices.values()} | program.words
    return next(c for c in ("i", "j", "k", "l", *(f"i{n}" for n in range(1, 99)))
                if c not in taken)  # fmt: skip
