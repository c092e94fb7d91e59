"""Sums over an index turned back into matrix form wherever there is one."""

from __future__ import annotations

from functools import lru_cache

from chainrule.calculus.tidy import tidied
from chainrule.dims import ONE, Dim
from chainrule.errors import LimitError, UnsupportedError
from chainrule.expr import BINDERS, Expr, free_names, postorder, rebuild, size
from chainrule.ops import add, eye, mul, power, with_sizes, zeros
from chainrule.ops.indexed import bound, is_down, rebind
from chainrule.tensor.stack import Stack

SHORT = 8  # rounds up to which a range of numbers is written out


def dissolve(root: Expr) -> Expr:
    """From indexed sums to matrix form, as a textbook prints it.

    ``sum(i=1:n, (a_i'*x-b_i)^2)`` is ``norm2(a*x-b)^2``. A sum or product without matrix form
    stays, its body dissolved.
    """
    found = dissolved(root)
    return root if found is root else tidied(found)


@lru_cache(maxsize=2048)
def dissolved(root: Expr) -> Expr:
    """An equal expression with as few sums and products over indices as possible.

    ``sum(i=1:n, x_i*x_i')`` is ``x'*x``. A sum without matrix form stays, its body dissolved.
    """
    order = postorder(root)
    if not any(e.op in BINDERS for e in order):
        return root
    memo: dict[Expr, Expr] = {}
    for e in order:
        made = rebuild(e, tuple(memo[a] for a in e.args))
        memo[e] = _without(made) if made.op in BINDERS else made
    return memo[root]


def _without(e: Expr) -> Expr:
    name, lo, hi = bound(e)
    body = e.args[0]
    if is_down(e):
        lo, hi = hi, lo
    if lo.value is not None and hi.value is not None:
        if hi.value < lo.value:
            return zeros(*e.shape) if e.op == "sigma" else eye(e.shape[0])
        if hi.value == lo.value:
            return with_sizes(body, {name: lo})
    rounds = hi - lo + ONE
    if name not in free_names(body):
        if e.op == "sigma":
            return mul(size(rounds), body)
        return power(body, size(rounds)) if lo == ONE else e
    found = _whole_axis(name, lo, hi, body) if e.op == "sigma" else None
    if found is not None:
        return found
    if rounds.value is not None and 0 < rounds.value <= SHORT:
        parts = [with_sizes(body, {name: lo + k}) for k in range(rounds.value)]
        return add(*parts) if e.op == "sigma" else mul(*(parts[::-1] if is_down(e) else parts))
    if e.op == "sigma" and body.op == "add" and all(a.shape == e.shape for a in body.args):
        made = {a: _without(rebind(e, name, lo, hi, a)) for a in body.args}
        stuck = [a for a, found in made.items() if found.op in BINDERS]
        if 1 < len(stuck) < len(made):  # what stays a sum stays together
            rest = rebind(e, name, lo, hi, add(*(a for a in body.args if a in stuck)))
            return add(*(made[a] for a in body.args if a not in stuck), rest)
        return e if len(stuck) == len(made) else add(*(made[a] for a in body.args))
    return e


def _whole_axis(name: str, lo: Dim, hi: Dim, body: Expr) -> Expr | None:
    if lo != ONE:
        return None
    for opening in (False, True):
        try:
            return Stack(name, hi, opening).total(body)
        except (UnsupportedError, LimitError):
            continue
    return None


def named_by_depth(root: Expr) -> Expr:
    """Bound indices renamed by how many sums they enclose: chosen names do not count."""
    order = postorder(root)
    if not any(e.op in BINDERS for e in order):
        return root
    depth: dict[Expr, int] = {}
    memo: dict[Expr, Expr] = {}
    for e in order:
        depth[e] = max((depth[a] for a in e.args), default=0)
        if e.op in BINDERS:
            depth[e] += 1
            name, lo, hi = bound(e)
            new = f"_{depth[e]}"
            memo[e] = rebind(e, new, lo, hi, with_sizes(memo[e.args[0]], {name: new}))
        else:
            memo[e] = rebuild(e, tuple(memo[a] for a in e.args))
    return memo[root]
