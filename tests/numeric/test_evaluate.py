"""Every operator against an independent formula."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import linalg, special

from chainrule.dims import dim
from chainrule.errors import UnsupportedError
from chainrule.expr import Expr, node, number, size, symbol
from chainrule.numeric import evaluate
from chainrule.numeric.evaluate import abstract
from chainrule.ops import (
    TABLE,
    add,
    apply,
    call,
    constant,
    divide,
    ediv,
    entry,
    epow,
    hadamard,
    inv,
    member,
    mul,
    power,
    prod,
    sigma,
    transpose,
)

SIZES = {"m": 3, "n": 4, "p": 2, "s": 5}
A, B, C = symbol("A", "m", "n"), symbol("B", "m", "n"), symbol("C", "n", "p")
S, P, D = symbol("S", "n", "n"), symbol("P", "n", "n"), symbol("D", "m", "m")
x, y, t = symbol("x", "n"), symbol("y", "n"), symbol("t")
RNG = np.random.default_rng(5)
VALUES = {
    "A": RNG.standard_normal((3, 4)), "B": RNG.standard_normal((3, 4)),
    "C": RNG.standard_normal((4, 2)), "S": RNG.standard_normal((4, 4)),
    "D": RNG.standard_normal((3, 3)), "x": RNG.standard_normal((4, 1)),
    "y": RNG.standard_normal((4, 1)), "t": np.array([[0.7]]),
}  # fmt: skip
VALUES["P"] = VALUES["S"] @ VALUES["S"].T + np.eye(4)
a, b, c, s, p, d, vx, vy = (VALUES[k] for k in ("A", "B", "C", "S", "P", "D", "x", "y"))


def value(e: Expr) -> np.ndarray:
    """At the fixed point; also checks the shape."""
    found = evaluate(e, VALUES, SIZES)
    assert found.shape == (e.shape[0].at(SIZES), e.shape[1].at(SIZES))
    return found


def permanent_adjugate(m: np.ndarray) -> np.ndarray:
    """For a regular matrix, the textbook way."""
    return np.linalg.det(m) * np.linalg.inv(m)


ROWS: dict[str, tuple[Expr, Callable[[], object]]] = {
    "add": (add(A, t, B), lambda: a + 0.7 + b),
    "mul": (mul(t, A, C), lambda: 0.7 * a @ c),
    "mul scalar inside": (mul(A, t, C), lambda: 0.7 * a @ c),
    "mul nested scalar": (mul(mul(transpose(x), y), S), lambda: (vx.T @ vy).item() * s),
    "divide": (divide(A, t), lambda: a / 0.7),
    "hadamard": (hadamard(A, B, A), lambda: a * b * a),
    "ediv": (ediv(A, B), lambda: a / b),
    "transpose": (transpose(A), lambda: a.T),
    "tr": (apply("tr", S), lambda: np.einsum("ii", s)),
    "sum": (apply("sum", A), lambda: np.einsum("ij->", a)),
    "mean": (apply("mean", A), lambda: np.einsum("ij->", a) / 12),
    "sum_rows": (apply("sum_rows", A), lambda: a @ np.ones((4, 1))),
    "sum_cols": (apply("sum_cols", A), lambda: np.ones((1, 3)) @ a),
    "diag of a vector": (apply("diag", x), lambda: np.eye(4) * vx),
    "diag of a row": (apply("diag", transpose(x)), lambda: np.eye(4) * vx),
    "diag of a matrix": (apply("diag", S), lambda: np.array([[s[i, i]] for i in range(4)])),
    "vec": (apply("vec", A), lambda: np.array([[a[i, j]] for j in range(4) for i in range(3)])),
    "vech": (apply("vech", D), lambda: [[d[i, j]] for j in range(3) for i in range(j, 3)]),
    "kron": (apply("kron", A, C), lambda: np.kron(a, c)),
    "hcat": (apply("hcat", A, B), lambda: np.block([[a, b]])),
    "vcat": (apply("vcat", A, B), lambda: np.block([[a], [b]])),
    "pow of a scalar": (power(t, number("2.5")), lambda: 0.7**2.5),
    "pow whole": (power(S, number(3)), lambda: s @ s @ s),
    "pow negative": (power(S, number(-2)), lambda: np.linalg.inv(s @ s)),
    "pow fraction": (power(P, number("1/3")), lambda: linalg.fractional_matrix_power(p, 1 / 3)),
    "epow": (epow(A, number(3)), lambda: a * a * a),
    "epow symbol": (epow(apply("exp", A), t), lambda: np.exp(0.7 * a)),
    "inv": (inv(S), lambda: linalg.solve(s, np.eye(4))),
    "pinv": (apply("pinv", A), lambda: a.T @ np.linalg.inv(a @ a.T)),
    "det": (apply("det", D), lambda: np.dot(d[0], np.cross(d[1], d[2]))),
    "logdet": (apply("logdet", S), lambda: np.log(abs(np.linalg.det(s)))),
    "adj": (apply("adj", S), lambda: permanent_adjugate(s)),
    "expm": (apply("expm", S), lambda: linalg.expm(s)),
    "logm": (apply("logm", P), lambda: linalg.logm(p)),
    "sqrtm": (apply("sqrtm", P), lambda: linalg.sqrtm(p)),
    "sinm": (apply("sinm", S), lambda: linalg.sinm(s)),
    "cosm": (apply("cosm", S), lambda: linalg.cosm(s)),
    "eigmax": (apply("eigmax", P), lambda: linalg.eigvalsh(p)[-1]),
    "norm2": (apply("norm2", x), lambda: np.linalg.norm(vx)),
    "normF": (apply("normF", A), lambda: np.linalg.norm(a)),
    "norm1": (apply("norm1", A), lambda: np.sum(np.abs(a))),
    "exp": (apply("exp", A), lambda: np.exp(a)),
    "log": (apply("log", apply("exp", A)), lambda: a),
    "sqrt": (apply("sqrt", hadamard(A, A)), lambda: np.abs(a)),
    "abs": (apply("abs", A), lambda: np.where(a > 0, a, -a)),
    "sign": (apply("sign", A), lambda: np.where(a > 0, 1.0, -1.0)),
    "sin": (apply("sin", A), lambda: np.imag(np.exp(1j * a))),
    "cos": (apply("cos", A), lambda: np.real(np.exp(1j * a))),
    "tan": (apply("tan", A), lambda: np.sin(a) / np.cos(a)),
    "sinh": (apply("sinh", A), lambda: (np.exp(a) - np.exp(-a)) / 2),
    "cosh": (apply("cosh", A), lambda: (np.exp(a) + np.exp(-a)) / 2),
    "tanh": (apply("tanh", A), lambda: 1 - 2 / (np.exp(2 * a) + 1)),
    "arcsin": (apply("arcsin", apply("sin", mul(number("1/4"), A))), lambda: a / 4),
    "arccos": (apply("arccos", apply("tanh", A)), lambda: np.pi / 2 - np.arcsin(np.tanh(a))),
    "arctan": (apply("arctan", A), lambda: np.angle(1 + 1j * a)),
    "erf": (apply("erf", A), lambda: special.erf(a)),
    "lgamma": (apply("lgamma", apply("exp", A)), lambda: special.gammaln(np.exp(a))),
    "digamma": (apply("digamma", apply("exp", A)), lambda: special.digamma(np.exp(a))),
    "trigamma": (apply("trigamma", apply("exp", A)), lambda: special.polygamma(1, np.exp(a))),
    "sigmoid": (apply("sigmoid", A), lambda: special.expit(a)),
    "softplus": (apply("softplus", A), lambda: np.log1p(np.exp(a))),
    "relu": (apply("relu", A), lambda: (a + np.abs(a)) / 2),
    "leakyrelu": (apply("leakyrelu", A), lambda: a * np.where(a > 0, 1, 0.01)),
    "gelu": (apply("gelu", A), lambda: a * special.ndtr(a)),
    "step": (apply("step", A), lambda: (1 + np.sign(a)) / 2),
    "max": (apply("max", A, B), lambda: (a + b + np.abs(a - b)) / 2),
    "min": (apply("min", A, number(0)), lambda: (a - np.abs(a)) / 2),
    "softmax": (apply("softmax", x), lambda: special.softmax(vx)),
    "logsoftmax": (apply("logsoftmax", x), lambda: special.log_softmax(vx)),
    "logsumexp": (apply("logsumexp", x), lambda: special.logsumexp(vx)),
    "softmax_rows": (apply("softmax_rows", A), lambda: special.softmax(a, axis=1)),
    "logsoftmax_rows": (apply("logsoftmax_rows", A), lambda: special.log_softmax(a, axis=1)),
    "logsumexp_rows": (apply("logsumexp_rows", A),
                       lambda: special.logsumexp(a, axis=1, keepdims=True)),
    "eye": (constant("eye", "n"), lambda: np.identity(4)),
    "ones": (constant("ones", "m", "n"), lambda: 0 * a + 1),
    "zeros": (constant("zeros", "m", "n"), lambda: 0 * a),
    "unit": (constant("unit", "n", 2), lambda: [[0], [1], [0], [0]]),
    "commut": (mul(constant("commut", "m", "n"), apply("vec", A)),
               lambda: a.reshape(-1, 1)),
    "dup": (mul(constant("dup", "n"), apply("vech", P)), lambda: p.reshape(-1, 1)),
    "elim": (mul(constant("elim", "m"), apply("vec", D)),
             lambda: [[d[i, j]] for j in range(3) for i in range(j, 3)]),
    "sigma": (sigma("i", 2, "m", mul(size("i"), entry(A, "i", None))),
              lambda: sum((i + 1) * a[[i], :] for i in range(1, 3))),
    "sigma of nothing": (sigma("i", 3, 2, mul(size("i"), A)), lambda: 0 * a),
    "sigma in a sigma": (sigma("i", 1, "m", sigma("j", 1, "i", mul(entry(D, "i", "j"), S))),
                         lambda: np.tril(d).sum() * s),
    "prod": (prod("i", 1, "m", add(S, mul(size("i"), P))),
             lambda: (s + p) @ (s + 2 * p) @ (s + 3 * p)),
    "prod down": (prod("i", "m", 1, add(S, mul(size("i"), P))),
                  lambda: (s + 3 * p) @ (s + 2 * p) @ (s + p)),
    "prod of nothing": (prod("i", 1, 0, add(S, P), down=False), lambda: np.eye(4)),
    "prod of scalars": (prod("i", 1, "n", entry(x, "i")), lambda: np.prod(vx)),
    "entry": (entry(A, 2, 3), lambda: a[1, 2]),
    "member": (member(symbol("A", "m", "n", "family"), 2), lambda: a[[1], :].T),
    "member matrix": (member(symbol("A", 3, "n", "family"), 1, 3), lambda: a),
    "pi": (constant("pi"), lambda: math.pi),
    "number": (number("0.1"), lambda: 0.1),
    "size": (size(dim("m") * dim("n") + 1), lambda: 13),
    "call": (call("phi", A), lambda: abstract("phi", 0, a)),
}  # fmt: skip


@pytest.mark.parametrize("name", list(ROWS))
def test_operator(name: str) -> None:
    e, wanted = ROWS[name]
    np.testing.assert_allclose(value(e), np.broadcast_to(wanted(), value(e).shape),
                               rtol=1e-11, atol=1e-12)  # fmt: skip


def test_every_row_of_the_table_is_covered() -> None:
    tested = {e.op for e, _ in ROWS.values()} | {"commut", "dup", "elim", "vmax"}
    assert {name for name, op in TABLE.items() if op.kind != "derivative"} <= tested


def test_leading_eigenvector() -> None:
    v = value(apply("vmax", P))
    np.testing.assert_allclose(p @ v, value(apply("eigmax", P)) * v, rtol=1e-12)
    assert np.linalg.norm(v) == pytest.approx(1.0)
    assert v[np.argmax(np.abs(v)), 0] > 0


def test_adjugate_of_a_singular_matrix() -> None:
    singular = np.array([[1.0, 2.0], [2.0, 4.0]])
    e = apply("adj", symbol("X", 2, 2))
    np.testing.assert_allclose(evaluate(e, {"X": singular}, {}), [[4.0, -2.0], [-2.0, 1.0]])
    assert evaluate(apply("adj", symbol("X", 1, 1)), {"X": np.array([[3.0]])}, {}).item() == 1.0


def test_matrix_functions_without_a_basis_of_eigenvectors() -> None:
    jordan = np.array([[2.0, 1.0, 0.0], [0.0, 2.0, 1.0], [0.0, 0.0, 2.0]])
    X = symbol("X", 3, 3)
    root = evaluate(apply("sqrtm", X), {"X": jordan}, {})
    np.testing.assert_allclose(root @ root, jordan, atol=1e-12)
    log = evaluate(apply("logm", X), {"X": jordan}, {})
    np.testing.assert_allclose(linalg.expm(log), jordan, atol=1e-12)


def test_values_that_are_not_real_are_not_numbers() -> None:
    turned = np.array([[-1.0, 0.3], [0.0, -2.0]])
    for name in ("logm", "sqrtm"):
        assert np.isnan(evaluate(apply(name, symbol("X", 2, 2)), {"X": turned}, {})).all()


def test_large_arguments_stay_finite() -> None:
    big = {"z": np.array([[-800.0], [0.0], [900.0]])}
    z = symbol("z", 3)
    softmax = evaluate(apply("softmax", z), big, {})
    np.testing.assert_allclose(softmax[:, 0], [0.0, 0.0, 1.0])
    assert evaluate(apply("logsumexp", z), big, {}).item() == 900.0
    np.testing.assert_allclose(evaluate(apply("softplus", z), big, {})[:, 0],
                               [0.0, math.log(2), 900.0])  # fmt: skip
    tail = evaluate(apply("sigmoid", symbol("u")), {"u": np.array([[-40.0]])}, {})
    assert tail.item() == pytest.approx(math.exp(-40), rel=1e-12)


def test_special_functions_left_of_zero() -> None:
    at = np.array([[-0.5], [-1.3], [-7.8], [0.01], [3.0], [60.0]])
    z = symbol("z", 6)
    for name, wanted in (("digamma", special.digamma(at)), ("lgamma", special.gammaln(at)),
                         ("trigamma", special.polygamma(1, at) * 1.0)):  # fmt: skip
        if name == "trigamma":  # SciPy's polygamma is for positive arguments: reflect
            low = at < 0
            wanted = np.where(
                low, (np.pi / np.sin(np.pi * at)) ** 2 - special.zeta(2, 1 - np.minimum(at, 0)),
                special.zeta(2, np.maximum(at, 1e-9)),
            )  # fmt: skip
        np.testing.assert_allclose(evaluate(apply(name, z), {"z": at}, {}), wanted, rtol=1e-12)


def test_abstract_functions_have_their_derivatives() -> None:
    at, h = np.linspace(-2, 2, 9), 1e-5
    for name in ("phi", "psi", "g"):
        for order in range(3):
            slope = (abstract(name, order, at + h) - abstract(name, order, at - h)) / (2 * h)
            np.testing.assert_allclose(abstract(name, order + 1, at), slope, atol=1e-8)
    assert np.abs(abstract("phi", 0, at) - abstract("psi", 0, at)).max() > 0.05
    assert np.abs(abstract("phi", 2, at)).min() >= 0
    assert np.ptp(abstract("phi", 2, at)) > 0.01


def test_deep_expressions_and_the_cache() -> None:
    e = x
    for _ in range(3000):
        e = add(apply("tanh", e), x)
    cache: dict[Expr, np.ndarray] = {}
    first = evaluate(e, VALUES, SIZES, cache)
    assert evaluate(e, {}, {}, cache) is first


def test_what_is_no_value_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="differential"):
        evaluate(node("differential", (x,), (), x.shape), VALUES, SIZES)
