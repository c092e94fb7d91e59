"""Multiplying out sums that stand beside other entrywise factors, where terms may then cancel.

``(1-y).*s - y.*(1-s)`` is ``s - y``: whether the opened form is better is for the caller to judge.
"""

from __future__ import annotations

from chainrule.tensor.ir import Factor, Slot, Term
from chainrule.tensor.lower import lower_parts
from chainrule.tensor.reduce import reduce_term

MOST_TERMS = 12
LONGEST_SUM = 3


def opened_sums(terms: list[Term], free: tuple[Slot, ...]) -> list[Term] | None:
    """The terms multiplied out; None where nothing can cancel or it becomes too long."""
    if not 2 <= len(terms) <= MOST_TERMS:
        return None
    out: list[Term] = []
    changed = False
    work = list(reversed(terms))
    while work:
        term = work.pop()
        reduced = reduce_term(term, free)
        place = _beside(reduced)
        if place is None:
            out.append(reduced)
        else:
            changed = True
            work += reversed(_split(reduced, place))
        if len(out) + len(work) > MOST_TERMS:
            return None
    return out if changed else None


def _beside(term: Term) -> int | None:
    """The place of a short sum that multiplies another factor entry by entry."""
    for n, f in enumerate(term.factors):
        if not _short_sum(f):
            continue
        for m, g in enumerate(term.factors):
            if m != n and g[1] is f[1] and g[2] is f[2]:
                return n
    return None


def _short_sum(f: Factor) -> bool:
    return f[0].op == "add" and f[3] == 1 and len(f[0].args) <= LONGEST_SUM


def _split(term: Term, place: int) -> list[Term]:
    e, i, j, _ = term.factors[place]
    rest = term.copy()
    del rest.factors[place]
    return lower_parts(rest, e, i, j)
