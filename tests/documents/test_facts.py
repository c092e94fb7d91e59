"""What prose declares, in four languages; and what it does not."""

from __future__ import annotations

import pytest

from chainrule.documents import find_facts, split


def said(source: str) -> set[tuple[str, str]]:
    return {(f.name, f.value) for f in find_facts(split(source, kind="markdown"))}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Let $A$ be a symmetric matrix.", {("A", "symmetric"), ("A", "matrix")}),
        ("For any symmetric $A$ and vector $x$,", {("A", "symmetric"), ("x", "vector")}),
        (r"$\Sigma$ is symmetric positive definite and $c$ is a constant.",
         {(r"\Sigma", "symmetric"), (r"\Sigma", "positive_definite"), ("c", "constant")}),
        ("Let A, B be n x n invertible matrices.",
         {(n, v) for n in "AB" for v in ("n,n", "invertible", "matrix")}),
        (r"where $x \in \mathbb{R}^n$ and Ψ and Φ are elementwise functions",
         {(n, v) for n in "ΨΦ" for v in ("elementwise", "function")}),
        ("A — симметричная матрица.", {("A", "symmetric"), ("A", "matrix")}),
        ("Пусть матрица $W$ диагональна, а $x$ - вектор.", {("W", "matrix"), ("x", "vector")}),
        ("Операция $\\max$ — покомпонентная.", {("\\max", "elementwise")}),
        ("ماتریس $A$ متقارن است.", {("A", "matrix"), ("A", "symmetric")}),
        (r"یکی $\mu$(یک بردار) و دیگری $\Sigma$ (یک ماتریس).",
         {(r"\mu", "vector"), (r"\Sigma", "matrix")}),
        ("其中$A$为正定矩阵，$x$为列向量。",
         {("A", "positive_definite"), ("A", "matrix"), ("x", "column vector")}),
        ("对称矩阵 $B$ 和向量 $b$。", {("B", "symmetric"), ("B", "matrix"), ("b", "vector")}),
        ("We use numerator layout.", {("", "numerator")}),
        ("采用分子布局。", {("", "numerator")}),
        ("Матрица Якоби записана по строкам.", {("", "numerator")}),
        ("使用分母布局。", {("", "denominator")}),
        ("Все векторы считаются вектор-столбцами.", {("", "column vectors")}),
        ("更倾向于将梯度的维度与该参数保持一致。", {("", "gradient")}),
    ],
)  # fmt: skip
def test_declared(source: str, expected: set[tuple[str, str]]) -> None:
    assert said(source) >= expected


@pytest.mark.parametrize(
    "source",
    [
        "A symmetric matrix is nice.", "$A$ is not symmetric.", "Is $A$ symmetric?",
        "Show that $H$ is symmetric.", "$A$ need not be symmetric.", "A 不是对称的。",
        "ماتریس $A$ متقارن نیست.", "نشان دهید که $A$ متقارن است.", "Nothing is said.", "",
    ],
)  # fmt: skip
def test_not_declared(source: str) -> None:
    assert not {f for f in said(source) if f[1] == "symmetric"}


def test_conditional() -> None:
    [fact] = find_facts(split("If $A$ is symmetric, the gradient is $2Ax$.", kind="markdown"))
    assert fact.conditional and fact.kind == "trait"
    [fact] = find_facts(split("If $A$ is symmetric, show that $f = 0$.", kind="markdown"))
    assert not fact.conditional


def test_place_and_scope() -> None:
    source = "# One\n\nWords. Let $A$ be symmetric.\n\n# Two\n\n$B$ is diagonal.\n"
    first, second = find_facts(split(source, kind="markdown"))
    assert (first.line, first.column, first.scope_id) == (3, 8, 1)
    assert (second.line, second.column, second.scope_id) == (7, 1, 2)
    assert source[first.offset : first.end].strip() == first.text == "Let $A$ be symmetric."
