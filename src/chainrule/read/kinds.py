"""Kinds from use: which names are scalars, vectors, matrices.

A value is described by which of its two axes have length one: matrix, column, row, scalar. Each
operator says what it makes of these, and how odd that would be (a transposed scalar, a scalar
spread over a vector, a result lying on its side). Reading the formula from the inside out, the
cheapest way to give every name a kind is found by dynamic programming over what is still open, so
long networks cost no more per layer than short ones.
"""

from __future__ import annotations

from chainrule.dims import ONE, Dim
from chainrule.ops import TABLE
from chainrule.read.meaning import Program
from chainrule.read.names import GREEK_NAMES, base_name
from chainrule.read.syntax import Node, postorder

MATRIX, COLUMN, ROW, SCALAR, LITERAL = 0, 1, 2, 3, 7
"""Bit 1: one column; bit 2: one row; LITERAL: a scalar without variables (spreads for free)."""
PATTERNS = {"matrix": MATRIX, "vector": COLUMN, "row": ROW, "scalar": SCALAR, "square": MATRIX}
HABITS = {
    "scalar": {SCALAR: 0, COLUMN: 4, ROW: 8, MATRIX: 16},
    "vector": {COLUMN: 0, SCALAR: 4, ROW: 8, MATRIX: 16},
    "matrix": {MATRIX: 0, SCALAR: 9, COLUMN: 10},
}
"""How far a name is from its habit; weighed against the prices below."""
OPEN_CONSTANT = {COLUMN: 0, MATRIX: 2, ROW: 4}
SPREAD_VECTOR, SPREAD_MATRIX = 6, 10
ON_ITS_SIDE = 6
TRANSPOSED_NAME, TRANSPOSED_SCALAR = 12, 2
TRAILING_NAME, TRAILING_SCALAR, TRAILING_A_MATRIX = 8, 4, 6
POINTLESS = 6
ODD_SCALAR, ODD_ROW = 12, 2
BEAM = 96
Result = tuple[int, int] | None

_FLIP = {MATRIX: MATRIX, COLUMN: ROW, ROW: COLUMN, SCALAR: SCALAR, LITERAL: LITERAL}


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


def pattern_of(shape: tuple[Dim, Dim]) -> int:
    """The pattern of known sizes."""
    return (shape[0] == ONE) * 2 + (shape[1] == ONE)


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


def assign(program: Program, results: list[Node]) -> dict[str, int]:
    """A pattern for every variable and every constant without sizes (``#id``).

    Raises
    ------
    KindConflict
        If no assignment fits.
    """
    memo: dict[tuple[object, ...], Result] = {}
    steps, last = _steps(program, results)
    states: _Table = {((), ()): (0, None)}
    for position, (node, kind, name) in enumerate(steps):
        again = bool(name) and last.get(name, -1) > position
        after: _Table = {}
        count = len(node.args)
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
                key = (*_key(node), patterns)
                if key not in memo:
                    memo[key] = step(node, patterns)
                result = memo[key]
                if result is not None:
                    state = ((*stack[: len(stack) - count], result[0]), live)
                    _keep(after, state, cost + result[1], link)
        if not after:
            best = min(states.values(), key=lambda s: s[0])
            raise KindConflict(node, _choices(best[1]))
        if len(after) > BEAM:
            after = dict(sorted(after.items(), key=lambda s: s[1][0])[:BEAM])
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
        for node in postorder(root):
            leaf = _leaf_name(program, node)
            if leaf:
                last[leaf] = len(steps)
            steps.append((node, "leaf" if leaf else "apply", leaf))
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
        case "constant" if node.value[1] is None:
            return f"#{id(node)}"
        case _:
            return ""


def _options(program: Program, node: Node, variable: str) -> list[tuple[int, int]]:
    declared = program.declared.get(variable)
    if declared is not None:
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
        return [(SCALAR, 2), (COLUMN, 0), (ROW, 8), (MATRIX, 16)]
    return list(HABITS[habit(variable)].items())


def _key(node: Node) -> tuple[object, ...]:
    """What, besides the patterns, decides the step."""
    if node.op in ("apply", "abstract"):
        return node.op, node.value
    if node.op == "constant":
        return node.op, node.value
    if node.op == "mul":
        return "mul", tuple(a.op == "variable" for a in node.args)
    if node.op == "transpose":
        return "transpose", node.args[0].op == "variable"
    if node.op == "entry":
        return "entry", tuple(i is None for i in node.value)
    return (node.op,)


def step(node: Node, patterns: tuple[int, ...]) -> Result:
    """Pattern of an operator's result and how odd it would be; None if impossible."""
    match node.op:
        case "number" | "size":
            return LITERAL, 0
        case "constant":
            return _constant(node), 0
        case "neg" | "differential" | "abstract":
            return patterns[0], 0
        case "transpose":
            return _transpose(node, patterns[0])
        case "add":
            return _spread(patterns)
        case "mul":
            return _product(node, patterns)
        case "hadamard" | "ediv":
            return _spread(patterns, POINTLESS)
        case "div":
            return (patterns[0], 0) if patterns[1] & 3 == SCALAR else None
        case "pow":
            base, exponent = patterns
            if exponent & 3 != SCALAR or base in (COLUMN, ROW):
                return None
            return (base & exponent if base & 3 == SCALAR else base), 0
        case "epow":
            odd = POINTLESS if patterns[0] == SCALAR else 0
            return (patterns[0], odd) if patterns[1] & 3 == SCALAR else None
        case "entry":
            return _entry(node, patterns[0])
        case "grad":
            return _grad(*patterns)
        case "hessian":
            if patterns[0] & 3 != SCALAR:
                return None
            return (SCALAR if patterns[1] & 3 == SCALAR else MATRIX), 0
        case _:
            return _function(str(node.value), patterns)


def _constant(node: Node) -> int:
    name, sizes, _ = node.value
    if name == "pi":
        return LITERAL
    if name == "unit":
        return COLUMN
    if name in ("ones", "zeros"):
        cols = sizes[1] if len(sizes) > 1 else ONE
        return pattern_of((sizes[0], cols)) | (4 if sizes[0] == ONE == cols else 0)
    return MATRIX if sizes[0] != ONE or name in ("dup", "elim", "commut") else LITERAL


def _transpose(node: Node, pattern: int) -> Result:
    if pattern & 3 == SCALAR:
        return pattern, TRANSPOSED_NAME if node.args[0].op == "variable" else TRANSPOSED_SCALAR
    return _FLIP[pattern], 0


def _spread(patterns: tuple[int, ...], pointless: int = 0) -> Result:
    """Equal patterns, or scalars spread over the others at a price.

    ``pointless`` is the price of an elementwise sign between scalars.
    """
    shaped = -1
    scalars, literal = 0, True
    for p in patterns:
        if p & 3 == SCALAR:
            if p != LITERAL:
                scalars += 1
                literal = False
        elif shaped not in (-1, p):
            return None
        else:
            shaped = p
    if shaped == -1:
        return (LITERAL, 0) if literal else (SCALAR, pointless)
    price = SPREAD_MATRIX if shaped == MATRIX else SPREAD_VECTOR
    return shaped, scalars * price + (ON_ITS_SIDE if shaped == ROW else 0)


def _trailing(arg: Node, pattern: int, before: int) -> int:
    """People write scalars in front."""
    if pattern == LITERAL:
        return 0
    if arg.op == "variable":
        return TRAILING_NAME
    return TRAILING_A_MATRIX if before == MATRIX else TRAILING_SCALAR


def _product(node: Node, patterns: tuple[int, ...]) -> Result:
    shape, cost = LITERAL, 0
    for arg, p in zip(node.args, patterns, strict=True):
        if p & 3 == SCALAR:
            if shape & 3 != SCALAR:
                cost += _trailing(arg, p, shape)
            else:
                shape &= p
        elif shape & 3 == SCALAR:
            shape = p
        elif (shape & 1) != (p >> 1 & 1):
            return None
        else:
            shape = (shape & 2) | (p & 1)
    return shape, cost


def _entry(node: Node, pattern: int) -> Result:
    if pattern & 3 == SCALAR:
        return None
    if len(node.value) == 1:
        return (SCALAR, 0) if pattern in (COLUMN, ROW) else None
    one_row = node.value[0] is not None or bool(pattern & 2)
    one_col = node.value[1] is not None or bool(pattern & 1)
    return one_row * 2 + one_col, 0


def _grad(f: int, x: int) -> Result:
    if f & 3 == SCALAR:
        return x & 3, 0
    if x & 3 == SCALAR:
        return f, 0
    return (MATRIX, 0) if f != MATRIX and x != MATRIX else None


_ON_SQUARE = frozenset({"det", "logdet", "tr", "eigmax", "inv", "adj", "expm", "logm", "sqrtm",
                        "sinm", "cosm", "vmax", "vech"})  # fmt: skip
_TO_SCALAR = frozenset({"det", "logdet", "tr", "eigmax", "sum", "mean", "norm1", "norm2", "normF",
                        "norm", "logsumexp"})  # fmt: skip
_ON_VECTOR = frozenset({"norm2", "logsumexp", "softmax", "logsoftmax"})


def _function(name: str, patterns: tuple[int, ...]) -> Result:
    p = patterns[0]
    odd = 0
    if len(patterns) == 1 and TABLE.get(name) is not None and TABLE[name].kind == "elementwise":
        return p, 0
    if name in ("max", "min"):
        return _spread(patterns)
    if name == "kron":
        a, b = patterns
        return (a & b if a & b & 3 == SCALAR else a & b & 3), 0
    if name in ("hcat", "vcat"):
        return _stack(patterns, name == "hcat")
    if p & 3 == SCALAR:
        odd = ODD_SCALAR
    elif p == ROW:
        odd = ODD_ROW
    if name in _ON_SQUARE and p in (COLUMN, ROW):
        return None
    if name in _ON_VECTOR and p == MATRIX:
        return None
    if name in _TO_SCALAR:
        return (SCALAR, odd)
    match name:
        case "sum_rows" | "logsumexp_rows":
            return (p & 2) | 1, odd
        case "sum_cols":
            return 2 | (p & 1), odd
        case "vec" | "vech":
            return (COLUMN if p & 3 != SCALAR else SCALAR), odd
        case "vmax":
            return (COLUMN if p == MATRIX else SCALAR), odd
        case "diag":
            return (COLUMN if p == MATRIX else MATRIX if p & 3 != SCALAR else SCALAR), odd
        case "pinv":
            return _FLIP[p], odd
        case _:
            return p & 3, odd


def _stack(patterns: tuple[int, ...], across: bool) -> Result:
    """Side by side: as many rows each; one above the other: as many columns each."""
    bit = 2 if across else 1
    shared = {p & bit for p in patterns}
    if len(shared) > 1:
        return None
    if len(patterns) == 1:
        return patterns[0] & 3, 0
    return shared.pop(), 0

