"""Reduction of a term: Kronecker deltas are summed out, pairs matched, equal factors collected."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from chainrule.dims import ONE, Dim
from chainrule.expr import Expr, size
from chainrule.ops import apply, mul, ones
from chainrule.ops.build import NUMBER_ONE
from chainrule.tensor.ir import F0, Exponent, Factor, Index, Slot, Term, exponent_sum
from chainrule.traits import has, is_symmetric


def reduce_term(term: Term, free: Iterable[Slot]) -> Term:
    """An equal term without removable deltas.

    Deltas between two free indices stay (they are identity matrices). Bound indices that nothing
    mentions any more are counted into the coefficient.
    """
    keep = [i for i in free if i is not None]
    kept = set(map(id, keep))
    term = term.copy()
    while True:
        resolve_deltas(term, kept)
        if not _match_pairs(term):
            break
    term.factors = collected(term.factors)
    recognise(term)
    _sum_to_one(term)
    _count_unused(term)
    return term


def resolve_deltas(term: Term, kept: set[int]) -> None:
    """Give indices that a delta ties one name, in the term itself; ``kept`` ones keep theirs."""
    names = _merge_deltas(term, kept)
    if names:
        _rename(term, names)


def _merge_deltas(term: Term, kept: set[int]) -> dict[int, Index]:
    """Resolve deltas into a renaming of bound indices; keep those between free indices."""
    parent: dict[int, Index] = {}

    def find(i: Index) -> Index:
        while id(i) in parent:
            i = parent[id(i)]
        return i

    left: list[tuple[Index, Index]] = []
    for a, b in term.deltas:
        a, b = find(a), find(b)
        if a is b:
            continue
        if id(b) not in kept:
            parent[id(b)] = a
        elif id(a) not in kept:
            parent[id(a)] = b
        elif not any({id(a), id(b)} == {id(c), id(d)} for c, d in left):
            left.append((a, b))
    # a kept delta may have been seen before one of its ends was renamed: ends are free, so never
    term.deltas = left
    return {key: find(i) for key, i in parent.items()}


def _rename(term: Term, names: dict[int, Index]) -> None:
    def to(i: Slot) -> Slot:
        return names.get(id(i), i)

    term.factors = [(e, to(i), to(j), p) for e, i, j, p in term.factors]
    term.pairs = [(to(w), to(a), to(b)) for w, a, b in term.pairs]  # type: ignore[misc]
    seen: set[int] = set()
    bound = []
    for i in term.bound:
        if id(i) not in names and id(i) not in seen:
            seen.add(id(i))
            bound.append(i)
    term.bound = bound


def _match_pairs(term: Term) -> bool:
    """Two pairs over one index: their parts are equal. Two pairs with equal parts: same index."""
    changed = False
    by_whole: dict[int, tuple[Index, Index, Index]] = {}
    by_parts: dict[tuple[int, int], tuple[Index, Index, Index]] = {}
    pairs = []
    for w, a, b in term.pairs:
        other = by_whole.get(id(w))
        if other is not None and other[1].dim == a.dim and other[2].dim == b.dim:
            term.deltas += [(other[1], a), (other[2], b)]
            changed = True
            continue
        twin = by_parts.get((id(a), id(b)))
        if twin is not None:
            term.deltas.append((twin[0], w))
            changed = True
            continue
        by_whole[id(w)] = (w, a, b)
        by_parts[(id(a), id(b))] = (w, a, b)
        pairs.append((w, a, b))
    term.pairs = pairs
    return changed


def collected(factors: list[Factor]) -> list[Factor]:
    """Equal atoms at equal indices become powers."""
    table: dict[tuple[Expr, int, int], tuple[Slot, Slot, Exponent]] = {}
    for e, i, j, p in factors:
        if j is not None and i is not None and id(i) > id(j) and is_symmetric(e):
            i, j = j, i
        key = (e, id(i), id(j))
        known = table.get(key)
        table[key] = (i, j, p if known is None else exponent_sum(known[2], p))
    return [
        (e, i, j, Fraction(1) if e.op in ("symbol", "unit") and _idempotent(e, p) else p)
        for (e, _, _), (i, j, p) in table.items()
        if p != 0
    ]


def _idempotent(e: Expr, p: Exponent) -> bool:
    zero_or_one = e.op == "unit" or has(e, "one_hot") or has(e, "binary")
    return zero_or_one and isinstance(p, Fraction) and p > 0


def _sum_to_one(term: Term) -> None:
    """Σ_j y_j = 1 for probability vectors, and for every row of one-hot or softmax rows."""
    uses: dict[int, int] = {}
    for _, i, j, _ in term.factors:
        for key in {id(i), id(j)}:
            uses[key] = uses.get(key, 0) + 1
    for pair in term.pairs:
        for s in pair:
            uses[id(s)] = uses.get(id(s), 0) + 1
    bound = {id(i) for i in term.bound}
    for n, (e, i, j, p) in enumerate(term.factors):
        last = j if j is not None else i
        if p == 1 and i is not j and id(last) in bound and uses[id(last)] == 1 and _stochastic(e):
            del term.factors[n]
            term.bound = [b for b in term.bound if b is not last]
            return _sum_to_one(term)


def _stochastic(e: Expr) -> bool:
    if e.op == "symbol":
        return has(e, "probability")
    if e.op in ("softmax", "unit"):
        return e.shape[1] == ONE
    return e.op == "softmax_rows"


def recognise(term: Term) -> None:
    """Name quotients: exp(u)/(1+exp(u)) is sigmoid(u), exp(u)/sum(exp(u)) is softmax(u)."""
    _signs(term)
    if not any(e.op == "exp" for e, *_ in term.factors):
        return
    for n, (e, i, j, p) in enumerate(term.factors):
        if e.op != "exp" or p != 1:
            continue
        u = e.args[0]
        for m, (d, k, h, q) in enumerate(term.factors):
            if q == -1 and k is i and h is j and d.op == "add" and _one_plus(d, e):
                term.factors[n] = (apply("sigmoid", u), i, j, Fraction(1))
                del term.factors[m]
                return recognise(term)
        if j is not None:
            row_sums = {apply("sum_rows", e), mul(e, ones(e.shape[1]))}
            for m, (d, k, h, q) in enumerate(term.factors):
                if q == -1 and d in row_sums and k is i and h is None:
                    term.factors[n] = (apply("softmax_rows", u), i, j, Fraction(1))
                    del term.factors[m]
                    return recognise(term)
        total = apply("sum", e)
        if e.shape[1] == ONE and term.scalars.get(total, 0) == -1:
            term.factors[n] = (apply("softmax", u), i, j, Fraction(1))
            del term.scalars[total]
            return recognise(term)


def _signs(term: Term) -> None:
    """sign(u)/|u| is 1/u, sign(u)·|u| is u, relu(u)·step(u) is relu(u)."""
    for base, p in list(term.scalars.items()):
        if base.op == "sign" and p == 1:
            u = base.args[0]
            q = term.scalars.get(apply("abs", u))
            if q in (1, -1):
                del term.scalars[base], term.scalars[apply("abs", u)]
                term.times_scalar(u, q)
        elif base.op == "step" and p == 1 and apply("relu", base.args[0]) in term.scalars:
            del term.scalars[base]
    at = {(e, id(i), id(j)): (n, p) for n, (e, i, j, p) in enumerate(term.factors)}
    for n, (e, i, j, p) in enumerate(term.factors):
        if e.op not in ("sign", "step") or p != 1:
            continue
        partner = apply("abs" if e.op == "sign" else "relu", e.args[0])
        m, q = at.get((partner, id(i), id(j)), (n, F0))
        if e.op == "step" and isinstance(q, Fraction) and q > 0:
            del term.factors[n]
            return _signs(term)
        if e.op == "sign" and q in (1, -1):
            term.factors[m] = (e.args[0], i, j, q)
            del term.factors[n]
            return _signs(term)


def _one_plus(d: Expr, e: Expr) -> bool:
    return len(d.args) == 2 and e in d.args and any(a is NUMBER_ONE for a in d.args)


def _count_unused(term: Term) -> None:
    used: set[int] = set()
    for _, i, j, _ in term.factors:
        used |= {id(i), id(j)}
    for w, a, b in term.pairs:
        used |= {id(w), id(a), id(b)}
    still: list[Index] = []
    for i in term.bound:
        if id(i) in used:
            still.append(i)
        else:
            _times_size(term, i.dim)
    term.bound = still
    # a pair whose whole is bound and used nowhere else sums out: Σ_w pair(w; a, b) = 1
    counts: dict[int, int] = {}
    for _, i, j, _ in term.factors:
        for s in (i, j):
            counts[id(s)] = counts.get(id(s), 0) + 1
    for w, a, b in term.pairs:
        for s in (w, a, b):
            counts[id(s)] = counts.get(id(s), 0) + 1
    bound = {id(i) for i in term.bound}
    # … and so does one whose parts are: Σ_ab pair(w; a, b) = 1
    drop = [p for p in term.pairs if id(p[0]) in bound and counts[id(p[0])] == 1]
    parts = [p for p in term.pairs if all(id(s) in bound and counts[id(s)] == 1 for s in p[1:])]
    if drop or parts:
        gone = {id(p[0]) for p in drop}
        term.pairs = [p for p in term.pairs if not any(p is q for q in (*drop, *parts))]
        for p in parts:
            if id(p[0]) not in gone:
                gone |= {id(p[1]), id(p[2])}
        term.bound = [i for i in term.bound if id(i) not in gone]
        _count_unused(term)


def _times_size(term: Term, d: Dim) -> None:
    if d.value is not None:
        term.coef *= d.value
    else:
        term.times_scalar(size(d))
