"""Builders: the only way operators are applied. They check sizes and normalise lightly.

Normalisation, so that writing and reading back give the identical expression:

* nested sums are flattened; ``-a`` is the product ``(-1) a``; ``a - b`` is ``a + (-1) b``;
* products are flattened and read from the left; a part that contracts to a scalar and is
  multiplied further stays a factor of its own, as in ``(x'*x)*A``;
* the transpose of a member ``x_i`` of a family is the row ``e_i'*x`` of what stacks the family;
* division is multiplication by a power -1; literal numbers next to each other are folded;
* ``A''`` is ``A``, the transpose of a scalar is the scalar, ``X^-1`` is ``inv(X)``.
"""

from __future__ import annotations

from chainrule.dims import ONE, SCALAR, Dim, DimLike, Shape, dim
from chainrule.errors import ShapeError, UsageError
from chainrule.expr import Expr, builders, node, number
from chainrule.ops.signatures import contraction_shape
from chainrule.ops.table import TABLE, describe, square

MINUS_ONE = number(-1)
NUMBER_ONE = number(1)
MAX_EXPONENT = 10**6


def add(*args: Expr) -> Expr:
    """Sum; scalars spread over matrices, other sizes must agree."""
    flat: list[Expr] = []
    for e in args:
        flat.extend(e.args if e.op == "add" else (e,))
    if len(flat) == 1:
        return flat[0]
    return node("add", tuple(flat), (), _common_shape(flat, "+"))


def _common_shape(args: list[Expr], sign: str) -> Shape:
    shape, first = SCALAR, args[0]
    for e in args:
        if e.shape == SCALAR or e.shape == shape:
            continue
        if shape != SCALAR:
            raise ShapeError(
                f"sizes disagree at '{sign}': {describe(first)} and {describe(e)}"
                + _transpose_hint(first, e)
            )
        shape, first = e.shape, e
    return shape


def _transpose_hint(a: Expr, b: Expr) -> str:
    """Suggest a transpose when that would make the sizes agree."""
    if a.shape == (b.shape[1], b.shape[0]):
        return f"; did you mean {b!r}'?" if len(repr(b)) < 20 else "; is a transpose missing?"
    return ""


def neg(e: Expr) -> Expr:
    """Minus; a literal number changes its sign."""
    if e.op == "number":
        return number(-e.value)
    if e.op == "mul" and e.args[0].op == "number":
        return mul(number(-e.args[0].value), *e.args[1:])
    return mul(MINUS_ONE, e)


def sub(a: Expr, b: Expr) -> Expr:
    """Difference."""
    return add(a, neg(b))


def mul(*args: Expr) -> Expr:
    """Product of scalars and matrices, associated to the left."""
    flat: list[Expr] = []
    shape, shaped = SCALAR, False  # of what is in ``flat``: its shape, and any matrix in it?
    for e in args:
        nested = e.op == "mul" and not (e.shape == SCALAR and _any_shaped(e.args))
        if nested and not flat:  # already in normal form: take it over as it is
            flat, shape, shaped = list(e.args), e.shape, e.shape != SCALAR
            continue
        for part in e.args if nested else (e,):
            if part.op == "number" and flat and flat[-1].op == "number":
                flat[-1] = number(flat[-1].value * part.value)
                continue
            if shaped and shape == SCALAR and len(flat) > 1:
                flat, shaped = _closed(flat), False
            flat.append(part)
            if part.shape != SCALAR:
                if shaped and shape[1] != part.shape[0]:
                    _product_shape(flat)  # raises, with both sizes
                shape = (shape[0], part.shape[1]) if shaped else part.shape
                shaped = True
    if len(flat) > 1 and flat[0] is NUMBER_ONE:
        flat.pop(0)
    if shaped and shape == SCALAR:
        flat = _closed(flat)
    if len(flat) == 1:
        return flat[0]
    return node("mul", tuple(flat), (), shape)


def _closed(flat: list[Expr]) -> list[Expr]:
    """A product that contracts to a scalar as one factor; a leading number stays outside.

    An entry is a factor of its own and keeps all scalars outside: ``c*A[i,j]``.
    """
    shaped = [e for e in flat if e.shape != SCALAR]
    if is_entry(shaped):
        head, body = [e for e in flat if e.shape == SCALAR], shaped
    else:
        head = flat[:1] if flat[0].op == "number" else []
        body = flat[len(head) :]
    return [*head, body[0] if len(body) == 1 else node("mul", tuple(body), (), SCALAR)]


def is_entry(chain: list[Expr]) -> bool:
    """A chain that contracts to a scalar and reads as one entry, ``e_i'*A*e_j`` or ``e_i'*x``."""
    first = chain[0]
    if len(chain) == 2 and chain[1].op == "unit" and first.shape[0] == ONE:
        return True  # x'[:,j]
    if first.op != "transpose" or first.args[0].op != "unit" or len(chain) < 2:
        return False
    second = chain[1]  # e_i'*X of a family of vectors is a member, no entry
    return not (second.op == "symbol" and "family" in second.traits and second.shape[1] != ONE)


def _any_shaped(factors: tuple[Expr, ...]) -> bool:
    return any(f.shape != SCALAR for f in factors)


def _product_shape(factors: tuple[Expr, ...] | list[Expr]) -> Shape:
    shape = SCALAR
    last = factors[0]
    for f in factors:
        if f.shape == SCALAR:
            continue
        if shape == SCALAR:
            shape = f.shape
        elif shape[1] != f.shape[0]:
            raise ShapeError(
                f"sizes disagree at '*': {describe(last)} times {describe(f)}: "
                f"{shape[1]} columns against {f.shape[0]} rows" + product_hint(last.shape, f.shape)
            )
        else:
            shape = (shape[0], f.shape[1])
        last = f
    return shape


def product_hint(a: Shape, b: Shape) -> str:
    """What may be meant by a product of sizes that do not fit."""
    if a == b:
        return "; use .* for the elementwise product, or transpose one of them"
    if a[0] == b[0]:
        return "; is the first one missing a transpose?"
    if a[1] == b[1]:
        return "; is the second one missing a transpose?"
    return ""


def divide(a: Expr, b: Expr) -> Expr:
    """``a / b`` with a scalar ``b``."""
    if b.shape != SCALAR:
        raise ShapeError(
            f"cannot divide by {describe(b)} with '/': "
            "write ./ for the elementwise quotient or multiply by inv(…)"
        )
    if b.op == "number":
        if b.value == 0:
            raise UsageError("division by zero")
        inverse = number(1 / b.value)
    elif b.op == "pow" and b.args[1].op == "number":  # 1/q^2 is q^(-2)
        inverse = power(b.args[0], number(-b.args[1].value))
    else:
        inverse = power(b, MINUS_ONE)
    return inverse if a is NUMBER_ONE else mul(a, inverse)


def hadamard(*args: Expr) -> Expr:
    """Elementwise product; a scalar operand is a scalar multiple."""
    flat: list[Expr] = []
    for e in args:
        flat.extend(e.args if e.op == "hadamard" else (e,))
    shaped = [e for e in flat if e.shape != SCALAR]
    if len(shaped) < 2 and len(flat) > 1:
        return mul(*flat)
    if len(shaped) < len(flat):
        scalars = [e for e in flat if e.shape == SCALAR]
        return mul(*scalars, hadamard(*shaped))
    _common_shape(flat, ".*")
    return node("hadamard", tuple(flat), (), flat[0].shape) if len(flat) > 1 else flat[0]


def ediv(a: Expr, b: Expr) -> Expr:
    """Elementwise quotient ``a ./ b``."""
    if b.shape == SCALAR:
        return divide(a, b)
    inverse = epow(b, MINUS_ONE)
    return inverse if a is NUMBER_ONE else hadamard(a, inverse)


def epow(a: Expr, b: Expr) -> Expr:
    """Elementwise power with a scalar exponent."""
    if a.shape == SCALAR and b.shape == SCALAR:
        return power(a, b)
    if b.shape != SCALAR:
        raise ShapeError(f"the exponent of .^ must be a scalar, not {describe(b)}")
    if b is NUMBER_ONE:
        return a
    return node("epow", (a, b), (), a.shape)


def power(a: Expr, b: Expr) -> Expr:
    """``a^b``: power of a scalar or of a square matrix."""
    if b.shape != SCALAR:
        raise ShapeError(f"an exponent must be a scalar, not {describe(b)}")
    if a.shape[0] != a.shape[1]:
        raise ShapeError(
            f"only scalars and square matrices have powers '^', not {describe(a)}; "
            "write .^ for the elementwise power"
        )
    if b.op == "number" and abs(b.value) > MAX_EXPONENT:
        raise UsageError(f"the exponent {b.value} is too large (at most {MAX_EXPONENT})")
    if b is NUMBER_ONE:
        return a
    if a.shape != SCALAR and b is MINUS_ONE:
        return inv(a)
    if a.op == "number" and b.op == "number" and b.value.denominator == 1 and abs(b.value) <= 64:
        if a.value == 0 and b.value < 0:
            raise UsageError("division by zero")
        return number(a.value ** int(b.value))
    return node("pow", (a, b), (), a.shape)


def transpose(e: Expr) -> Expr:
    """``e'``."""
    if e.shape == SCALAR:
        return e
    if e.op == "transpose":
        return e.args[0]
    if e.op == "mul" and len(e.args) == 2 and (_is_member(*e.args) or _is_member(*e.args[::-1])):
        return mul(transpose(e.args[1]), transpose(e.args[0]))
    if e.op == "kron" and any(a.op in ("unit", "transpose") for a in e.args[:1]):
        if (e.args[0].args or e.args)[0].op == "unit" and e.args[1].op == "eye":
            return apply("kron", transpose(e.args[0]), e.args[1])
    return node("transpose", (e,), (), (e.shape[1], e.shape[0]))


def _is_member(selector: Expr, family: Expr) -> bool:
    """``e_i`` and a family, in either orientation: the row ``e_i'*x`` is ``(x_i)'``."""
    family = family.args[0] if family.op == "transpose" else family
    if family.op != "symbol" or "family" not in family.traits:
        return False
    if selector.op == "kron" and selector.args[1].op == "eye":
        selector = selector.args[0]
    selector = selector.args[0] if selector.op == "transpose" else selector
    return selector.op == "unit"


def inv(e: Expr) -> Expr:
    """Inverse of a square matrix; of a scalar, its reciprocal."""
    if e.shape == SCALAR:
        return power(e, MINUS_ONE)
    square((e,), "inv")
    return node("inv", (e,), (), e.shape)


def trace(e: Expr) -> Expr:
    """Trace."""
    return apply("tr", e)


def sum_(e: Expr) -> Expr:
    """Sum of all entries."""
    return apply("sum", e)


def call(name: str, e: Expr, order: int = 0) -> Expr:
    """Abstract elementwise function ``phi(e)``, or its derivative of the given order."""
    return node("call", (e,), (name, order), e.shape)


def apply(name: str, *args: Expr) -> Expr:
    """Apply the operator ``name`` of the table.

    Raises
    ------
    ShapeError
        If the sizes do not fit; the message names them.
    """
    if name in builders:
        return builders[name](*args)
    op = TABLE[name]
    if op.kind == "binder":
        raise UsageError(f"{name} needs an index with its range: use chainrule.ops.{name}")
    if op.arity is not None and len(args) != op.arity:
        raise UsageError(
            f"{name} takes {op.arity} argument{'s' * (op.arity != 1)}, not {len(args)}"
        )
    if name in ("max", "min"):
        return node(name, args, (), _common_shape(list(args), name))
    if op.signature is not None or name == "diag":
        return node(name, args, (), contraction_shape(name, args))
    assert op.shape is not None
    return node(name, args, (), op.shape(args))


def constant(name: str, *params: DimLike) -> Expr:
    """A constant of the table, e.g. ``constant("eye", "n")``."""
    sizes = tuple(dim(p) for p in params)
    if name == "pi":
        return node("pi")
    if name == "eye":
        shape = (sizes[0], sizes[0])
    elif name == "unit":
        shape = (sizes[0], ONE)
    elif name == "commut":
        shape = (sizes[0] * sizes[1], sizes[0] * sizes[1])
    elif name in ("dup", "elim"):
        n2, h = sizes[0] * sizes[0], half_size(sizes[0])
        shape = (n2, h) if name == "dup" else (h, n2)
    else:
        if len(sizes) == 1:
            sizes = (sizes[0], ONE)
        shape = (sizes[0], sizes[1])
        if shape == SCALAR:
            return number(1 if name == "ones" else 0)
    if name == "eye" and shape == SCALAR:
        return NUMBER_ONE
    return node(name, (), sizes, shape)


def half_size(n: Dim) -> Dim:
    """n(n+1)/2, the length of vech."""
    return (n * n + n).divided(2)


def eye(n: DimLike) -> Expr:
    """Identity matrix n×n."""
    return constant("eye", n)


def ones(m: DimLike, n: DimLike = 1) -> Expr:
    """Matrix of ones m×n."""
    return constant("ones", m, n)


def zeros(m: DimLike, n: DimLike = 1) -> Expr:
    """Matrix of zeros m×n."""
    return constant("zeros", m, n)


def _rebuild(e: Expr, args: tuple[Expr, ...]) -> Expr:
    if e.op == "call":
        return call(str(e.params[0]), args[0], int(e.params[1]))  # type: ignore[arg-type]
    if e.op == "grad":
        layout = {"layout": str(e.params[0])} if e.params else {}
        return builders["grad"](*args, **layout)
    return apply(e.op, *args)


builders.update(
    add=add, neg=neg, mul=mul, hadamard=hadamard, ediv=ediv, epow=epow, transpose=transpose,
    pow=power, inv=inv, rebuild=_rebuild,
)  # fmt: skip
