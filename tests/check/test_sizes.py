"""Claims on sizes, in symbols and in words: what is wrong is found, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from chainrule.apps.checked.view import finding
from chainrule.check.document import Checked, check_document

MAPS = (
    r"Let $p: \mathbb{R}^d \to \mathbb{R}^c$, $q: \mathbb{R}^b \to \mathbb{R}^c$ and "
    r"$r: \mathbb{R}^d \to \mathbb{R}^b$ with $p(u) = q(v)$, $v = r(u)$. Then "
)
NAMES = (
    r"Let $A \in \mathbb{R}^{m\times n}$, $S \in \mathbb{R}^{n\times n}$, $x \in \mathbb{R}^n$, "
    r"$y \in \mathbb{R}^m$ and $\psi: \mathbb{R} \to \mathbb{R}$. Then "
)


def judged(text: str) -> Checked | None:
    """What is said of the last claim of a document on a size."""
    found = [c for c in check_document(text).statements if c.stated.member is not None]
    return found[-1] if found and found[-1].verdict is not None else None


def kind(text: str) -> str:
    one = judged(text)
    return one.verdict.kind if one is not None and one.verdict is not None else ""


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (r"\frac{\partial p}{\partial u} \in \mathbb{R}^{c\times d}", "true"),
        (r"\frac{\partial p}{\partial u} \in \mathbb{R}^{d,c}", "true_in_layout"),
        (r"\frac{\partial p}{\partial v} \in \mathbb{R}^{c\times b}", "true"),
        (r"\frac{\partial q}{\partial v}\frac{\partial r}{\partial u} \in \mathbb{R}^{c\times d}",
         "true"),
        (r"\frac{\partial q}{\partial v} \in \mathbb{R}^{b\times d}", "false"),
        (r"\frac{\partial p}{\partial u} \in \mathbb{R}^{b\times d}", "false"),
        (r"\frac{\partial p}{\partial w} \in \mathbb{R}^{c\times a}", "unknown"),
        (r"p(U) \in \mathbb{R}^{a\times b}", ""),
    ],
)  # fmt: skip
def test_jacobians_of_declared_maps(claim: str, expected: str) -> None:
    assert kind(f"{MAPS}${claim}$.") == expected


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (r"S^{-1} x \in \mathbb{R}^n", "true"),
        (r"S^{-1} x \in \mathbb{R}^m", "false"),
        (r"y^\top A \in \mathbb{R}^{1\times n}", "true"),
        (r"y^\top A \in \mathbb{R}^n", "true"),
        (r"y^\top A \in \mathbb{R}^{n\times 1}", "false"),
        (r"A^\top \in \mathbb{R}^{n\times m}", ""),
        (r"A^\top \in \mathbb{R}^{m\times n}", "false"),
        (r"A^\top \in \mathbb{R}^{k\times l}", ""),
        (r"x x^\top \in \mathbb{R}^{n\times n}", "true"),
        (r"\psi(y) \in \mathbb{R}^m", "true"),
        (r"\exp(x) \in \mathbb{R}", ""),
        (r"B x \in \mathbb{R}^k", ""),
        (r"z = A x \in \mathbb{R}^m", "true"),
        (r"z = A x \in \mathbb{R}^n", "false"),
        (r"\frac{\partial L}{\partial A} \in \mathbb{R}^{m\times n}", "true"),
        (r"\frac{\partial L}{\partial A} \in \mathbb{R}^{n\times m}", "true_in_layout"),
        (r"\frac{\partial L}{\partial A} \in \mathbb{R}^{m\times m}", "false"),
        (r"\frac{\partial (A x)}{\partial x} \in \mathbb{R}^{n\times n}", "false"),
        (r"k = n$, so $S^{-1} x \in \mathbb{R}^k", "unknown"),
    ],
)  # fmt: skip
def test_values_of_declared_variables(claim: str, expected: str) -> None:
    assert kind(f"{NAMES}${claim}$.") == expected


def test_several_claims_in_one_formula() -> None:
    text = MAPS + (
        r"$$\frac{\partial p}{\partial u} \in \mathbb{R}^{c,d}, \frac{\partial q}{\partial v} \in "
        r"\mathbb{R}^{c,b}, \frac{\partial q}{\partial v} \in \mathbb{R}^{b,d}$$"
    )
    report = check_document(text)
    kinds = [c.verdict.kind for c in report.claims if c.verdict and c.stated.member is not None]
    assert kinds == ["true", "true", "false"]
    [wrong] = report.wrong
    assert wrong.verdict is not None and wrong.verdict.slip is not None
    assert "size of ∂r/∂u" in wrong.verdict.slip.message
    mend = finding(wrong).mends[0].line.text
    assert mend == r"\frac{\partial r}{\partial u} \in \mathbb{R}^{b,d}"


def test_the_mended_size_is_written_as_the_wrong_one() -> None:
    one = judged(NAMES + r"$x^\top S \in \mathbb R^{n, 1}$.")
    assert one is not None
    assert one.to_json()["mend"]["latex"] == r"x^\top S \in \mathbb R^{1,n}"


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        (r"Let $u$ be a row vector ($p\times 1$).", r"\text{column vector } (p\times 1)"),
        (r"$v$ — вектор-столбец размера $1\times d$.", r"\text{вектор-строка размера } 1\times d"),
        (r"这里 $v$ 是 $d\times 1$ 的行向量。", r"d\times 1 \text{ 的列向量}"),
        (r"بردار سطری ($d\times 1$) است", r"\text{بردار ستونی } (d\times 1)"),
    ],
)  # fmt: skip
def test_words_against_their_size(text: str, mended: str) -> None:
    [wrong] = check_document(text, kind="markdown").wrong
    assert wrong.to_json()["slip"]["kind"] == "transpose"
    assert wrong.to_json()["mend"]["latex"] == mended


@pytest.mark.parametrize(
    "text",
    [
        r"a row vector ($1\times p$), a column vector of size $p\times 1$",
        r"a row vector ($1\times 1$), a square matrix ($n\times n$)",
        r"вектор-строка размера $1\times d$ и вектор-столбец ($d\times 1$)",
        r"这里 $v$ 是 $d\times 1$ 的列向量，行向量（$1\times d$）。",
        r"بردار سطری ($1\times d$) و بردار ستونی ($d\times 1$)",
    ],
)  # fmt: skip
def test_words_that_agree_with_their_size(text: str) -> None:
    assert check_document(text, kind="markdown").ok


CODED = "Let $t_i = 1$ if the object belongs to class $i$, and 0 otherwise.\n\n"


@pytest.mark.parametrize(
    "text",
    [
        r"$t_{nk} = 0$ iff sample $n$ belongs to class $k$.",
        r"Матрица $(t_{nk} = 0 \Leftrightarrow n$-й объект принадлежит $k$-му классу).",
        r"这里 $t_{nk}=0$ 当且仅当样本 $n$ 属于第 $k$ 类。",
        r"$t_{nk}=0$ اگر نمونه $n$ به کلاس $k$ تعلق دارد.",
    ],
)
def test_an_indicator_coded_the_other_way_round(text: str) -> None:
    [wrong] = check_document(CODED + text, kind="markdown").wrong
    assert wrong.placed.line == 3
    assert wrong.verdict is not None and wrong.verdict.slip is not None
    assert "line 1" in wrong.verdict.slip.message
    assert "= 1" in wrong.to_json()["mend"]["latex"].replace("=1", "= 1")


@pytest.mark.parametrize(
    "text",
    [
        r"$t_{nk} = 1$ iff sample $n$ belongs to class $k$.",
        r"$t_{nk} = 0$ if $n$ does not belong to class $k$.",
        r"$t_{nk} = 0$ if $n$ belongs to class $k$ and 1 otherwise.",
        r"$t_n = 0$ if the object belongs to the negative class.",
        r"$s_{nk} = 0$ iff sample $n$ belongs to class $k$.",
        r"$t_{nk}=0$ اگر نمونه $n$ به کلاس $k$ تعلق ندارد.",
        r"$t_{nk}=0$ 当样本 $n$ 不属于第 $k$ 类。",
    ],
)
def test_indicators_that_agree(text: str) -> None:
    assert check_document(CODED + text, kind="markdown").ok


@pytest.mark.parametrize("how", ["markdown", "html", "json", "text"])
def test_reports_show_the_statement_to_write_instead(how: str, tmp_path: Path) -> None:
    file = tmp_path / "notes.md"
    file.write_text(f"{NAMES}$S^{{-1}} x \\in \\mathbb{{R}}^m$ is a row vector ($n\\times 1$).",
                    encoding="utf-8")  # fmt: skip
    result = subprocess.run(
        [sys.executable, "-m", "chainrule", "check", str(file), "--format", how],
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert result.returncode == 1, result.stderr
    assert "column vector" in result.stdout
    assert "This is n×1, not m×1" in result.stdout or how == "json"
