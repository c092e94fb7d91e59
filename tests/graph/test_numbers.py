"""Exact fractions where they can be kept, rounding as on paper, and kinks said aloud."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.expr import Expr, symbol, symbols
from chainrule.graph import graph, run
from chainrule.graph.exact import Engine, Rows
from chainrule.graph.show import matrix_lines, matrix_text
from chainrule.graph.show import number as shown
from chainrule.numeric import evaluate
from chainrule.ops import TABLE, apply, constant, entry, prod, sigma
from chainrule.read import read
from tests.test_table import question

Q = Fraction
SIZES = {"m": 2, "n": 3}
ENTRIES = st.fractions(min_value=-4, max_value=4, max_denominator=6)
ROWS = [n for n, op in TABLE.items() if op.kind not in ("constant", "derivative", "binder")]
MATRIX_FUNCTIONS = {"logm", "sqrtm", "eigmax", "vmax"}  # want positive definite matrices


# -- rounding --------------------------------------------------------------------------------------
@pytest.mark.parametrize(("value", "digits", "text"), [
    (Q(1, 8), 2, "0.13"), (Q(-1, 8), 2, "−0.13"), (0.125, 2, "0.13"), (-0.125, 2, "−0.13"),
    (2.675, 2, "2.68"), (1.005, 2, "1.01"), (0.5, 0, "1"), (Q(-1, 2), 0, "−1"), (-0.4, 0, "0"),
    (2.69673, 2, "2.70"), (Q(27, 10), 2, "2.7"), (Q(3), 2, "3"), (3.0, 2, "3.00"),
    (Q(1, 3), None, "1/3"), (Q(-2, 3), None, "−2/3"), (Q(1, 3), 4, "0.3333"), (-0.004, 2, "0.00"),
    (0.1 + 0.2, None, "0.3"), (1e-9, None, "1.00000e−9"), (math.inf, 2, "∞"), (-math.inf, 2, "−∞"),
    (math.nan, 2, "nan"), (0.0, 2, "0"), (-0.0, 2, "0"), (Q(10**40), 2, "1.00000e40"),
    (1e300, 2, "1.00000e300"),
])  # fmt: skip
def test_rounding_is_half_away_from_zero(value: float, digits: int | None, text: str) -> None:
    assert shown(value, digits) == text


@given(st.integers(-(10**6), 10**6), st.integers(0, 4))
def test_halves_go_away_from_zero(k: int, digits: int) -> None:
    exact = Q(2 * k + 1, 2 * 10**digits)  # half a unit of the last place
    away = k + 1 if 2 * k + 1 > 0 else k
    got = Q(shown(exact, digits).replace("−", "-"))
    assert got == Q(away, 10**digits)


def test_long_matrices_are_cut_in_the_middle() -> None:
    rows = [[Q(10 * i + j) for j in range(20)] for i in range(20)]
    lines = matrix_lines(rows)
    assert len(lines) == 6 and "⋮" in lines[4] and "…" in lines[0] and "199" not in lines[0]
    assert len({len(line) for line in lines}) == 1
    assert matrix_text([[Q(1), Q(2)], [Q(3), Q(4)]]) == "[1 2; 3 4]"


# -- exact values ----------------------------------------------------------------------------------
def fractions(e: Expr, draw: st.DataObject) -> list[list[Fraction]]:
    m, n = (d.at(SIZES) for d in e.shape)
    rows = [[draw.draw(ENTRIES) for _ in range(n)] for _ in range(m)]
    if "positive_definite" in e.traits:
        return [[sum((a * b for a, b in zip(r, s, strict=True)), Q(int(i == j)))
                 for j, s in enumerate(rows)] for i, r in enumerate(rows)]  # fmt: skip
    return rows


@pytest.mark.parametrize("name", [n for n in ROWS if n != "call"])
@given(data=st.data())
@settings(max_examples=8, deadline=None)
def test_fractions_agree_with_floats(name: str, data: st.DataObject) -> None:
    f, _ = question(name)
    values = {v.name: fractions(v, data) for v in symbols(f).values()}
    arrays = {n: np.array([[float(v) for v in r] for r in rows]) for n, rows in values.items()}
    with np.errstate(all="ignore"):
        try:
            want = evaluate(f, arrays, SIZES)
            got = Engine(values, SIZES, exact=True).value(f)
        except (np.linalg.LinAlgError, ArithmeticError, ValueError):
            return  # a singular matrix
    if not np.isfinite(want).all() or np.abs(want).max() > 1e6:
        return
    np.testing.assert_allclose(
        [[float(v) for v in row] for row in got], want, rtol=1e-7, atol=1e-7 * np.abs(want).max()
    )


@pytest.mark.parametrize("name", ["eye", "ones", "zeros", "commut", "dup", "elim"])
def test_constants_are_exact(name: str) -> None:
    e = constant(name, *["n"] * TABLE[name].params)
    got = Engine({}, SIZES, exact=True).value(e)
    assert all(isinstance(v, Fraction) for row in got for v in row)
    np.testing.assert_array_equal([[float(v) for v in r] for r in got], evaluate(e, {}, SIZES))


def test_exact_through_inverses_and_determinants() -> None:
    found = run(graph("b'*inv(A)*b"), {"A": [[2, 1], [1, 3]], "b": [1, 2]}, backward=True)
    assert found.values["f"] == [[Q(7, 5)]]
    y = [Q(1, 5), Q(3, 5)]  # inv(A) b; the gradient by A is −y yᵀ
    assert found.gradients["A"] == [[-a * b for b in y] for a in y]
    assert run(graph("det(A)"), {"A": [[2, 1], [1, 3]]}).gradients["A"] == [[3, -1], [-1, 2]]


def test_floats_are_never_called_exact() -> None:
    found = run(graph("x'*x"), {"x": [0.5, 1]})
    assert isinstance(found.values["f"][0][0], float)
    exp = graph(apply("exp", symbol("t")))
    assert isinstance(run(exp, {"t": 1}).values["f"][0][0], float)
    assert run(exp, {"t": 0}).values["f"] == [[Q(1)]]


def test_very_long_fractions_become_floats() -> None:
    text = "; ".join(["h0 = t", *(f"h{k} = h{k - 1}*h{k - 1} + h{k - 1}" for k in range(1, 16)),
                      "h15"])  # fmt: skip
    found = run(graph(text), {"t": Q(1, 3)})
    assert isinstance(found.values["h15"][0][0], float)
    want = 1 / 3
    for _ in range(15):
        want = want * want + want
    assert float(found.values["h15"][0][0]) == pytest.approx(want, rel=1e-9)


def test_sums_over_an_index_are_exact() -> None:
    x, y = symbol("x", "n"), symbol("y", "n")
    f = sigma("i", 1, "n", entry(x, "i") * entry(y, "i") * entry(y, "i"))
    values = {"x": [[Q(1, 2)], [Q(1, 3)]], "y": [[Q(1)], [Q(3)]]}
    assert Engine(values, {"n": 2}, exact=True).value(f) == [[Q(7, 2)]]
    g = prod("i", 1, "n", entry(x, "i"))
    assert Engine(values, {"n": 2}, exact=True).value(g) == [[Q(1, 6)]]
    many: dict[str, Rows] = {"x": [[Q(1)]] * 5000, "y": [[Q(2)]] * 5000}
    assert float(Engine(many, {"n": 5000}, exact=True).value(f)[0][0]) == 20000


# -- kinks -----------------------------------------------------------------------------------------
def test_relu_at_zero() -> None:
    found = run(graph("h = relu(x); w'*h"), {"x": [0, 2, 0], "w": [5, 7, 9]})
    (kink,) = found.kinks
    assert (kink.node, kink.op, kink.at) == ("h", "relu", ((1, 1), (3, 1)))
    assert kink.text() == "h: relu at its kink in entries 1, 3: relu'(0) = 0"
    assert found.gradients["x"] == [[0], [7], [0]]
    assert "relu'(0) = 0" in found.table() and "relu'(0) = 0" in found.graph.dot(found)


def test_ties_of_max_and_min_give_each_side_half() -> None:
    values = {"x": [1, 2], "y": [1, 3], "w": [4, 6]}
    for name, gradient in (("max", [[2], [0]]), ("min", [[2], [6]])):
        found = run(graph(f"m = {name}(x,y); w'*m"), values)
        assert found.gradients["x"] == gradient
        assert [k.at for k in found.kinks] == [((1, 1),)]
        assert "1/2" in found.kinks[0].convention


@pytest.mark.parametrize("text", ["norm2(x)", "c*norm2(x)", "norm2(x)^2 + norm2(x)"])
def test_a_norm_at_zero_has_the_derivative_zero(text: str) -> None:
    found = run(graph(text), {"x": [0, 0], "c": 3} if "c" in text else {"x": [0, 0]})
    assert found.gradients["x"] == [[0], [0]]
    assert found.gradients["f"] == [[1]]
    assert {k.op for k in found.kinks} == {"norm2"}


def test_no_kink_is_no_remark() -> None:
    found = run(graph("h = relu(x); w'*h"), {"x": [1, 2, -1], "w": [5, 7, 9]})
    assert found.kinks == () and "kink" not in found.table()


def test_kinks_inside_a_sum_over_an_index() -> None:
    x = symbol("x", "n")
    f = sigma("i", 1, "n", apply("relu", entry(x, "i")))
    (kink,) = run(graph(f), {"x": [0, 2]}, backward=False).kinks
    assert (kink.op, kink.at) == ("relu", ())
    assert run(graph(f), {"x": [1, 2]}, backward=False).kinks == ()


# -- families --------------------------------------------------------------------------------------
MEMBERS = ["x_i: m, i=1:n; y_i: scalar, i=1:n"]


def test_sums_over_a_family() -> None:
    g = graph(read("sum(i, (y_i - w'*x_i)^2)", MEMBERS))
    values = {"x_i": [[1, 2], [3, 4], [5, 6]], "y": [1, 0, 1], "w": [1, -1]}
    found = run(g, values)
    assert found.values["f"] == [[9]]
    assert found.gradients["w"] == [[-30], [-40]]  # -2 sum of (y - w'x) x: (2, 1, 2) weighs x
    assert found.gradients["y"] == [[4], [2], [4]]


def test_a_norm_at_zero_inside_a_sum_is_no_number_and_says_so() -> None:
    g = graph(read("sum(i, norm2(x_i - c))", ["x_i: m, i=1:n; c: m"]))
    found = run(g, {"x": [[1, 1], [2, 1]], "c": [1, 1]})
    assert "a norm at 0 has no gradient there" in found.table()
    assert all(math.isnan(v) for row in found.gradients["c"] for v in row)
    fine = run(g, {"x": [[1, 2], [2, 1]], "c": [1, 1]})
    assert fine.kinks == ()
    assert [[float(v) for v in row] for row in fine.gradients["c"]] == [[-1], [-1]]
