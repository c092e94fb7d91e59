"""What LaTeX leaves open: sizes and declarations settle it, or a remark says which was taken."""

from __future__ import annotations

import pytest

from chainrule.errors import ChainruleError
from chainrule.read import read, read_latex
from chainrule.write import plain

SETTLED = [  # LaTeX, declarations, meaning, part of a remark ("" for none)
    ("AXB", "A: k,m; X: m,n; B: n,p", "A*X*B", ""),
    ("AXB", "A: k,m; XB: m,n", "A*XB", ""),
    ("AXB", "AXB: m,n", "AXB", ""),
    ("Wx", "W: m,n; x: n", "W*x", ""),
    ("f(x)", "f: scalar; x: n", "f*x", ""),
    ("f(x)", "x: n", "f(x)", "f is read as an abstract elementwise function"),
    ("a(x+y)", "x: n; y: n", "a*(x+y)", ""),
    (r"\phi(x)", "phi: scalar; x: n", "phi*x", ""),
    (r"\sigma(x)", "sigma: scalar; x: n", "sigma*x", ""),
    (r"\sigma(x)", "x: n", "sigmoid(x)", ""),
    (r"\operatorname{act}(x)", "x: n", "act(x)", "act is read as an abstract elementwise function"),
    ("|X|", "X: n,n", "det(X)", ""),
    ("|X|", "X: m,n", "abs(X)", "absolute values"),
    ("|t|", "t: scalar", "abs(t)", ""),
    (r"\log|X|", "X: n,n", "log(det(X))", ""),
    ("x^T", "x: n", "x'", ""),
    ("x^T", "x: n; T: scalar", "x'", "^T is read as the transpose"),
    ("x^T T x", "x: n; T: n,n", "x'*T*x", ""),
    (r"\log\det X Y", "X: n,n; Y: n,n", "log(det(X*Y))", ""),
    (r"\log\det X Y", "X: n,n; Y: m,n", "log(det(X)*Y)", "first factor only (sizes decide)"),
    (r"\operatorname{tr} A B", "A: n,n; B: m,k", "tr(A)*B", "first factor only (sizes decide)"),
    (r"\operatorname{tr} A B", "A: n,m; B: m,n", "tr(A*B)", ""),
    ("d x", "d: scalar; x: n", "d*x", ""),
    ("d^T x", "d: n; x: n", "d'*x", ""),
    ("dx", "x: n", "dx", ""),
    (r"\sigma(z)(1-\sigma(z))", "z: n", "sigmoid(z).*(1-sigmoid(z))", "entry by entry"),
    (r"\sigma(z)(1-\sigma(z))", "z: scalar", "sigmoid(z)*(1-sigmoid(z))", ""),
    (r"x \cdot y", "x: n; y: n", "x'*y", "inner product (sizes decide)"),
    (r"x \cdot y", "x: n; y: scalar", "x*y", ""),
    ("I x", "x: n", "eye(n)*x", "I is read as the identity"),
    ("I x", "I: m,n; x: n", "I*x", ""),
    ("e^{A}", "A: n,n", "expm(A)", "matrix function"),
    ("e^{A}", "A: m,n", "exp(A)", "elementwise"),
    ("e^{x}", "e: scalar; x: scalar", "e^x", ""),
    (r"\operatorname{tr}(\sin(A))", "A: n,n", "tr(sinm(A))", "matrix function"),
    (r"\operatorname{tr}(\sin^{\circ}(A))", "A: n,n", "tr(sin(A))", ""),
    ("x_i", "x: n", "x[i]", ""),
    ("x_i", "X: m,n", "X[i,:]'", "row i of X"),
    ("e_i^T x", "x: n", "x[i]", "unit vector"),
    ("e_i", "e: n", "e[i]", ""),
    (r"\delta_{ij}", "delta: n,n", "delta[i,j]", ""),
    (r"\delta_{ij}", "", "kd(i,j)", "Kronecker delta"),
    ("D_n", "D_n: n,n", "D_n", ""),
    (r"D_n \operatorname{vech}(X)", "X: n,n", "dup(n)*vech(X)", ""),
    (r"e^{(n)}_2 y^T", "x: n; y: m", "unit(n,2)*y'", ""),
    ("W^{(1)}x", "W1: m,n; x: n", "W1*x", ""),
    ("W^{[1]}x", "W_1: m,n; x: n", "W_1*x", ""),
]  # fmt: skip


@pytest.mark.parametrize(("tex", "declared", "text", "said"), SETTLED,
                         ids=[f"{t} with {d}" for t, d, _, _ in SETTLED])  # fmt: skip
def test_settled(tex: str, declared: str, text: str, said: str) -> None:
    declarations = [declared] if declared else []
    found = read_latex(tex, declarations)
    assert found.expr is read(text, declarations).expr, plain(found.expr)
    if said:
        assert any(said in remark for remark in found.remarks), found.remarks


NO_READING = [
    ("x y", "x: n; y: n", "sizes disagree"),
    ("A B", "A: n,m; B: n,m", "sizes disagree"),
    ("x^2", "x: n", "square matrices have powers"),
    (r"\frac{A}{B}", "A: n,n; B: n,n", "inverse or the elementwise quotient"),
    ("A_i", "A: m,n", "one index needs a vector"),
    ("A^H", "A: n,n", "conjugate"),
    (r"x \pm y", "x: n; y: n", "two formulas"),
    (r"\sum_i a_i + b_i", "a: n; b: n", "brackets around what is summed"),
    (r"\sin^{-1}(x)", "x: n", "inverse function"),
    (r"\nabla f", "", "by which variable"),
    (r"x^T A x, \quad y^T A y", "A: n,n; x: n; y: n", "several formulas"),
    ("x_1_2", "", "second subscript"),
    (r"\left. x \right|_{x=0}", "x: n", "not supported"),
    (r"p(x|y)", "x: n; p: scalar", "condition"),
    (r"\int x", "x: scalar", "not supported"),
    (r"\begin{bmatrix} 1 & \dots & n \end{bmatrix}", "", "dots"),
    (r"\operatorname{rank}(A)", "A: n,n", "rank"),
    (r"\lVert x \rVert_\infty", "x: n", "norm"),
    (r"\frac{\partial^3 x}{\partial x^3}", "x: scalar", ""),
    (r"\text{the loss is } x", "x: n", None),
]  # fmt: skip


@pytest.mark.parametrize(("tex", "declared", "said"), NO_READING, ids=[t for t, _, _ in NO_READING])
def test_refused_by_name(tex: str, declared: str, said: str | None) -> None:
    if said is None:
        assert read_latex(tex, [declared]).expr.op == "symbol"
        return
    with pytest.raises(ChainruleError) as caught:
        read_latex(tex, [declared] if declared else [])
    assert said in caught.value.message
    assert caught.value.at is not None
