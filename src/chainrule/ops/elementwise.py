"""Elementwise functions: domain and convention at kinks; derivatives in :mod:`.slopes`."""

from chainrule.ops.table import Op, row, same


def _fn(name: str, doc: str, domain: str = "real", kinks: str | None = None) -> Op:
    return row(Op(name, "elementwise", 1, doc, shape=same, domain=domain, kinks=kinks))


_fn("exp", "exponential")
_fn("log", "natural logarithm", "positive")
_fn("sqrt", "square root", "positive")
_fn("abs", "absolute value", kinks="abs'(0) = sign(0) = 0")
_fn("sign", "sign", kinks="sign is flat; sign(0) = 0")
_fn("sin", "sine")
_fn("cos", "cosine")
_fn("tan", "tangent")
_fn("sinh", "hyperbolic sine")
_fn("cosh", "hyperbolic cosine")
_fn("tanh", "hyperbolic tangent")
_fn("arcsin", "inverse sine", "unit")
_fn("arccos", "inverse cosine", "unit")
_fn("arctan", "inverse tangent")
_fn("erf", "error function")
_fn("lgamma", "logarithm of the gamma function", "positive")
_fn("digamma", "derivative of lgamma", "positive")
_fn("trigamma", "derivative of digamma", "positive")
_fn("sigmoid", "logistic function 1/(1+exp(-x))")
_fn("softplus", "log(1+exp(x))")
_fn("relu", "max(x, 0)", kinks="relu'(0) = 0")
_fn("leakyrelu", "x for x > 0, else 0.01 x", kinks="leakyrelu'(0) = 0.01")
_fn("gelu", "x times the normal distribution function")
_fn("step", "1 for x > 0, else 0", kinks="step is flat; step(0) = 0")

row(Op("max", "elementwise", 2, "elementwise maximum", kinks="max at a tie gives each side 1/2"))
row(Op("min", "elementwise", 2, "elementwise minimum", kinks="min at a tie gives each side 1/2"))
row(Op("epow", "elementwise", 2, "elementwise power; scalar exponent", shape=same))
row(Op("call", "elementwise", 1, "abstract elementwise function", shape=same))
