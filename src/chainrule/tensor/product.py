"""A product in matrix form: coefficient, scalar powers and a chain of matrices."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from chainrule.dims import Shape
from chainrule.expr import Expr, number
from chainrule.ops import apply, eye, inv, mul, power, zeros
from chainrule.tensor.ir import Exponent, exponent_expr, exponent_sum
from chainrule.traits import has, is_symmetric, transposed

Chain = tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """``coef * Π base^exponent * chain``; ``shape`` is that of the whole.

    The chain is empty for a scalar, a multiple of the identity is the chain ``(eye(n),)``.
    """

    coef: Fraction
    scalars: tuple[tuple[Expr, Exponent], ...]
    chain: Chain
    shape: Shape

    def expr(self) -> Expr:
        """As an expression: number, scalars, matrices, then scalar divisors."""
        return _expr(self)

    def _build(self) -> Expr:
        if self.coef == 0:
            return zeros(*self.shape)
        over = [_raised(b, p) for b, p in self.scalars if not is_negative(p)]
        under = [_raised(b, p) for b, p in self.scalars if is_negative(p)]
        parts: list[Expr] = []
        if self.coef != 1 or not (over or self.chain):
            parts.append(number(self.coef))
        if parts and parts[0].value == 1 and under and not over and not self.chain:
            parts = []
        parts += over
        if self.chain:
            body = mul(*self.chain)
            parts += body.args if body.op == "mul" and not body.is_scalar else [body]
        return mul(*parts, *under)

    def key(self) -> tuple[object, ...]:
        """Equal for products that differ in the coefficient only."""
        return (frozenset((b, exponent_expr(p)) for b, p in self.scalars), self.chain)


@lru_cache(maxsize=20_000)
def _expr(p: Product) -> Expr:
    return p._build()


def _raised(base: Expr, p: Exponent) -> Expr:
    """A scalar power; halves are square roots."""
    if p == Fraction(1, 2):
        return apply("sqrt", base)
    if p == Fraction(-1, 2):
        return power(apply("sqrt", base), number(-1))
    return power(base, exponent_expr(p))


def is_negative(p: Exponent) -> bool:
    """Prints as a divisor?"""
    if isinstance(p, Fraction):
        return p < 0
    return p.op == "mul" and p.args[0].op == "number" and p.args[0].value < 0


def join(a: Chain, b: Chain) -> Chain:
    """Concatenate chains, cancelling and merging powers at the seam."""
    a_list, b_list = list(a), list(b)
    rows = a[0].shape[0]
    while a_list and b_list:
        merged = _merge(a_list[-1], b_list[0])
        if merged is None:
            break
        a_list.pop()
        b_list.pop(0)
        if merged.op != "eye":
            # the merged factor may meet further partners on either side
            if b_list and _merge(merged, b_list[0]) is not None:
                b_list.insert(0, merged)
            else:
                a_list.append(merged)
                if len(a_list) > 1 and _merge(a_list[-2], a_list[-1]) is not None:
                    b_list.insert(0, a_list.pop())
    return (*a_list, *b_list) or (eye(rows),)


def _merge(x: Expr, y: Expr) -> Expr | None:
    """x*y as one factor where powers of one matrix meet; None where they do not."""
    if x.op == "eye":
        return y
    if y.op == "eye":
        return x
    if x.shape[0] != x.shape[1] or x.shape != y.shape:
        return None
    if x.op == "symbol" and has(x, "orthogonal") and transposed(x) is y:
        return eye(x.shape[0])
    if y.op == "symbol" and has(y, "orthogonal") and transposed(y) is x:
        return eye(x.shape[0])
    bx, px, tx = matrix_power(x)
    by, py, ty = matrix_power(y)
    if bx is not by or tx != ty:
        return _inverse_of_product(x, y)
    if px == 1 and py == 1:
        return None  # X*X stays as written; powers merge only where one is there already
    total = exponent_sum(px, py)
    if total == 0:
        return eye(x.shape[0])
    merged = bx if total == 1 else power(bx, exponent_expr(total))
    if total == -1:
        merged = inv(bx)
    return transposed(merged) if tx else merged


def _inverse_of_product(x: Expr, y: Expr) -> Expr | None:
    """``A*inv(B*A) = inv(B)`` and the like: a square factor cancels against an end of a product."""
    for inverse, other, inverse_first in ((y, x, False), (x, y, True)):
        flip = inverse.op == "transpose" and inverse.args[0].op == "inv"
        core = inverse.args[0] if flip else inverse
        if core.op != "inv" or core.args[0].op != "mul":
            continue
        factors = [a for a in core.args[0].args if not a.is_scalar]
        if len(factors) != len(core.args[0].args) or len(factors) < 2:
            continue
        if flip:  # inv(P)' = inv(P')
            factors = [transposed(a) for a in reversed(factors)]
        if inverse_first and factors[0] is other:
            return inv(mul(*factors[1:]))
        if not inverse_first and factors[-1] is other:
            return inv(mul(*factors[:-1]))
    return None


def matrix_power(e: Expr) -> tuple[Expr, Exponent, bool]:
    """(base, exponent, transposed) of a factor of a chain."""
    flip = False
    if e.op == "transpose":
        e, flip = e.args[0], True
    if is_symmetric(e):
        flip = False
    if e.op == "inv":
        return e.args[0], Fraction(-1), flip
    if e.op == "pow" and not e.is_scalar:
        p = e.args[1]
        return e.args[0], (p.value if p.op == "number" else p), flip
    return e, Fraction(1), flip


def flipped(chain: Chain) -> Chain:
    """The chain of the transpose."""
    out: list[Expr] = []
    for e in reversed(chain):
        t = transposed(e)
        if t.op == "mul" and not t.is_scalar and not any(a.is_scalar for a in t.args):
            out += t.args
        else:
            out.append(t)
    return tuple(out)
