"""600 expressions through LaTeX in every run; more by ``python -m tests.properties.latex``."""

from __future__ import annotations

import pytest

from tests.properties.latex import judge

SEED, PER_BLOCK = 9_000_000, 100


@pytest.mark.parametrize(("block", "style"), [(0, ""), (1, ""), (2, ""), (3, "any"), (4, "any"),
                                              (5, "any")])  # fmt: skip
def test_latex_reads_back(block: int, style: str) -> None:
    first = SEED + block * PER_BLOCK
    verdicts = [judge(seed, style=style) for seed in range(first, first + PER_BLOCK)]
    bad = [f"seed {v.seed}: {v.status}: {v.detail}" for v in verdicts if v.bad]
    assert not bad, "\n".join(bad)
    assert sum(v.status == "identical" for v in verdicts) >= PER_BLOCK * 3 // 4
