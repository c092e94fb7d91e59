"""The search for the smallest edit that makes a wrong statement true."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf

from chainrule.check.edit import Edit, Named
from chainrule.check.edits import at_place, neighbours, sizes_among
from chainrule.check.points import Clock
from chainrule.check.pool import insertions, missing_terms, parts_of
from chainrule.check.rough import Board, Path, close, places, put
from chainrule.check.wider import everywhere, link_edits, shifts, two_terms
from chainrule.expr import Expr, postorder
from chainrule.numeric.special import Array

ZERO = 1e-13  # in the search; survivors are confirmed
LARGE = 400  # parts of a side from which on only the right answer is offered
MOST_NAMES = 40
HEAVY = 4_000_000  # entries of values kept in the search
ENOUGH = 12  # survivors that are looked at
LIGHTEST = 1.0  # weight of an edit at least
MISFIT = 1.5  # weight up to which an edit may make sizes agree
LIGHT = 1.3  # weight up to which two edits are combined
MOST_FIRST = 70


@dataclass(frozen=True)
class Target:
    """What a side should be worth at each board, in one layout."""

    layout: str | None
    values: tuple[Array, ...]
    penalty: float = 0.0


@dataclass(frozen=True)
class Found:
    """A mended side."""

    expr: Expr
    edits: tuple[Edit, ...]
    layout: str | None
    weight: float


@dataclass(frozen=True)
class Search:
    """Everything the search for one side needs."""

    side: Expr
    boards: tuple[Board, ...]
    targets: tuple[Target, ...]
    names: tuple[Named, ...]
    indices: tuple[str, ...]
    pool: tuple[Expr, ...]
    terms: tuple[Expr, ...]
    opaque: frozenset[Expr]
    links: tuple[Named, ...] = ()
    heaviest: float = inf  # no use for anything beyond

    @property
    def wants_two(self) -> bool:
        """May two edits at once be light enough?"""
        return self.heaviest >= 2 * LIGHTEST

    secret: Callable[[Expr], bool] = lambda e: False


def search(task: Search, clock: Clock) -> list[Found]:
    """Mended sides, lightest first; single edits, then parts of the answer, then two edits."""
    found: list[Found] = []
    board = task.boards[0]
    board.value(task.side)
    if len(postorder(task.side)) > LARGE:
        return []
    if len(task.names) > MOST_NAMES:
        task = replace(task, names=task.names[:MOST_NAMES])
    spots = _spots(task.side, task.opaque)
    for e in {e for _, e in spots}:
        board.value(e)
    single = list(neighbours(spots, board, task.names, task.indices))
    labels = {e: name for name, e in task.links}
    single += link_edits(spots, task.links, labels)
    single += shifts(task.side, spots, task.names, task.opaque)
    found += _tried(task, single, clock)
    if not _good(found):
        found += _tried(
            task, everywhere(task.side, spots, board, task.names, task.indices, task.opaque), clock
        )
    if not _good(found) and board.value(task.side) is None:
        found += _misfit_first(task, spots, single, clock)
    fresh: list[Edit] = []
    if not _good(found):
        fresh = list(_from_pool(task, spots))
        found += _tried(task, fresh, clock)
    if not found and task.wants_two:
        found += _in_two_terms(task, [*single, *fresh], clock)
    if not found and task.wants_two:
        found += _pairs(task, single, clock)
    return sorted(found, key=lambda f: f.weight)[:ENOUGH]


def _misfit_first(
    task: Search, spots: Sequence[tuple[Path, Expr]], single: Sequence[Edit], clock: Clock
) -> list[Found]:
    """Sizes that disagree inside are put right first, as in ``diag(s*(1-s))``; then one edit more.

    Only where the whole still does not conform: otherwise the first edit was tried already.
    """
    board = task.boards[0]
    inner = {p for p, e in spots if p and board.value(e) is None
             and all(board.value(a) is not None for a in e.args)}  # fmt: skip
    out: list[Found] = []
    budget = Clock(min(clock.left, 0.8))
    for first in sorted((e for e in single if e.path in inner), key=lambda e: e.weight):
        if budget.over or len(out) >= 3:
            break
        if first.weight > MISFIT or board.value(first.new) is None:
            continue
        half = put(task.side, first.path, first.new)
        if board.value(half) is not None:
            continue
        rest = _spots(half, task.opaque)
        around = [(p, e) for p, e in rest if first.path[: len(p)] == p]
        for second in neighbours(around, board, task.names, task.indices):
            new = put(half, second.path, second.new)
            hit = _hits(task, new) if second.weight <= MISFIT else None
            if hit is not None:
                weight = max(first.weight, second.weight) + 0.6 + hit.penalty
                out.append(Found(new, (second, first), hit.layout, weight))
        for b in task.boards:
            b.forget()
    return out


def _in_two_terms(task: Search, edits: Sequence[Edit], clock: Clock) -> list[Found]:
    out = []
    board = task.boards[0]
    for target in task.targets:
        pairs = two_terms(task.side, edits, target.values[0], board, _stopping(clock))
        for first, second in pairs:
            new = put(put(task.side, first.path, first.new), second.path, second.new)
            hit = _hits(task, new)
            if hit is not None:
                out.append(Found(new, (first, second), hit.layout,
                                 first.weight + second.weight + hit.penalty))  # fmt: skip
            if len(out) > ENOUGH or clock.over:
                return out
        for b in task.boards:
            b.forget()
    return out


def _stopping(clock: Clock) -> Iterator[bool]:
    while True:
        yield clock.over


def _good(found: Sequence[Found]) -> bool:
    return any(f.weight < 1.6 for f in found)


def _spots(side: Expr, opaque: frozenset[Expr]) -> list[tuple[Path, Expr]]:
    """Places to edit: not inside parts that have a name of their own."""
    hidden: list[Path] = []
    out = []
    for path, e in places(side):
        if any(path[: len(h)] == h for h in hidden):
            continue
        out.append((path, e))
        if path and e in opaque:
            hidden.append(path)
    return out


def _tried(task: Search, edits: Iterable[Edit], clock: Clock) -> list[Found]:
    out: list[Found] = []
    for board in task.boards:
        board.keep()
    for n, edit in enumerate(edits):
        for board in task.boards:
            if n % 64 == 0 or board.load + board.rounds.load > HEAVY:
                board.forget()
        if clock.over:
            break
        if edit.weight > task.heaviest:
            continue
        new = put(task.side, edit.path, edit.new)
        hit = _hits(task, new)
        if hit is not None:
            depth = 0.01 * len(edit.path)
            weight = edit.weight + hit.penalty + depth
            out.append(Found(new, (edit,), hit.layout, weight))
            if len(out) >= 4 * ENOUGH:
                break
    return out


def _hits(task: Search, new: Expr) -> Target | None:
    value = task.boards[0].value(new)
    if value is None:
        return None
    for target in task.targets:
        if value.shape == target.values[0].shape and close(value, target.values[0], floor=ZERO):
            rest = zip(task.boards[1:], target.values[1:], strict=True)
            if all((v := b.value(new)) is not None and close(v, t, floor=ZERO) for b, t in rest):
                return target
    return None


def _from_pool(task: Search, spots: Sequence[tuple[Path, Expr]]) -> Iterator[Edit]:
    board = task.boards[0]
    value = board.memo.get(task.side)
    terms = list(task.terms)
    if value is not None:
        for target in task.targets:
            yield from missing_terms(task.side, value, target.values[0], board, terms)
    pool = parts_of(task.pool, board, task.opaque, task.secret)
    yield from insertions(spots, board, pool, task.opaque)


def _is_light(e: Edit) -> bool:
    """Worth combining: no factors and signs deep inside."""
    return e.weight <= LIGHT and (e.kind not in ("factor", "sign") or len(e.path) < 2)


class _Seconds:
    """Light edits of formulas that differ in one place; elsewhere they have the same ones."""

    def __init__(self, task: Search) -> None:
        self.task = task
        self.known: dict[object, list[Edit]] = {}

    def of(self, half: Expr) -> Iterator[Edit]:
        spots = _spots(half, self.task.opaque)
        sizes = sizes_among(spots)
        for path, e in spots:
            yield from self._at(path, e, sizes)
        yield from filter(_is_light, link_edits(spots, self.task.links, {}))

    def _at(self, path: Path, e: Expr, sizes: tuple[str, ...]) -> list[Edit]:
        task, board = self.task, self.task.boards[0]
        value = board.memo.get(e)
        key = path, e, sizes, None if value is None else value.shape
        if key not in self.known:
            made = at_place(path, e, board, task.names, task.indices, sizes)
            self.known[key] = [edit for edit in made if _is_light(edit)]
        return self.known[key]


def _pairs(task: Search, single: Sequence[Edit], clock: Clock) -> list[Found]:
    """Two light edits at once."""
    light = sorted((e for e in single if _is_light(e)), key=lambda e: e.weight)[:MOST_FIRST]
    out: list[Found] = []
    budget = Clock(min(clock.left, 1.2))
    tried: set[Expr] = set()
    board = task.boards[0]
    seconds = _Seconds(task)
    for first in light:
        if budget.over or len(out) >= 3:
            break
        for b in task.boards:
            b.forget()
        half = put(task.side, first.path, first.new)
        board.value(half)
        inner = replace(task, side=half)
        for second in seconds.of(half):
            new = put(half, second.path, second.new)
            if new in tried:
                continue
            tried.add(new)
            hit = _hits(inner, new)
            if hit is not None:
                weight = first.weight + second.weight + hit.penalty
                out.append(Found(new, (first, second), hit.layout, weight))
                break
        if budget.over:
            break
    return out
