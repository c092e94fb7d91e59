"""Edits of names: another variable, index, size or range."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chainrule.check.edit import Edit, Named
from chainrule.check.rough import Path, rough
from chainrule.dims import ONE, Dim, dim
from chainrule.expr import BINDERS, Expr, node, postorder


def names_and_indices(
    path: Path, e: Expr, names: Sequence[Named], indices: Sequence[str], sizes: Sequence[str]
) -> Iterator[Edit]:
    own = next((name for name, v in names if v is e), None)
    if own is not None and (not path or e.op != "call"):
        for name, other in names:
            if other is not e:
                kind, weight = likeness(own, name)
                yield Edit(path, e, other, kind, ("{} stands where {} is meant", e, other), weight)
    if e.op == "call":
        for _, other in names:
            if other.op == "call" and other.params[0] != e.params[0]:
                new = rough("call", e.args[0], params=(other.params[0], e.params[1]))
                yield Edit(path, e, new, "wrong_function",
                           f"{e.params[0]} stands where {other.params[0]} is meant",
                           1.2)  # fmt: skip
    match e.op:
        case "unit":
            yield from _units(path, e, indices, sizes)
        case "eye" | "ones":
            yield from _sized(path, e, sizes)
        case "commut":
            m, n = e.params
            turned = node("commut", (), (n, m), e.shape)
            yield Edit(path, e, turned, "layout", "the commutation matrix is the wrong way round",
                       1.1)  # fmt: skip
            yield Edit(path, e, node("eye", (), (e.shape[0],), e.shape), "extra_factor",
                       "the commutation matrix is too many", 1.3)  # fmt: skip
        case _ if e.op in BINDERS:
            yield from _ranges(path, e, sizes)
            yield from _rebound(path, e)


def likeness(a: str, b: str) -> tuple[str, float]:
    """How two names may have been mixed up: another index (y1, y2), another letter (e1, delta1)."""
    (stem, end), (other, tail) = parts_of_name(a), parts_of_name(b)
    if stem == other:
        return "index", 1.1
    return "other", 1.25 if end == tail != "" else 1.4


def parts_of_name(name: str) -> tuple[str, str]:
    """``y2`` as ``y`` and ``2``."""
    stem = name.rstrip("0123456789")
    return stem.rstrip("_"), name[len(stem) :]


def _units(path: Path, e: Expr, indices: Sequence[str], sizes: Sequence[str]) -> Iterator[Edit]:
    n, i = e.params
    assert isinstance(i, Dim)
    others = [dim(name) for name in indices] + [i + ONE, i - ONE]
    for term in sizes:  # a stride in an index map
        for used in sizes:
            if used != term and used in i.names:
                others.append(i.subs({used: dim(term)}))
    for other in others:
        if other != i:
            yield Edit(path, e, node("unit", (), (n, other), e.shape), "index",
                       f"the index {i} stands where {other} is meant", 1.05)  # fmt: skip


def _sized(path: Path, e: Expr, sizes: Sequence[str]) -> Iterator[Edit]:
    if e.op == "eye":
        for name in sizes:
            n = dim(name)
            if n != e.shape[0]:
                yield Edit(path, e, node("eye", (), (n,), (n, n)), "range",
                           f"the identity has the size {e.shape[0]} instead of {n}",
                           1.2)  # fmt: skip
        for a in sizes:
            for b in sizes:
                if dim(a) * dim(b) == e.shape[0]:
                    k = node("commut", (), (dim(a), dim(b)), e.shape)
                    yield Edit(path, e, k, "dropped_factor",
                               f"the commutation matrix commut({a},{b}) is missing",
                               1.2)  # fmt: skip
        yield Edit(path, e, node("ones", (), (e.shape[0], e.shape[0]), e.shape), "wrong_function",
                   "the identity stands where a matrix of ones is meant", 1.4)  # fmt: skip
    elif e.shape[0] == e.shape[1]:
        yield Edit(path, e, node("eye", (), (e.shape[0],), e.shape), "wrong_function",
                   "ones stand where the identity is meant", 1.4)  # fmt: skip
    elif e.shape[1] == ONE:
        for name in sizes:
            if dim(name) != e.shape[0]:
                new = node("ones", (), (dim(name), ONE), (dim(name), ONE))
                yield Edit(path, e, new, "range", f"the vector of ones has the length {name}", 1.3)


def _ranges(path: Path, e: Expr, sizes: Sequence[str]) -> Iterator[Edit]:
    name, lo, hi, *rest = e.params
    assert isinstance(lo, Dim) and isinstance(hi, Dim)
    ends = [(lo, hi + ONE), (lo, hi - ONE), (lo + ONE, hi), (lo - ONE, hi)]
    ends += [(lo, dim(n)) for n in sizes if dim(n) != hi and n != name]
    for low, high in ends:
        new = node(e.op, e.args, (name, low, high, *rest), e.shape)
        yield Edit(path, e, new, "range",
                   f"the sum runs over {lo}…{hi} instead of {low}…{high}", 1.1)  # fmt: skip
    if name not in e.shape[0].names:
        yield Edit(path, e, e.args[0], "missing_sum", "the sum over an index is too many", 1.6)


def _rebound(path: Path, e: Expr) -> Iterator[Edit]:
    """A sum over another index of its body: ``Σ_i a_il`` as ``Σ_l a_il``."""
    name = str(e.params[0])
    inside = {str(b.params[0]) for b in postorder(e.args[0]) if b.op in BINDERS}
    spans: dict[str, Dim] = {}
    for u in postorder(e.args[0]):
        if u.op == "unit":
            n, i = u.params
            assert isinstance(n, Dim) and isinstance(i, Dim)
            if i.name is not None and i.name != name and i.name not in inside:
                spans.setdefault(i.name, n)
    for other, n in spans.items():
        new = node(e.op, e.args, (other, ONE, n, *e.params[3:]), e.shape)
        yield Edit(path, e, new, "index", f"the sum runs over {name} instead of {other}", 1.1)
