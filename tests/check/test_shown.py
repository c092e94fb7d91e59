"""Mends in documents: in the names of the document, at the printed precision, where facts hold."""

from __future__ import annotations

import pytest

from chainrule.check.document import Checked, check_document


def last(text: str) -> Checked:
    """The last claim of a document."""
    return check_document(text, kind="markdown").claims[-1]


def mended(text: str) -> tuple[str, str, str]:
    """Verdict, kind of slip and mend of the last claim."""
    v = last(text).verdict
    assert v is not None
    return v.kind, v.slip.kind if v.slip else "", v.mend.plain if v.mend else ""


LAYER = (
    r"We use numerator layout. Let $s = V u$ with $V\in\mathbb{R}^{p\times q}$, "
    r"$u\in\mathbb{R}^q$, $s \in \mathbb{R}^p$ and $\gamma=\frac{\partial E}{\partial s}$."
)


@pytest.mark.parametrize("chain", [
    r"\sum_{k=1}^%s\gamma_k\frac{\partial s_k}{\partial V_{ij}}=\gamma_i u_j",
    r"\gamma\frac{\partial s}{\partial V_{ij}}=\sum_{k=1}^%s\gamma_k\frac{\partial s_k}"
    r"{\partial V_{ij}}=\gamma_i u_j",
])  # fmt: skip
def test_a_sum_beyond_its_entries_is_a_wrong_range(chain: str) -> None:
    text = LAYER + "\n\n$$" + r"\frac{\partial E}{\partial V_{ij}}=" + chain + "$$\n"
    assert mended(text % "p")[0] == "true"
    kind, slip, mend = mended(text % "q")
    assert (kind, slip) == ("ill_formed", "range")
    assert mend == "sum(k=1:p, gamma[:,k]*grad(s[k],V)[i,j])"


def test_another_entry_of_a_grid_is_mended_where_it_is_printed() -> None:
    kind, slip, mend = mended(r"""
Let $g:\mathbb{R}^p \rightarrow \mathbb{R}^q$ be a function with
$$\frac{\partial g}{\partial u} = \begin{bmatrix}
\frac{\partial g_1}{\partial u_1} & \cdots & \frac{\partial g_1}{\partial u_p} \\
\vdots & \ddots & \vdots \\
\frac{\partial g_q}{\partial u_1} & \cdots & \frac{\partial g_p}{\partial u_p}
\end{bmatrix}$$
""")
    assert (kind, slip, mend) == ("false", "index", "grad(g[q],u)[p]")


NET = r"""
We use numerator layout. $W \in \mathbb{R}^{h\times d}$, $c\in\mathbb{R}^h$,
$V\in\mathbb{R}^{k\times h}$. Let $a = W x + c$, $r = \tanh(a)$, $o = V r$ and
$\gamma = \frac{\partial E}{\partial o}$ for a loss $E$.

"""


@pytest.mark.parametrize("link", [r"\frac{\partial E}{\partial o}", r"\frac{\partial E}{o}"])
def test_a_wrong_variable_in_a_chain_is_shown_as_a_derivative(link: str) -> None:
    text = NET + r"$$\frac{\partial E}{\partial x} = " + link + r"\frac{\partial a}{\partial x}$$"
    v = last(text).verdict
    assert v is not None and v.slip is not None and v.mend is not None
    assert "wrong variable in the chain" in v.slip.message
    assert v.mend.plain == "grad(E,a)*grad(a,x)"


@pytest.mark.parametrize("claim", [
    r"\frac{\partial E}{\partial x} = 3 x^T", r"\frac{\partial E}{\partial r} = x^T",
])  # fmt: skip
def test_a_claim_that_may_tell_what_an_unwritten_function_is_stays_open(claim: str) -> None:
    v = last(NET + f"$${claim}$$").verdict
    assert v is not None and v.kind == "unknown"


@pytest.mark.parametrize("claim", [
    r"\frac{\partial E}{\partial a} = \frac{\partial E}{\partial o}",
    r"\frac{\partial E}{\partial x} = \frac{\partial E}{\partial r} W",
])  # fmt: skip
def test_no_mend_shows_the_instance_of_an_unwritten_function(claim: str) -> None:
    v = last(NET + f"$${claim}$$").verdict
    assert v is not None and v.kind in ("false", "ill_formed") and v.mends
    for m in v.mends:
        assert "E_of" not in m.plain and "E_weights" not in m.plain
    assert "grad(E," in v.mends[-1].plain or "gamma" in v.mends[-1].plain
    assert v.slip is not None and "E_of" not in v.slip.message


def test_sizes_are_compared_in_the_names_of_the_document() -> None:
    chain = r"\frac{\partial E}{\partial o} \frac{\partial a}{\partial x}"
    v = last(NET + rf"$$\frac{{\partial E}}{{\partial x}} = {chain}$$").verdict
    assert v is not None and v.reason is not None
    assert "grad(E,o) (1×k) times grad(a,x) (h×d)" in v.reason


def test_a_sum_over_the_wrong_index() -> None:
    kind, slip, mend = mended(r"""
Let $A \in \mathbb{R}^{p\times q}$, $B \in \mathbb{R}^{q\times r}$.

$$(A B)_{ij} = \sum_i A_{il} B_{lj}$$
""")
    assert (kind, slip, mend) == ("false", "index", "sum(l=1:q, A[i,l]*B[l,j])")


def test_two_misfits_one_inside_the_other() -> None:
    kind, slip, mend = mended(r"""
Let $s = \sigma(W u)$ with $W \in \mathbb{R}^{p\times q}$, $u \in \mathbb{R}^q$.

$$\frac{\partial s}{\partial W} = \text{diag}(s (1 - s)) \cdot u^T$$
""")
    assert (kind, slip) == ("ill_formed", "kron_order")
    assert mend == "kron(u',diag(s.*(1-s)))"


@pytest.mark.parametrize(("claim", "mend"), [
    (r"\frac{1}{3} \begin{bmatrix}1\\2\end{bmatrix} \approx \begin{bmatrix}0.33\\0.76\end{bmatrix}",
     "vcat(0.33,0.67)"),
    (r"\sqrt{3} \approx 1.72", "1.73"),
    (r"2^{-1} \approx 0.40", "0.50"),
])  # fmt: skip
def test_wrong_numbers_at_the_printed_precision(claim: str, mend: str) -> None:
    found = mended(f"$${claim}$$")
    assert found[1:] == ("numeric", mend)


def test_numbers_of_a_mend_in_latex() -> None:
    v = last(
        r"$$3 \begin{bmatrix}0.5 & 1\end{bmatrix} \approx \begin{bmatrix}1.4 & 3\end{bmatrix}$$"
    )
    assert v.verdict is not None and v.verdict.mend is not None
    assert v.verdict.mend.latex == r"\begin{bmatrix} 1.5 & 3 \end{bmatrix}"


def test_kronecker_product_with_an_identity_of_no_known_size() -> None:
    kind, slip, mend = mended(r"""
Let $g \in \mathbb{R}^p$, $u \in \mathbb{R}^q$.

$$g^T (u \otimes I) = \operatorname{vec}^T(g u^T)$$
""")
    assert (kind, slip, mend) == ("ill_formed", "transpose", "g'*kron(u',eye(p))")


ORTHOGONAL = r"""
Let $Q \in \mathbb{R}^{m\times n}$, $D\in\mathbb{R}^{n\times n}$, $R\in\mathbb{R}^{n\times n}$ with
$Q^T Q = I$, $R^T R = I$ and $M = Q D R^T$.

"""


@pytest.mark.parametrize(("claim", "kind"), [
    ("M^+ = R D^+ Q^T", "true_if"), ("Q^T M R = D", "true_if"),
    ("Q^T M R = 2 D", "false"), ("M R = Q D", "true_if"),
])  # fmt: skip
def test_stated_equations_about_variables_count(claim: str, kind: str) -> None:
    assert mended(ORTHOGONAL + f"$${claim}$$")[0] == kind


def test_a_value_for_an_example_is_no_fact() -> None:
    text = r"Let $v \in \mathbb{R}^n$, $B \in \mathbb{R}^{n\times n}$. At first $v = 0$." + "\n\n"
    assert mended(text + r"$$\nabla_v (v^T B v) = (B - B^T) v$$")[:2] == ("false", "sign")


def test_a_counterexample_keeps_to_what_was_stated() -> None:
    v = last(ORTHOGONAL + "$$Q^T M R = 2 D$$").verdict
    assert v is not None and v.counterexample is not None
    q = v.counterexample.values["Q"]
    for j in range(len(q[0])):
        assert abs(sum(row[j] ** 2 for row in q) - 1) < 1e-8


PROJECTION = r"Let $P \in \mathbb{R}^{n\times n}$ with $P^2 = P$, $P^T = P$." + "\n\n"


@pytest.mark.parametrize(("claim", "kind"), [
    ("(I - P)^2 = I - P", "true_if"), ("(I - 2 P)^2 = I", "true_if"),
    ("(I - P)^2 = I + P", "false"),
])  # fmt: skip
def test_an_equation_in_one_variable_says_what_it_is_like(claim: str, kind: str) -> None:
    report = check_document(PROJECTION + f"$${claim}$$", kind="markdown")
    assert all(c.verdict is None or c.verdict.kind != "false" for c in report.statements[:-1])
    assert mended(PROJECTION + f"$${claim}$$")[0] == kind


@pytest.mark.parametrize(("claim", "kind"), [
    ("(F G)^T = F^T G^T", "false"), ("(F G)^{-1} = F^{-1} G^{-1}", "false"),
    (r"\det(2 F) = 2 \det(F)", "false"), ("(F G)^T = G^T F^T", "true"),
    ("(2 F)^{-1} = F^{-1} / 2", "true"), ("e^{a + b} = e^a e^b", "true"),
])  # fmt: skip
def test_capital_letters_that_are_transposed_or_inverted_are_matrices(
    claim: str, kind: str
) -> None:
    assert mended(f"$${claim}$$")[0] == kind
