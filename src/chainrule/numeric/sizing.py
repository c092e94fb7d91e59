"""Numbers for named sizes: distinct, small, and such that what is inverted can have full rank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from chainrule.dims import ONE, Dim
from chainrule.expr import BINDERS, Expr, free_names
from chainrule.ops.indexed import bound

FEW = (3, 4, 5)
MOST = 12  # beyond so many names (a deep network) numbers repeat, and no layer is narrow
WIDTHS = 9  # different numbers for the layers of such a network
ORDERS = 12  # orders tried per choice
PLACES = 24  # tries for the values of free indices
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
        self.bound: dict[str, tuple[Dim, Dim]] = {}
        self.shapes: dict[tuple[Dim, Dim], None] = {}
        self.ranked = False
        for e in (*nodes, *extra):
            self.shapes[e.shape] = None
            for p in e.params[:1] if e.op == "unit" else e.params:
                if isinstance(p, Dim) and e.op not in BINDERS:
                    self.shapes[p, ONE] = None
            if e.op in BINDERS:
                name, lo, hi = bound(e)
                self.bound[name] = lo, hi
            elif e.op in RIGHT_SIDE_UP or e.op == "pow":
                self.ranked = self.ranked or e.args[0].op not in ("symbol", "number")
        self.units = list(_selections((*nodes, *extra)))
        ends = [d for ends in self.bound.values() for d in ends]
        for rows, cols in (*self.shapes, *((d, ONE) for d in ends)):
            for d in (rows, cols):
                if d.name is not None:
                    seen[d.name] = None
                else:
                    seen.update(dict.fromkeys(sorted(d.names)))
        shaped: set[str] = set()
        for e in (*nodes, *extra):
            if e.op != "size":
                shaped |= e.shape[0].names | e.shape[1].names
        inside = {n for _, i in self.units for n in i.names}
        used = {a for e in (*nodes, *extra) for a in e.args}
        free = {n for e in (*nodes, *extra) if e not in used for n in free_names(e)}
        self.indices = sorted((free & inside) - shaped)
        self.names = [n for n in seen if n in free and n not in self.indices]

    def placed(
        self, rng: np.random.Generator, sizes: dict[str, int], turn: int = 0
    ) -> dict[str, int]:
        """The sizes with values for the free indices, apart and the same in turn."""
        wanted = [n for n in self.indices if n not in sizes]
        if not wanted:
            return sizes
        tried = dict(sizes)
        for k in range(PLACES):
            top = max([n.at(sizes) for n, _ in self.units if n.names <= sizes.keys()], default=1)
            if turn % 2 and k < PLACES // 2:  # two of them, or all, at the same place
                some = set(rng.choice(wanted, min(2, len(wanted)), replace=False))
                some = set(wanted) if turn % 4 == 1 else some
                numbers = dict.fromkeys(wanted, int(rng.integers(1, top + 1)))
                numbers |= {n: int(rng.integers(1, top + 1)) for n in wanted if n not in some}
            else:
                drawn = [int(v) for v in rng.permutation(top) + 1]
                numbers = {n: drawn[j % top] for j, n in enumerate(wanted)}
            tried = sizes | numbers
            if self._inside(tried):
                break
        return tried

    def _inside(self, sizes: Mapping[str, int]) -> bool:
        known = sizes.keys()
        return all(
            1 <= i.at(sizes) <= n.at(sizes)
            for n, i in self.units if i.names <= known and n.names <= known
        )  # fmt: skip

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
        sizes = self._with_last(sizes)
        for rows, cols in self.shapes:
            m, n = rows.at(sizes), cols.at(sizes)
            if m < 1 or n < 1:
                cost += 100
            elif m * n > LARGEST:
                cost += m * n / LARGEST
        free = set(self.indices)
        cost += sum(
            100 for n, i in self.units
            if free.isdisjoint(i.names) and not 1 <= i.at(sizes) <= n.at(sizes)
        )  # fmt: skip
        return cost + (self._deficits(sizes) if self.ranked else 0)

    def _with_last(self, sizes: Mapping[str, int]) -> Mapping[str, int]:
        """Bound indices at their last value, where a size inside a sum depends on one."""
        if not self.bound and not self.indices:
            return sizes
        known = dict.fromkeys(self.indices, 1) | dict(sizes)
        for _ in self.bound:
            for name, (_, hi) in self.bound.items():
                if name not in known and hi.names <= known.keys():
                    known[name] = hi.at(known)
        return known

    def _deficits(self, sizes: Mapping[str, int]) -> int:
        """How many matrices that are to be inverted cannot have full rank."""
        rank: dict[Expr, int] = {}
        lost = 0
        for e in self.nodes:
            rank[e] = _rank(e, [rank[a] for a in e.args], sizes)
            if e.op in RIGHT_SIDE_UP or e.op == "pow":
                lost += rank[e.args[0]] < e.args[0].shape[0].at(sizes)
        return lost


def _selections(nodes: Sequence[Expr]) -> dict[tuple[Dim, Dim], None]:
    """Every ``unit(n,i)`` as (n, i); within a loop at its first and its last round."""
    if not any(e.op in BINDERS for e in nodes):
        return {(e.params[0], e.params[1]): None for e in nodes if e.op == "unit"}  # type: ignore[misc]
    memo: dict[Expr, dict[tuple[Dim, Dim], None]] = {}
    whole: dict[tuple[Dim, Dim], None] = {}
    for e in nodes:
        found: dict[tuple[Dim, Dim], None] = {}
        if e.op == "unit":
            found[e.params[0], e.params[1]] = None  # type: ignore[index]
        for a in e.args:
            found |= memo[a]
        if e.op in BINDERS:
            name, lo, hi = bound(e)
            found = {
                (n.subs({name: k}), i.subs({name: k})): None for n, i in found for k in (lo, hi)
            }
        memo[e] = found
    used = {a for e in nodes for a in e.args}
    for e in nodes:
        if e not in used:
            whole |= memo[e]
    return whole


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
