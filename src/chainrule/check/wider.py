"""Edits of several places at once: everywhere, a shifted index, a link of a chain, two terms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np

from chainrule.check.edit import Edit, Message, Named
from chainrule.check.edits import neighbours
from chainrule.check.names import likeness, parts_of_name
from chainrule.check.rough import OVER, Board, Path, close, put, with_args
from chainrule.dims import dim
from chainrule.expr import Expr, node, postorder, substitute, symbol
from chainrule.numeric.special import Array
from chainrule.ops import TABLE

MOST_LINKS = 40
ENTRY = ":"  # before the name of a derivative of another entry
WRONG_LINK = "a wrong variable in the chain of derivatives: "
MOST_TERMS = 4


def swapped(root: Expr, table: Mapping[Expr, Expr], opaque: frozenset[Expr]) -> Expr:
    """The expression with parts replaced everywhere, but not inside parts with a name."""
    memo: dict[Expr, Expr] = {}
    stack = [root]
    while stack:
        e = stack[-1]
        if e in memo:
            stack.pop()
            continue
        if e in table:
            memo[e] = table[e]
            continue
        if (e in opaque and e is not root) or e.op in ("grad", "hessian"):
            memo[e] = e
            continue
        missing = [a for a in e.args if a not in memo]
        if missing:
            stack += missing
            continue
        memo[e] = with_args(e, tuple(memo[a] for a in e.args))
    return memo[root]


def everywhere(
    side: Expr, spots: Sequence[tuple[Path, Expr]], board: Board, names: Sequence[Named],
    indices: Sequence[str], opaque: frozenset[Expr],
) -> Iterator[Edit]:  # fmt: skip
    """One edit at all places where the same part occurs."""
    counts = Counter(e for _, e in spots)
    first = {e: path for path, e in reversed(spots)}
    often = [(first[e], e) for e, n in counts.items() if n > 1 and e.args]
    for edit in neighbours(often, board, names, indices):
        whole = swapped(side, {edit.old: edit.new}, opaque)
        yield Edit((), side, whole, edit.kind, edit.message, edit.weight + 0.1,
                   (edit.old, edit.new))  # fmt: skip


def shifts(
    side: Expr, spots: Sequence[tuple[Path, Expr]], names: Sequence[Named], opaque: frozenset[Expr]
) -> Iterator[Edit]:
    """All numbered names within a part moved by one: ``W2*y2+b2`` to ``W1*y1+b1``."""
    by_name = dict(names)
    labels = {e: name for name, e in names}
    for path, e in spots:
        if not e.args or e in labels:
            continue
        below = [labels[p] for q, p in spots if q[: len(path)] == path and p in labels]
        for step in (-1, 1):
            table = {}
            for name in dict.fromkeys(below):
                _, end = parts_of_name(name)
                other = by_name.get(f"{name[: len(name) - len(end)]}{int(end) + step}") if end \
                    else None  # fmt: skip
                if other is not None:
                    table[by_name[name]] = other
            if len(table) > 1:
                new = swapped(e, table, opaque)
                yield Edit(path, e, new, "index", ("{} stands where {} is meant", e, new),
                           1.15)  # fmt: skip


def links(grads: Iterable[Expr], names: Mapping[str, Expr], symbols: Iterable[Expr]) -> list[Named]:
    """Other derivatives that a chain may be made of: of any defined part by any other."""
    tops: dict[str, Expr] = {}
    bottoms: dict[str, Expr] = dict(names)
    labels = {e: n for n, e in names.items()}
    for g in grads:
        f = substitute(g.args[0], {g.args[1]: g.args[2]}) if len(g.args) > 2 else g.args[0]
        tops[labels.get(f, "f")] = f
        if len(g.args) == 2:
            bottoms[g.args[1].name] = g.args[1]
    tops |= names
    used = {g.args[1].name for g in grads} | {labels.get(g.args[-1], "") for g in grads}
    bottoms |= {s.name: s for s in symbols if s.name in used}
    out: list[Named] = []
    for top, f in tops.items():
        for name, x in bottoms.items():
            if f is x or not f.args:
                continue
            if x.op == "symbol":
                made = _grad(f, x)
            else:
                stand_in = symbol(name, *x.shape)
                opened = substitute(f, {x: stand_in})
                if opened is f:
                    continue
                made = _grad(opened, stand_in, x)
            out.append((f"{top}/{name}", made))
    return out[:MOST_LINKS]


def _grad(f: Expr, x: Expr, *value: Expr) -> Expr:
    from chainrule.check.reading import grad_node

    return grad_node(f, x, *value)


def link_edits(
    spots: Sequence[tuple[Path, Expr]], known: Sequence[Named], labels: Mapping[Expr, str]
) -> Iterator[Edit]:
    """A derivative in a chain replaced by another one."""
    for path, e in spots:
        if e.op == "mul":
            yield from _without_sign(path, e, known)
        if e.op != "grad":
            continue
        own = labels.get(e, "")
        for name, other in known:
            if other is e:
                continue
            message: Message = (f"{WRONG_LINK}{{}} stands where {{}} is meant", e, other)
            if name.startswith(ENTRY):
                yield Edit(path, e, other, "index", ("{} stands where {} is meant", e, other), 1.1)
                continue
            kinds = [likeness(a, b) for a, b in zip(own.split("/"), name.split("/"), strict=False)
                     if a != b]  # fmt: skip
            kind = "index" if kinds and all(k == "index" for k, _ in kinds) else "other"
            weight = 1.1 + 0.1 * len(kinds) + (0.1 if kind == "other" else 0)
            if _activated(e) is not None and _activated(e) is _at(other):
                kind, weight = "dropped_factor", 1.15
                message = ("the derivative of the function in {} is missing; with it, this is {}",
                           e.args[-1], other)  # fmt: skip
            yield Edit(path, e, other, kind, message, weight)


def _without_sign(path: Path, e: Expr, known: Sequence[Named]) -> Iterator[Edit]:
    """``∂J/θ`` for a derivative, so read as a differential and a quotient."""
    for k, (a, b) in enumerate(pairwise(e.args)):
        if a.op == "differential" and b.op in ("pow", "epow", OVER):
            for name, other in known:
                if not name.startswith(ENTRY):
                    rest = (*e.args[:k], other, *e.args[k + 2 :])
                    new = rest[0] if len(rest) == 1 else with_args(e, rest)
                    yield Edit(path, e, new, "other", (f"{WRONG_LINK}{{}} is meant", other), 1.3)


def _at(e: Expr) -> Expr:
    """The value of what a derivative is taken by."""
    return e.args[-1] if len(e.args) > 2 else e.args[1]


def _activated(e: Expr) -> Expr | None:
    """``u`` for a derivative by ``l = relu(u)``."""
    x = _at(e)
    op = TABLE.get(x.op)
    return x.args[0] if op is not None and op.kind == "elementwise" and x.args else None


def reindexed(grads: Iterable[Expr], indices: Sequence[str]) -> list[Named]:
    """Derivatives of another entry: ``d(f[n])`` as ``d(f[m])``."""
    out: list[Named] = []
    for g in grads:
        for u in (e for e in postorder(g.args[0]) if e.op == "unit"):
            for name in indices:
                other = node("unit", (), (u.params[0], dim(name)), u.shape)
                if other is not u:
                    f = substitute(g.args[0], {u: other})
                    out.append((f"{ENTRY}{name}", _grad(f, *g.args[1:])))
    return out[:MOST_LINKS]


def two_terms(
    side: Expr, edits: Sequence[Edit], target: Array, board: Board, stop: Iterable[bool]
) -> Iterator[tuple[Edit, Edit]]:
    """Pairs of edits, each in another term of a sum, that together give the target."""
    if side.op != "add" or len(side.args) > MOST_TERMS:
        return
    rng = np.random.default_rng(5)
    weights = rng.standard_normal(target.shape)
    values = [board.value(a) for a in side.args]
    by_term: dict[int, list[tuple[float, Edit]]] = {}
    for edit in edits:
        if not edit.path:
            continue
        k = edit.path[0]
        part = put(side.args[k], edit.path[1:], edit.new)
        v = board.value(part)
        if v is not None and v.shape == target.shape and np.isfinite(v).all():
            by_term.setdefault(k, []).append((float(np.vdot(weights, v)), edit))
        if next(iter(stop), False):
            return
    for i in by_term:
        for j in by_term:
            if i >= j:
                continue
            others = [v for k, v in enumerate(values) if k not in (i, j)]
            if any(v is None or v.shape != target.shape for v in others):
                continue
            rest = target - sum((v for v in others if v is not None), np.zeros(target.shape))
            want = float(np.vdot(weights, rest))
            table = sorted(by_term[j], key=lambda p: p[0])
            keys = np.array([p[0] for p in table])
            size = float(np.abs(keys).max(initial=1.0)) + abs(want)
            for key, first in sorted(by_term[i], key=lambda p: p[1].weight):
                low = int(np.searchsorted(keys, want - key - 1e-9 * size))
                high = int(np.searchsorted(keys, want - key + 1e-9 * size))
                for k in range(low, min(high, low + 5)):
                    second = table[k][1]
                    whole = put(put(side, first.path, first.new), second.path, second.new)
                    v = board.value(whole)
                    if v is not None and close(v, target):
                        yield first, second


__all__ = ["everywhere", "link_edits", "links", "reindexed", "shifts", "swapped", "two_terms"]
