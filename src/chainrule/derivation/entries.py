"""Lines in index notation: sums of products of entries, as people write them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from chainrule.derivation.labels import named, subscripted
from chainrule.dims import ONE, Dim
from chainrule.expr import Expr, node, walk_depth
from chainrule.ops import is_elementwise
from chainrule.ops.build import power
from chainrule.tensor.ir import Exponent, Index, Slot, Term, exponent_expr
from chainrule.write import latex, plain, unicode

POOL = "ijklrstpuvmnaoh"
DEEP = 9  # nesting above which an entry is written as (…)ᵢⱼ
SUM, PRODUCT, ATOM = 1, 2, 3
Piece = tuple[str, int]
NAMED = frozenset({"exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos",
                   "arctan", "max", "min"})  # fmt: skip


class Letters:
    """Letters for indices; an index keeps its letter as long as it lives."""

    def __init__(self, taken: Iterable[str]) -> None:
        taken = set(taken)
        self.pool = [c for c in POOL if c not in taken]
        self.pool += [f"i{n}" for n in range(1, 40) if f"i{n}" not in taken]
        self.names: dict[Index, str] = {}

    def name(self, *indices: Slot) -> None:
        """The next free letters for these indices."""
        for i in indices:
            if i is not None and i not in self.names:
                used = set(self.names.values())
                self.names[i] = next(c for c in self.pool if c not in used)

    def bind(self, terms: Iterable[Term]) -> None:
        """Letters for the indices that the terms sum over."""
        for t in terms:
            self.name(*t.bound)


@dataclass(frozen=True, eq=False)
class IndexLine:
    """The right-hand side of a line in index notation.

    Attributes
    ----------
    terms
        Terms of the index language.
    free
        The indices of the left-hand side.
    names
        A letter for every index.
    cases
        Write ``{… if i = k; 0 otherwise}`` instead of Kronecker deltas.
    """

    terms: tuple[Term, ...]
    free: tuple[Index, ...]
    names: dict[Index, str] = field(repr=False)
    cases: bool = False

    @property
    def shape(self) -> tuple[Dim, ...]:
        """Sizes of the free indices."""
        return tuple(i.dim for i in self.free)

    def write(self, form: str) -> str:
        """As ``unicode``, ``latex`` or ``plain``."""
        if not self.terms:
            return "0"
        w = Writer(self.names, form)
        if self.cases:
            return w.by_cases(self.terms[0])
        return w.sum(self.terms)


class Writer:
    """One way to write: Unicode, LaTeX or the plain syntax."""

    def __init__(self, names: dict[Index, str], form: str) -> None:
        self.names, self.form = names, form
        self.tex, self.plain = form == "latex", form == "plain"
        self.minus = "−" if form == "unicode" else "-"
        self.times = "*" if self.plain else " "

    # -- sums ------------------------------------------------------------------------------
    def sum(self, terms: Sequence[Term]) -> str:
        """All terms; a common summation sign is written once."""
        bounds = {frozenset(t.bound) for t in terms}
        if len(terms) > 1 and len(bounds) == 1 and terms[0].bound and not self.plain:
            inner = self.joined([self.product(t, with_sum=False) for t in terms])
            sign = self.sigma(terms[0].bound)
            return f"{sign}{self.bracket(inner)}"
        return self.joined([self.product(t) for t in terms])

    def joined(self, parts: Sequence[str]) -> str:
        """Terms with their signs."""
        out = parts[0]
        for part in parts[1:]:
            if part.startswith(self.minus):
                out += f" {self.minus} {part[len(self.minus) :].lstrip()}"
            else:
                out += f" + {part}"
        return out

    def sigma(self, bound: Sequence[Index]) -> str:
        """The summation sign."""
        letters = [self.names[i] for i in bound]
        if self.tex:
            return rf"\sum_{{{', '.join(letters)}}} "
        low = subscripted("∑", tuple(letters), False)
        return f"{low} " if "[" not in low else f"∑_({','.join(letters)}) "

    def bracket(self, text: str) -> str:
        """Round brackets."""
        return rf"\left({text}\right)" if self.tex else f"({text})"

    def by_cases(self, t: Term) -> str:
        """``{xⱼ if i = k; 0 otherwise}``."""
        rest = t.copy()
        rest.deltas = []
        value = self.product(rest)
        if self.plain:
            return self.product(t)
        left = [self.names[a] for a, _ in t.deltas]
        right = [self.names[b] for _, b in t.deltas]
        one = len(left) == 1
        pair = [left[0], right[0]] if one else [f"({', '.join(side)})" for side in (left, right)]
        if self.tex:
            yes, no = " = ".join(pair), r" \ne ".join(pair)
            return rf"\begin{{cases}} {value}, & {yes} \\ 0, & {no} \end{{cases}}"
        return f"{{ {value}, {' = '.join(pair)};  0, {' ≠ '.join(pair)} }}"

    # -- products --------------------------------------------------------------------------
    def product(self, t: Term, with_sum: bool = True) -> str:
        """One term."""
        over: list[str] = []
        under: list[str] = []
        for base, p in t.scalars.items():
            self.place(self.scalar(base), p, over, under)
        head, low = over, under
        over, under = [], []
        over += [self.delta(a, b) for a, b in t.deltas]
        over += [self.pair(w, a, b) for w, a, b in t.pairs]
        for e, i, j, p in t.factors:
            self.place(self.entry(e, i, j), p, over, under)
        summed = with_sum and bool(t.bound)
        if not summed:
            over, under, head, low = [*head, *over], [*low, *under], [], []
        coef = abs(t.coef)
        body = self.fraction(self.times.join(over), under)
        if self.plain and summed:
            for i in reversed(t.bound):
                body = f"sum({self.names[i]}=1:{i.dim}, {body or '1'})"
        elif summed:
            body = self.sigma(t.bound) + (body or "1")
        front = self.fraction(self.times.join(head), low)
        parts = [x for x in (front, body) if x]
        if coef != 1 and parts and parts[0].startswith("1 / "):
            parts[0] = self.number(coef) + parts[0][1:]
        elif coef != 1 or not parts:
            parts.insert(0, self.number(coef))
        if summed and low and not self.tex:
            parts = [self.bracket(self.times.join(parts[:-1])), parts[-1]]
        return (self.minus if t.coef < 0 else "") + self.times.join(parts)

    def number(self, value: Fraction) -> str:
        """A positive number."""
        if self.tex and value.denominator != 1:
            return rf"\tfrac{{{value.numerator}}}{{{value.denominator}}}"
        return str(value)

    def fraction(self, over: str, under: Sequence[str]) -> str:
        """A quotient."""
        if not under:
            return over
        low = self.times.join(under)
        if self.tex:
            return rf"\frac{{{over or '1'}}}{{{low}}}"
        return f"{over or '1'} / {low if len(under) == 1 else self.bracket(low)}"

    def place(self, piece: Piece, p: Exponent, over: list[str], under: list[str]) -> None:
        """A factor above or below the line."""
        below = isinstance(p, Fraction) and p < 0
        size = -p if isinstance(p, Fraction) and p < 0 else p
        (under if below else over).append(self.raised(piece, size))

    def raised(self, piece: Piece, p: Exponent) -> str:
        """A factor to a power."""
        text, level = piece
        if p == 1:
            return self.bracket(text) if level == SUM else text
        base = text if level == ATOM else self.bracket(text)
        exponent = exponent_expr(p)
        if self.plain:
            return f"{base}^{plain(exponent)}" if isinstance(p, Fraction) and p.denominator == 1 \
                else f"{base}^({plain(exponent)})"  # fmt: skip
        mark = "\0"
        shown = (latex if self.tex else unicode)(power(node("symbol", (), (mark,)), exponent))
        if mark not in shown:  # a root
            return f"{base}^({unicode(exponent)})"
        return shown.replace(mark, base)

    def delta(self, a: Index, b: Index) -> str:
        """Kronecker's delta."""
        names = (self.names[a], self.names[b])
        if self.plain:
            return f"kd({names[0]},{names[1]})"
        return subscripted(r"\delta" if self.tex else "δ", names, self.tex)

    def pair(self, w: Index, a: Index, b: Index) -> str:
        """An index that runs over pairs."""
        names = [self.names[i] for i in (w, a, b)]
        return f"[{names[0]} = ({names[1]},{names[2]})]"

    # -- factors ---------------------------------------------------------------------------
    def scalar(self, e: Expr) -> Piece:
        """A scalar factor."""
        text = {"latex": latex, "plain": plain}.get(self.form, unicode)(e)
        if e.op == "add":
            return text, SUM
        return text, PRODUCT if e.op == "mul" else ATOM

    def entry(self, e: Expr, i: Slot, j: Slot) -> Piece:
        """The entry of ``e`` at (i, j)."""
        if e.is_scalar:
            return self.scalar(e)
        if walk_depth(e) > DEEP:
            return self.whole(e, i, j)
        return self.inside(e, i, j)

    def inside(self, e: Expr, i: Slot, j: Slot) -> Piece:
        """Sums, products and elementwise functions are opened; depth is bounded by the caller."""
        op = e.op
        if e.is_scalar:
            return self.scalar(e)
        if op == "transpose":
            return self.inside(e.args[0], j, i)
        if op == "ones":
            return "1", ATOM
        if op == "add":
            return self.joined([self.inside(a, i, j)[0] for a in e.args]), SUM
        shaped = [a for a in e.args if not a.is_scalar]
        outer = op == "mul" and len(shaped) == 2 and shaped[0].shape[1] == ONE
        if op == "hadamard" or outer or (op == "mul" and len(shaped) == 1):
            at = {shaped[0]: (i, None), shaped[1]: (None, j)} if outer else {}
            parts = [self.inside(a, *at.get(a, (i, j))) for a in e.args]
            parts = [x for x in parts if x[0] != "1"] or parts[:1]
            sign = ""
            if parts[0][0] in ("-1", "−1") and len(parts) > 1:
                sign, parts = self.minus, parts[1:]
            return sign + self.times.join(self.raised(x, Fraction(1)) for x in parts), PRODUCT
        if op == "epow" and e.args[1].op == "number":
            p = e.args[1].value
            piece = self.inside(e.args[0], i, j)
            if p < 0:
                return self.fraction("", [self.raised(piece, -p)]), PRODUCT
            return self.raised(piece, p), ATOM
        if is_elementwise(op) and op not in ("pow", "epow"):
            args = ", ".join(self.inside(a, i, j)[0] for a in e.args)
            if op == "step" and not self.plain:
                return f"[{args} > 0]", ATOM
            return f"{self.function(e)}{self.bracket(args)}", ATOM
        return self.whole(e, i, j)

    def function(self, e: Expr) -> str:
        """The name of an elementwise function."""
        if e.op == "call":
            name, order = e.params
            shown = str(name) if self.plain else named(str(name), self.tex)
            return shown + ("'" if self.form != "unicode" else "′") * int(str(order))
        if not self.tex:
            return e.op
        return f"\\{e.op}" if e.op in NAMED else rf"\operatorname{{{e.op}}}"

    def whole(self, e: Expr, i: Slot, j: Slot) -> Piece:
        """``Aᵢⱼ``, ``(A B)ᵢⱼ``."""
        names = tuple(self.names[k] for k in (i, j) if k is not None)
        if self.plain:
            base = plain(e)
            return f"{base if e.op == 'symbol' else f'({base})'}[{','.join(names)}]", ATOM
        base = (latex if self.tex else unicode)(e)
        head = base.split("(")[0].replace("_", "")
        closed = e.args and base.endswith(")") and base[0].isalpha() and head.isalnum()
        if e.op == "symbol":
            return subscripted(base, names, self.tex), ATOM
        return subscripted(base if closed else self.bracket(base), names, self.tex), ATOM


def live_indices(t: Term) -> set[Index]:
    """Indices that occur in factors, deltas and pairs."""
    found: set[Index] = set()
    for _, i, j, _ in t.factors:
        found |= {k for k in (i, j) if k is not None}
    for group in (*t.deltas, *t.pairs):
        found |= set(group)
    return found


__all__ = ["IndexLine", "Letters", "Writer", "live_indices"]
