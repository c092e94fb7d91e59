"""Lifting with composite indices: Kronecker products, vec and commutation matrices.

Rows and columns of the result are sequences of basic indices, slow to fast. Every component of the
index graph joins some row indices to some column indices and is one Kronecker factor; permutations
of basic indices are products of commutation matrices.
"""

from __future__ import annotations

from chainrule.dims import ONE, Dim
from chainrule.expr import Expr
from chainrule.ops import apply, constant, epow, eye, hadamard, mul
from chainrule.tensor.ir import Index, Slot, Term, exponent_expr
from chainrule.tensor.lift import Graph, Known, Stuck, finish
from chainrule.tensor.lower import lower
from chainrule.tensor.product import Chain, Product, flipped
from chainrule.tensor.reduce import reduce_term
from chainrule.traits import transposed

MAX_BLOCKS = 4
Block = tuple[list[Index], list[Index], Expr]  # row indices, column indices, matrix


def lift_flat(
    term: Term, rows: tuple[Slot, ...], cols: tuple[Slot, ...], known: Known, use_ones: bool
) -> Product:
    """The term as a matrix: rows run over ``rows`` (slow to fast), columns over ``cols``.

    Raises
    ------
    Stuck
        If there is no matrix notation for it.
    """
    return lift_pairs(reduce_term(term, (*rows, *cols)), rows, cols, known, use_ones)


def lift_pairs(
    term: Term, rows: tuple[Slot, ...], cols: tuple[Slot, ...], known: Known, use_ones: bool
) -> Product:
    """Like :func:`lift_flat` for a term that is reduced already."""
    if not term.pairs:
        return _flat(term, [r for r in rows if r], [c for c in cols if c], known, use_ones)
    term = term.copy()
    whole_rows, whole_cols = _whole(rows, term), _whole(cols, term)
    if not term.pairs:
        again = reduce_term(term, (*whole_rows, *whole_cols))
        return _flat(again, whole_rows, whole_cols, known, use_ones)
    open_rows = _apart([], _opened(whole_rows, term), term)
    open_cols = _apart(open_rows, _opened(whole_cols, term), term)
    if term.pairs:
        outside = {id(i) for i in (*open_rows, *open_cols)}
        if any(id(w) not in outside for w, _, _ in term.pairs):
            raise Stuck("the result has no matrix notation")
    gone = {id(i) for i in (*open_rows, *open_cols)}
    term.bound = [i for i in term.bound if id(i) not in gone]
    again = reduce_term(term, (*open_rows, *open_cols))
    return _flat(again, open_rows, open_cols, known, use_ones)


def blockwise(term: Term, free: tuple[Slot, ...]) -> list[Term] | None:
    """Sum over the blocks of a Kronecker product one by one, when their number is small.

    Where a bound composite index cannot be expressed (``Σ_k`` over blocks of a matrix), a part of
    given numeric size is run through its values with unit vectors; None when there is no such part.
    """
    kept = {id(i) for i in free if i is not None}
    for _, a, b in term.pairs:
        for part in (a, b):
            if part.dim.value is not None and part.dim.value <= MAX_BLOCKS and id(part) not in kept:
                return [_at_value(term, part, k) for k in range(1, part.dim.value + 1)]
    return None


def _at_value(term: Term, part: Index, k: int) -> Term:
    """The term with a bound index set to ``k``."""
    new = term.copy()
    new.bound = [i for i in new.bound if i is not part]
    e_k = constant("unit", part.dim, k)
    new.factors = [(e, i, j, p) for e, i, j, p in term.factors if i is not part and j is not part]
    for e, i, j, p in term.factors:
        if i is not part and j is not part:
            continue
        atom = e if p == 1 else epow(e, exponent_expr(p))
        if j is part:
            atom = mul(atom, e_k)
        if i is part:
            atom = mul(transposed(e_k), atom)
        lower(new, atom, None if i is part else i, None if j is part else j)
    new.pairs = []
    for w, a, b in term.pairs:
        if a is part:
            lower(new, apply("kron", transposed(e_k), eye(b.dim)), b, w)
        elif b is part:
            lower(new, apply("kron", eye(a.dim), transposed(e_k)), a, w)
        else:
            new.pairs.append((w, a, b))
    return new


def _whole(side: tuple[Slot, ...], term: Term) -> list[Index]:
    """Two outer indices that a bound index pairs up are read as that one index."""
    present = [i for i in side if i is not None]
    for pair in term.pairs:
        w, a, b = pair
        if len(present) == 2 and present[0] is a and present[1] is b:
            others = sum(w in (p[0], p[1], p[2]) for p in term.pairs)
            bound = any(w is i for i in term.bound)
            loose = not any(s is i for f in term.factors for s in f[1:3] for i in (a, b))
            if others == 1 and bound and loose:
                term.pairs.remove(pair)
                term.bound = [i for i in term.bound if i is not w]
                return [w]
    return present


def _apart(taken: list[Index], side: list[Index], term: Term) -> list[Index]:
    """An index that already serves elsewhere gets a second name, tied by a delta."""
    out: list[Index] = []
    for i in side:
        if any(i is r for r in (*taken, *out)):
            twin = Index(i.dim)
            term.deltas.append((i, twin))
            i = twin
        out.append(i)
    return out


def _opened(outer: list[Index], term: Term) -> list[Index]:
    """Replace an index by the pair it runs over, as long as there is one."""
    out: list[Index] = []
    stack = list(reversed(outer))
    while stack:
        i = stack.pop()
        pair = next((p for p in term.pairs if p[0] is i), None)
        if pair is None:
            out.append(i)
        else:
            term.pairs.remove(pair)
            stack += [pair[2], pair[1]]
    return out


def _flat(
    term: Term, rows: list[Index], cols: list[Index], known: Known, use_ones: bool
) -> Product:
    graph = Graph(term, known, use_ones)
    graph.reduce()
    _follow_deltas(graph, rows)
    left, right = _split_diagonals(graph, rows, cols)
    chain = _entrywise(graph, rows, cols)
    if left is not None and chain and len(chain) == 1 and chain[0].op == "eye":
        chain = (apply("diag", left),)
        left = None
    full: Chain = chain
    if left is not None:
        full = (apply("diag", left), *full)
    if right is not None:
        full = (*full, apply("diag", right))
    if len(full) > 1:
        full = tuple(e for e in full if e.op != "eye") or full[:1]
    p = finish(term, graph.scalars, full, None, None)
    return Product(p.coef, p.scalars, p.chain, (_size(rows), _size(cols)))


def _follow_deltas(graph: Graph, rows: list[Index]) -> None:
    """Of a row and a column index tied by a delta, each factor uses the one on its own side."""
    ties = [(a, b) for chain, a, b in graph.edges if len(chain) == 1 and chain[0].op == "eye"]
    for a, b in ties:
        row, col = (a, b) if any(a is r for r in rows) else (b, a)
        if any(col is r for r in rows) or not any(row is r for r in rows):
            continue
        moved = []
        for chain, i, j in graph.edges:
            if not (chain[0].op == "eye" and len(chain) == 1):
                i_row, j_row = any(i is r for r in rows), any(j is r for r in rows)
                if i is col and j_row:
                    i = row
                elif j is col and i_row:
                    j = row
                elif i is row and not j_row:
                    i = col
                elif j is row and not i_row:
                    j = col
            moved.append((chain, i, j))
        graph.edges = moved
    while graph.merge_parallel():
        pass
    graph.open_loops()


def _entrywise(graph: Graph, rows: list[Index], cols: list[Index]) -> Chain:
    """The matrix of edges and loads; where a vertex has several edges, an entrywise product.

    ``F[i,j]`` by ``x[k]`` equal to ``M[i,k]*A[k,j]`` is a column-wise Kronecker product: each
    factor is spread over the whole matrix by Kronecker products with ones.
    """
    layers: list[list[tuple[Chain, Index, Index]]] = []
    for edge in graph.edges:
        for layer in layers:
            if not any(v is w for other in layer for v in other[1:] for w in edge[1:]):
                layer.append(edge)
                break
        else:
            layers.append([edge])
    parts: list[Expr] = []
    for layer in layers or [[]]:
        graph.edges = layer
        parts.append(
            mul(*_assemble(_blocks(graph, rows, cols), rows, cols)) if rows or cols else eye(1)
        )
    if len(parts) == 1:
        return parts[0].args if parts[0].op == "mul" else (parts[0],)
    return (hadamard(*parts),)


def _split_diagonals(
    graph: Graph, rows: list[Index], cols: list[Index]
) -> tuple[Expr | None, Expr | None]:
    """Weights among row indices alone (or column indices alone) that other edges tie to columns.

    Such a weight is a diagonal matrix on that side: the derivative of an elementwise function.
    """
    linked = {id(i) for _, a, b in graph.edges for i in (a, b)
              if any(a is r for r in rows) != any(b is r for r in rows)}  # fmt: skip
    found: list[Expr | None] = []
    for side in (rows, cols):
        weight: Expr | None = None
        if len(side) == 2:
            for n, (chain, a, b) in enumerate(list(graph.edges)):
                inside = any(a is s for s in side) and any(b is s for s in side) and a is not b
                if inside and (id(a) in linked or id(b) in linked):
                    # side is (slow, fast) = (column, row) of the matrix that vec stacks
                    matrix = mul(*(chain if a is side[1] else flipped(chain)))
                    weight = apply("vec", matrix)
                    del graph.edges[n]
                    break
        found.append(weight)
    return found[0], found[1]


def _blocks(graph: Graph, rows: list[Index], cols: list[Index]) -> list[Block]:
    blocks: list[Block] = []
    used: set[int] = set()
    for chain, a, b in graph.edges:
        if id(a) in used or id(b) in used:
            raise Stuck("the result has no matrix notation")
        a_row, b_row = any(a is r for r in rows), any(b is r for r in rows)
        if not a_row and b_row:
            chain, a, b, a_row, b_row = flipped(chain), b, a, True, False
        u, v = graph.merged_load(a), graph.merged_load(b)
        parts: list[Expr] = [mul(*chain)]
        if len(chain) == 1 and chain[0].op == "eye" and (u is not None or v is not None):
            both = [mul(*x) for x in (u, v) if x is not None]
            parts = [apply("diag", hadamard(*both) if len(both) > 1 else both[0])]
        else:
            if u is not None:
                parts.insert(0, apply("diag", mul(*u)))
            if v is not None:
                parts.append(apply("diag", mul(*v)))
        matrix = mul(*parts)
        used |= {id(a), id(b)}
        if a_row and not b_row:
            blocks.append(([a], [b], matrix))
        else:
            side = rows if a_row else cols
            if _position(a, side) < _position(b, side):
                a, b, matrix = b, a, transposed(matrix)
            stacked = apply("vec", matrix)
            blocks.append(([b, a], [], stacked) if a_row else ([], [b, a], transposed(stacked)))
    for side, is_row in ((rows, True), (cols, False)):
        for i in side:
            if id(i) in used:
                continue
            used.add(id(i))
            load = graph.merged_load(i)
            vector = mul(*load) if load is not None else constant("ones", i.dim)
            blocks.append(([i], [], vector) if is_row else ([], [i], transposed(vector)))
    return blocks


def _assemble(blocks: list[Block], rows: list[Index], cols: list[Index]) -> Chain:
    """Kronecker product of the blocks between permutations of rows and columns."""
    blocks = _outer(blocks)
    order = sorted(blocks, key=lambda b: _place(b, rows, cols))
    have_rows = [i for b in order for i in b[0]]
    have_cols = [i for b in order for i in b[1]]
    middle = _kron([b[2] for b in order])
    before = _permutation(have_rows, rows)
    after = [transposed(p) for p in reversed(_permutation(have_cols, cols))]
    chain = [*before, *middle, *after]
    if len(chain) > 1:
        chain = [e for e in chain if e.op != "eye"] or [middle[0]]
    return tuple(chain)


def _outer(blocks: list[Block]) -> list[Block]:
    """Lone row and column indices beside other blocks: outer products; lone ones are merged."""
    loose_rows = [b for b in blocks if len(b[0]) == 1 and not b[1]]
    loose_cols = [b for b in blocks if len(b[1]) == 1 and not b[0]]
    out = [b for b in blocks if not any(b is x for x in (*loose_rows, *loose_cols))]
    if out or len(loose_rows) != 1 or len(loose_cols) != 1:
        while loose_rows and loose_cols:
            r, c = loose_rows.pop(0), loose_cols.pop(0)
            out.append((r[0], c[1], mul(r[2], c[2])))
    for loose, is_row in ((loose_rows, True), (loose_cols, False)):
        if len(loose) > 1 and all(_is_ones(b[2]) for b in loose):
            indices = [i for b in loose for i in (b[0] if is_row else b[1])]
            vector = constant("ones", _size(indices))
            out.append((indices, [], vector) if is_row else ([], indices, transposed(vector)))
        else:
            out += loose
    return out


def _is_ones(e: Expr) -> bool:
    return e.op == "ones" or (e.op == "transpose" and e.args[0].op == "ones")


def _position(i: Index, side: list[Index]) -> int:
    return next(n for n, s in enumerate(side) if s is i)


def _place(block: Block, rows: list[Index], cols: list[Index]) -> float:
    at = [n / max(len(rows), 1) for n, i in enumerate(rows) if any(i is j for j in block[0])]
    if at:
        return min(at)
    return min((n / max(len(cols), 1) for n, i in enumerate(cols)
                if any(i is j for j in block[1])), default=0.0)  # fmt: skip


def _kron(matrices: list[Expr]) -> list[Expr]:
    if not matrices:
        return []
    columns = [m for m in matrices if m.shape[1] == ONE]
    lines = [m for m in matrices if m.shape[0] == ONE and m.shape[1] != ONE]
    if len(matrices) == 2 and len(columns) == 1 and len(lines) == 1:
        return [columns[0], lines[0]]
    total = matrices[0]
    for m in matrices[1:]:
        if total.op == "eye" and m.op == "eye":
            total = eye(total.shape[0] * m.shape[0])
        else:
            total = apply("kron", total, m)
    return [total]


def _permutation(have: list[Index], want: list[Index]) -> list[Expr]:
    """Matrices P₁ P₂ … with  want-order = P₁ P₂ … have-order, by swaps of neighbours."""
    have = list(have)
    matrices: list[Expr] = []
    for place, target in enumerate(want):
        at = next(n for n, i in enumerate(have) if i is target)
        if at == place:
            continue
        # move have[at] in front of have[place:at]: swap the block before it with it
        before = _size(have[:place])
        block = _size(have[place:at])
        after = _size(have[at + 1 :])
        # vec order (block, target) -> (target, block)
        swap = constant("commut", target.dim, block)
        whole: Expr = swap
        if before != ONE:
            whole = apply("kron", eye(before), whole)
        if after != ONE:
            whole = apply("kron", whole, eye(after))
        matrices.insert(0, whole)
        have.insert(place, have.pop(at))
    return matrices


def _size(indices: list[Index]) -> Dim:
    total = ONE
    for i in indices:
        total = total * i.dim
    return total
