"""Where the given point meets a kink, and what the derivative is taken to be there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chainrule.dims import ONE
from chainrule.expr import BINDERS, Expr, node
from chainrule.graph.build import Node
from chainrule.graph.exact import Engine, Rows, array, quiet, rows_of
from chainrule.ops import TABLE
from chainrule.write import unicode

if TYPE_CHECKING:
    from chainrule.numeric.special import Array

NORMS = frozenset({"norm2", "normF"})
IN_LOOP = "a norm at 0 has no gradient there"  # the sum is one node, its terms cannot be left out


@dataclass(frozen=True)
class Kink:
    """A kink that was met.

    Attributes
    ----------
    node, op
        The node, and the function in it that has the kink.
    at
        Rows and columns of the entries, counted from 1; none for a kink inside a sum over an
        index.
    convention
        What the derivative is taken to be.
    """

    node: str
    op: str
    at: tuple[tuple[int, int], ...]
    convention: str

    def text(self) -> str:
        """``l₁: relu at its kink in entry 2: relu'(0) = 0``."""
        name = unicode(node("symbol", (), (self.node,), (ONE, ONE)))
        if not self.at:
            return f"{name}: {self.op} at its kink inside the sum or product: {self.convention}"
        some = [f"({i},{j})" if any(c > 1 for _, c in self.at) else str(i) for i, j in self.at[:6]]
        more = ", …" if len(self.at) > 6 else ""
        entries = "" if self.op in NORMS else (
            f" in entr{'y' if len(self.at) == 1 else 'ies'} {', '.join(some)}{more}"
        )  # fmt: skip
        return f"{name}: {self.op} at its kink{entries}: {self.convention}"


def kinks_of(n: Node, engine: Engine) -> list[Kink]:
    """Kinks that a node meets at the values of the engine."""
    found = []
    outside, loops = _parts(n.formula)
    for e in loops:
        for op in _in_loop(e, engine):
            said = IN_LOOP if op in NORMS else str(TABLE[op].kinks)
            found.append(Kink(n.name, op, (), said))
    for e in outside:
        row = TABLE.get(e.op)
        if row is None or row.kinks is None:
            continue
        at = _where(e.op, [engine.value(a) for a in e.args])
        if at:
            found.append(Kink(n.name, e.op, at, row.kinks))
    return found


def _parts(root: Expr) -> tuple[list[Expr], list[Expr]]:
    """What stands outside all sums over an index, and the outermost of these sums."""
    seen: dict[Expr, None] = {}
    stack = [root]
    while stack:
        e = stack.pop()
        if e not in seen:
            seen[e] = None
            stack.extend(() if e.op in BINDERS else e.args)
    return [e for e in seen if e.op not in BINDERS], [e for e in seen if e.op in BINDERS]


def _in_loop(e: Expr, engine: Engine) -> list[str]:
    """Names of the functions that meet a kink in some round of a sum over an index."""
    from chainrule.numeric.evaluate import value_of
    from chainrule.numeric.loops import loop, run

    met: dict[str, None] = {}

    def watch(item: Expr, value: Array, inner: Mapping[Expr, Array]) -> None:
        row = TABLE.get(item.op)
        if row is not None and row.kinks is not None:
            if _where(item.op, [rows_of(inner[a]) for a in item.args]):
                met[item.op] = None

    memo = {a: array(engine.value(a)) for a in loop(e).outside}
    given = {name: array(rows) for name, rows in engine.values.items()}
    with quiet():
        run(e, memo, given, engine.sizes, value_of, watch)
    return list(met)


def _where(op: str, args: list[Rows]) -> tuple[tuple[int, int], ...]:
    """Entries at which the function jumps or bends."""
    a = args[0]
    if op in NORMS:
        return ((1, 1),) if not any(v for row in a for v in row) else ()
    if len(args) == 2:
        b = args[1]
        m, n = max(len(a), len(b)), max(len(a[0]), len(b[0]))
        return tuple((i + 1, j + 1) for i in range(m) for j in range(n)
                     if _entry(a, i, j) == _entry(b, i, j))  # fmt: skip
    return tuple((i, j) for i, row in enumerate(a, 1) for j, v in enumerate(row, 1) if v == 0)


def _entry(a: Rows, i: int, j: int) -> object:
    return a[0][0] if len(a) * len(a[0]) == 1 else a[i][j]


__all__ = ["Kink", "kinks_of"]
