"""Lowering: write an expression into a term of the index language.

Lowering is shallow: products, transposes, diagonals, Kronecker products and vec are opened; sums
and functions stay whole as atoms, so that the user's own sub-expressions survive.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from chainrule.dims import Dim
from chainrule.expr import Expr
from chainrule.ops import inv, mul, ones
from chainrule.tensor.ir import F1, Exponent, Index, Slot, Term, exponent_times, index
from chainrule.traits import has, transposed


class Zero(Exception):
    """The term vanishes."""


def lower(term: Term, e: Expr, row: Slot, col: Slot, composites: bool = False) -> None:
    """Multiply ``term`` by the entry of ``e`` at (row, col).

    With ``composites``, ``kron``, ``vec`` and ``commut`` are opened into pairs as well.

    Raises
    ------
    Zero
        If the entry is identically zero.
    """
    stack: list[tuple[Expr, Slot, Slot, Exponent]] = [(e, row, col, F1)]
    while stack:
        item, i, j, power = stack.pop()
        if item.is_scalar:
            _lower_scalar(term, item, power)
            continue
        if i is None:  # rows are kept as transposed columns
            item, i, j = transposed(item), j, None
        if j is None and item.op == "transpose" and transposed(item.args[0]) is item:
            term.factors.append((item, i, j, power))
            continue
        if power == 1:
            opened = _open(term, item, i, j)
            if opened is None and composites:
                opened = _open_composite(term, item, i, j)
        else:
            opened = _open_power(term, item, i, j, power)
        if opened is None:
            term.factors.append((item, i, j, power))
        else:
            stack.extend(reversed(opened))


def lower_parts(term: Term, e: Expr, row: Slot, col: Slot, composites: bool = False) -> list[Term]:
    """``term`` times each part of the sum ``e`` (scalars spread), less the parts that vanish."""
    out: list[Term] = []
    for part in e.args if e.op == "add" else (e,):
        new = term.copy()
        try:
            lower(new, part, *((None, None) if part.is_scalar else (row, col)), composites)
        except Zero:
            continue
        out.append(new)
    return out


def lower_chain(term: Term, chain: Sequence[Expr], composites: bool = False) -> None:
    """Multiply ``term`` by a product of matrices that ends in a scalar, inner indices named."""
    left: Slot = None
    for k, a in enumerate(chain):
        right = None if k == len(chain) - 1 else index(a.shape[1])
        if right is not None:
            term.bound.append(right)
        lower(term, a, left, right, composites)
        left = right


def _lower_scalar(term: Term, e: Expr, power: Exponent) -> None:
    if power == 0:  # 0^0 is one as well
        return
    match e.op:
        case "number" if isinstance(power, Fraction) and power.denominator == 1:
            if e.value == 0 and power > 0:
                raise Zero
            term.times_scalar(e, power)
        case "mul" if all(a.is_scalar for a in e.args) and _integer(power):
            for a in e.args:
                _lower_scalar(term, a, power)
        case "mul" if e.args[0].op == "number" and _integer(power):
            _lower_scalar(term, e.args[0], power)
            _lower_scalar(term, mul(*e.args[1:]), power)
        case "pow" if _integer(power):
            exponent = e.args[1]
            inner: Exponent = exponent.value if exponent.op == "number" else exponent
            _lower_scalar(term, e.args[0], exponent_times(inner, power))
        case "sqrt" if _integer(power):
            _lower_scalar(term, e.args[0], exponent_times(Fraction(1, 2), power))
        case _:
            term.times_scalar(e, power)


def _integer(power: Exponent) -> bool:
    return isinstance(power, Fraction) and power.denominator == 1


Opened = list[tuple[Expr, Slot, Slot, Exponent]]


def _open(term: Term, e: Expr, i: Slot, j: Slot) -> Opened | None:
    match e.op:
        case "mul":
            return _open_product(term, e, i, j)
        case "transpose":
            if has(e.args[0], "skew"):
                term.coef = -term.coef
                return [(e.args[0], i, j, F1)]
            return [(e.args[0], j, i, F1)]
        case "hadamard":
            return [(a, i, j, F1) for a in e.args]
        case "epow" if e.args[1].op == "number" or e.args[1].is_scalar:
            p = e.args[1]
            return [(e.args[0], i, j, p.value if p.op == "number" else p)]
        case "eye":
            assert i is not None and j is not None
            term.deltas.append((i, j))
            return []
        case "ones":
            return []
        case "zeros":
            raise Zero
        case "diag":
            return _open_diag(term, e, i, j)
        case "inv" if e.args[0].op == "transpose":
            return [(inv(e.args[0].args[0]), j, i, F1)]
        case "inv" if e.args[0].op == "inv":
            return [(e.args[0].args[0], i, j, F1)]
        case "inv" if e.args[0].op == "mul" and any(a.is_scalar for a in e.args[0].args):
            for a in e.args[0].args:
                if a.is_scalar:
                    _lower_scalar(term, a, -F1)
            return [(inv(mul(*(a for a in e.args[0].args if not a.is_scalar))), i, j, F1)]
        case "add" if i is not None and len({id(a) for a in e.args}) == 1:
            term.coef *= len(e.args)
            return [(e.args[0], i, j, F1)]
    return None


def _open_composite(term: Term, e: Expr, i: Slot, j: Slot) -> Opened | None:
    match e.op:
        case "vec":
            assert i is not None
            r, c = (index(d) for d in e.args[0].shape)
            _pair(term, i, c, r)
            return [(e.args[0], *_resolved(i, r, c), F1)]
        case "kron":
            return _open_kron(term, e, i, j)
        case "commut":
            return _open_commut(term, e, i, j)
    return None


def _open_power(term: Term, e: Expr, i: Slot, j: Slot, power: Exponent) -> Opened | None:
    if e.op == "transpose":
        return [(e.args[0], j, i, power)]
    if e.op == "ones":
        return []
    if not _integer(power):
        return None
    match e.op:
        case "hadamard":
            return [(a, i, j, power) for a in e.args]
        case "epow":
            p = e.args[1]
            return [(e.args[0], i, j, exponent_times(p.value if p.op == "number" else p, power))]
        case "mul":
            shaped = [a for a in e.args if not a.is_scalar]
            constant_along = _row_sums(shaped)
            if constant_along is not None and j is not None:
                for a in e.args:
                    if a.is_scalar:
                        _lower_scalar(term, a, power)
                term.factors.append((constant_along, i, None, power))
                return []
            if len(shaped) == 1:
                for a in e.args:
                    if a.is_scalar:
                        _lower_scalar(term, a, power)
                return [(shaped[0], i, j, power)]
            if len(shaped) == 2 and shaped[0].shape[1].value == 1:  # (u v').^p = u.^p (v.^p)'
                for a in e.args:
                    if a.is_scalar:
                        _lower_scalar(term, a, power)
                return [(shaped[0], i, None, power), (shaped[1], None, j, power)]
    return None


def _row_sums(chain: list[Expr]) -> Expr | None:
    """``A*ones(n,m)`` is the vector ``A*ones(n)`` in every column."""
    last = chain[-1]
    if len(chain) < 2 or last.op != "ones" or last.shape[1].value == 1:
        return None
    return mul(*chain[:-1], ones(last.shape[0]))


def _open_product(term: Term, e: Expr, i: Slot, j: Slot) -> Opened:
    opened: Opened = []
    chain = [a for a in e.args if not a.is_scalar]
    constant_along = _row_sums(chain)
    if constant_along is not None and j is not None:
        term.factors.append((constant_along, i, None, F1))
        chain = []
    left = i
    for k, a in enumerate(chain):
        right = j if k == len(chain) - 1 else index(a.shape[1])
        if right is not None and k < len(chain) - 1:
            term.bound.append(right)
        opened.append((a, left, right, F1))
        left = right
    for a in e.args:
        if a.is_scalar:
            _lower_scalar(term, a, F1)
    return opened


def _open_diag(term: Term, e: Expr, i: Slot, j: Slot) -> Opened:
    arg = e.args[0]
    if e.shape[0] == e.shape[1]:  # of a vector
        assert i is not None and j is not None
        term.deltas.append((i, j))
        return [(arg, i, None, F1)] if arg.shape[1].value == 1 else [(arg, None, i, F1)]
    return [(arg, i, i, F1)]


def _pair(term: Term, whole: Index, slow: Slot, fast: Slot) -> None:
    """``whole`` runs over (slow, fast); an axis of size one drops out."""
    if slow is not None and fast is not None:
        term.pairs.append((whole, slow, fast))
        term.bound += [slow, fast]


def _resolved(whole: Index, r: Slot, c: Slot) -> tuple[Slot, Slot]:
    """Where one of the two is of size one the other is the whole index."""
    if r is None:
        return None, (whole if c is not None else None)
    if c is None:
        return whole, None
    return r, c


def _open_kron(term: Term, e: Expr, i: Slot, j: Slot) -> Opened:
    a, b = e.args
    slots: list[tuple[Slot, Slot]] = []
    for whole, axis in ((i, 0), (j, 1)):
        slow, fast = index(a.shape[axis]), index(b.shape[axis])
        if whole is None:
            slots.append((None, None))
            continue
        _pair(term, whole, slow, fast)
        slots.append(_resolved(whole, slow, fast))
    return [(a, slots[0][0], slots[1][0], F1), (b, slots[0][1], slots[1][1], F1)]


def _open_commut(term: Term, e: Expr, i: Slot, j: Slot) -> Opened:
    m, n = e.params
    assert isinstance(m, Dim) and isinstance(n, Dim) and i is not None and j is not None
    if m.value == 1 or n.value == 1:
        term.deltas.append((i, j))
        return []
    a, b = Index(m), Index(n)
    term.pairs += [(i, a, b), (j, b, a)]
    term.bound += [a, b]
    return []
