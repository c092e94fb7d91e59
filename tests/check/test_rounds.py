"""Values inside loops, shared by formulas that differ in one place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from chainrule.check.rough import Board, strict_value
from chainrule.check.rounds import Rounds
from chainrule.expr import BINDERS, Expr, free_names, postorder, substitute, symbols
from chainrule.numeric.evaluate import evaluate
from chainrule.numeric.loops import loop, steps
from chainrule.numeric.sample import sample
from chainrule.read import read

DECLARED = ["A: n,n; x: n; y: n"]
FORMULAS = (
    "sum(i=1:n, x[i]*sum(j=1:n, A[i,j]*y[j]))", "sum(j=1:n, A*x*y[j])",
    "sum(i=1:n, sum(j=1:n, A[i,j]*x[j]^i))", "prod(i=1:n, 1 + x[i]^2)",
    "sum(i=1:n, prod(j=1:n, x[i] + y[j]))", "sum(i=1:n, sum(j=1:n, x[j]) + y[i])",
    "sum(i=1:n, A[i,1]*sum(i=1:n, x[i]))", "sum(i=1:3, i*x)", "sum(i=1:60, i*x)",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_the_same_values_as_by_themselves(seed: int) -> None:
    formulas = [read(f, DECLARED).expr for f in FORMULAS]
    formulas += [_swapped(e) for e in formulas]
    point = sample(formulas, seed)
    board = Board(point)
    for e in postorder(*formulas):  # forget what the sampler knows
        board.memo.pop(e, None)
    for e in (*formulas, *reversed(formulas)):
        value = board.value(e)
        assert value is not None
        assert np.array_equal(value, evaluate(e, point.values, point.sizes))
        board.memo.pop(e)
    assert board.rounds.load > 0
    board.forget()
    assert board.rounds.load == 0 and not board.rounds.known


@pytest.mark.parametrize("text", FORMULAS)
def test_a_loop_evaluates_what_depends_on_its_index(text: str) -> None:
    for e in postorder(read(text, DECLARED).expr):
        if e.op in BINDERS:
            name = str(e.params[0])
            assert list(loop(e).live) == [a for a in steps(e.args[0]) if name in free_names(a)]
            assert not any(name in free_names(a) for a in loop(e).outside)


def _swapped(e: Expr) -> Expr:
    found = symbols(e)
    x, y = found.get("x"), found.get("y")
    return substitute(e, {x: y, y: x}) if x is not None and y is not None else e


def test_another_factor_outside_a_part_leaves_it_alone() -> None:
    body = "exp(x[i])*sum(j=1:n, sin(A[i,j]))"
    first, second = (read(f"sum(i=1:n, {c}*{body})", DECLARED).expr for c in (2, 3))
    point = sample([first, second])
    seen: list[str] = []

    def counted(e: Expr, *rest: Any) -> Any:
        seen.append(e.op)
        return strict_value(e, *rest)

    rounds = Rounds(point, counted)
    memo: Mapping[Expr, Any] = point.known
    rounds.run(first, memo, point.values, point.sizes)
    n = point.sizes["n"]
    assert seen.count("sin") == n * n
    seen.clear()
    found = rounds.run(second, memo, point.values, point.sizes)
    assert "sin" not in seen and "exp" not in seen and len(seen) <= 2 * n
    assert np.array_equal(found, point.known[second])
