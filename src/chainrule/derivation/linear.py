"""Lines that are linear in a differential: multiplying out, turning, collecting, reading off."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

from chainrule.calculus.forms import Derivative
from chainrule.calculus.sweep import Sweep
from chainrule.dims import ONE
from chainrule.expr import Expr, depends, free_names, number, postorder, rebuild
from chainrule.ops import add, apply, eye, mul, ones, trace
from chainrule.traits import transposed

MOST = 64  # terms a line may have
INNER = frozenset({"transpose", "tr", "sum", "sum_rows", "sum_cols", "diag", "vec", "sigma"})


def terms(e: Expr) -> tuple[Expr, ...]:
    """The summands of a line."""
    return e.args if e.op == "add" else (e,)


def multiplied_out(e: Expr, marks: frozenset[Expr]) -> Expr:
    """Sums that hold differentials multiplied out: one differential in each term."""
    live = depends(e, marks)
    memo: dict[Expr, tuple[Expr, ...]] = {}
    for n in postorder(e):
        if not live[n] or n in marks:
            memo[n] = (n,)
        elif n.op == "add":
            flat = tuple(t for a in n.args for t in memo[a])
            memo[n] = tuple(_full(t, n) for t in flat)
        elif n.op == "transpose":
            memo[n] = tuple(transposed(t) for t in memo[n.args[0]])
        elif n.op == "sum":
            memo[n] = tuple(tidy(summed(t, marks)) for t in memo[n.args[0]])
        elif n.op in INNER:
            memo[n] = tuple(_scaled(n, t) for t in memo[n.args[0]])
        elif n.op in ("mul", "hadamard", "kron"):
            options = [memo[a] if live[a] else (a,) for a in n.args]
            memo[n] = tuple(tidy(rebuild(n, choice)) for choice in product(*options))
        else:
            memo[n] = (n,)
        if len(memo[n]) > MOST:
            memo[n] = (n,)
    return add(*memo[e])


def tidy(e: Expr) -> Expr:
    """The numbers among the factors of a product as one number in front."""
    if e.op == "hadamard":
        return _tidy_hadamard(e)
    if e.op != "mul":
        return e
    e = cancelled(e)
    if e.op != "mul":
        return e
    coef, rest, found = Fraction(1), [], False
    for k, a in enumerate(e.args):
        if a.op == "number":
            coef *= a.value
            found = found or k > 0
        elif a.op == "mul" and any(b.op == "number" for b in a.args):
            for b in a.args:
                coef *= b.value if b.op == "number" else 1
            rest.append(mul(*(b for b in a.args if b.op != "number")))
            found = True
        else:
            rest.append(a)
    return mul(number(coef), *rest) if found else e


def cancelled(e: Expr) -> Expr:
    """A product without neighbours A⁻¹ A."""
    chain: list[Expr] = []
    scalars = [a for a in e.args if a.is_scalar]
    shaped = [a for a in e.args if not a.is_scalar]
    for a in shaped:
        last = chain[-1] if chain else None
        if last is not None and (is_inverse(last, a) or is_inverse(a, last)):
            chain.pop()
        else:
            chain.append(a)
    if len(chain) == len(shaped):
        return e
    if not chain and not e.is_scalar:
        chain.append(eye(e.shape[0]))
    return mul(*scalars, *chain) if scalars or chain else number(1)


def is_inverse(a: Expr, b: Expr) -> bool:
    """Is ``a`` the inverse of the matrix ``b``, as written?"""
    if a.op == "transpose" and b.op == "transpose":
        a, b = a.args[0], b.args[0]
    return a.op == "inv" and a.args[0] is b


def scalars_first(e: Expr) -> Expr:
    """Scalar factors in front of products and outside of transposes."""
    memo: dict[Expr, Expr] = {}
    for n in postorder(e):
        made = rebuild(n, tuple(memo[a] for a in n.args))
        inner = made.args[0] if made.op == "transpose" else made
        front = [a for a in inner.args if a.is_scalar] if inner.op == "mul" else []
        if front and not made.is_scalar and len(front) < len(inner.args):
            rest = mul(*(a for a in inner.args if not a.is_scalar))
            made = mul(*front, transposed(rest) if made.op == "transpose" else rest)
        memo[n] = made
    return memo[e]


def _tidy_hadamard(e: Expr) -> Expr:
    """(2 A) ⊙ B is 2 (A ⊙ B)."""
    scalars: list[Expr] = []
    rest: list[Expr] = []
    for a in e.args:
        if a.op == "mul" and any(b.is_scalar for b in a.args):
            scalars += [b for b in a.args if b.is_scalar]
            rest.append(mul(*(b for b in a.args if not b.is_scalar)))
        else:
            rest.append(a)
    return tidy(mul(*scalars, apply("hadamard", *rest))) if scalars else e


def summed(t: Expr, marks: frozenset[Expr]) -> Expr:
    """The sum of the entries of a column as a scalar product where it is one."""
    if t.is_scalar or t.shape[1] != ONE:
        return apply("sum", t)
    if t.op == "add":
        return add(*(summed(a, marks) for a in t.args))
    if t.op == "mul":
        scalars = [a for a in t.args if a.is_scalar]
        chain = [a for a in t.args if not a.is_scalar]
        if scalars:
            return mul(*scalars, summed(mul(*chain), marks))
        head = chain[0]
        if head.op == "diag" and len(chain) > 1 and head.args[0].shape[1] == ONE:
            return mul(transposed(head.args[0]), *chain[1:])
        return apply("sum", t)
    if t.op == "hadamard":
        live = depends(t, marks)
        moving = [a for a in t.args if live[a]]
        fixed = [a for a in t.args if not live[a]]
        if len(moving) != 1 or not fixed:
            return apply("sum", t)
        weight, only = apply("hadamard", *fixed), moving[0]
        if only.op == "add":
            return add(*(summed(apply("hadamard", weight, a), marks) for a in only.args))
        scalars = [a for a in only.args if a.is_scalar] if only.op == "mul" else []
        chain = [a for a in only.args if not a.is_scalar] if only.op == "mul" else [only]
        if chain[0].op == "diag" and len(chain) > 1:
            weight = apply("hadamard", weight, chain[0].args[0])
            chain = chain[1:]
        return mul(*scalars, mul(transposed(weight), *chain))
    return apply("sum", t)


def at_end(t: Expr, dx: Expr) -> Expr | None:
    """A scalar product or trace rotated and transposed until the differential stands last."""
    over = summation(t)
    if over is not None:
        front, binder = over
        turned = [at_end(a, dx) for a in terms(binder.args[0])]
        if any(a is None for a in turned):
            return None
        return mul(*front, summed_over(binder, add(*(a for a in turned if a is not None))))
    scalars: list[Expr] = []
    while t.op == "mul" and any(a.is_scalar for a in t.args):
        inner = [a for a in t.args if depends(a, frozenset({dx}))[a]]
        if len(inner) != 1 or not inner[0].is_scalar:
            break
        scalars += [a for a in t.args if a is not inner[0]]
        t = inner[0]
    if t.op == "tr":
        t = t.args[0]
    elif not t.is_scalar:
        return None
    chain = list(t.args) if t.op == "mul" else [t]
    scalars += [a for a in chain if a.is_scalar]
    chain = [a for a in chain if not a.is_scalar]
    for k, a in enumerate(chain):  # noqa: B007
        if a is dx or (a.op == "transpose" and a.args[0] is dx):
            break
    else:
        return None
    rest = chain[k + 1 :] + chain[:k]
    if a is not dx:
        rest = [transposed(b) for b in reversed(rest)]
    whole = mul(*rest, dx) if rest else dx
    whole = cancelled(whole) if whole.op == "mul" else whole
    return tidy(mul(*scalars, whole if whole.is_scalar else trace(whole)))


def _full(t: Expr, whole: Expr) -> Expr:
    """A scalar summand that spreads, written out."""
    return t if t.shape == whole.shape else mul(t, ones(*whole.shape))


def _scaled(n: Expr, t: Expr) -> Expr:
    """tr(2 A) = 2 tr(A)."""
    if n.op == "sigma" and t.op == "mul" and t.is_scalar:
        front = [a for a in t.args if a.is_scalar and not _bound(n, a)]
        rest = [a for a in t.args if a not in front]
        return mul(*front, rebuild(n, (mul(*rest),))) if front and rest else rebuild(n, (t,))
    if t.op == "mul" and not t.is_scalar:
        scalars = [a for a in t.args if a.is_scalar and not _bound(n, a)]
        if scalars:
            return mul(*scalars, rebuild(n, (mul(*(a for a in t.args if a not in scalars)),)))
    if n.op == "tr" and t.is_scalar:
        return t
    return rebuild(n, (t,))


def _bound(n: Expr, a: Expr) -> bool:
    """Does a factor depend on the index of a sum?"""
    return n.op == "sigma" and str(n.params[0]) in free_names(a)


def summation(t: Expr) -> tuple[list[Expr], Expr] | None:
    """Scalar factors and the sum over an index that a term consists of."""
    factors = list(t.args) if t.op == "mul" else [t]
    sums = [a for a in factors if a.op == "sigma"]
    if len(sums) != 1 or any(not a.is_scalar for a in factors if a is not sums[0]):
        return None
    return [a for a in factors if a is not sums[0]], sums[0]


def summed_over(binder: Expr, body: Expr) -> Expr:
    """The same sum over other terms, constant factors in front."""
    return add(*(_scaled(binder, tidy(t)) for t in terms(body)))


def coefficient(line: Expr, dx: Expr, layout: str = "gradient") -> Expr:
    """What multiplies the differential: gradient, Jacobian (rows outputs) or stacked matrix."""
    split = [summation(t) for t in terms(line)]
    if any(split):
        found = []
        rest = [t for t, s in zip(terms(line), split, strict=True) if s is None]
        for s in split:
            if s is not None:
                front, binder = s
                inner = coefficient(binder.args[0], dx, layout)
                found.append(mul(*front, summed_over(binder, inner)))
        return add(*([coefficient(add(*rest), dx, layout)] if rest else []), *found)
    return Derivative(Sweep(line, [dx]), dx).expr(layout)


def stacked(e: Expr) -> Expr:
    """vec(e); columns and scalars are their own."""
    return e if e.shape[1] == ONE else apply("vec", e)


def needs_vec(line: Expr, dx: Expr) -> bool:
    """Is there no way to read off the derivative but by stacking?"""
    if line.is_scalar or dx.is_scalar:
        return False
    return line.shape[1] != ONE or dx.shape[1] != ONE


def applied(g: Expr, line: Expr, dx: Expr) -> Expr:
    """⟨G, dX⟩, J dx or G dt: the line in terms of its coefficient."""
    if dx.is_scalar:
        return mul(g, dx)
    if line.is_scalar:
        turned = transposed(g)
        scalars = [a for a in turned.args if a.is_scalar] if turned.op == "mul" else []
        if scalars:
            turned = mul(*(a for a in turned.args if not a.is_scalar))
        whole = mul(turned, dx)
        return mul(*scalars, whole if dx.shape[1] == ONE else trace(whole))
    return mul(g, stacked(dx))


def between(t: Expr, dx: Expr) -> Expr | None:
    """(Bᵀ ⊗ A) for A dX B, scalars in front; None for any other form."""
    if t.is_scalar or (t.op != "mul" and t is not dx):
        return None
    chain = list(t.args) if t.op == "mul" else [t]
    scalars = [a for a in chain if a.is_scalar]
    chain = [a for a in chain if not a.is_scalar]
    places = [k for k, a in enumerate(chain) if a is dx]
    moving = [a for a in chain if depends(a, frozenset({dx}))[a]]
    if len(places) != 1 or len(moving) != 1 or dx.shape[1] == ONE:
        return None
    left, right = chain[: places[0]], chain[places[0] + 1 :]
    a = mul(*left) if left else eye(dx.shape[0])
    b = transposed(mul(*right)) if right else eye(dx.shape[1])
    return mul(*scalars, apply("kron", b, a))
