"""Numeric claims: printed numbers against exact ones, within the printed rounding."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from chainrule.check.counter import lists
from chainrule.check.rough import Board, solid
from chainrule.check.verdict import Claim, Counterexample, Mend, Slip, Verdict, unknown
from chainrule.expr import Expr, number, size_names, symbols
from chainrule.numeric.sample import Point
from chainrule.numeric.special import Array
from chainrule.ops import apply

HALF = 0.5 + 1e-9  # of a unit: what rounding may change, with room for floating point


def judge_rounded(claim: Claim, strict: bool = False) -> Verdict:
    """``a ≈ b`` where both are numbers; ``claim.digits`` says how many decimals are printed."""
    left, right = (solid(s) for s in claim.sides)
    if symbols(left, right) or size_names(left, right):
        return unknown("a rounded number can be checked only where all variables have values")
    board = Board(Point({}, {}))
    a, b = board.value(left), board.value(right)
    if a is None or b is None:
        return unknown("the numbers cannot be computed")
    first, second = [*claim.digits, None, None][:2]
    side = 1
    if first is not None and (second is None or first < second):
        a, b, decimals, side = b, a, first, 0
    else:
        decimals = _decimals(right) if second is None else second
    found = judge_printed(a, b, decimals, strict=strict)
    if found.slip is None or not np.isfinite(a).all():
        return found
    mend = Mend(rounded(a, decimals), side, found.slip, weight=1.0, decimals=decimals)
    return replace(found, mends=(mend,))


def judge_printed(
    exact: Array, printed: Array, decimals: int | Array, *, strict: bool = False
) -> Verdict:
    """Are printed numbers the rounded exact ones?

    Parameters
    ----------
    decimals
        Printed decimals, one number or one for each entry.
    strict
        A last digit that is off by one is false; otherwise the claim holds within the rounding, as
        it does where numbers are computed from already rounded ones.
    """
    exact, printed = np.atleast_2d(exact), np.atleast_2d(printed)
    if exact.shape != printed.shape:
        return Verdict("false", by=("shape",), slip=Slip(
            "numeric", f"{_size(printed)} numbers are printed, but there are {_size(exact)}"),
            counterexample=_example(exact, printed))  # fmt: skip
    unit = 10.0 ** -np.broadcast_to(np.asarray(decimals), exact.shape).astype(float)
    off = np.abs(exact - printed) / unit
    if (off <= HALF).all():
        return Verdict("true", by=("numerical",))
    places = int(np.max(decimals))
    at = [(int(i) + 1, int(j) + 1) for i, j in np.argwhere(off > HALF)]
    i, j = at[0][0] - 1, at[0][1] - 1
    right = f"{exact[i, j]:.{places}f}"
    where = f" at {', '.join(map(str, at[:4]))}" if exact.size > 1 else ""
    message = f"{printed[i, j]:.{places}f} is printed{where}, the exact number is {right}"
    slip = Slip("numeric", f"{message} ({exact[i, j]:.{places + 4}f})")
    example = _example(exact, printed)
    if (off <= 1 + 1e-6).all() and not strict:
        return Verdict("true_if", conditions=("within one unit of the last printed digit",),
                       slip=slip, counterexample=example, by=("numerical",))  # fmt: skip
    return Verdict("false", slip=slip, counterexample=example, by=("numerical",))


def rounded(exact: Array, decimals: int) -> Expr:
    """The numbers as they should have been printed."""
    rows = [apply("hcat", *map(_shown, r)) if len(r) > 1 else _shown(r[0])
            for r in np.round(np.atleast_2d(exact), decimals).tolist()]  # fmt: skip
    return rows[0] if len(rows) == 1 else apply("vcat", *rows)


def _shown(x: float) -> Expr:
    return number(repr(float(x)))


def _decimals(e: Expr) -> int:
    """Decimals of the numbers in an expression."""
    most = 0
    for n in [e, *e.args]:
        if n.op == "number":
            denominator, k = n.value.denominator, 0
            while denominator % 10 == 0 or (10**k) % denominator:
                k += 1
                if k > 12:
                    break
            most = max(most, k)
    return most


def _size(a: Array) -> str:
    return f"{a.shape[0]}×{a.shape[1]}"


def _example(exact: Array, printed: Array) -> Counterexample:
    return Counterexample({}, {}, lists(exact), lists(printed))
