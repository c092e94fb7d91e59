"""What operators make of scalars, columns, rows and matrices, and how odd that would be.

A value is described by which of its two axes have length one. Odd is what people rarely mean: a
transposed scalar, a scalar spread over a vector, a result lying on its side. The prices decide
between readings that are both possible, as in ``norm2(A*x-b)``, where b could be a scalar.
"""

from __future__ import annotations

from chainrule.dims import ONE, Dim
from chainrule.ops import is_elementwise
from chainrule.read.syntax import Node

MATRIX, COLUMN, ROW, SCALAR, LITERAL = 0, 1, 2, 3, 7
"""Bit 1: one column; bit 2: one row; LITERAL: a scalar without variables (spreads for free)."""
SPREAD_VECTOR, SPREAD_MATRIX = 6, 10
ON_ITS_SIDE = 6
TRANSPOSED_NAME, TRANSPOSED_SCALAR = 12, 2
TRAILING_NAME, TRAILING_SCALAR, TRAILING_A_MATRIX = 8, 4, 6
POINTLESS = 6
ODD_SCALAR, ODD_ROW, ODD_ENTRY = 12, 2, 20

Result = tuple[int, int] | None

_FLIP = {MATRIX: MATRIX, COLUMN: ROW, ROW: COLUMN, SCALAR: SCALAR, LITERAL: LITERAL}


def pattern_of(shape: tuple[Dim, Dim]) -> int:
    """The pattern of known sizes."""
    return (shape[0] == ONE) * 2 + (shape[1] == ONE)


def step(node: Node, patterns: tuple[int, ...]) -> Result:
    """Pattern of an operator's result and how odd it would be; None if impossible."""
    match node.op:
        case "number" | "size":
            return LITERAL, 0
        case "constant":
            return _constant(node), 0
        case "kd":
            return LITERAL, 0
        case "unit":
            return COLUMN, 0
        case "neg" | "differential" | "abstract" | "sigma":
            return patterns[0], 0
        case "prod":
            return (patterns[0], 0) if patterns[0] not in (COLUMN, ROW) else None
        case "frac":
            return _quotient(*patterns)
        case "transpose":
            return _transpose(node, patterns[0])
        case "add":
            return _spread(patterns)
        case "mul":
            return _product(node, patterns)
        case "hadamard" | "ediv":
            return _spread(patterns, POINTLESS)
        case "div":
            return (patterns[0], 0) if patterns[1] & 3 == SCALAR else None
        case "pow":
            base, exponent = patterns
            if exponent & 3 != SCALAR or base in (COLUMN, ROW):
                return None
            return (base & exponent if base & 3 == SCALAR else base), 0
        case "epow":
            odd = POINTLESS if patterns[0] == SCALAR else 0
            return (patterns[0], odd) if patterns[1] & 3 == SCALAR else None
        case "entry":
            return _entry(node, patterns[0])
        case "grad":
            found = _grad(*patterns)
            if node.value == "vec":
                one_row, one_col = patterns[0] & 3 == SCALAR, patterns[1] & 3 == SCALAR
                return one_row * 2 + one_col, 0
            turned = node.value in ("row", "numerator") and patterns[0] & 3 == SCALAR
            return (_FLIP[found[0]], found[1]) if turned and found is not None else found
        case "hessian":
            if patterns[0] & 3 != SCALAR:
                return None
            return (SCALAR if patterns[1] & 3 == SCALAR else MATRIX), 0
        case _:
            return _function(str(node.value), patterns)


def _constant(node: Node) -> int:
    name, sizes, _ = node.value
    if name == "pi":
        return LITERAL
    if name == "unit":
        return COLUMN
    if name in ("ones", "zeros"):
        cols = sizes[1] if len(sizes) > 1 else ONE
        return pattern_of((sizes[0], cols)) | (4 if sizes[0] == ONE == cols else 0)
    return MATRIX if sizes[0] != ONE or name in ("dup", "elim", "commut") else LITERAL


def _transpose(node: Node, pattern: int) -> Result:
    if pattern & 3 == SCALAR:
        name = node.args[0].op in ("variable", "member")
        return pattern, TRANSPOSED_NAME if name else TRANSPOSED_SCALAR
    return _FLIP[pattern], 0


def _spread(patterns: tuple[int, ...], pointless: int = 0) -> Result:
    """Equal patterns, or scalars spread over the others at a price.

    ``pointless`` is the price of an elementwise sign between scalars.
    """
    taken, cost = _spread_first(patterns[0]), 0
    for p in patterns[1:]:
        result = _spread_next(taken, p)
        if result is None:
            return None
        taken, cost = result[0], cost + result[1]
    last, extra = _spread_last(taken, pointless)
    return last, cost + extra


_MANY = 7
"""Scalars met before the first vector or matrix are counted up to here."""


def _spread_first(p: int) -> int:
    return p | (8 if p == SCALAR else 0)


def _spread_next(taken: int, p: int) -> Result:
    """Add one more to what is taken in: a pattern, and above it the count of scalars so far."""
    shaped, waiting = taken & 7, taken >> 3
    if p & 3 == SCALAR:
        scalar = p != LITERAL
        if shaped & 3 == SCALAR:
            return (shaped & p) | (min(waiting + scalar, _MANY) << 3), 0
        return shaped, _price(shaped) * scalar
    if shaped & 3 == SCALAR:
        return p, _price(p) * waiting
    return (p, 0) if shaped == p else None


def _spread_last(taken: int, pointless: int) -> tuple[int, int]:
    shaped = taken & 7
    if shaped & 3 == SCALAR:
        return shaped, pointless if shaped == SCALAR else 0
    return shaped, ON_ITS_SIDE if shaped == ROW else 0


def _price(shaped: int) -> int:
    return SPREAD_MATRIX if shaped == MATRIX else SPREAD_VECTOR


def fold(node: Node, kind: str, patterns: tuple[int, ...]) -> Result:
    """One argument of a long sum or product at a time, so that long ones stay cheap."""
    if node.op == "mul":
        if kind in ("first", "last"):
            return patterns[0], 0
        return _product_next(patterns[0], patterns[1], kind == "next_name")
    if kind == "first":
        return _spread_first(patterns[0]), 0
    if kind == "last":
        return _spread_last(patterns[0], POINTLESS if node.op == "hadamard" else 0)
    return _spread_next(patterns[0], patterns[1])


def _trailing(pattern: int, before: int, name: bool) -> int:
    """People write scalars in front."""
    if pattern == LITERAL:
        return 0
    if name:
        return TRAILING_NAME
    return TRAILING_A_MATRIX if before == MATRIX else TRAILING_SCALAR


def _product(node: Node, patterns: tuple[int, ...]) -> Result:
    shape, cost = patterns[0], 0
    for arg, p in zip(node.args[1:], patterns[1:], strict=True):
        result = _product_next(shape, p, arg.op == "variable")
        if result is None:
            return None
        shape, cost = result[0], cost + result[1]
    return shape, cost


def _product_next(shape: int, p: int, name: bool) -> Result:
    if p & 3 == SCALAR:
        if shape & 3 == SCALAR:
            return shape & p, 0
        return shape, _trailing(p, shape, name)
    if shape & 3 == SCALAR:
        return p, 0
    if (shape & 1) != (p >> 1 & 1):
        return None
    return (shape & 2) | (p & 1), 0


def _quotient(upper: int, lower: int) -> Result:
    """A fraction: by a scalar, or entry by entry."""
    if lower & 3 == SCALAR:
        return upper, 0
    if lower == MATRIX and upper & 3 == SCALAR:
        return None
    found = _spread((upper, lower))
    price = 2 * POINTLESS if upper == LITERAL else POINTLESS
    return None if found is None else (found[0], found[1] + price)


def _entry(node: Node, pattern: int) -> Result:
    if pattern & 3 == SCALAR:
        return None
    if len(node.value) == 1:
        return (SCALAR, 0) if pattern in (COLUMN, ROW) else None
    one_row = node.value[0] is not None or bool(pattern & 2)
    one_col = node.value[1] is not None or bool(pattern & 1)
    odd = ODD_ENTRY if pattern != MATRIX and None not in node.value else 0
    return one_row * 2 + one_col, odd


def _grad(f: int, x: int) -> Result:
    if f & 3 == SCALAR:
        return x & 3, 0
    if x & 3 == SCALAR:
        return f, 0
    return (MATRIX, 0) if f != MATRIX and x != MATRIX else None


BY_SIZE = frozenset({"bars", "epower", "exp?", "log?", "sin?", "cos?", "sqrt?"})
"""Signs that mean one function of a scalar or vector and another one of a square matrix."""
ON_SQUARE = frozenset({"det", "logdet", "tr", "eigmax", "inv", "adj", "expm", "logm", "sqrtm",
                        "sinm", "cosm", "vmax", "vech"})  # fmt: skip
TO_SCALAR = frozenset({"det", "logdet", "tr", "eigmax", "sum", "mean", "norm1", "norm2", "normF",
                        "norm", "logsumexp"})  # fmt: skip
_ON_VECTOR = frozenset({"norm2", "logsumexp", "softmax", "logsoftmax"})


def _function(name: str, patterns: tuple[int, ...]) -> Result:
    p = patterns[0]
    odd = 0
    if len(patterns) == 1 and is_elementwise(name):
        return p, 0
    if name in ("max", "min"):
        return _spread(patterns)
    if name == "bars":
        return (SCALAR, 0) if p == MATRIX else (p, 0)
    if name in BY_SIZE:
        return p, 0 if p & 3 == SCALAR or name != "epower" else POINTLESS
    if name == "kron":
        a, b = patterns
        return (a & b if a & b & 3 == SCALAR else a & b & 3), 0
    if name in ("hcat", "vcat"):
        return _stack(patterns, name == "hcat")
    if p & 3 == SCALAR and name in ("softmax", "logsoftmax"):
        return None  # of a scalar it is always 1
    if p & 3 == SCALAR:
        odd = ODD_SCALAR
    elif p == ROW:
        odd = ODD_ROW
    if name in ON_SQUARE and p in (COLUMN, ROW):
        return None
    if name in _ON_VECTOR and p == MATRIX:
        return None
    if name in TO_SCALAR:
        return (SCALAR, odd)
    match name:
        case "sum_rows" | "logsumexp_rows":
            return (p & 2) | 1, odd
        case "sum_cols":
            return 2 | (p & 1), odd
        case "vec" | "vech":
            return (COLUMN if p & 3 != SCALAR else SCALAR), odd
        case "vmax":
            return (COLUMN if p == MATRIX else SCALAR), odd
        case "diag":
            return (COLUMN if p == MATRIX else MATRIX if p & 3 != SCALAR else SCALAR), odd
        case "pinv":
            return _FLIP[p], odd
        case _:
            return p & 3, odd


def _stack(patterns: tuple[int, ...], across: bool) -> Result:
    """Side by side: as many rows each; one above the other: as many columns each."""
    bit = 2 if across else 1
    shared = {p & bit for p in patterns}
    if len(shared) > 1:
        return None
    if len(patterns) == 1:
        return patterns[0] & 3, 0
    return shared.pop(), 0
