"""Claims on a function that nobody wrote down: do they hold for one of the usual ones?

``∂a/∂z = a (1 − a)`` with ``a = g(z)`` is right where g is the logistic function, and the document
may have said so in words or in a picture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from chainrule.check.layouts import Convention, written_out
from chainrule.check.verdict import Claim, Verdict
from chainrule.dims import ONE
from chainrule.errors import ChainruleError
from chainrule.expr import Expr, number, postorder, rebuild
from chainrule.ops import apply, mul
from chainrule.ops.slopes import SLOPES
from chainrule.write import plain

USUAL = {
    "sigmoid": "the logistic function", "tanh": "tanh", "relu": "ReLU", "softplus": "softplus",
}  # fmt: skip
MOST = 2
"""More functions than this are not guessed."""


def for_usual_functions(claim: Claim, judged: Callable[[Claim], Verdict]) -> Verdict | None:
    """The verdict under the condition that the functions without a definition are usual ones."""
    try:
        sides = tuple(written_out(s, Convention()) for s in claim.sides)
    except ChainruleError:
        return None
    names = _functions(claim.sides)
    if not names or len(names) > MOST or not _about_values(sides):
        return None
    for function, what in USUAL.items():
        try:
            own = tuple(_with(s, names, function) for s in claim.sides)
        except ChainruleError:
            continue
        verdict = judged(replace(claim, sides=own))
        if verdict.kind in ("true", "true_in_layout"):
            said = " and ".join(sorted(names))
            text = f"{said} {'is' if len(names) == 1 else 'are'} {what}"
            return replace(verdict, kind="true_if", conditions=(text,))
    return None


def entry_by_entry(claim: Claim, judged: Callable[[Claim], Verdict]) -> Verdict | None:
    """``∂a/∂z = a ⊙ (1 − a)``: the diagonal of the Jacobian, as for numbers."""
    if len(claim.sides) != len(("left", "right")):
        return None
    left, right = claim.sides
    if left.shape[0] != left.shape[1] or right.shape != (left.shape[0], ONE) or left.is_scalar:
        return None
    whole = replace(claim, sides=(left, apply("diag", right)))
    verdict: Verdict | None = judged(whole)
    if verdict is None or verdict.kind not in ("true", "true_in_layout"):
        verdict = for_usual_functions(whole, judged)
    if verdict is None or not verdict.holds:
        return None
    text = "the derivative is taken entry by entry"
    return replace(verdict, kind="true_if", conditions=(*verdict.conditions, text))


def for_a_mean(claim: Claim, judged: Callable[[Claim], Verdict]) -> Verdict | None:
    """``dW = (1/m) dZ Aᵀ``: right but for a factor, where dZ is a gradient of the sum of losses."""
    left, right = claim.sides[0], claim.sides[-1]
    scalars = [a for a in right.args if a.is_scalar and _of_samples(a)]
    if right.op != "mul" or not scalars or len(claim.sides) != len((left, right)):
        return None
    rest = mul(*(a for a in right.args if a not in scalars))
    verdict = judged(replace(claim, sides=(left, rest)))
    if verdict.kind not in ("true", "true_in_layout"):
        return None
    factor = plain(mul(*scalars))
    text = f"up to the factor {factor}, with the loss a mean in one place and a sum in the other"
    return replace(verdict, kind="true_if", conditions=(text,))


def _of_samples(e: Expr) -> bool:
    """``1/m`` with a size or a scalar m."""
    below = e.args[0] if e.op == "pow" else None
    return below is not None and below.op in ("size", "symbol") and e.args[1] == number(-1)


def _functions(sides: Sequence[Expr]) -> set[str]:
    return {str(e.params[0]) for e in postorder(*sides) if e.op == "call"}


def _about_values(sides: Sequence[Expr]) -> bool:
    """Does a side without the slope of a function stand for one that has it?"""
    slopes = [any(e.op == "call" and e.params[1] for e in postorder(s)) for s in sides]
    return any(slopes) and not all(slopes)


def _with(e: Expr, names: set[str], function: str) -> Expr:
    memo: dict[Expr, Expr] = {}
    for n in postorder(e):
        args = tuple(memo[a] for a in n.args)
        if n.op == "call" and n.params[0] in names:
            order = n.params[1]
            if order == 0:
                memo[n] = apply(function, *args)
            elif order == 1:
                memo[n] = SLOPES[function](args[0])
            else:
                raise ChainruleError("only first derivatives are known")
        else:
            memo[n] = rebuild(n, args)
    return memo[e]
