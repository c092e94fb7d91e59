"""Powers with the exponent 0, and the number 0 as a base."""

import pytest

from chainrule import derive, equal, parse
from chainrule.calculus.canonical import provably_equal
from chainrule.errors import UsageError

DECLARED = "x: N; a: 1; p: 1; A: n,n; B: n,m; y: n"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("x*N^0", "x"),
        ("N^0", "1"),
        ("x/N^0", "x"),
        ("(N*p)^0*x", "x"),
        ("n^0*A", "A"),
        ("a^0", "1"),
        ("a*a^0", "a"),
        ("sqrt(a)^0*y", "y"),
        ("(a^p)^0", "1"),
        ("(a+p)^0*x", "x"),
        ("(y'*y)^0*y", "y"),
        ("det(A)^0*A", "A"),
        ("(a*y).^0", "ones(n)"),
        ("sum(B.^0)", "n*m"),
        ("sum(i=1:n, y[i]^0*a)", "n*a"),
        ("(0*a)^0", "1"),
        ("(0*y).^0", "ones(n)"),
    ],
)
def test_a_power_zero_is_one(left: str, right: str) -> None:
    assert provably_equal(parse(left, DECLARED), parse(right, DECLARED))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("(0*a)^0", "0"),
        ("(0*y).^0", "zeros(n)"),
        ("1/(0*a)", "0"),
        ("(0*y).^(-1)", "zeros(n)"),
        ("inv(0*A)", "zeros(n,n)"),
    ],
)
def test_a_power_of_zero_that_is_no_zero_is_none(left: str, right: str) -> None:
    assert equal(parse(left, DECLARED), parse(right, DECLARED)).verdict != "equal"


@pytest.mark.parametrize(
    ("text", "by", "expected"),
    [
        ("sum(x*N^0)", "x", "ones(N)"),
        ("a^0*y'*y", "y", "2*y"),
        ("sum(y.^0)", "y", "zeros(n)"),
        ("tr(A^0)", "A", "zeros(n,n)"),
        ("det(A)^0", "A", "zeros(n,n)"),
    ],
)
def test_derivatives_with_a_power_zero(text: str, by: str, expected: str) -> None:
    answer = derive(parse(text, DECLARED), by)
    assert answer.certificate.verdict == "equal"
    assert equal(answer.result, parse(expected, DECLARED)).verdict == "equal"


def test_a_quotient_by_zero_has_no_derivative() -> None:
    with pytest.raises(UsageError, match="division by zero"):
        derive(parse("a/(0*p)", DECLARED), "a")


def test_terms_that_vanish_are_left_out_of_a_derivation_by_indices() -> None:
    f = parse("0*p*(y'*y+c'*y)+c'*y", f"{DECLARED}; c: n")
    assert derive(f, "y", method="index").answer.result is parse("c", "c: n")
