"""``dW = dz xᵀ``: names with a d that run back are gradients, those that run forward are not."""

from __future__ import annotations

import pytest

from chainrule.check.document import check_document

LAYER = r"""
Let $W \in \mathbb{R}^{m\times n}$, $x \in \mathbb{R}^n$ and $b \in \mathbb{R}^m$.
$$z = W x + b, \qquad a = g(z)$$
"""
BACK = {
    r"dz = da \odot g'(z)": "true",
    r"dW = dz\, x^\top": "true",
    r"db = dz": "true",
    r"dx = W^\top dz": "true",
    r"dz = da \odot g(z)": "false",
    r"dz = da": "false",
    r"dx = W dz": "ill_formed",
    r"db = -dz": "false",
}
FORWARD = {
    r"dz = dW\, x + W dx + db": "true",
    r"da = g'(z) \odot dz": "true",
    r"da = g(z) \odot dz": "false",
    r"dz = W dx": "false",
}


@pytest.mark.parametrize("claim", BACK)
def test_gradients(claim: str) -> None:
    (one,) = check_document(f"{LAYER}\n$${claim}$$\n").claims
    assert one.verdict is not None and one.verdict.kind == BACK[claim]
    said = any(r.endswith("∂J/∂z") for r in one.stated.remarks)
    assert said or one.stated.kind == "unread"


@pytest.mark.parametrize("claim", FORWARD)
def test_differentials(claim: str) -> None:
    everything = r"$dW$, $dx$, $db$: $$dz = dW\, x + W dx + db$$"
    one = check_document(f"{LAYER}\n{everything}\n\n$${claim}$$\n").claims[-1]
    assert one.verdict is not None and one.verdict.kind == FORWARD[claim]
    assert not any("∂" in r for r in one.stated.remarks)


def test_the_loss_of_the_document_is_meant() -> None:
    text = LAYER + r"$$L = \frac12\|a - y\|^2$$ $$da = a - y$$ $$dz = (a - y) \odot g'(z)$$"
    *_, last = check_document(text + r"$$dz = da \odot g'(z)$$").claims
    assert last.verdict is not None and last.verdict.holds
    assert "da is read as ∂L/∂a" in last.stated.remarks
