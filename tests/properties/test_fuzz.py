"""300 random expressions in every run; 20 000 by hand (``python -m tests.properties.fuzz``)."""

from __future__ import annotations

import pytest

from chainrule.ops import TABLE
from tests.properties.fuzz import fuzz
from tests.properties.generate import expression, operators

SEED, BLOCKS, PER_BLOCK = 7_000_000, 12, 25


@pytest.mark.parametrize("block", range(BLOCKS))
def test_random_expressions(block: int) -> None:
    first = SEED + block * PER_BLOCK
    verdicts = [fuzz(seed, certify=1.0) for seed in range(first, first + PER_BLOCK)]
    bad = [f"seed {v.seed}: {v.status}: {v.detail}\n{v.question}" for v in verdicts if v.bad]
    assert not bad, "\n".join(bad)
    assert sum(v.status == "right" for v in verdicts) >= PER_BLOCK // 2


def test_every_operator_is_reached() -> None:
    reached: set[str] = set()
    for seed in range(3000):
        reached |= operators(expression(seed))
    # sums over an index have a generator of their own, tests/calculus/test_indexed.py
    assert reached == {
        name for name, op in TABLE.items() if op.kind not in ("derivative", "binder")
    }
