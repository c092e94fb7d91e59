"""Checking: 100 formulas within 15 seconds; one equation within 100 ms in the median."""

from __future__ import annotations

import resource
import statistics
import time

from pytest_benchmark.fixture import BenchmarkFixture
from tests.check.right import RIGHT
from tests.check.wrong import WRONG

from chainrule.check.document import Report, check_document

DOCUMENTS = [text for _, text in RIGHT.values()] + [text for text, _ in WRONG.values()]
FORMULAS = 100


def of_length(count: int) -> str:
    """Small documents one after the other, each a problem of its own, with so many formulas."""
    parts: list[str] = []
    seen = 0
    for k, text in enumerate(t for t in DOCUMENTS if "\\begin{document}" not in t and "$" in t):
        parts.append(f"\n## Problem {k + 1}\n{text}")
        seen += max(text.count("$$") // 2, 1)
        if seen >= count:
            break
    return "\n".join(parts)


def test_a_hundred_formulas(benchmark: BenchmarkFixture) -> None:
    check_document(DOCUMENTS[0])
    source = of_length(FORMULAS)
    found: Report = benchmark.pedantic(check_document, (source,), rounds=1)
    assert len(found.reading.statements) >= FORMULAS
    print(f"\n{len(found.reading.statements)} statements, {len(found.claims)} claims in "
          f"{benchmark.stats.stats.min:.1f} s; {found.summary}")  # fmt: skip
    assert benchmark.stats.stats.min <= 15


def test_each_equation(benchmark: BenchmarkFixture) -> None:
    times: list[float] = []

    def all_documents() -> None:
        times.clear()
        for text in DOCUMENTS:
            start = time.perf_counter()
            claims = len(check_document(text).claims)
            if claims:
                times.append((time.perf_counter() - start) / claims)

    benchmark.pedantic(all_documents, rounds=1, warmup_rounds=1)
    median, worst = statistics.median(times), max(times)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\nan equation: median {1000 * median:.0f} ms, worst {worst:.2f} s; {peak:.0f} MB")
    assert median <= 0.1
    assert worst <= 3
    assert peak <= 500
