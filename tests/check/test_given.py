"""The comparison of mends with known corrections: what counts as the same, and what must not."""

from __future__ import annotations

import pytest

from chainrule.check.document import Checked, check_document
from tests.check.given import corrections, same_as_given

NET = r"""
$W \in \mathbb{R}^{h\times d}$, $V\in\mathbb{R}^{k\times h}$. Let $r = \sigma(W x)$,
$\theta = V r$ and $\gamma = \frac{\partial E}{\partial \theta}$ for a loss $E$.

$$\frac{\partial E}{\partial W} = \frac{\partial E}{\partial r} x^T$$
"""


@pytest.fixture(scope="module")
def checked() -> Checked:
    """A line with a dropped factor: ``(grad(E,r).*r.*(1-r))*x'`` is meant."""
    return check_document(NET, kind="markdown").claims[-1]


def given(expected: str, checked: Checked) -> bool:
    return same_as_given({"id": "", "plain": "d(E)/d(W) == d(E)/d(r)*x'", "expected": expected},
                         checked)  # fmt: skip


@pytest.mark.parametrize("expected", [
    "(d(E)/d(r).*r.*(1-r))*x'", "d(E)/d(W) == (r.*(1-r).*d(E)/d(r))*x'",
    "x*(d(E)/d(r));  (d(E)/d(r) .* sigmoid(W*x) .* (1-r))*x'   [gradient layout]",
])  # fmt: skip
def test_the_same_correction_in_other_words(expected: str, checked: Checked) -> None:
    assert given(expected, checked)


@pytest.mark.parametrize("expected", [
    "(d(E)/d(th).*r.*(1-r))*x'",  # of another derivative
    "(d(E)/d(r).*r)*x'", "2*(d(E)/d(r).*r.*(1-r))*x'", "x*(d(E)/d(r).*r.*(1-r))'",
    "d(E)/d(W)", "no formula at all", "",
])  # fmt: skip
def test_others_do_not_count(expected: str, checked: Checked) -> None:
    assert not given(expected, checked)


def test_what_was_printed_is_no_correction() -> None:
    entry = {"id": "", "plain": "a == b+c", "expected": "a == b + c",
             "expected_claims": ["a == c-b"]}  # fmt: skip
    assert list(corrections(entry)) == ["c-b"]
