"""The printed forms of a derivative: layouts, linear map, stacked matrix, index notation."""

from __future__ import annotations

from chainrule.calculus.sweep import Sweep, slots
from chainrule.dims import ONE, Dim
from chainrule.errors import UnsupportedError, UsageError
from chainrule.expr import Expr, node
from chainrule.ops import apply, mul, trace, zeros
from chainrule.tensor.factor import factored
from chainrule.tensor.flatten import lift_flat
from chainrule.tensor.ir import Index, Slot, Term
from chainrule.tensor.lift import Stuck
from chainrule.tensor.lower import Zero, lower

LAYOUTS = ("gradient", "numerator", "denominator", "vec", "differential")


class Derivative:
    """The derivative of ``f`` by ``x``, ready to be written in any form.

    Attributes
    ----------
    outs, own : list of Index
        Indices of the output and of the variable that are not of size one.
    """

    def __init__(self, sweep: Sweep, x: Expr) -> None:
        self.sweep, self.f, self.x = sweep, sweep.f, x
        found = sweep.adjoints.get(x)
        if found is None:
            self.terms: list[Term] = []
            self.out: tuple[Slot, Slot] = sweep.out
            self.var: tuple[Slot, Slot] = slots(x)
        else:
            self.terms = found.terms
            self.out = (found.free[0], found.free[1])
            self.var = (found.free[2], found.free[3])
        self.outs = [i for i in self.out if i is not None]
        self.own = [i for i in self.var if i is not None]

    @property
    def order(self) -> int:
        """Number of indices."""
        return len(self.outs) + len(self.own)

    @property
    def is_flat(self) -> bool:
        """More than two indices: a matrix form exists only after stacking (``vec``)."""
        return bool(self.outs and self.own) and self.order > 2

    def expr(self, layout: str) -> Expr:
        """The derivative in a layout.

        Raises
        ------
        UsageError
            For an unknown layout.
        UnsupportedError
            If the result cannot be written with the operators of the language.
        """
        if layout not in LAYOUTS:
            raise UsageError(f"unknown layout {layout!r}: use one of {', '.join(LAYOUTS)}, all")
        try:
            if layout == "differential":
                return self.differential()
            return self._laid_out(layout)
        except Stuck as stuck:
            raise UnsupportedError(
                f"the derivative of {_short(self.f)} by {self.x.name} has no matrix notation; "
                f"in index form it is {self.index_form()}"
            ) from stuck

    def unfactored(self, layout: str) -> Expr | None:
        """The plain sum of terms, before common factors are pulled out; None where stacked."""
        if self.is_flat or layout == "differential" or not self.terms:
            return None
        self.sweep.factoring = False
        try:
            return self.expr(layout)
        finally:
            self.sweep.factoring = True

    def _laid_out(self, layout: str) -> Expr:
        if not self.outs:
            row, col = self.var
            if layout == "vec":
                flat = self._matrix(*self.var)
                column = flat if flat.shape[1] == ONE else apply("vec", flat)
                from chainrule.traits import transposed

                return transposed(column)
            return self._matrix(col, row) if layout == "numerator" else self._matrix(row, col)
        if not self.own:
            row, col = self.out
            if layout == "denominator":
                return self._matrix(col, row)
            whole = self._matrix(row, col)
            return apply("vec", whole) if layout == "vec" and whole.shape[1] != ONE else whole
        if self.order == 2:
            o, v = self.outs[0], self.own[0]
            return self._matrix(v, o) if layout == "denominator" else self._matrix(o, v)
        rows, cols = self.out[::-1], self.var[::-1]
        return self._flat(cols, rows) if layout == "denominator" else self._flat(rows, cols)

    def _matrix(self, row: Slot, col: Slot) -> Expr:
        return self.sweep.lifted(self.terms, row, col)

    def _flat(self, rows: tuple[Slot, ...], cols: tuple[Slot, ...]) -> Expr:
        known, use_ones = self.sweep.known, self.sweep.use_ones
        products = [lift_flat(t, rows, cols, known, use_ones) for t in self.terms]
        return factored(products, (_size(rows), _size(cols)))

    def differential(self) -> Expr:
        """dF, with the symbol ``dX`` of the shape of X."""
        dx = node("symbol", (), ("d" + self.x.name,), self.x.shape)
        terms = []
        for t in self.terms:
            new = t.copy()
            try:
                lower(new, dx, *self.var)
            except Zero:  # pragma: no cover - a symbol never vanishes
                continue
            new.bound += self.own
            terms.append(new)
        if not terms:
            return zeros(*self.f.shape)
        if not self.outs and len(terms) > 1 and self.own:  # tr(G' dX), or G' dx
            transposed_gradient = self._matrix(self.var[1], self.var[0])
            product = mul(transposed_gradient, dx)
            return product if product.is_scalar else trace(product)
        return self.sweep.lifted(terms, *self.out)

    def index_form(self) -> str:
        """Index notation, ``∂F[i,j]/∂X[k,l] = …`` in the syntax of the language."""
        from chainrule.calculus.indexform import index_form

        return index_form(self)


def _size(side: tuple[Slot, ...]) -> Dim:
    total = ONE
    for i in side:
        total = total * (i.dim if isinstance(i, Index) else ONE)
    return total


def _short(e: Expr) -> str:
    text = repr(e)
    return text if len(text) <= 60 else text[:57] + "…"
