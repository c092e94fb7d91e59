"""Every row of the operator table: its derivative agrees with the independent numerical one."""

from __future__ import annotations

import pytest

from chainrule.calculus import derive
from chainrule.errors import UnsupportedError
from chainrule.expr import Expr, number, symbol
from chainrule.ops import (
    TABLE,
    add,
    apply,
    call,
    entry,
    epow,
    eye,
    hadamard,
    mul,
    power,
    prod,
    sigma,
)

X = symbol("X", "n", "n")
P = symbol("P", "n", "n", "positive_definite")
R = symbol("R", "m", "n")
B = symbol("B", "m", "n")
x = symbol("x", "n")
w = symbol("w", "n")
t = symbol("t")

# where a row needs more than one plain argument; everything else is found from the row itself
SPECIAL: dict[str, tuple[Expr, Expr]] = {
    "add": (add(R, B, t), t), "mul": (mul(t, R, X), X), "hadamard": (hadamard(R, B), R),
    "kron": (apply("kron", R, x), R), "hcat": (apply("hcat", R, B), R),
    "vcat": (apply("vcat", R, B), B), "max": (apply("max", x, w), x),
    "min": (apply("min", x, w), x), "epow": (epow(x, number(3)), x),
    "pow": (power(X, number(3)), X), "call": (call("phi", x), x),
    "diag": (apply("diag", x), x), "eigmax": (apply("eigmax", P), P),
    "sigma": (sigma("i", 2, "n", mul(entry(w, "i"), apply("inv", add(X, mul(entry(x, "i"), P))))),
              X),
    "prod": (prod("i", 1, "n", add(X, mul(entry(w, "i"), P))), X),
}  # fmt: skip
NO_CLOSED_FORM = ("expm", "logm", "sinm", "cosm", "vmax", "trigamma")
STACKED_ONLY = {"sqrtm"}  # the solution of Sylvester's equation is written for the stacked matrix
ROWS = [name for name, op in TABLE.items() if op.kind not in ("constant", "derivative")]


def question(name: str) -> tuple[Expr, Expr]:
    """An expression that applies the row, and the variable in it."""
    if name in SPECIAL:
        return SPECIAL[name]
    op = TABLE[name]
    if op.kind == "elementwise" or name in ("softmax", "logsoftmax", "logsumexp", "norm2"):
        return apply(name, x), x
    if name in ("sum", "mean", "normF", "norm1", "pinv", "vec", "transpose") or "rows" in name:
        return apply(name, R), R
    if name in ("logm", "sqrtm"):
        return apply(name, P), P
    return apply(name, X if name != "sum_cols" else R), X if name != "sum_cols" else R


@pytest.mark.parametrize("name", [n for n in ROWS if n not in NO_CLOSED_FORM])
@pytest.mark.parametrize("layout", ["vec", "differential"])
def test_every_row_is_certified(name: str, layout: str) -> None:
    f, by = question(name)
    if name in STACKED_ONLY and layout == "differential":
        with pytest.raises(UnsupportedError, match="no matrix notation"):
            derive(f, by, layout=layout)
        return
    answer = derive(f, by, layout=layout, symmetric="ignore")
    assert answer.certificate.verdict == "equal"


@pytest.mark.parametrize("name", NO_CLOSED_FORM)
def test_what_has_no_closed_form_is_refused_by_name(name: str) -> None:
    f, by = question(name)
    with pytest.raises(UnsupportedError, match=name):
        derive(f, by, layout="vec")


@pytest.mark.parametrize("name", ["expm", "logm", "sqrtm", "sinm", "cosm", "inv"])
def test_traces_of_matrix_functions(name: str) -> None:
    by = P if name in ("logm", "sqrtm") else X
    answer = derive(apply("tr", apply(name, by)), by)
    assert answer.certificate.verdict == "equal"


def test_domains_are_honoured() -> None:
    assert derive(apply("log", apply("det", X)), X).certificate.verdict == "equal"
    assert derive(apply("arcsin", x), x).certificate.verdict == "equal"


def test_identity_plus_scalar_does_not_commute() -> None:
    # t + X is t*ones + X: functions of it do not commute with X
    with pytest.raises(UnsupportedError, match="commutes"):
        derive(apply("tr", mul(apply("expm", X), apply("inv", add(t, X)))), X)
    assert derive(apply("tr", mul(apply("expm", X), X)), X).certificate.verdict == "equal"
    assert eye("n").shape == X.shape
