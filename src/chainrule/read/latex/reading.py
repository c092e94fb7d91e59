"""Reading LaTeX: the first way to read it in which all sizes agree, and what was decided."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TypeVar

from chainrule.errors import (
    ChainruleError,
    LimitError,
    ParseError,
    ShapeError,
    UnsupportedError,
    UsageError,
)
from chainrule.read.declare import Declaration
from chainrule.read.latex.declarations import declared
from chainrule.read.latex.functions import known_function
from chainrule.read.latex.known import Choices, Known
from chainrule.read.latex.lines import Line, lines
from chainrule.read.latex.mlist import Item, Script
from chainrule.read.latex.names import base_of, labelled
from chainrule.read.latex.scripts import FREE_INDEX, is_transpose, letter_of
from chainrule.read.latex.state import Reader, is_symbol
from chainrule.read.latex.sums import subscripts
from chainrule.read.latex.terms import expression, reader
from chainrule.read.syntax import Node, Statement

Read = TypeVar("Read")
MOST_TRIES = 40
PAIRS_AMONG = 6


@dataclass(slots=True)
class Parsed:
    """Statements of a LaTeX formula with what was said on the way."""

    statements: list[Statement]
    declarations: dict[str, Declaration] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


_DELIMITERS = re.compile(
    r"\A\s*(?:(\$+)(?P<a>.*?)\1|\\\[(?P<b>.*)\\\]|\\\((?P<c>.*)\\\))\s*[.,;]?\s*\Z", re.DOTALL
)


def undelimited(text: str) -> str:
    """Dollar signs or brackets around a whole formula as blanks, so that places stay the same."""
    found = _DELIMITERS.match(text)
    if found is None:
        return text
    group = str(found.lastgroup)
    start, end = found.span(group)
    return " " * start + text[start:end] + " " * (len(text) - end)


def sides(text: str) -> tuple[str, str] | None:
    """Both sides of a single equation, each with blanks in place of the other."""
    found = [line for line in lines(undelimited(text)) if line.kind == "chain"]
    if len(found) != 1 or len(found[0].sides) != 2:
        return None
    left, right = found[0].sides
    if not left:
        return None

    def only(items: list[Item]) -> str:
        start, end = items[0].at, max(i.stop for i in items)
        return " " * start + text[start:end] + " " * (len(text) - end)

    return only(left), only(right)


def parse_statements(
    text: str,
    given: Mapping[str, Declaration],
    hints: Sequence[str] = (),
    choices: Choices | None = None,
) -> Parsed:
    """Definitions and the final expression of a formula, for one set of choices.

    Raises
    ------
    ChainruleError
        With the place in the text.
    """
    found = lines(text)
    choices = choices if choices is not None else Choices()
    table = dict(given)
    remarks: dict[str, None] = {}
    for line in found:
        if line.kind in ("declaration", "function"):
            r = reader(text, Known.of(table, wanted=hints), choices)
            for one in declared(r, line).variables:
                table.setdefault(one.name, one)
    names = [n for line in found for n in [defined_name(line)] if n]
    known = Known.of(table, [n for n, _ in names], {n: p for n, p in names if p}, hints)
    statements: list[Statement] = []
    for line in found:
        if line.kind in ("chain", "expression"):
            r = reader(text, known, choices)
            statements.append(_statement(r, line))
            remarks |= r.remarks
        elif line.kind == "condition":
            raise ParseError("a condition is not an expression", source=text, at=line.at)
    if not statements:
        raise ParseError("there is no formula here", source=text, at=0)
    bare = [s for s in statements if s.name is None]
    if len(bare) > 1:
        raise ParseError("these are several formulas; give one", source=text, at=bare[1].at)
    own = {n: d for n, d in table.items() if n not in given}
    return Parsed(statements, own, tuple(remarks))


def defined_name(line: Line) -> tuple[str, tuple[str, ...]] | None:
    """``f`` or ``f(x)`` on the left of an equation, with the names of its arguments."""
    if line.kind != "chain" or not line.sides[0]:
        return None
    items = line.sides[0]
    r = reader("", Known(), Choices())
    if letter_of(items[0]) is None and items[0].kind not in ("font", "accent", "word", "group"):
        return None
    try:
        if known_function(r, items[0]) is not None:
            return None
        base = base_of(r, items[0])
        if base is None:
            return None
        base = labelled(r, base)
    except ChainruleError:
        return None
    turned = (
        len(base.scripts) == 1 and base.scripts[0][0] == "sup" and is_transpose(base.scripts[0][1])
    )
    if base.scripts and not (turned and len(items) == 1):
        return None
    if len(items) == 1:
        return base.name, ()
    if len(items) == 2 and items[1].kind == "fence" and items[1].value == "()":
        names, powers = [], False
        if any(is_symbol(i, "…") for i in items[1].body):
            return f"{base.name}_joint", ()
        for item in items[1].body:
            if item.kind == "symbol":
                continue
            inner = base_of(r, item)
            if inner is None:
                return None
            inner = labelled(r, inner)
            powers |= _is_power(inner.scripts)
            if inner.scripts and not _is_power(inner.scripts):
                return None
            names.append(inner.name)
        if powers:  # ℓ(μ, σ²) is simply ℓ
            return (base.name, ()) if len(names) > 1 else None
        return (base.name, tuple(names)) if names else None
    return None


def _is_power(scripts: list[Script]) -> bool:
    """The square of ``\\sigma^2``."""
    return (
        len(scripts) == 1
        and scripts[0][0] == "sup"
        and [i.kind for i in scripts[0][1]] == ["number"]
    )


def defined_as(line: Line, known: Known) -> Statement | None:
    """What a chain could define by its left side: ``f``, ``f(x)``, ``z_i``, ``Z_{ij}``.

    The value of the statement is an empty stand-in.
    """
    blank = Node("number", [], line.at, line.end, 0)
    found = defined_name(line)
    if found is not None and line.kind == "chain" and found[0].endswith("p1"):
        recursion = _recursion(line, line.sides[0][0], blank)
        if recursion is not None:
            return recursion
    turned = (
        any(k == "sup" and is_transpose(v) for k, v in line.sides[0][0].scripts)
        if found is not None
        else False
    )
    if found is not None:
        stem, _, letter = found[0].rpartition("_")
        right = (item for side in line.sides[1:] for item in side)
        if stem and letter in FREE_INDEX and letter in subscripts(right):
            return Statement(stem, blank, line.at, indices=(letter,), turned=turned)
        return Statement(found[0], blank, line.at, parameters=found[1] or None, turned=turned)
    items = line.sides[0] if line.kind == "chain" else []
    if len(items) != 1:
        return None
    r = reader("", known, Choices())
    try:
        base = base_of(r, items[0])
        if base is None:
            return None
        base = labelled(r, base)
    except ChainruleError:
        return None
    if [kind for kind, _ in base.scripts] != ["index"]:
        return _recursion(line, items[0], blank)
    letters = [p.text for p in base.scripts[0][1] if p.kind == "letter"]
    if len(letters) != len(base.scripts[0][1]) or len(set(letters)) < len(letters):
        return None
    return Statement(base.name, blank, line.at, indices=tuple(letters))


def _recursion(line: Line, item: Item, blank: Node) -> Statement | None:
    """``y_{n+1} = …`` with the letter n on the right as well."""
    below = [v for k, v in item.scripts if k == "sub"]
    if len(item.scripts) != 1 or len(below) != 1 or len(below[0]) != len("n+1"):
        return None
    letter, sign, one = below[0]
    name = letter_of(letter)
    bare = letter_of(Item(item.kind, item.value, item.at, item.end, item.body))
    right = (i for side in line.sides[1:] for i in side)
    if name is None or bare is None or sign.value != "+" or one.value != "1":
        return None
    if name not in subscripts(right):
        return None
    return Statement(bare, blank, line.at, indices=(name,), step=1)


def _statement(r: Reader, line: Line) -> Statement:
    if line.kind == "expression":
        return Statement(None, expression(r, line.sides[0]), line.at)
    if not line.sides[0]:
        raise r.fail("the left side of this equation is missing", line.relations[0])
    found = defined_name(line)
    if found is not None:
        name, parameters = found
        value = expression(r, line.sides[1])
        if len(line.sides) > 2:
            r.remark(f"of the chain {name} = … = …, the first right side defines {name}")
        return Statement(name, value, line.at, parameters=parameters or None)
    if len(line.sides) > 2:
        raise r.refuse("a chain of equations has no single value here", line.relations[1])
    left, right = expression(r, line.sides[0]), expression(r, line.sides[1])
    return Statement(None, left, line.at, right=right)


ENTRIES = "entries:"
"""Products meant entry by entry though nothing says so are the last resort."""


def search(
    attempt: Callable[[Choices], Read], usual: Mapping[str, int] | None = None
) -> tuple[Read, tuple[str, ...], dict[str, int]]:
    """The first combination of choices that can be read; fewest departures first.

    Parameters
    ----------
    usual
        What was settled by formulas before.

    Returns
    -------
    result, sentences, taken
        What the attempt gave, the sentences of the options that are not the usual ones, and these.

    Raises
    ------
    ChainruleError
        That of the usual reading, when no combination can be read.
    """
    settled = dict(usual or {})
    first_choices = Choices({}, settled)
    try:
        return attempt(first_choices), (), {}
    except (ShapeError, ParseError, UsageError, UnsupportedError) as error:
        first: ChainruleError = error
    for n, taken in enumerate(_departures(first_choices)):
        if n >= MOST_TRIES:
            break
        choices = Choices(dict(taken), settled)
        try:
            result = attempt(choices)
        except LimitError:
            break
        except ChainruleError:
            continue
        used = [choices.offered[k][v] for k, v in taken.items() if k in choices.offered]
        return result, tuple(f"{sentence} (sizes decide)" for sentence in used), dict(taken)
    raise first


def _departures(first: Choices) -> Iterator[dict[str, int]]:
    singles = [
        {k: n}
        for k, options in sorted(first.offered.items(), key=lambda o: o[0].startswith(ENTRIES))
        for n in range(len(options))
        if n != first.usual.get(k, 0)
    ]
    yield from singles
    for a, b in combinations(singles[: PAIRS_AMONG * 2], 2):
        if a.keys() != b.keys():
            yield {**a, **b}
    keys = list(first.offered)
    if len(keys) > 2:
        yield dict.fromkeys(keys, 1)
