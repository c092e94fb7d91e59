"""Claims on functions that nobody wrote down, or wrote down by their formula."""

from __future__ import annotations

import pytest

from chainrule.check.document import check_document
from chainrule.check.verdict import Verdict
from chainrule.statements import read_document
from chainrule.write import plain


def last(text: str) -> Verdict:
    verdict = check_document(text).claims[-1].verdict
    assert verdict is not None
    return verdict


USUAL = {
    r"\frac{\partial a}{\partial z} = a(1-a)": "g is the logistic function",
    r"\frac{\partial a}{\partial z} = 1 - a^2": "g is tanh",
    r"g'(z) = g(z)(1 - g(z))": "g is the logistic function",
}


@pytest.mark.parametrize("claim", USUAL)
def test_a_function_without_a_definition_may_be_a_usual_one(claim: str) -> None:
    found = last(f"We have $a = g(z)$.\n$${claim}$$\n")
    assert (found.kind, found.conditions[0]) == ("true_if", USUAL[claim])


@pytest.mark.parametrize("claim", [
    r"\frac{\partial a}{\partial z} = a \odot (1-a)", r"\frac{\partial a}{\partial z} = 1 - a",
])  # fmt: skip
def test_a_slope_entry_by_entry(claim: str) -> None:
    text = r"Let $z\in\mathbb{R}^n$ and $a = \sigma(z)$. "
    found = last(f"{text}$${claim}$$")
    if "odot" in claim:
        assert found.kind == "true_if" and "entry by entry" in found.conditions[0]
    else:
        assert found.kind in ("false", "ill_formed")


def test_a_dropped_slope_is_no_usual_function() -> None:
    text = r"Let $a = g(z)$ and $J = \frac12\|a - y\|^2$. $$\frac{\partial J}{\partial z} = a - y$$"
    assert last(text).kind == "false"


WRITTEN = {
    r"g(z) = \frac{1}{1+e^{-z}}": "sigmoid",
    r"g(z) = \frac{e^z}{1 + e^z}": "sigmoid",
    r"g(z) = \frac{e^z - e^{-z}}{e^z + e^{-z}}": "tanh",
    r"g(z) = \log(1 + e^z)": "softplus",
    r"g(z) = \max(0, z)": "relu",
}


@pytest.mark.parametrize("definition", WRITTEN)
def test_a_function_that_is_written_out_is_known(definition: str) -> None:
    text = (
        rf"$${definition}$$ Let $W\in\mathbb{{R}}^{{m\times n}}$, $x\in\mathbb{{R}}^n$. $a = g(Wx)$"
    )
    found = read_document(text).statements[-1].stated
    assert plain(found.expressions[0]) == f"{WRITTEN[definition]}(W*x)"


SLOPES = {
    (r"g(z) = \frac{1}{1+e^{-z}}", r"g'(z) = g(z)(1-g(z))"): "true",
    (r"g(z) = \frac{1}{1+e^{-z}}", r"g'(z) = g(z)(1+g(z))"): "false",
    (r"g(z) = \tanh z", r"g'(z) = 1 - g(z)^2"): "true",
    (r"f(t) = t^3 + 2t", r"f'(t) = 3t^2 + 2"): "true",
    (r"f(t) = t^3 + 2t", r"f'(t) = 3t^2"): "false",
    (r"f(t) = t^3 + 2t", r"f'(2) = 14"): "true",
}


@pytest.mark.parametrize(("definition", "claim"), SLOPES)
def test_a_prime_on_a_defined_function_is_its_derivative(definition: str, claim: str) -> None:
    assert last(f"$${definition}$$\n\n$${claim}$$\n").kind == SLOPES[definition, claim]


def test_a_mean_in_place_of_a_sum_of_losses() -> None:
    text = r"$z = W x$, $a = g(z)$ $$dW = {}\, dz\, x^\top$$"
    found = last(text.replace("{}", r"\frac{1}{m}"))
    assert found.kind == "true_if" and found.conditions[0].startswith("up to the factor 1/m")
    assert last(text.replace("{}", "2")).kind == "false"
    assert not last(text.replace("{}", r"-\frac{1}{m}")).holds
