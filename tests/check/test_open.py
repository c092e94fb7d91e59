"""Lines that are right in their papers, on things that these do not write down: left open."""

# ruff: noqa: E501
from __future__ import annotations

import pytest

from chainrule.check.document import check_document

OPEN = {
    "a loss that relates nothing": r"""
Backwards through a product, for a loss $E$ of its result:
$$\frac{\partial E}{\partial V} = U^\top \frac{\partial E}{\partial R}$$
$$\frac{\partial E}{\partial U} = \frac{\partial E}{\partial R} V^\top$$""",
    "the outputs less the targets": r"""
For the usual pair of output and cost one finds $\frac{\partial E}{\partial s} = q - s$.""",
    "primes on numbers": r"""
Let $t \in \mathbb{R}$, $u = e^t + e^{-t}$ and $v = e^t - e^{-t}$. Then $u' = v$ and $v' = u$.""",
    "signals with numbers": r"""
$\delta 8 = \delta 7 \cdot \delta 4$ and $\delta 9 = \delta 5 + \delta 6$ are the sums of errors.""",
    "the loss of all steps": r"""
$$\mathbf{s}_t = \tanh(U\mathbf{s}_{t-1} + V\mathbf{x}_t)$$
$$\frac{\partial \mathcal{E}}{\partial U} = \sum_{t=1}^{T} \frac{\partial \mathcal{E}_t}{\partial U}$$""",
}


@pytest.mark.parametrize("name", OPEN)
def test_what_is_not_written_down_is_open(name: str) -> None:
    report = check_document(OPEN[name])
    kinds = {one.verdict.kind for one in report.statements if one.verdict is not None}
    assert kinds == {"unknown"}


WRONG = {
    "a case of the softmax": r"""
Put $q_i = \frac{e^{u_i}}{\sum_k e^{u_k}}$. If $i = j$: $\frac{\partial q_i}{\partial u_j} = q_i(1 + q_i)$.""",
    "the other case of it": r"""
Put $q_i = \frac{e^{u_i}}{\sum_k e^{u_k}}$. If $i \neq j$: $\frac{\partial q_i}{\partial u_j} = q_i q_j$.""",
    "neither case is looked at": r"""
Put $q_i = \frac{e^{u_i}}{\sum_k e^{u_k}}$. Then $\frac{\partial q_i}{\partial u_j} = q_i (1 - q_j)$.""",
    "a slope by a prime": r"""
Let $s(x) = \frac{1}{1 + e^{-x}}$. Its slope is $s' = s(1 + s)$.""",
    "squares beside one": r"""
Let $X \in \mathbb{R}^{N\times D}$, $W\in\mathbb{R}^{D\times H}$, $v\in\mathbb{R}^H$, $A = XW$,
$H = \tanh(A)$, $f = \mathbf 1^\top H v$. Then
$$\frac{\partial f}{\partial A} = (\mathbf 1 v^\top) \odot (1 + H^2)$$""",
    "a layer above": r"""
$z^l = V^l a^{l-1} + c^l$, $a^l = \sigma(z^l)$ and hence
$$a^l = \sigma(V^{l-1} a^{l-1} + c^l)$$""",
}


@pytest.mark.parametrize("name", WRONG)
def test_slips_in_them_are_found(name: str) -> None:
    assert not check_document(WRONG[name]).ok


def test_a_bias_may_be_a_number() -> None:
    report = check_document(r"""
The scores are $p = H w + b$, with errors $g = \partial J/\partial p$. So
$$\frac{\partial J}{\partial b} = \mathbf{1}^\top g$$""")
    (found,) = [one.verdict for one in report.statements if one.verdict is not None]
    assert found.kind == "true_if"
    assert "b a scalar" in found.conditions[0]
