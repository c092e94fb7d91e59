"""What people asked for: LaTeX typed into ``derive`` just works."""

from __future__ import annotations

import pytest

from chainrule.calculus import derive, equal, restore
from chainrule.read import read, read_any, read_latex, read_pair
from chainrule.write import latex

ASKED = [
    (r"\operatorname{tr}(X^T A X)", "X", "(A+A')*X"),
    (r"\operatorname{tr}(X^\top A X)", "X", "(A+A')*X"),
    (r"\lVert Ax-b\rVert_2^2", "x", "2*A'*(A*x-b)"),
    (r"x^\top A x", "x", "(A+A')*x"),
    (r"\log\det X", "X", "inv(X)'"),
    (r"\log|X|", "X", "inv(X)'"),
    (r"\operatorname{tr}(A\odot B)", "A", "diag(diag(B))"),
    (r"\mathbf{1}^\top (A\odot B)\, y", "A", "(ones(m)*y').*B"),
    (r"-\tfrac{n}{2}\log\det S - \tfrac12 \operatorname{tr}(S^{-1} C)", "S",
     "-(n/2)*inv(S)'+1/2*(inv(S)*C*inv(S))'"),
    (r"\operatorname{tr}(X)+1", "X", "eye(n)"),
    (r"\operatorname{tr}(A^TA)+\operatorname{tr}(B^TB)", "A", "2*A"),
    (r"\det(X)\operatorname{tr}(X)", "X", "det(X)*tr(X)*inv(X)'+det(X)*eye(n)"),
    (r"\operatorname{tr}(X^3)", "X", "3*(X^2)'"),
    (r"(x^\top x)\,x", "x", "(x'*x)*eye(n)+2*x*x'"),
    (r"\mathbf 1^\top\log\left(1+\exp(-y\odot(D x))\right)", "x",
     "-D'*(y.*sigmoid(-y.*(D*x)))"),
    (r"\sum_{i=1}^n x_i^2", "x", "2*x"),
    (r"\operatorname{tr}(X X)", "X", "2*X'"),
    (r"a^\top Q^{-1} b", "Q", "-inv(Q)'*a*b'*inv(Q)'"),
    (r"\lVert A x\rVert_2", "x", "A'*A*x/norm2(A*x)"),
    (r"\left(\sum_i x_i^2\right)^2", "x", "4*sum(x.^2)*x"),
]  # fmt: skip


@pytest.mark.parametrize(("tex", "by", "want"), ASKED, ids=[t for t, _, _ in ASKED])
def test_derivative_of_latex(tex: str, by: str, want: str) -> None:
    f = read_any(tex, hints=[by])
    answer = derive(f.expr, by)
    assert answer.certificate.verdict == "equal"
    x = f.variables[by]
    sizes = [f"{n}: {s.shape[0]},{s.shape[1]}" for n, s in f.variables.items()]
    rows = x.shape[0]  # sizes are named by the reading; the answer uses the same names
    text = want.replace("(m)", f"({rows})").replace("eye(n)", f"eye({rows})")
    expected = read(text, [d for d in sizes if d.split(":")[0] in text], hints=[by]).expr
    assert equal(restore(answer.result, answer.where), expected).verdict == "equal"


def test_entries() -> None:
    f = read_latex("X_{1,2}", ["X: m,n"])
    assert repr(derive(f.expr, "X").result) == "unit(m,1)*unit(n,2)'"


def test_identity_is_asked_about() -> None:
    found = read_latex(r"I - \tfrac12 \phi\phi^\top", ["phi: n"])
    assert any("identity" in r and "declare" in r for r in found.remarks)
    own = read_latex(r"I - \tfrac12 \phi\phi^\top", ["phi: n; I: n,n"])
    assert "I" in own.variables
    assert not any("identity" in r for r in own.remarks)


def test_what_was_assumed_is_said() -> None:
    found = read_latex(r"x^\top A x")
    assert any("A is a matrix" in a for a in found.assumed)
    assert latex(found.expr) == r"x^{\top} A x"


def test_both_sides_of_an_equation() -> None:
    left, right = read_pair(r"\operatorname{tr}(ABC) = \operatorname{tr}(BCA)")
    assert equal(left.expr, right.expr).verdict == "equal"
    left, right = read_pair(r"(AB)^\top", r"A^\top B^\top", ["A: n,n; B: n,n"])
    assert equal(left.expr, right.expr).verdict == "different"
