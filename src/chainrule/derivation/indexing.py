"""From expressions to entries: opening a function, and its derivative with Kronecker deltas.

Everything is done with the terms of the index language; what the sweep reduces at once is kept
apart here, so that a reader sees the deltas before they are summed out.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from chainrule.errors import UnsupportedError
from chainrule.expr import Expr, depends, size
from chainrule.ops import apply
from chainrule.tensor.ir import Exponent, Slot, Term, exponent_expr, exponent_sum, index
from chainrule.tensor.lower import Zero, lower, lower_chain
from chainrule.tensor.partial import partial
from chainrule.tensor.reduce import collected, reduce_term, resolve_deltas

Slots = tuple[Slot, Slot]
MOST = 60  # terms a line may have
OPENED = frozenset({"tr", "sum", "mul", "mean", "norm1"})


def opened(e: Expr, at: Slots, live: dict[Expr, bool]) -> list[Term]:
    """The entry of ``e`` at two indices as a sum of products of entries."""
    out: list[Term] = []
    work: list[tuple[Term, Expr]] = [(Term(), e)]
    while work:
        front, item = work.pop(0)
        if item.op == "add":
            work = [(front.copy(), a) for a in item.args] + work
            continue
        term = front.copy()
        spread = at if not item.is_scalar else (None, None)
        try:
            split = _split(front, item, live)
            if split is not None:
                work.insert(0, split)
                continue
            lower(term, item, *spread)
            _open_scalars(term, live)
        except Zero:
            continue
        settled(term, (*at,))
        term.factors = collected(term.factors)  # xᵢ xᵢ is xᵢ²
        out.append(term)
    return out


def _split(front: Term, item: Expr, live: dict[Expr, bool]) -> tuple[Term, Expr] | None:
    """``2*(a + b)``: constant scalars in front of one live scalar sum."""
    if item.op != "mul" or not all(a.is_scalar for a in item.args):
        return None
    moving = [a for a in item.args if live.get(a)]
    if len(moving) != 1 or moving[0].op != "add":
        return None
    inner = moving[0]
    term = front.copy()
    for a in item.args:
        if a is not inner:
            lower(term, a, None, None)
    return term, inner


def _open_scalars(term: Term, live: dict[Expr, bool]) -> None:
    """Traces, sums and products that give a scalar, written as sums over entries."""
    work = True
    while work:
        work = False
        for base, p in list(term.scalars.items()):
            if not live.get(base):
                continue
            if base.op in ("norm2", "normF") and p == 2:
                del term.scalars[base]
                i, j = _bound(term, base.args[0])
                term.factors.append((base.args[0], i, j, Fraction(2)))
            elif p == 1 and base.op in OPENED:
                del term.scalars[base]
                _open_scalar(term, base)
                work = True


def _open_scalar(term: Term, e: Expr) -> None:
    arg = e.args[0]
    if e.op == "mul":
        chain = [a for a in e.args if not a.is_scalar]
        for a in e.args:
            if a.is_scalar:
                term.times_scalar(a)
        lower_chain(term, chain)
        return
    if e.op == "tr":
        i = index(arg.shape[0])
        if i is not None:
            term.bound.append(i)
        lower(term, arg, i, i)
        return
    if e.op == "mean":
        term.times_scalar(size(arg.shape[0] * arg.shape[1]), Fraction(-1))
    i, j = _bound(term, arg)
    lower(term, apply("abs", arg) if e.op == "norm1" else arg, i, j)


def _bound(term: Term, e: Expr) -> Slots:
    i, j = index(e.shape[0]), index(e.shape[1])
    term.bound += [k for k in (i, j) if k is not None]
    return i, j


def settled(term: Term, free: Iterable[Slot]) -> None:
    """Contract deltas that the opening of diagonals and identities left behind."""
    kept = {id(i) for i in free if i is not None}
    resolve_deltas(term, kept)


def with_deltas(
    terms: Iterable[Term], out: Slots, x: Expr, var: Slots, live: dict[Expr, bool]
) -> list[Term]:
    """The derivative of a sum of terms by one entry of ``x``, deltas between own indices kept."""
    result: list[Term] = []
    for t in terms:
        kept = {id(i) for i in (*out, *var, *t.bound) if i is not None}
        for rest, hole, at in _holes(t, live):
            for made in _through(rest, hole, at, x, var, live):
                resolve_deltas(made, kept)
                made.factors = collected(made.factors)
                result.append(made)
        if len(result) > MOST:
            raise UnsupportedError("in index notation the derivative has too many terms to be read")
    return result


def _holes(t: Term, live: dict[Expr, bool]) -> list[tuple[Term, Expr, Slots]]:
    """Product rule: for each factor that moves, the rest of the term."""
    out = []
    for n, (e, i, j, p) in enumerate(t.factors):
        if _moves(e, live):
            rest = t.copy()
            rest.factors = t.factors[:n] + t.factors[n + 1 :]
            _lowered_power(rest, p)
            less = exponent_sum(p, Fraction(-1))
            if less != 0:
                rest.factors.insert(n, (e, i, j, less))
            out.append((rest, e, (i, j)))
    for n, (e, i, j, p) in enumerate(t.factors):
        if isinstance(p, Expr) and _moves(p, live):  # the variable in an exponent
            rest = t.copy()
            rest.factors.insert(n + 1, (apply("log", e), i, j, Fraction(1)))
            out.append((rest, p, (None, None)))
    for e, p in t.scalars.items():
        if isinstance(p, Expr) and _moves(p, live):
            rest = t.copy()
            rest.times_scalar(apply("log", e))
            out.append((rest, p, (None, None)))
        if _moves(e, live):
            rest = t.copy()
            del rest.scalars[e]
            _lowered_power(rest, p)
            less = exponent_sum(p, Fraction(-1))
            if less != 0:
                rest.times_scalar(e, less)
            out.append((rest, e, (None, None)))
    return out


def _moves(e: Expr, live: dict[Expr, bool]) -> bool:
    if e not in live:
        live.update(depends(e, frozenset(s for s, yes in live.items() if yes and not s.args)))
    return live[e]


def _lowered_power(t: Term, p: Exponent) -> None:
    if isinstance(p, Fraction):
        t.coef *= p
    else:
        t.times_scalar(exponent_expr(p))


def _through(
    rest: Term, hole: Expr, at: Slots, x: Expr, var: Slots, live: dict[Expr, bool]
) -> list[Term]:
    """Chain rule from a factor down to the variable, one local rule at a time."""
    done: list[Term] = []
    work: list[tuple[Term, Expr, Slots]] = [(rest, hole, at)]
    while work:
        term, e, here = work.pop()
        if e is x:
            term = term.copy()
            term.deltas += [
                (a, b) for a, b in zip(here, var, strict=True) if a is not None and b is not None
            ]
            done.append(term)
            continue
        for k, a in enumerate(e.args):
            if not _moves(a, live):
                continue
            there = (index(a.shape[0]), index(a.shape[1]))
            for local in partial(e, k, here, there):
                new = term.copy()
                new.absorb(local.copy())
                new.bound += [s for s in there if s is not None]
                work.append((new, a, there))
        if len(work) + len(done) > MOST:
            raise UnsupportedError("in index notation the derivative has too many terms to be read")
    done.reverse()
    return done


def summed_out(terms: Iterable[Term], free: Iterable[Slot]) -> list[Term]:
    """Deltas summed out, equal terms collected."""
    keep = tuple(free)
    found: list[Term] = []
    for t in terms:
        r = reduce_term(t, keep)
        if r.coef == 0:
            continue
        for other in found:
            if _same(other, r):
                other.coef += r.coef
                break
        else:
            found.append(r)
    return [t for t in found if t.coef != 0]


def _same(a: Term, b: Term) -> bool:
    """Equal but for the coefficient, with no bound index (else the names may differ)."""
    if a.bound or b.bound or a.scalars != b.scalars or a.pairs or b.pairs:
        return False
    return _key(a) == _key(b)


def _key(t: Term) -> tuple[frozenset[object], frozenset[object]]:
    factors = frozenset((e, id(i), id(j), p) for e, i, j, p in t.factors)
    return factors, frozenset(frozenset((id(a), id(b))) for a, b in t.deltas)
