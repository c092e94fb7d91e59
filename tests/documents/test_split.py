r"""Formulas out of documents: every delimiter, every kind of file, places, scopes, troubles."""

from __future__ import annotations

import json

import pytest

from chainrule.documents import Document, expand_macros, kind_of, position, split, without_comments
from chainrule.errors import LimitError, ParseError, UsageError

PERSIAN = r"""
# مشتق‌گیری

برای  $A \in \mathbb{R}^{n \times n}$  و  $x \in \mathbb{R}^n$ ، عبارت

$$\frac{\partial(x^\top Ax)}{\partial x}$$

را محاسبه کنید. فرمول توزیع گوسی:
$$$
\text{vec}(AXB)=(B^T\otimes A)\text{vec}(X)
$$$
یکی نسبت به $\mu$(یک بردار) و دیگری نسبت به $\Sigma$ (یک ماتریس).

## تمرین ۲
$$f(x) = \sum_{i=1}^n a_i x_i$$
"""
RUSSIAN = r"""## Задача 2. Полносвязный слой

Решение. Слой задается выражением T = XW + b (вместо X — Z).
Известен  $\frac{\partial Q}{\partial T}$ .

1. 
$$\frac{\partial Q}{\partial w} = \frac{\partial Q}{\partial z_1} X$$
 (все операции поэлементные)

Для функций f(x) = g(y), y = h(x) верно правило:

$$L(y, z) = -\sum_{i=1}^{K} y_i \log z_i \to \min,$$
"""
CHINESE = r"""### 1.2 预备知识
（1）矩阵$\times$列向量，再求导:
$$z=Wx,\ z\in\mathbb{R}^n$$
其中$$z_i = \sum_{k=1}^m x_k w_{ki}$$

令
$$\delta_1=\frac{\partial J}{\partial\theta}=(\hat{y}-y)^T$$
$$\delta_2=\delta_1 U \circ sgn(h)$$

题 3
设$y$是向量。
"""
ENGLISH = r"""2 Practice

Question 1

1. Consider $y = c^T \Psi(Wx)$ where $y \in \mathbb{R}$.
- $\text{Tr}(A + B) = \text{Tr}(A) + \text{Tr}(B).$

Solution

$$\begin{aligned}
dy &= c^T dz_5 \\
&= c^T \Psi'(z_4) dz_4
\end{aligned}$$
"""


def texts(source: str, kind: str | None = None) -> list[str]:
    document = split(source, kind=kind)
    check_places(document)
    return [f.text for f in document.formulas]


def check_places(document: Document) -> None:
    lines = document.source.split("\n")
    for formula in document.formulas:
        assert document.source[formula.offset : formula.end] == formula.text
        if document.kind == "notebook":
            continue
        assert (formula.line, formula.column) == position(document.source, formula.offset)
        assert lines[formula.line - 1][formula.column - 1] == formula.text[0]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a $x$ b", ["x"]),
        ("$$x$$", ["x"]),
        ("$$$\nx\n$$$", ["x"]),
        (r"\(x\) and \[y\]", ["x", "y"]),
        ("$a$$b$", ["a", "b"]),
        ("$$\nx\n\n+ y\n$$", ["x\n\n+ y"]),
        (r"\begin{align*} a &= b \end{align*}", ["a &= b"]),
        (r"$$\begin{aligned} a \end{aligned}$$", [r"\begin{aligned} a \end{aligned}"]),
        (r"$x \text{ if $y$ holds}$", [r"x \text{ if $y$ holds}"]),
        ("> quoted $x$\n> $$y$$", ["x", "y"]),
        ("- item $x$\n2. item $y$", ["x", "y"]),
        ("| a | b |\n|---|---|\n| $x$ | $y^2$ |", ["x", "y^2"]),
        ("$`x`$", ["x"]),
        ("```math\nx^2\n```", ["x^2"]),
        ("```python\ncost = '$x$'\n```\n$y$", ["y"]),
        ("`$x$` $y$", ["y"]),
        ("<!-- $x$ --> $y$", ["y"]),
        (r"\$5 and \$6, $z$", ["z"]),
        ("it costs $5 or $6 a piece, $z$", ["z"]),
        ("[link](http://a/$x$) $y$", ["y"]),
        ("سلام $x$ دنیا", ["x"]),
        ("", []),
    ],
)
def test_markdown(source: str, expected: list[str]) -> None:
    assert texts(source, "markdown") == expected


@pytest.mark.parametrize("star", ["", "*"])
@pytest.mark.parametrize("name", ["equation", "align", "gather", "multline", "eqnarray"])
def test_environments_of_tex(name: str, star: str) -> None:
    source = rf"before \begin{{{name}{star}}} y &= A x \end{{{name}{star}}} after"
    [formula] = split(source, kind="tex").formulas
    assert formula.text == "y &= A x" and formula.display
    assert formula.environment == name + star
    assert (formula.before, formula.after) == ("before", "after")


def test_tex_file() -> None:
    source = r"""\documentclass{article}
\newcommand{\R}{\mathbb{R}} \def\T{^\top}
\DeclareMathOperator{\tr}{tr}
\begin{document}
\section{First} $x \in \R$ % a comment with $y$
\begin{verbatim} $z$ \end{verbatim}
\begin{exercise} \[ \tr(A\T) \] \end{exercise}
\end{document} $late$
"""
    document = split(source, name="paper.tex")
    check_places(document)
    assert document.kind == "tex" and not document.troubles
    assert [f.text for f in document.formulas] == [r"x \in \R", r"\tr(A\T)"]
    assert document.macros == {
        r"\R": r"\mathbb{R}", r"\T": r"^\top", r"\tr": r"\operatorname{tr}"
    }  # fmt: skip
    text, origins = expand_macros(document.formulas[1].text, document.macros)
    assert text == r"\operatorname{tr}(A^\top)"
    assert origins[0] == 0 and origins[text.index("^")] == 5 and len(origins) == len(text)
    assert [h.title for h in document.headings] == ["First", "Exercise"]


def test_comments_keep_offsets() -> None:
    text = "a % b $\nc \\% d"
    clean = without_comments(text)
    assert len(clean) == len(text) and "$" not in clean and clean.endswith("c \\% d")


def test_notebook() -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Problem 1\n", "$x$"]},
        {"cell_type": "code", "source": ["'$y$'"]},
        {"cell_type": "markdown", "source": "$$z$$"},
    ]
    document = split(json.dumps({"cells": cells, "nbformat": 4}))
    check_places(document)
    assert document.kind == "notebook"
    assert [(f.text, f.cell, f.line) for f in document.formulas] == [("x", 0, 2), ("z", 2, 1)]
    with pytest.raises(ParseError, match="line 1"):
        split("{", kind="notebook")
    with pytest.raises(UsageError):
        split("", kind="pdf")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("f = x'*A*x", [("f = x'*A*x", "plain", True)]),
        ("f = tr(A*X)\n  = sum(A'.*X)", [("f = tr(A*X)\n  = sum(A'.*X)", "plain", True)]),
        ("Then df/dx = 2*A*x.", [("df/dx = 2*A*x", "plain", False)]),
        ("∂f/∂x = 2Ax", [("∂f/∂x = 2Ax", "latex", True)]),
        (r"\nabla_x f = A x", [(r"\nabla_x f = A x", "latex", True)]),
        ("Let f(x) = x^T A x where A is given.", [("f(x) = x^T A x", "latex", False)]),
        ("Пусть f = x'*A*x, тогда", [("f = x'*A*x", "plain", False)]),
        ("设 T = XW + b，则", [("T = XW + b", "latex", False)]),
        ("x ∈ ℝⁿ, A ∈ ℝ^{n×n}", [("x ∈ ℝⁿ", "latex", False), ("A ∈ ℝ^{n×n}", "latex", False)]),
        ("| x'*A*x | (A+A')*x |", [("x'*A*x", "plain", True), ("(A+A')*x", "plain", True)]),
        ("The answer: (A+A')*x", [("(A+A')*x", "plain", True)]),
        ("This is well-known. And/or x-ray.", []),
        ("version = 3.11", []),
        ("We set lr = 0.01 and batch_size = 32.", []),
        ("hello world = this is a test", []),
        ("see https://a.b/c?x=y*z and a@b.c", []),
        ("cmake -DNAME=VALUE ..", []),
    ],
)  # fmt: skip
def test_formulas_without_delimiters(line: str, expected: list[tuple[str, str, bool]]) -> None:
    document = split(line, kind="text")
    check_places(document)
    assert [(f.text, f.language, f.display) for f in document.formulas] == expected


def test_persian() -> None:
    document = split(PERSIAN)
    check_places(document)
    assert not document.troubles and document.kind == "markdown"
    assert [f.text for f in document.formulas] == [
        r"A \in \mathbb{R}^{n \times n}", r"x \in \mathbb{R}^n",
        r"\frac{\partial(x^\top Ax)}{\partial x}",
        r"\text{vec}(AXB)=(B^T\otimes A)\text{vec}(X)", r"\mu", r"\Sigma",
        r"f(x) = \sum_{i=1}^n a_i x_i",
    ]  # fmt: skip
    assert [f.scope_id for f in document.formulas] == [1] * 6 + [2]
    assert document.formulas[0].column == 8 and document.formulas[0].line == 4


def test_russian() -> None:
    document = split(RUSSIAN)
    check_places(document)
    assert [f.text for f in document.formulas] == [
        "T = XW + b", r"\frac{\partial Q}{\partial T}",
        r"\frac{\partial Q}{\partial w} = \frac{\partial Q}{\partial z_1} X",
        "f(x) = g(y)", "y = h(x)", r"L(y, z) = -\sum_{i=1}^{K} y_i \log z_i \to \min,",
    ]  # fmt: skip
    assert document.formulas[2].after == "(все операции поэлементные)"
    assert document.formulas[0].scope == ("Задача 2. Полносвязный слой",)


def test_chinese() -> None:
    document = split(CHINESE)
    check_places(document)
    assert [f.text for f in document.formulas][:2] == [r"\times", r"z=Wx,\ z\in\mathbb{R}^n"]
    assert len(document.formulas) == 6 and not document.troubles
    assert document.formulas[3].before == "令"
    assert document.formulas[-1].scope_id == document.formulas[0].scope_id + 1


def test_english() -> None:
    document = split(ENGLISH)
    check_places(document)
    assert len(document.formulas) == 4 and not document.troubles
    assert [h.title for h in document.headings] == ["Question 1", "Solution"]
    assert {f.scope_id for f in document.formulas} == {1}
    assert document.formulas[-1].scope == ("Question 1", "Solution")


@pytest.mark.parametrize(
    "title",
    ["# Other", "Problem 2", "**Exercise 3**", "Question 4.", "Задача 2", "Упражнение 3.",
     "تمرین ۲", "مسئله 2", "题 2", "第2题", "Aufgabe 2"],
)  # fmt: skip
def test_a_problem_starts_afresh(title: str) -> None:
    first, second = split(f"# One\n\n$x$\n\n{title}\n\n$y$\n", kind="markdown").formulas
    assert second.scope_id == first.scope_id + 1
    continued = split("# One\n\n$x$\n\nSolution\n\n$y$\n", kind="markdown").formulas
    assert continued[0].scope_id == continued[1].scope_id


@pytest.mark.parametrize(
    ("source", "kind", "place", "word"),
    [
        ("ab $x and more\n\n$y$", "tex", (1, 4), "partner"),
        ("$$ a\n\nsome words are here\n\n$y$", "markdown", (1, 1), "not closed"),
        ("x\n\\begin{align} a\n\n# T\n\n$y$", "markdown", (2, 1), "not closed"),
        ("\\end{align} $y$", "tex", (1, 1), "without"),
        ("\\(a $y$", "tex", (1, 1), "not closed"),
        ("$$$ a $$\n\n$y$", "markdown", (1, 7), "closed with"),
        ("\n\\newcommand{\\a}{\\b}\\newcommand{\\b}{\\a} $y$", "tex", (2, 1), "by itself"),
        ("\\newcommand{\\a}{x $y$", "tex", (1, 1), "not closed"),
        ("\\newcommand{\\n}[1]{#1} $y$", "tex", (1, 1), "arguments"),
    ],
)
def test_troubles_have_a_place(source: str, kind: str, place: tuple[int, int], word: str) -> None:
    document = split(source, kind=kind)
    first = document.troubles[0]
    assert word in first.message and (first.line, first.column) == place
    assert document.formulas[-1].text == "y"  # reading went on


def test_macros_that_do_not_end() -> None:
    with pytest.raises(ParseError, match="by itself"):
        expand_macros(r"x \a", {r"\a": r"\a"})
    doubling = {rf"\{chr(97 + k)}": rf"\{chr(98 + k)}" * 2 for k in range(24)}
    with pytest.raises(LimitError):
        expand_macros(r"\a", doubling)


@pytest.mark.parametrize(
    ("name", "source", "kind"),
    [
        ("a.tex", "x", "tex"), ("a.md", "x", "markdown"), ("a.ipynb", "{}", "notebook"),
        ("a.txt", "the $x$ is", "markdown"), ("", r"\documentclass{x}", "tex"),
        ("", "f = x'*A*x", "text"), ("", "it costs $5 or $6", "text"),
    ],
)  # fmt: skip
def test_kind(name: str, source: str, kind: str) -> None:
    assert kind_of(name, source) == kind


def test_line_ends_and_order_marks() -> None:
    document = split("\ufeffa $x$\r\n\u200fb $y$\r\n", kind="markdown")
    assert [(f.text, f.line, f.column) for f in document.formulas] == [("x", 1, 4), ("y", 2, 5)]


def test_progress() -> None:
    seen: list[tuple[int, int]] = []
    source = "the formula $x_1$ stands here\n\n" * 5000
    split(source, kind="markdown", progress=lambda done, total: seen.append((done, total)))
    assert len(seen) > 3 and seen == sorted(seen) and seen[-1] == (len(source), len(source))
