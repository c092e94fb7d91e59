"""Entries and members as people write them: ``A[i,j]``, ``x_i``, ``kd(i,j)`` for what stands there.

The writers see stand-in nodes (``entry``, ``member``, ``kd``) in place of the products with unit
vectors that mean the same; nothing else ever does.
"""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.dims import ONE, SCALAR, Dim
from chainrule.expr import BINDERS, Expr, node, postorder
from chainrule.ops.indexed import bound, is_down, looks_down

ALL = ":"


def sugared(root: Expr, sums: bool = False) -> Expr:
    """The expression with stand-ins for entries and members.

    With ``sums``, also members whose index is a sum, ``x_{i+1}``, which plain text has no form for.
    """
    order = postorder(root)
    if not any(e.op == "unit" for e in order):
        return root
    memo: dict[Expr, Expr] = {}
    for e in order:
        if e.op == "mul":
            memo[e] = _product(e, memo, sums)
            continue
        args = tuple(memo[a] for a in e.args)
        memo[e] = e if args == e.args else node(e.op, args, e.params, e.shape, e.traits)
    return memo[root]


def _unit(e: Expr) -> Dim | None:
    """The index of e_i."""
    if e.op != "unit":
        return None
    i = e.params[1]
    return i if isinstance(i, Dim) else None


def _row_unit(e: Expr) -> Dim | None:
    """The index of e_i'."""
    return _unit(e.args[0]) if e.op == "transpose" else None


def _product(e: Expr, memo: dict[Expr, Expr], sums: bool) -> Expr:
    shaped = [a for a in e.args if a.shape != SCALAR]
    chain = _members([(a, 1) for a in shaped], sums)
    if len(chain) > 1 and len(shaped) > 0:
        chain = _entries(chain, memo)
    args: list[Expr] = []
    starts = [(memo.get(a, a), width) for a, width in chain]
    before = done = 0  # matrices seen, and matrices written; scalars keep their place
    for a in e.args:
        if a.shape == SCALAR:
            if before > done:  # within what was drawn together: behind it
                made, width = starts.pop(0)
                args.append(made)
                done += width
            args.append(memo[a])
            continue
        if before == done:
            made, width = starts.pop(0)
            args.append(made)
            done += width
        before += 1
    return args[0] if len(args) == 1 else node("mul", tuple(args), (), e.shape)


Drawn = tuple[Expr, int]  # a factor and how many matrices of the product stand in it


def _members(chain: Sequence[Drawn], sums: bool) -> list[Drawn]:
    """Neighbours e_i' and a family drawn together into ``x_i`` or ``x_i'``."""
    out: list[Drawn] = []
    for a, width in chain:
        made = _member(out[-1][0], a, sums) if out else None
        if made is None:
            out.append((a, width))
        else:
            out[-1] = (made, out[-1][1] + width)
    return out


def _member(left: Expr, right: Expr, sums: bool) -> Expr | None:
    """``e_i'*x`` is ``x_i'`` (or ``x_i`` for scalars), ``x'*e_i`` is ``x_i``."""
    row = left if _selects(left) else None
    family = right if row is not None else left
    selector = row if row is not None else right
    flipped = family.op == "transpose"
    core = family.args[0] if flipped else family
    if core.op != "symbol" or "family" not in core.traits or flipped == (row is not None):
        return None
    if not _selects(selector):
        return None
    blocks = selector.op == "kron"
    unit = selector.args[0] if blocks else selector
    turned = unit.op == "transpose"
    if turned != (row is not None):
        return None
    i = _unit(unit.args[0] if turned else unit)
    if i is None or not (i.name or i.value or sums):
        return None
    rows = selector.args[1].shape[0] if blocks else ONE
    shape = (rows, core.shape[1])
    if blocks:
        made = node("member", (core,), (i,), shape)
        return made if row is not None else node("transpose", (made,), (), (shape[1], shape[0]))
    if core.shape[1] == ONE:
        return node("member", (core,), (i,), SCALAR)
    made = node("member", (core,), (i,), (core.shape[1], ONE))
    return node("transpose", (made,), (), (ONE, core.shape[1])) if row is not None else made


def _selects(e: Expr) -> bool:
    if e.op == "kron":
        return e.args[1].op == "eye" and _selects(e.args[0])
    return _unit(e) is not None or _row_unit(e) is not None


def _entries(chain: list[Drawn], memo: dict[Expr, Expr]) -> list[Drawn]:
    """Unit vectors at the ends of a chain and after a factor as indices of what they meet."""
    parts = [a for a, _ in chain]
    total = sum(width for _, width in chain)
    first, last = _row_unit(parts[0]), _unit(parts[-1])
    if len(parts) == 2 and first is not None and last is not None:
        return [(node("kd", (), (first, last)), total)]
    if first is not None and last is not None:
        return [(_entry(_whole(parts[1:-1], memo), first, last), total)]
    if first is not None and parts[-1].shape[1] == ONE:
        return [(_entry(_whole(parts[1:], memo), first, None), total)]
    out: list[Drawn] = []
    row: Dim | None = None
    for a, width in chain:
        a = memo.get(a, a)
        i, r = _unit(a), _row_unit(a)
        if row is not None and i is None and r is None:
            out[-1] = (_entry(a, row, ALL), out[-1][1] + width)
        elif i is not None and out and row is None and _plain_factor(out[-1][0]):
            out[-1] = (_entry(out[-1][0], ALL, i), out[-1][1] + width)
        else:
            out.append((a, width))
            row = r
            continue
        row = None
    return out


def _plain_factor(e: Expr) -> bool:
    return _unit(e) is None and _row_unit(e) is None and e.op != "entry"


def _whole(chain: list[Expr], memo: dict[Expr, Expr]) -> Expr:
    parts = tuple(memo.get(a, a) for a in chain)
    if len(parts) == 1:
        return parts[0]
    return node("mul", parts, (), (parts[0].shape[0], parts[-1].shape[1]))


def _entry(e: Expr, i: Dim | str, j: Dim | str | None) -> Expr:
    params = (i,) if j is None else (i, j)
    rows = e.shape[0] if i == ALL else ONE
    cols = e.shape[1] if j == ALL else ONE
    return node("entry", (e,), params, (rows, cols))


def binder(e: Expr) -> str:
    """Name and range of a sum or product: ``i=1:n``; with a step where it is not as it looks.

    A product runs downwards in ``i=n:1`` and in ``i=n:-1:k``, not in ``i=n:k``.
    """
    assert e.op in BINDERS
    name, lo, hi = bound(e)
    if e.op == "sigma" or looks_down(lo, hi) == is_down(e):
        return f"{name}={lo}:{hi}"
    return f"{name}={lo}:{-1 if is_down(e) else 1}:{hi}"


__all__ = ["binder", "sugared"]
