"""The method of vec and Kronecker products: Jacobians in row layout, multiplied and reshaped."""

from __future__ import annotations

from chainrule.calculus.forms import Derivative
from chainrule.calculus.sweep import Sweep
from chainrule.derivation.data import Derivation, Label, Line, Step
from chainrule.derivation.differentiate import differential
from chainrule.derivation.linear import (
    between,
    coefficient,
    multiplied_out,
    scalars_first,
    stacked,
    summation,
    summed_over,
    terms,
)
from chainrule.derivation.problem import Problem
from chainrule.derivation.rules import RULES
from chainrule.derivation.signals import weighted
from chainrule.derivation.writer import Steps
from chainrule.dims import ONE
from chainrule.errors import UnsupportedError
from chainrule.expr import Expr, node, postorder, substitute
from chainrule.ops import add, apply, mul
from chainrule.traits import transposed


def by_kronecker(p: Problem) -> Derivation:
    """The derivation by vec and Kronecker products."""
    if p.answer.layout == "differential":
        raise UnsupportedError(
            "the method of vec and Kronecker products ends with a Jacobian, not a differential: "
            "ask for the layout gradient or numerator"
        )
    steps = Steps(p, "kronecker")
    named = p.auxiliaries()
    parts, root = named.live, named.root
    steps.fixed(named.fixed)
    if named.fixed and not parts:
        steps.write(Line(Label("name", (p.name,)), root), "function")
    if parts:
        line, short = _chained(steps, p, parts, root)
    else:
        line, short = _direct(steps, p, root)
    return _shaped(steps, p, line, short, bool(parts))


def _direct(steps: Steps, p: Problem, root: Expr) -> tuple[Line, Expr | None]:
    """No function to pass through: the differential, stacked."""
    dx = p.dx
    d, used = differential(root, {p.x: dx})
    d = multiplied_out(d, frozenset({dx}))
    line = steps.first(d, used[-1].rule if used else "linear", root, used)
    new = add(*(mul(stacking(t, dx), stacked(dx)) for t in terms(line)))
    label = Label("d" if stacked(line) is line else "vecd", (p.name,))
    rule = "trace_vec" if line.is_scalar and not _has(new, "kron") else "kron_vec"
    where = {"name": Label("name", (dx.name,))}
    line = steps.to(label, stacked(line), new, "to_end" if dx.shape[1] == ONE else rule, where)
    j = add(*(stacking(t, dx) for t in terms(d)))
    goal = _label(p)
    flat = goal.kind in ("vec", "vecrow")
    steps.derived(Line(label, line), Line(goal, j), "read_off_vec" if flat else "read_off_jacobian")
    short = coefficient(d, dx) if p.f.is_scalar else None
    if short is not None and flat:  # the row is brought under one vec when it is reshaped
        return Line(goal, j), short
    whole = steps.shortest(coefficient(d, dx, "vec"))
    return Line(goal, steps.to(goal, j, whole, "collect")), short


def stacking(t: Expr, dx: Expr) -> Expr:
    """The matrix J with vec(t) = J vec(dX): (Bᵀ ⊗ A) for A dX B."""
    over = summation(t)
    if over is not None:
        front, binder = over
        body = add(*(stacking(a, dx) for a in terms(binder.args[0])))
        return mul(*front, summed_over(binder, body))
    if t.is_scalar and not dx.is_scalar and dx.shape[1] != ONE and dx.shape[0] != ONE:
        scalars: list[Expr] = []
        while t.op == "mul" and any(a.is_scalar for a in t.args):
            inner = [a for a in t.args if dx in postorder(a)]
            if len(inner) != 1 or not inner[0].is_scalar:
                break
            scalars += [a for a in t.args if a is not inner[0]]
            t = inner[0]
        found = _row(t, dx)
        if found is not None:
            return mul(*scalars, found)
        return mul(*scalars, coefficient(t, dx, "vec"))
    found = between(t, dx)
    return coefficient(t, dx, "vec") if found is None else found


def _row(t: Expr, dx: Expr) -> Expr | None:
    """a' dX b as (b' ⊗ a'), tr(A dX B) as vec((B A)')'."""
    chain = list(t.args[0].args if t.op == "tr" and t.args[0].op == "mul" else t.args)
    if t.op not in ("tr", "mul") or any(a.is_scalar for a in chain):
        return None
    at = next((k for k, a in enumerate(chain) if a is dx), None)
    if at is None:
        chain = [transposed(a) for a in reversed(chain)]
        at = next((k for k, a in enumerate(chain) if a is dx), None)
        if at is None:
            return None
    left, right = chain[:at], chain[at + 1 :]
    if t.op == "tr":
        rest = [*right, *left]
        return transposed(apply("vec", transposed(mul(*rest)))) if rest else None
    return apply("kron", transposed(mul(*right)), mul(*left)) if left and right else None


def _chained(
    steps: Steps, p: Problem, parts: dict[Expr, Expr], root: Expr
) -> tuple[Line, Expr | None]:
    """The chain rule: Jacobians of all parts in row layout, multiplied from the output."""
    w = p.witness
    for s, e in parts.items():
        steps.forward(s, e, "define")
    steps.write(Line(Label("name", (p.name,)), root), "function")
    whole = p.symbol()
    bodies = {**parts, whole: root}
    arriving: dict[Expr, list[Expr]] = {}
    weights: dict[Expr, list[Expr]] = {}  # the same as matrices: the row is vec of their sum
    for c in reversed(list(bodies)):
        so_far = add(*arriving[c]) if c in arriving else None
        if c is not whole and so_far is None:
            continue
        inside = set(postorder(bodies[c]))
        for s in [*reversed(list(parts)), p.x]:
            if s is c or s not in inside:
                continue
            j = steps.cached(local_jacobian(bodies[c], s))
            by = w.jacobian(bodies[c], s, j)
            label = Label(_kind(bodies[c], s), (c.name, s.name))
            where = {"name": Label("name", (c.name,))}
            steps.steps.append(Step(None, Line(label, j), RULES["jacobian_of"], by, where))
            arriving.setdefault(s, []).append(chained(so_far, j))
            if p.f.is_scalar:
                passed = scalars_first(_passed(bodies[c], weights.get(c), s))
                weights.setdefault(s, []).append(steps.cached(passed))
    goal = _label(p)
    chain = add(*arriving[p.x])
    steps.derived(None, Line(goal, chain), "chain_jacobians")
    return Line(goal, chain), add(*weights[p.x]) if p.f.is_scalar else None


def _passed(e: Expr, weights: list[Expr] | None, s: Expr) -> Expr:
    """The gradient by ``s`` of ⟨w, e⟩ with fixed weights, or of ``e`` itself."""
    if weights is None:
        if any(n.op == "sigma" for n in postorder(e)) and not s.is_scalar:
            ds = node("symbol", (), ("d" + s.name,), s.shape)
            return coefficient(multiplied_out(differential(e, {s: ds})[0], frozenset({ds})), ds)
        return Derivative(Sweep(e, [s]), s).expr("gradient")
    w = node("symbol", (), ("arg_w",), e.shape)
    g = Derivative(Sweep(weighted(w, e), [s]), s).expr("gradient")
    return substitute(g, {w: add(*weights)})


def chained(left: Expr | None, right: Expr) -> Expr:
    """The product of two Jacobians; identities drop out."""
    if left is None or left.op == "eye":
        return right
    return left if right.op == "eye" else mul(left, right)


def local_jacobian(e: Expr, s: Expr) -> Expr:
    """∂vec e/∂(vec s)ᵀ, (Bᵀ ⊗ A) where the differential is A dS B."""
    if s.is_scalar or s.shape[1] == ONE or s.shape[0] == ONE:
        return Derivative(Sweep(e, [s]), s).expr("vec")
    ds = node("symbol", (), ("d" + s.name,), s.shape)
    d, _ = differential(e, {s: ds})
    d = multiplied_out(d, frozenset({ds}))
    return add(*(stacking(t, ds) for t in terms(d)))


def _kind(f: Expr, x: Expr) -> str:
    if x.is_scalar:
        return "partial" if f.is_scalar or f.shape[1] == ONE else "vecby"
    if f.is_scalar:
        return "row" if x.shape[1] == ONE else "vecrow"
    return "partial" if f.shape[1] == ONE and x.shape[1] == ONE else "vec"


def _label(p: Problem) -> Label:
    return Label(_kind(p.f, p.x), (p.name, p.x.name))


def _shaped(steps: Steps, p: Problem, line: Line, short: Expr | None, parts: bool) -> Derivation:
    """From the row or stacked matrix to the shape of the variable."""
    j = line.body
    assert isinstance(j, Expr)
    if p.answer.form == "vec":
        return steps.closed(line)
    if short is not None and not p.x.is_scalar:
        vector = p.x.shape[1] == ONE
        if not vector and p.x.shape[0] == ONE:  # a row is its own derivative's shape
            line = Line(line.label, steps.to(line.label, j, short, "collect"))
        elif not vector:
            row = transposed(apply("vec", short))
            rule = "pull_row" if parts else "row_vec"
            rule = rule if _has(j, "kron") else "one_vec"
            line = Line(line.label, steps.to(line.label, j, row, rule))
        if (p.answer.layout == "numerator" and vector) or p.x.shape[0] == ONE:
            return steps.closed(line)
        after = Line(Label("partial", (p.name, p.x.name)), short)
        where = {"name": Label("name", (p.x.name,))}
        steps.derived(line, after, "transpose_row" if vector else "reshape", where)
        return steps.closed(after)
    if line.label.kind == "vecby":  # a matrix by a scalar
        body = Derivative(Sweep(p.f, [p.x]), p.x).expr("gradient")
        after = Line(Label("partial", (p.name, p.x.name)), body)
        steps.derived(line, after, "reshape", {"name": Label("name", (p.name,))})
        return steps.closed(after)
    return steps.closed(line)


def _has(e: Expr, op: str) -> bool:
    return any(n.op == op for n in postorder(e))
