"""Index formulas: does every index stay within its axis, at every admissible value?

``A_ij = a_{(i-1)n+j}`` with A of size n×m and a of nm entries leaves its axis for n > m: the stride
of a matrix stored by rows is its number of columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from chainrule.check.rough import replaced
from chainrule.check.verdict import Mend, Slip, Verdict
from chainrule.dims import ONE, Dim, dim
from chainrule.expr import BINDERS, Expr, node, postorder

TRIALS = ((2, 3, 4, 5), (3, 2, 5, 4), (4, 5, 2, 3))
"""Sizes at which indices are tried, by name in order."""


def out_of_range(sides: Sequence[Expr]) -> Verdict | None:
    """``ill_formed``, if an index formula leaves its axis at some sizes and simple ones do not."""
    places = list(_places(sides))
    free = {i.name: n for n, i in places if i.name is not None}
    names = sorted({x for n, _ in places for x in n.names})
    for length, index in places:
        used = index.names & free.keys()
        if index.name is not None or not used:
            continue
        for numbers in TRIALS:
            sizes = {x: numbers[k % 4] for k, x in enumerate(names)}
            worst = _extreme(index, used, free, sizes)
            limit = _value(length, sizes)
            if worst is None or limit is None or worst <= limit:
                continue
            at = ", ".join(f"{x} = {v}" for x, v in sizes.items())
            text = f"the index {index} runs to {worst}, but there are {limit} entries ({at})"
            mended = _mended(index, length, used, free, names)
            if mended is not None:
                text += f"; {mended} stays within"
            slip = Slip("index", text)
            return Verdict("ill_formed", slip=slip, reason=text, by=("shape",),
                           mends=_mends(sides, length, index, mended, slip))  # fmt: skip
    return None


def _mends(
    sides: Sequence[Expr], length: Dim, index: Dim, mended: Dim | None, slip: Slip
) -> tuple[Mend, ...]:
    """The side with the other formula."""
    if mended is None:
        return ()
    old = node("unit", (), (length, index), (length, ONE))
    new = node("unit", (), (length, mended), (length, ONE))
    at = next(k for k, s in enumerate(sides) if old in postorder(s))
    step = max(at - 1, 0)
    return (Mend(replaced(sides[at], {old: new}), at - step, slip, str(index), str(mended),
                 weight=1.0),)  # fmt: skip


def _places(sides: Sequence[Expr]) -> Iterator[tuple[Dim, Dim]]:
    """Axes with the free indices that stand on them; those of sums have ranges of their own."""
    order = postorder(*sides)
    bound = {str(e.params[0]) for e in order if e.op in BINDERS}
    for e in order:
        if e.op == "unit":
            length, index = e.params
            assert isinstance(length, Dim) and isinstance(index, Dim)
            if not index.names & bound:
                yield length, index


def _extreme(
    index: Dim,
    used: Sequence[str] | frozenset[str],
    free: Mapping[str, Dim],
    sizes: Mapping[str, int],
) -> int | None:
    """The largest value of an index formula."""
    ends = [(1, _value(free[n], sizes)) for n in used]
    best: int | None = None
    for values in product(*ends):
        if any(v is None for v in values):
            return None
        table = {**sizes, **dict(zip(used, values, strict=True))}
        found = _value(index, table)  # type: ignore[arg-type]
        if found is not None and (best is None or found > best):
            best = found
    return best


def _value(size: Dim, sizes: Mapping[str, int]) -> int | None:
    return size.subs({n: dim(sizes[n]) for n in size.names if n in sizes}).value


def _mended(
    index: Dim, length: Dim, used: frozenset[str], free: Mapping[str, Dim], names: Sequence[str]
) -> Dim | None:
    """The same formula with another size in it, if that stays within and reaches the end."""
    for old in sorted(index.names - used):
        for new in names:
            trial = index.subs({old: dim(new)})
            good = new != old
            for numbers in TRIALS:
                sizes = {x: numbers[k % 4] for k, x in enumerate(names)}
                good = good and _extreme(trial, used, free, sizes) == _value(length, sizes)
            if good:
                return trial
    return None


__all__ = ["out_of_range"]
