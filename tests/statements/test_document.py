"""Whole documents read: scopes, prose in four languages, places, memory, local mistakes."""

from __future__ import annotations

import json

import pytest

from chainrule.dims import dim
from chainrule.errors import ChainruleError
from chainrule.expr import symbols
from chainrule.statements import Placed, read_document
from chainrule.write import plain
from tests.statements import founding
from tests.statements.measure import states


def statements(text: str, **options: object) -> list[Placed]:
    """All statements of a document."""
    return list(read_document(text, **options).statements)  # type: ignore[arg-type]


def sides(placed: Placed) -> list[str]:
    """The readings as plain text."""
    return [plain(e) for e in placed.stated.expressions]


def shapes(placed: Placed) -> dict[str, str]:
    """Sizes of the variables."""
    return {n: "×".join(map(str, s.shape)) for n, s in symbols(*placed.stated.expressions).items()}


# -- scopes ----------------------------------------------------------------------------------
def test_a_problem_starts_afresh() -> None:
    found = statements("""
# Problem 1
$x \\in \\mathbb{R}^n$ and $f = x^T x$.
# Problem 2
$x \\in \\mathbb{R}^{m\\times k}$ and $g = x^T x$; $h = f + 1$.
""")
    values = {p.stated.name: p for p in found if p.stated.kind == "definition"}
    assert shapes(values["f"]) == {"x": "n×1"}
    assert shapes(values["g"]) == {"x": "m×k"}
    assert sides(values["h"]) == ["f+1"], "f is another one in the second problem"


def test_definitions_reach_over_a_plain_heading() -> None:
    found = statements(
        "# Setup\n$x \\in \\mathbb{R}^n$, $f = x^T x$\n\n## Gradient\n$\\nabla_x f = 2x$"
    )
    assert sides(found[-1]) == ["grad(x'*x,x)", "2*x"]
    assert found[-1].stated.relies_on == (found[-2].stated.number,)


# -- facts from prose ------------------------------------------------------------------------
@pytest.mark.parametrize("prose", [
    "Let $A$ be a symmetric matrix.", "The matrix $A$ is symmetric.",
    "Пусть $A$ — симметричная матрица.", "设 $A$ 是对称矩阵。", "ماتریس $A$ متقارن است.",
])  # fmt: skip
def test_symmetry_in_words(prose: str) -> None:
    found = read_document(f"$A \\in \\mathbb{{R}}^{{n\\times n}}$. {prose}\n\n$f = x^T A x$")
    (definition,) = (p for p in found.statements if p.stated.kind == "definition")
    assert "symmetric" in symbols(*definition.stated.expressions)["A"].traits


@pytest.mark.parametrize("prose", [
    "If $A$ is symmetric, more is true.", "Show that $A$ is symmetric.", "$A$ is not symmetric.",
    "Если $A$ симметрична, то верно больше.", "如果 $A$ 是对称矩阵，",
])  # fmt: skip
def test_what_is_not_said_is_not_taken(prose: str) -> None:
    found = read_document(f"$A \\in \\mathbb{{R}}^{{n\\times n}}$. {prose}\n\n$f = x^T A x$")
    (definition,) = (p for p in found.statements if p.stated.kind == "definition")
    assert not symbols(*definition.stated.expressions)["A"].traits


def test_a_trait_of_square_matrices_is_not_given_to_a_vector() -> None:
    found = statements(r"""
Let $x\in\mathbb{R}^n$, $A\in\mathbb{R}^{n\times n}$ symmetric, $b\in\mathbb{R}^n$.

$f = x^T A x - b^T x$""")
    have = symbols(*found[-1].stated.expressions)
    assert have["A"].traits == {"symmetric"}
    assert not have["x"].traits and not have["b"].traits


@pytest.mark.parametrize("prose", [
    "We use numerator layout.", "注：采用分子布局。", "Раскладка по числителю.",
    "All derivatives are in numerator layout notation.",
])  # fmt: skip
def test_numerator_layout_in_words(prose: str) -> None:
    found = read_document(
        f"{prose}\n\n$a, x \\in \\mathbb{{R}}^n$\n\n"
        "$\\frac{\\partial a^T x}{\\partial x} = a^T$"
    )
    assert found.layout == "numerator"
    assert sides(found.statements[-1]) == ["grad(a'*x,x)'", "a'"]


# -- macros and places -----------------------------------------------------------------------
def test_macros_keep_their_places() -> None:
    source = (
        "\\newcommand{\\R}{\\mathbb{R}}\n\\newcommand{\\tr}{\\operatorname{tr}}\n"
        "Let $X \\in \\R^{n\\times n}$.\n"
        "\\[ \\tr(X) = 1, \\quad \\tr(X^\\top X) = \\tr(X X^\\top) \\]\n"
    )
    *_, first, second = statements(source, kind="tex")
    line = source.splitlines()[3]
    assert (first.line, first.column) == (4, line.index("\\tr") + 1)
    assert (second.line, second.column) == (4, line.index("\\tr(X^") + 1)
    assert sides(second) == ["tr(X'*X)", "tr(X*X')"]


def test_a_circular_macro_is_a_trouble() -> None:
    found = read_document("\\newcommand{\\a}{\\b}\\newcommand{\\b}{\\a}\n$x = \\a$\n\n$y = 2$")
    assert found.troubles or any(p.stated.error for p in found.statements)
    assert sides(found.statements[-1]) == ["2"]


@pytest.mark.parametrize("lead", ["", "\n\n", "متن فارسی\n\n", "# A heading\n\nwords "])
def test_line_and_column(lead: str) -> None:
    source = lead + "here $a = b + 1$ and\n  $$\n  c = a^2, \\\\\n  d = c\n  $$\n"
    rows = source.splitlines()
    for p, text in zip(statements(source), ("a = b", "c = a", "d = c"), strict=True):
        line = next(k for k, row in enumerate(rows) if text in row)
        assert (p.line, p.column) == (line + 1, rows[line].index(text) + 1)


def test_notebook_cells() -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Notes\n", "$x \\in \\mathbb{R}^n$\n"]},
        {"cell_type": "code", "source": ["y = '$z$'\n"], "outputs": []},
        {"cell_type": "markdown", "source": ["first\n", "\n", "then $f = x^T x$\n"]},
    ]
    source = json.dumps({"cells": cells, "nbformat": 4, "metadata": {}})
    found = statements(source, name="a.ipynb")
    assert [(p.formula.cell, p.line, p.column) for p in found] == [(0, 2, 2), (2, 3, 7)]
    assert shapes(found[-1]) == {"x": "n×1"}


# -- order, numbers and memory ---------------------------------------------------------------
def test_numbers_count_and_what_is_relied_on_came_before() -> None:
    for number in founding.NUMBERS:
        found = statements(founding.document(number), name=f"{number}.txt")
        assert [p.stated.number for p in found] == list(range(1, len(found) + 1))
        kinds = {p.stated.number: p.stated.kind for p in found}
        for p in found:
            assert all(n < p.stated.number for n in p.stated.relies_on)
            assert {kinds[n] for n in p.stated.relies_on} <= {"definition"}
        assert [p.formula.offset for p in found] == sorted(p.formula.offset for p in found)


def test_a_page_printed_twice_reads_the_same() -> None:
    page = "## Problem 1\n" + founding.document("004").replace("#", "") + "\n\n"
    once, twice = statements(page), statements(page + page)
    assert len(twice) == 2 * len(once)
    shift = page.count("\n")
    for a, b in zip(twice, twice[len(once) :], strict=False):
        assert (a.stated.kind, sides(a)) == (b.stated.kind, sides(b))
        assert (a.line + shift, a.column) == (b.line, b.column)
        assert [n + len(once) for n in a.stated.relies_on] == list(b.stated.relies_on)


def test_reading_twice_gives_the_same() -> None:
    a, b = (statements(founding.document("000")) for _ in range(2))
    assert [(p.stated.kind, sides(p)) for p in a] == [(p.stated.kind, sides(p)) for p in b]


# -- what goes wrong stays where it is -------------------------------------------------------
@pytest.mark.parametrize("broken", [
    r"$\frac{1}{$", r"$x = \left($", r"$\foo{x}{y} = $", "$f = = 3$", r"$$ \begin{aligned} a &= $$",
    r"$\sum_{i$", "$\\newcommand$", "$x^{2$",
])  # fmt: skip
def test_a_broken_formula_does_not_disturb_the_next(broken: str) -> None:
    found = statements(f"$x \\in \\mathbb{{R}}^n$\n\n{broken}\n\n$f = x^T x$\n\n$\\nabla_x f = 2x$")
    assert sides(found[-1]) == ["grad(x'*x,x)", "2*x"]
    assert shapes(found[-1]) == {"x": "n×1"}


def test_a_broken_definition_is_missed_by_name() -> None:
    found = statements("$g = \\frac{1}{$\n\n$h = g^2$")
    assert found[0].stated.error is not None
    assert found[-1].stated.kind == "definition"


@pytest.mark.parametrize("text", ["", " \n", "no formulas at all", "$$$$", "$ $"])
def test_nothing_to_read(text: str) -> None:
    assert not [p for p in statements(text) if p.stated.kind != "unread"]


# -- entries and wholes ----------------------------------------------------------------------
@pytest.mark.parametrize(("entry", "whole"), [
    (r"z_i = \sum_{k=1}^m W_{ik} x_k", "W*x"), (r"z_i = \sum_{k=1}^n W_{ki} u_k", "W'*u"),
    (r"z_{ij} = u_i x_j", "u*x'"), (r"z_{ij} = W_{ij} u_i", "diag(u)*W"),
    (r"z_i = 2u_i", "2*u"),
])  # fmt: skip
def test_entries_define_the_matrix(entry: str, whole: str) -> None:
    from chainrule.calculus import equal
    from chainrule.read import read

    sizes = r"$W\in\mathbb{R}^{n\times m}$, $x\in\mathbb{R}^m$, $u\in\mathbb{R}^n$"
    *_, last = statements(f"{sizes}\n\n${entry}$\n\n$g = 3z$")
    meant = read(f"3*({whole})", ["W: n,m; x: m; u: n"]).expr
    assert equal(last.stated.expressions[0], meant).verdict == "equal"


# -- plain text and declarations from outside ------------------------------------------------
def test_plain_formulas() -> None:
    found = statements("r = A*x - b\n\nf = r'*r\n\ngrad(f, x) == 2*A'*r\n", kind="text")
    assert [p.stated.kind for p in found] == ["definition", "definition", "equation"]
    assert sides(found[-1])[1] == "2*A'*(A*x-b)"
    assert [(p.line, p.column) for p in found] == [(1, 1), (3, 1), (5, 1)]


def test_a_derivative_in_plain_text_defines_nothing() -> None:
    found = statements("f = x'*A*x\n\ngrad(f, x) = (A + A')*x\n", kind="text")
    assert [p.stated.kind for p in found] == ["definition", "equation"]


def test_declarations_from_outside_win() -> None:
    text = r"$A \in \mathbb{R}^{n\times n}$, $x\in\mathbb{R}^n$ and $f = x^T A x$"
    found = statements(text, declarations=["A: 3,3 symmetric", "x: 3"])
    assert shapes(found[-1]) == {"x": "3×1", "A": "3×3"}
    assert symbols(*found[-1].stated.expressions)["A"].traits == {"symmetric"}


def test_wrong_declarations_and_kinds_are_refused() -> None:
    for options in ({"declarations": ["A: what ever"]}, {"kind": "spreadsheet"}):
        with pytest.raises(ChainruleError):
            read_document("$x$", **options)  # type: ignore[arg-type]


def test_progress() -> None:
    seen: list[tuple[int, int]] = []
    read_document("$a = 1$ " * 120, progress=lambda k, n: seen.append((k, n)))
    assert seen[0] == (0, 120) and seen[-1] == (120, 120)


# -- the founding documents ------------------------------------------------------------------
READ = {"000": 60, "001": 49, "002": 42, "003": 33, "004": 27}


@pytest.mark.parametrize("number", founding.NUMBERS)
def test_founding_documents_are_read(number: str) -> None:
    found = list(states(number).values())
    assert found.count("read") >= READ[number]
    assert found.count("refused") <= 4


@pytest.mark.parametrize(
    "text",
    [
        r"Let $A$ be $n\times m$, say. Then $A^T A$.",
        r"Here $A$ is $n \times m$. Then $A^T A$.",
        r"Пусть $A$ имеет размер $n\times m$. Тогда $A^T A$.",
        r"设 $A$ 为 $n\times m$。$A^T A$",
    ],
)
def test_sizes_said_between_formulas_declare(text: str) -> None:
    reading = read_document(text)
    kinds = [s.stated.kind for s in reading.statements]
    assert kinds == ["expression", "mention", "expression"]
    assert reading.statements[-1].stated.expressions[0].shape == (dim("m"), dim("m"))
