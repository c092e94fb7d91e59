"""Writing down steps: each is certified as it is added, and none repeats or goes back."""

from __future__ import annotations

from collections.abc import Mapping

from chainrule.derivation.auxiliaries import is_function
from chainrule.derivation.data import Body, Derivation, Label, Line, Part, Step
from chainrule.derivation.problem import Problem, differential_of
from chainrule.derivation.rules import RULES
from chainrule.errors import CertificateError
from chainrule.expr import Expr, postorder, substitute, symbols
from chainrule.ops import apply
from chainrule.ops.indexed import is_family
from chainrule.tensor.factor import cost
from chainrule.traits import transposed
from chainrule.write import unicode

INLINE = 40  # tokens up to which a result is written without named parts
LONGEST = 60  # tokens up to which a result is written with them, beyond the last line
Where = Mapping[str, Body | Label]


class Steps:
    """The steps of one derivation, in the making."""

    def __init__(self, p: Problem, method: str = "differential") -> None:
        self.problem, self.method = p, method
        self.steps: list[Step] = []
        self.definitions: dict[str, Expr] = {}
        self.named: list[Expr] = []  # parts of the function, not signals
        self.parts: list[str] = []  # names of the nodes of the graph
        self.moved: dict[Expr, Expr] = {}  # differentials of named parts
        self.values: dict[Expr, Expr] = {}  # definition -> the name of the cached value
        if p.expr is not p.f:
            self._stacked()

    def _stacked(self) -> None:
        """Sums over families in matrix form."""
        p = self.problem
        label = Label("name", (p.name,))
        by = p.witness.same(p.expr, p.f)
        before, after = Line(label, p.expr), Line(label, p.f)
        families = any(is_family(s) for s in symbols(p.expr).values())
        self.steps.append(Step(before, after, RULES["families" if families else "sums"], by))

    # -- definitions --------------------------------------------------------------------------
    def define(self, s: Expr, e: Expr) -> None:
        """Let the symbol stand for ``e`` from here on."""
        self.problem.witness.define(s, e)
        self.definitions[s.name] = e
        if is_function(e):
            self.values[e] = s

    def cached(self, e: Expr) -> Expr:
        """The expression with names for values that are known already: σ(z) is h again."""
        return substitute(e, self.values) if self.values else e

    def introduce(self, s: Expr, e: Expr, d: Expr, parts: tuple[Part, ...]) -> None:
        """Name a part and take its differential."""
        w = self.problem.witness
        self.define(s, e)
        self.named.append(s)
        d = self.cached(d)
        by = w.differential(e, d)
        ds = differential_of(s)
        w.define(ds, d)
        self.moved[ds] = d
        before = Line(Label("name", (s.name,)), e)
        after = Line(Label("d", (s.name,)), d)
        where: Where = {"name": Label("name", (s.name,))}
        self.steps.append(Step(before, after, RULES["introduce"], by, where, parts))

    def fixed(self, parts: Mapping[Expr, Expr], rule: str = "define") -> None:
        """Name parts that do not depend on the variable."""
        for s, e in parts.items():
            self.forward(s, e, rule)

    def forward(self, s: Expr, e: Expr, rule: str = "forward") -> None:
        """Name an intermediate value."""
        self.define(s, e)
        self.named.append(s)
        where: Where = {"name": Label("name", (s.name,))}
        line = Line(Label("name", (s.name,)), e)
        self.steps.append(Step(None, line, RULES[rule], ("definition",), where))

    # -- lines ----------------------------------------------------------------------------------
    def write(self, line: Line, rule: str, where: Where | None = None) -> None:
        """The function itself, in terms of named parts."""
        assert isinstance(line.body, Expr)
        by = self.problem.witness.same(self.problem.f, line.body)
        self.steps.append(Step(None, line, RULES[rule], by, where or {}))

    def first(self, d: Expr, rule: str, root: Expr, parts: tuple[Part, ...]) -> Expr:
        """The differential of the function."""
        p = self.problem
        by = p.witness.differential(root, d)
        before = Line(Label("name", (p.name,)), root)
        after = Line(Label("d", (p.name,)), d)
        where: Where = {"name": Label("name", (p.x.name,))}
        self.steps.append(Step(before, after, RULES[rule], by, where, parts))
        return d

    def to(
        self, label: Label, before: Expr, after: Expr, rule: str, where: Where | None = None
    ) -> Expr:
        """The next line with the same left-hand side; nothing if it reads the same."""
        if after is before:
            return before
        by = self.problem.witness.same(before, after)
        if unicode(before) == unicode(after):
            return after
        new_ops = _ops(after) - _ops(before)
        if rule == "collect" and "hadamard" in new_ops and "diag" in _ops(before):
            rule = "collect_diag"
        old, new = Line(label, before), Line(label, after)
        self.steps.append(Step(old, new, RULES[rule], by, where or {}))
        return after

    def derived(
        self, before: Line | None, after: Line, rule: str, where: Where | None = None
    ) -> None:
        """A line with another left-hand side: a derivative that is read off."""
        assert isinstance(after.body, Expr)
        by = self.certified_derivative(after.label, after.body)
        self.steps.append(Step(before, after, RULES[rule], by, where or {}))

    def certified_derivative(self, label: Label, e: Expr) -> tuple[str, ...]:
        """Certify a derivative of the whole function by its variable."""
        p, w = self.problem, self.problem.witness
        if label.kind in ("vec", "row", "vecrow", "vecby"):
            return w.jacobian(p.f, p.x, e)
        if p.f.is_scalar:
            return w.gradient(p.f, p.x, e)
        if p.x.is_scalar:
            return w.jacobian(p.f, p.x, apply("vec", e))
        return w.jacobian(p.f, p.x, e)

    # -- the end ----------------------------------------------------------------------------------
    def closed(self, line: Line) -> Derivation:
        """Layout, structure and the names of the answer: the last line has its value."""
        p = self.problem
        assert isinstance(line.body, Expr)
        final = self.final()
        if line.label == p.goal:
            far = bool(self.definitions) and cost(final) > LONGEST and final is not p.result
            alike = sorted(unicode(final)) == sorted(unicode(line.body))  # but for the order
            if final is line.body or ((far or alike) and self._agrees(line.body, final)):
                return self.built(line.label)
        value = p.witness.written_out(final)
        current = p.witness.written_out(line.body)
        rule = self._last_rule(final)
        if p.sums and "sigma" in _ops(current) - _ops(value):
            rule = "families_restore" if rule == "restore" else "families"
        target = Line(p.goal, final)
        by: tuple[str, ...]
        if value.shape == current.shape and self._agrees(line.body, final):
            by = p.witness.same(line.body, final)
        elif value.shape == current.shape and p.answer.symmetric in ("project", "entries"):
            rule, by = "symmetric", self.answer_certificate()
            if p.x.traits & {"symmetric", "positive_definite"}:
                rule = f"symmetric_{p.answer.symmetric}"
        else:
            rule = "layout"
            body = self._laid_out(line)
            by = p.witness.same(body, final)
        self.steps.append(Step(line, target, RULES[rule], by, {}))
        return self.built(p.goal)

    def shortest(self, g: Expr) -> Expr:
        """The derivative as the answer writes it, where no named part stands in between."""
        best = self.problem.result
        if "sigma" in _ops(g) or self.definitions or best.shape != g.shape:
            return g
        if not self._agrees(g, best):
            return g
        return best

    def _agrees(self, a: Expr, b: Expr) -> bool:
        w = self.problem.witness
        return a.shape == b.shape and w.agree(w.values(a), w.values(b), 1e-7)

    def _laid_out(self, line: Line) -> Expr:
        """The line in the layout asked for."""
        p = self.problem
        assert isinstance(line.body, Expr)
        e = line.body
        if p.answer.form == "vec" and p.f.is_scalar:
            return transposed(apply("vec", e))
        if p.answer.layout == "vec" and p.x.is_scalar:
            return apply("vec", e)
        return transposed(e)

    def answer_certificate(self) -> tuple[str, ...]:
        """What vouches for the answer itself."""
        c = self.problem.answer.certificate
        if c.verdict != "equal":
            raise CertificateError("internal error: the answer of a derivation is not certified")
        return c.by

    def final(self) -> Expr:
        """The answer as the last line shows it: written out if short, else in named parts."""
        p = self.problem
        if cost(p.result) <= INLINE and not p.definitions:
            return p.result
        short = p.result
        for s in reversed(self.named):
            short = substitute(short, {p.witness.table[s]: s})
        return short

    def _last_rule(self, final: Expr) -> str:
        if not self.definitions:
            return "simplify"
        return "restore" if final is self.problem.result else "combine"

    def done(self, label: Label, line: Expr) -> Derivation:
        """The end of a request for the differential itself."""
        final = self.final()
        self.to(label, line, final, self._last_rule(final))
        return self.built(label)

    def built(self, goal: Label) -> Derivation:
        """The derivation."""
        p = self.problem
        return Derivation(goal, self.method, tuple(self.steps), p.name, p.named, p.expr, p.x,
                          p.answer, dict(self.definitions))  # fmt: skip


def _ops(e: Expr) -> set[str]:
    return {n.op for n in postorder(e)}
