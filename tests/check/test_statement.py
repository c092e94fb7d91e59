"""One statement in its context: what is a claim, and what the context lets it mean."""

from __future__ import annotations

import pytest

from chainrule.check.document import check_document
from chainrule.check.verdict import Verdict
from tests.check import seeds
from tests.statements import founding

SIZES = r"Let $A, B\in\mathbb{R}^{n\times n}$, $x, y, a\in\mathbb{R}^n$, $t\in\mathbb{R}$."


def verdicts(*lines: str, sizes: str = SIZES) -> list[Verdict | None]:
    """Verdicts on the formulas behind the declarations; None for what claims nothing."""
    text = sizes + "\n\n" + "\n\n".join(f"${line}$" for line in lines)
    first = 2 + sizes.count("\n")
    return [c.verdict for c in check_document(text).statements if c.placed.line > first - 1]


def kind(*lines: str, sizes: str = SIZES) -> str | None:
    """The verdict on the last formula."""
    found = verdicts(*lines, sizes=sizes)[-1]
    return None if found is None else found.kind


@pytest.mark.parametrize("lines", [
    ("f = x^T x",), ("A = A^T",), ("x_i = 1",), (r"x \in \mathbb{R}^n",),
    (r"f = x^T A x", r"\nabla_x f = 0"), ("x^T A x",), (r"f : \mathbb{R}^n\to\mathbb{R}",),
    (r"Q = \sum_i L(y_i, x_i)",), ("n = 5",), ("x > 0",), ("f(x) = x^T x",),
])  # fmt: skip
def test_no_claim(lines: tuple[str, ...]) -> None:
    assert kind(*lines) is None


@pytest.mark.parametrize(("line", "expected"), [
    ("x^T y = y^T x", "true"), ("(A B)^T = B^T A^T", "true"), ("A B = B A", "false"),
    (r"\operatorname{tr}(AB) = \operatorname{tr}(BA)", "true"),
    (r"\nabla_x x^T A x = (A+A^T) x", "true"), (r"\nabla_x x^T A x = 2 A x", "true_if"),
    (r"\frac{\partial x^T a}{\partial x} = a^T", "true_in_layout"),
    (r"\frac{\partial x^T a}{\partial x} = a", "true"), ("x y = t", "ill_formed"),
    (r"\nabla_x x^T x = x", "false"), (r"\nabla_x x^T x = 2x + a", "false"),
    (r"x^T y = x^T A y", "false"), (r"\det(A^T) = \det A", "true"),
    (r"\frac{\partial}{\partial t}\, t^3 = 3t^2", "true"),
    (r"\frac{\partial^2}{\partial t^2}\, t^3 = 6t", "true"), (r"d(x^T x) = 2x^T dx", "true"),
    (r"d(x^T A x) = x^T (A + A^T)\,dx", "true"), (r"d(x^T A x) = 2 x^T A\,dx", "true_if"),
    (r"\nabla_A x^T A y = x y^T", "true"), (r"\nabla_A x^T A y = y x^T", "true_in_layout"),
])  # fmt: skip
def test_a_single_claim(line: str, expected: str) -> None:
    assert kind(line) == expected


def test_the_condition_is_named() -> None:
    found = verdicts(r"\nabla_x x^T A x = 2 A x")[-1]
    assert found is not None and found.conditions == ("A symmetric",)
    assert found.mend is not None


def test_declared_symmetry_makes_it_true() -> None:
    sizes = SIZES + " The matrix $A$ is symmetric."
    assert kind(r"\nabla_x x^T A x = 2 A x", sizes=sizes) == "true"


def test_a_layout_that_was_said_is_held_to() -> None:
    sizes = SIZES + " We use denominator layout."
    found = verdicts(r"\frac{\partial x^T a}{\partial x} = a^T", sizes=sizes)[-1]
    assert found is not None
    assert (found.kind, found.layout) == ("true_in_layout", "numerator")
    assert kind(r"\frac{\partial x^T a}{\partial x} = a", sizes=sizes) == "true"


DATA = r"Let $X\in\mathbb{R}^{n\times d}$, $w\in\mathbb{R}^d$, $y\in\mathbb{R}^n$."
LOSS = r"L = \|Xw-y\|^2"


@pytest.mark.parametrize(("lines", "expected"), [
    ((r"\nabla_w L = 2X^T(Xw-y) = 0 \Rightarrow w = (X^TX)^{-1}X^Ty",), "true_if"),
    ((r"\nabla_w L = 2X^T(Xw-y) = 0", r"\Rightarrow w = (X^TX)^{-1}X^Ty"), "true_if"),
    ((r"\nabla_w L = 0 \Rightarrow X^TXw = X^Ty",), "true_if"),
    ((r"\nabla_w L = 2X^T(Xw-y) = 0", "X^TXw = X^Ty"), "true_if"),
    ((r"\nabla_w L = 2X^T(Xw-y) = 0", r"\Rightarrow w = (XX^T)^{-1}X^Ty"), "ill_formed"),
    ((r"\nabla_w L = 2X^T(Xw-y) = 0", r"\Rightarrow w = 2(X^TX)^{-1}X^Ty"), "false"),
    ((r"\nabla_w L = X^T(Xw-y) = 0",), "false"),
    ((r"\nabla_w L = 0 \Rightarrow X^TXw = 2X^Ty",), "false"),
    ((r"\nabla_w L = 0", r"\nabla_w L = X^T(Xw-y)"), "false"),
])  # fmt: skip
def test_stationarity(lines: tuple[str, ...], expected: str) -> None:
    assert kind(LOSS, *lines, sizes=DATA) == expected


@pytest.mark.parametrize(("lines", "expected"), [
    ((r"p = \begin{bmatrix}1\\2\end{bmatrix}", r"p^T p = 5"), "true"),
    ((r"p = \begin{bmatrix}1\\2\end{bmatrix}", r"p^T p = 6"), "false"),
    ((r"u = \begin{bmatrix}0.5\\1\end{bmatrix}",
      r"\sigma(u) = \begin{bmatrix}0.62\\0.73\end{bmatrix}"), "true"),
    ((r"s = 0.5", r"\sigma(s) \approx 0.62"), "true"), ((r"s = 0.5", r"\sigma(s) \approx 0.63"),
     "true_if"), ((r"s = 0.5", r"\sigma(s) \approx 0.64"), "false"),
    ((r"\sqrt{2} \approx 1.41",), "true"), ((r"\sqrt{2} \approx 1.4142",), "true"),
    ((r"\sqrt{2} \approx 1.44",), "false"),
])  # fmt: skip
def test_numbers(lines: tuple[str, ...], expected: str) -> None:
    assert kind(*lines) == expected


@pytest.fixture(scope="module", params=founding.NUMBERS)
def founded(request: pytest.FixtureRequest) -> tuple[str, seeds.Outcome]:
    """A founding document, checked."""
    return request.param, seeds.outcome(request.param)


DETECTED = {"000": 10, "001": 7, "002": 2, "003": 4, "004": 1}
"""Wrong statements found at the time of writing: fewer is a step back."""
HOLDING = {"000": 18, "001": 21, "002": 16, "003": 24, "004": 22}


def test_founding_documents(founded: tuple[str, seeds.Outcome]) -> None:
    number, found = founded
    assert found.alarms == []
    assert "missed" not in found.states.values(), "a wrong statement is called true"
    assert found.counts["detected"] >= DETECTED[number]
    assert found.counts["holds"] >= HOLDING[number]
