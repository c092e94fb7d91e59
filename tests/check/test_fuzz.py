"""Random functions: their derivatives are never called wrong, and edited ones never right."""

from __future__ import annotations

import random

import pytest

from chainrule.calculus.derive import derive, restore
from chainrule.check import Claim, grad_node, judge
from chainrule.check.edits import neighbours
from chainrule.check.points import Points
from chainrule.check.rough import close, places, put
from chainrule.errors import ChainruleError
from chainrule.expr import Expr, symbols
from tests.properties.generate import expression


def question(seed: int) -> tuple[Expr, Expr]:
    """The derivative of a random function by one of its variables, asked for and answered."""
    f = expression(seed, 4)
    found = list(symbols(f).values())
    if not found:
        pytest.skip("no variable")
    x = random.Random(seed).choice(found)
    try:
        answer = derive(f, x, check=False, symmetric="ignore")
    except ChainruleError:
        pytest.skip("no notation")
    return grad_node(f, x), restore(answer.result, answer.where)


@pytest.mark.parametrize("seed", range(40))
def test_right_derivatives_are_never_called_wrong(seed: int) -> None:
    asked, answer = question(seed)
    assert judge(Claim((asked, answer)), mend=False).kind in ("true", "unknown")


@pytest.mark.parametrize("seed", range(40, 80))
def test_edited_derivatives_are_never_called_true(seed: int) -> None:
    asked, answer = question(seed)
    spots = places(answer)
    try:
        board = Points([asked.args[0], answer]).first(1)[0]
    except ChainruleError:
        pytest.skip("no point")
    for _, e in spots:
        board.value(e)
    edits = [e for e in neighbours(spots, board, [], []) if e.weight <= 1.2]
    if not edits:
        pytest.skip("nothing to edit")
    edit = random.Random(seed).choice(edits)
    edited = put(answer, edit.path, edit.new)
    right, wrong = board.value(answer), board.value(edited)
    if right is not None and wrong is not None and close(right, wrong):
        pytest.skip("the edit changes nothing")
    found = judge(Claim((asked, edited)), layout="gradient", mend=False)
    assert found.kind != "true"
