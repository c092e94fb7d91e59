"""LaTeX out: names, constants, nodes of derivatives and styles, all of which read back."""

from __future__ import annotations

import pytest

from chainrule.calculus import equal
from chainrule.dims import ONE
from chainrule.errors import UsageError
from chainrule.expr import Expr, node, number, symbol, symbols
from chainrule.read import read, read_latex
from chainrule.write import LatexStyle, latex, plain, styled

NAMES = [
    ("x", "x"), ("Sigma", r"\Sigma"), ("epsilon", r"\varepsilon"), ("y_hat", r"\hat{y}"),
    ("x_bar", r"\bar{x}"), ("z_tilde", r"\tilde{z}"), ("mu_hat", r"\hat{\mu}"),
    ("y_hat_1", r"\hat{y}_{1}"), ("W_1", "W_{1}"), ("l21", "l_{21}"), ("W1_new",
    r"W_{1,\mathrm{new}}"), ("y_np1", "y_{n+1}"), ("y_nm1", "y_{n-1}"), ("w_star", r"w_{\star}"),
    ("l_prev", r"l_{\mathrm{prev}}"), ("loss", r"\mathrm{loss}"), ("loss1", r"\mathrm{loss}_{1}"),
    ("theta_k", r"\theta_{k}"), ("x_alpha", r"x_{\alpha}"), ("W_1_T", "W_{1,T}"),
    ("dX", r"\mathrm{d}X"), ("dSigma", r"\mathrm{d}\Sigma"), ("dx", r"\mathrm{d}x"),
    ("dW_1", r"\mathrm{d}W_{1}"), ("dW1", r"\mathrm{d}W_{1}"), ("data", r"\mathrm{data}"),
    ("I", "I"), ("e", "e"), ("d", "d"), ("T", "T"), ("delta", r"\delta"), ("sigma", r"\sigma"),
]  # fmt: skip


def declarations(e: Expr) -> list[str]:
    """The variables of an expression as text."""
    return [
        f"{n}: {s.shape[0]}" + ("" if s.shape[1] == ONE else f",{s.shape[1]}")
        if not s.is_scalar else f"{n}: scalar" for n, s in symbols(e).items()
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "tex"), NAMES, ids=[n for n, _ in NAMES])
@pytest.mark.parametrize("style", ["", "bold,'"])
def test_names_read_back(name: str, tex: str, style: str) -> None:
    x, A = symbol(name, "n", "n"), symbol("A", "n", "n")
    if not style:
        assert latex(x) == tex
    for e in (x, x.T @ A @ x, symbol(name) * A, symbol(name, "n").T @ A):
        text = latex(e, LatexStyle.parse(style))
        assert read_latex(text, declarations(e)).expr is e, text


FORMS = [
    ("I*X", "I: n,n; X: n,m", "I X"),
    ("eye(n)*X", "X: n,m", "I_{n} X"),
    ("eye(n)*I", "I: n,n", r"\operatorname{eye}(n) I"),
    ("commut(m,n)*vec(X)", "X: m,n", r"K_{m,n} \operatorname{vec}(X)"),
    ("commut(m,n)*vec(X)*K", "X: m,n; K: scalar",
     r"\operatorname{commut}(m,n) \operatorname{vec}(X) K"),
    ("dup(n)*vech(X)", "X: n,n", r"D_{n} \operatorname{vech}(X)"),
    ("elim(n)*vec(D)", "D: n,n", r"L_{n} \operatorname{vec}(D)"),
    ("unit(n,2)'*x", "x: n", "x_{2}"),
    ("x*unit(p,2)'", "x: n; y: p", r"x (e^{(p)}_{2})^{\top}"),
    ("unit(n,2)*e'", "e: m; x: n", r"\operatorname{unit}(n,2) e^{\top}"),
    ("ones(n)*zeros(m)'", "x: n; y: m", r"\mathbf{1}_{n} \mathbf{0}_{m}^{\top}"),
    ("exp(X)+expm(X)", "X: n,n", r"\exp(X) + \operatorname{expm}(X)"),
    ("tr(exp(X))", "X: n,n", r"\operatorname{tr}(\exp^{\circ}(X))"),
    ("tr(expm(X))", "X: n,n", r"\operatorname{tr}(\operatorname{expm}(X))"),
    ("sqrt(x)", "x: n", r"\sqrt{x}"),
    ("X^(1/2)", "X: n,n", "X^{1/2}"),
    ("sqrtm(X)*logm(X)*sinm(X)*cosm(X)", "X: n,n", r"\operatorname{sqrtm}(X) "
     r"\operatorname{logm}(X) \operatorname{sinm}(X) \operatorname{cosm}(X)"),
    ("hcat(A,B)*x", "A: m,n; B: m,k; x: n+k", r"\begin{bmatrix} A & B \end{bmatrix} x"),
    ("vcat(x,y)", "x: m; y: n", r"\begin{bmatrix} x \\ y \end{bmatrix}"),
    ("log(x)*t", "x: scalar; t: scalar", r"\log(x) t"),
    ("log(x*t)", "x: scalar; t: scalar", r"\log(x t)"),
    ("phi'(z)", "z: n", r"\varphi'(z)"),
    ("phi''(z)", "z: n", r"\varphi''(z)"),
    ("act(z)", "z: n", r"\operatorname{act}(z)"),
    ("q'(z)", "z: n", r"\operatorname{q}'(z)"),
    ("softmax_rows(X)", "X: m,n", r"\operatorname{softmax\_rows}(X)"),
    ("x.^2", "x: n", r"x^{\circ 2}"),
    ("x./y", "x: n; y: n", r"x \oslash y"),
    ("1./y", "y: n", r"1 \oslash y"),
    ("normF(X)+norm1(X)+norm2(x)", "X: m,n; x: n",
     r"\lVert X \rVert_F + \lVert X \rVert_1 + \lVert x \rVert_2"),
    ("0.25*x", "x: n", r"\frac{1}{4} x"),
    ("grad(x'*A*x,x)", "x: n; A: n,n", r"\frac{\partial (x^{\top} A x)}{\partial x}"),
    ("hessian(x'*A*x,x)", "x: n; A: n,n", r"\frac{\partial^2 (x^{\top} A x)}{\partial x^2}"),
    ("grad(x'*A*x,x)'*y", "x: n; A: n,n; y: n",
     r"\left(\frac{\partial (x^{\top} A x)}{\partial x}\right)^{\top} y"),
    ("jac(X*A,X)", "X: m,n; A: n,k", r"\frac{\partial \operatorname{vec}(X A)}"
     r"{\partial \operatorname{vec}\left(X\right)^{\top}}"),
    ("d(X*A)*B", "X: m,n; A: n,k; B: k,k", r"\mathrm{d}(X A) B"),
    ("dX*A", "X: m,n; A: n,k", r"\mathrm{d}X A"),
    ("kd(i,j)*delta", "delta: n", r"\operatorname{kd}(i,j) \delta"),
    ("A[:,j]*B[i,:]", "A: m,n; B: k,n", "A_{:,j} B_{i,:}"),
    ("W_1[i,j]", "W_1: m,n", "(W_{1})_{ij}"),
    ("-(1/2)*logdet(S)-n/2*log(2*pi)", "S: n,n",
     r"-\frac{1}{2} \operatorname{logdet}(S) - \frac{1}{2} n \log(2 \pi)"),
    ("step(x)+relu(x)+lgamma(x)", "x: n",
     r"\operatorname{step}(x) + \operatorname{relu}(x) + \operatorname{lgamma}(x)"),
    ("eigmax(A)*vmax(A)", "A: n,n", r"\operatorname{eigmax}(A) \operatorname{vmax}(A)"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "declared", "tex"), FORMS, ids=[t for t, _, _ in FORMS])
def test_forms_read_back(text: str, declared: str, tex: str) -> None:
    e = read(text, [declared]).expr
    assert latex(e) == tex
    for style in ("", "T,Tr", "bold,'", r"\intercal"):
        written = latex(e, LatexStyle.parse(style))
        back = read_latex(written, [declared]).expr
        assert back is e or equal(back, e).verdict == "equal", f"{written} reads as {plain(back)}"


def test_a_sign_within_a_product_is_bracketed() -> None:
    x, y, half = symbol("x", "n"), symbol("y", "n"), number("1/2")
    e = node("mul", (half, node("mul", (number(-1), x.T, y))))
    assert latex(e) == r"\frac{1}{2} (-x^{\top} y)"


def test_styles() -> None:
    x = symbol("x", "n")
    e = read("t*tr(Sigma'*inv(Sigma)')+x'*x", ["Sigma: n,n; x: n; t: scalar"]).expr
    assert latex(e, LatexStyle("T", bold=True, trace="Tr")) == (
        r"t \mathrm{Tr}(\boldsymbol{\Sigma}^{T} \boldsymbol{\Sigma}^{-T})"
        r" + \mathbf{x}^{T} \mathbf{x}"
    )
    assert latex(e, LatexStyle("'")) == r"t \operatorname{tr}(\Sigma' (\Sigma^{-1})') + x' x"
    assert LatexStyle(trace=r"\mathrm{Tr}") == LatexStyle.parse("Tr")
    with styled(LatexStyle.parse("T")):
        assert latex(x.T) == "x^{T}"
    assert latex(x.T) == r"x^{\top}"
    for wrong in ("upright", "T,italic"):
        with pytest.raises(UsageError, match="no style"):
            LatexStyle.parse(wrong)
    with pytest.raises(UsageError, match="transpose"):
        LatexStyle(transpose="^")
