"""Bad input: one clear line, a place, a suggestion, and quickly."""

import time

import pytest

from chainrule.errors import ChainruleError, LimitError, ParseError
from chainrule.read import declare, read


@pytest.mark.parametrize(
    ("text", "at", "words"),
    [
        ("", 0, "empty"),
        ("  \n;", 0, "empty"),
        ("A*(x+y", 2, "never closed"),
        ("x+y)", 3, "closes nothing"),
        ("(x]", 2, "does not fit"),
        ("lgo(x)", 0, "log"),
        ("1+softmx(x)", 2, "softmax"),
        ("trace(X)", 0, "tr("),
        ("logdt(X)", 0, "logdet"),
        ("norm(x)", 0, "norm2"),
        ("ln(x)", 0, "log"),
        ("inverse(X)", 0, "inv"),
        ("Exp(x)", 0, "exp"),
        ("A*x + A(x+y)", 6, r"A*(…)"),
        ("2x", 1, "2*x"),
        ("2(x+y)", 1, "2*("),
        ("x y", 2, "x*y"),
        ("(a+b)(c+d)", 5, ")*("),
        ("A*x +", 4, "missing"),
        ("*x", 0, "missing before"),
        ("x**2", 2, "^"),
        ("x@y", 1, "*"),
        ("exp(x,y)", 0, "1 argument"),
        ("exp*x", 0, "exp(…)"),
        ("tanh'(x)", 0, "transpose"),
        ("psi(x,y)", 0, "one argument"),
        ("__import__('os')", 0, "letter"),
        ("x\0y", 1, "U+0000"),
        ("\u202ex+y", 0, "U+202E"),
        ("שלום", 0, "not used"),
        ("x😀", 1, "not used"),
        ("x == y", 5, "equation"),
        ("X .+ b", 2, "ones"),
    ],
)
def test_place_and_suggestion(text: str, at: int, words: str) -> None:
    with pytest.raises(ParseError) as caught:
        read(text)
    assert caught.value.at == at
    assert words in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.pretty().splitlines()[-1].strip() == "^"


@pytest.mark.parametrize("name", ["phi", "psi", "sigma", "f", "g", "rho", "eta", "h1", "act"])
def test_honest_names_stay_abstract(name: str) -> None:
    assert read(f"{name}(x)").expr.op == "call"


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000 + "x" + ")" * 10_000,
        "(" * 150 + "x" + ")" * 150,
        "sin(" * 190 + "x" + ")" * 190,
        "x+" * 500_000 + "x",
        "+".join(["x"] * 4900),
        "*".join(["a"] * 4900),
        "-" * 9000 + "x",
        "x" + "'" * 9000,
        "x" + "^2" * 3000,
        "/a*".join(["a"] * 1500),
        "+".join(f"A{i}*x{i}" for i in range(900)),
        "(a*b+c)*(d+h*k)*(p*q+r)*(s+t*u)*(v+w)*(x+y)*z*a*b*c*d*h*k*p*q*r*s*t*u*v*w*x*y",
        "1" * 50_000,
        "x^99999999999",
        "1e99999*x",
        "x" + "²" * 5000,
        ";" * 5000,
        "[" * 150,
        "'" * 5000,
        "\n".join(["x"] * 2000),
        "=".join(["x"] * 500),
    ],
)
def test_large_or_odd_input_ends_quickly(text: str) -> None:
    start = time.perf_counter()
    try:
        read(text)
    except ChainruleError as error:
        assert len(error.message) < 300
    assert time.perf_counter() - start < 5  # two seconds at leisure; machines may be busy


def test_nesting_is_refused_before_parsing() -> None:
    with pytest.raises(LimitError, match="nested"):
        read("(" * 201 + "x" + ")" * 201)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A: n,n symetric", "symmetric"),
        ("A: symetric", "symmetric"),
        ("A n,n", "not a declaration"),
        ("x: n,n,n", "3 sizes"),
        ("x: 0", "at least 1"),
        ("x: 2.5", "not a size"),
        ("x: n/2", "whole"),
        ("A: m,n symmetric", "square"),
        ("x_i: m, i=2:n", "not a range"),
        ("x_j: m, i=1:n", "does not fit the name"),
        ("exp: n", "function"),
        ("2x: n", "not a name"),
        ("x\0: n", "not a name"),
        ("x: vector n", "not known"),
        ("x: n,n vector", "called a vector"),
    ],
)
def test_bad_declarations(text: str, words: str) -> None:
    with pytest.raises(ChainruleError) as caught:
        read("y'*y", [text])
    assert words in caught.value.message


def test_declared_twice() -> None:
    with pytest.raises(ChainruleError, match="twice"):
        read("x'*x", ["x: n", "x: m"])
    assert read("x'*x", ["x: n", "x: n"]).variables["x"].shape[0].name == "n"


def test_declarations() -> None:
    found = declare("A: n,n symmetric; x, y: 2*m; t: scalar; S: k*m, k*m PD\nr: n row; c:")
    assert [(d.name, d.kind, d.traits) for d in found] == [
        ("A", "matrix", ("symmetric",)),
        ("x", "vector", ()),
        ("y", "vector", ()),
        ("t", "scalar", ()),
        ("S", "matrix", ("positive_definite",)),
        ("r", "row", ()),
        ("c", "scalar", ()),
    ]
    assert [str(d) for d in found[1].shape or ()] == ["2*m", "1"]
