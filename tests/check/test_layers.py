"""Networks of any depth: claims with letters for layers, judged for numbers."""

from __future__ import annotations

import pytest

from chainrule.apps.checked.view import findings
from chainrule.check.document import Report, check_document
from chainrule.statements import read_document

BRACKETS = r"""
$$z^{(l)} = W^{(l)} a^{(l-1)} + b^{(l)}, \qquad a^{(l)} = \sigma(z^{(l)})$$
with the loss $C = \frac12 \|a^{(L)} - y\|^2$.
$$\delta^{(l)} = \frac{\partial C}{\partial z^{(l)}}$$
"""
SQUARE = BRACKETS.replace("^{(", "^{[").replace(")}", "]}")
BELOW = r"""
$$y_{n+1} = \phi(W_n y_n + b_n)$$
$$J = \frac12\|y_m - t\|^2$$
"""
RECURRENT = r"""
Let $h_t = \tanh(W h_{t-1} + U x_t + b)$ and $J = c^\top h_T$.
"""
SIZED = r"""
Let $W_l \in \mathbb{R}^{d_l \times d_{l-1}}$ and $h_l = \phi(W_l h_{l-1})$, and $f = \mathbf{1}^\top h_L$.
"""  # noqa: E501
SERIES = r"""
$$x_{k+1} = x_k - \alpha A x_k$$
"""

HOLDS = {
    "last layer": (BRACKETS, r"\delta^{(L)} = (a^{(L)} - y) \odot \sigma'(z^{(L)})"),
    "errors run back": (
        BRACKETS,
        r"\delta^{(l)} = ((W^{(l+1)})^\top \delta^{(l+1)}) \odot \sigma'(z^{(l)})",
    ),
    "bias": (BRACKETS, r"\frac{\partial C}{\partial b^{(l)}} = \delta^{(l)}"),
    "weights": (BRACKETS, r"\frac{\partial C}{\partial W^{(l)}} = \delta^{(l)} (a^{(l-1)})^\top"),
    "entry of a layer": (
        BRACKETS,
        r"\frac{\partial C}{\partial W^{(l)}_{jk}} = \delta^{(l)}_j a^{(l-1)}_k",
    ),
    "square brackets": (
        SQUARE,
        r"\frac{\partial C}{\partial W^{[l]}} = \delta^{[l]} {a^{[l-1]}}^\top",
    ),
    "labels below": (
        BELOW,
        r"\frac{\partial y_{j+1}}{\partial y_j} = \operatorname{diag}(\phi'(W_j y_j + b_j)) W_j",
    ),
    "a product that falls": (
        BELOW,
        r"\frac{\partial J}{\partial y_i} = (y_m - t)^\top \prod_{j=m-1}^{i} "
        r"\operatorname{diag}(\phi'(W_j y_j + b_j)) W_j",
    ),
    "a product whose index is not said": (
        BELOW,
        r"\frac{\partial J}{\partial y_i} = \frac{\partial J}{\partial y_m} "
        r"\left(\prod_{m-1}^{i} \frac{\partial y_{j+1}}{\partial y_j}\right)",
    ),
    "sizes of layers": (
        SIZED,
        r"\frac{\partial h_l}{\partial h_{l-1}} = \operatorname{diag}(\phi'(W_l h_{l-1})) W_l",
    ),
    "through time": (
        RECURRENT,
        r"\frac{\partial h_t}{\partial h_{t-1}} = \operatorname{diag}(1 - h_t \odot h_t) W",
    ),
    "an iteration": (SERIES, r"x_{k+1} = (I - \alpha A) x_k"),
}


def last(report: Report) -> tuple[str, str, str]:
    """Verdict, slip and mend of the last statement."""
    verdict = report.claims[-1].verdict
    assert verdict is not None
    mend = verdict.mend.plain if verdict.mend else ""
    return verdict.kind, verdict.slip.kind if verdict.slip else "", mend


@pytest.mark.parametrize("name", HOLDS)
def test_right_claims(name: str) -> None:
    text, claim = HOLDS[name]
    report = check_document(f"{text}\n$${claim}$$\n")
    assert last(report)[0] in ("true", "true_in_layout"), report.claims[-1].verdict
    assert report.ok and report.summary["unknown"] == 0


WRONG = {
    "transpose": (
        BRACKETS,
        r"\delta^{(l)} = (W^{(l+1)} \delta^{(l+1)}) \odot \sigma'(z^{(l)})",
        ("ill_formed", "transpose", "(W2'*delta2).*a1.*(1-a1)"),
    ),
    "activation of the wrong layer": (
        BRACKETS,
        r"\frac{\partial C}{\partial W^{(l)}} = \delta^{(l)} (a^{(l)})^\top",
        ("false", "index", "delta1*a0'"),
    ),
    "function of the wrong layer": (
        BRACKETS,
        r"\delta^{(l)} = ((W^{(l+1)})^\top \delta^{(l+1)}) \odot \sigma'(z^{(l+1)})",
        ("ill_formed", "index", "(W2'*delta2).*a1.*(1-a1)"),
    ),
    "a layer too many": (
        BELOW,
        r"\frac{\partial y_m}{\partial y_i} = \prod_{j=m-1}^{i-1} "
        r"\frac{\partial y_{j+1}}{\partial y_j}",
        ("false", "", ""),
    ),
    "no such dependence": (
        BELOW,
        r"\frac{\partial y_i}{\partial W_i} = y_i^\top \otimes I",
        ("false", "index", ""),
    ),
    "order": (
        SIZED,
        r"\frac{\partial h_l}{\partial h_{l-1}} = W_l \operatorname{diag}(\phi'(W_l h_{l-1}))",
        ("ill_formed", "order", "diag(phi'(W_1*h_0))*W_1"),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_claims(name: str) -> None:
    text, claim, expected = WRONG[name]
    found = last(check_document(f"{text}\n$${claim}$$\n"))
    assert all(e in ("", f) for e, f in zip(expected, found, strict=True)), found


def test_a_product_in_rising_order_may_mean_the_falling_one() -> None:
    claim = (
        r"\frac{\partial J}{\partial h_k} = c^\top \prod_{t=k+1}^{T} "
        r"\operatorname{diag}(1 - h_t \odot h_t) W"
    )
    report = check_document(f"{RECURRENT}\n$${claim}$$\n")
    verdict = report.claims[-1].verdict
    assert verdict is not None and verdict.kind == "true_if"
    assert "falling order" in verdict.conditions[0]


def test_a_recursion_of_errors_is_followed() -> None:
    text = (
        BELOW
        + r"""
$$e_{m-1}^\top = (y_m - t)^\top \operatorname{diag}(\phi'(W_{m-1} y_{m-1} + b_{m-1})) W_{m-1}$$
$$e_{j-1}^\top = e_j^\top \operatorname{diag}(\phi'(W_{j-1} y_{j-1} + b_{j-1})) W_{j-1}$$
$$\frac{\partial J}{\partial y_i} = e_i$$
"""
    )
    report = check_document(text)
    assert last(report)[0] == "true", report.claims[-1].verdict


def test_mends_are_written_with_the_letters_of_the_document() -> None:
    claim = r"\frac{\partial C}{\partial W^{(l)}} = \delta^{(l)} (a^{(l)})^\top"
    report = check_document(f"{BRACKETS}\n$${claim}$$\n")
    (one,) = [f for f in findings(report) if f.wrong]
    assert one.mends[0].line.text == (
        r"\frac{\partial C}{\partial W^{(l)}} = \delta^{(l)} {a^{(l-1)}}^{\top}"
    )
    assert one.said.endswith("(Read with l = 1.)")


def test_the_right_answer_for_some_layers_is_not_written_with_letters() -> None:
    report = check_document(BELOW + "\n" + r"$$\frac{\partial J}{\partial b_i} = 3 W_i y_i$$")
    (one,) = [f for f in findings(report) if f.wrong]
    assert one.mends and all(not m.line.text for m in one.mends)


def test_entries_of_a_declared_vector_are_no_layers() -> None:
    found = read_document(r"$x \in \mathbb{R}^n$. $$x_{i+1} = x_i + 1$$ $$x_{i+1} - x_i = 1$$")
    assert not any(p.stated.instances for p in found.statements)


@pytest.mark.parametrize(
    ("claim", "kind"),
    [
        (r"dz^{[l]} = da^{[l]} \odot \sigma'(z^{[l]})", "true"),
        (r"dW^{[l]} = dz^{[l]} {a^{[l-1]}}^\top", "true"),
        (r"da^{[l-1]} = {W^{[l]}}^\top dz^{[l]}", "true"),
        (r"da^{[l-1]} = W^{[l]} dz^{[l]}", "ill_formed"),
        (r"db^{[l]} = 2\, dz^{[l]}", "false"),
    ],
)
def test_errors_with_d_in_front_are_gradients(claim: str, kind: str) -> None:
    assert last(check_document(f"{SQUARE}\n$${claim}$$\n"))[0] == kind


SHIFTED = {
    r"\frac{\partial J}{\partial y_i} = (y_m-t)^\top \prod_{j=m-1}^{i-1} "
    r"\operatorname{diag}(\phi'(W_j y_j + b_j)) W_j": (
        r"\prod_{j=m-1}^{i} ",
        "i-1 stands where i is meant",
    ),
    r"\frac{\partial J}{\partial W_i} = \frac{\partial J}{\partial y_m} \left(\prod_{j=m-1}^i "
    r"\frac{\partial y_{j+1}}{\partial y_j}\right) \frac{\partial y_i}{\partial W_i}": (
        r"\left(\prod_{j=m-1}^{i+1} \frac{\partial y_{j+1}}{\partial y_j}\right) "
        r"\frac{\partial y_{i+1}}{\partial W_i}",
        "i and y_i stand where i+1 and y_{i+1} are meant",
    ),
}


@pytest.mark.parametrize("claim", SHIFTED)
def test_a_layer_too_far_is_moved_in_the_formula_itself(claim: str) -> None:
    report = check_document(f"{BELOW}\n$${claim}$$\n")
    verdict = report.claims[-1].verdict
    assert verdict is not None and verdict.slip is not None and verdict.rewrite is not None
    text, message = SHIFTED[claim]
    assert text in verdict.rewrite.text
    assert (verdict.slip.kind, verdict.slip.message) == ("index", message)


def test_a_line_with_many_letters_for_layers_takes_no_time() -> None:
    letters = "abcdefghiklmnopqrs"
    claim = " + ".join(f"W_{c} y_{c}" for c in letters) + " = 0"
    report = check_document(f"{BELOW}\n$${claim}$$\n$$y_{{j+1}} = \\phi(W_j y_j + b_j)$$")
    assert report.ok


def test_the_order_of_two_letters_may_be_taken_for_granted() -> None:
    claim = (
        r"\frac{\partial h_s}{\partial h_r} = \prod_{t=r+1}^{s} "
        r"\frac{\partial h_t}{\partial h_{t-1}}"
    )
    report = check_document(f"{RECURRENT}\n$${claim}$$\n")
    assert last(report)[0] in ("true", "true_if"), report.claims[-1].verdict
