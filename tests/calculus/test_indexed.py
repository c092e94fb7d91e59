"""Indexed sums and products: matrix form, derivatives, members, entries, equality."""

from __future__ import annotations

import random

import numpy as np
import pytest

from chainrule.calculus import (
    derive,
    dissolve,
    equal,
    in_members,
    member_gradient,
    restore,
    select,
)
from chainrule.dims import dim
from chainrule.errors import ShapeError, UsageError
from chainrule.expr import BINDERS, Expr, number, postorder, size, symbol, symbols
from chainrule.numeric import compare, evaluate
from chainrule.ops import (
    add,
    apply,
    divide,
    entry,
    eye,
    hadamard,
    inv,
    member,
    mul,
    neg,
    power,
    prod,
    sigma,
    sub,
    trace,
    transpose,
)
from chainrule.write import plain

X = symbol("x", "n", "m", "family")
A = symbol("a", "n", "m", "family")
y, b = symbol("y", "n", 1, "family"), symbol("b", "n", 1, "family")
B, W, Q = symbol("B", "m", "m"), symbol("W", "m", "n"), symbol("Q", "n", "p")
Y, T = symbol("Y", "n", "k"), symbol("T", "n", "k")
w, z, mu, t = symbol("w", "m"), symbol("z", "m"), symbol("mu", "m"), symbol("t")
M = symbol("M", dim(3) * dim("n"), "p", "family")
TWO = number(2)
xi, yi, ai, bi, mi = (member(v, "i") for v in (X, y, A, b, X))
xj = member(X, "j")
SIZES = {"n": 4, "m": 3, "k": 2, "p": 5}


def over(e: Expr, name: str = "i", hi: str = "n") -> Expr:
    return sigma(name, 1, hi, e)


MATRIX_FORMS: list[tuple[Expr, str]] = [
    (over(mul(xi, xi.T)), "x'*x"),
    (over(mul(yi, xi)), "x'*y"),
    (over(mul(yi, xi, xi.T)), "x'*diag(y)*x"),
    (divide(over(xi), size("n")), "x'*ones(n)/n"),
    (over(power(sub(mul(ai.T, z), bi), TWO)), "norm2(a*z-b)^2"),
    (over(over(power(entry(W, "j", "i"), TWO), "j", "m")), "normF(W)^2"),
    (over(over(mul(entry(z, "i"), entry(B, "i", "j"), entry(w, "j")), "j", "m"), "i", "m"),
     "z'*B*w"),
    (over(mul(entry(B, "i", "j"), entry(z, "i")), "i", "m"), "z'*B[:,j]"),
    (over(mul(entry(B, "i", "k"), entry(W, "k", "j")), "k", "m"), "(B*W)[i,j]"),
    (over(entry(B, "i", "i"), "i", "m"), "tr(B)"),
    (over(mul(entry(eye("n"), "i", "j"), entry(y, "j")), "j"), "y_i"),
    (over(mul(xi.T, B, xi)), "tr(x*B*x')"),
    (over(apply("log", apply("sigmoid", mul(yi, w.T, xi)))), "sum(log(sigmoid(y.*(x*w))))"),
    (over(apply("logsumexp", mul(B, xi))), "sum(logsumexp_rows(x*B'))"),
    (over(power(mul(xi.T, w), number(3))), "sum((x*w).^3)"),
    (neg(over(over(mul(entry(Y, "i", "j"), apply("log", divide(
        apply("exp", entry(T, "i", "j")), over(apply("exp", entry(T, "i", "l")), "l", "k")))),
        "j", "k"))), "-sum(Y.*log(softmax_rows(T)))"),
    (over(over(power(apply("norm2", sub(xi, xj)), TWO), "j")), "2*n*normF(x)^2-2*sum(x*x')"),
    (over(t), "n*t"),
    (sigma("i", 1, 2, entry(y, "i")), "y_1+y_2"),
    (sigma("i", 3, 2, entry(y, "i")), "0"),
    (prod("i", 1, "n", B), "B^n"),
    (prod("i", 3, 1, add(B, mul(size("i"), eye("m")))), "(B+3*eye(m))*(B+2*eye(m))*(B+eye(m))"),
]  # fmt: skip

STUCK = [
    over(apply("logdet", add(B, mul(xi, xi.T)))),
    sigma("i", 2, "n", mul(yi, xi)),
    over(mul(size("i"), yi)),
    prod("i", 1, "n", add(B, mul(yi, eye("m")))),
    prod("i", "n", 1, add(B, mul(yi, eye("m")))),
]


@pytest.mark.parametrize(("e", "text"), MATRIX_FORMS, ids=[t for _, t in MATRIX_FORMS])
def test_matrix_form(e: Expr, text: str) -> None:
    found = dissolve(e)
    assert plain(found) == text
    assert compare(found, e).verdict == "equal"


@pytest.mark.parametrize("e", STUCK, ids=plain)
def test_what_has_no_matrix_form_stays(e: Expr) -> None:
    found = dissolve(e)
    assert any(a.op in BINDERS for a in postorder(found))
    assert compare(found, e).verdict == "equal"


GRADIENTS: list[tuple[Expr, str, str, str | None]] = [
    (over(power(sub(mul(ai.T, z), bi), TWO)), "z", "2*a'*(a*z-b)",
     "2*sum(i=1:n, (a_i'*z-b_i)*a_i)"),
    (over(power(sub(mul(ai.T, z), bi), TWO)), "a_k", "2*(a_k'*z-b_k)*z", None),
    (over(apply("logdet", add(B, mul(xi, xi.T)))), "B", "sum(i=1:n, inv(B+x_i*x_i')')", None),
    (over(apply("logdet", add(B, mul(xi, xi.T)))), "x_k",
     "inv(B+x_k*x_k')*x_k+inv(B+x_k*x_k')'*x_k", None),
    (over(mul(xi.T, B, xi)), "B", "x'*x", "sum(i=1:n, x_i*x_i')"),
    (over(mul(xi.T, B, xi)), "x_2", "(B+B')*x_2", None),
    (over(apply("logsumexp", mul(B, xi))), "B", "softmax_rows(x*B')'*x",
     "sum(i=1:n, softmax(B*x_i)*x_i')"),
    (prod("i", 1, "n", apply("exp", mul(w.T, xi))), "w",
     "prod(i=1:n, exp(w'*x_i))*x'*ones(n)", None),
    (trace(prod("i", 1, "n", add(B, mul(yi, eye("m"))))), "B",
     "sum(i=1:n, prod(j=1:i-1, B+y_j*eye(m))'*prod(j=i+1:n, B+y_j*eye(m))')", None),
    (trace(mul(transpose(W), B, W)), "W[i,j]", "(B[i,:]+B'[i,:])*W[:,j]", None),
    (mul(B, W), "W[i,j]", "B[:,i]*unit(n,j)'", None),
    (inv(B), "B[i,j]", "-inv(B)[:,i]*inv(B)[j,:]", None),
    (apply("softmax", z), "z[k]", "softmax(z).*unit(m,k)-softmax(z)[k]*softmax(z)", None),
    (over(apply("tr", mul(member(M, "i", 3), member(M, "i", 3).T))), "M_k", "2*M_k", None),
]  # fmt: skip


@pytest.mark.parametrize(("f", "by", "text", "as_sum"), GRADIENTS,
                         ids=[f"{f!r} by {by}" for f, by, _, _ in GRADIENTS])  # fmt: skip
def test_derivative(f: Expr, by: str, text: str, as_sum: str | None) -> None:
    answer = derive(f, by)
    assert answer.certificate.verdict == "equal"
    if "tr(prod" not in plain(f):
        assert plain(restore(answer.result, answer.where)) == text
    assert as_sum is None or answer.other_forms["sum"] == as_sum


@pytest.mark.parametrize("down", [False, True])
def test_matrix_product_by_its_factors(down: bool) -> None:
    f = prod("i", "n" if down else 1, 1 if down else "n", add(B, mul(yi, eye("m"))))
    for by in ("B", "y"):
        assert derive(f, by).certificate.verdict == "equal"
        assert derive(trace(mul(f, B)), by).certificate.verdict == "equal"


def test_differential_of_a_product() -> None:
    answer = derive(prod("i", 1, "n", add(B, mul(yi, eye("m")))), "B", layout="differential")
    assert plain(answer.result) == (
        "sum(i=1:n, prod(j=1:i-1, B+y_j*eye(m))*dB*prod(j=i+1:n, B+y_j*eye(m)))"
    )
    assert answer.certificate.verdict == "equal"
    family = symbol("C", dim("L") * dim("m"), "m", "family")
    chain = mul(z.T, prod("l", "L", 1, member(family, "l", "m")), w)
    answer = derive(chain, member(family, "k", "m"))
    assert plain(answer.result) == "prod(i=L:-1:k+1, C_i)'*z*w'*prod(i=k-1:1, C_i)'"
    assert answer.certificate.verdict == "equal"


def test_parts_of_an_inner_sum_do_not_leave_it() -> None:
    j = size("j")
    inner = over(apply("logsumexp", add(mul(B, xi), mul(j, mu))), "j")
    for f in (over(power(inner, TWO)), over(inner)):
        for by in ("mu", "x", "B"):
            assert derive(f, by).certificate.verdict == "equal"


def test_kernel_sums() -> None:
    close = apply("exp", neg(power(apply("norm2", sub(xi, xj)), TWO)))
    f = over(over(mul(yi, member(y, "j"), close), "j"))
    assert not any(e.op in BINDERS for e in postorder(dissolve(f)))
    for by in ("x", "y", "x_k", "y_k"):
        assert derive(f, by).certificate.verdict == "equal"


def test_layouts_and_second_derivatives() -> None:
    f = over(apply("log", apply("sigmoid", mul(yi, w.T, xi))))
    stuck = over(apply("exp", mul(size("i"), xi.T, w)))
    for e in (f, stuck):
        for layout in ("numerator", "denominator", "vec", "differential"):
            assert derive(e, "w", layout=layout).certificate.verdict == "equal"
        assert derive(e, "w", order=2).certificate.verdict == "equal"
    assert derive(over(apply("logdet", add(B, mul(xi, xi.T)))), "B", order=2).form == "vec"


def test_forms_by_member_and_entry() -> None:
    f = over(power(sub(mul(ai.T, z), bi), TWO))
    assert derive(f, "a").other_forms["member"] == "d/da_k = 2*(a_k'*z-b_k)*z"
    g = over(over(power(entry(W, "j", "i"), TWO), "j", "m"))
    assert derive(g, "W").other_forms["entry"] == "d/dW[i,j] = 2*W[i,j]"


def test_member_gradient_of_matrices() -> None:
    f = over(apply("logdet", add(eye(3), mul(member(M, "i", 3), member(M, "i", 3).T))))
    found = member_gradient(f, M, "k", 3)
    assert plain(found) == "2*inv(eye(3)+M_k*M_k')*M_k"
    answer = derive(f, member(M, "k", 3))
    assert answer.result is found
    assert answer.certificate.verdict == "equal"


def test_a_derivative_by_a_part_has_no_stacked_layout() -> None:
    with pytest.raises(UsageError, match="layout"):
        derive(over(yi), "y_k", layout="vec")
    with pytest.raises(UsageError, match="scalar"):
        derive(over(xi), "x_k")


# -- random index expressions ---------------------------------------------------------------------
def scalar_of(rng: random.Random, names: list[str], depth: int) -> Expr:
    """A random number that depends on the given indices (each within n)."""
    i = rng.choice(names)
    here = member(X, i)
    leaves = [
        lambda: member(y, i), lambda: mul(here.T, w), lambda: mul(w.T, here),
        lambda: mul(here.T, B, member(X, rng.choice(names))), lambda: entry(Q, i, 2),
        lambda: entry(W, 1, i), lambda: t, lambda: mul(entry(eye("n"), i, rng.choice(names))),
        lambda: apply("norm2", sub(here, mu)), lambda: apply("sum", here), lambda: size(i),
    ]  # fmt: skip
    if depth <= 0:
        return rng.choice(leaves)()
    one = scalar_of(rng, names, depth - 1)
    other = scalar_of(rng, names, depth - 2)
    return rng.choice([
        lambda: add(one, other), lambda: mul(one, other), lambda: sub(one, mul(TWO, other)),
        lambda: apply("sin", one), lambda: apply("sigmoid", one), lambda: power(one, TWO),
        lambda: apply("tanh", add(one, other)),
        lambda: over(scalar_of(rng, [*names, fresh_index(names)], depth - 1), fresh_index(names)),
        lambda: apply("logsumexp", add(mul(B, here), mul(one, mu))),
        lambda: mul(here.T, mul(B, mul(other, here))),
    ])()  # fmt: skip


def fresh_index(names: list[str]) -> str:
    return "ijklpqrs"[len(names)]


def random_sum(seed: int) -> Expr:
    rng = random.Random(seed)
    body = scalar_of(rng, ["i"], rng.choice([1, 2, 2, 3]))
    kind = rng.random()
    if kind < 0.25:
        body = mul(body, xi)
    elif kind < 0.35:
        body = mul(body, xi, transpose(rng.choice([xi, mu])))
    lo = 2 if rng.random() < 0.1 else 1
    return sigma("i", lo, "n", body)


def values_for(e: Expr, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        s.name: rng.uniform(-0.9, 0.9, (s.shape[0].at(SIZES), s.shape[1].at(SIZES)))
        for s in symbols(e).values()
    }


@pytest.mark.parametrize("start", range(0, 400, 50))
def test_random_sums_keep_their_value(start: int) -> None:
    gone = 0
    for seed in range(start, start + 50):
        e = random_sum(seed)
        found = dissolve(e)
        gone += not any(a.op in BINDERS for a in postorder(found))
        values = values_for(e, seed)
        left, right = evaluate(e, values, SIZES), evaluate(found, values, SIZES)
        np.testing.assert_allclose(right, left, rtol=1e-8, atol=1e-9,
                                   err_msg=f"seed {seed}: {e!r} -> {found!r}")  # fmt: skip
        back = in_members(found)
        np.testing.assert_allclose(evaluate(back, values, SIZES), left, rtol=1e-8, atol=1e-9,
                                   err_msg=f"seed {seed}: {found!r} -> {back!r}")  # fmt: skip
    assert gone >= 20


@pytest.mark.parametrize("start", range(0, 60, 20))
def test_random_gradients_against_differences(start: int) -> None:
    for seed in range(start, start + 20):
        e = random_sum(seed)
        if not e.is_scalar:
            e = apply("sum", e)
        found = symbols(e)
        if not found:
            continue
        by = random.Random(seed).choice(sorted(found))
        answer = derive(e, by, check=False)
        gradient = restore(answer.result, answer.where)
        values = values_for(e, seed)
        wanted = np.zeros_like(values[by])
        for at in np.ndindex(wanted.shape):
            ends = []
            for h in (1e-5, -1e-5):
                moved = {**values, by: values[by].copy()}
                moved[by][at] += h
                ends.append(evaluate(e, moved, SIZES).item())
            wanted[at] = (ends[0] - ends[1]) / 2e-5
        np.testing.assert_allclose(evaluate(gradient, values, SIZES), wanted, rtol=1e-5, atol=1e-5,
                                   err_msg=f"seed {seed}: {e!r} by {by}: {gradient!r}")  # fmt: skip
        by_entry = select(gradient, 1, 2 if found[by].shape[1] != dim(1) else None)
        at = (0, 1) if wanted.shape[1] > 1 else (0, 0)
        assert evaluate(by_entry, values, SIZES).ravel()[0] == pytest.approx(wanted[at], 1e-5, 1e-5)


# -- selection, equality, names -------------------------------------------------------------------
@pytest.mark.parametrize("e", [
    mul(hadamard(X, A), B), apply("softmax_rows", mul(X, B)), add(t, mul(X, B)), transpose(W),
    mul(apply("diag", y), X), apply("exp", mul(TWO, W.T)), over(mul(xi, yi, w.T, B), "i"),
    mul(y, w.T), apply("kron", y, w.T), mul(inv(add(eye("n"), mul(X, X.T))), X),
], ids=plain)  # fmt: skip
def test_rows_columns_and_entries(e: Expr) -> None:
    for i, j in (("r", "s"), ("r", None), (None, "s"), (2, 1)):
        assert compare(select(e, i, j), entry(e, i, j)).verdict == "equal"


def test_equal_up_to_names_and_form() -> None:
    one = over(apply("logdet", add(B, mul(xi, xi.T))))
    two = over(apply("logdet", add(mul(xj, xj.T), B)), "j")
    assert equal(one, two).by == ("canonical form",)
    assert equal(over(mul(xi, xi.T)), mul(X.T, X)).by == ("canonical form",)
    assert equal(over(mul(yi, xi)), mul(X.T, b)).verdict == "different"
    assert equal(sigma("i", 2, "n", yi), sub(over(yi), member(y, 1))).verdict == "equal"


def test_entries_claim_all_values_of_their_indices() -> None:
    assert equal(entry(B, "i", "j"), entry(B, "j", "i")).verdict == "different"
    assert equal(entry(B, "i", "j"), entry(B.T, "j", "i")).verdict == "equal"
    delta = entry(eye("m"), "i", "j")
    assert equal(mul(delta, entry(B, "i", "j")), mul(delta, entry(B, "i", "i"))).verdict == "equal"
    assert equal(mul(delta, entry(B, "i", "j")), entry(B, "i", "j")).verdict == "different"


def test_names_are_not_captured() -> None:
    inner = over(mul(yi, member(y, "j")), "i")
    outer = over(inner, "j")
    assert compare(dissolve(outer), power(over(yi), TWO)).verdict == "equal"
    answer = derive(over(apply("logdet", add(B, mul(xi, xi.T)))), "x_i")
    assert answer.certificate.verdict == "equal"
    twice = over(mul(yi, over(mul(yi, apply("logdet", add(B, mul(xi, xi.T)))), "i")), "i")
    assert derive(twice, "y").certificate.verdict == "equal"
    assert derive(twice, "x_k").certificate.verdict == "equal"


def test_mistakes_are_named() -> None:
    with pytest.raises(UsageError, match="own range"):
        sigma("i", 1, "i", t)
    with pytest.raises(ShapeError, match="depends on the index"):
        sigma("i", 1, "n", symbol("v", "i"))
    with pytest.raises(ShapeError, match="square"):
        prod("i", 1, "n", X)
    with pytest.raises(ShapeError, match="members of 2 rows"):
        member(symbol("F", 5, "m", "family"), 1, 2)
