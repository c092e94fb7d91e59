"""THE TABLE: contractions, elementwise functions, primitives, definitions, constants."""

from chainrule.ops import constants, contractions, derivatives, elementwise, matrix
from chainrule.ops.build import (
    add,
    apply,
    call,
    constant,
    divide,
    ediv,
    epow,
    eye,
    hadamard,
    inv,
    mul,
    neg,
    ones,
    power,
    sub,
    sum_,
    trace,
    transpose,
    zeros,
)
from chainrule.ops.table import TABLE, Op

__all__ = [
    "TABLE", "Op", "add", "apply", "call", "constant", "divide", "ediv", "epow", "eye",
    "hadamard", "inv", "mul", "neg", "ones", "power", "sub", "sum_", "trace", "transpose", "zeros",
]  # fmt: skip

_rooms = (constants, contractions, derivatives, elementwise, matrix)
