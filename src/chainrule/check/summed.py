"""Index notation: repeated indices are summed, and a matrix may stand for its general entry.

``A_ij x_j`` with Einstein's convention is ``sum(j=1:n, A[i,j]*x[j])``. Few documents say that they
use it, so it is a second reading of what does not hold as it stands.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from chainrule.check.layouts import has_derivative
from chainrule.check.verdict import Claim, Verdict
from chainrule.dims import ONE, Dim
from chainrule.errors import ChainruleError
from chainrule.expr import BINDERS, Expr, postorder, rebuild
from chainrule.ops import entry, sigma
from chainrule.ops.indexed import bound

SUMMED = "repeated indices are summed"
TWICE = 2

_SAID = re.compile(
    r"einstein|эйнштейн|爱因斯坦|アインシュタイン|summation convention|求和约定|"
    r"(?:repeated|double) (?:index|indices)", re.IGNORECASE,
)  # fmt: skip

Table = dict[str, Dim]


def says_so(text: str) -> bool:
    """Does a document say that repeated indices are summed?"""
    return _SAID.search(text) is not None


def by_indices(
    claim: Claim, said: bool, judged: Callable[[Claim], Verdict]
) -> tuple[Verdict | None, Claim | None]:
    """The verdict if it holds in index notation; else the claim in it, where that was meant.

    ``said`` tells whether the document has announced that repeated indices are summed.
    """
    try:
        sums = tuple(summed(s) for s in claim.sides)
        sides, of = _entries(sums)
    except ChainruleError:
        return None, None
    if sides == claim.sides:
        return None, None
    other = replace(claim, sides=sides)
    found = judged(other)
    if found.kind in ("true", "true_in_layout"):
        conditions = [] if said or sums == claim.sides else [SUMMED]
        if of:
            conditions.append(f"the matrix stands for its entry {of}")
        kind = "true_if" if conditions else found.kind
        return replace(found, kind=kind, conditions=tuple(conditions)), None
    meant = said or (_free(claim.sides) is None and _free(sides) is not None)
    return None, other if meant and sums != claim.sides else None


def summed(root: Expr) -> Expr:
    """The same with a sum over every index that occurs twice in a product."""
    known = _names(root)
    memo: dict[Expr, Expr] = {}
    counts: dict[Expr, Counter[str]] = {}
    for e in postorder(root):
        new = rebuild(e, tuple(memo[a] for a in e.args)) if e.args else e
        here = _counted(e, [counts[a] for a in e.args], known)
        if e.op == "mul":
            for name in sorted(n for n, times in here.items() if times == TWICE):
                new = sigma(name, 1, known[name], new)
                del here[name]
        memo[e], counts[e] = new, here
    return memo[root]


def _names(root: Expr) -> Table:
    """Free indices, each with the length of the axis on which it stands."""
    out: Table = {}
    for e in postorder(root):
        if e.op == "unit" and isinstance(e.params[0], Dim) and isinstance(e.params[1], Dim):
            name = e.params[1].name
            if name is not None:
                out.setdefault(name, e.params[0])
    return out


def _counted(e: Expr, inner: Sequence[Counter[str]], known: Table) -> Counter[str]:
    """How often each index that is still free occurs; the terms of a sum share theirs."""
    if e.op == "unit":
        index = e.params[1]
        name = index.name if isinstance(index, Dim) else None
        return Counter([name]) if name in known else Counter()
    out: Counter[str] = Counter()
    for one in inner:
        out = out | one if e.op == "add" else out + one
    if e.op in BINDERS:
        del out[bound(e)[0]]
    return out


def free(e: Expr) -> tuple[str, ...]:
    """Names of the indices that are not summed, in the order of the alphabet."""
    known = _names(e)
    counts: dict[Expr, Counter[str]] = {}
    for part in postorder(e):
        counts[part] = _counted(part, [counts[a] for a in part.args], known)
    return tuple(sorted(n for n, times in counts[e].items() if times))


def _free(sides: Sequence[Expr]) -> tuple[str, ...] | None:
    """The free indices of all sides that are numbers; None where they have different ones."""
    found = {free(s) for s in sides if s.is_scalar}
    return found.pop() if len(found) == 1 else None


def _entries(sides: Sequence[Expr]) -> tuple[tuple[Expr, ...], str]:
    """``δ_kl = I``: beside the entry k, l of something the others are meant entry by entry."""
    named = _free(sides)
    arrays = [s for s in sides if not s.is_scalar]
    if not arrays or not named:
        return tuple(sides), ""
    named = _as_differentiated(sides, named)
    if any((ONE in s.shape) != (len(named) == 1) for s in arrays) or len(named) > TWICE:
        return tuple(sides), ""
    return tuple(s if s.is_scalar else _entry(s, named) for s in sides), ", ".join(named)


def _as_differentiated(sides: Sequence[Expr], named: tuple[str, ...]) -> tuple[str, ...]:
    """The order of the indices in ``∂/∂X_qp``, where there is one."""
    for e in postorder(*sides):
        if e.op == "mul" and has_derivative(e) and len(named) == TWICE:
            outer = [n for a in e.args for n in _names(a) if a.op in ("unit", "transpose")]
            if sorted(outer) == list(named):
                return tuple(outer)
    return named


def _entry(e: Expr, named: tuple[str, ...]) -> Expr:
    if len(named) == TWICE:
        return entry(e, named[0], named[1])
    return entry(e, named[0]) if e.shape[1] == ONE else entry(e, None, named[0])
