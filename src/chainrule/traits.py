"""What is known of an expression: symmetric, orthogonal, …; and transposes pushed to the leaves."""

from __future__ import annotations

from collections import Counter

from chainrule.expr import Expr, rebuild
from chainrule.ops import constant, is_elementwise, mul, transpose

SYMMETRIC = frozenset({"symmetric", "positive_definite", "diagonal"})

_transposed: dict[Expr, Expr] = {}


def transposed(e: Expr) -> Expr:
    """``e'`` with the transpose pushed to the leaves; symmetric expressions come back unchanged."""
    found = _transposed.get(e)
    if found is None:
        if len(_transposed) > 50_000:
            _transposed.clear()
        found = _transposed[e] = _push(e)
    return found


def is_symmetric(e: Expr) -> bool:
    """Provably equal to its transpose?"""
    return e.shape[0] == e.shape[1] and transposed(e) is e


def _push(e: Expr) -> Expr:
    if e.is_scalar:
        return e
    match e.op:
        case "transpose":
            return e.args[0]
        case "symbol":
            if e.traits & SYMMETRIC:
                return e
            return transpose(e)
        case "eye":
            return e
        case "commut":
            m, n = e.params
            return constant("commut", n, m)  # type: ignore[arg-type]
        case "ones" | "zeros" if e.shape[0] == e.shape[1]:
            return e
        case "add":
            return _push_each(e)
        case "mul":
            scalars = [a for a in e.args if a.is_scalar]
            chain = [transposed(a) for a in reversed(e.args) if not a.is_scalar]
            flipped_product = mul(*scalars, *chain)
            same = mul(*scalars, *(a for a in e.args if not a.is_scalar))
            return e if flipped_product is same else flipped_product
        case "hadamard":
            return _push_each(e)
        case "sigma":
            return rebuild(e, (transposed(e.args[0]),))
        case "diag" if e.shape[0] == e.shape[1]:
            return e
        case "kron":
            return rebuild(e, tuple(transposed(a) for a in e.args))
        case "expm" | "logm" | "sqrtm" | "sinm" | "cosm" | "inv" | "pinv" | "adj":
            inner = transposed(e.args[0])
            return e if inner is e.args[0] else transpose(e)
        case "pow":
            return e if transposed(e.args[0]) is e.args[0] else transpose(e)
        case "epow" | "call" if e.shape[0] == e.shape[1]:
            return e if transposed(e.args[0]) is e.args[0] else transpose(e)
        case _:
            entrywise = is_elementwise(e.op)
            if entrywise and all(a.is_scalar or transposed(a) is a for a in e.args):
                return e
            return transpose(e)


def _push_each(e: Expr) -> Expr:
    """``(A' + B)'`` is ``A + B'``, but ``(A + B)'`` stays: whichever has fewer transposes."""
    flipped = tuple(transposed(a) for a in e.args)
    once, twice = Counter(flipped), Counter(transposed(a) for a in flipped)
    if once in (Counter(e.args), twice):
        return e
    before = sum(_transposes(a) for a in e.args)
    after = sum(_transposes(a) for a in flipped)
    return rebuild(e, flipped) if after <= before else transpose(e)


def _transposes(e: Expr) -> int:
    if e.op == "transpose":
        return 1
    return sum(_transposes(a) for a in e.args) if e.op == "mul" and not e.is_scalar else 0


def has(e: Expr, trait: str) -> bool:
    """Does the variable carry the trait (or one that implies it)?"""
    if e.op != "symbol":
        return False
    if trait == "symmetric":
        return bool(e.traits & SYMMETRIC)
    if trait == "probability":
        return bool(e.traits & {"probability", "one_hot", "probability_vector"})
    return trait in e.traits
