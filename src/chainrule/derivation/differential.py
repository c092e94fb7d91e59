"""The method of differentials and traces (Magnus and Neudecker).

Auxiliary variables, their differentials, back-substitution, rotation under the trace, reading off.
"""

from __future__ import annotations

from chainrule.derivation.data import Derivation, Label, Line, Part
from chainrule.derivation.differentiate import differential
from chainrule.derivation.linear import (
    applied,
    at_end,
    coefficient,
    multiplied_out,
    needs_vec,
    stacked,
    summation,
    summed_over,
    terms,
)
from chainrule.derivation.problem import Problem, differential_of
from chainrule.derivation.writer import Steps
from chainrule.dims import ONE
from chainrule.expr import Expr, depends, postorder, substitute
from chainrule.ops import add, mul, trace
from chainrule.tensor.factor import cost

EASY = 1.4  # growth up to which multiplying out is part of taking the differential


def by_differentials(p: Problem) -> Derivation:
    """The derivation by differentials."""
    steps = Steps(p)
    named = p.auxiliaries()
    parts, root = named.live, named.root
    steps.fixed(named.fixed)
    moves = {p.x: p.dx}
    lines: dict[Expr, Expr] = {}
    for s, e in parts.items():
        d, used = differential(e, moves)
        steps.introduce(s, e, d, used)
        ds = differential_of(s)
        moves[s], lines[ds] = ds, steps.moved[ds]
    if parts or named.fixed:
        steps.write(Line(Label("name", (p.name,)), root), "function")
    d, used = differential(root, moves)
    open_ = multiplied_out(d, frozenset(moves.values()))
    if cost(open_) <= EASY * cost(d):  # the trace of a sum is not worth a line
        d = open_
    line = steps.first(d, _rule(used), root, used)
    line = _inserted(steps, line, lines, p.dx)
    return _finished(steps, p, line, root)


def _rule(used: tuple[Part, ...]) -> str:
    """The rule that names a first line: that of the outermost node with one."""
    return used[-1].rule if used else "linear"


def _inserted(steps: Steps, line: Expr, lines: dict[Expr, Expr], dx: Expr) -> Expr:
    """Back-substitution, from the output towards the variable."""
    marks = frozenset({dx, *lines})
    label = Label("d", (steps.problem.name,))
    line = steps.to(label, line, multiplied_out(line, marks), "distribute")
    for ds in reversed(list(lines)):
        new = multiplied_out(substitute(line, {ds: lines[ds]}), marks)
        line = steps.to(label, line, new, "substitute", {"name": Label("name", (ds.name,))})
    return line


def _finished(steps: Steps, p: Problem, line: Expr, root: Expr) -> Derivation:
    """From the differential in terms of dX to the derivative in the layout asked for."""
    dx = p.dx
    if p.answer.layout == "differential":
        return steps.done(Label("d", (p.name,)), line)
    if needs_vec(line, dx):
        return _stacked(steps, p, line)
    label = Label("d", (p.name,))
    where = {"name": Label("name", (dx.name,))}
    rule = "diag_product" if _elementwise(line, dx) else "to_end"
    if root.is_scalar:
        rule = "transpose_scalar"
        if dx.shape[1] != ONE:
            wrapped = add(*(t if _traced(t) else trace_of(t) for t in terms(line)))
            line = steps.to(label, line, wrapped, "trace_of_scalar", where)
            rule = "trace_hadamard" if _elementwise(line, dx) else "trace_cyclic"
            if _summed(line, dx):
                rule = "trace_sum"
    new = add(*(_turned(t, root, dx) for t in terms(line)))
    line = steps.to(label, line, new, "scalar_last" if dx.is_scalar else rule, where)
    g = steps.shortest(coefficient(line, dx))
    if line.op == "add":
        line = steps.to(label, line, applied(g, root, dx), "collect")
    names = (p.name, p.x.name)
    if root.is_scalar and not dx.is_scalar:
        rule = "read_off_vector" if dx.shape[1] == ONE else "read_off_trace"
    else:
        rule = "read_off" if dx.is_scalar else "read_off_jacobian"
    goal = Label("partial", names)
    steps.derived(Line(label, line), Line(goal, g), rule)
    return steps.closed(Line(goal, g))


def _turned(t: Expr, root: Expr, dx: Expr) -> Expr:
    """A term with the differential at its end."""
    if root.is_scalar and not dx.is_scalar:
        found = at_end(t, dx)
        if found is not None:
            return found
    if t.op == "mul" and t.args[-1] is dx and t.args.count(dx) == 1:
        return t
    return applied(coefficient(t, dx), root, dx)


def _stacked(steps: Steps, p: Problem, line: Expr) -> Derivation:
    """A matrix by a matrix (or with rows): vec dF = J vec dX."""
    dx, label = p.dx, Label("vecd", (p.name,))
    new = add(*(mul(coefficient(t, dx, "vec"), stacked(dx)) for t in terms(line)))
    where = {"name": Label("name", ("vec", dx.name))}
    g = steps.shortest(coefficient(line, dx, "vec"))
    line = steps.to(label, stacked(line), new, "kron_vec", where)
    if line.op == "add":
        line = steps.to(label, line, mul(g, stacked(dx)), "collect")
    goal = Label("vec", (p.name, p.x.name))
    steps.derived(Line(label, line), Line(goal, g), "read_off_vec")
    return steps.closed(Line(goal, g))


def _elementwise(line: Expr, dx: Expr) -> bool:
    """Does the differential stand in an elementwise product?"""
    live = depends(line, frozenset({dx}))
    return any(e.op == "hadamard" and live[e] for e in postorder(line))


def _summed(line: Expr, dx: Expr) -> bool:
    """Does the differential stand in a sum over all entries?"""
    live = depends(line, frozenset({dx}))
    return any(e.op == "sum" and live[e] for e in postorder(line))


def _traced(t: Expr) -> bool:
    over = summation(t)
    if over is not None:
        return all(_traced(a) for a in terms(over[1].args[0]))
    return t.op == "tr" or (t.op == "mul" and any(a.op == "tr" for a in t.args))


def trace_of(t: Expr) -> Expr:
    """tr of a scalar product, its scalar factors outside."""
    over = summation(t)
    if over is not None:
        front, binder = over
        return mul(*front, summed_over(binder, add(*(trace_of(a) for a in terms(binder.args[0])))))
    if t.op == "mul":
        chain = [a for a in t.args if not a.is_scalar]
        if not chain:
            inner = [a for a in t.args if a.op == "mul"]
            rest = [a for a in t.args if a.op != "mul"]
            return mul(*rest, *(trace(a) for a in inner)) if len(inner) == 1 else t
        return trace(t)
    return t


__all__ = ["by_differentials"]
