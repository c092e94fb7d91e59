"""A document of 2 MB is taken apart, and its declarations found, within seconds."""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from tests.documents.test_split import CHINESE, ENGLISH, PERSIAN, RUSSIAN

from chainrule.documents import find_facts, split

SIZE = 2_000_000
PAGE = "\n\n".join((PERSIAN, RUSSIAN, CHINESE, ENGLISH))


def of_size(unit: str) -> str:
    return unit * (SIZE // len(unit))


@pytest.mark.parametrize("kind", ["markdown", "tex", "text"])
def test_split(benchmark: BenchmarkFixture, kind: str) -> None:
    document = benchmark.pedantic(split, (of_size(PAGE), kind), rounds=3)
    assert len(document.formulas) > 10_000
    assert benchmark.stats.stats.min <= 3.0


def test_facts(benchmark: BenchmarkFixture) -> None:
    document = split(of_size(PAGE), "markdown")
    facts = benchmark.pedantic(find_facts, (document,), rounds=3)
    assert facts
    assert benchmark.stats.stats.min <= 5.0


@pytest.mark.parametrize(
    "unit",
    ["$", "the value $x_1$ of a line, ", r"\left(", r"\begin{align}\begin{aligned}", "(a=", "{"],
)
def test_adversary(benchmark: BenchmarkFixture, unit: str) -> None:
    benchmark.pedantic(split, (of_size(unit), "markdown"), rounds=1)
    assert benchmark.stats.stats.min <= 6.0
