"""Local derivatives: ∂node/∂argument in the index language.

Contractions need no rule: dropping the argument from the product that lowering writes down *is* the
derivative. Elementwise functions take their slope from the table. Primitives state theirs here.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from chainrule.errors import UnsupportedError
from chainrule.expr import Expr, number, size
from chainrule.ops import add, apply, constant, epow, eye, inv, mul, power, sub
from chainrule.ops.signatures import signature, split_axes
from chainrule.ops.slopes import slope
from chainrule.ops.table import TABLE
from chainrule.tensor.ir import F1, Index, Slot, Term, index
from chainrule.tensor.lower import Zero, lower

Slots = tuple[Slot, Slot]
MAX_POWER = 64


def partial(e: Expr, k: int, out: Slots, arg: Slots) -> list[Term]:
    """Terms of ∂e[out]/∂args[k][arg].

    Raises
    ------
    UnsupportedError
        If the operator has no derivative in the language; names it.
    """
    op = TABLE[e.op]
    if e.op == "add":
        return _ordinary([_link(Term(), out, arg) if e.args[k].shape == e.shape else Term()])
    if e.op == "mul":
        return _product(e, k, out, arg)
    if e.op == "hadamard":
        term = _link(Term(), out, arg)
        return _attempt(term, [(a, arg) for n, a in enumerate(e.args) if n != k])
    if e.op in ("epow", "pow"):
        return _power(e, k, out, arg)
    if op.kind == "elementwise":
        return _elementwise(e, k, out, arg)
    if op.signature is not None or e.op == "diag":
        return _contraction(e, k, out, arg)
    rule = RULES.get(e.op)
    if rule is None:
        if e.op in MATRIX_SLOPES:
            raise UnsupportedError(
                f"the derivative of {e!r} as a matrix has no closed form; "
                f"what has one is tr({e.op}(…)) and products that commute with the argument"
            )
        raise UnsupportedError(f"no derivative is known for {e.op}, met in {e!r}")
    return rule(e, out, arg)


def _ordinary(terms: list[Term]) -> list[Term]:
    return terms


def _link(term: Term, out: Slots, arg: Slots) -> Term:
    for o, a in zip(out, arg, strict=True):
        if o is not None and a is not None:
            term.deltas.append((o, a))
    return term


def _attempt(term: Term, factors: list[tuple[Expr, Slots]]) -> list[Term]:
    """The term times the factors; nothing if one of them vanishes."""
    try:
        for e, (i, j) in factors:
            lower(term, e, i, j)
    except Zero:
        return []
    return [term]


def _product(e: Expr, k: int, out: Slots, arg: Slots) -> list[Term]:
    term = Term()
    others: list[tuple[Expr, Slots]] = [
        (a, (None, None)) for n, a in enumerate(e.args) if a.is_scalar and n != k
    ]
    chain = [n for n, a in enumerate(e.args) if not a.is_scalar]
    left = out[0]
    for place, n in enumerate(chain):
        a = e.args[n]
        last = place == len(chain) - 1
        if n == k:
            if arg[0] is not None:
                if place == 0:
                    _link(term, (left, None), (arg[0], None))
                elif left is not None:  # pragma: no branch
                    term.deltas.append((left, arg[0]))
            right = out[1] if last else arg[1]
            if last and arg[1] is not None and out[1] is not None:
                term.deltas.append((out[1], arg[1]))
            left = right
            continue
        if last:
            right = out[1]
        elif chain[place + 1] == k:
            right = arg[0]
        else:
            right = index(a.shape[1])
            if right is not None:
                term.bound.append(right)
        others.append((a, (left, right)))
        left = right
    # the argument itself may be a scalar: then the chain runs through undisturbed
    return _attempt(_no_self_link(term), others)


def _no_self_link(term: Term) -> Term:
    term.deltas = [(a, b) for a, b in term.deltas if a is not b]
    return term


def _elementwise(e: Expr, k: int, out: Slots, arg: Slots) -> list[Term]:
    if e.op in ("max", "min"):
        a, b = e.args if k == 0 else (e.args[1], e.args[0])
        side = add if e.op == "max" else sub
        half = number(Fraction(1, 2))
        gap = a if b.op == "number" and b.value == 0 else sub(a, b)
        weight = mul(half, side(number(1), apply("sign", gap)))
        at = arg if e.args[k].shape == e.shape else out
        return _attempt(_link(Term(), out, arg), [(weight, at)])
    factor = slope(e)
    return [] if factor is None else _attempt(_link(Term(), out, arg), [(factor, arg)])


def _power(e: Expr, k: int, out: Slots, arg: Slots) -> list[Term]:
    base, exponent = e.args
    if k == 1:
        if e.op == "pow" and not base.is_scalar:
            raise UnsupportedError(f"no derivative is known for {e!r} by its exponent")
        return _attempt(Term(), [(e, out), (apply("log", base), out)])
    if e.op == "pow" and not base.is_scalar:
        return _matrix_power(e, out, arg)
    lower_power = power if base.is_scalar else epow
    less = number(exponent.value - 1) if exponent.op == "number" else sub(exponent, number(1))
    down = number(1) if less.op == "number" and less.value == 0 else lower_power(base, less)
    return _attempt(_link(Term(), out, arg), [(exponent, (None, None)), (down, arg)])


def _matrix_power(e: Expr, out: Slots, arg: Slots) -> list[Term]:
    base, exponent = e.args
    if exponent.op != "number" or exponent.value.denominator != 1:
        raise UnsupportedError(
            f"the derivative of the matrix power {e!r} has no closed form here; "
            "a whole-number exponent has, and so has the trace of the power"
        )
    k = int(exponent.value)
    if abs(k) > MAX_POWER:
        raise UnsupportedError(
            f"the exponent of {e!r} is too large to expand (at most {MAX_POWER})"
        )
    terms = []
    for p in range(abs(k)):
        if k > 0:
            left, right, sign = p, k - 1 - p, F1
        else:
            left, right, sign = -p - 1, k + p, -F1
        term = Term(coef=sign)
        terms += _attempt(term, [(_integer_power(base, left), (out[0], arg[0])),
                                 (_integer_power(base, right), (arg[1], out[1]))])  # fmt: skip
    return terms


def _integer_power(base: Expr, k: int) -> Expr:
    return eye(base.shape[0]) if k == 0 else power(base, number(k))


def _contraction(e: Expr, k: int, out: Slots, arg: Slots) -> list[Term]:
    """Any row with a signature: the letters say which indices are the same."""
    left, right = signature(e.op, e.args).split("->")
    letters: dict[str, Slot] = {}
    term = Term()
    specs = [split_axes(s) for s in left.split(",")]
    for axis, slot in zip(specs[k], arg, strict=True):
        known = letters.get(axis)
        if known is not None and slot is not None:
            term.deltas.append((known, slot))
        elif slot is not None:
            letters[axis] = slot
    for n, spec in enumerate(specs):
        if n != k:
            for axis, length in zip(spec, e.args[n].shape, strict=True):
                if axis not in letters and axis != "1":
                    letters[axis] = index(length)
    for axis, slot in zip(split_axes(right), out, strict=True):
        if slot is None:
            continue
        if len(axis) == 1:
            known = letters.get(axis)
            if known is not None:
                term.deltas.append((slot, known))
            continue
        slow, fast = letters.get(axis[0]), letters.get(axis[1])
        if slow is not None and fast is not None:
            term.pairs.append((slot, slow, fast))
        elif slow is not None or fast is not None:
            same = slow if slow is not None else fast
            assert same is not None
            term.deltas.append((slot, same))
    own = {id(s) for s in arg}
    term.bound += [s for s in letters.values() if s is not None and id(s) not in own]
    others = [
        (a, (letters.get(specs[n][0]), letters.get(specs[n][1])))
        for n, a in enumerate(e.args)
        if n != k
    ]
    return _attempt(term, others)


# -- primitives and definitions -----------------------------------------------------------------
def _inverse(e: Expr, out: Slots, arg: Slots) -> list[Term]:
    return _attempt(Term(coef=-F1), [(e, (out[0], arg[0])), (e, (arg[1], out[1]))])


def _det(e: Expr, out: Slots, arg: Slots) -> list[Term]:
    return _attempt(Term(), [(e, out), (inv(e.args[0]), (arg[1], arg[0]))])


def _logdet(e: Expr, out: Slots, arg: Slots) -> list[Term]:
    return _attempt(Term(), [(inv(e.args[0]), (arg[1], arg[0]))])


def _adj(e: Expr, out: Slots, arg: Slots) -> list[Term]:
    x = e.args[0]
    d, y = apply("det", x), inv(x)
    scalar = (None, None)
    return _attempt(Term(), [(d, scalar), (y, (arg[1], arg[0])), (y, out)]) + _attempt(
        Term(coef=-F1), [(d, scalar), (y, (out[0], arg[0])), (y, (arg[1], out[1]))]
    )


def _pinv(e: Expr, out: Slots, arg: Slots) -> list[Term]:
    """Golub & Pereyra 1973, constant rank."""
    x = e.args[0]
    left = sub(eye(x.shape[0]), mul(x, e))
    right = sub(eye(x.shape[1]), mul(e, x))
    gram_left, gram_right = mul(e, e.T), mul(e.T, e)
    return (
        _attempt(Term(coef=-F1), [(e, (out[0], arg[0])), (e, (arg[1], out[1]))])
        + _attempt(Term(), [(gram_left, (out[0], arg[1])), (left, (arg[0], out[1]))])
        + _attempt(Term(), [(right, (out[0], arg[1])), (gram_right, (arg[0], out[1]))])
    )


def _sqrtm(e: Expr, out: Slots, arg: Slots) -> list[Term]:
    """Sylvester's equation S dS + dS S = dX, solved in vec form."""
    n = e.shape[0]
    system = add(apply("kron", eye(n), e), apply("kron", e.T, eye(n)))
    assert out[0] is not None and out[1] is not None and arg[0] is not None and arg[1] is not None
    i, j = Index(n * n), Index(n * n)
    term = Term(pairs=[(i, out[1], out[0]), (j, arg[1], arg[0])], bound=[i, j])
    return _attempt(term, [(inv(system), (i, j))])


def _eigmax(e: Expr, out: Slots, arg: Slots) -> list[Term]:
    v = apply("vmax", e.args[0])
    return _attempt(Term(), [(v, (arg[0], None)), (v, (arg[1], None))])


def _norm(e: Expr, out: Slots, arg: Slots) -> list[Term]:
    return _attempt(Term(), [(power(e, number(-1)), out), (e.args[0], arg)])


def _norm1(e: Expr, out: Slots, arg: Slots) -> list[Term]:
    return _attempt(Term(), [(apply("sign", e.args[0]), arg)])


def _mean(e: Expr, out: Slots, arg: Slots) -> list[Term]:
    rows, cols = e.args[0].shape
    return _attempt(Term(), [(power(size(rows * cols), number(-1)), out)])


def _logsumexp(e: Expr, out: Slots, arg: Slots) -> list[Term]:
    return _attempt(Term(), [(apply("softmax", e.args[0]), arg)])


def _softmax(e: Expr, out: Slots, arg: Slots) -> list[Term]:
    return _attempt(_link(Term(), out, arg), [(e, arg)]) + _attempt(
        Term(coef=-F1), [(e, out), (e, arg)]
    )


def _logsoftmax(e: Expr, out: Slots, arg: Slots) -> list[Term]:
    return _attempt(_link(Term(), out, arg), []) + _attempt(
        Term(coef=-F1), [(apply("softmax", e.args[0]), arg)]
    )


def _rows(out: Slots, arg: Slots) -> Term:
    term = Term()
    if out[0] is not None and arg[0] is not None:
        term.deltas.append((out[0], arg[0]))
    return term


def _softmax_rows(e: Expr, out: Slots, arg: Slots) -> list[Term]:
    second = _rows(out, arg)
    second.coef = -F1
    return _attempt(_link(Term(), out, arg), [(e, arg)]) + _attempt(
        second, [(e, (arg[0], out[1])), (e, arg)]
    )


def _logsoftmax_rows(e: Expr, out: Slots, arg: Slots) -> list[Term]:
    second = _rows(out, arg)
    second.coef = -F1
    return _attempt(_link(Term(), out, arg), []) + _attempt(
        second, [(apply("softmax_rows", e.args[0]), arg)]
    )


def _logsumexp_rows(e: Expr, out: Slots, arg: Slots) -> list[Term]:
    return _attempt(_rows(out, arg), [(apply("softmax_rows", e.args[0]), arg)])


def _vech(e: Expr, out: Slots, arg: Slots) -> list[Term]:
    n = e.args[0].shape[0]
    whole = index(n * n)
    assert whole is not None
    term = Term(bound=[whole])
    term.pairs.append((whole, arg[1], arg[0]))  # type: ignore[arg-type]
    return _attempt(term, [(constant("elim", n), (out[0], whole))])


RULES: dict[str, Callable[[Expr, Slots, Slots], list[Term]]] = {
    "inv": _inverse, "det": _det, "logdet": _logdet, "adj": _adj, "pinv": _pinv,
    "sqrtm": _sqrtm, "eigmax": _eigmax, "norm2": _norm, "normF": _norm, "norm1": _norm1,
    "mean": _mean, "logsumexp": _logsumexp, "softmax": _softmax, "logsoftmax": _logsoftmax,
    "softmax_rows": _softmax_rows, "logsoftmax_rows": _logsoftmax_rows,
    "logsumexp_rows": _logsumexp_rows, "vech": _vech,
}  # fmt: skip

# f'(X) for functions of one matrix, valid where the direction commutes with X
MATRIX_SLOPES: dict[str, Callable[[Expr], Expr]] = {
    "expm": lambda e: e,
    "logm": lambda e: inv(e.args[0]),
    "sqrtm": lambda e: mul(number(Fraction(1, 2)), inv(e)),
    "sinm": lambda e: apply("cosm", e.args[0]),
    "cosm": lambda e: mul(number(-1), apply("sinm", e.args[0])),
    "inv": lambda e: mul(number(-1), power(e.args[0], number(-2))),
}


def matrix_slope(e: Expr) -> Expr | None:
    """f'(X) of a matrix function, as in d tr f(X) = tr(f'(X) dX); None if ``e`` is none."""
    if e.op == "pow" and not e.is_scalar:
        base, exponent = e.args
        if exponent.op == "number":
            return mul(exponent, power(base, number(exponent.value - 1)))
        return mul(exponent, power(base, sub(exponent, number(1))))
    rule = MATRIX_SLOPES.get(e.op)
    return rule(e) if rule else None


__all__ = ["MATRIX_SLOPES", "matrix_slope", "partial"]
