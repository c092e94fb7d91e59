"""Names of the problem before, where a problem refers to it."""

from __future__ import annotations

from chainrule.check.document import check_document
from chainrule.statements import read_document
from chainrule.write import plain

FIRST = r"""
# Problem 1

Let $Z \in \mathbb{R}^{n\times k}$ and $Y \in \{0,1\}^{n\times k}$, and
$Q = -\sum_{i=1}^n \sum_{j=1}^k y_{ij} z_{ij}$.

$$\frac{\partial Q}{\partial Z} = -Y$$

# Problem 2
"""
LAYER = r"""
$$z_{ij} = t_{ij} - \log \sum_{l=1}^k \exp(t_{il})$$
"""
GOES_ON = FIRST + "\nWe know $Q$ from the previous problem.\n" + LAYER


def verdicts(text: str) -> list[tuple[int, str]]:
    return [
        (c.placed.line, c.verdict.kind)
        for c in check_document(text).claims
        if c.verdict is not None
    ]


def test_a_variable_of_the_problem_before_may_be_defined() -> None:
    found = read_document(GOES_ON + r"$$\frac{\partial Q}{\partial t_{ij}}$$").statements
    definition, last = found[-2].stated, found[-1].stated
    assert (definition.kind, definition.name) == ("definition", "Z")
    assert "Y[i,j]*(t-log(exp(t)*ones(k))*ones(k)')[i,j]" in plain(last.expressions[0])


def test_without_a_reference_names_start_afresh() -> None:
    found = read_document(FIRST + LAYER).statements
    assert (found[-1].stated.kind, found[-1].stated.name) == ("definition", "z")


def test_an_entry_of_a_declared_matrix_is_still_a_claim_in_its_own_problem() -> None:
    text = r"Let $Z, T \in \mathbb{R}^{n\times k}$. $$z_{ij} = t_{ij}$$"
    assert read_document(text).statements[-1].stated.kind == "equation"


def test_right_and_wrong_gradients_through_both_problems() -> None:
    right = GOES_ON + (
        "\nHere $c_i$ is the class of sample $i$.\n\n"
        r"$$\frac{\partial Q}{\partial t_{ij}} = \operatorname{softmax}_j(t_i) - [j = c_i]$$"
        "\n\n"
        r"$$\frac{\partial Q}{\partial T} = \operatorname{softmax}(T) - Y$$"
    )
    assert {kind for _, kind in verdicts(right)} == {"true"}
    assert len(verdicts(right)) == 3
    wrong = right.replace(r"\operatorname{softmax}(T) - Y", r"Y - \operatorname{softmax}(T)")
    assert verdicts(wrong)[-1][1] == "false"


def test_definitions_of_the_problem_before_give_way() -> None:
    text = r"""
# Problem 1
Let $x, a \in \mathbb{R}^n$ and $f = a^\top x$.
# Problem 2
As in the previous problem, but let $f = x^\top x$.
$$\nabla_x f = 2x$$
"""
    assert [kind for _, kind in verdicts(text)] == ["true"]


def test_derivative_by_a_row() -> None:
    text = r"""
Let $Z, Y \in \mathbb{R}^{n\times k}$ and $Q = \sum_{i}\sum_j y_{ij} z_{ij}^2$.
$$\frac{\partial Q}{\partial z_i} = 2\, y_i \odot z_i$$
$$\frac{\partial Q}{\partial y_i} = z_i \odot z_i$$
$$\frac{\partial Q}{\partial z_i} = y_i \odot z_i$$
"""
    assert [kind for _, kind in verdicts(text)] == ["true", "true", "false"]


def test_softmax_of_a_matrix_is_taken_row_by_row() -> None:
    text = r"""
Let $X \in \mathbb{R}^{n\times d}$ and $W \in \mathbb{R}^{d\times k}$.
$$P = \operatorname{softmax}(X W)$$
$$P \mathbf{1} = \mathbf{1}$$
"""
    found = read_document(text).statements
    (p,) = (s.stated for s in found if s.stated.name == "P")
    assert plain(p.expressions[0]) == "softmax_rows(X*W)"
    assert any("row by row" in r for r in p.remarks)
    assert [kind for _, kind in verdicts(text)] == ["true"]
