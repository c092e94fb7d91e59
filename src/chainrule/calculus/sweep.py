"""The reverse sweep: one pass over the shared graph, one local rule per node.

The adjoint of a node is a tensor over the indices of the output and of the node. Where an adjoint
of several terms has at most two free indices it is lifted to matrix form, factored and carried on
as a single atom: a network takes linear time, and the factored forms a textbook prints fall out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from chainrule.calculus.binders import apart_from, frontier, live_nodes, seeds, summed
from chainrule.calculus.commute import commute
from chainrule.calculus.dissolve import dissolved
from chainrule.dims import ONE
from chainrule.errors import UnsupportedError
from chainrule.expr import BINDERS, Expr, depends, postorder
from chainrule.ops import add, is_elementwise, mul, trace, zeros
from chainrule.ops.indexed import bound
from chainrule.tensor.factor import cost, factored
from chainrule.tensor.flatten import blockwise, lift_flat
from chainrule.tensor.ir import Slot, Tensor, Term, index
from chainrule.tensor.lift import Known, Stuck, lift_term
from chainrule.tensor.lower import Zero, lower, lower_parts
from chainrule.tensor.open import opened_sums
from chainrule.tensor.partial import matrix_slope, partial
from chainrule.tensor.product import Product
from chainrule.tensor.reduce import reduce_term
from chainrule.tensor.stack import Stack
from chainrule.traits import transposed

Slots = tuple[Slot, Slot]
PASSIVE = frozenset({"symbol", "transpose", "add"})  # adjoints pass through unchanged
FEW = 4  # terms of an adjoint that are also tried one by one through a function
LONG = 14  # factors in one term above which an adjoint gets a name of its own
MANY = 400  # terms above which a derivative with more than two indices is refused


class Sweep:
    """Derivatives of ``f`` by several variables at once.

    Parameters
    ----------
    f
        The function.
    wrt
        The variables.
    name
        Called with an adjoint that deserves a name; returns the symbol to carry on with.
    keep
        Leave sums over an index as they are, even those that have a matrix form.
    use_ones
        Write row sums as ``A*ones(n)``; so does a function that has ones in it.
    """

    def __init__(
        self, f: Expr, wrt: Iterable[Expr], name: Callable[[Expr], Expr] | None = None,
        keep: bool = False, use_ones: bool = False,
    ) -> None:  # fmt: skip
        self.f = f
        self.wrt = tuple(wrt)
        self.name = name
        self.keep = keep
        self.out: Slots = slots(f)
        order = postorder(f)
        self.known = user_forms(order)
        self.factoring = True
        self.use_ones = use_ones or any(e.op == "ones" or e.op in BINDERS for e in order)
        place = slots(f)
        seed = Term()
        for o, i in zip(self.out, place, strict=True):
            if o is not None and i is not None:
                seed.deltas.append((o, i))
        self.adjoints = self._run(f, self.wrt, [seed], place, order)

    def _run(
        self, f: Expr, wrt: tuple[Expr, ...], seed: list[Term], place: Slots, order: list[Expr]
    ) -> dict[Expr, Tensor]:
        live = depends(f, frozenset(wrt))
        places: dict[Expr, Slots] = {f: place}
        sums: dict[Expr, list[Term]] = {e: [] for e in order if live[e]}
        result: dict[Expr, Tensor] = {}
        if not live.get(f):
            return result
        sums[f] += seed
        for e in reversed(order):
            if not live[e]:
                continue
            raw = sums.pop(e)
            if not raw and e not in wrt:
                continue  # only parts of it are met, or they are inside a sum over an index
            here = places.setdefault(e, slots(e))
            terms = raw if e.op in PASSIVE else self._settled(raw, here)
            if e in wrt:
                result[e] = Tensor((*self.out, *here), terms)
                continue
            if not terms:
                continue
            if e.op in BINDERS:
                alive = frozenset(v for v in live if live[v])
                self._into(e, terms, here, wrt, alive, places, sums)
                continue
            for k, a in enumerate(e.args):
                if live[a]:
                    there = places.setdefault(a, slots(a))
                    passed = self._pass(e, k, terms, here, there)
                    if 1 < len(raw) <= FEW and raw is not terms and self._entrywise(e):
                        passed = self._shorter(passed, self._pass(e, k, raw, here, there), there)
                    sums[a] += passed
        return result

    def _into(
        self, e: Expr, terms: list[Term], here: Slots, wrt: tuple[Expr, ...], live: frozenset[Expr],
        places: dict[Expr, Slots], sums: dict[Expr, list[Term]],
    ) -> None:  # fmt: skip
        """Pass an adjoint through a sum or product over an index, to what it uses from outside."""
        e = apart_from(e, terms)
        known = live if e.args[0] in live else live_nodes(e, wrt)
        targets = frontier(e, known, sum(i is not None for i in self.out))
        seed, place = seeds(e, terms, here)
        body = e.args[0]
        name, self.name = self.name, None  # what depends on the index has no name outside
        try:
            inner = self._run(body, tuple(targets), seed, place, postorder(body))
        finally:
            self.name = name
        for target, found in inner.items():
            there = places.setdefault(target, slots(target))
            names = (found.free[2], found.free[3])
            for total in self._summed(e, found.terms, names):
                for old, new in zip(names, there, strict=True):
                    if old is not None and new is not None:
                        total.deltas.append((old, new))
                        total.bound.append(old)
                sums[target].append(reduce_term(total, (*self.out, *there)))

    def _summed(self, e: Expr, terms: list[Term], here: Slots) -> list[Term]:
        """Terms of the body added up over the index of a binder."""
        if not terms:
            return []
        if sum(i is not None for i in (*self.out, *here)) > 2:
            return self._stacked_sum(e, terms, here)
        row, col = self._orientation(here)
        total = summed(e, self.lifted(terms, row, col))
        if not self.keep:
            total = dissolved(total)
        return lower_parts(Term(), total, row, col)

    def _stacked_sum(self, e: Expr, terms: list[Term], here: Slots) -> list[Term]:
        """More than two indices: term by term, else as a sum of stacked matrices."""
        name, lo, hi = bound(e)
        if lo == ONE and not self.keep:
            try:
                return [s for t in terms for s in Stack(name, hi).settled(t)]
            except Stuck:
                pass
        rows, cols = self.out[::-1], here[::-1]
        products = [lift_flat(t, rows, cols, self.known, self.use_ones) for t in terms]
        total = summed(e, factored(products, products[0].shape))
        term = Term()
        sides: list[Slot] = []
        for side, length in zip((rows, cols), total.shape, strict=True):
            present = [i for i in side if i is not None]
            whole = present[0] if len(present) == 1 else index(length)
            if len(present) == 2 and whole is not None:
                term.pairs.append((whole, present[0], present[1]))
                term.bound.append(whole)
            sides.append(whole)
        try:
            lower(term, total, sides[0], sides[1])
        except Zero:
            return []
        return [term]

    def _settled(self, terms: list[Term], here: Slots) -> list[Term]:
        """Collect the terms of an adjoint; lift and factor where that gives a matrix."""
        if len(terms) == 1 and (self.name is None or terms[0].size() <= LONG):
            return terms
        free = [i for i in (*self.out, *here) if i is not None]
        if len(free) > 2:
            if len(terms) > MANY:
                raise UnsupportedError("the derivative has too many terms to be written down")
            return terms
        row, col = self._orientation(here)
        try:
            e = self.lifted(terms, row, col)
        except Stuck:
            return terms
        if e.op == "zeros" or (e.op == "number" and e.value == 0):
            return []
        term = Term()
        if self.name is not None and len(terms) == 1:
            e = self.name(e)
        try:
            lower(term, e, row, col)
        except Zero:
            return []
        return [term]

    @staticmethod
    def _entrywise(e: Expr) -> bool:
        return is_elementwise(e.op) or e.op == "hadamard"

    def _shorter(self, one: list[Term], two: list[Term], there: Slots) -> list[Term]:
        """Of two ways to write an adjoint, the one that prints shorter (a slope may cancel)."""
        row, col = self._orientation(there)
        try:
            first, second = self.lifted(one, row, col), self.lifted(two, row, col)
        except Stuck:
            return one
        return two if cost(second) < cost(first) else one

    def _orientation(self, here: Slots) -> Slots:
        """Rows and columns of an adjoint: outputs by node, or the shape of the node."""
        outs = [i for i in self.out if i is not None]
        own = [i for i in here if i is not None]
        if not outs:
            return here
        if len(outs) == 2:
            return self.out
        return outs[0], (own[0] if own else None)

    def lifted(self, terms: list[Term], row: Slot, col: Slot) -> Expr:
        """Terms as one factored expression of shape (row, col)."""
        shape = (row.dim if row else ONE, col.dim if col else ONE)
        products = self._products(terms, row, col)
        if not self.factoring:
            return add(*(p.expr() for p in products)) if products else zeros(*shape)
        best = factored(products, shape)
        opened = opened_sums(terms, (row, col))
        if opened is not None:
            other = factored(self._products(opened, row, col), shape)
            if cost(other) < cost(best):
                return other
        return best

    def _products(self, terms: list[Term], row: Slot, col: Slot) -> list[Product]:
        products: list[Product] = []
        work = list(reversed(terms))
        while work:
            t = work.pop()
            try:
                p = lift_term(t, row, col, self.known, self.use_ones)
            except Stuck:
                blocks = blockwise(reduce_term(t, (row, col)), (row, col))
                if blocks is None:
                    raise
                work += reversed(blocks)
                continue
            if p is not None:
                products.append(p)
        return products

    def _pass(self, e: Expr, k: int, terms: list[Term], here: Slots, there: Slots) -> list[Term]:
        special = self._matrix_function(e, k, terms, here, there)
        if special is not None:
            return special
        out = []
        locals_ = partial(e, k, here, there)
        free = (*self.out, *there)
        bound = [i for i in here if i is not None]
        for t in terms:
            for local in locals_:
                new = t.copy()
                new.absorb(local)
                new.bound += bound
                out.append(reduce_term(new, free))
        return out

    def _matrix_function(
        self, e: Expr, k: int, terms: list[Term], here: Slots, there: Slots
    ) -> list[Term] | None:
        """d tr(H f(X)) = tr(H f'(X) dX) where H commutes with X."""
        if k != 0 or e.is_scalar or any(i is not None for i in self.out):
            return None
        rule = matrix_slope(e)
        if rule is None or e.op == "inv":
            return None
        try:
            weight = transposed(self.lifted(terms, *here))
        except Stuck:
            weight = None
        if weight is None or not commute(weight, e.args[0]):
            closed = e.op in ("sqrtm", "pow")
            if closed:
                return None
            raise UnsupportedError(
                f"the derivative of {e!r} has a closed form only where its factor "
                "commutes with the argument, as in tr(expm(X))"
            )
        mid = index(e.shape[0])
        term = Term(bound=[mid] if mid is not None else [])
        try:
            lower(term, weight, there[1], mid)
            lower(term, rule, mid, there[0])
        except Zero:  # of X^0
            return []
        return [term]


def slots(e: Expr) -> Slots:
    """Fresh indices for the axes of an expression."""
    return index(e.shape[0]), index(e.shape[1])


def user_forms(order: list[Expr]) -> Known:
    """Recognise the user's own scalars (``x'*A*x``) when lifting finds their equals."""
    table: dict[Expr, Expr] = {}
    for e in order:
        if e.is_scalar and e.op in ("mul", "tr", "sum") and e.args:
            for twin in _twins(e):
                table.setdefault(twin, e)
            table[e] = e

    def known(e: Expr) -> Expr:
        return table.get(e, e)

    return known


def _twins(e: Expr) -> list[Expr]:
    """Other ways in which lifting may write the same scalar."""
    if e.op == "mul" and not any(a.is_scalar for a in e.args):
        return [transposed_scalar(e)]
    inner = e.args[0]
    if e.op == "tr" and inner.op == "mul" and not any(a.is_scalar for a in inner.args):
        out = []
        chain = inner.args
        back = tuple(transposed(a) for a in reversed(chain))
        for c in (chain, back):
            out += [trace(mul(*(c[k:] + c[:k]))) for k in range(len(c))]
        return out
    column = inner.shape[1] == ONE
    if e.op == "sum" and inner.op == "hadamard" and column and len(inner.args) == 2:
        u, v = inner.args
        return [mul(transposed(u), v), mul(transposed(v), u)]
    if e.op == "sum" and inner.op == "epow" and inner.args[1].op == "number":
        if inner.args[1].value == 2 and column:
            return [mul(transposed(inner.args[0]), inner.args[0])]
    return []


def transposed_scalar(e: Expr) -> Expr:
    """The same scalar read from the right: ``b'*x`` for ``x'*b``."""
    return mul(*(transposed(a) for a in reversed(e.args)))


__all__ = ["Sweep", "slots", "user_forms"]
