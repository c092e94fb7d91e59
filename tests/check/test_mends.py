"""Slips named and mended: the cases of wrong answers, and what documents get wrong."""

from __future__ import annotations

import pytest

from chainrule.check import SLIPS, judge
from chainrule.check.compare import agreement
from chainrule.check.points import Clock, Points
from chainrule.check.rough import solid
from chainrule.errors import ChainruleError
from chainrule.expr import Expr
from tests.check import documents
from tests.check.cases import KINDS, claim_of, load
from tests.check.test_judge import said

WRONG = load("wrong_answers")


@pytest.mark.parametrize(("text", "declared", "kind", "mend"), [
    ("d(x'*A*x)/d(x) == (A-A')*x", "A: n,n; x: n", "sign", "(A+A')*x"),
    ("d(normF(A*X)^2)/d(X) == A'*A*X", "A: m,n; X: n,p", "factor", "2*A'*A*X"),
    ("d(tr(A*X*B))/d(X) == B'*A'", "A: p,m; X: m,n; B: n,p", "order", "A'*B'"),
    ("d(det(X))/d(X) == inv(X)'", "X: n,n", "dropped_factor", "det(X)*inv(X)'"),
    ("d(sum(exp(A*x)))/d(x) == A'*(A*x)", "A: m,n; x: n", "wrong_function", "A'*exp(A*x)"),
    ("d(sum((B.*X).^2))/d(X) == 2*B*B.*X", "B: n,n; X: n,n", "hadamard_vs_product",
     "(2*(B.*B)).*X"),
    ("d(sum(relu(W*x)))/d(x) == W'*relu(W*x)", "W: m,n; x: n", "wrong_function",
     "W'*step(W*x)"),
    ("d(x'*A*x+b'*x)/d(x) == (A+A')*x", "A: n,n; x: n; b: n", "other", "(A+A')*x+b"),
    ("vec(A*X*B) == kron(A,B')*vec(X)", "A: p,m; X: m,n; B: n,q", "kron_order",
     "kron(B',A)*vec(X)"),
    ("x'*A*x == sum(i=1:n, sum(j=1:n, x[i]*A[i,j]*x[i]))", "A: n,n; x: n", "index", None),
    ("sum(x) == sum(i=1:n-1, x[i])", "x: n", "range", "sum(i=1:n, x[i])"),
    ("tr(A*B) == tr(A)*tr(B)", "A: n,n; B: n,n", "wrong_function", "tr(A*B)"),
    ("A*x-A*y == 0", "A: m,n; x: n; y: n", "spurious_equation", "A*x-A*y"),
])  # fmt: skip
def test_one_slip_of_each_kind(text: str, declared: str, kind: str, mend: str | None) -> None:
    found = said(text, declared)
    assert found.kind in ("false", "ill_formed") and found.slip is not None
    assert found.slip.kind == kind and found.mend is not None
    if mend:
        assert found.mend.plain == mend


def test_every_activation_loses_its_derivative_in_turn() -> None:
    definitions = ("u = W*x", "h = sigmoid(u)", "L = norm2(h-y)^2")
    found = said("d(L)/d(W) == d(L)/d(h)*x'", "W: m,n; x: n; y: m", definitions=definitions)
    assert found.slip is not None and found.slip.kind == "dropped_factor"
    assert found.mend is not None and found.mend.plain == "grad(L,u)*x'"


@pytest.mark.parametrize("raw", WRONG, ids=lambda c: str(c["id"]))
def test_wrong_answers_are_not_called_true(raw: dict[str, object]) -> None:
    try:
        claim, layout, symmetric = claim_of(raw, str(raw["wrong_plain"]))
    except ChainruleError:
        pytest.skip("not readable")
    found = judge(claim, layout=layout, symmetric=symmetric, mend=False)
    assert found.kind != "true"


@pytest.mark.parametrize("raw", WRONG[::6], ids=lambda c: str(c["id"]))
def test_mends_are_right(raw: dict[str, object]) -> None:
    """A mend is the published correction, whichever way it is written."""
    claim, layout, symmetric = claim_of(raw, str(raw["wrong_plain"]))
    found = judge(claim, layout=layout, symmetric=symmetric)
    if found.mend is None or not raw.get("correct_plain"):
        pytest.skip("no mend to compare")
    if layout is not None and found.mend.layout not in (layout, None):
        pytest.skip("mended in another layout")
    right: Expr = claim_of(raw, str(raw["correct_plain"]))[0].sides[1]
    mended = solid(found.mend.expr)
    assert agreement(mended, right, Points([mended, right]), Clock(5)).verdict == "equal"
    assert found.slip is not None and found.slip.kind in SLIPS


def test_most_slips_are_named_fairly() -> None:
    some = WRONG[::4]
    fair = 0
    for raw in some:
        claim, layout, symmetric = claim_of(raw, raw["wrong_plain"])
        found = judge(claim, layout=layout, symmetric=symmetric)
        kinds = KINDS.get(raw["mistake"])
        fair += found.slip is not None and (kinds is None or found.slip.kind in kinds)
    assert fair >= 0.9 * len(some)


@pytest.mark.parametrize("raw", documents.statements(), ids=lambda c: str(c["id"]))
def test_statements_of_documents(raw: dict[str, object]) -> None:
    found = documents.run(raw)
    if isinstance(found, str) or raw["id"] in documents.READ_OTHERWISE:
        pytest.skip("read otherwise or not readable in the text language")
    assert found[0].kind in documents.GOOD[str(raw["verdict"])]
