"""THE TABLE: contractions, elementwise functions, primitives, definitions, constants, binders."""

from chainrule.ops import constants, contractions, derivatives, elementwise, indexed, matrix
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
from chainrule.ops.indexed import entry, is_family, member, prod, sigma, with_sizes
from chainrule.ops.table import TABLE, Op, is_elementwise

__all__ = [
    "TABLE", "Op", "add", "apply", "call", "constant", "divide", "ediv", "entry", "epow",
    "eye", "hadamard", "inv", "is_elementwise", "is_family", "member", "mul", "neg", "ones",
    "power", "prod", "sigma", "sub", "sum_", "trace", "transpose", "with_sizes", "zeros",
]  # fmt: skip

_rooms = (constants, contractions, derivatives, elementwise, indexed, matrix)
