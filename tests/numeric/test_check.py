"""Right derivatives are certified, wrong ones are not."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule.errors import UsageError
from chainrule.expr import Expr, symbol
from chainrule.numeric import check, directional, sample
from chainrule.numeric.check import KINDS, Certificate
from chainrule.read import read

VARS = ["A: m,n; B: m,n; S: n,n symmetric; M: n,n; X: m,n; K: n,n skew; L: n,n lower",
        "x: n; y: n; b: m; t: scalar; D: n,n diagonal; P: n,n positive_definite",
        "dX: m,n; dx: n; dM: n,n; dt: scalar"]  # fmt: skip


def expr(text: str) -> Expr:
    return read(text, VARS).expr


def variable(name: str) -> Expr:
    return read("0", VARS, hints=[name]).variables[name]


def judge(f: str, x: str, claim: str, kind: str, structure: str | None = None) -> Certificate:
    return check(expr(f), variable(x), expr(claim), kind, structure=structure)


RIGHT = [
    ("norm2(A*x-b)^2", "x", "2*A'*(A*x-b)", "gradient"),
    ("norm2(A*x-b)^2", "x", "2*(A*x-b)'*A", "gradient_T"),
    ("x'*M*x", "x", "(M+M')*x", "gradient"),
    ("tr(A*X')", "X", "A", "gradient"),
    ("tr(A*X')", "X", "A'", "gradient_T"),
    ("log(det(M))", "M", "inv(M)'", "gradient"),
    ("sum(relu(A*x))", "x", "A'*step(A*x)", "gradient"),
    ("t^3", "t", "3*t^2", "gradient"),
    ("sin(A*x)", "x", "diag(cos(A*x))*A", "jacobian"),
    ("sin(A*x)", "x", "A'*diag(cos(A*x))", "jacobian_T"),
    ("x'*M", "x", "M'", "jacobian"),
    ("A*exp(t*x)", "t", "A*(x.*exp(t*x))", "by_scalar"),
    ("t*A+t^2*B", "t", "(A+2*t*B)'", "by_scalar_T"),
    ("A*x*t^2", "t", "2*t*A*x", "jacobian"),
    ("inv(M)", "M", "-kron(inv(M)',inv(M))", "vec"),
    ("X'", "X", "commut(m,n)", "vec"),
    ("X'", "X", "commut(n,m)", "vec_T"),
    ("inv(M)", "M", "-inv(M)*dM*inv(M)", "differential"),
    ("tr(X*X')", "X", "2*tr(X'*dX)", "differential"),
    ("phi(A*x)", "x", "diag(phi'(A*x))*A", "jacobian"),
    ("sum(phi'(x))", "x", "phi''(x)", "gradient"),
    ("sum(abs(D*x))", "x", "D*sign(D*x)", "gradient"),
    ("sum(relu(L))", "L", "step(L)", "gradient"),
    ("x'*K*x", "x", "zeros(n)", "gradient"),
    ("sum(y)", "x", "zeros(n)", "gradient"),
    ("tr(expm(M))", "M", "expm(M)'", "gradient"),
    ("eigmax(S)", "S", "vmax(S)*vmax(S)'", "gradient"),
]  # fmt: skip


@pytest.mark.parametrize("case", RIGHT, ids=lambda c: f"{c[0]} by {c[1]} {c[3]}")
def test_right(case: tuple[str, str, str, str]) -> None:
    found = judge(*case)
    assert found.verdict == "equal", found
    assert found.by == ("numerical",)
    assert found.max_relative_error is not None
    assert found.max_relative_error < 1e-6


WRONG = [
    ("x'*M*x", "x", "(M+M)*x", "gradient"),
    ("x'*M*x", "x", "2*M*x", "gradient"),
    ("norm2(A*x-b)^2", "x", "A'*(A*x-b)", "gradient"),
    ("norm2(A*x-b)^2", "x", "-2*A'*(A*x-b)", "gradient"),
    ("log(det(M))", "M", "inv(M)", "gradient"),
    ("tr(M^3)", "M", "3*M^2", "gradient"),
    ("sin(A*x)", "x", "diag(sin(A*x))*A", "jacobian"),
    ("inv(M)", "M", "-kron(inv(M),inv(M))", "vec"),
    ("inv(M)", "M", "inv(M)*dM*inv(M)", "differential"),
    ("X'", "X", "commut(n,m)", "vec"),
    ("relu(x'*y)", "x", "sign(x'*y)*y", "gradient"),
    ("relu(x'*y)", "x", "y", "gradient"),
    ("relu(x'*y)", "x", "zeros(n)", "gradient"),
    ("t^2*relu(t)", "t", "3*t^2", "gradient"),
    ("phi(A*x)", "x", "diag(psi'(A*x))*A", "jacobian"),
    ("phi(A*x)", "x", "diag(phi''(A*x))*A", "jacobian"),
    ("sum(x)", "x", "zeros(n)", "gradient"),
    ("exp(-100*x'*x)", "x", "-201*x*exp(-100*x'*x)", "gradient"),
    ("x'*K*x", "x", "K*x", "gradient"),
    ("x'*x", "x", "1.00001*2*x", "gradient"),
]  # fmt: skip


@pytest.mark.parametrize("case", WRONG, ids=lambda c: f"{c[0]} by {c[1]} not {c[2]}")
def test_wrong(case: tuple[str, str, str, str]) -> None:
    found = judge(*case)
    # a part in 1e5 is above what agrees, but below what a difference quotient alone may condemn
    wanted = ("unknown",) if "1.00001" in case[2] else ("different",)
    assert found.verdict in wanted, found


@pytest.mark.parametrize(
    ("f", "x", "claim", "kind"),
    [("x'*x", "x", "2*x'", "gradient"), ("x'*x", "x", "2", "gradient"),
     ("tr(A*X')", "X", "A'", "gradient"), ("sin(A*x)", "x", "A'*diag(cos(A*x))", "jacobian"),
     ("inv(M)", "M", "-inv(M)*inv(M)", "vec"), ("t*x", "t", "x'", "by_scalar")],
)  # fmt: skip
def test_a_wrong_shape_needs_no_numbers(f: str, x: str, claim: str, kind: str) -> None:
    found = judge(f, x, claim, kind)
    assert (found.verdict, found.by) == ("different", ("shape",))
    assert "×" in found.detail


STRUCTURED = [
    ("tr(S*S)", "S", "2*S", "symmetric_project", True),
    ("tr(S*S)", "S", "4*S-2*S.*eye(n)", "symmetric_entries", True),
    ("tr(S*S)", "S", "2*S", "symmetric_entries", False),
    ("tr(M*S)", "S", "1/2*(M+M')", "symmetric_project", True),
    ("tr(M*S)", "S", "M'", "symmetric_project", False),
    ("tr(M*S)", "S", "M+M'-M.*eye(n)", "symmetric_entries", True),
    ("tr(M*P)", "P", "1/2*(M+M')", "symmetric_project", True),
    ("tr(M*S)", "S", "M'", None, True),
    ("tr(M*K)", "K", "1/2*(M'-M)", "skew_project", True),
    ("tr(M*K)", "K", "M'", "skew_project", False),
    ("tr(M*K)", "K", "M'-M", "skew_entries", True),
    ("tr(M*K)", "K", "1/2*(M'-M)", "skew_entries", False),
    ("tr(M*D)", "D", "diag(diag(M))", "diagonal", True),
    ("tr(M*D)", "D", "M'", "diagonal", False),
]


@pytest.mark.parametrize("case", STRUCTURED, ids=lambda c: f"{c[0]} {c[2]} {c[3]}")
def test_structure(case: tuple[str, str, str, str | None, bool]) -> None:
    f, x, claim, structure, right = case
    found = judge(f, x, claim, "gradient", structure)
    assert found.verdict == ("equal" if right else "different"), found


def test_names_for_parts_of_the_claim() -> None:
    where = (("r", expr("A*x-b")), ("q", read("2*r", ["r: m"]).expr))
    claim = read("A'*q", ["A: m,n; q: m"]).expr
    found = check(expr("norm2(A*x-b)^2"), variable("x"), claim, "gradient", where=where)
    assert found.verdict == "equal"


def test_unknown_says_why() -> None:
    found = judge("log(-x'*x)", "x", "x", "gradient")
    assert found.verdict == "unknown"
    assert "leaves its domain" in found.detail
    found = judge("x'*x", "x", "x/log(-x'*x)", "gradient")
    assert found.verdict == "unknown"
    assert "cannot be evaluated" in found.detail


def test_a_claim_with_a_foreign_variable_is_different() -> None:
    assert judge("x'*x", "x", "2*y", "gradient").verdict == "different"


def test_a_kink_seen_from_one_side_only_is_no_proof() -> None:
    found = judge("relu(-x'*x)", "x", "x", "gradient")
    assert found.verdict == "different"
    found = judge("relu(-x'*x)", "x", "step(-x'*x)*x", "gradient")
    assert found.verdict == "unknown"


def test_unknown_kind() -> None:
    with pytest.raises(UsageError, match="gradient_T"):
        judge("x'*x", "x", "x", "slope")
    assert "differential" in KINDS


def test_directional_is_accurate() -> None:
    f, x = expr("exp(sin(x'*M*x))/norm2(x)"), variable("x")
    point = sample([f], 3)
    v, M = point.values["x"], point.values["M"]
    d = np.linspace(-1, 1, len(v))[:, None]
    q, n = (v.T @ M @ v).item(), np.linalg.norm(v)
    gradient = np.exp(np.sin(q)) * (np.cos(q) * (M + M.T) @ v / n - v / n**3)
    found = directional(f, x, point, d)
    assert found.item() == pytest.approx((gradient.T @ d).item(), rel=1e-9)


def test_directional_keeps_its_accuracy_near_a_kink() -> None:
    x = symbol("x", 1)
    f = read("relu(x)^2+x", ["x: scalar"]).expr
    point = sample([f])
    point.values["x"] = np.array([[1e-4]])
    point.known.clear()
    assert directional(f, x, point, np.ones((1, 1))).item() == pytest.approx(1.0002, rel=1e-9)


def test_oscillation_beyond_the_steps_is_not_condemned() -> None:
    found = judge("tan(100000*x'*y)", "x", "100000*(1+tan(100000*x'*y)^2)*y", "gradient")
    assert found.verdict != "different"
