"""Edits of products: order, elementwise or Kronecker instead, a function around some factors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from chainrule.check.edit import Edit
from chainrule.check.rough import OVER, Path, rough, with_args
from chainrule.expr import Expr, number


def products(path: Path, e: Expr) -> Iterator[Edit]:
    args = e.args
    if e.op == OVER:
        yield Edit(path, e, rough("hadamard", args[0], rough("epow", args[1], number(-1))),
                   "hadamard_vs_product", "a quotient stands where the elementwise one is meant",
                   1.2)  # fmt: skip
    elif e.op == "mul":
        at = [k for k, a in enumerate(args) if a.op not in ("number", "size")]
        for i, j in combinations(at, 2):
            moved = list(args)
            moved[i], moved[j] = moved[j], moved[i]
            yield Edit(path, e, with_args(e, tuple(moved)), "order",
                       ("the order of {} and {} is wrong", args[i], args[j]),
                       1.2 if j == i + 1 else 1.4)  # fmt: skip
        for i in at:  # one factor moved elsewhere
            for j in at:
                if abs(i - j) > 1:
                    rest = [a for k, a in enumerate(args) if k != i]
                    rest.insert(j, args[i])
                    yield Edit(path, e, with_args(e, tuple(rest)), "order",
                               ("{} stands at the wrong place in the product", args[i]),
                               1.4)  # fmt: skip
        if len(at) > 2:
            turned = dict(zip(at, reversed([args[k] for k in at]), strict=True))
            flipped = tuple(turned.get(k, a) for k, a in enumerate(args))
            yield Edit(path, e, with_args(e, flipped), "order",
                       "the order of the factors is reversed", 1.3)  # fmt: skip
        for k in range(1, len(args)):
            left, right = _joined(args[:k]), _joined(args[k:])
            lead = [a for a in args[:1] if a.op == "number" and k > 1]
            entrywise = rough("hadamard", _joined(args[len(lead) : k]), right)
            yield Edit(path, e, rough("mul", *lead, entrywise) if lead else entrywise,
                       "hadamard_vs_product",
                       "a matrix product stands where the elementwise product is meant",
                       1.2)  # fmt: skip
            yield Edit(path, e, rough("kron", left, right), "kron_order",
                       "a product stands where the Kronecker product is meant", 1.4)  # fmt: skip
            yield Edit(path, e, rough("kron", right, left), "kron_order",
                       "a product stands where the Kronecker product is meant, the other way round",
                       1.5)  # fmt: skip
        yield from _runs(path, e)
        yield from _squares(path, e)
    elif e.op == "hadamard":
        for k in range(1, len(args)):
            pieces = tuple(args[:k]), tuple(args[k:])
            left, right = (p[0] if len(p) == 1 else rough("hadamard", *p) for p in pieces)
            yield Edit(path, e, _joined((left, right)), "hadamard_vs_product",
                       "an elementwise product stands where the matrix product is meant",
                       1.2)  # fmt: skip
    elif e.op == "kron":
        yield Edit(path, e, rough("kron", args[1], args[0]), "kron_order",
                   "the factors of the Kronecker product are in the wrong order", 1.0)  # fmt: skip
        yield Edit(path, e, rough("mul", *args), "kron_order",
                   "a Kronecker product stands where the product is meant", 1.5)  # fmt: skip


def _squares(path: Path, e: Expr) -> Iterator[Edit]:
    """A square whose factors belong apart, and a product of traces that is a trace of a product."""
    args = e.args
    for k, a in enumerate(args):
        if a.op == "pow" and a.args[1].op == "number" and a.args[1].value == 2:
            single = (*args[:k], a.args[0], *args[k + 1 :])
            for j in range(len(single) + 1):
                if j not in (k, k + 1):
                    apart = (*single[:j], a.args[0], *single[j:])
                    yield Edit(path, e, with_args(e, apart), "order",
                               ("{} does not commute with the other factors", a.args[0]),
                               1.3)  # fmt: skip
        for j in range(k + 1, len(args)):
            if a.op == args[j].op == "tr":
                whole = rough("tr", _joined((a.args[0], args[j].args[0])))
                rest = (*args[:k], whole, *args[k + 1 : j], *args[j + 1 :])
                yield Edit(path, e, rest[0] if len(rest) == 1 else with_args(e, rest),
                           "wrong_function",
                           "the trace of a product is not the product of the traces",
                           1.2)  # fmt: skip


def _joined(args: Sequence[Expr]) -> Expr:
    if len(args) == 1:
        return args[0]
    flat = [b for a in args for b in (a.args if a.op == "mul" and not a.is_scalar else (a,))]
    return rough("mul", *flat)


RUNS = (
    ("tr", "missing_sum", "the trace of {} is missing"),
    ("sum", "missing_sum", "the sum over {} is missing"),
    ("inv", "wrong_function", "the inverse of {} is missing"),
    ("diag", "hadamard_vs_product", "{} must multiply elementwise: diag(…) is missing"),
    ("transpose", "transpose", "a transpose is missing on {}"),
    ("det", "dropped_factor", "the determinant of {} is missing"),
    ("exp", "wrong_function", "the function exp of {} is missing"),
)


def _runs(path: Path, e: Expr) -> Iterator[Edit]:
    """A function around some neighbouring factors."""
    args, n = e.args, len(e.args)
    for i in range(n):
        for j in range(i + 2, n + 1):
            if j - i == n:
                continue
            run = _joined(args[i:j])
            for op, kind, what in RUNS:
                new = with_args(e, (*args[:i], rough(op, run), *args[j:]))
                yield Edit(path, e, new, kind, (what, run), 1.5)
