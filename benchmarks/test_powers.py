"""High powers of long products stay opaque: within a second."""

from __future__ import annotations

from typing import Any

from chainrule.calculus import derive
from chainrule.read import read


def test_trace_of_a_power(benchmark: Any) -> None:
    reading = read("tr((A*X*B*X')^8)", ["A: m,m; X: m,n; B: n,n"])
    answer = benchmark.pedantic(derive, (reading, "X"), rounds=3, warmup_rounds=1)
    assert answer.result.shape == reading.variables["X"].shape
    assert benchmark.stats.stats.max <= 1.0
