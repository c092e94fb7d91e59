"""Verdicts: true, in a layout, under a condition, false with a counterexample, ill-formed."""

from __future__ import annotations

import json

import numpy as np
import pytest

from chainrule.check import VERDICTS, Claim, Verdict, judge, read_claim
from chainrule.check.points import Clock
from chainrule.errors import ChainruleError
from tests.check.cases import claim_of, load


def said(
    text: str, *declarations: str, definitions: tuple[str, ...] = (), **more: object
) -> Verdict:
    """The verdict on an equation in the text language."""
    claim, sides = read_claim(text, declarations, definitions)
    return judge(claim, names=sides.names, **more)  # type: ignore[arg-type]


def test_true_by_proof() -> None:
    found = said("d(x'*A*x)/d(x) == (A+A')*x")
    assert found.kind == "true" and found.by == ("canonical form",)


def test_true_numerically_where_no_proof_is_found() -> None:
    found = said("inv(A+B) == inv(A)-inv(A)*inv(inv(A)+inv(B))*inv(A)", "A: n,n; B: n,n")
    assert found.kind == "true"


@pytest.mark.parametrize(("right", "layout"), [
    ("x'*(A+A')", "numerator"), ("(A+A')*x", "gradient"),
])  # fmt: skip
def test_layout_is_named(right: str, layout: str) -> None:
    found = said(f"d(x'*A*x)/d(x) == {right}", "A: n,n; x: n")
    assert found.holds and found.layout == layout
    assert (found.kind == "true") == (layout == "gradient")


def test_own_layout_of_a_document_makes_it_true() -> None:
    assert said("d(x'*A*x)/d(x) == x'*(A+A')", "A: n,n; x: n", layout="numerator").kind == "true"


@pytest.mark.parametrize("right", ["kron(inv(X)',inv(X))", "kron(inv(X),inv(X)')"])
def test_vec_layouts_stack_columns_or_rows(right: str) -> None:
    found = said(f"d(inv(X))/d(X) == -{right}", "X: n,n", layout="vec")
    rows = right.startswith("kron(inv(X),")
    assert found.kind == ("true_in_layout" if rows else "true")
    assert found.layout == ("vec_rows" if rows else "vec")


def test_chain_rule_in_numerator_layout_conforms_there_only() -> None:
    found = said("d(Q)/d(w) == d(Q)/d(z)*X", "X: N,D; w: D; y: N",
                 definitions=("z = X*w", "Q = norm2(z-y)^2"), layout="numerator")  # fmt: skip
    assert found.kind == "true"


@pytest.mark.parametrize(("text", "declared", "condition"), [
    ("d(x'*A*x)/d(x) == 2*A*x", "A: n,n; x: n", "A symmetric"),
    ("-y'*(z-ones(n)*logsumexp(z)) == logsumexp(z)-y'*z", "y: n; z: n",
     "the entries of y sum to 1"),
    ("sqrt(a^2) == a", "a: scalar", "a > 0"),
    ("log(det(A*A')) == 0", "A: n,n", "A orthogonal"),
])  # fmt: skip
def test_missing_conditions(text: str, declared: str, condition: str) -> None:
    found = said(text, declared)
    assert found.kind == "true_if" and found.conditions == (condition,)


def test_sizes_that_were_inferred_too_freely() -> None:
    found = said("d(det(A*X*B))/d(X) == det(A*X*B)*inv(X)'")
    assert found.kind == "true_if" and "=" in found.conditions[0]


def test_a_size_that_was_read_as_a_variable() -> None:
    found = said("sum(n*ones(n)) == n^2", "n: scalar")
    assert found.holds or found.kind == "unknown"


def test_derivatives_without_notation_are_judged_by_differences() -> None:
    found = said("d(tr(B'*logm(A)))/d(A) == B'*inv(A)", "A: n,n; B: n,n")
    assert found.kind == "false" and found.counterexample is not None
    assert found.counterexample.left != found.counterexample.right


def test_a_side_without_value_at_a_kink() -> None:
    found = said("d(norm1(x))/d(x) == abs(x)./x", "x: n")
    assert found.kind == "true_if" and found.conditions[0].startswith("x ≠ 0")


def test_a_fact_that_makes_both_sides_zero_is_no_condition() -> None:
    found = said("x'*A*x == 2*x'*A*x", "A: n,n; x: n")
    assert found.kind == "false"  # A skew-symmetric would make it 0 = 0


def test_stationary_point() -> None:
    claim, _ = read_claim("A*x == b", ["A: n,n symmetric; x: n; b: n"])
    gradient, zero = read_claim("A*x - b == zeros(n)", ["A: n,n symmetric; x: n; b: n"])[0].sides
    found = judge(Claim(claim.sides, assuming=((gradient, zero),)))
    assert found.kind == "true_if" and found.conditions == ("at the stationary point",)


@pytest.mark.parametrize(("right", "modulo", "condition"), [
    ("(y-f)^2/(2*s^2)", {"constant"}, "up to an additive constant"),
    ("(y-f)^2", {"constant", "factor"}, "up to an additive constant and a positive factor"),
])  # fmt: skip
def test_modulo(right: str, modulo: set[str], condition: str) -> None:
    claim, _ = read_claim(f"log(s)+(y-f)^2/(2*s^2) == {right}", ["y: scalar; f: scalar; s: scalar"])
    loose = judge(Claim(claim.sides, modulo=frozenset(modulo), wrt=("f",)))
    assert loose.kind == "true_if" and loose.conditions[0].startswith(condition)
    assert judge(claim).kind == "false"


def test_counterexample_is_small_and_replays() -> None:
    found = said("d(x'*A*x)/d(x) == (A-A')*x", "A: n,n; x: n")
    example = found.counterexample
    assert found.kind == "false" and example is not None
    assert max(example.sizes.values()) <= 3
    numbers = [x for rows in example.values.values() for row in rows for x in row]
    assert all(x == round(x, 1) for x in numbers)
    values = {n: np.array(v, dtype=float) for n, v in example.values.items()}
    right = (values["A"] - values["A"].T) @ values["x"]
    np.testing.assert_allclose(right, example.right)
    left = (values["A"] + values["A"].T) @ values["x"]
    np.testing.assert_allclose(left, example.left)


def test_the_numpy_script_of_a_counterexample_runs(capsys: pytest.CaptureFixture[str]) -> None:
    import subprocess
    import sys

    found = said("d(normF(A*X)^2)/d(X) == A'*A*X", "A: m,n; X: n,p")
    assert found.counterexample is not None
    run = subprocess.run([sys.executable, "-c", found.counterexample.numpy()],
                         capture_output=True, text=True, check=True)  # fmt: skip
    printed = [float(t) for t in run.stdout.replace("[", " ").replace("]", " ").split()]
    example = found.counterexample
    both = [x for rows in (example.left, example.right) for row in rows for x in row]
    np.testing.assert_allclose(printed, both, rtol=1e-4, atol=1e-4)


def test_free_indices_are_checked_for_all_values() -> None:
    assert said("(A*x)[i] == sum(j=1:n, A[i,j]*x[j])", "A: m,n; x: n").kind == "true"
    found = said("(A*B)[i,k] == sum(j=1:n, A[i,j]*B[k,j])", "A: m,n; B: n,p")
    assert found.kind in ("false", "ill_formed")


def test_ill_formed_names_the_place_and_the_mend() -> None:
    found = said("d(x'*A*x+b'*x)/d(x) == A*x+x'*A+b", "A: n,n; x: n; b: n")
    assert found.kind in ("ill_formed", "true_in_layout") and found.mend is not None
    found = said("d(tr(A*X*B))/d(X) == A'*B", "A: p,m; X: m,n; B: n,p")
    assert found.kind == "ill_formed" and "columns against" in str(found.reason)
    assert found.mend is not None and found.mend.plain == "A'*B'"


@pytest.mark.parametrize("text", [
    "X^1000000 == X", "exp(exp(exp(exp(exp(x))))) == x", "(a+b)^400 == a^400",
    " + ".join(f"x{i}" for i in range(1100)) + " == y",
    "d(" + "*".join(["X"] * 50) + ")/d(X) == X",
])  # fmt: skip
def test_hostile_input_ends_in_time(text: str) -> None:
    clock = Clock(8.0)
    found = said(text, "X: n,n; x: n")
    assert found.kind in ("false", "unknown") and not clock.over


def test_an_exponent_without_end_is_refused_with_a_reason() -> None:
    with pytest.raises(ChainruleError, match="exponent"):
        read_claim("X^1000000000 == X", ["X: n,n"])


def test_json_is_the_contract() -> None:
    found = said("d(x'*A*x)/d(x) == (A-A')*x", "A: n,n; x: n").to_json()
    json.dumps(found)
    assert set(found) == {"verdict", "layout", "conditions", "slip", "mend", "counterexample",
                          "reason"}  # fmt: skip
    assert found["verdict"] in VERDICTS and set(found["slip"]) == {"kind", "message"}
    assert {"plain", "latex"} <= set(found["mend"])
    assert set(found["counterexample"]) == {"sizes", "values", "left", "right"}
    quiet = said("x'*x == norm2(x)^2", "x: n").to_json()
    assert quiet["slip"] is quiet["mend"] is quiet["counterexample"] is quiet["reason"] is None


@pytest.mark.parametrize("raw", load("derivatives")[::7], ids=lambda c: str(c["id"]))
def test_published_answers_are_never_called_wrong(raw: dict[str, object]) -> None:
    if raw["kind"] == "identity" or not raw["verified"] or not raw.get("expected_plain"):
        pytest.skip("not a right answer")
    claim, layout, symmetric = claim_of(raw, str(raw["expected_plain"]))
    assert judge(claim, layout=layout, symmetric=symmetric).kind == "true"
