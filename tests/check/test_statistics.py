"""Likelihoods, means, dual problems and filters, as notes on statistics have them."""

from __future__ import annotations

import pytest

from chainrule.check.document import check_document
from chainrule.check.verdict import Verdict


def verdicts(text: str) -> list[Verdict]:
    return [c.verdict for c in check_document(text, kind="markdown").claims if c.verdict]


def last(text: str) -> Verdict:
    return verdicts(text)[-1]


GAUSS = r"""
$$\ell(m, s^2) = -\frac{n}{2}\log(2\pi s^2) - \frac{1}{2s^2}\sum_{i=1}^n (t_i - m)^2$$
"""
BY_VARIANCE = {
    r"-\frac{n}{2s^2} + \frac{1}{2s^4}\sum_{i=1}^n (t_i-m)^2": "true",
    r"-\frac{n}{2s^2} + \frac{1}{2(s^2)^2}\sum_i (t_i-m)^2 = 0": "true",
    r"-\frac{n}{2s^2} - \frac{1}{2s^4}\sum_{i=1}^n (t_i-m)^2": "false",
    r"-\frac{n}{s} + \frac{1}{s^3}\sum_{i=1}^n (t_i-m)^2": "false",
}


@pytest.mark.parametrize("value", BY_VARIANCE)
def test_a_variance_is_a_variable(value: str) -> None:
    assert (
        last(rf"{GAUSS}$$\frac{{\partial \ell}}{{\partial s^2}} = {value}$$").kind
        == (BY_VARIANCE[value])
    )


def test_a_second_derivative_is_none_by_a_square() -> None:
    text = rf"{GAUSS}$$\frac{{\partial^2 \ell}}{{\partial m^2}} = -\frac{{n}}{{s^2}}$$"
    assert last(text).kind == "true"


MEAN = r"""
$$\hat{m} = \bar{t} = \frac{1}{n}\sum_{i=1}^n t_i$$
"""


@pytest.mark.parametrize(("sign", "kind"), [("-", "true"), ("+", "false")])
def test_a_name_in_the_middle_of_a_chain_is_defined_too(sign: str, kind: str) -> None:
    claim = rf"\sum_{{i=1}}^n (t_i - \bar{{t}})^2 = \sum_{{i=1}}^n t_i^2 {sign} n \bar{{t}}^2"
    assert last(f"{MEAN}$${claim}$$").kind == kind


def test_what_is_compared_with_at_the_end_is_not_defined() -> None:
    text = r"""
Let $A \in \mathbb{R}^{m\times n}$, $x \in \mathbb{R}^n$.
$$u = A x = b$$
$$\nabla_x \|Ax - b\|^2 = 2 A^\top (Ax - b)$$"""
    assert last(text).kind == "true"


def test_the_logarithm_of_a_density_is_taken_of_all_of_it() -> None:
    text = r"""
$$\log \frac{1}{\sqrt{v}} \exp\left(-\frac{t^2}{2v}\right) = -\frac12 \log v - \frac{t^2}{2v}$$"""
    assert last(text).kind == "true"
    assert last(r"$$f(t) = \log t \exp(t)$$ $$f'(t) = e^t/t + e^t \log t$$").kind == "true"


RIDGE = r"""
Let $X \in \mathbb{R}^{n \times d}$, $u \in \mathbb{R}^d$, $t \in \mathbb{R}^n$, $J = \|Xu - t\|^2$.
"""
TO_ZERO = {
    r"0 = X^\top X u - X^\top t": [],
    r"0 = \nabla_u J = 2X^\top(Xu - t)": ["true"],
    r"\nabla_u J = 2X^\top(Xu - t) = \mathbf{0}": ["true"],
    r"0 = \nabla_u J = 2X^\top(Xu + t)": ["false"],
    r"\nabla_u J = 2X(Xu - t) = 0": ["ill_formed"],
    r"X X u - X^\top t = 0": ["ill_formed"],
    r"X^\top(Xu - t) = X^\top X u - X^\top t = 0": ["true"],
    r"\boxed{\nabla_u J = 2X^\top(Xu + t)}": ["false"],
}


@pytest.mark.parametrize("line", TO_ZERO)
def test_what_is_set_to_zero_is_no_claim_but_the_rest_is(line: str) -> None:
    assert [v.kind for v in verdicts(f"{RIDGE}$${line}$$")] == TO_ZERO[line]


def test_a_line_follows_from_what_was_set_to_zero_as_it_was_written() -> None:
    text = r"""
$$L = w^\top C w - \mu (w^\top w - 1)$$
$$\nabla_w L = 2 C w - 2 \mu w = 0$$
$$C w = \mu w$$"""
    assert [v.kind for v in verdicts(text)] == ["true_if", "true_if"]


@pytest.mark.parametrize("value", ["2 W", "W + A"])
def test_nothing_is_wrong_about_a_loss_that_is_written_nowhere(value: str) -> None:
    text = r"Let $W, A \in \mathbb{R}^{n \times d}$. $$\frac{\partial L}{\partial W} = %s$$"
    assert last(text % value).kind == "unknown"


MACHINE = r"""
$$L(w, w_0, \beta) = \tfrac12\|w\|^2 - \sum_{i=1}^m \beta_i\big(t_i(w\cdot x_i + w_0) - 1\big)$$
"""


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (r"\frac{\partial L}{\partial w} = w - \sum_i \beta_i t_i x_i = 0", "true"),
        (r"\frac{\partial L}{\partial w} = w + \sum_i \beta_i t_i x_i = 0", "false"),
        (r"\frac{\partial L}{\partial w_0} = -\sum_i \beta_i t_i = 0", "true"),
        (r"\frac{\partial L}{\partial w_0} = \sum_i \beta_i t_i", "false"),
    ],
)
def test_a_loss_is_a_number(line: str, kind: str) -> None:
    assert last(f"{MACHINE}$${line}$$").kind == kind


def test_matrices_at_one_time_of_a_filter() -> None:
    text = r"""
\begin{align}
S_k &= \mathbb{E}[e_k e_k^\top] \\
&= (I - G_k C_k) S_{k-1} (I - G_k C_k)^\top + G_k N_k G_k^\top
\end{align}
$$\frac{\partial \operatorname{tr}(S_k)}{\partial G_k}
= SIGN 2(I - G_k C_k) S_{k-1} C_k^\top + 2 G_k N_k$$"""
    right, wrong = last(text.replace("SIGN", "-")), last(text.replace("SIGN", ""))
    assert (right.kind, right.conditions) == ("true_if", ("N_k and S_km1 symmetric",))
    assert wrong.kind == "false"


def test_moments_are_no_products() -> None:
    for moment in (r"\mathbb{V}[u]", r"\mathbb{E}[u]", "E[u]"):
        text = rf"Let $A \in \mathbb{{R}}^{{m\times n}}$. $$A {moment} A = A^\top {moment} A$$"
        assert last(text).kind == "unknown"


def test_factors_of_a_decomposition_may_be_orthogonal() -> None:
    found = last(r"Let $A = U S V^\top$. $$A^+ = V S^+ U^\top$$")
    assert (found.kind, found.conditions) == ("true_if", ("U and V orthogonal",))


def test_facts_that_say_the_same() -> None:
    text = r"""
Let $C \in \mathbb{R}^{n \times n}$ be symmetric and $w \in \mathbb{R}^n$.
$$w^\top w = 1$$
$$\|w\|_2 = 1$$
$$w^\top C w = \frac{w^\top C w}{w^\top w}$$
$$w^\top C w = 2 w^\top C w\, w^\top w$$"""
    assert [v.kind for v in verdicts(text)][2:] == ["true_if", "false"]


def test_a_sum_over_a_set_is_refused_by_name() -> None:
    found = last(r"$$\sum_{x_i \in C} x_i - \sum_{x_i \in C} u = 0$$")
    assert found.kind == "unknown" and "members of a set" in str(found.reason)


@pytest.mark.parametrize("sign", ["，", "、", "；"])
def test_punctuation_of_other_scripts(sign: str) -> None:
    text = rf"$$u = 2 v{sign} \quad \because u^\top u = 4 v^\top v$$"
    assert last(text).kind == "true"
