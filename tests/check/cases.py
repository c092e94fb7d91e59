"""Cases for the checker: wrong answers, right ones, derivations, statements of documents."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from chainrule.calculus.derive import derive
from chainrule.check import Claim
from chainrule.check.reading import grad_node, read_sides
from chainrule.expr import Expr, node
from chainrule.read import Reading, read
from chainrule.read.declare import collect
from chainrule.read.syntax import parse
from tests.corpus import CONVENTIONS, LAYOUTS, declaration

FOLDER = Path(__file__).parents[1] / "cases"

#: Slips that name a mistake fairly.
KINDS: dict[str, frozenset[str]] = {
    name: frozenset(kinds.split())
    for name, kinds in {
        "missing_transpose": "transpose order layout wrong_function",
        "product_order": "order kron_order hadamard_vs_product other transpose wrong_function",
        "factor_lost": "factor dropped_factor other",
        "chain_rule_factor_missing": "dropped_factor factor other missing_sum wrong_function",
        "hadamard_factor_lost": "dropped_factor factor other",
        "elementwise_diag_missing": "hadamard_vs_product dropped_factor order wrong_function other",
        "determinant_factor_lost": "dropped_factor factor wrong_function other",
        "wrong_sign": "sign factor other",
        "layout_mixup": "layout transpose order",
        "inverse_missing": "wrong_function dropped_factor transpose factor other",
        "product_rule_term_missing": "other dropped_factor factor symmetry",
        "inverse_no_sign": "sign", "commutation_dropped": "dropped_factor wrong_function layout "
        "kron_order other transpose",
        "relu_derivative": "wrong_function dropped_factor other",
        "sum_dropped": "missing_sum dropped_factor other wrong_function",
        "forgot_symmetry": "symmetry transpose other factor",
        "kron_reversed": "kron_order layout order", "wrong_power": "factor wrong_function "
        "dropped_factor other",
        "trace_dropped": "missing_sum dropped_factor wrong_function other factor",
        "hadamard_vs_matmul": "hadamard_vs_product wrong_function order other",
        "commutation_assumed": "order other symmetry dropped_factor extra_factor",
        "wrong_elementary_derivative": "wrong_function dropped_factor other",
        "mean_vs_sum": "factor dropped_factor", "wrong_variable": "other index",
    }.items()
}  # fmt: skip


@cache
def load(name: str) -> list[dict[str, Any]]:
    """A file of cases."""
    found: list[dict[str, Any]] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return found


def left_side(raw: Mapping[str, Any], declarations: Sequence[str]) -> tuple[Expr, dict[str, Expr]]:
    """The derivative that is asked for, unexpanded where it can be, and the variables."""
    reading, left = _left(raw, declarations)
    return left, reading.variables


def _left(raw: Mapping[str, Any], declarations: Sequence[str]) -> tuple[Reading, Expr]:
    wrt = raw["wrt"] if isinstance(raw["wrt"], list) else [raw["wrt"]]
    reading = read(raw["plain"], declarations, hints=wrt)
    xs = [reading.variables[name] for name in wrt]
    f = reading.expr
    if raw["kind"] == "differential":
        return reading, derive(reading, wrt[0], layout="differential", check=False).result
    if raw.get("order", 1) == 2:
        if len(xs) == 2:
            return reading, grad_node(grad_node(f, xs[0]), xs[1])
        if xs[0].is_scalar:
            return reading, grad_node(grad_node(f, xs[0]), xs[0])
        n = xs[0].shape[0] * xs[0].shape[1]
        return reading, node("hessian", (f, xs[0]), (), (n, n))
    return reading, grad_node(f, xs[0])


def declarations_of(raw: Mapping[str, Any]) -> list[str]:
    """The variables as declarations."""
    return [declaration(name, v) for name, v in raw["variables"].items()]


def claim_of(raw: Mapping[str, Any], right: str) -> tuple[Claim, str | None, str | None]:
    """The claim that ``right`` is the derivative, its layout, and the convention."""
    own = declarations_of(raw)
    moving = [d for d in own if not (d[0] == "d" and d.split(":")[0][1:] in raw["variables"])]
    left, variables = left_side(raw, moving)
    names = {d.split(":")[0] for d in own}
    own += [f"{n}: {v.shape[0]},{v.shape[1]}" for n, v in variables.items() if n not in names]
    wrt = raw["wrt"] if isinstance(raw["wrt"], str) else raw["wrt"][0]
    if raw["kind"] == "differential" and "d" + wrt not in names:
        own.append(declaration("d" + wrt, {**raw["variables"][wrt], "attrs": []}))
    sides = read_sides((), [(s, right) for s in parse(right)], collect(own))
    layout = LAYOUTS.get(raw["kind"]) or raw["layout"].replace("n/a", "gradient")
    layout = None if layout == "differential" else layout
    return Claim((left, sides.exprs[0])), layout, CONVENTIONS[raw.get("convention", "unstructured")]


def chain_of(raw: Mapping[str, Any]) -> Claim:
    """``df = step = step = …`` of a derivation."""
    own = declarations_of(raw)
    reading = read(raw["plain"], own, hints=[raw["wrt"]])
    first = derive(reading, raw["wrt"], layout="differential", check=False).result
    own.append(declaration("d" + raw["wrt"], {**raw["variables"][raw["wrt"]], "attrs": []}))
    texts = [step["expr"] for step in raw["steps"]]
    sides = read_sides((), [(s, t) for t in texts for s in parse(t)], collect(own))
    return Claim((first, *sides.exprs))
