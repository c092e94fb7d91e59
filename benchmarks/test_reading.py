"""Reading statements: a document of 2 MB within 10 seconds, one formula, one page."""

from __future__ import annotations

from pytest_benchmark.fixture import BenchmarkFixture
from tests.statements import founding

from chainrule.read.session import Session
from chainrule.statements import read_document

SIZE = 2_000_000
PAGES = "\n\n".join(founding.document(n) for n in founding.NUMBERS)


def test_a_long_document(benchmark: BenchmarkFixture) -> None:
    source = PAGES * (SIZE // len(PAGES.encode()) + 1)
    found = benchmark.pedantic(read_document, (source,), rounds=1)
    assert len(found.statements) > 10_000
    print(f"\n{len(source.encode()) / 1e6:.1f} MB, {len(found.statements)} statements in "
          f"{benchmark.stats.stats.min:.1f} s")  # fmt: skip
    assert benchmark.stats.stats.min <= 10


def test_one_formula(benchmark: BenchmarkFixture) -> None:
    found = benchmark(lambda: Session().read(r"\nabla_x\, x^\top A x = (A + A^\top) x"))
    assert [s.kind for s in found] == ["equation"]


def test_one_page(benchmark: BenchmarkFixture) -> None:
    page = founding.document("004")
    found = benchmark.pedantic(read_document, (page,), rounds=3, warmup_rounds=1)
    assert len(found.statements) > 40
    assert benchmark.stats.stats.min <= 2
