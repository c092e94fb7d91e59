"""The search for mends: what is shared and what is left out changes no result."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from math import inf
from typing import Any

import pytest

from chainrule.check import read_claim
from chainrule.check.case import Case
from chainrule.check.edits import neighbours
from chainrule.check.layouts import Convention
from chainrule.check.points import Clock, quiet
from chainrule.check.rough import put
from chainrule.check.wider import link_edits

MEND = import_module("chainrule.check.mend")
MENDING = import_module("chainrule.check.mending")
DECLARED = ["A: m,n; B: m,m; x: n; y: m; t: scalar"]


def task_of(text: str, heaviest: float = inf) -> Any:
    claim, sides = read_claim(text, DECLARED)
    case = Case(claim, None, None, Clock(60), dict(sides.names), heaviest=heaviest)
    variant = case.variant(Convention())
    assert variant is not None
    return MENDING._task(case, [variant], 1)


@pytest.fixture(autouse=True)
def silent() -> Iterator[None]:
    with quiet():
        yield


@pytest.mark.parametrize("text", [
    "grad((A*x-y)'*B*(A*x-y), x) == 2*A'*B*(A*x+y)", "grad(t*exp(y'*A*x), x) == t*A'*y + x",
    "grad(sum(i=1:n, t*x[i]^2), x) == 2*x",
])  # fmt: skip
def test_second_edits_are_those_of_the_edited_formula(text: str) -> None:
    task = task_of(text)
    seconds, board, side = MEND._Seconds(task), task.boards[0], task.side
    spots = MEND._spots(side, task.opaque)
    compared = 0
    for first in list(neighbours(spots, board, task.names, task.indices))[::5]:
        half = put(side, first.path, first.new)
        board.value(half)
        own = MEND._spots(half, task.opaque)
        fresh = [*neighbours(own, board, task.names, task.indices),
                 *link_edits(own, task.links, {})]  # fmt: skip
        assert list(seconds.of(half)) == [e for e in fresh if MEND._is_light(e)]
        compared += 1
    assert compared > 10
    assert sum(map(len, seconds.known.values())) > 0


@pytest.mark.parametrize(("text", "mends"), [
    ("grad(x'*x, x) == x", 1), ("grad(y'*A*x, x) == A*y", 1), ("grad(t*x'*x, x) == -2*t*x", 1),
    ("grad(y'*B*y, y) == (B-B)*y'", 0),
])  # fmt: skip
def test_what_is_too_heavy_is_not_looked_for(
    text: str, mends: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = MEND.search(task_of(text), Clock(60))
    for name in ("_pairs", "_in_two_terms"):
        monkeypatch.setattr(MEND, name, None)
    light = MEND.search(task_of(text, heaviest=1.6), Clock(60))
    assert [(f.expr, f.weight) for f in every if f.weight <= 1.6] == [
        (f.expr, f.weight) for f in light if f.weight <= 1.6
    ]
    assert (len(light) > 0) == (mends > 0)


def test_no_edit_is_lighter_than_the_lightest() -> None:
    task = task_of("grad((A*x-y)'*B*(A*x-y), x) == 2*A'*B*(A*x+y) + x*tr(inv(B))*t^2")
    spots = MEND._spots(task.side, task.opaque)
    edits = list(neighbours(spots, task.boards[0], task.names, task.indices))
    assert min(e.weight for e in edits) == MEND.LIGHTEST
