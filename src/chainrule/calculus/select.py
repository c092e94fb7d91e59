"""Rows, columns and entries of an expression, with the index carried to the symbols.

Row k of ``2*(X*w-b)*w'`` is ``2*(x_k'*w-b_k)*w'``: the inverse of stacking.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from chainrule.calculus.binders import summed
from chainrule.calculus.tidy import divides
from chainrule.dims import ONE, Dim, DimLike, dim
from chainrule.expr import Expr, number, postorder, rebuild
from chainrule.ops import (
    add,
    apply,
    constant,
    entry,
    hadamard,
    is_elementwise,
    mul,
    ones,
    transpose,
    zeros,
)
from chainrule.ops.indexed import renamed
from chainrule.traits import transposed

Task = tuple[Expr, Dim | None, Dim | None]
Plan = tuple[list[Task], Callable[[list[Expr]], Expr]]
ROWWISE = {"softmax_rows": "softmax", "logsoftmax_rows": "logsoftmax"}


def select(e: Expr, i: DimLike | None, j: DimLike | None = None) -> Expr:
    """``e[i,j]``; None keeps an axis.

    Equal to :func:`chainrule.ops.entry`, but sums, products and elementwise functions are opened.
    """
    start = _task(e, None if i is None else dim(i), None if j is None else dim(j))
    memo: dict[Task, Expr] = {}
    stack = [start]
    while stack:
        task = stack[-1]
        if task in memo:
            stack.pop()
            continue
        needs, build = _plan(*task)
        missing = [t for t in needs if t not in memo]
        if missing:
            stack += missing
            continue
        memo[task] = build([memo[t] for t in needs])
        stack.pop()
    return memo[start]


def unfolded(root: Expr) -> Expr:
    """Unit vectors in products carried into the factors beside: ``A*B*e_k`` is ``A*B[:,k]``."""
    memo: dict[Expr, Expr] = {}
    for e in postorder(root):
        made = rebuild(e, tuple(memo[a] for a in e.args))
        memo[e] = _unfolded(made) if made.op == "mul" else made
    return memo[root]


def _unfolded(e: Expr) -> Expr:
    parts: list[Expr] = [a for a in e.args if a.is_scalar]
    segment: list[Expr] = []
    for a in e.args:
        if a.is_scalar:
            continue
        segment.append(a)
        if a.shape[1] == ONE:
            parts.append(_segment(segment))
            segment = []
    return mul(*parts, *([_segment(segment)] if segment else []))


def _segment(chain: list[Expr]) -> Expr:
    first, last = chain[0], chain[-1]
    i = j = None
    if len(chain) > 1 and last.op == "unit":
        j, chain = last.params[1], chain[:-1]
    if len(chain) > 1 and first.op == "transpose" and first.args[0].op == "unit":
        i, chain = first.args[0].params[1], chain[1:]
    assert not isinstance(i, (str, Fraction)) and not isinstance(j, (str, Fraction))
    return select(mul(*chain), i, j)


def _task(e: Expr, i: Dim | None, j: Dim | None) -> Task:
    return (e, None if e.shape[0] == ONE else i, None if e.shape[1] == ONE else j)


def _plan(e: Expr, i: Dim | None, j: Dim | None) -> Plan:
    if i is None and j is None:
        return [], lambda _: e
    match e.op:
        case "add":
            return [_task(a, i, j) for a in e.args], lambda parts: add(*parts)
        case "hadamard":
            return [_task(a, i, j) for a in e.args], lambda parts: hadamard(*parts)
        case "mul":
            return _product(e, i, j)
        case "transpose":
            return [_task(e.args[0], j, i)], lambda parts: transposed(parts[0])
        case "epow":
            return [_task(e.args[0], i, j)], lambda parts: rebuild(e, (parts[0], e.args[1]))
        case "ones" | "zeros":
            rows = ONE if i is not None else e.shape[0]
            cols = ONE if j is not None else e.shape[1]
            made = ones(rows, cols) if e.op == "ones" else zeros(rows, cols)
            return [], lambda _: made
        case "diag":
            return _diagonal(e, i, j)
        case "softmax_rows" | "logsoftmax_rows" if i is not None and j is None:
            name = ROWWISE[e.op]
            return [_task(e.args[0], i, None)], lambda parts: transpose(
                apply(name, _column(parts[0]))
            )
        case "sum_rows":
            return [_task(e.args[0], i, None)], lambda parts: apply("sum", parts[0])
        case "logsumexp_rows":
            return [_task(e.args[0], i, None)], lambda parts: apply("logsumexp", _column(parts[0]))
        case "sum_cols":
            return [_task(e.args[0], None, j)], lambda parts: apply("sum", parts[0])
        case "sigma":
            taken = {n for d in (i, j) if d is not None for n in d.names}
            apart = renamed(e, taken) if str(e.params[0]) in taken else e
            return [_task(apart.args[0], i, j)], lambda parts: summed(apart, parts[0])
        case "prod":
            return [], lambda _: _entry(e, i, j)
    if is_elementwise(e.op):
        return [_task(a, i, j) for a in e.args], lambda parts: rebuild(e, tuple(parts))
    return [], lambda _: _entry(e, i, j)


def _entry(e: Expr, i: Dim | None, j: Dim | None) -> Expr:
    if e.op == "unit" and i is not None:
        k = e.params[1]
        if k == i:
            return number(1)
        assert isinstance(k, Dim)
        if k.value is not None and i.value is not None:
            return number(0)
    if e.op == "eye" and i is not None and i == j:
        return number(1)
    return entry(e, i, j)


def _product(e: Expr, i: Dim | None, j: Dim | None) -> Plan:
    scalars = [a for a in e.args if a.is_scalar]
    chain = [a for a in e.args if not a.is_scalar]
    weights: list[Task] = []  # a diagonal matrix at an end scales the row
    while i is not None and len(chain) > 1 and _is_diagonal(chain[0]):
        weights.append(_task(chain.pop(0).args[0], i, i))
    while j is not None and len(chain) > 1 and _is_diagonal(chain[-1]):
        weights.append(_task(chain.pop().args[0], j, j))
    ends = [_task(chain[0], i, None), _task(chain[-1], None, j)]
    if len(chain) == 1:
        ends = [_task(chain[0], i, j)]

    def build(parts: list[Expr]) -> Expr:
        body = [*parts[len(weights) :][:1], *chain[1:-1], *parts[len(weights) :][1:]]
        number_one = number(1)
        factors = [a for a in (*scalars, *parts[: len(weights)], *body) if a is not number_one]
        factors.sort(key=divides)
        return mul(*(factors or [number_one]))

    return [*weights, *ends], build


def _is_diagonal(e: Expr) -> bool:
    return e.op == "diag" and e.shape[0] == e.shape[1] and ONE in e.args[0].shape


def _diagonal(e: Expr, i: Dim | None, j: Dim | None) -> Plan:
    arg = e.args[0]
    if e.shape[0] != e.shape[1] or e.shape[1] == ONE:  # the diagonal of a matrix
        at = i if i is not None else j
        return [_task(arg, at, at)], lambda parts: parts[0]
    at = i if i is not None else j
    assert at is not None
    n = e.shape[0]
    if i is None:
        rest = constant("unit", n, at)
    elif j is None:
        rest = transpose(constant("unit", n, at))
    else:
        rest = _entry(constant("eye", n), i, j)
    return [_task(arg, at, at)], lambda parts: mul(parts[0], rest)


def _column(e: Expr) -> Expr:
    return transposed(e) if e.shape[0] == ONE else e


__all__ = ["select"]
