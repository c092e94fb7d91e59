"""A sum of products as a textbook prints it: like terms collected, common factors pulled out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache, partial
from math import gcd

from chainrule.dims import ONE, Shape
from chainrule.expr import Expr
from chainrule.ops import add, apply, eye, hadamard, mul, zeros
from chainrule.tensor.ir import Exponent, Term, exponent_sum, exponent_times
from chainrule.tensor.product import Chain, Product, is_negative
from chainrule.traits import is_symmetric, transposed

_cost: dict[Expr, int] = {}


def cost(e: Expr) -> int:
    """About the number of tokens of the printed form (shared parts counted each time)."""
    found = _cost.get(e)
    if found is None:
        if len(_cost) > 100_000:
            _cost.clear()
        inner = sum(cost(a) for a in e.args)
        brackets = 2 * sum(a.op == "add" for a in e.args)
        match e.op:
            case "symbol" | "number" | "size" | "pi":
                found = 1
            case "add" | "mul" | "hadamard":
                found = inner + len(e.args) - 1 + (brackets if e.op != "add" else 0)
            case "transpose" | "pow" | "epow":
                found = inner + 1 + (2 if e.args[0].op in ("add", "mul", "hadamard") else 0)
            case _:
                found = inner + 3 + max(len(e.args) - 1, 0) + 2 * len(e.params)
        found = min(found, 10**9)
        _cost[e] = found
    return found


def collect(products: Sequence[Product]) -> list[Product]:
    """Like terms added, zeros dropped, order of first occurrence."""
    table: dict[tuple[object, ...], Product] = {}
    for p in products:
        if p.coef == 0:
            continue
        key = p.key()
        known = table.get(key)
        if known is None:
            table[key] = p
        else:
            total = known.coef + p.coef
            if total:
                table[key] = Product(total, known.scalars, known.chain, known.shape)
            else:
                del table[key]
    return sorted(table.values(), key=_transposes)


def _transposes(p: Product) -> int:
    """Terms without transposes come first: ``A + A'``."""
    return sum(_count_transposes(e) for e in p.chain)


def _count_transposes(e: Expr) -> int:
    return int(e.op == "transpose" and e.shape[1] != ONE and e.shape[0] != ONE)


def factored(products: Sequence[Product], shape: Shape) -> Expr:
    """The sum as one expression of the given shape."""
    found = combine(collect(products))
    if not found:
        return zeros(*shape)
    return sum_of(found)


def sum_of(products: list[Product]) -> Expr:
    """Sum, a positive term first where there is one."""
    first = next((n for n, p in enumerate(products) if p.coef > 0), 0)
    ordered = [products[first], *products[:first], *products[first + 1 :]]
    total = add(*_spread(ordered))
    if total.op == "add" and is_symmetric(total):  # A*B' + B*A' is one sum, however it came about
        return add(*sorted(total.args, key=_minus_last))
    return total


def _minus_last(e: Expr) -> tuple[bool, str]:
    text = repr(e)
    return text.startswith("-"), text


def _spread(products: list[Product]) -> list[Expr]:
    """Beside other terms a multiple of ``ones(m,n)`` is written as the number that spreads."""
    constant = [len(p.chain) == 1 and p.chain[0].op == "ones" for p in products]
    if all(constant):
        return [p.expr() for p in products]
    return [
        Product(p.coef, p.scalars, (), (ONE, ONE)).expr() if c else p.expr()
        for p, c in zip(products, constant, strict=True)
    ]


def combine(products: list[Product]) -> list[Product]:
    """Pull out common factors as long as that makes the sum shorter."""
    return products if len(products) < 2 else list(_combined(tuple(products)))


@lru_cache(maxsize=5_000)
def _combined(given: tuple[Product, ...]) -> tuple[Product, ...]:
    products = _merge_diagonals(list(given))
    while len(products) > 1:
        best = _best_group(products)
        if best is None:
            whole = _common_scalars(products)
            return tuple(products) if whole is None else (whole,)
        group, merged = best
        products = collect([merged if n == group[0] else p
                            for n, p in enumerate(products) if n not in group[1:]])  # fmt: skip
    return tuple(products)


def _total(products: Sequence[Product]) -> int:
    return sum(cost(p.expr()) for p in products) + len(products) - 1


# -- numbers and scalars ----------------------------------------------------------------------
def _common_scalars(products: list[Product]) -> Product | None:
    coef = _common_coefficient([p.coef for p in products])
    shared: list[tuple[Expr, Exponent]] = []
    tables = [dict(q.scalars) for q in products]
    for base, first in products[0].scalars:
        if not all(base in t for t in tables):
            continue
        powers = [t[base] for t in tables]
        numeric = [x for x in powers if isinstance(x, Fraction)]
        if all(x == first for x in powers):
            shared.append((base, first))
        elif len(numeric) == len(powers) and min(numeric) > 0:
            shared.append((base, min(numeric)))
        elif len(numeric) == len(powers) and max(numeric) < 0:
            shared.append((base, max(numeric)))
    if coef == 1 and not shared:
        return None
    taken = dict(shared)
    rest = []
    for p in products:
        scalars = []
        for base, power in p.scalars:
            if base in taken:
                if power == taken[base]:
                    continue
                left = exponent_sum(power, exponent_times(taken[base], Fraction(-1)))
                if left != 0:
                    scalars.append((base, left))
            else:
                scalars.append((base, power))
        rest.append(Product(p.coef / coef, tuple(scalars), p.chain, p.shape))
    inner = combine(collect(rest))
    if len(inner) == 1:
        return _scaled(inner[0], coef, shared)
    total = sum_of(inner)
    shape = products[0].shape
    if total.is_scalar:
        out = Product(coef, tuple(sorted([(total, Fraction(1)), *shared], key=_last)), (), shape)
    else:
        out = Product(coef, tuple(sorted(shared, key=_last)), (total,), shape)
    return out if cost(out.expr()) <= _total(products) else None


def _last(item: tuple[Expr, Exponent]) -> bool:
    return is_negative(item[1])


def _scaled(p: Product, coef: Fraction, extra: list[tuple[Expr, Exponent]]) -> Product:
    term = Term(coef=p.coef * coef, scalars=dict(p.scalars))
    for base, power in extra:
        term.times_scalar(base, power)
    ordered = sorted(term.scalars.items(), key=_last)
    return Product(term.coef, tuple(ordered), p.chain, p.shape)


def _common_coefficient(coefs: list[Fraction]) -> Fraction:
    sign = -1 if all(c < 0 for c in coefs) else 1
    sizes = [abs(c) for c in coefs]
    if len(set(sizes)) == 1:
        return sign * sizes[0]
    if all(c.denominator == 1 for c in sizes):
        g = 0
        for c in sizes:
            g = gcd(g, c.numerator)
        return Fraction(sign * g)
    return Fraction(sign)


# -- matrices ------------------------------------------------------------------------------------
def _best_group(products: list[Product]) -> tuple[list[int], Product] | None:
    best: tuple[int, list[int], Product] | None = None
    ways = (_by_prefix, _by_suffix, _by_hadamard, _by_sum)
    for keyed in (way(products) for way in ways):
        for members, build in keyed:
            chosen = [products[n] for n in members]
            merged = build(chosen)
            gain = _total(chosen) - cost(merged.expr())
            if gain >= 0 and (best is None or gain > best[0]):
                best = (gain, members, merged)
    return None if best is None else (best[1], best[2])


Key = tuple[Expr, ...]
Candidate = tuple[list[int], Callable[[list[Product]], Product]]


def _groups(keys: list[list[Key]]) -> list[tuple[Key, list[int]]]:
    """Keys that several products share, with the places of these products."""
    table: dict[Key, list[int]] = {}
    for n, options in enumerate(keys):
        for key in options:
            table.setdefault(key, []).append(n)
    longest: dict[tuple[int, ...], Key] = {}
    for key, members in table.items():
        if len(members) > 1 and len(key) >= len(longest.get(tuple(members), ())):
            longest[tuple(members)] = key
    return [(key, list(members)) for members, key in longest.items()]


def _by_prefix(products: list[Product]) -> list[Candidate]:
    keys = [
        [p.chain[:k] for k in range(1, len(p.chain) + 1)] if _pullable(p, 0) else []
        for p in products
    ]
    return [(at, partial(_pull, left=key, right=())) for key, at in _groups(keys)]


def _by_suffix(products: list[Product]) -> list[Candidate]:
    keys = [
        [p.chain[k:] for k in range(len(p.chain) - 1, -1, -1)] if _pullable(p, -1) else []
        for p in products
    ]
    return [(at, partial(_pull, left=(), right=key)) for key, at in _groups(keys)]


def _pullable(p: Product, end: int) -> bool:
    """An identity matrix is no factor worth pulling out."""
    return bool(p.chain) and p.chain[end].op != "eye"


def _pull(products: list[Product], left: Chain, right: Chain) -> Product:
    """left * (sum of what remains) * right."""
    shape = products[0].shape
    whole = products[0].chain
    if all(p.chain == whole for p in products):
        weights = combine(collect([Product(p.coef, p.scalars, (), (ONE, ONE)) for p in products]))
        if len(weights) == 1:
            only = weights[0]
            return Product(only.coef, only.scalars, whole, shape)
        return Product(Fraction(1), ((sum_of(weights), Fraction(1)),), whole, shape)
    rows = left[-1].shape[1] if left else shape[0]
    cols = right[0].shape[0] if right else shape[1]
    rest = []
    for p in products:
        middle = p.chain[len(left) : len(p.chain) - len(right)]
        if not middle and rows == cols and rows != ONE:
            middle = (eye(rows),)
        elif not middle and (rows, cols) != (ONE, ONE):
            # x*y' + x = x*(y' + …) has no matrix to leave behind: cannot pull out here
            return products[0] if len(products) == 1 else _as_sum(products)
        rest.append(Product(p.coef, p.scalars, middle, (rows, cols)))
    inner = combine(collect(rest))
    if not inner:
        return Product(Fraction(0), (), (zeros(*shape),), shape)
    if len(inner) == 1:
        only = inner[0]
        middle = () if only.chain and only.chain[0].op == "eye" and (left or right) else only.chain
        return Product(only.coef, only.scalars, (*left, *middle, *right), shape)
    total = sum_of(inner)
    if total.is_scalar:
        return Product(Fraction(1), ((total, Fraction(1)),), (*left, *right), shape)
    return Product(Fraction(1), (), (*left, total, *right), shape)


def _as_sum(products: list[Product]) -> Product:
    total = add(*(p.expr() for p in products))
    return Product(Fraction(1), (), (total,), products[0].shape)


def _by_hadamard(products: list[Product]) -> list[Candidate]:
    keys: list[list[Key]] = []
    for p in products:
        single = p.chain[0] if len(p.chain) == 1 else None
        parts = single.args if single is not None and single.op == "hadamard" else ()
        keys.append([(a,) for a in dict.fromkeys(parts)])
    return [(members, partial(_pull_hadamard, common=key[0])) for key, members in _groups(keys)]


def _by_sum(products: list[Product]) -> list[Candidate]:
    """sum(u) - sum(v) is sum(u - v)."""
    table: dict[Shape, list[int]] = {}
    for n, p in enumerate(products):
        if len(p.scalars) == 1 and not p.chain:
            base, power = p.scalars[0]
            if base.op == "sum" and power == 1:
                table.setdefault(base.args[0].shape, []).append(n)
    return [(members, _pull_sum) for members in table.values() if len(members) > 1]


def _pull_sum(products: list[Product]) -> Product:
    inner = []
    for p in products:
        arg = p.scalars[0][0].args[0]
        inner.append(Product(p.coef, (), (arg,), arg.shape))
    total = apply("sum", sum_of(combine(collect(inner))))
    return Product(Fraction(1), ((total, Fraction(1)),), (), products[0].shape)


def _pull_hadamard(products: list[Product], common: Expr) -> Product:
    rest = []
    for p in products:
        args = list(p.chain[0].args)
        args.remove(common)
        rest.append(Product(p.coef, p.scalars, (hadamard(*args),), p.shape))
    inner = combine(collect(rest))
    if not inner:
        return Product(Fraction(0), (), (common,), products[0].shape)
    if len(inner) == 1 and len(inner[0].chain) == 1:
        only = inner[0]
        return Product(only.coef, only.scalars, (hadamard(common, only.chain[0]),), only.shape)
    return Product(Fraction(1), (), (hadamard(common, sum_of(inner)),), products[0].shape)


def _merge_diagonals(products: list[Product]) -> list[Product]:
    """diag(u) + diag(v) = diag(u + v)."""
    diagonal = [
        n for n, p in enumerate(products)
        if len(p.chain) == 1 and p.chain[0].op == "diag" and p.chain[0].shape[1] != ONE
    ]  # fmt: skip
    if len(diagonal) < 2:
        return products
    inner = []
    for n in diagonal:
        p = products[n]
        vector = p.chain[0].args[0]
        vector = vector if vector.shape[1] == ONE else transposed(vector)
        inner.append(Product(p.coef, p.scalars, (vector,), vector.shape))
    merged = combine(collect(inner))
    if not merged:
        return [p for n, p in enumerate(products) if n not in diagonal]
    if len(merged) == 1:
        one = merged[0]
        new = Product(one.coef, one.scalars, (apply("diag", mul(*one.chain)),), products[0].shape)
    else:
        new = Product(Fraction(1), (), (apply("diag", sum_of(merged)),), products[0].shape)
    return [new if n == diagonal[0] else p for n, p in enumerate(products) if n not in diagonal[1:]]


__all__ = ["collect", "combine", "cost", "factored", "sum_of"]
