"""Mends wait until nothing else explains a statement; where only truth counts, all else is left."""

from __future__ import annotations

import time
from importlib import import_module
from typing import Any

import pytest

from chainrule.check import judge, judge_chain, read_claim
from chainrule.check.case import Case
from chainrule.check.chain import draft_chain
from chainrule.check.document import check_document
from chainrule.check.judge import draft

JUDGE = import_module("chainrule.check.judge")
VECTORS = ["A: n,n; x: n; y: n"]


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The statements for which mends are searched."""
    found: list[object] = []
    search = JUDGE.mends_for

    def counted(case: Case, *rest: Any) -> Any:
        found.append(case.claim)
        return search(case, *rest)

    monkeypatch.setattr(JUDGE, "mends_for", counted)
    return found


@pytest.mark.parametrize(("text", "kind"), [
    ("grad(x'*A*x, x) == (A - A')*x", "false"), ("grad(x'*A*x, x) == 2*A*x", "true_if"),
    ("x'*A*y == y'*A*x", "true_if"), ("tr(A*A) == tr(A)^2", "false"), ("x'*y == y'*x", "true"),
])  # fmt: skip
def test_the_kind_is_settled_before_the_mends(text: str, kind: str) -> None:
    claim, sides = read_claim(text, VECTORS)
    first = draft(claim, names=sides.names)
    assert first.kind == kind and first.verdict.mends == ()
    assert first.finished() == judge(claim, names=sides.names)
    assert bool(first.finished().mends) == (kind != "true")


def test_no_mends_are_searched_where_the_context_explains_it(searches: list[object]) -> None:
    text = (r"Let $a\in\mathbb{R}^n$ and $x\in\mathbb{R}^n$." "\n\n"
            r"$\nabla_x (x^T x - 2 a^T x) = 2x - 2a = 0$" "\n\n" r"$x = a$" "\n\n"
            r"$x^T x = a^T a$")  # fmt: skip
    verdict = check_document(text).statements[-1].verdict
    assert verdict is not None and verdict.conditions == ("at the stationary point",)
    assert not searches
    check_document(text.replace("= a^T a$", "= x^T x + a^T x$"))
    assert searches


def test_waiting_costs_no_time_of_the_search() -> None:
    claim, _ = read_claim("grad(x'*A*x, x) == (A - A')*x", VECTORS)
    first = draft(claim, budget_s=1.0)
    time.sleep(1.1)
    found = first.finished()
    assert found.mend is not None and found.mend.plain == "(A+A')*x"


def test_only_truth_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    claim, _ = read_claim("grad(x'*A*x, x) == 2*A*x", VECTORS)
    assert draft(claim).kind == "true_if"

    def not_this(*_: object) -> None:
        raise AssertionError("no conditions are wanted")

    monkeypatch.setattr(JUDGE, "_condition", not_this)
    assert draft(claim, only_true=True).kind == "unknown"
    for text, kind in (("(A*A)' == A'*A'", "true"), ("grad(x'*y, x) == y'", "true_in_layout")):
        assert draft(read_claim(text, VECTORS)[0], only_true=True).kind == kind


def test_a_chain_is_settled_by_its_first_wrong_step(monkeypatch: pytest.MonkeyPatch) -> None:
    claim, _ = read_claim("x'*y == y'*x == 2*x'*y == x'*y + y'*x", VECTORS)
    steps: list[object] = []
    plain = JUDGE.draft
    monkeypatch.setattr(JUDGE, "draft", lambda c, **o: (steps.append(c), plain(c, **o))[1])
    found = draft_chain(claim)
    assert (found.kind, found.verdict.step, len(steps)) == ("false", 1, 2)
    assert found.finished().mend is not None and found.finished().step == 1
    assert [v.kind for v in judge_chain(claim).steps] == ["true", "false", "true"]
    assert draft_chain(claim, only_true=True).kind == "unknown"
