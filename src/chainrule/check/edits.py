"""All small edits of a formula; here those of transposes, signs, factors and terms.

Every edit undoes a slip; weights say how far it is from what was written. Whether an edit makes
sense (sizes, domain) shows when it is evaluated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from chainrule.check.edit import Edit, Message, Named
from chainrule.check.functions import functions
from chainrule.check.names import names_and_indices
from chainrule.check.products import products
from chainrule.check.rough import Board, Path, rough, with_args
from chainrule.expr import Expr, number, size

NUMBERS = (Fraction(2), Fraction(1, 2), Fraction(4), Fraction(1, 4), Fraction(3), Fraction(1, 3))


def neighbours(
    places: Sequence[tuple[Path, Expr]], board: Board, names: Sequence[Named],
    indices: Sequence[str],
) -> Iterator[Edit]:  # fmt: skip
    """All single edits at all places; likely ones first at each place.

    Parameters
    ----------
    names
        Variables and defined parts that may stand for one another.
    indices
        Free and bound indices of the statement.
    """
    sizes = sizes_among(places)
    for path, e in places:
        yield from at_place(path, e, board, names, indices, sizes)


def sizes_among(places: Sequence[tuple[Path, Expr]]) -> tuple[str, ...]:
    """Names of the sizes of all parts."""
    return tuple(sorted({n for _, e in places for d in e.shape for n in d.names}))


def at_place(
    path: Path, e: Expr, board: Board, names: Sequence[Named], indices: Sequence[str],
    sizes: Sequence[str],
) -> Iterator[Edit]:  # fmt: skip
    """The single edits at one place."""
    shape = _value_shape(board, e)
    yield from _transposes(path, e, shape)
    yield from _signs_and_factors(path, e, sizes)
    yield from products(path, e)
    yield from functions(path, e, shape)
    yield from names_and_indices(path, e, names, indices, sizes)
    yield from _drops(path, e)


def _value_shape(board: Board, e: Expr) -> tuple[int, int] | None:
    value = board.memo.get(e)
    return None if value is None else (value.shape[0], value.shape[1])


def _transposes(path: Path, e: Expr, shape: tuple[int, int] | None) -> Iterator[Edit]:
    if e.op == "transpose":
        a = e.args[0]
        yield Edit(path, e, a, "transpose", ("there is a transpose too many on {}", a), 1.0)
        if shape is None or shape[0] == shape[1]:
            yield Edit(path, e, rough("inv", a), "wrong_function",
                       ("{} is transposed where its inverse is meant", a), 1.5)  # fmt: skip
        return
    if e.op == "number" or shape == (1, 1) or (e.op == "eye"):
        return
    light = 1.0 if e.op in ("symbol", "inv", "pow") else 1.1
    yield Edit(path, e, rough("transpose", e), "transpose",
               ("a transpose is missing on {}", e), light)  # fmt: skip
    if e.op == "inv":
        yield Edit(path, e, rough("transpose", e.args[0]), "wrong_function",
                   ("the inverse of {} stands where its transpose is meant", e.args[0]),
                   1.5)  # fmt: skip


def _scaled(e: Expr, by: Expr) -> Expr:
    return rough("mul", by, *(e.args if e.op == "mul" and e.args[0].is_scalar else (e,)))


def _signs_and_factors(path: Path, e: Expr, sizes: Sequence[str]) -> Iterator[Edit]:
    if e.op == "number":
        yield from _numbers(path, e)
        for name in sizes if abs(e.value) != 1 else ():
            yield Edit(path, e, rough("pow", e, size(name)), "factor",
                       f"the power {name} of {e.value} is missing", 1.2)  # fmt: skip
        return
    if e.op in ("transpose", "eye", "ones", "unit") and path:
        return
    yield Edit(path, e, _negative(e), "sign", ("the sign of {} is wrong", e), 1.0)
    for factor in NUMBERS:
        what = (f"the factor {factor} of {{}} is missing", e)
        if factor < 1:
            what = (f"{{}} is too large by the factor {1 / factor}", e)
        yield Edit(path, e, _scaled(e, number(factor)), "factor", what,
                   1.05 if factor in NUMBERS[:2] else 1.3)  # fmt: skip
    for name in sizes:
        n = size(name)
        yield Edit(path, e, _scaled(e, n), "factor", f"the factor {name} is missing", 1.4)
        yield Edit(path, e, _scaled(e, rough("pow", n, number(-1))), "factor",
                   f"the factor 1/{name} is missing", 1.4)  # fmt: skip
    if e.is_scalar and e.op != "size":
        for power in (2, -1, Fraction(1, 2)):
            if e.op != "pow":
                yield Edit(path, e, rough("pow", e, number(power)), "factor",
                           (f"the power {power} of {{}} is missing", e), 1.3)  # fmt: skip


def _negative(e: Expr) -> Expr:
    if e.op == "mul" and e.args[0].op == "number":
        value = -e.args[0].value
        if value == 1:
            return e.args[1] if len(e.args) == 2 else with_args(e, e.args[1:])
        return with_args(e, (number(value), *e.args[1:]))
    if e.op == "add" and len(e.args) <= 3:
        terms = [_negative(a) for a in e.args]
        return with_args(e, tuple(sorted(terms, key=_is_negative)))
    return rough("mul", number(-1), *(e.args if e.op == "mul" else (e,)))


def _is_negative(e: Expr) -> bool:
    first = e.args[0] if e.op == "mul" else e
    return first.op == "number" and first.value < 0


def _numbers(path: Path, e: Expr) -> Iterator[Edit]:
    value = e.value
    for new in dict.fromkeys((-value, value * 2, value / 2, value + 1, value - 1, value * 3,
                              value / 3, value * 4, value / 4, Fraction(1))):  # fmt: skip
        if new in (value, 0):
            continue
        kind = "sign" if new == -value else "factor"
        yield Edit(path, e, number(new), kind, f"{value} stands where {new} is meant",
                   1.0 if kind == "sign" else 1.1)  # fmt: skip
    if value == 1:
        return
    yield Edit(path, e, number(0), "other", f"{value} is too much", 2.0)


def _drops(path: Path, e: Expr) -> Iterator[Edit]:
    args = e.args
    if e.op in ("mul", "hadamard") and len(args) > 1:
        for k, a in enumerate(args):
            rest = (*args[:k], *args[k + 1 :])
            new = rest[0] if len(rest) == 1 else with_args(e, rest)
            kind = "factor" if a.op in ("number", "size") else "extra_factor"
            if a.op == "number" and a.value == -1:
                kind = "sign"
            message: Message = ("the factor {} is too many", a)
            if kind == "sign":
                message = "the minus sign is too many"
            yield Edit(path, e, new, kind, message, 1.3 if kind != "sign" else 1.0)
    elif e.op == "add":
        for k, a in enumerate(args):
            rest = (*args[:k], *args[k + 1 :])
            new = rest[0] if len(rest) == 1 else with_args(e, rest)
            yield Edit(path, e, new, "other", ("the term {} is too many", a), 1.5)
    elif e.op in ("pow", "epow") and args[1].op == "number":
        yield Edit(path, e, args[0], "factor", ("the power {} is too many", args[1]), 1.3)
