"""Kinds from use: which names are scalars, vectors, matrices.

Every operator says what it makes of scalars, columns, rows and matrices, and how odd that would be
(:mod:`.patterns`); every name has its habit. Reading the formula from the inside out, the cheapest
way to give every name a kind is found by dynamic programming over what is still open, so long
networks cost no more per layer than short ones.
"""

from __future__ import annotations

import contextlib

from chainrule.read.meaning import Program
from chainrule.read.names import GREEK_NAMES, base_name
from chainrule.read.patterns import (
    COLUMN,
    MATRIX,
    ON_ITS_SIDE,
    ROW,
    SCALAR,
    Result,
    fold,
    pattern_of,
    step,
)
from chainrule.read.syntax import Node

PATTERNS = {"matrix": MATRIX, "vector": COLUMN, "row": ROW, "scalar": SCALAR, "square": MATRIX}
HABITS = {
    "scalar": {SCALAR: 0, COLUMN: 4, ROW: 9, MATRIX: 16},
    "vector": {COLUMN: 0, SCALAR: 4, ROW: 9, MATRIX: 16},
    "matrix": {MATRIX: 0, SCALAR: 9, COLUMN: 10},
}
"""How far a name is from its habit; weighed against the prices of :mod:`.patterns`."""
OPEN_CONSTANT = {COLUMN: 0, MATRIX: 4, ROW: 4}
BEAMS = (96, 1500)
"""Open possibilities kept; the second try is for formulas in which the first finds no way."""
WIDE_STEPS = 400
"""Longer formulas than this get no second try."""


def habit(name: str) -> str:
    """What the field takes a name for when nothing else is known."""
    base = base_name(name)
    if len(base) == 2 and base[0] == "d" and base[1].isalpha():
        base = base[1:]
    if base[0].isupper():
        return "matrix"
    if base in GREEK_NAMES or base[0] in "abcdefg":
        return "scalar"
    return "vector"


class KindConflict(Exception):
    """No way to give the names kinds; carries the place and the best guess up to it."""

    def __init__(self, node: Node, guess: dict[str, int]) -> None:
        super().__init__()
        self.node, self.guess = node, guess


_Link = tuple["_Link | None", str, int]
_Live = tuple[tuple[str, int], ...]
_State = tuple[tuple[int, ...], _Live]
"""Patterns waiting for their operator, and kinds of the names that come again."""
_Table = dict[_State, tuple[int, "_Link | None"]]
LONG = 3
"""From this many arguments on, sums and products are taken in one by one."""
COUNTS = {"first": 1, "next": 2, "next_name": 2, "last": 1}


def assign(program: Program, results: list[Node]) -> dict[str, int]:
    """A pattern for every variable and every constant without sizes (``#id``).

    Raises
    ------
    KindConflict
        If no assignment fits.
    """
    steps = _steps(program, results)
    if len(steps[0]) < WIDE_STEPS:
        with contextlib.suppress(KindConflict):
            return _assign(program, *steps, BEAMS[0])
    return _assign(program, *steps, BEAMS[1] if len(steps[0]) < WIDE_STEPS else BEAMS[0])


def _assign(
    program: Program, steps: list[tuple[Node, str, str]], last: dict[str, int], beam: int
) -> dict[str, int]:
    memo: dict[tuple[object, ...], Result] = {}
    states: _Table = {((), ()): (0, None)}
    for position, (node, kind, name) in enumerate(steps):
        again = bool(name) and last.get(name, -1) > position
        after: _Table = {}
        count = COUNTS.get(kind, len(node.args))
        for (stack, live), (cost, link) in states.items():
            if kind == "leaf":
                for pattern, extra, new_live, new_link in _leaf(
                    program, node, name, again, live, link
                ):
                    _keep(after, ((*stack, pattern), new_live), cost + extra, new_link)
            elif kind == "close":
                value = stack[-1]
                extra = ON_ITS_SIDE if value == ROW and not name else 0
                new_live = (*live, (name, value)) if again else live
                _keep(after, (stack[:-1], new_live), cost + extra, link)
            else:
                patterns = stack[len(stack) - count :] if count else ()
                key = (kind, *_key(node, kind), patterns)
                if key not in memo:
                    memo[key] = (
                        step(node, patterns) if kind == "apply" else fold(node, kind, patterns)
                    )
                result = memo[key]
                if result is not None:
                    state = ((*stack[: len(stack) - count], result[0]), live)
                    _keep(after, state, cost + result[1], link)
        if not after:
            best = min(states.values(), key=lambda s: s[0])
            raise KindConflict(node, _choices(best[1]))
        if len(after) > beam:
            after = dict(sorted(after.items(), key=lambda s: s[1][0])[:beam])
        states = after
    return _choices(min(states.values(), key=lambda s: s[0])[1])


def _steps(
    program: Program, results: list[Node]
) -> tuple[list[tuple[Node, str, str]], dict[str, int]]:
    """Inside-out order of work, and where each name comes last."""
    steps: list[tuple[Node, str, str]] = []
    last: dict[str, int] = {}
    named = {id(root): "~" + name for name, root in program.definitions.items()}
    final = {id(root) for root in results}
    for root in program.roots:
        stack: list[tuple[Node, str]] = [(root, "")]
        while stack:
            node, kind = stack.pop()
            leaf = _leaf_name(program, node)
            if kind or leaf or not node.args:
                if leaf:
                    last[leaf] = len(steps)
                steps.append((node, kind or ("leaf" if leaf else "apply"), leaf))
            elif node.op in ("add", "mul", "hadamard") and len(node.args) >= LONG:
                stack.append((node, "last"))
                for i, arg in reversed(list(enumerate(node.args))):
                    following = "next_name" if arg.op == "variable" else "next"
                    stack.append((node, following if i else "first"))
                    stack.append((arg, ""))
            else:
                stack.append((node, "apply"))
                stack.extend((arg, "") for arg in reversed(node.args))
        # a value that is shown lies on its side only if it must
        steps.append((root, "close", named.get(id(root), "" if id(root) in final else "~")))
    return steps, last


def _keep(table: _Table, state: _State, cost: int, link: _Link | None) -> None:
    old = table.get(state)
    if old is None or old[0] > cost:
        table[state] = (cost, link)


def _leaf(
    program: Program, node: Node, name: str, again: bool, live: _Live, link: _Link | None
) -> list[tuple[int, int, _Live, _Link | None]]:
    for known, pattern in live:
        if known == name:
            kept = live if again else tuple(p for p in live if p[0] != name)
            return [(pattern, 0, kept, link)]
    return [
        (pattern, extra, (*live, (name, pattern)) if again else live, (link, name, pattern))
        for pattern, extra in _options(program, node, name)
    ]


def _choices(link: _Link | None) -> dict[str, int]:
    out: dict[str, int] = {}
    while link is not None:
        out[link[1]] = link[2]
        link = link[0]
    return out


def _leaf_name(program: Program, node: Node) -> str:
    """The name under which the kind of a leaf is chosen and remembered; "" for operators."""
    match node.op:
        case "variable":
            return str(program.twins.get(node.value, node.value))
        case "definition":
            return f"~{node.value}"
        case "member":
            return f"{node.value[0]}[]"
        case "constant" if node.value[1] is None:
            return f"#{id(node)}"
        case _:
            return ""


def _options(program: Program, node: Node, variable: str) -> list[tuple[int, int]]:
    declared = program.declared.get(variable.removesuffix("[]"))
    if declared is not None:
        if declared.family is not None:
            return [(pattern_of(declared.family.shape if node.op == "member" else
                                declared.family.stacked), 0)]  # fmt: skip
        return [(PATTERNS[declared.kind], 0)]
    if variable[0] == "#":
        match node.value[0]:
            case "eye" | "matrix":
                return [(MATRIX, 0)]
            case "vector":
                return [(COLUMN, 0)]
            case _:
                return list(OPEN_CONSTANT.items())
    if variable == "t":  # time or step as often as a vector
        return [(SCALAR, 2), (COLUMN, 0), (ROW, 9), (MATRIX, 16)]
    if node.op == "member":
        base = variable[:-2]
        if base in program.bare:  # beside x itself, x_i is an entry rather than a vector
            return [(SCALAR, 0), (COLUMN, 3), (MATRIX, 16)]
        if base in program.wanted and habit(base) == "vector":  # by x, both are as likely
            return [(SCALAR, 0), (COLUMN, 1), (MATRIX, 16)]
        options = dict(HABITS[habit(base)])
        options.pop(ROW, None)
        return list(options.items())
    return list(HABITS[habit(variable)].items())


def _key(node: Node, kind: str) -> tuple[object, ...]:
    """What, besides the patterns, decides the step."""
    if kind != "apply":
        return (node.op,)
    if node.op in ("apply", "abstract"):
        return node.op, node.value
    if node.op == "constant":
        return node.op, node.value
    if node.op == "mul":
        return "mul", tuple(a.op == "variable" for a in node.args)
    if node.op == "transpose":
        return "transpose", node.args[0].op in ("variable", "member")
    if node.op == "entry":
        return "entry", tuple(i is None for i in node.value)
    if node.op == "grad":
        return "grad", node.value
    return (node.op,)
