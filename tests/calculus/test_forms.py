"""Forms a textbook prints, networks, conventions, equality: read from text, compared as text."""

from __future__ import annotations

import pytest

import chainrule as cr
from chainrule.calculus import Gradients, derive, gradients, restore
from chainrule.calculus.equality import equal
from chainrule.expr import Expr, number, symbol
from chainrule.numeric import check
from chainrule.ops import apply, mul, power
from chainrule.read import read

TEXTBOOK = [
    ("x'*A*x", "x", "", "(A+A')*x"),
    ("x'*A*x", "A", "", "x*x'"),
    ("tr(X'*A*X)", "X", "", "(A+A')*X"),
    ("log(det(X))", "X", "", "inv(X)'"),
    ("w'*A*w", "w", "A: n,n symmetric", "2*A*w"),
    ("norm2(A*x-b)^2", "x", "", "2*A'*(A*x-b)"),
    ("norm2(A*x)", "x", "", "A'*A*x/norm2(A*x)"),
    ("tr(X*X)", "X", "", "2*X'"),
    ("tr(X^k)", "X", "k: scalar", "k*X^(k-1)'"),
    ("a'*inv(Q)*b", "Q", "a: n; b: n", "-inv(Q)'*a*b'*inv(Q)'"),
    ("tr(A'*inv(X))", "X", "A: n,n symmetric; X: n,n symmetric", "-inv(X)*A*inv(X)"),
    ("tr(exp(X))", "X", "", "diag(exp(diag(X)))"),
    ("sum(x.^2)^2", "x", "", "4*sum(x.^2)*x"),
    ("(x'*x)*x", "x", "", "(x'*x)*eye(n)+2*x*x'"),
    ("tr(A'*A)+tr(B'*B)", "A", "", "2*A"),
    ("logsumexp(x)", "x", "", "softmax(x)"),
    ("-sum(y.*log(softmax(W*x)))", "W", "x: n; y: k one_hot", "(softmax(W*x)-y)*x'"),
    ("-sum(y.*log(sigmoid(X*w+b))+(1-y).*log(1-sigmoid(X*w+b)))", "w",
     "X: N,D; y: N; w: D; b: scalar", "X'*(sigmoid(X*w+b)-y)"),
    ("-sum(Y.*logsoftmax_rows(T))", "T", "Y: N,K one_hot; T: N,K", "softmax_rows(T)-Y"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "by", "declared", "expected"), TEXTBOOK)
def test_textbook_forms(text: str, by: str, declared: str, expected: str) -> None:
    answer = derive(read(text, [declared] if declared else []), by)
    assert repr(answer.result) == expected
    assert answer.certificate.verdict == "equal"


def test_symmetric_conventions_are_named() -> None:
    reading = read("x'*S*x", ["S: n,n symmetric"])
    found = {c: repr(derive(reading, "S", symmetric=c).result)
             for c in ("project", "entries", "ignore")}  # fmt: skip
    assert found == {"project": "x*x'", "entries": "2*x*x'-diag(x.^2)", "ignore": "x*x'"}


def test_user_definitions_are_kept() -> None:
    answer = derive(read("r = W*x - b; r'*r", ["W: m,n; x: n; b: m"]), "x")
    assert repr(answer.result) == "2*W'*r"
    assert [name for name, _ in answer.where] == ["r"]


def test_one_hot_is_not_used_when_the_variable_itself_moves() -> None:
    answer = derive(read("sum(h)^2", ["h: n one_hot"]), "h", order=2)
    assert repr(answer.result) == "2*ones(n,n)"


def network(layers: int) -> tuple[Expr, list[Expr]]:
    h = symbol("x", "n_0")
    parameters: list[Expr] = []
    for k in range(1, layers + 1):
        w, b = symbol(f"W{k}", f"n_{k}", f"n_{k - 1}"), symbol(f"b{k}", f"n_{k}")
        parameters += [w, b]
        h = apply("tanh", w @ h + b)
    error = apply("norm2", h - symbol("y", f"n_{layers}"))
    return mul(number("1/2"), power(error, number(2))), parameters


def test_all_gradients_of_a_network_are_right() -> None:
    f, parameters = network(3)
    found = gradients(f, parameters)
    assert isinstance(found, Gradients) and found.where
    for p in parameters:
        claim = restore(found.results[p.name], found.where)
        assert check(f, p, claim, "gradient").verdict == "equal"


def test_a_network_grows_linearly_in_size() -> None:
    sizes = []
    for layers in (10, 20, 40):
        found = gradients(*network(layers))
        sizes.append(sum(len(repr(e)) for _, e in found.where)
                     + sum(len(repr(e)) for e in found.results.values()))  # fmt: skip
    assert sizes[2] < 2.4 * sizes[1] < 2.4 * 2.4 * sizes[0]


EQUAL = [
    ("inv(A*B)", "inv(B)*inv(A)", "A: n,n; B: n,n", "equal"),
    ("(A+B)'*(A+B)", "A'*A+A'*B+B'*A+B'*B", "A: m,n; B: m,n", "equal"),
    ("kron(A,B)*kron(C,D)", "kron(A*C,B*D)", "A: m,n; B: p,q; C: n,q; D: q,p", "equal"),
    ("tr(A*B)", "tr(B*A)", "A: m,n; B: n,m", "equal"),
    ("A*B", "B*A", "A: n,n; B: n,n", "different"),
    ("norm2(x)^2", "x'*x", "x: n", "equal"),
    ("A'", "A", "A: m,n", "different"),
]


@pytest.mark.parametrize(("a", "b", "declared", "verdict"), EQUAL)
def test_equality(a: str, b: str, declared: str, verdict: str) -> None:
    found = equal(cr.parse(a, declared), cr.parse(b, declared))
    assert found.verdict == verdict
    if verdict == "different":
        assert found.counterexample


def test_equality_has_no_truth_value() -> None:
    x = cr.vector("x", "n")
    with pytest.raises(TypeError):
        bool(cr.equal(x, x))


def test_derivatives_inside_an_expression() -> None:
    inner = cr.parse("grad(x'*A*x, x)'*x", "A: n,n; x: n")
    assert equal(inner, cr.parse("x'*(A+A')*x", "A: n,n; x: n")).verdict == "equal"
