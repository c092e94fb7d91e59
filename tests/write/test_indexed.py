"""How sums, products, entries and members are written: plain, LaTeX, Unicode."""

from __future__ import annotations

import pytest

from chainrule.dims import dim
from chainrule.expr import Expr, number, symbol
from chainrule.ops import (
    add,
    apply,
    divide,
    entry,
    eye,
    inv,
    member,
    mul,
    neg,
    power,
    prod,
    sigma,
    sub,
    transpose,
)
from chainrule.write import latex, plain, unicode

X, M = symbol("x", "n", "m", "family"), symbol("M", dim(3) * dim("n"), "p", "family")
y, B, W = symbol("y", "n", 1, "family"), symbol("B", "m", "m"), symbol("W", "m", "n")
t, w = symbol("t"), symbol("w", "m")
xi, yi, mi = member(X, "i"), member(y, "i"), member(M, "i", 3)


def over(e: Expr, name: str = "i") -> Expr:
    return sigma(name, 1, "n", e)


FORMS: list[tuple[Expr, str, str, str]] = [
    (over(mul(xi, xi.T)), "sum(i=1:n, x_i*x_i')", r"\sum_{i=1}^{n} x_i x_i^{\top}",
     "∑ᵢ₌₁ⁿ x_i x_iᵀ"),
    (over(add(yi, t)), "sum(i=1:n, y_i+t)", r"\sum_{i=1}^{n} (y_i + t)", "∑ᵢ₌₁ⁿ (y_i + t)"),
    (over(neg(yi)), "sum(i=1:n, -y_i)", r"\sum_{i=1}^{n} (-y_i)", "∑ᵢ₌₁ⁿ (−y_i)"),
    (neg(over(yi)), "-sum(i=1:n, y_i)", r"-\sum_{i=1}^{n} y_i", "−∑ᵢ₌₁ⁿ y_i"),
    (sub(t, over(yi)), "t-sum(i=1:n, y_i)", r"t - \sum_{i=1}^{n} y_i", "t − ∑ᵢ₌₁ⁿ y_i"),
    (mul(over(yi), B), "sum(i=1:n, y_i)*B", r"\left(\sum_{i=1}^{n} y_i\right) B",
     "(∑ᵢ₌₁ⁿ y_i) B"),
    (mul(B, over(xi)), "B*sum(i=1:n, x_i)", r"B \sum_{i=1}^{n} x_i", "B ∑ᵢ₌₁ⁿ x_i"),
    (power(over(yi), number(2)), "sum(i=1:n, y_i)^2", r"\left(\sum_{i=1}^{n} y_i\right)^2",
     "(∑ᵢ₌₁ⁿ y_i)²"),
    (divide(t, over(yi)), "t/sum(i=1:n, y_i)", r"\frac{t}{\sum_{i=1}^{n} y_i}",
     "t / (∑ᵢ₌₁ⁿ y_i)"),
    (over(over(mul(yi, member(y, "j"))), "j"), "sum(j=1:n, sum(i=1:n, y_i*y_j))",
     r"\sum_{j=1}^{n} \sum_{i=1}^{n} y_i y_j", "∑ⱼ₌₁ⁿ ∑ᵢ₌₁ⁿ y_i y_j"),
    (sigma("t", 0, dim("n") - 1, entry(B, "t", 1)), "sum(t=0:n-1, B[t,1])",
     r"\sum_{t=0}^{n-1} B_{t,1}", "∑_(t=0)^(n-1) B[t,1]"),
    (prod("i", 1, "n", add(B, eye("m"))), "prod(i=1:n, B+eye(m))",
     r"\prod_{i=1}^{n} (B + I_{m})", "∏ᵢ₌₁ⁿ (B + I_m)"),
    (prod("i", "n", 1, B), "prod(i=n:1, B)", r"\prod_{i=n}^{1} B", "∏ᵢ₌ₙ¹ B"),
    (prod("i", "n", "k", B, True), "prod(i=n:-1:k, B)", r"\prod_{i=n}^{k} B", "∏ᵢ₌ₙᵏ B"),
    (prod("i", "n", 1, B, False), "prod(i=n:1:1, B)", r"\prod_{i=n}^{1} B", "∏ᵢ₌ₙ¹ B"),
    (entry(B, "i", "j"), "B[i,j]", "B_{ij}", "B[i,j]"),
    (entry(B, 1, 2), "B[1,2]", "B_{1,2}", "B[1,2]"),
    (entry(B, dim("i") + 1, "j"), "B[i+1,j]", "B_{i+1,j}", "B[i+1,j]"),
    (entry(B, "i", None), "B[i,:]", "B_{i,:}", "B[i,:]"),
    (entry(mul(B, W), "i", "j"), "(B*W)[i,j]", "(B W)_{ij}", "(B W)[i,j]"),
    (entry(inv(B), "i", "j"), "inv(B)[i,j]", "(B^{-1})_{ij}", "(B⁻¹)[i,j]"),
    (entry(w, "i"), "w[i]", "w_{i}", "w[i]"),
    (mul(entry(eye("m"), "i", "j"), yi), "kd(i,j)*y_i", r"\delta_{ij} y_i", "δ[i,j] y_i"),
    (transpose(mi), "M_i'", r"M_i^{\top}", "M_iᵀ"),
    (member(X, 12), "x_12", "x_{12}", "x₁₂"),
    (member(X, dim("i") + 1), "x'[:,i+1]", "x_{i+1}", "x_(i+1)"),
    (member(symbol("x_1", "n", "m", "family"), "i"), "x_1_i", "x_{1,i}", "x₁_i"),
    (apply("exp", yi), "exp(y_i)", r"\exp(y_i)", "exp(y_i)"),
]  # fmt: skip


@pytest.mark.parametrize(("e", "text", "tex", "glyphs"), FORMS, ids=[t for _, t, _, _ in FORMS])
def test_written(e: Expr, text: str, tex: str, glyphs: str) -> None:
    assert plain(e) == text
    assert latex(e) == tex
    assert unicode(e) == glyphs
