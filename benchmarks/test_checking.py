"""Checking: 100 formulas within 15 seconds; one equation within 100 ms in the median.

Whole documents as people wrote them within 10 seconds and 150 MB each.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from tests.check.right import RIGHT
from tests.check.wrong import WRONG
from tests.statements import founding

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


@pytest.mark.parametrize("number", founding.NUMBERS)
def test_a_whole_document(benchmark: BenchmarkFixture, number: str) -> None:
    source = founding.document(number)
    check_document(DOCUMENTS[0])
    found: Report = benchmark.pedantic(check_document, (source,), rounds=1)
    times = benchmark.stats.stats
    print(f"\n{number}: {len(found.claims)} claims in {times.min:.1f} s; {found.summary}")
    assert times.min <= 10


def test_memory_of_all_documents() -> None:
    """In a process of its own, one after the other."""
    lines = ("from chainrule.check.document import check_document",
             "from tests.statements import founding",
             "for n in founding.NUMBERS: check_document(founding.document(n))",
             "import resource",
             "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)")  # fmt: skip
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True,
                          check=True)  # fmt: skip
    peak = int(done.stdout) / 1024
    print(f"\npeak memory {peak:.0f} MB")
    assert peak <= 150
