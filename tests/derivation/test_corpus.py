"""Derivations of published cases: complete, certified, never going back. The full walk is a benchmark."""  # noqa: E501

import pytest

from chainrule.derivation.data import METHODS
from tests.derivation.walk import first_order, walk

SAMPLE = first_order()[::6]


@pytest.mark.parametrize("method", METHODS)
def test_sample_of_the_corpus(method: str) -> None:
    found = [walk(case, method) for case in SAMPLE]
    wrong = [f"{w.case.id}: {w.detail}" for w in found if w.status in ("wrong", "crash")]
    assert not wrong
    good = [w for w in found if w.status == "ok"]
    assert len(good) >= (0.65 if method == "backprop" else 0.9) * len(found)
    assert all(s.certified for w in good if w.derivation for s in w.derivation.steps)
    assert sorted(w.steps for w in good)[len(good) // 2] <= 12
