"""Derivatives of the elementwise functions, one line each, written in the language itself."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from chainrule.errors import UnsupportedError
from chainrule.expr import Expr, number
from chainrule.ops.build import add, apply, call, constant, epow, hadamard, mul, neg, power, sub

HALF = number(Fraction(1, 2))
ONE, TWO = number(1), number(2)


SLOPES: dict[str, Callable[[Expr], Expr]] = {
    "exp": lambda x: apply("exp", x),
    "log": lambda x: epow(x, number(-1)),
    "sqrt": lambda x: mul(HALF, epow(apply("sqrt", x), number(-1))),
    "abs": lambda x: apply("sign", x),
    "sin": lambda x: apply("cos", x),
    "cos": lambda x: neg(apply("sin", x)),
    "tan": lambda x: add(ONE, epow(apply("tan", x), TWO)),
    "sinh": lambda x: apply("cosh", x),
    "cosh": lambda x: apply("sinh", x),
    "tanh": lambda x: sub(ONE, epow(apply("tanh", x), TWO)),
    "arcsin": lambda x: epow(sub(ONE, epow(x, TWO)), number(Fraction(-1, 2))),
    "arccos": lambda x: neg(epow(sub(ONE, epow(x, TWO)), number(Fraction(-1, 2)))),
    "arctan": lambda x: epow(add(ONE, epow(x, TWO)), number(-1)),
    "erf": lambda x: mul(TWO, power(constant("pi"), number(Fraction(-1, 2))),
                         apply("exp", neg(epow(x, TWO)))),
    "lgamma": lambda x: apply("digamma", x),
    "digamma": lambda x: apply("trigamma", x),
    "sigmoid": lambda x: hadamard(apply("sigmoid", x), sub(ONE, apply("sigmoid", x))),
    "softplus": lambda x: apply("sigmoid", x),
    "relu": lambda x: apply("step", x),
    "leakyrelu": lambda x: add(number("0.01"), mul(number("0.99"), apply("step", x))),
    "gelu": lambda x: add(
        mul(HALF, add(ONE, apply("erf", mul(x, power(TWO, number(Fraction(-1, 2))))))),
        mul(power(mul(TWO, constant("pi")), number(Fraction(-1, 2))),
            hadamard(x, apply("exp", mul(number(Fraction(-1, 2)), epow(x, TWO)))))),
}  # fmt: skip
FLAT = frozenset({"sign", "step"})


def slope(e: Expr) -> Expr | None:
    """f'(x) for the elementwise node ``e = f(x)``; None where it is zero.

    Raises
    ------
    UnsupportedError
        If the derivative has no name in the language.
    """
    if e.op == "call":
        name, order = str(e.params[0]), e.params[1]
        assert isinstance(order, int)
        return call(name, e.args[0], order + 1)
    if e.op in FLAT:
        return None
    rule = SLOPES.get(e.op)
    if rule is None:
        raise UnsupportedError(f"the derivative of {e.op} is not a function of the language")
    return rule(e.args[0])
