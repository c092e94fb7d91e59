"""Derive and certify the published cases in one process: median 10 ms, 99 % within 150 ms."""

from __future__ import annotations

import statistics
from typing import Any

import pytest
from tests.corpus import Case, cases, quantile, run, warm_up

from chainrule.calculus import derive
from chainrule.errors import ChainruleError
from chainrule.expr import Expr
from chainrule.read import read

DERIVATIVES = [c for c in cases() if c.kind != "identity"]


def test_median_and_99th_percentile(benchmark: Any) -> None:
    warm_up()
    times: list[float] = []

    def all_cases() -> None:
        times.clear()
        times.extend(run(c).ms for c in cases())

    benchmark.pedantic(all_cases, rounds=1)
    answered = [t for t in times if t]
    median, late = statistics.median(answered), quantile(answered, 0.99)
    benchmark.extra_info.update(median_ms=median, p99_ms=late, answered=len(answered))
    print(f"\n{len(answered)} answers: median {median:.1f} ms, 99 % within {late:.0f} ms")
    assert median <= 10
    assert late <= 150


def _derive(case: Case) -> Expr | None:
    wrt = case.wrt[0] if len(case.wrt) == 1 else case.wrt
    try:
        reading = read(case.plain, case.declarations)
        return derive(
            reading, wrt, order=case.order, layout=case.layout, symmetric=case.symmetric
        ).result
    except ChainruleError:
        return None


@pytest.mark.parametrize("id_", ["mcb-016", "nnstd-042", "std-030", "mcorg-033"])
def test_single(benchmark: Any, id_: str) -> None:
    (case,) = (c for c in DERIVATIVES if c.id == id_)
    assert benchmark(_derive, case) is not None
