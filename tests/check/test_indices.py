"""Index notation and cheat sheets: what texts on matrix calculus leave to their readers."""

from __future__ import annotations

import pytest

from chainrule.check.document import Report, check_document
from chainrule.check.verdict import WRONG


def kinds(text: str) -> list[str]:
    """The kinds of the verdicts on a text."""
    return [c.verdict.kind for c in report(text).claims if c.verdict is not None]


def report(text: str) -> Report:
    return check_document(text, kind="markdown")


GIVEN = r"Let $P, Q \in \mathbb{R}^{n\times n}$ and $u\in\mathbb{R}^n$." + "\n\n"
EINSTEIN = "We use Einstein's summation convention. " + GIVEN


@pytest.mark.parametrize(
    "claim",
    [
        r"\operatorname{tr}(P Q) = P_{ij} Q_{ji}",
        r"\frac{\partial (u^\top P u)}{\partial u_k} = P_{kj} u_j + u_i P_{ik}",
        r"\frac{\partial (P_{ij} Q_{ji})}{\partial P_{rs}} = \delta_{ir} \delta_{js} Q_{ji} "
        r"= Q_{sr}",
        r"(P Q)_{rs} = P_{rj} Q_{js}",
    ],
)
def test_repeated_indices_are_summed(claim: str) -> None:
    assert kinds(f"{GIVEN}${claim}$") == ["true_if"]
    assert kinds(f"{EINSTEIN}${claim}$") == ["true"]


@pytest.mark.parametrize(
    "claim",
    [
        r"\operatorname{tr}(P Q) = P_{ij} Q_{ij}",
        r"\frac{\partial (u^\top P u)}{\partial u_k} = P_{kj} u_j + u_i P_{ki}",
        r"\frac{\partial (P_{ij} Q_{ji})}{\partial P_{rs}} = \delta_{ir} \delta_{js} Q_{ji} "
        r"= Q_{rs}",
        r"(P Q)_{rs} = P_{rj} Q_{sj}",
    ],
)
def test_wrong_indices_are_found(claim: str) -> None:
    assert kinds(f"{EINSTEIN}${claim}$")[0] in (*WRONG, "true_if")
    assert kinds(f"{GIVEN}${claim}$")[0] in (*WRONG, "true_if")


def test_a_matrix_may_stand_for_its_entry() -> None:
    chain = r"\delta_{ik} \delta_{jl} Q_{ji} = Q_{%s} = Q%s"
    assert kinds(f"{GIVEN}${chain % ('lk', '^T')}$") == ["true_if"]
    for wrong in (("lk", ""), ("kl", "^T"), ("kl", "")):
        found = report(f"{GIVEN}${chain % wrong}$").claims[0].verdict
        assert found is not None
        assert found.kind in WRONG or found.conditions[-1] in ("Q symmetric", "Q is symmetric")


def test_a_sum_that_is_written_is_not_written_twice() -> None:
    assert kinds(r"$\operatorname{tr}(P Q) = \sum_i \sum_j P_{ij} Q_{ji}$") == ["true"]


def test_the_domain_of_a_derivative_inside_a_sum() -> None:
    found = report(
        EINSTEIN + r"$\frac{\partial (P_{ij} Q_{ji})}{\partial P_{kl}} = "
        r"\frac{\partial P_{ij}}{\partial P_{kl}} Q_{ji} = Q_{lk}$"
    )
    assert [c.verdict.kind for c in found.claims if c.verdict] == ["true"]


@pytest.mark.parametrize(
    "text",
    [
        # functions that nothing defines
        r"$\frac{\partial}{\partial Z} \det(f(Z)) = \det(f(Z)) \operatorname{tr}\left(f(Z)^{-1} "
        r"\frac{\partial f(Z)}{\partial Z}\right)$",
        r"$\frac{\partial}{\partial Z}\operatorname{tr}(g(Z)) = "
        r"\operatorname{tr}\left(\frac{\partial g(Z)}{\partial Z}\right)$",
        r"$\frac{\partial \Psi}{\partial Z} = 2 Z - \operatorname{tr}(Z) I$",
        r"Let $Z\in\mathbb{R}^{m\times n}$. If $f(Z)=c$ is constant, then "
        r"$\frac{\partial c}{\partial Z} = \mathbf{0}_{m\times n}$.",
        # entries in small letters beside the matrix
        r"$\sum_{i=1}^m\sum_{j=1}^n \frac{\partial f}{\partial z_{ij}} dz_{ij} = "
        r"\operatorname{tr}\left(\frac{\partial f}{\partial Z}^\top dZ\right)$",
    ],
)
def test_what_is_written_nowhere_stays_open(text: str) -> None:
    assert not set(kinds(text)) & set(WRONG)


SIZED = r"Let $Z\in\mathbb{R}^{m\times n}$." + "\n\n"


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (r"\mathrm{d}|Z| = |Z| \operatorname{tr}(Z^{-1} \mathrm{d}Z)", "true_if"),
        (r"\mathrm{d}Z^{-1} = -Z^{-1} (\mathrm{d}Z) Z^{-1}", "true_if"),
        (r"\mathrm{d}\operatorname{tr}(Z) = \operatorname{tr}(\mathrm{d}Z)", "true_if"),
        (r"\mathrm{d}Z^{-1} = Z^{-1} (\mathrm{d}Z) Z^{-1}", "false"),
    ],
)
def test_rules_for_square_matrices_in_a_list_for_all(claim: str, expected: str) -> None:
    found = report(f"{SIZED}${claim}$").claims[0].verdict
    assert found is not None
    assert found.kind == expected
    if expected == "true_if":
        assert found.conditions == ("Z is square",)


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (r"d \mathbf{Z}^{-1} = -\mathbf{Z}^{-1} (d \mathbf{Z}) \mathbf{Z}^{-1}", "true"),
        (r"d \mathbf{Z}^{-1} = \mathbf{Z}^{-1} (d \mathbf{Z}) \mathbf{Z}^{-1}", "false"),
        (r"d (Z \odot Z) = 2 Z \odot d Z", "true"),
        (r"d (Z \odot Z) = Z \odot d Z", "false"),
        (r"(P .* Q)^T = P^T .* Q^T", "true"),
        (r"(P .* Q)^T = P^T Q^T", "false"),
        (r"\operatorname{vec}(Z^\top) = K_{mn} \operatorname{vec}(Z)", "true"),
        (r"\frac{\partial \operatorname{vec}(P Z Q)}{\partial \operatorname{vec}(Z)} = "
         r"Q^\top \otimes P", "true"),
        (r"\frac{\partial \operatorname{vec}(P Z Q)}{\partial \operatorname{vec}(Z)} = "
         r"Q \otimes P^\top", "true_in_layout"),
        (r"\frac{\partial \operatorname{tr}(P Z)}{\partial \operatorname{vec}(Z)} = "
         r"\operatorname{vec}(P^\top)", "true"),
    ],
)  # fmt: skip
def test_spellings(claim: str, expected: str) -> None:
    assert kinds(f"${claim}$") == [expected]


def test_a_wrong_jacobian_by_vec_is_found() -> None:
    claim = r"\frac{\partial \operatorname{vec}(P Z Q)}{\partial \operatorname{vec}(Z)}"
    assert kinds(f"${claim} = 2 Q^\\top \\otimes P$")[0] in WRONG


def test_a_commutation_matrix_declared_in_passing() -> None:
    text = (
        r"The matrix $K_{mn} \in \mathbb{R}^{mn\times mn}$ is orthogonal. "
        r"Let $Z\in\mathbb{R}^{m\times n}$. $\operatorname{vec}(Z^\top) = "
        r"K_{mn}\operatorname{vec}(Z)$ and $K_{nm} K_{mn} = I_{mn}$."
    )
    assert kinds(text) == ["true", "true"]


def test_the_differential_of_a_declared_map() -> None:
    text = r"Let $f: \mathbb{R}^n \mapsto \mathbb{R}^m$, $x\in\mathbb{R}^n$. "
    assert kinds(text + r"$d f = \frac{\partial f}{\partial x} d x$") == ["true"]


def test_the_matrix_of_its_entries() -> None:
    text = r"$\nabla_Z f(Z) = [\frac{\partial}{\partial Z_{ij}} f(Z)]_{ij}$"
    assert kinds(text) == ["true_if"]


def test_the_usual_kinds_come_before_products_entry_by_entry() -> None:
    text = (
        r"$\frac{\partial x^\top P x}{\partial x} = x^\top (P + P^\top)$"
        "\n\n"
        r"$\frac{\partial}{\partial s} (x - P s)^\top W (x - P s) = -2 (x - P s)^\top W P$"
    )
    assert not set(kinds(text)) & set(WRONG)


def test_points_in_a_row() -> None:
    assert not set(kinds(r"$y = [y_1, y_2, ..., y_n]$ and $x = [x_1,...,x_m]^\top$")) & set(WRONG)
