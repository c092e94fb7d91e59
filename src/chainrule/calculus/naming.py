"""Named intermediates: parts that repeat get a name once, where that shortens the answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chainrule.dims import ONE
from chainrule.expr import BINDERS, Expr, free_names, node, postorder, rebuild, substitute, symbols
from chainrule.tensor.factor import cost

Where = tuple[tuple[str, Expr], ...]
WORTH = 10  # tokens an automatic name must save
POOL_VECTOR = ("r", "u", "v", "s", "h", "g")
POOL_MATRIX = ("M", "R", "P", "Q", "S", "T")
POOL_SCALAR = ("q", "c", "t", "k", "alpha", "beta")


class Names:
    """Fresh names that collide with nothing the user wrote."""

    def __init__(self, taken: Iterable[str]) -> None:
        self.taken = set(taken)

    def fresh(self, e: Expr) -> Expr:
        """A symbol of the shape of ``e``: r for vectors, M for matrices, q for scalars."""
        pool = POOL_SCALAR if e.is_scalar else POOL_VECTOR if ONE in e.shape else POOL_MATRIX
        return self.numbered(e, pool)

    def numbered(self, e: Expr, pool: tuple[str, ...]) -> Expr:
        """The first free name of the pool, then the first name with a number."""
        for name in pool:
            if name not in self.taken:
                break
        else:
            n = 1
            while f"{pool[0]}_{n}" in self.taken:
                n += 1
            name = f"{pool[0]}_{n}"
        self.taken.add(name)
        return node("symbol", (), (name,), e.shape)


def name_parts(
    results: tuple[Expr, ...], definitions: Mapping[str, Expr], names: Names
) -> tuple[tuple[Expr, ...], Where]:
    """Replace the user's definitions and costly repeated parts by names.

    Returns
    -------
    results, where
        Results that may use the names in ``where``; later definitions may use earlier ones.
    """
    where: list[tuple[str, Expr]] = []
    for name, e in definitions.items():
        if cost(e) > 1 and _occurs(e, results) and not _inside(e, _indices(results)):
            s = node("symbol", (), (name,), e.shape)
            results = tuple(substitute(r, {e: s}) for r in results)
            where = [(n, substitute(w, {e: s})) for n, w in where]
            where.append((name, e))
    while True:
        bodies = (*results, *(w for _, w in where))
        best = _best(bodies)
        if best is None:
            break
        s = names.fresh(best)
        results = tuple(substitute(r, {best: s}) for r in results)
        where = [(n, substitute(w, {best: s})) for n, w in where]
        where.append((s.name, best))
    return results, _sorted(where)


def _indices(roots: tuple[Expr, ...]) -> frozenset[str]:
    """Names that a sum or product binds."""
    return frozenset(str(e.params[0]) for e in postorder(*roots) if e.op in BINDERS)


def _inside(e: Expr, indices: frozenset[str]) -> bool:
    """Does it make sense within a sum only?"""
    return bool(indices) and not indices.isdisjoint(free_names(e))


def _occurs(e: Expr, roots: tuple[Expr, ...]) -> bool:
    return any(x is e for x in postorder(*roots))


def _best(roots: tuple[Expr, ...]) -> Expr | None:
    """The part whose naming saves most tokens, if it saves enough."""
    count: dict[Expr, int] = {}
    for r in roots:
        count[r] = count.get(r, 0) + 1
    for e in reversed(postorder(*roots)):
        times = count.get(e, 0)
        for a in e.args:
            count[a] = count.get(a, 0) + times
    best, best_saving = None, WORTH - 1
    indices = _indices(roots)
    for e, times in count.items():
        if times < 2 or not e.args or e.op in ("transpose",) or _inside(e, indices):
            continue
        price = cost(e)
        saving = times * (price - 1) - (price + 3)
        if saving > best_saving:
            best, best_saving = e, saving
    return best


def restore(result: Expr, where: Where) -> Expr:
    """The result with all named parts written out."""
    for name, e in reversed(where):
        result = substitute(result, {node("symbol", (), (name,), e.shape): e})
    return result


def _sorted(where: list[tuple[str, Expr]]) -> Where:
    """Definitions in an order in which each uses only earlier ones."""
    table = dict(where)
    needs = {name: [s for s in symbols(e) if s in table and s != name] for name, e in where}
    done: dict[str, Expr] = {}
    for name in table:
        stack = [name]
        while stack:
            top = stack[-1]
            missing = [s for s in needs[top] if s not in done]
            if top in done or not missing:
                done.setdefault(top, table[top])
                stack.pop()
            else:
                stack += missing
    return tuple(done.items())


def share(
    results: tuple[Expr, ...], names: Names, where: list[tuple[str, Expr]]
) -> tuple[Expr, ...]:
    """Name every part that is used more than once, in one pass: for long chains of layers."""
    bodies = (*results, *(w for _, w in where))
    uses: dict[Expr, int] = {}
    order = postorder(*bodies)
    for e in order:
        for a in set(e.args):
            uses[a] = uses.get(a, 0) + 1
    indices = _indices(bodies)
    table: dict[Expr, Expr] = {}
    new: list[tuple[str, Expr]] = []
    for e in order:
        body = rebuild(e, tuple(table[a] for a in e.args))
        repeated = e.args and uses.get(e, 0) > 1 and cost(body) >= 5
        if repeated and e.op not in ("transpose",) and not _inside(e, indices):
            s = names.numbered(e, ("z",) if not e.is_scalar else ("q",))
            new.append((s.name, body))
            body = s
        table[e] = body
    where[:] = [*new, *((n, table[w]) for n, w in where)]
    where[:] = list(_sorted(where))
    return tuple(table[r] for r in results)
