"""A line on layers read with numbers, as it is written or with another layer somewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING

from chainrule.errors import ChainruleError
from chainrule.expr import Expr
from chainrule.read.latex.layers import Numbers, OutOfRangeError, numbered
from chainrule.read.latex.lines import Line, lines
from chainrule.read.latex.spots import Spot, spots
from chainrule.read.session.stated import Nearby, Stated

if TYPE_CHECKING:
    from chainrule.read.session.session import Session

Outcome = tuple[list[Stated], "Session"]
Written = tuple[str, str, Line]
"""A line with the text of its formula, and that text without delimiters."""
Move = tuple[Spot, int]
MOST_SPOTS = 12


def read_numbered(session: Session, written: Written, numbers: Numbers) -> Outcome | None:
    """What a line states with these numbers, and the session after it; None without such layers."""
    text, bare, line = written
    trial = session.copy()
    try:
        one = numbered(line, numbers)
    except OutOfRangeError:
        return None
    if one.kind in ("declaration", "function"):
        trial.declare_line(bare, one)
    return trial.read_line(text, bare, one), trial


def nearby(
    session: Session,
    written: Written,
    numbers: Sequence[Numbers],
    bases: frozenset[str],
    choices: Mapping[str, int],
) -> Iterator[Nearby]:
    """The line with one layer moved by one, then with two of them moved.

    A second layer is moved only together with the end of a product: that is how a product with a
    factor too many comes about.
    """
    _, bare, line = written
    found = {s: k for k, side in enumerate(line.sides) for s in spots(side, bare, bases)}
    later = sorted(found, key=lambda s: (-found[s], s.at))  # the later sides are the suspects
    moves = [(s, step) for s in later[:MOST_SPOTS] for step in (1, -1)]
    pairs = [p for p in combinations(moves, 2) if p[0][0] != p[1][0] and _fit(*p)]
    for chosen in (*((m,) for m in moves), *pairs):
        text = bare
        for spot, step in sorted(chosen, key=lambda m: -m[0].at):
            text = text[: spot.at] + spot.moved(step) + text[spot.end :]
        with suppress(ChainruleError, ValueError):
            (changed,) = [one for one in lines(text) if one.at == line.at]
            whole = " ".join(text[line.at : line.end + len(text) - len(bare)].split())
            old, new = (tuple(_spelled(s, k * n) for s, n in chosen) for k in (0, 1))
            read = partial(_read, session, text, changed, numbers, choices)
            yield Nearby(whole, old, new, read)


def _fit(one: Move, other: Move) -> bool:
    """The end of a product and a label with the same letter, moved in the same way."""
    (a, n), (b, m) = one, other
    return (not a.base) != (not b.base) and n == m and a.letter == b.letter


def _read(
    session: Session, text: str, line: Line, numbers: Sequence[Numbers], choices: Mapping[str, int]
) -> Iterator[tuple[Expr, ...]]:
    for n in numbers:
        try:
            yield session.copy().sides_of(text, numbered(line, n), choices)
        except (ChainruleError, OutOfRangeError):
            return


def _spelled(spot: Spot, step: int) -> str:
    """``W_{i+1}``, or the bound of a product."""
    label = Spot(0, 0, spot.letter, spot.offset).moved(step)
    if not spot.base:
        return label
    return f"{spot.base}_{label}" if len(label) == 1 else f"{spot.base}_{{{label}}}"
