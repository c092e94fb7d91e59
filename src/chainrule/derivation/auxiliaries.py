"""Named auxiliaries as a textbook picks them: the compound arguments of functions.

``z_1 = W x + b`` before ``tanh(z_1)``; nothing is named in ``x'*A*x``, where the product rule says
all. The user's own definitions keep their names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chainrule.dims import ONE
from chainrule.expr import BINDERS, Expr, depends, free_names, node, postorder, rebuild, substitute
from chainrule.ops import TABLE, add, mul
from chainrule.tensor.factor import cost
from chainrule.tensor.partial import MATRIX_SLOPES

LINEAR = frozenset({"add", "mul", "hadamard", "transpose", "tr", "sum", "sum_rows", "sum_cols",
                    "diag", "vec", "kron", "mean", "vech", "hcat", "vcat"})  # fmt: skip
LONG = 6  # tokens of an argument that deserves a name in any case
SOME = 3  # tokens of an argument that deserves one where functions are nested


def is_function(e: Expr) -> bool:
    """Neither a symbol, nor a constant, nor linear in each argument?"""
    return bool(e.args) and e.op in TABLE and e.op not in LINEAR


def argument(e: Expr) -> Expr:
    """What a function is really of: U in log(det(U)) and in ‖U‖²."""
    inner = e.args[0]
    if e.op == "log" and inner.op == "abs" and inner.args[0].op == "det":
        inner = inner.args[0]
    if e.op == "log" and inner.op == "det":
        return inner.args[0]
    if is_squared_norm(e):
        return inner.args[0]
    return inner


def is_squared_norm(e: Expr) -> bool:
    """``norm2(u)^2`` or ``normF(U)^2``?"""
    return (e.op == "pow" and e.args[0].op in ("norm2", "normF")
            and e.args[1].op == "number" and e.args[1].value == 2)  # fmt: skip


@dataclass(frozen=True)
class Parts:
    """Named parts of a function.

    Attributes
    ----------
    fixed
        Symbols for parts without the variable, with their definitions.
    live
        Symbols for parts that change with it, later ones in terms of earlier ones.
    root
        The function in these names.
    """

    fixed: dict[Expr, Expr]
    live: dict[Expr, Expr]
    root: Expr


def choose(
    f: Expr, x: Expr, definitions: Mapping[str, Expr], taken: frozenset[str],
    fine: bool = False, short: bool = False,
) -> Parts:  # fmt: skip
    """The parts of ``f`` that deserve names.

    With ``short``, a product inside a function gets a name however short it is.

    With ``fine``, values of functions that are used further get names too, as the nodes of a
    computational graph do.
    """
    f, given, runs = regrouped(f, definitions)
    order = postorder(*runs.values(), f)
    alive = {x}
    for s, e in runs.items():
        if depends(e, frozenset(alive))[e]:
            alive.add(s)
    live: dict[Expr, bool] = {}
    for e in order:
        live[e] = e in alive or any(live[a] for a in e.args)
    wanted: dict[Expr, str | None] = {e: n for n, e in given.items() if e in live and e.args}
    wanted.pop(x, None)
    depth: dict[Expr, int] = {}
    for e in order:
        below = max((depth[a] for a in e.args if live[a]), default=0)
        depth[e] = below + (is_function(e) and live[e])
    nested = depth[f] > 1 or short or fine
    users: dict[Expr, int] = {}
    for e in order:
        for a in e.args:
            users[a] = users.get(a, 0) + 1
    fused = fused_nodes(order)
    inner = {n for e in order if is_function(e) and live[e] for n in _below(argument(e))}
    logged = {e.args[0] for e in order if e.op == "log" and e.args[0].op == "softmax"
              and users[e.args[0]] == 1}  # fmt: skip
    for e in order:
        if not live[e] or e in fused:
            continue
        if is_function(e):
            for a in (argument(e), *e.args[1:]):
                if not a.args or not live.get(a) or a in logged:
                    continue
                if _deserves(a, live, nested):
                    wanted.setdefault(a, None)
            if fine and e in inner and cost(e) > SOME and not whole_matrix(e) and e not in logged:
                wanted.setdefault(e, None)
        if users.get(e, 0) > 1 and cost(e) >= LONG and e.op != "transpose":
            wanted.setdefault(e, None)
    wanted.pop(f, None)
    indices = frozenset(str(e.params[0]) for e in order if e.op in BINDERS)
    if indices:  # nothing inside a sum that changes with its index
        wanted = {e: n for e, n in wanted.items() if indices.isdisjoint(free_names(e))}
    parts, root = _named(order, wanted, set(taken), {e: s for s, e in runs.items()})
    names = [s.name for s in parts]
    if set(names) <= set(definitions):  # the user's own order
        parts = {s: parts[s] for n in definitions for s in parts if s.name == n}
    moving = {x}
    for s, e in parts.items():
        if depends(e, frozenset(moving))[e]:
            moving.add(s)
    return Parts({s: e for s, e in parts.items() if s not in moving},
                 {s: e for s, e in parts.items() if s in moving}, root)  # fmt: skip


def regrouped(
    f: Expr, definitions: Mapping[str, Expr]
) -> tuple[Expr, dict[str, Expr], dict[Expr, Expr]]:
    """Give back the user's names to products and sums that were flattened into longer ones.

    After ``z = W*x``, the product ``d'*W*x`` is ``d'*z`` again.
    """
    given = dict(definitions)
    runs: dict[Expr, Expr] = {}
    for name in definitions:
        e = given[name]
        nodes = postorder(*runs.values(), f)
        if e.op not in ("mul", "add") or e in nodes:
            continue
        s = node("symbol", (), (name,), e.shape)
        table = {m: new for m in nodes if (new := _with_run(m, e, s)) is not None}
        if table:
            f = substitute(f, table)
            given = {n: substitute(d, table) for n, d in given.items() if n != name}
            runs = {t: substitute(d, table) for t, d in runs.items()}
            runs[s] = e
    return f, given, runs


def _with_run(m: Expr, e: Expr, s: Expr) -> Expr | None:
    """``m`` with the run of factors or terms that makes up ``e`` replaced by ``s``."""
    size = len(e.args)
    if m.op != e.op or len(m.args) <= size:
        return None
    for k in range(len(m.args) - size + 1):
        if m.args[k : k + size] == e.args:
            return (mul if m.op == "mul" else add)(*m.args[:k], s, *m.args[k + size :])
    return None


def _deserves(a: Expr, live: dict[Expr, bool], nested: bool) -> bool:
    """Long enough, and more than a multiple or a shift of something simple?"""
    if a.op in ("mul", "add"):
        moving = [b for b in a.args if live.get(b)]
        fixed = [b for b in a.args if b not in moving]
        plain = all(b.op == "number" or (b.is_scalar and not b.args) for b in fixed)
        if len(moving) == 1 and plain and a.op == "mul" and not moving[0].args:
            return False
        inner = moving[0] if len(moving) == 1 else a
        if inner.op == "mul" and inner.args[0].op == "number" and len(inner.args) == 2:
            inner = inner.args[1]
        if plain and inner is not a and (is_function(inner) or not inner.args):
            return False
    return cost(a) >= (SOME if nested else LONG)


def _below(e: Expr) -> list[Expr]:
    return [n for n in postorder(e) if is_function(n)]


def whole_matrix(e: Expr) -> bool:
    """A function of a whole matrix, whose derivative exists under a trace only?"""
    return (e.op in MATRIX_SLOPES and e.op != "inv") or (e.op == "pow" and not e.is_scalar)


def fused_nodes(order: list[Expr]) -> frozenset[Expr]:
    """Inner nodes of patterns that are differentiated as one: det in log(det(U)), ‖·‖ in ‖u‖²."""
    out: set[Expr] = set()
    for e in order:
        if is_function(e) and argument(e) is not e.args[0]:
            inner = e.args[0]
            while inner is not argument(e):
                out.add(inner)
                inner = inner.args[0]
    return frozenset(out)


def _named(
    order: list[Expr], wanted: dict[Expr, str | None], taken: set[str], runs: dict[Expr, Expr]
) -> tuple[dict[Expr, Expr], Expr]:
    table: dict[Expr, Expr] = {}
    out: dict[Expr, Expr] = {}
    count = 0
    for e in order:
        body = rebuild(e, tuple(table[a] for a in e.args))
        if e in runs:
            out[runs[e]] = body
        elif e in wanted:
            name = wanted[e]
            while name is None:
                count += 1
                trial = f"{'z' if ONE in e.shape else 'Z'}_{count}"
                clash = {trial, f"d{trial}", trial.lower(), trial.upper()} & taken
                name = None if clash else trial
            s = node("symbol", (), (name,), e.shape)
            out[s] = body
            body = s
        table[e] = body
    return out, table[order[-1]]
