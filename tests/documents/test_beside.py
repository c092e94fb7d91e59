"""Words directly beside a size, in four languages; and what does not count."""

from __future__ import annotations

import pytest

from chainrule.documents import split
from chainrule.documents.beside import words_beside_sizes


def said(source: str) -> list[tuple[str, str, str]]:
    document = split(source, kind="markdown")
    return [(b.kind, b.rows, b.cols) for b in words_beside_sizes(document)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"Let $u$ be a row vector ($p\times 1$).", ("row vector", "p", "1")),
        (r"Here $u$ is a $p \times 1$ row vector.", ("row vector", "p", "1")),
        ("A column vector of size 1 x k is meant.", ("column vector", "1", "k")),
        ("a square matrix (m×n)", ("square matrix", "m", "n")),
        (r"$v$ — вектор-строка размера $d\times 1$.", ("row vector", "d", "1")),
        (r"Вектор-столбец ($1\times d$) известен.", ("column vector", "1", "d")),
        (r"بردار سطری ($d\times 1$) است", ("row vector", "d", "1")),
        (r"بردار ستونی با ابعاد $1\times d$", ("column vector", "1", "d")),
        (r"设 $v$ 为行向量（$d\times 1$）。", ("row vector", "d", "1")),
        (r"这里 $v$ 是 $d\times 1$ 的列向量。", ("column vector", "d", "1")),
    ],
)  # fmt: skip
def test_words_and_sizes(source: str, expected: tuple[str, str, str]) -> None:
    assert said(source) == [expected]


@pytest.mark.parametrize(
    "source",
    [
        r"the transpose of a row vector ($p\times 1$)", r"$v$ is not a row vector ($p\times 1$)",
        r"a non-square matrix ($m\times n$)", "an arrow vector (p×1)",
        r"We have $p\times 1$. Row vectors come later.", r"the row vector of $x$, by $p\times 1$",
        r"設 $v$ 為行向量（$d\times 1$），矩陣", r"行向量 $d\times 1$",
    ],
)  # fmt: skip
def test_not_together_or_denied(source: str) -> None:
    assert said(source) == []
