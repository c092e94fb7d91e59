"""Sessions: what the formulas of one scope know of each other."""

from __future__ import annotations

import pytest

from chainrule.calculus import equal
from chainrule.read.declare import declare
from chainrule.read.session import Session, Stated


def states(*formulas: str, given: str = "") -> list[Stated]:
    """All statements of formulas read one after the other."""
    session = Session({d.name: d for d in declare(given)} if given else None)
    return [s for text in formulas for s in session.read(text)]


def plains(stated: Stated) -> list[str]:
    """The sides as plain text."""
    return [repr(e) for e in stated.expressions]


def holds(stated: Stated) -> str:
    """The verdict on an equation."""
    left, right = stated.expressions
    return equal(left, right).verdict


def test_definitions_are_used_by_later_claims() -> None:
    *_, r, f, claim = states(
        r"x\in\mathbb{R}^n, A\in\mathbb{R}^{m\times n}, b\in\mathbb{R}^m", "r = Ax-b", "f = r^Tr",
        r"\frac{\partial f}{\partial x} = 2A^T r",
    )  # fmt: skip
    assert (r.kind, f.kind, claim.kind) == ("definition", "definition", "equation")
    assert f.relies_on == (r.number,)
    assert claim.relies_on == (r.number, f.number)
    assert plains(claim)[1] == "2*A'*(A*x-b)"
    assert holds(claim) == "equal"


def test_a_wrong_claim_is_read_as_it_stands() -> None:
    *_, claim = states("f = x^T A x", r"\nabla_x f = 2 A x", given="A: n,n; x: n")
    assert plains(claim)[1] == "2*A*x"
    assert holds(claim) == "different"


def test_redefinition_counts_from_there_on() -> None:
    found = states(r"x\in\mathbb{R}^n", "z = 2x", "f = z^T x", "z = 3x", "g = z^T x")
    values = {s.name: plains(s)[0] for s in found if s.kind == "definition"}
    assert values["f"] == "(2*x)'*x"
    assert values["g"] == "(3*x)'*x"
    assert found[-1].relies_on == (4,)


def test_recursion() -> None:
    step, claim = states(
        r"y_{n+1} = \sigma(W y_n)",
        r"\frac{\partial y_{n+1}}{\partial y_n} = \operatorname{diag}(\sigma'(W y_n))\, W",
    )
    assert step.kind == "definition"
    assert claim.kind == "equation"
    assert "sigmoid(W*y_n)" in plains(claim)[0]
    assert claim.relies_on == (step.number,)


def test_indexed_definitions() -> None:
    *_, total, claim = states(
        r"z_i = w^\top x_i", r"L = \sum_{i=1}^n z_i^2",
        r"\frac{\partial L}{\partial w} = 2\sum_{i=1}^n z_i x_i",
    )  # fmt: skip
    assert plains(total) == ["sum(i=1:n, (w'*x_i)^2)"]
    assert plains(claim)[1] == "2*sum(i=1:n, (w'*x_i)*x_i)"
    assert holds(claim) == "equal"


def test_unspecified_functions_have_a_general_instance() -> None:
    *_, claim = states(
        r"X\in\mathbb{R}^{m\times n}, W\in\mathbb{R}^{n\times k}", "T = X W",
        r"\frac{\partial Q}{\partial W} = X^\top \frac{\partial Q}{\partial T}",
    )  # fmt: skip
    assert claim.unspecified == ("Q",)
    assert any("Q is an unspecified function" in r for r in claim.remarks)


def test_layout_is_settled_by_sizes_and_kept() -> None:
    *_, first, second = states(
        r"x\in\mathbb{R}^n, a\in\mathbb{R}^n", r"\frac{\partial a^T x}{\partial x} = a^T",
        r"\frac{\partial x^T x}{\partial x} = 2x^T",
    )  # fmt: skip
    assert any("numerator layout" in r for r in first.remarks)
    assert plains(first)[0] == "grad(a'*x,x)'"
    assert plains(second)[0] == "grad(x'*x,x)'"
    assert not any("numerator layout" in r for r in second.remarks)


def test_layout_can_be_set() -> None:
    session = Session({d.name: d for d in declare("x: n")})
    session.set_layout("numerator")
    (found,) = session.read(r"\frac{\partial x^T x}{\partial x} = 2x^T")
    assert plains(found)[0] == "grad(x'*x,x)'"


def test_functions_take_arguments() -> None:
    _, call, slope = states("f(x) = x^T A x", "f(y)", r"\nabla f(x) = (A+A^T)x")
    assert plains(call) == ["y'*A*y"]
    assert holds(slope) == "equal"


def test_chains_and_lines_that_go_on() -> None:
    chain, more = states("s = x^T A x", r"= \operatorname{tr}(A x x^T)", given="A: n,n; x: n")
    assert chain.kind == "definition"
    assert more.continued
    assert holds(more) == "equal"


def test_facts_from_words() -> None:
    session = Session()
    session.add("A", "n,n")
    session.add("A", "symmetric")
    session.add("A", "nonsense of no kind")
    (found,) = session.read("x^T A x")
    assert "symmetric" in found.sides[0].variables["A"].traits


def test_given_declarations_win() -> None:
    *_, found = states(r"A\in\mathbb{R}^{m\times n}", r"\operatorname{tr}(A)", given="A: p,p")
    assert str(found.sides[0].variables["A"].shape[0]) == "p"


def test_errors_stay_with_their_statement() -> None:
    bad, good = states(r"\foo x", "x^T x")
    assert (bad.kind, good.kind) == ("unread", "expression")
    assert bad.error is not None
    assert "foo" in bad.error.message


def test_what_rests_on_an_unread_definition_is_unread() -> None:
    _, claim = states(r"z = \foo x", r"z^T z", given="x: n")
    assert claim.kind == "unread"
    assert claim.error is not None
    assert "statement 1" in claim.error.message


def test_copies_go_on_by_themselves() -> None:
    session = Session({d.name: d for d in declare("x: n")})
    session.read("z = 2x")
    twin = session.copy()
    twin.read("z = 3x")
    (own,) = session.read("z^T x")
    (other,) = twin.read("z^T x")
    assert plains(own) == ["(2*x)'*x"]
    assert plains(other) == ["(3*x)'*x"]


@pytest.mark.parametrize(("text", "kind"), [
    (r"\odot", "mention"), ("x > 0", "condition"), (r"x \in \mathbb{R}^n", "declaration"),
    ("x^T x", "expression"), ("f = x^T x", "definition"), ("x^T x = 1", "equation"),
    (r"f:\mathbb{R}^n\to\mathbb{R}^m", "declaration"), ("(1)", "none"),
])  # fmt: skip
def test_kinds(text: str, kind: str) -> None:
    assert [s.kind for s in states(text)] == ([] if kind == "none" else [kind])
