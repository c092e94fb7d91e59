"""Chains and numbers: the first wrong step; printed rounding."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule.check import judge, judge_chain, judge_printed, read_claim
from chainrule.check.document import check_document
from tests.check.cases import chain_of, load


@pytest.mark.parametrize("raw", load("derivations"), ids=lambda c: str(c["id"]))
def test_first_wrong_step(raw: dict[str, object]) -> None:
    assert judge_chain(chain_of(raw), mend=False).first_doubtful == raw.get("first_wrong_step")


def test_a_slip_is_reported_once() -> None:
    text = "(a+b)^2 = a^2+2*a*b+b^2 = a^2+a*b+b^2 = a*(a+b)+b^2"
    claim, _ = read_claim(text, ["a: scalar; b: scalar"])
    found = judge_chain(claim)
    assert [v.kind for v in found.steps] == ["true", "false", "true"]
    assert found.first_wrong == 1 and found.verdict.step == 1
    assert found.verdict.mend is not None and found.verdict.mend.plain == "a^2+2*a*b+b^2"


@pytest.mark.parametrize(("text", "kind"), [
    ("0.8214 ≈ 0.82", "true"), ("2/3 ≈ 0.67", "true"), ("2/3 ≈ 0.66", "true_if"),
    ("2/3 ≈ 0.64", "false"), ("1/8 ≈ 0.12", "true"), ("1/8 ≈ 0.13", "true"),
])  # fmt: skip
def test_printed_rounding(text: str, kind: str) -> None:
    claim, _ = read_claim(text)
    assert judge(claim).kind == kind


def test_the_wrong_number_is_named() -> None:
    exact, printed = np.array([[0.0, -0.2331, -0.4663]]), np.array([[0.0, -0.23, -0.46]])
    loose, strict = (judge_printed(exact, printed, 2, strict=s) for s in (False, True))
    assert loose.kind == "true_if" and strict.kind == "false"
    assert strict.slip is not None and "(1, 3)" in strict.slip.message
    assert "-0.47" in strict.slip.message


def test_a_side_that_is_wrong_by_both_its_neighbours_is_mended_by_the_one_behind() -> None:
    text = r"""
Let $W\in\mathbb{R}^{m\times n}$, $y\in\mathbb{R}^n$, $J = \frac12\|W y - t\|^2$ and
$e = W^T (W y - t)$.
$$\frac{\partial J}{\partial W}=e^T(y\otimes I)=\text{vec}^T(e y^T)$$
"""
    (one,) = check_document(text).wrong
    assert one.verdict is not None and one.verdict.slip is not None and one.verdict.mend is not None
    assert one.verdict.slip.kind == "transpose"
    assert one.verdict.slip.message.endswith("not yet with what is before")
    assert (one.verdict.mend.plain, one.verdict.mend.side) == ("e'*kron(y',eye(n))", 1)
