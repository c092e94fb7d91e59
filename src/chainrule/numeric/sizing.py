"""Numbers for named sizes: distinct, small, and such that what is inverted can have full rank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from chainrule.dims import ONE, Dim
from chainrule.expr import Expr

FEW = (3, 4, 5)
MOST = 12  # beyond so many names (a deep network) numbers repeat, and no layer is narrow
WIDTHS = 9  # different numbers for the layers of such a network
ORDERS = 12  # orders tried per choice
LARGEST = 40_000  # entries of a matrix before smaller numbers are preferred
RIGHT_SIDE_UP = frozenset({"inv", "logdet", "det", "logm", "sqrtm"})


class Sizing:
    """What the sizes of some expressions must satisfy.

    Parameters
    ----------
    nodes
        All nodes of the expressions, arguments first.
    extra
        Further nodes, of which only the size counts.
    """

    def __init__(self, nodes: Sequence[Expr], extra: Sequence[Expr] = ()) -> None:
        self.nodes = nodes
        seen: dict[str, None] = {}
        self.shapes: dict[tuple[Dim, Dim], None] = {}
        self.units: list[tuple[Dim, Dim]] = []
        self.ranked = False
        for e in (*nodes, *extra):
            self.shapes[e.shape] = None
            for p in e.params:
                if isinstance(p, Dim):
                    self.shapes[p, ONE] = None
            if e.op == "unit":
                self.units.append((e.params[0], e.params[1]))  # type: ignore[arg-type]
            elif e.op in RIGHT_SIDE_UP or e.op == "pow":
                self.ranked = self.ranked or e.args[0].op not in ("symbol", "number")
        for rows, cols in self.shapes:
            for d in (rows, cols):
                if d.name is not None:
                    seen[d.name] = None
                else:
                    seen.update(dict.fromkeys(sorted(d.names)))
        self.names = list(seen)

    def choose(self, rng: np.random.Generator, natural: bool = False) -> dict[str, int]:
        """Distinct numbers in an order that suits; the natural order is tried first if asked."""
        if not self.names:
            return {}
        best: dict[str, int] = {}
        least = float("inf")
        for k in range(ORDERS):
            numbers = self._numbers(rng, k // 4, natural and k == 0)
            sizes = dict(zip(self.names, numbers, strict=False))
            cost = self._cost(sizes)
            if cost < least:
                best, least = sizes, cost
            if cost == 0:
                break
        return best

    def _numbers(self, rng: np.random.Generator, larger: int, natural: bool) -> list[int]:
        count = len(self.names)
        if count > MOST:
            start = int(rng.integers(WIDTHS))
            return [8 + larger + (start + k) % WIDTHS for k in range(count)]
        if count <= len(FEW):
            if natural and count < len(FEW):
                return [5, 3] if count == 2 else [4]
            numbers = [n + larger for n in FEW]
        else:
            numbers = list(range(2, count + 2 + larger))
        if not natural:
            rng.shuffle(numbers)
        return numbers

    def _cost(self, sizes: Mapping[str, int]) -> float:
        cost = 0.0
        for rows, cols in self.shapes:
            m, n = rows.at(sizes), cols.at(sizes)
            if m < 1 or n < 1:
                cost += 100
            elif m * n > LARGEST:
                cost += m * n / LARGEST
        cost += sum(100 for n, i in self.units if i.at(sizes) > n.at(sizes))
        return cost + (self._deficits(sizes) if self.ranked else 0)

    def _deficits(self, sizes: Mapping[str, int]) -> int:
        """How many matrices that are to be inverted cannot have full rank."""
        rank: dict[Expr, int] = {}
        lost = 0
        for e in self.nodes:
            rank[e] = _rank(e, [rank[a] for a in e.args], sizes)
            if e.op in RIGHT_SIDE_UP or e.op == "pow":
                lost += rank[e.args[0]] < e.args[0].shape[0].at(sizes)
        return lost


def _rank(e: Expr, ranks: list[int], sizes: Mapping[str, int]) -> int:
    """An upper bound of the rank."""
    full = min(e.shape[0].at(sizes), e.shape[1].at(sizes))
    match e.op:
        case "mul":
            return min([full, *(r for r, a in zip(ranks, e.args, strict=True) if not a.is_scalar)])
        case "add":
            return min(full, sum(ranks))
        case "transpose":
            return ranks[0]
        case "hadamard" | "kron":
            product = 1
            for r in ranks:
                product *= r
            return min(full, product)
        case "symbol" if "skew" in e.traits:
            return full - full % 2
        case "ones":
            return 1
        case "zeros":
            return 0
        case _:
            return full
