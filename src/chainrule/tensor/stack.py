"""Bodies of sums in the index language: what depends on an index becomes a row of a matrix.

``x_i`` is row I of ``x``, ``log(1+exp(x_i'*w))`` is entry I of ``log(1+exp(x*w))``: the unit vector
e_i is a Kronecker delta, functions act on the stacked arguments, what does not depend on the index
is repeated in every row. A sum over the index is then a contraction like any other.
"""

from __future__ import annotations

from fractions import Fraction

from chainrule.dims import ONE, Dim
from chainrule.expr import Expr, free_names, number, rebuild, size
from chainrule.ops import (
    add,
    apply,
    divide,
    epow,
    hadamard,
    is_elementwise,
    mul,
    ones,
    transpose,
    zeros,
)
from chainrule.tensor.factor import factored
from chainrule.tensor.ir import Exponent, Index, Slot, Term, exponent_times, index
from chainrule.tensor.lift import Stuck, lift_term
from chainrule.tensor.lower import Zero, lower, lower_chain, lower_parts
from chainrule.tensor.product import Product

MAX_TERMS = 200
ROWWISE = {"softmax": "softmax_rows", "logsoftmax": "logsoftmax_rows",
           "logsumexp": "logsumexp_rows"}  # fmt: skip
OPENED = frozenset({"mul", "transpose", "tr", "sum", "mean", "norm2", "normF", "norm1", "diag",
                    "unit", "sum_rows", "sum_cols"})  # fmt: skip
HALF = Fraction(1, 2)


class Stack:
    """Expressions that depend on the index ``name`` written with the explicit index ``at``.

    With ``opening``, sums and their squares are multiplied out instead of being stacked.
    """

    def __init__(self, name: str, length: Dim, opening: bool = False) -> None:
        self.name, self.at, self.opening = name, Index(length), opening
        self.memo: dict[Expr, Expr] = {}

    def total(self, body: Expr) -> Expr:
        """The sum of ``body`` over the whole range.

        Raises
        ------
        Stuck
            If the sum has no matrix notation.
        """
        row, col = index(body.shape[0]), index(body.shape[1])
        terms = self.terms(body, row, col)
        for t in terms:
            t.bound.append(self.at)
        return lifted(terms, row, col)

    def settled(self, term: Term) -> list[Term]:
        """The sum of a term over the whole range, as terms that do not name the index.

        Raises
        ------
        Stuck
            If the sum has no matrix notation.
        """
        done = self._all_opened([term])
        for t in done:
            t.bound.append(self.at)
        return done

    def live(self, e: Expr) -> bool:
        """Does it depend on the index?"""
        return self.name in free_names(e)

    # -- terms ----------------------------------------------------------------------------------
    def terms(self, e: Expr, row: Slot, col: Slot) -> list[Term]:
        """The entry of ``e`` at (row, col), with the index explicit."""
        return self._all_opened(lower_parts(Term(), e, row, col))

    def _all_opened(self, work: list[Term]) -> list[Term]:
        done: list[Term] = []
        while work:
            if len(work) + len(done) > MAX_TERMS:
                raise Stuck("the sum expands into too many terms")
            term = work.pop()
            more = self._opened(term)
            if more is None:
                done.append(term)
            else:
                work += more
        return done[::-1]

    def _opened(self, term: Term) -> list[Term] | None:
        """One atom that depends on the index opened or stacked; None when there is none left."""
        for base, p in term.scalars.items():
            if self.live(base) or (isinstance(p, Expr) and self.live(p)):
                rest = term.copy()
                del rest.scalars[base]
                return self._scalar(rest, base, p)
        for n, (e, i, j, p) in enumerate(term.factors):
            if self.live(e):
                rest = term.copy()
                del rest.factors[n]
                return self._factor(rest, e, i, j, p)
        return None

    def _scalar(self, rest: Term, base: Expr, p: Exponent) -> list[Term]:
        if isinstance(p, Expr) and self.live(p):
            raise Stuck("an exponent depends on the index")
        arg = base.args[0] if base.args else base
        if base.op in ("norm2", "normF"):
            squares = apply("sum", epow(arg, number(2)))
            return self._scalar(rest, squares, exponent_times(p, HALF))
        if p == 1:
            match base.op:
                case "sum" | "tr":
                    row = index(arg.shape[0])
                    col = row if base.op == "tr" else index(arg.shape[1])
                    rest.bound += [i for i in dict.fromkeys((row, col)) if i is not None]
                    return lower_parts(rest, arg, row, col)
                case "norm1":
                    return self._scalar(rest, apply("sum", apply("abs", arg)), p)
                case "mean":
                    count = mul(size(arg.shape[0]), size(arg.shape[1]))
                    return self._scalar(rest, divide(apply("sum", arg), count), p)
                case "mul":
                    return self._contracted(rest, base)
        if self.opening and base.op == "add" and p in (1, 2):
            if p == 2:
                rest.times_scalar(base)
            return lower_parts(rest, base, None, None)
        rest.factors.append((self.stacked(base), self.at, None, p))
        return [rest]

    def _contracted(self, rest: Term, e: Expr) -> list[Term]:
        """A product that ends in a scalar, with its inner indices named."""
        try:
            lower_chain(rest, [a for a in e.args if not a.is_scalar])
            for a in e.args:
                if a.is_scalar:
                    lower(rest, a, None, None)
        except Zero:
            return []
        return [rest]

    def _factor(self, rest: Term, e: Expr, i: Slot, j: Slot, p: Exponent) -> list[Term]:
        if e.op == "unit":
            length, which = e.params
            if not isinstance(which, Dim) or which.name != self.name:
                raise Stuck("an index is shifted")
            if length != self.at.dim:
                raise Stuck("the sum does not run over the whole axis")
            if i is None or not (isinstance(p, Fraction) and p > 0):
                raise Stuck("a power of a unit vector")
            rest.deltas.append((i, self.at))
            return [rest]
        vector = i is None or j is None
        if self.opening and e.op == "add" and p in (1, 2):
            if p == 2:
                rest.factors.append((e, i, j, Fraction(1)))
            return lower_parts(rest, e, i, j)
        if vector and (e.op == "add" or p != 1 or self._stackable(e)):
            core = e.args[0] if e.op == "transpose" else e
            rest.factors.append((self.stacked(core), self.at, i if i is not None else j, p))
            return [rest]
        if p == 1 and e.op == "add":
            return lower_parts(rest, e, i, j)
        if p == 1 and e.op in ("kron", "vec"):
            try:
                lower(rest, e, i, j, composites=True)
            except Zero:
                return []
            return [rest]
        raise Stuck(f"{e.op} depends on the index")

    def _stackable(self, e: Expr) -> bool:
        core = e.args[0] if e.op == "transpose" else e
        return is_elementwise(core.op) or core.op in ROWWISE or core.op in ROWWISE.values()

    # -- matrices of rows -------------------------------------------------------------------------
    def stacked(self, e: Expr) -> Expr:
        """The matrix whose row I is the scalar or vector ``e`` (a column lies down)."""
        found = self.memo.get(e)
        if found is None:
            found = self.memo[e] = self._stack(e)
        return found

    def _stack(self, e: Expr) -> Expr:
        n, m = self.at.dim, e.shape[0] * e.shape[1]
        if ONE not in e.shape:
            raise Stuck("a matrix depends on the index")
        if not self.live(e):
            if e.is_scalar:
                return e
            own = index(m)
            term = Term()
            try:
                lower(term, e, *((own, None) if e.shape[1] == ONE else (None, own)))
            except Zero:
                return zeros(n, m)
            return lifted([term], self.at, own)
        if e.op in ("add", "hadamard", "max", "min"):
            build = {"add": add, "hadamard": hadamard}.get(e.op)
            args = [self._spread(a, e) for a in e.args]
            return build(*args) if build else apply(e.op, *args)
        if e.op in ("pow", "epow"):
            if self.live(e.args[1]):
                raise Stuck("an exponent depends on the index")
            return epow(self.stacked(e.args[0]), e.args[1])
        if is_elementwise(e.op):
            return rebuild(e, (self.stacked(e.args[0]),))
        if e.op in ROWWISE or e.op in ROWWISE.values():
            return apply(ROWWISE.get(e.op, e.op), self.stacked(e.args[0]))
        if e.op == "transpose" and self._stackable(e.args[0]):
            return self.stacked(e.args[0])
        if e.op not in OPENED:
            raise Stuck(f"{e.op} depends on the index")
        own = index(m)
        slots = (own, None) if e.shape[1] == ONE else (None, own)
        return lifted(self.terms(e, *slots), self.at, own)

    def _spread(self, a: Expr, whole: Expr) -> Expr:
        """An argument of an entrywise operation; a scalar that differs by row is repeated in it."""
        made = self.stacked(a)
        if a.is_scalar and not whole.is_scalar and self.live(a):
            return mul(made, transpose(ones(whole.shape[0] * whole.shape[1])))
        return made


def lifted(terms: list[Term], row: Slot, col: Slot) -> Expr:
    """Terms as one factored expression."""
    shape = (row.dim if row else ONE, col.dim if col else ONE)
    products: list[Product] = []
    for t in terms:
        p = lift_term(t, row, col, lambda e: e, True)
        if p is not None:
            products.append(p)
    return factored(products, shape) if products else zeros(*shape)
