"""Claims made for two equal indices, or two different ones: "if i = j, ∂p_i/∂z_j = p_i (1 − p_i)".

What is said of one of these cases is multiplied by the indicator of the case, so that nothing is
compared in the other one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from chainrule.check.verdict import Claim, Verdict
from chainrule.dims import Dim
from chainrule.expr import Expr, number, postorder
from chainrule.ops import add, constant, mul, transpose


def in_case(
    claim: Claim, supposed: tuple[str, str, str], judged: Callable[[Claim], Verdict]
) -> Verdict | None:
    """The verdict in the case that the text looks at; None if the claim does not hold there."""
    i, j, relation = supposed
    lengths = _lengths(claim.sides)
    length = lengths.get(i, lengths.get(j))
    if length is None or not all(s.is_scalar for s in claim.sides):
        return None
    equal = mul(transpose(constant("unit", length, i)), constant("unit", length, j))
    case = equal if relation == "=" else add(number(1), mul(number(-1), equal))
    sides = tuple(mul(case, s) for s in claim.sides)
    verdict = judged(replace(claim, sides=sides))
    if verdict.kind not in ("true", "true_in_layout"):
        return None
    return replace(verdict, reason=f"for {i} {relation} {j}, as the text supposes")


def _lengths(sides: Sequence[Expr]) -> dict[str, Dim]:
    """The axes on which indices stand."""
    found: dict[str, Dim] = {}
    for e in postorder(*sides):
        if e.op == "unit":
            length, index = e.params
            assert isinstance(length, Dim) and isinstance(index, Dim)
            if index.name is not None:
                found.setdefault(index.name, length)
    return found
