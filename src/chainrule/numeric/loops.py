"""Sums and products over an index by looping; what does not depend on the index is done once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from chainrule.errors import LimitError
from chainrule.expr import BINDERS, Expr, free_names, postorder
from chainrule.numeric.special import Array
from chainrule.ops.indexed import bound, is_down

LONGEST = 1_000_000  # rounds of a loop
Watch = Callable[[Expr, Array, Mapping[Expr, Array]], None]
ValueOf = Callable[..., Array]


@dataclass(frozen=True)
class Loop:
    """The body of a binder: what changes from round to round, and what it uses from outside."""

    live: tuple[Expr, ...]
    outside: tuple[Expr, ...]


def steps(*roots: Expr) -> list[Expr]:
    """Nodes to evaluate, arguments first; of a loop's body only what does not change in it."""
    return postorder(*roots, below=_needs)


def _needs(e: Expr) -> tuple[Expr, ...]:
    return loop(e).outside if e.op in BINDERS else e.args


def _live(body: Expr, name: str) -> tuple[Expr, ...]:
    """The steps in which a name occurs; what is below the others is not looked at."""
    seen: set[Expr] = set()
    order: list[Expr] = []
    stack: list[tuple[Expr, bool]] = [(body, False)]
    while stack:
        item, ready = stack.pop()
        if ready:
            order.append(item)
        elif item not in seen and name in free_names(item):
            seen.add(item)
            stack.append((item, True))
            needs = loop(item).outside if item.op in BINDERS else item.args
            stack.extend((a, False) for a in reversed(needs) if a not in seen)
    return tuple(order)


@lru_cache(maxsize=4096)
def loop(e: Expr) -> Loop:
    """How a binder is run."""
    name = str(e.params[0])
    live = _live(e.args[0], name)
    used = dict.fromkeys((e.args[0],))
    for a in live:
        used.update(dict.fromkeys(loop(a).outside if a.op in BINDERS else a.args))
    return Loop(live, tuple(a for a in used if name not in free_names(a)))


def run(
    e: Expr, memo: Mapping[Expr, Array], values: Mapping[str, Array], sizes: Mapping[str, int],
    value_of: ValueOf, watch: Watch | None = None,
) -> Array:  # fmt: skip
    """Value of a binder from the values of what it uses from outside.

    ``watch`` sees every value inside the loop; it may raise.
    """
    name, lo, hi = bound(e)
    first, last = lo.at(sizes), hi.at(sizes)
    if abs(last - first) > LONGEST:
        raise LimitError(f"a loop of more than {LONGEST} rounds is too long")
    plan, body = loop(e), e.args[0]
    inner: dict[Expr, Array] = {a: memo[a] for a in plan.outside}
    here = dict(sizes)
    shape = (e.shape[0].at(sizes), e.shape[1].at(sizes))
    total: Array = np.zeros(shape) if e.op == "sigma" else np.eye(shape[0])
    for k in range(first, last - 1, -1) if is_down(e) else range(first, last + 1):
        here[name] = k
        for item in plan.live:
            value = inner[item] = value_of(item, inner, values, here, watch)
            if watch is not None:
                watch(item, value, inner)
        total = total + inner[body] if e.op == "sigma" else total @ inner[body]
    return total
