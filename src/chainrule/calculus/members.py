"""Matrix form to sums over the members of a family, and derivatives by a member or an entry."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.calculus.binders import picks, summed
from chainrule.calculus.dissolve import dissolved
from chainrule.calculus.forms import Derivative
from chainrule.calculus.select import select, unfolded
from chainrule.calculus.sweep import Sweep
from chainrule.calculus.tidy import tidied
from chainrule.dims import ONE, Dim, DimLike, dim
from chainrule.errors import UnsupportedError, UsageError
from chainrule.expr import (
    BINDERS,
    Expr,
    free_names,
    node,
    number,
    postorder,
    rebuild,
    size_names,
    substitute,
    symbols,
)
from chainrule.ops import (
    add,
    apply,
    constant,
    eye,
    is_family,
    mul,
    power,
    sigma,
    transpose,
    zeros,
)
from chainrule.ops.indexed import count, fresh, renamed
from chainrule.tensor.factor import cost
from chainrule.traits import transposed

SUM_COSTS = 5  # tokens that a sum must save against matrix form
DEEPEST = 100  # nested sums and products that a block is carried into


@dataclass(frozen=True)
class Part:
    """A part of a variable: member ``i`` of a family, or the entry (i, j)."""

    whole: Expr
    i: Dim | None
    j: Dim | None = None
    rows: Dim | None = None  # of each member of a family of matrices

    @property
    def is_entry(self) -> bool:
        """A single number?"""
        if self.rows is not None:
            return False
        rows, cols = self.whole.shape
        return (self.i is not None or rows == ONE) and (self.j is not None or cols == ONE)


def part_of(e: Expr) -> Part | None:
    """Which part of which variable an expression is: ``x_k``, ``W[i,j]``; None for others."""
    if e.op != "mul":
        return None
    i = j = rows = None
    core: list[Expr] = []
    for a in e.args:
        inner = a.args[0] if a.op == "transpose" else a
        if inner.op == "unit":
            k = inner.params[1]
            assert isinstance(k, Dim)
            if a is inner:
                j = k
            else:
                i = k
        elif a.op == "kron" and a.args[1].op == "eye" and a.args[0].op == "transpose":
            if a.args[0].args[0].op != "unit":
                return None
            k = a.args[0].args[0].params[1]
            assert isinstance(k, Dim)
            i, rows = k, a.shape[0]
        else:
            core.append(a)
    if len(core) != 1 or (i is None and j is None):
        return None
    flipped = core[0].op == "transpose"
    whole = core[0].args[0] if flipped else core[0]
    if whole.op != "symbol":
        return None
    return Part(whole, *((j, i) if flipped else (i, j)), rows)


def member_gradient(f: Expr, family: Expr, k: DimLike, rows: DimLike = 1) -> Expr:
    """Gradient of a scalar by member ``k`` of a family: a column, or a matrix of ``rows`` rows.

    Raises
    ------
    UsageError
        If ``f`` is not a scalar.
    UnsupportedError
        If the derivative cannot be written.
    """
    return part_gradient(f, Part(family, dim(k), None, dim(rows) if dim(rows) != ONE else None))


def part_gradient(f: Expr, part: Part, keep: bool = False) -> Expr:
    """Derivative by a part of a variable; by an entry, ``f`` may have any shape.

    With ``keep``, sums over an index stay sums.
    """
    x = part.whole
    f = f if keep else dissolved(f)
    d = Derivative(Sweep(f, [x], keep=keep), x)
    if f.is_scalar:
        return picked(d.expr("gradient"), part)
    if not part.is_entry:
        raise UsageError("by a member of a family only a scalar can be differentiated")
    change = node("symbol", (), ("d" + x.name,), x.shape)
    i, j = part.i, part.j
    ends = [constant("unit", x.shape[0], i)] if i is not None else []
    ends += [transpose(constant("unit", x.shape[1], j))] if j is not None else []
    return unfolded(substitute(d.expr("differential"), {change: mul(*ends)}))


def picked(gradient: Expr, part: Part) -> Expr:
    """The part of a gradient of the shape of the whole variable."""
    if part.rows is not None:
        assert part.i is not None
        return _blocks(gradient, part.i, part.rows)
    chosen = select(gradient, part.i, part.j)
    if part.is_entry:
        chosen = unfolded(chosen)
    chosen = tidied(chosen)
    column = part.j is None and chosen.shape[0] == ONE and is_family(part.whole)
    return transposed(chosen) if column else chosen


def best_part(f: Expr, gradient: Expr, part: Part) -> Expr:
    """A part of the gradient as one would write it.

    Either taken from the matrix form, or from the sum that ``f`` is written as, whose terms stay
    in the words of ``f``; the shorter one, if numbers agree that they are the same.
    """
    from chainrule.numeric import compare

    found = picked(gradient, part)
    if not any(e.op == "sigma" for e in postorder(f)):
        return found
    try:
        other = part_gradient(f, part, keep=True)
    except UnsupportedError:
        return found
    if _length(other) < _length(found) and compare(found, other).verdict == "equal":
        return other
    return found


def _length(e: Expr) -> int:
    order = postorder(e)
    sums = sum(a.op in BINDERS for a in order)
    turned = sum(a.op == "transpose" and a.args[0].op != "unit" for a in order)
    return cost(e) + turned + SUM_COSTS * sums


def block_rows(f: Expr, family: Expr) -> Dim | None:
    """Rows of each member of a family of matrices, as they are used in ``f``."""
    for e in postorder(f):
        if e.op == "mul" and family in e.args:
            for a in e.args:
                if a.op == "kron" and picks(a) and a.args[1].op == "eye":
                    return a.args[1].shape[0]
    return None


def _blocks(e: Expr, i: Dim, rows: Dim, depth: int = 0) -> Expr:
    """Block ``i`` of ``rows`` rows of a stacked matrix: ``(e_i' ⊗ I)*e`` carried inside."""
    match e.op:
        case _ if depth > DEEPEST:
            pass
        case "zeros":
            return zeros(rows, e.shape[1])
        case "add":
            return add(*(_blocks(a, i, rows, depth + 1) for a in e.args))
        case "mul":
            scalars = [a for a in e.args if a.is_scalar]
            chain = [a for a in e.args if not a.is_scalar]
            first = _blocks(chain[0], i, rows, depth + 1)
            parts = list(first.args) if first.op == "mul" else [first]
            if len(chain) > 1:
                parts = [a for a in parts if a.op != "eye"]
            return mul(*scalars, *parts, *chain[1:])
        case "kron" if e.args[1].shape[0] == rows:
            weight, block = select(e.args[0], i), e.args[1]
            if not weight.is_scalar:
                return apply("kron", weight, block)
            return block if weight is number(1) else mul(weight, block)
        case "sigma":
            apart = renamed(e, i.names) if str(e.params[0]) in i.names else e
            return summed(apart, _blocks(apart.args[0], i, rows, depth + 1))
        case _ if e.is_scalar:
            return e
    n = count(node("symbol", (), ("",), e.shape), rows)
    return mul(apply("kron", transpose(constant("unit", n, i)), eye(rows)), e)


def in_members(e: Expr) -> Expr:
    """The families' own sums written out: ``x'*x`` is ``sum(i=1:n, x_i*x_i')``.

    What has no such form is left as it is.
    """
    axes = {s.shape[0] for s in symbols(e).values() if is_family(s)}
    if not axes:
        return e
    taken = {*size_names(e), *symbols(e)}
    taken |= {str(a.params[0]) for a in postorder(e) if a.op in ("sigma", "prod")}
    name = fresh("i", taken)
    memo: dict[Expr, Expr] = {}
    for a in postorder(e):
        made = _in_members(a, axes, name)
        memo[a] = made if made is not None else rebuild(a, tuple(memo[b] for b in a.args))
    return memo[e]


def _in_members(e: Expr, axes: set[Dim], name: str) -> Expr | None:
    i = dim(name)
    arg = e.args[0] if e.args else e
    body: Expr | None = None
    n = arg.shape[0]
    match e.op:
        case "mul":
            return _seam(e, axes, name)
        case "sum" if n in axes:
            body = tidied(apply("sum", select(arg, i))) if arg.shape[1] != ONE else select(arg, i)
        case "tr" if arg.op == "mul":
            return _trace(arg, axes, name)
        case "tr" if n in axes:
            body = select(arg, i, i)
        case "pow" if arg.op in ("norm2", "normF") and e.args[1].op == "number":
            inner = arg.args[0]
            n = inner.shape[0]
            if e.args[1].value == 2 and n in axes:
                row = select(inner, i)
                body = row if inner.shape[1] == ONE else apply("norm2", transposed(row))
                body = power(body, number(2))
    return None if body is None else summed(sigma(name, 1, n, body), body)


def _seam(e: Expr, axes: set[Dim], name: str) -> Expr | None:
    """A product contracted over the axis of a family as a sum over it."""
    scalars = [a for a in e.args if a.is_scalar]
    chain = [a for a in e.args if not a.is_scalar]
    i = dim(name)
    for k in range(len(chain) - 1):
        n = chain[k].shape[1]
        if n not in axes or picks(chain[k]) or picks(chain[k + 1]):
            continue
        left, right = select(mul(*chain[: k + 1]), None, i), select(mul(*chain[k + 1 :]), i)
        if name not in free_names(left) and name not in free_names(right):
            continue
        body = power(left, number(2)) if left is right and left.is_scalar else mul(left, right)
        inner = _seam(body, axes, name + "2") if body.op == "mul" else None
        body = body if inner is None else inner
        return mul(*scalars, summed(sigma(name, 1, n, body), body))
    return None


def _trace(e: Expr, axes: set[Dim], name: str) -> Expr | None:
    scalars = [a for a in e.args if a.is_scalar]
    chain = [a for a in e.args if not a.is_scalar]
    i = dim(name)
    for k in range(len(chain)):
        n = chain[k].shape[1]
        if n in axes:
            rolled = mul(*chain[k + 1 :], *chain[: k + 1])
            body = select(rolled, i, i)
            return mul(*scalars, summed(sigma(name, 1, n, body), body))
    return None
