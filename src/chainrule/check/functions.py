"""Edits of functions: another of the same family, its derivative, one too many or missing."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from chainrule.check.edit import Edit
from chainrule.check.rough import Path, rough
from chainrule.expr import Expr, number
from chainrule.ops import TABLE
from chainrule.ops.slopes import SLOPES

FAMILIES: tuple[tuple[str, ...], ...] = (
    ("sigmoid", "tanh", "relu", "step", "sign", "softplus", "abs", "gelu", "leakyrelu"),
    ("exp", "log", "sqrt"), ("sin", "cos", "tan"), ("sinh", "cosh", "tanh"),
    ("arcsin", "arccos", "arctan"), ("det", "logdet", "tr", "sum"),
    ("sum", "mean", "norm1", "norm2", "normF"), ("max", "min"),
    ("softmax", "sigmoid", "exp", "logsoftmax"), ("softmax_rows", "sigmoid", "logsoftmax_rows"),
    ("inv", "pinv", "adj"), ("sum_rows", "sum_cols", "sum"), ("expm", "exp"), ("logm", "log"),
    ("sqrtm", "sqrt"), ("sinm", "sin", "cosm"), ("cosm", "cos", "sinm"),
    ("lgamma", "digamma", "trigamma"), ("logsumexp", "softmax"),
)  # fmt: skip
RARE = frozenset({"adj", "pinv", "lgamma", "trigamma", "gelu", "leakyrelu"})
RELATED: dict[str, tuple[str, ...]] = {}
for _family in FAMILIES:
    for _name in _family:
        RELATED[_name] = tuple(dict.fromkeys((*RELATED.get(_name, ()), *_family)))
SINGLE = frozenset(n for n, op in TABLE.items() if op.arity == 1 and op.kind != "derivative")


def functions(path: Path, e: Expr, shape: tuple[int, int] | None) -> Iterator[Edit]:
    if e.op == "number":
        return
    inner = e.args[0] if e.args else None
    if e.op in RELATED and inner is not None:
        for other in RELATED[e.op]:
            if other != e.op:
                rare = 0.5 if {e.op, other} & RARE else 0.0
                yield Edit(path, e, rough(other, *e.args), "wrong_function",
                           f"{e.op} stands where {other} is meant", 1.2 + rare)  # fmt: skip
    if e.op in SLOPES and inner is not None:
        slope = SLOPES[e.op](inner)
        yield Edit(path, e, slope, "wrong_function",
                   ("{} stands where its derivative {} is meant", e, slope), 1.3)  # fmt: skip
    if e.op == "call" and inner is not None:
        name, order = e.params
        assert isinstance(order, int)
        for near in (order + 1, order - 1):
            if near >= 0:
                yield Edit(path, e, rough("call", inner, params=(name, near)), "wrong_function",
                           f"the derivative of order {near} of {name} is meant", 1.2)  # fmt: skip
    if inner is not None and e.op in SINGLE - {"transpose"}:
        kind = {"diag": "hadamard_vs_product", "inv": "wrong_function"}.get(e.op, "wrong_function")
        yield Edit(path, e, inner, kind, (f"{e.op}(…) around {{}} is too many", inner), 1.4)
    if shape == (1, 1) or e.op in ("transpose", "size"):
        return
    if shape is None or shape[0] == shape[1]:
        yield Edit(path, e, rough("inv", e), "wrong_function",
                   ("the inverse of {} is missing", e), 1.25)  # fmt: skip
        yield Edit(path, e, rough("tr", e), "missing_sum",
                   ("the trace of {} is missing", e), 1.3)  # fmt: skip
        yield Edit(path, e, rough("pow", e, number(2)), "factor",
                   ("the power 2 of {} is missing", e), 1.4)  # fmt: skip
    if shape is None or 1 in shape or shape[0] == shape[1]:
        yield Edit(path, e, rough("diag", e), "hadamard_vs_product",
                   ("{} must multiply elementwise: diag(…) is missing", e), 1.2)  # fmt: skip
    for op, what in (("sum", "sum over"), ("sum_rows", "sum over the rows of"),
                     ("sum_cols", "sum over the columns of"), ("vec", "vec of")):  # fmt: skip
        yield Edit(path, e, rough(op, e), "missing_sum" if op != "vec" else "layout",
                   (f"the {what} {{}} is missing", e), 1.3)  # fmt: skip
    for op in ("exp", "log", "det", "logdet"):
        yield Edit(path, e, rough(op, e), "wrong_function",
                   (f"the function {op} of {{}} is missing", e),
                   1.5 if op in ("exp", "log") else 1.6)  # fmt: skip
    for power in (2, -1, Fraction(1, 2)):
        yield Edit(path, e, rough("epow", e, number(power)), "factor",
                   (f"the elementwise power {power} of {{}} is missing", e), 1.5)  # fmt: skip
