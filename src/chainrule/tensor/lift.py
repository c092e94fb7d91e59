"""Lifting a term to matrix form by series–parallel reduction of its index graph.

Indices are vertices, matrices edges, vectors loads on a vertex. A bound vertex with two edges is a
matrix product, with an edge and a load a matrix–vector product; parallel edges are Hadamard
products; a closed cycle is a trace. What is left hangs on the free indices only.
"""

from __future__ import annotations

from collections.abc import Callable

from chainrule.dims import ONE
from chainrule.errors import UnsupportedError
from chainrule.expr import Expr, rebuild, size
from chainrule.ops import apply, epow, eye, hadamard, is_elementwise, mul, ones, trace
from chainrule.tensor.ir import Index, Slot, Term, exponent_expr
from chainrule.tensor.lower import Zero, lower
from chainrule.tensor.product import Chain, Product, flipped, is_negative, join
from chainrule.tensor.reduce import reduce_term
from chainrule.traits import transposed

Known = Callable[[Expr], Expr]


class Stuck(UnsupportedError):
    """No matrix notation exists (a vertex of three or more edges remains)."""


class Graph:
    """The index graph of one reduced term, being reduced further."""

    def __init__(self, term: Term, known: Known, use_ones: bool) -> None:
        self.term = term
        self.known = known
        self.use_ones = use_ones
        self.loads: dict[int, list[Chain]] = {}
        self.edges: list[tuple[Chain, Index, Index]] = []
        self.scalars: list[Expr] = []
        for e, i, j, p in term.factors:
            atom = e if p == 1 else epow(e, exponent_expr(p))
            if i is None and j is None:
                self.scalars.append(atom)
            elif j is None:
                self.load(i, _chain(atom))
            elif i is None:  # pragma: no cover - lowering turns rows into columns
                self.load(j, _chain(transposed(atom)))
            else:
                self.edges.append((_chain(atom), i, j))
        for a, b in term.deltas:
            self.edges.append(((eye(a.dim),), a, b))

    def load(self, i: Slot, chain: Chain) -> None:
        """A vector that stands on an index."""
        assert i is not None
        self.loads.setdefault(id(i), []).append(chain)

    def merged_load(self, i: Index) -> Chain | None:
        """All loads of a vertex as one vector."""
        found = self.loads.pop(id(i), None)
        if not found:
            return None
        return found[0] if len(found) == 1 else (hadamard(*_ordered(found)),)

    # -- the reductions -------------------------------------------------------------------------
    def reduce(self) -> None:
        """Eliminate bound indices until none is left or none can go."""
        pending = list(self.term.bound)
        while pending:
            for i in pending:
                if self._eliminate(i):
                    pending.remove(i)
                    break
            else:
                if not self.merge_parallel():
                    raise Stuck("the result has no matrix notation")
        while self.merge_parallel():
            pass
        self.open_loops()

    def open_loops(self) -> None:
        """A matrix with both indices on one free vertex is its diagonal, a load."""
        for chain, a, b in [edge for edge in self.edges if edge[1] is edge[2]]:
            self.load(a, (diagonal(mul(*chain)),))
            self.edges = [e for e in self.edges if not (e[0] is chain and e[1] is a and e[2] is b)]

    def _eliminate(self, i: Index) -> bool:
        at = [n for n, (_, a, b) in enumerate(self.edges) if a is i or b is i]
        loops = [n for n in at if self.edges[n][1] is self.edges[n][2]]
        if loops:
            if len(at) == 1 and not self.loads.get(id(i)):
                chain, _, _ = self.edges.pop(loops[0])
                self.scalars.append(self._trace(chain))
                return True
            for n in sorted(loops, reverse=True):
                chain, _, _ = self.edges.pop(n)
                self.load(i, (diagonal(mul(*chain)),))
            return self._eliminate(i)
        if len(at) > 2:
            return False
        if not at:
            self.scalars.append(self._sum(self.loads.pop(id(i), [])))
            return True
        if len(at) == 1:
            chain, a, b = self.edges.pop(at[0])
            if a is i:
                chain, a = flipped(chain), b
            load = self.merged_load(i)
            vector = (ones(i.dim),) if load is None else load
            if load is None and not self.use_ones:
                rows = apply("sum_rows", mul(*chain)) if len(chain) == 1 else None
                self.load(a, (rows,) if rows is not None else join(chain, vector))
            else:
                self.load(a, join(chain, vector))
            return True
        ends = {id(v) for n in at for v in self.edges[n][1:]}
        if len(ends) == 2 and self.loads.get(id(i)) and self.merge_parallel():
            return self._eliminate(i)
        second, first = (self.edges.pop(n) for n in (max(at), min(at)))
        left, a, b = first
        if a is i:
            left, a = flipped(left), b
        right, c, d = second
        if d is i:
            right, d = flipped(right), c
        load = self.merged_load(i)
        if load is not None:
            left = (*left, apply("diag", mul(*load)))
        self.edges.append((join(left, right), a, d))
        if a is d and not any(x is a for x in self.term.bound):
            chain, _, _ = self.edges.pop()
            self.load(a, (diagonal(mul(*chain)),))
        return True

    def merge_parallel(self) -> bool:
        """Draw two edges between the same vertices together; False when there are none."""
        for n, (first, a, b) in enumerate(self.edges):
            for m in range(n + 1, len(self.edges)):
                second, c, d = self.edges[m]
                if {id(a), id(b)} != {id(c), id(d)} or a is b:
                    continue
                if c is not a:
                    second = flipped(second)
                del self.edges[m]
                self.edges[n] = ((hadamard(*_ordered([first, second])),), a, b)
                return True
        return False

    # -- closed components -------------------------------------------------------------------------
    def _trace(self, chain: Chain) -> Expr:
        while len(chain) > 1:
            rolled = join((chain[-1],), (chain[0],))
            if len(rolled) > 1:
                break
            chain = join(rolled, chain[1:-1])
        if len(chain) == 1 and chain[0].op == "eye":
            rows = chain[0].shape[0]
            return size(rows)
        choices = []
        for c in (chain, flipped(chain)):
            choices += [c[k:] + c[:k] for k in range(len(c))]
        built = [trace(mul(*c)) for c in choices]
        for e in built:
            if self.known(e) is not e:
                return self.known(e)
        ranked = min(zip(choices, built, strict=True), key=lambda pair: chain_cost(pair[0]))
        return ranked[1]

    def _sum(self, loads: list[Chain]) -> Expr:
        loads = _ordered_chains(loads)
        if len(loads) == 1 and len(loads[0]) == 1:
            only = loads[0][0]
            if only.op == "hadamard":
                loads = _ordered_chains([(a,) for a in only.args])
            elif only.op == "epow" and only.args[1].op == "number" and only.args[1].value == 2:
                loads = [_chain(only.args[0]), _chain(only.args[0])]
        if len(loads) == 1:
            found = apply("sum", mul(*loads[0]))
            if self.known(found) is found and len(loads[0]) > 1 and loads[0][-1].op == "ones":
                found = apply("sum", mul(*loads[0][:-1]))
            return self.known(found)
        rest = loads[1] if len(loads) == 2 else (hadamard(*_ordered(loads[1:])),)
        return scalar_product(loads[0], rest, self.known)


def scalar_product(u: Chain, v: Chain, known: Known) -> Expr:
    """u'v, in the user's own form where there is one."""
    one = join(flipped(u), v)
    two = join(flipped(v), u)
    for c in (one, two):
        e = mul(*c)
        if known(e) is not e:
            return known(e)
    return mul(*min((one, two), key=chain_cost))


def chain_cost(chain: Chain) -> tuple[int, ...]:
    """Fewer transposes, then the earlier written first."""
    return (sum(e.op == "transpose" and e.shape[0] != ONE for e in chain),
            sum(e.op == "transpose" for e in chain), *(e.serial for e in chain))  # fmt: skip


def diagonal(e: Expr) -> Expr:
    """The diagonal of a square matrix as a vector; elementwise functions act on the diagonal."""
    if e.op == "transpose":
        return diagonal(e.args[0])
    if e.op == "diag":
        return e.args[0] if e.args[0].shape[1] == ONE else transposed(e.args[0])
    if is_elementwise(e.op) and len(e.args) == 1:
        return rebuild(e, (diagonal(e.args[0]),))
    if e.op == "mul":
        scalars = [a for a in e.args if a.is_scalar]
        chain = [a for a in e.args if not a.is_scalar]
        if scalars:
            return mul(*scalars, diagonal(mul(*chain)))
        if len(chain) == 2 and chain[0].shape[1] == ONE:
            return hadamard(chain[0], transposed(chain[1]))
    return apply("diag", e)


def _chain(e: Expr) -> Chain:
    if e.op == "mul" and not any(a.is_scalar for a in e.args):
        return e.args
    return (e,)


def _is_divisor(chain: Chain) -> bool:
    e = chain[0]
    if len(chain) > 1 or e.op != "epow":
        return False
    p = e.args[1]
    return is_negative(p.value if p.op == "number" else p)


def _ordered_chains(chains: list[Chain]) -> list[Chain]:
    return sorted(chains, key=_is_divisor)


def _ordered(chains: list[Chain]) -> list[Expr]:
    return [mul(*c) for c in _ordered_chains(chains)]


def lift_term(
    term: Term, row: Slot, col: Slot, known: Known, use_ones: bool = False
) -> Product | None:
    """The term as a matrix of shape (row, col); None when it vanishes.

    Raises
    ------
    Stuck
        If there is no matrix notation for it.
    """
    reduced = reduce_term(term, (row, col))
    if reduced.pairs:
        _stack(reduced)
    if reduced.pairs:
        from chainrule.tensor.flatten import lift_pairs

        return lift_pairs(reduced, (row,), (col,), known, use_ones)
    graph = Graph(reduced, known, use_ones)
    graph.reduce()
    chain = _final(graph, row, col)
    try:
        return finish(reduced, graph.scalars, chain, row, col)
    except Zero:
        return None


def _stack(term: Term) -> None:
    """Σ over a pair (column, row) of a matrix that nothing else touches is ``vec`` of it."""
    for pair in list(term.pairs):
        whole, slow, fast = pair
        users = [n for n, f in enumerate(term.factors) if slow in f[1:3] or fast in f[1:3]]
        others = sum(slow in p or fast in p for p in term.pairs)
        if len(users) != 1 or others != 1 or not {slow, fast} <= set(term.bound):
            continue
        e, i, j, p = term.factors[users[0]]
        if p != 1 or {i, j} != {slow, fast} or i is j:
            continue
        stacked = apply("vec", e if i is fast else transposed(e))
        term.factors[users[0]] = (stacked, whole, None, p)
        term.pairs.remove(pair)
        term.bound = [b for b in term.bound if b is not slow and b is not fast]


def finish(term: Term, scalars: list[Expr], chain: Chain, row: Slot, col: Slot) -> Product:
    """Collect coefficient and scalars around a chain."""
    total = Term(coef=term.coef, scalars=dict(term.scalars))
    for s in scalars:
        lower(total, s, None, None)
    out: list[Expr] = []
    for e in chain:
        if e.op == "mul" and not e.is_scalar:
            for a in e.args:
                if a.is_scalar:
                    lower(total, a, None, None)
                else:
                    out.append(a)
        else:
            out.append(e)
    ordered = sorted(total.scalars.items(), key=lambda item: is_negative(item[1]))
    shape = (row.dim if row else ONE, col.dim if col else ONE)
    return Product(total.coef, tuple(ordered), tuple(out), shape)


def _final(graph: Graph, row: Slot, col: Slot) -> Chain:
    between: Chain | None = None
    for chain, a, b in graph.edges:
        if a is b:
            graph.load(a, (diagonal(mul(*chain)),))
            continue
        assert between is None
        between = chain if a is row else flipped(chain)
    if between is not None and any(e.op == "eye" for e in between) and len(between) == 1:
        assert row is not None and col is not None
        for c in graph.loads.pop(id(col), []):
            graph.load(row, c)
        u = graph.merged_load(row)
        return between if u is None else (apply("diag", mul(*u)),)
    if between is not None and len(between) == 1 and between[0].op == "hadamard":
        found = _diagonal(between[0], graph, row, col)
        if found is not None:
            return found
    u = graph.merged_load(row) if row is not None else None
    v = graph.merged_load(col) if col is not None else None
    if between is not None:
        if u is not None and v is not None:
            return (hadamard(mul(*between), mul(*u, *flipped(v))),)
        left = (apply("diag", mul(*u)),) if u is not None else ()
        right = (apply("diag", mul(*v)),) if v is not None else ()
        return (*left, *between, *right)
    if row is not None and col is None:
        return u if u is not None else (ones(row.dim),)
    if row is None and col is not None:
        return flipped(v) if v is not None else (transposed(ones(col.dim)),)
    if row is None or col is None:
        return ()
    if u is None and v is None:
        return (ones(row.dim, col.dim),)
    u = u if u is not None else (ones(row.dim),)
    v = v if v is not None else (ones(col.dim),)
    return (*u, *flipped(v))


def _diagonal(e: Expr, graph: Graph, row: Slot, col: Slot) -> Chain | None:
    """eye .* M is diag(diag(M))."""
    if not any(a.op == "eye" for a in e.args):
        return None
    rest = [a for a in e.args if a.op != "eye"]
    assert row is not None and col is not None
    for c in graph.loads.pop(id(col), []):
        graph.load(row, c)
    if rest:
        graph.load(row, (diagonal(hadamard(*rest)),))
    u = graph.merged_load(row)
    return (apply("diag", mul(*u)),) if u is not None else (eye(row.dim),)
