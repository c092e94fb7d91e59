"""The method of indices: one entry, Kronecker deltas, summing out, recognising the product."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chainrule.calculus.forms import Derivative
from chainrule.calculus.sweep import Sweep
from chainrule.derivation.auxiliaries import Parts
from chainrule.derivation.contract import tensor_value
from chainrule.derivation.data import Body, Derivation, Label, Line, Step
from chainrule.derivation.entries import IndexLine, Letters
from chainrule.derivation.indexing import opened, summed_out, with_deltas
from chainrule.derivation.problem import Problem
from chainrule.derivation.rules import RULES
from chainrule.derivation.signals import arriving, beyond, digits
from chainrule.derivation.witness import TIGHT
from chainrule.derivation.writer import Steps
from chainrule.dims import ONE
from chainrule.errors import CertificateError, UnsupportedError
from chainrule.expr import Expr, depends, node, postorder
from chainrule.tensor.ir import Index, Slot, Term, index
from chainrule.tensor.lower import lower
from chainrule.traits import transposed
from chainrule.write import unicode

if TYPE_CHECKING:
    from chainrule.numeric.sample import Point

Slots = tuple[Slot, Slot]
Array = Any


def by_indices(p: Problem) -> Derivation:
    """The derivation in index notation.

    Raises
    ------
    UnsupportedError
        If an operator has no derivative entry by entry; names it.
    """
    if p.answer.layout == "differential":
        raise UnsupportedError(
            "index notation ends with a derivative, not a differential: ask for the layout gradient"
        )
    parts = p.auxiliaries(short=True) if p.f.is_scalar else Parts({}, {}, p.f)
    return _Indices(p, parts).run()


class _Indices:
    """The steps of one derivation in index notation, in the making."""

    def __init__(self, p: Problem, named: Parts) -> None:
        self.p, self.parts, self.root = p, named.live, named.root
        self.steps = Steps(p, "index")
        self.steps.fixed(named.fixed)
        self.signals: dict[Expr, Expr] = {}
        self.written = False  # has the function been written down in entries?

    def run(self) -> Derivation:
        """From the function to its derivative."""
        p, order = self.p, list(self.parts)
        for s, e in self.parts.items():
            self._defined(s, e)
        for k in range(len(order) - 1, -1, -1):
            s, later = order[k], order[k + 1 :]
            target = beyond(self.root, self.parts, later)
            line = self._gradient(s, target, later)
            if line is None:
                continue
            g = self._signal(s)
            label = Label("signal", (g.name, p.name, s.name))
            after = Line(label, self._matrix(s, later))
            if self._plain_weight(s, line):
                self._weight(after, target, s)
            else:
                self._assembled(line, after, target, s)
            assert isinstance(self.steps.steps[-1].after.body, Expr)
            self.steps.define(g, self.steps.steps[-1].after.body)
            self.signals[s] = g
        found = self._gradient(p.x, p.f, order)
        return self._closed(found, order)

    # -- definitions --------------------------------------------------------------------------
    def _defined(self, s: Expr, e: Expr) -> None:
        """Name a part and write one entry of it."""
        self.steps.define(s, e)
        self.steps.named.append(s)
        letters, at = self._letters(), slots(s)
        letters.name(*at)
        body = self._entry_line(e, at, letters)
        label = Label("at", (s.name,), (_names(at, letters),))
        before = Line(Label("name", (s.name,)), e)
        by = self._matches(body, e)
        self.steps.steps.append(Step(before, Line(label, body), RULES["entries_define"], by))

    def _entry_line(self, e: Expr, at: Slots, letters: Letters) -> IndexLine:
        terms = opened(e, at, self._live(e))
        letters.bind(terms)
        return IndexLine(tuple(terms), _free(at), letters.names)

    def _live(self, e: Expr) -> dict[Expr, bool]:
        return depends(e, frozenset({self.p.x, *self.parts}))

    def _letters(self) -> Letters:
        return Letters(self.p.taken | set(self.steps.definitions) | {self.p.name})

    # -- gradients -----------------------------------------------------------------------------
    def _gradient(self, s: Expr, target: Expr, later: list[Expr]) -> Line | None:
        """Lines from the function (or the signals) to one entry of the derivative by ``s``."""
        users = [t for t in later if t in self.signals and s in postorder(self.parts[t])]
        direct = s in postorder(self.root)
        if not users and not direct:
            return None
        letters = self._letters()
        out, var = slots(self.p.f), slots(s)
        terms: list[Term] = []
        letters.name(*out)
        if direct:
            terms += self._direct(s, out, var, letters)
        letters.name(*var)
        for t in users:
            terms += self._chained(t, s, var, letters)
        label = self._label(s, out, var, letters)
        free = _free((*out, *var))
        letters.bind(terms)
        line = Line(label, IndexLine(tuple(terms), free, letters.names))
        if users:  # the local derivatives are on the page: the sum over their deltas is one step
            reduced = summed_out(terms, (*out, *var))
            letters.bind(reduced)
            body = IndexLine(tuple(reduced), free, letters.names)
            return self._put(None, Line(label, body), "chain_entries", target, s)
        rule = "kronecker_delta" if _has_deltas(terms) else local_rule(self.root, s)
        line = self._put(None, line, rule, target, s)
        reduced = summed_out(terms, (*out, *var))
        after = Line(label, IndexLine(tuple(reduced), free, letters.names))
        letters.bind(reduced)
        return self._put(line, after, "sum_out", target, s)

    def _direct(self, s: Expr, out: Slots, var: Slots, letters: Letters) -> list[Term]:
        """What reaches ``s`` from the last line itself."""
        live = depends(self.root, frozenset({s}))
        if not self.written:
            body = self._entry_line(self.root, out, letters)
            by = self._matches(body, self.root)
            before = Line(Label("name", (self.p.name,)), self.root)
            label = Label("at", (self.p.name,), (_names(out, letters),))
            if body.write("unicode") != unicode(self.root):
                self.steps.steps.append(Step(before, Line(label, body), RULES["entry"], by))
            elif self.steps.definitions:
                self.steps.steps.append(Step(None, before, RULES["function"], by))
            self.written = True
            terms: list[Term] = list(body.terms)
        else:
            terms = opened(self.root, out, self._live(self.root))
            letters.bind(terms)
        letters.name(*var)
        return with_deltas(terms, out, s, var, live)

    def _chained(self, t: Expr, s: Expr, var: Slots, letters: Letters) -> list[Term]:
        """What reaches ``s`` through the part ``t``: its signal times the local derivative."""
        e, at = self.parts[t], slots(t)
        letters.name(*at)
        live = depends(e, frozenset({s}))
        terms = opened(e, at, live)
        local = summed_out(with_deltas(terms, at, s, var, live), (*at, *var))
        letters.bind(local)
        free = _free((*at, *var))
        single = len(local) == 1 and bool(local[0].deltas)
        line = IndexLine(tuple(local), free, letters.names, cases=single)
        label = Label("entry", (t.name, s.name), (_names(at, letters), _names(var, letters)))
        rule = "cases" if single else "local_entries" if _has_deltas(local) else local_rule(e, s)
        before = Line(Label("at", (t.name,), (_names(at, letters),)),
                      IndexLine(tuple(terms), _free(at), letters.names))  # fmt: skip
        letters.bind(terms)
        by = self._derives(line, e, s)
        self.steps.steps.append(Step(before, Line(label, line), RULES[rule], by))
        out = []
        for u in local:
            new = u.copy()
            lower(new, self.signals[t], *at)
            new.factors = new.factors[-1:] + new.factors[:-1]
            new.bound = [i for i in at if i is not None] + new.bound
            out.append(new)
        return out

    def _put(self, before: Line | None, after: Line, rule: str, target: Expr, s: Expr) -> Line:
        """Add a line unless it reads the same as the one before."""
        assert isinstance(after.body, IndexLine)
        if before is not None:
            assert isinstance(before.body, IndexLine)
            if before.body.write("unicode") == after.body.write("unicode"):
                return after
            if len(before.body.terms) == len(after.body.terms) and not _has_deltas(
                before.body.terms
            ):
                last = self.steps.steps.pop()  # nothing to sum out: one line is enough
                by = self._derives(after.body, target, s)
                self.steps.steps.append(Step(last.before, after, last.rule, by, last.where))
                return after
            by = self._agree(before.body, after.body)
        else:
            by = self._derives(after.body, target, s)
        self.steps.steps.append(Step(before, after, RULES[rule], by))
        return after

    def _label(self, s: Expr, out: Slots, var: Slots, letters: Letters) -> Label:
        if not _free((*out, *var)):
            return Label("partial", (self.p.name, s.name))
        return Label("entry", (self.p.name, s.name), (_names(out, letters), _names(var, letters)))

    # -- back to matrices ------------------------------------------------------------------------
    def _matrix(self, s: Expr, later: list[Expr]) -> Expr:
        """The gradient by ``s`` in matrix form, in terms of the signals."""
        users = [t for t in later if t in self.signals and s in postorder(self.parts[t])]
        return arriving(s, users, self.parts, self.signals, self.root)

    def _assembled(self, line: Line, after: Line, target: Expr, s: Expr) -> None:
        assert isinstance(after.body, Expr)
        by = self.steps.problem.witness.gradient(target, s, after.body)
        before, rule = self._merged(line, after)
        self.steps.steps.append(Step(before, after, RULES[rule], by))

    def _plain_weight(self, s: Expr, line: Line) -> bool:
        """Is the function ⟨w, s⟩ with a fixed weight? Then there is little to say."""
        entry = [t for t in self.steps.steps if t.rule.name == "entry"]
        body = entry[-1].after.body if entry else None
        if not isinstance(body, IndexLine) or len(body.terms) != 1:
            return False
        assert isinstance(line.body, IndexLine)
        forms = (s, transposed(s))
        direct = any(e in forms and p == 1 for e, _, _, p in body.terms[0].factors)
        last = self.steps.steps[-1]
        return (direct and last.after is line and last.rule.name == "sum_out"
                and not any(t.bound for t in line.body.terms))  # fmt: skip

    def _weight(self, after: Line, target: Expr, s: Expr) -> None:
        """One step in place of three."""
        assert isinstance(after.body, Expr)
        del self.steps.steps[-2:]
        by = self.p.witness.gradient(target, s, after.body)
        where: dict[str, Body | Label] = {
            "name": Label("name", (s.name,)),
            "upstream": Label("name", (self.p.name,)),
        }
        self.steps.steps.append(Step(None, after, RULES["weight"], by, where))

    def _merged(self, line: Line, after: Line) -> tuple[Line | None, str]:
        """What the last line follows from, and by which rule; a line that says the same goes."""
        assert isinstance(line.body, IndexLine) and isinstance(after.body, Expr)
        if not line.body.free and line.body.write("unicode") == unicode(after.body):
            last = self.steps.steps.pop()
            return last.before, last.rule.name
        return line, "recognise" if any(t.bound for t in line.body.terms) else "assemble"

    def _closed(self, line: Line | None, order: list[Expr]) -> Derivation:
        p = self.p
        if line is None:
            raise UnsupportedError(f"{p.x.name} does not occur, so there is nothing to derive")
        if p.f.is_scalar:
            g = self.steps.shortest(self._matrix(p.x, order))
            goal = Label("partial", (p.name, p.x.name))
        else:
            d = Derivative(Sweep(p.f, [p.x]), p.x)
            g = self.steps.shortest(d.expr("gradient"))
            goal = Label("vec" if d.is_flat else "partial", (p.name, p.x.name))
        after = Line(goal, g)
        before, rule = self._merged(line, after)
        self.steps.derived(before, after, rule)
        return self.steps.closed(after)

    def _signal(self, s: Expr) -> Expr:
        """The gradient by a part: g with the number of the part, else with its name."""
        number = digits(s.name)
        rivals = [t for t in self.parts if t is not s and number and digits(t.name) == number]
        suffix = number if number and not rivals else s.name
        letter = "g" if ONE in s.shape else "G"
        taken = self.p.taken | set(self.steps.definitions)
        trials = (f"{letter}_{suffix}", f"h_{suffix}", f"grad_{suffix}", f"grad_{s.name}_")
        return node("symbol", (), (next(n for n in trials if n not in taken),), s.shape)

    # -- certificates ------------------------------------------------------------------------------
    def _matches(self, line: IndexLine, e: Expr) -> tuple[str, ...]:
        """Do the entries add up to the expression?"""
        w = self.p.witness
        left = [tensor_value(line, w, p) for p in w.points]
        right = [v.reshape(a.shape) for v, a in zip(w.values(e), left, strict=True)]
        return self._judged(w.agree(left, right, TIGHT), repr(e))

    def _agree(self, a: IndexLine, b: IndexLine) -> tuple[str, ...]:
        w = self.p.witness
        left = [tensor_value(a, w, p) for p in w.points]
        right = [tensor_value(b, w, p) for p in w.points]
        return self._judged(w.agree(left, right, TIGHT), b.write("unicode"))

    def _derives(self, line: IndexLine, target: Expr, s: Expr) -> tuple[str, ...]:
        """Is the line the derivative of ``target`` by ``s``?"""
        import numpy as np

        w = self.p.witness

        def predict(p: Point, d: Array) -> Array:
            value = tensor_value(line, w, p)
            flat = d.reshape([n for n, i in zip(d.shape, s.shape, strict=True) if i != ONE])
            moved = np.tensordot(value, flat, axes=flat.ndim) if flat.ndim else value * d.item()
            rows, cols = (dim.at(p.sizes) for dim in target.shape)
            return np.asarray(moved).reshape(rows, cols)

        return w.derivative(target, s, predict)

    @staticmethod
    def _judged(fine: bool, what: str) -> tuple[str, ...]:
        if not fine:
            raise CertificateError(f"internal error: {what} failed its check in index notation")
        return ("numerical",)


def slots(e: Expr) -> Slots:
    """Fresh indices for the axes of an expression."""
    return index(e.shape[0]), index(e.shape[1])


def local_rule(e: Expr, s: Expr) -> str:
    """The rule that names the derivative of a function that is no product of entries."""
    live = depends(e, frozenset({s}))
    moving = {n.op for n in live if live[n]}
    if "inv" in moving:
        return "entry_inverse"
    if any(n.op == "log" and n.args[0].op in ("det", "abs") and "det" in moving for n in live):
        return "entry_logdet"
    return "entry_det" if "det" in moving else "local_rule"


def _free(at: tuple[Slot, ...]) -> tuple[Index, ...]:
    return tuple(i for i in at if i is not None)


def _names(at: tuple[Slot, ...], letters: Letters) -> tuple[str, ...]:
    return tuple(letters.names[i] for i in at if i is not None)


def _has_deltas(terms: list[Term] | tuple[Term, ...]) -> bool:
    return any(t.deltas for t in terms)
