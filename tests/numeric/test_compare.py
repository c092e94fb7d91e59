"""Numerical comparison: verdicts and counterexamples that replay."""

from __future__ import annotations

import json

import numpy as np
import pytest

from chainrule.expr import symbols
from chainrule.numeric import Comparison, compare, evaluate
from chainrule.numeric.draw import honours
from chainrule.read import read_pair

EQUAL = [
    ("(A*B)'", "B'*A'", []),
    ("det(eye(n)+u*v')", "1+u'*v", []),
    ("inv(A)-inv(B)", "inv(A)*(B-A)*inv(B)", ["A: n,n; B: n,n"]),
    ("log(x'*x*y'*y)", "log(x'*x)+log(y'*y)", []),
    ("relu(t)-relu(-t)", "t", ["t: scalar"]),
    ("adj(x*y')*y", "zeros(n)", ["x: n; y: n"]),
    ("R'*R", "eye(n)", ["R: n,n orthogonal"]),
    ("x-x", "zeros(n)", ["x: n"]),
    ("exp(-1000*x'*x)*3", "3*exp(-1000*x'*x)", []),
]
DIFFERENT = [
    ("A*B", "B*A", ["A: n,n; B: n,n"]),
    ("A", "A'", ["A: n,n"]),
    ("det(eye(n)+A)", "1+det(A)+tr(A)", ["A: n,n"]),
    ("sqrt(t^2)", "t", ["t: scalar"]),
    ("relu(x'*y)", "x'*y", []),
    ("S*x", "2*S*x", ["S: n,n positive_definite"]),
    ("tr(R)", "tr(R')+1", ["R: n,n orthogonal"]),
    ("sum(p)", "2", ["p: n probability"]),
    ("sum(log(x))", "sum(x)", ["x: n"]),
    ("exp(-30*x'*x)", "2*exp(-30*x'*x)", []),
]


def judge(a: str, b: str, declarations: list[str]) -> Comparison:
    left, right = read_pair(a, b, declarations)
    return compare(left.expr, right.expr)


@pytest.mark.parametrize("case", EQUAL, ids=lambda c: f"{c[0]} = {c[1]}")
def test_equal(case: tuple[str, str, list[str]]) -> None:
    found = judge(*case)
    assert (found.verdict, found.by) == ("equal", ("numerical",)), found


@pytest.mark.parametrize("case", DIFFERENT, ids=lambda c: f"{c[0]} ≠ {c[1]}")
def test_counterexamples_replay(case: tuple[str, str, list[str]]) -> None:
    left, right = read_pair(*case)
    found = compare(left.expr, right.expr)
    assert found.verdict == "different"
    shown = found.counterexample
    assert shown is not None
    assert json.loads(json.dumps(shown)) == shown
    values = {n: np.array(v, dtype=float) for n, v in shown["values"].items()}
    a = evaluate(left.expr, values, shown["sizes"])
    b = evaluate(right.expr, values, shown["sizes"])
    np.testing.assert_allclose(a, shown["left"], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(b, shown["right"], rtol=1e-6, atol=1e-9)
    assert np.abs(a - b).max() > 1e-8 * max(np.abs(a).max(), np.abs(b).max())
    for name, v in symbols(left.expr, right.expr).items():
        if not {"orthogonal", "probability"} & v.traits:
            assert honours(v, values[name])


def test_counterexamples_are_small_and_short() -> None:
    shown = judge("A*B", "B*A", ["A: n,n; B: n,n"]).counterexample
    assert shown is not None
    assert shown["sizes"] == {"n": 2}
    assert all(isinstance(x, int) and abs(x) < 10 for row in shown["values"]["A"] for x in row)


def test_a_difference_of_shape() -> None:
    found = compare(*(r.expr for r in read_pair("x", "x'", ["x: n"])))
    assert (found.verdict, found.by) == ("different", ("shape",))


def test_unknown_says_why() -> None:
    found = judge("log(-x'*x)", "x'*x", [])
    assert found.verdict == "unknown"
    assert found.reason is not None
    assert "leaves its domain" in found.reason
