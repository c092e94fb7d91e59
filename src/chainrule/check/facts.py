"""Equations that a document states about its variables, ``U'U = I``, and what rests on them.

A statement that fails for any U may hold for those that the document speaks of. So before it is
called wrong, it is tried where the stated equations hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from chainrule.check.assume import solved
from chainrule.check.claims import is_bare
from chainrule.check.compare import same_at
from chainrule.check.counter import lists
from chainrule.check.layouts import Convention, has_derivative, written_out
from chainrule.check.points import Clock, Points, quiet
from chainrule.check.replay import script
from chainrule.check.rough import Board, solid
from chainrule.check.verdict import Claim, Counterexample, Verdict, unknown
from chainrule.errors import ChainruleError
from chainrule.expr import Expr, symbols
from chainrule.numeric.special import Array
from chainrule.ops import sub
from chainrule.read.session import Stated
from chainrule.write import plain

Fact = tuple[Expr, Expr]
TRIALS = 8
ENOUGH = 3
SECONDS = 1.5
TINY = 1e-9
LONGEST = 40  # entries of the variables that are solved for


def fact_of(stated: Stated, verdict: Verdict | None) -> Fact | None:
    """An equation between something and a constant, which is about its variables if not true."""
    sides = stated.expressions
    if stated.kind != "equation" or len(sides) != 2 or has_derivative(*sides):
        return None
    if fixes(sides) is not None and (verdict is None or verdict.kind != "true"):
        return sides[0], sides[1]
    if verdict is not None and verdict.kind in ("true", "ill_formed", "unknown"):
        return None
    constant = [not symbols(s) for s in sides]
    if any(map(is_bare, sides)) or all(constant) or not any(constant):
        return None  # ``x = 0`` gives a value, for one example
    return sides[0], sides[1]


def fixes(sides: Sequence[Expr]) -> str | None:
    """The only variable of ``P² = P`` or ``P' = P``: an equation that says what it is like."""
    names = symbols(*sides)
    if len(names) != 1 or len(sides) != 2 or has_derivative(*sides):
        return None
    ((name, x),) = names.items()
    bare = sum(s is x for s in sides)
    return name if bare == 1 and not x.is_scalar else None


def under_facts(claim: Claim, found: Verdict, facts: Sequence[Fact]) -> Verdict | None:
    """What becomes of a false claim where the facts about its variables hold; None: it is false."""
    k = found.step or 0
    sides = claim.sides[k : k + 2]
    about = _about(sides, facts)
    if not about or len(sides) < 2:
        return None
    said = " and ".join(f"{plain(a)} = {plain(b)}" for a, b in about)
    try:
        convention = Convention(found.layout or "gradient")
        left, right = (solid(written_out(s, convention)) for s in sides)
        residuals = [solid(sub(a, b)) for a, b in about]
        with quiet():
            boards = _boards(residuals, left, right)
            for one in residuals if len(residuals) > 1 and not boards else ():
                # where one says the same as another, both cannot be solved for at once
                boards = boards or [b for b in _boards([one], left, right) if _holds(residuals, b)]
    except ChainruleError:
        return None
    if not boards:
        return unknown(f"this may rest on {said}, for which no values were found")
    differ = [b for b in boards if not same_at(left, right, b)]
    if not differ:
        return Verdict("true_if", found.layout, (f"given that {said}",), by=("numerical",),
                       step=found.step)  # fmt: skip
    return replace(found, counterexample=_example(left, right, sides, differ[0]))


def _about(sides: Sequence[Expr], facts: Sequence[Fact]) -> list[Fact]:
    """The facts on variables of the claim, of the same sizes, and on what these are tied to."""
    known = symbols(*sides)
    out: list[Fact] = []
    for _ in range(2):
        for fact in facts:
            own = symbols(*fact)
            fits = all(known.get(n, s) is s for n, s in own.items())
            if fact not in out and fits and own.keys() & known.keys():
                out.append(fact)
                known |= own
    return out


def _boards(residuals: Sequence[Expr], left: Expr, right: Expr) -> list[Board]:
    """Points at which the facts hold."""
    points = Points([*residuals, left, right])
    variables = list(symbols(*residuals).values())
    out: list[Board] = []
    clock = Clock(SECONDS)
    for trial in range(TRIALS):
        if clock.over:
            break
        board = points.board(trial)
        if board is None:
            continue
        if sum(board.point.values[v.name].size for v in variables) > LONGEST:
            continue
        found = solved(residuals, variables, board.point)
        if found is not None and all(_finite(found.value(s)) for s in (left, right)):
            out.append(found)
        if len(out) >= ENOUGH:
            break
    return out


def _holds(residuals: Sequence[Expr], board: Board) -> bool:
    values = [board.value(r) for r in residuals]
    return all(v is not None and bool((abs(v) < TINY).all()) for v in values)


def _finite(value: Array | None) -> bool:
    return value is not None and bool(np.isfinite(value).all())


def _example(left: Expr, right: Expr, sides: Sequence[Expr], board: Board) -> Counterexample | None:
    a, b = board.value(left), board.value(right)
    if a is None or b is None:
        return None
    names = symbols(left, right)
    values = {n: lists(v) for n, v in board.point.values.items() if n in names}
    text = script(sides[0], sides[1], left, right, board.point)
    return Counterexample(dict(board.point.sizes), values, lists(a), lists(b), text)


__all__ = ["Fact", "fact_of", "under_facts"]
