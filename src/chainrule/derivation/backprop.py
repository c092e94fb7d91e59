"""Backpropagation: forward values with names, then error signals in reverse topological order."""

from __future__ import annotations

from chainrule.derivation.auxiliaries import is_function, whole_matrix
from chainrule.derivation.data import Body, Derivation, Label, Line, Rule, Step
from chainrule.derivation.problem import Problem
from chainrule.derivation.rules import RULES
from chainrule.derivation.signals import arriving, beyond, digits
from chainrule.derivation.writer import Steps
from chainrule.dims import ONE
from chainrule.errors import UnsupportedError
from chainrule.expr import Expr, depends, node, postorder, substitute
from chainrule.ops import mul

FRESH = ("delta", "e", "epsilon", "lambda")
PLAIN = frozenset({"hadamard", "sum", "tr", "add", "norm2", "normF", "sum_rows", "sum_cols"})


def by_backpropagation(p: Problem) -> Derivation:
    """The derivation by backpropagation.

    Raises
    ------
    UnsupportedError
        If the function is not a scalar: there is no error signal to start from.
    """
    if not p.f.is_scalar:
        raise UnsupportedError(
            f"backpropagation starts from a scalar, but the function is "
            f"{p.f.shape[0]}×{p.f.shape[1]}; choose another method"
        )
    if p.answer.layout == "differential":
        raise UnsupportedError(
            "backpropagation gives gradients, not a differential: ask for the layout gradient"
        )
    steps = Steps(p, "backprop")
    named = p.auxiliaries(fine=True)
    parts, root = named.live, named.root
    if not parts:
        parts, root = _split(p, root)
    steps.fixed(named.fixed, "forward")
    steps.parts = [s.name for s in (*named.fixed, *parts)]
    for s, e in parts.items():
        steps.forward(s, e)
    if parts or named.fixed:
        steps.write(Line(Label("name", (p.name,)), root), "function")
    signals: dict[Expr, Expr] = {}
    order = list(parts)
    for k in range(len(order) - 1, -1, -1):
        s = order[k]
        users = [t for t in order[k + 1 :] if t in signals and s in postorder(parts[t])]
        g = steps.cached(arriving(s, users, parts, signals, root))
        if g.op == "zeros" or (g.op == "number" and g.value == 0):  # nothing arrives
            continue
        by = p.witness.gradient(beyond(root, parts, order[k + 1 :]), s, g)
        delta = _signal(s, p, steps)
        label = Label("signal", (delta.name, p.name, s.name))
        steps.steps.append(Step(None, Line(label, g), *_rule(s, users, root, signals, by)))
        steps.define(delta, g)
        signals[s] = delta
    users = [t for t in order if t in signals and p.x in postorder(parts[t])]
    g = steps.cached(arriving(p.x, users, parts, signals, root))
    line = Line(Label("partial", (p.name, p.x.name)), g)
    steps.derived(None, line, _last_rule(p, root, users),
                  {"name": Label("name", (p.x.name,))})  # fmt: skip
    return steps.closed(line)


def _last_rule(p: Problem, root: Expr, users: list[Expr]) -> str:
    """How the gradient of the variable itself comes about."""
    if users:
        return "parameter"
    live = depends(root, frozenset({p.x}))
    places = sum(live[a] for a in root.args) if root.op in ("add", "mul") else 0
    return "fan_out" if places > 1 else "output_direct"


def _rule(
    s: Expr, users: list[Expr], root: Expr, signals: dict[Expr, Expr], by: tuple[str, ...]
) -> tuple[Rule, tuple[str, ...], dict[str, Body | Label]]:
    """Rule, certificate and placeholders of a backward step."""
    where: dict[str, Body | Label] = {"name": Label("name", (s.name,))}
    direct = s in postorder(root)
    if not users:
        return RULES["output"], by, where
    if len(users) + direct > 1:
        return RULES["fan_out"], by, where
    where["upstream"] = Label("name", (signals[users[0]].name,))
    where["name"] = Label("name", (users[0].name,))
    return RULES["backward"], by, where


def _signal(s: Expr, p: Problem, steps: Steps) -> Expr:
    """The error signal of a node: δ with the number of the node, else with its name."""
    suffix = s.name
    number = digits(s.name)
    rivals = [n for n in steps.parts if n != s.name and number and digits(n) == number]
    automatic = s.name == f"z_{number}" or s.name == f"Z_{number}"
    if number and (not rivals or automatic):
        suffix = number
    taken = p.taken | set(steps.definitions)
    trials = (f"{h}_{suffix}" for h in FRESH)
    name = next((n for n in trials if n not in taken), f"delta_{s.name}_")
    return node("symbol", (), (name,), s.shape)


def _split(p: Problem, root: Expr) -> tuple[dict[Expr, Expr], Expr]:
    """Without functions to stop at: an inner product, or the last factors of one, is a node."""
    live = depends(root, frozenset({p.x}))
    for e in postorder(root):
        if not live[e] or e is root:
            continue
        product = e.op == "mul" and sum(not a.is_scalar for a in e.args) > 1
        if live[e] and whole_matrix(e):
            return {}, root
        if e.is_scalar or not (product or e.op == "inv" or is_function(e)):
            continue
        if not _passes(root, e):
            continue
        return _one_part(p, root, e, e)
    for e in postorder(root):
        if e.op != "mul" or not live[e] or is_function(e):
            continue
        shaped = [a for a in e.args if not a.is_scalar]
        tail = shaped[1:]
        if len(shaped) < 3 or not any(live[a] for a in tail):
            continue
        inner = mul(*tail)
        if inner.is_scalar:
            return {}, root
        scalars = [a for a in e.args if a.is_scalar]
        return _one_part(p, root, e, inner, *scalars, shaped[0])
    return {}, root


def _passes(root: Expr, e: Expr) -> bool:
    """Is the node used by something that is more than a scalar chain of products?"""
    users = [n for n in postorder(root) if e in n.args]
    return all(n.op in PLAIN for n in users)


def _one_part(
    p: Problem, root: Expr, e: Expr, inner: Expr, *front: Expr
) -> tuple[dict[Expr, Expr], Expr]:
    name = "z_1" if ONE in inner.shape else "Z_1"
    if name in p.taken:
        return {}, root
    s = node("symbol", (), (name,), inner.shape)
    return {s: inner}, substitute(root, {e: mul(*front, s) if front else s})
