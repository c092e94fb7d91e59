"""Sums and products over an index, entries, and the members of a family.

An index is a name used as a size: ``unit(n,i)`` is e_i, ``size("i")`` its value. A binder holds
the name in its body and nowhere else, so two binders may use the same name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chainrule.dims import ONE, Dim, DimLike, dim
from chainrule.errors import ShapeError, UsageError
from chainrule.expr import BINDERS, Expr, builders, free_names, node, postorder, rebuild, size
from chainrule.ops.build import apply, constant, eye, mul, transpose
from chainrule.ops.table import Op, describe, row, same

DOWN = (-1,)  # step of a product that runs downwards

row(Op("sigma", "binder", 1, "sum over an index: sum(i=1:n, …)", shape=same))
row(Op("prod", "binder", 1, "product over an index, from left to right: prod(i=1:n, …)",
       shape=same))  # fmt: skip


def sigma(name: str, lo: DimLike, hi: DimLike, body: Expr) -> Expr:
    """``sum(name=lo:hi, body)``; an empty range gives zero.

    Raises
    ------
    UsageError
        If the index stands in its own range.
    ShapeError
        If the size of the body depends on the index.
    """
    return _binder("sigma", name, dim(lo), dim(hi), body)


def prod(name: str, lo: DimLike, hi: DimLike, body: Expr, down: bool | None = None) -> Expr:
    """``prod(name=lo:hi, body)`` of scalars or square matrices, from left to right.

    Parameters
    ----------
    down
        Does the index run downwards, ``prod(i=n:-1:1, …)``? Left out, a range from a name to 0 or
        1, or from a larger to a smaller number, is taken to. The direction stays with the
        product: ``prod(i=1:k-1, …)`` is empty for k = 1.

    Raises
    ------
    ShapeError
        If the body is neither a scalar nor a square matrix.
    """
    if body.shape[0] != body.shape[1]:
        raise ShapeError(
            f"a product over an index needs a scalar or a square matrix, not {describe(body)}"
        )
    first, last = dim(lo), dim(hi)
    if down is None:
        down = looks_down(first, last)
    return _binder("prod", name, first, last, body, DOWN if down else ())


def looks_down(first: Dim, last: Dim) -> bool:
    """Is ``first:last`` read as a range that runs downwards, where nothing is said?"""
    gap = (first - last).value
    return gap > 0 if gap is not None else last.value in (0, 1)


def _binder(op: str, name: str, lo: Dim, hi: Dim, body: Expr, more: tuple[int, ...] = ()) -> Expr:
    if name in lo.names or name in hi.names:
        raise UsageError(f"the index {name} cannot stand in its own range {lo}:{hi}")
    if name in body.shape[0].names or name in body.shape[1].names:
        raise ShapeError(f"the size of {describe(body)} depends on the index {name}")
    return node(op, (body,), (name, lo, hi, *more), body.shape)


def bound(e: Expr) -> tuple[str, Dim, Dim]:
    """Name and range of a binder."""
    name, lo, hi = e.params[:3]
    assert isinstance(name, str) and isinstance(lo, Dim) and isinstance(hi, Dim)
    return name, lo, hi


def is_down(e: Expr) -> bool:
    """Does the index of a product run downwards?"""
    return len(e.params) > 3


def rebind(e: Expr, name: str, lo: Dim, hi: Dim, body: Expr) -> Expr:
    """The same kind of sum or product, in the same direction, of another body."""
    return _binder(e.op, name, lo, hi, body, DOWN if is_down(e) else ())


def with_sizes(root: Expr, table: Mapping[str, DimLike]) -> Expr:
    """Replace free sizes and indices (``i`` by ``3``, by ``k``, by ``n``) throughout."""
    sizes = {name: dim(value) for name, value in table.items()}
    if not sizes:
        return root
    memo: dict[Expr, Expr] = {}
    for e in postorder(root):
        memo[e] = _resized(e, sizes, memo)
    return memo[root]


def _resized(e: Expr, sizes: Mapping[str, Dim], memo: Mapping[Expr, Expr]) -> Expr:
    if free_names(e).isdisjoint(sizes):
        return e
    params = tuple(p.subs(sizes) if isinstance(p, Dim) else p for p in e.params)
    if e.op in BINDERS:
        name, lo, hi = bound(e)
        inner = {k: v for k, v in sizes.items() if k != name}
        lo, hi, body = lo.subs(sizes), hi.subs(sizes), e.args[0]
        if any(name in v.names for v in inner.values()):
            name, body = apart(e, [v.names for v in inner.values()])
        return rebind(e, name, lo, hi, with_sizes(body, inner))
    if e.op == "symbol":
        return node("symbol", (), e.params, (e.shape[0].subs(sizes), e.shape[1].subs(sizes)),
                    e.traits)  # fmt: skip
    if e.op == "size":
        return size(params[0])  # type: ignore[arg-type]
    if params and not e.args:
        return constant(e.op, *params)  # type: ignore[arg-type]
    return rebuild(e, tuple(memo[a] for a in e.args))


def apart(e: Expr, taken: Iterable[Iterable[str]]) -> tuple[str, Expr]:
    """A binder's name and body with the name changed so that it meets none of ``taken``."""
    name, _, _ = bound(e)
    used = set().union(*taken) | free_names(e.args[0]) | {name}
    used |= {s.name for s in postorder(e.args[0]) if s.op == "symbol"}
    new = fresh(name, used)
    return new, with_sizes(e.args[0], {name: new})


def fresh(name: str, used: Iterable[str]) -> str:
    """``i``, else the next letters, else ``i1``, ``i2``, …"""
    known = set(used)
    candidates: list[str] = [name, *"ijkl"]
    for candidate in candidates:
        if candidate not in known:
            return candidate
    n = 1
    while f"{name}{n}" in known:
        n += 1
    return f"{name}{n}"


def renamed(e: Expr, taken: Iterable[str]) -> Expr:
    """The same binder with a name that is not in ``taken``."""
    _, lo, hi = bound(e)
    name, body = apart(e, [taken])
    return rebind(e, name, lo, hi, body)


def _rebound(e: Expr, args: tuple[Expr, ...]) -> Expr:
    return rebind(e, *bound(e), args[0])


builders.update(rebinder=_rebound, renamed=renamed)


# -- entries and members ----------------------------------------------------------------------
def entry(e: Expr, i: DimLike | None, j: DimLike | None = None) -> Expr:
    """``e[i,j]``; None keeps the axis: ``entry(X, "i", None)`` is the row ``X[i,:]``.

    An entry of the identity is Kronecker's delta ``kd(i,j)``, a product of unit vectors.
    """
    parts = [] if e.op == "eye" and (i is not None or j is not None) else [e]
    if i is not None:
        parts.insert(0, transpose(constant("unit", e.shape[0], i)))
    if j is not None:
        parts.append(constant("unit", e.shape[1], j))
    return mul(*parts)


def is_family(e: Expr) -> bool:
    """A symbol that stacks the members of a family."""
    return e.op == "symbol" and "family" in e.traits


def member(family: Expr, i: DimLike, rows: DimLike = 1) -> Expr:
    """Member ``i`` of a family: a column for a family n×m, a scalar for n×1.

    Parameters
    ----------
    rows
        Rows of each member, for a family of matrices stacked as (n·rows)×p.
    """
    m = dim(rows)
    if m != ONE:
        selector = apply("kron", transpose(constant("unit", count(family, m), i)), eye(m))
        return mul(selector, family)
    e_i = constant("unit", family.shape[0], i)
    if family.shape[1] == ONE:
        return mul(transpose(e_i), family)
    return mul(transpose(family), e_i)


def count(family: Expr, rows: Dim) -> Dim:
    """How many members of ``rows`` rows are stacked.

    Raises
    ------
    ShapeError
        If the rows of the family are no multiple of that.
    """
    total = family.shape[0]
    if total.value is not None and rows.value:
        if total.value % rows.value == 0:
            return dim(total.value // rows.value)
    elif rows.name is not None:
        kept = []
        for mono, coef in total.terms:
            powers = dict(mono)
            if powers.get(rows.name, 0) < 1:
                break
            powers[rows.name] -= 1
            kept.append((tuple(sorted((k, p) for k, p in powers.items() if p)), coef))
        else:
            return Dim(tuple(sorted(kept)))
    elif rows.value and all(c % rows.value == 0 for _, c in total.terms):
        return Dim(tuple((m, c // rows.value) for m, c in total.terms))
    raise ShapeError(f"{describe(family)} does not consist of members of {rows} rows")
