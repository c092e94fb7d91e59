"""Derivatives through sums and products over an index.

The gradient of a sum is the sum of the gradients: the body gets the adjoint of the whole, and what
arrives at a part that does not depend on the index is summed up. A product gives one summand per
position, the part before it, the change, the part behind it.
"""

from __future__ import annotations

from collections.abc import Iterable

from chainrule.dims import ONE, Dim, dim
from chainrule.expr import BINDERS, Expr, free_names, postorder, size, symbols
from chainrule.ops import add, mul, prod, sigma, with_sizes
from chainrule.ops.indexed import bound, fresh, is_down, renamed
from chainrule.tensor.ir import F1, Slot, Term, exponent_expr, index
from chainrule.tensor.lower import Zero, lower

Slots = tuple[Slot, Slot]
MOST_INDICES = 2  # of what is a matrix


def apart_from(e: Expr, terms: Iterable[Term]) -> Expr:
    """The binder with a name that the terms do not use."""
    name = str(e.params[0])
    used: set[str] = set()
    for t in terms:
        for base, p in t.scalars.items():
            used |= free_names(base) | free_names(exponent_expr(p))
        for atom, _, _, p in t.factors:
            used |= free_names(atom) | free_names(exponent_expr(p))
    return renamed(e, used) if name in used else e


def frontier(e: Expr, live: frozenset[Expr], outs: int) -> list[Expr]:
    """The largest parts of a binder's body that depend on a variable and not on the index.

    With ``outs`` indices of the output, parts that make more than two are opened further.
    """
    seen: set[tuple[Expr, frozenset[str]]] = set()
    found: dict[Expr, None] = {}
    stack = [(e.args[0], frozenset({str(e.params[0])}))]
    while stack:
        item, names = stack.pop()  # names: the index, and those of the sums on the way in
        if (item, names) in seen or item not in live:
            continue
        seen.add((item, names))
        axes = sum(length != ONE for length in item.shape)
        opened = item.op not in ("symbol", *BINDERS) and outs + axes > MOST_INDICES
        if names.isdisjoint(free_names(item)) and not opened:
            found[item] = None
            continue
        inner = names | {str(item.params[0])} if item.op in BINDERS else names
        stack += [(a, inner) for a in item.args]
    return list(found)


def live_nodes(e: Expr, variables: Iterable[Expr]) -> frozenset[Expr]:
    """Nodes below ``e`` in which a variable occurs."""
    known = set(variables)
    for item in postorder(e):
        if any(a in known for a in item.args):
            known.add(item)
    return frozenset(known)


def seeds(e: Expr, terms: list[Term], here: Slots) -> tuple[list[Term], Slots]:
    """The adjoint of the body at one value of the index, and where it hangs."""
    if e.op == "sigma":
        return terms, here
    out: list[Term] = []
    body = e.args[0]
    if body.is_scalar:
        for t in terms:
            new = t.copy()
            try:
                lower(new, e, None, None)
            except Zero:  # pragma: no cover - a product is no zero of the language
                continue
            new.times_scalar(body, -F1)
            out.append(new)
        return out, (None, None)
    before, behind = _sides(e)
    inner = (index(body.shape[0]), index(body.shape[1]))
    for t in terms:
        new = t.copy()
        new.bound += [i for i in here if i is not None]
        lower(new, before, here[0], inner[0])
        lower(new, behind, inner[1], here[1])
        out.append(new)
    return out, inner


def _sides(e: Expr) -> tuple[Expr, Expr]:
    """The factors of a product before and behind the one at its index."""
    name, lo, hi = bound(e)
    body = e.args[0]
    taken = {name, *free_names(body), *lo.names, *hi.names, *symbols(body)}
    other = fresh(name, taken)
    moved = with_sizes(body, {name: other})
    here, down = dim(name), is_down(e)
    step = -1 if down else 1
    return (prod(other, lo, here - step, moved, down),
            prod(other, here + step, hi, moved, down))  # fmt: skip


def summed(e: Expr, g: Expr) -> Expr:
    """The sum of ``g`` over the range of a binder: factors that stay the same stand outside."""
    name, lo, hi = bound(e)
    if is_down(e):
        lo, hi = hi, lo
    if name not in free_names(g):
        return mul(size(hi - lo + ONE), g)
    if g.op == "add" and all(a.shape == g.shape for a in g.args):
        split = [a for a in g.args if _collapsible(name, lo, hi, a) or name not in free_names(a)]
        if split:
            rest = [a for a in g.args if a not in split]
            parts = [summed(e, a) for a in split]
            return add(*parts, *([summed(e, add(*rest))] if rest else []))
        return sigma(name, lo, hi, g)
    k = _collapsible(name, lo, hi, g)
    if k is not None:
        return with_sizes(_without_delta(g, name), {name: k})
    if g.op != "mul":
        return sigma(name, lo, hi, g)
    opened = _multiplied_out(g, name)
    if opened is not None and lo == ONE:
        return summed(e, opened)
    scalars = [a for a in g.args if a.is_scalar and name not in free_names(a)]
    chain = [a for a in g.args if not (a.is_scalar and name not in free_names(a))]
    left: list[Expr] = []
    right: list[Expr] = []
    if not g.is_scalar:
        while _stays(chain, 0, name):
            left.append(chain.pop(0))
        while _stays(chain, -1, name):
            right.insert(0, chain.pop())
    return mul(*scalars, *left, sigma(name, lo, hi, mul(*chain)), *right)


def _multiplied_out(g: Expr, name: str) -> Expr | None:
    """A product with a sum in it of which a summand has a delta that leaves one round only."""
    for n, a in enumerate(g.args):
        if a.op != "add" or any(b.shape != a.shape for b in a.args):
            continue
        if any(_delta(b, name) is not None for b in a.args):
            return add(*(mul(*g.args[:n], b, *g.args[n + 1 :]) for b in a.args))
    return None


def _stays(chain: list[Expr], at: int, name: str) -> bool:
    """Can a matrix at the end of a product leave the sum?"""
    if sum(not a.is_scalar for a in chain) < 2:
        return False
    if chain[at].is_scalar or name in free_names(chain[at]):
        return False
    return not picks(chain[1 if at == 0 else -2])  # x'*e_i is x_i


def picks(e: Expr) -> bool:
    """A unit vector, or what selects a block of rows."""
    core = e.args[0] if e.op in ("transpose", "kron") else e
    return core.op == "unit" or (e.op == "kron" and picks(core))


def _collapsible(name: str, lo: Dim, hi: Dim, g: Expr) -> Dim | None:
    """k, where a factor kd(name,k) of the summand leaves one round of the sum only."""
    found = _delta(g, name)
    return None if found is None or lo != ONE or hi != found[1] else found[2]


def _without_delta(g: Expr, name: str) -> Expr:
    found = _delta(g, name)
    assert found is not None
    return mul(*(a for a in g.args if a is not found[0])) if g is not found[0] else mul(size(1))


def _delta(g: Expr, name: str) -> tuple[Expr, Dim, Dim] | None:
    for a in (g, *(g.args if g.op == "mul" else ())):
        if a.op != "mul" or len(a.args) != 2 or not a.is_scalar:
            continue
        left, right = a.args
        if left.op != "transpose" or left.args[0].op != "unit" or right.op != "unit":
            continue
        n, i = left.args[0].params
        k = right.params[1]
        assert isinstance(n, Dim) and isinstance(i, Dim) and isinstance(k, Dim)
        for this, other in ((i, k), (k, i)):
            if this.name == name and name not in other.names:
                return a, n, other
    return None
