"""Syntax: precedence, spellings, definitions, entries, derivatives inside formulas."""

from fractions import Fraction

import pytest

from chainrule.errors import ChainruleError, UnsupportedError, UsageError
from chainrule.expr import Expr, node, number, size, symbol
from chainrule.ops import (
    add,
    apply,
    call,
    constant,
    divide,
    ediv,
    epow,
    hadamard,
    inv,
    mul,
    neg,
    power,
    transpose,
)
from chainrule.read import read, read_pair

DECLARED = ["A: n,n; B: n,n; x: n; y: n; a: scalar; b: scalar; c: scalar"]
A, B = symbol("A", "n", "n"), symbol("B", "n", "n")
x, y = symbol("x", "n"), symbol("y", "n")
a, b, c = symbol("a"), symbol("b"), symbol("c")


def got(text: str) -> Expr:
    return read(text, DECLARED).expr


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-a^2", neg(power(a, number(2)))),
        ("a^-1*b", mul(power(a, number(-1)), b)),
        ("a^b^c", power(power(a, b), c)),
        ("a-b-c", add(a, neg(b), neg(c))),
        ("a-(b-c)", add(a, neg(add(b, neg(c))))),
        ("a/b*c", mul(divide(a, b), c)),
        ("a/(b*c)", divide(a, mul(b, c))),
        ("1/2*x", mul(number(Fraction(1, 2)), x)),
        ("A'*x", mul(transpose(A), x)),
        ("(A*x)'*y", mul(transpose(mul(A, x)), y)),
        ("A'^1", transpose(A)),
        ("A''", A),
        ("A^T*x", mul(transpose(A), x)),
        ("A^-T", transpose(inv(A))),
        ("A^-1", inv(A)),
        ("A^(1/2)", power(A, number(Fraction(1, 2)))),
        ("A^(-2)", power(A, number(-2))),
        ("x.*y./x", ediv(hadamard(x, y), x)),
        ("x.^2", epow(x, number(2))),
        ("1 ./ x", epow(x, number(-1))),
        ("1./x", epow(x, number(-1))),
        ("5.*x", mul(number(5), x)),
        ("2.5e-1*x", mul(number(Fraction(1, 4)), x)),
        ("a*-b", mul(a, neg(b))),
        ("+x", x),
        ("(x'*x)*A", mul(mul(transpose(x), x), A)),
        ("phi''(x)", call("phi", x, 2)),
        ("kron(A,B)", apply("kron", A, B)),
        ("max(x,0)", apply("max", x, number(0))),
        ("pi*x", mul(constant("pi"), x)),
        ("n*a", mul(size("n"), a)),
        ("ones(n)", constant("ones", "n")),
        ("A*ones", mul(A, constant("ones", "n"))),
        ("A+eye", add(A, constant("eye", "n"))),
        ("x+2*vector(1)", add(x, mul(number(2), constant("ones", "n")))),
        ("A[1,2]", mul(transpose(constant("unit", "n", 1)), A, constant("unit", "n", 2))),
        ("A[1,:]", mul(transpose(constant("unit", "n", 1)), A)),
        ("A[:,2]", mul(A, constant("unit", "n", 2))),
        ("x[3]", mul(transpose(constant("unit", "n", 3)), x)),
        ("d(x'*x)/d(x)", node("grad", (mul(transpose(x), x), x), (), x.shape)),
        ("hessian(x'*x,x)", node("hessian", (mul(transpose(x), x), x), (), A.shape)),
        ("d(A*x)", node("differential", (mul(A, x),), (), x.shape)),
        ("dA*x", mul(symbol("dA", "n", "n"), x)),
    ],
)
def test_value(text: str, expected: Expr) -> None:
    assert got(text) is expected


@pytest.mark.parametrize(
    ("pasted", "plain"),
    [
        ("xᵀ·A×x", "x'*A*x"),
        ("x^⊤*y", "x'*y"),
        ("‖A·x − y‖²", "norm2(A*x-y)^2"),
        ("‖A‖_F^2", "normF(A)^2"),
        ("‖x‖₁", "norm1(x)"),
        ("A⊙B", "A.*B"),
        ("A⊗B", "kron(A,B)"),
        ("A⁻¹", "inv(A)"),
        ("α*x", "alpha*x"),
        ("λ₁*x", "lambda_1*x"),
        ("𝐀*𝐱", "A*x"),
        ("x.'*y", "x'*y"),
        ("x’*y", "x'*y"),
    ],
)
def test_pasted_spellings(pasted: str, plain: str) -> None:
    assert got(pasted) is got(plain)


def test_definitions() -> None:
    one = read("r = W*x - b; f = r'*r")
    lines = read("r = W*x\n  - b\n\nf = r'*r\n".replace("\n  - b", " -\n b"))
    assert one.expr is lines.expr
    assert list(one.definitions) == ["r", "f"]
    assert one.expr is mul(transpose(one.definitions["r"]), one.definitions["r"])
    assert read("f(x) = x'*x; 2*f(x)").expr is read("2*(x'*x)").expr


def test_gradient_of_a_definition() -> None:
    assert read("f = x'*A*x; 2*df/dx").expr is read("2*grad(x'*A*x, x)").expr
    assert read("f = x'*A*x; df").expr.op == "differential"
    assert "dx" not in read("f = x'*A*x; df/dx").variables


def test_names() -> None:
    reading = read("lambda*W_1*x_1 + b2 + l_21")
    assert set(reading.variables) == {"lambda", "W_1", "x_1", "b2", "l_21"}
    assert read("x_i'*x_i", ["x_i: n"]).variables["x_i"].shape == symbol("x_i", "n").shape


def test_T_is_a_transpose_unless_declared() -> None:
    assert read("A^T", ["A: m,n"]).expr.op == "transpose"
    reading = read("A^T", ["A: n,n; T: scalar"])
    assert reading.expr.op == "pow"
    assert any("T is declared" in r for r in reading.remarks)


def test_sigma_is_abstract_with_a_remark() -> None:
    reading = read("sigma(W*x)")
    assert reading.expr.op == "call"
    assert any("sigmoid" in r for r in reading.remarks)


def test_size_in_a_formula() -> None:
    reading = read("1/N*sum(X*w)", ["X: N,n; w: n"])
    assert "N" not in reading.variables
    assert read("N*x", ["N: scalar; x: N"]).variables["N"].is_scalar
    assert read("n*sum(x)*ones(n)").expr.args[0] is size("n")
    assert read("N*x", ["N: size; x: n"]).expr.args[0] is size("N")


def test_pair_shares_names() -> None:
    left, right = read_pair("A*x", "A'*x")
    assert left.variables["A"] is right.variables["A"]
    left, right = read_pair("tr(A*B) == tr(B*A)")
    assert left.expr is read_pair("tr(A*B)", "tr(B*A)")[0].expr
    assert right.expr is not left.expr


@pytest.mark.parametrize(
    "text",
    [
        "[1,2;3,4]", "a = b = c", "[x==y]*x'*y",
    ],
)  # fmt: skip
def test_not_yet(text: str) -> None:
    with pytest.raises(UnsupportedError):
        read(text)


@pytest.mark.parametrize("text", ["I*x", "f = 1; f = 2", "x = x+1", "exp = 2", "df; f = x'*x"])
def test_misused_names(text: str) -> None:
    with pytest.raises(UsageError):
        read(text)


def test_derivative_by_what_is_no_variable() -> None:
    with pytest.raises(ChainruleError, match="taken by a variable"):
        read("d(x'*x)/d(x+y)")


def test_matrix_by_matrix_inside_a_formula() -> None:
    with pytest.raises(UnsupportedError, match="more than two indices"):
        read("d(X*X)/d(X)", ["X: n,n"])
