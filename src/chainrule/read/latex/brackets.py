"""Brackets of every kind, matrices and cases, and indicators."""

from __future__ import annotations

from chainrule.read.latex.mlist import Item
from chainrule.read.latex.names import index_node, scripted
from chainrule.read.latex.scripts import (
    INDEX_LETTERS,
    Part,
    label_in,
    parts,
)
from chainrule.read.latex.state import Cursor, Reader, call_node, is_symbol, number_node, split_at
from chainrule.read.latex.tidy import tidy
from chainrule.read.syntax import Node

ROUND = ("()", "[]", "{}")
COMPARE = {"=", "≠", "<", ">", "≤", "≥"}
MATRICES = frozenset({"matrix", "bmatrix", "pmatrix", "Bmatrix", "smallmatrix", "array", "vmatrix"})
JOINED = frozenset({"aligned", "align", "split", "gathered", "gather", "multline",
                    "equation", "eqnarray", "displaymath", "alignat", "alignedat", "flalign",
                    "math"})  # fmt: skip
OTHERWISE = ("otherwise", "else", "иначе", "در غیر", "否则", "其他", "other", "sonst")
MAX_CELLS = 400


def fence(r: Reader, cursor: Cursor) -> Node:
    """A bracketed part as a factor."""
    item = cursor.take()
    match item.value:
        case "()" | "{}":
            if item.value == "{}" and any(_has(v, "=") for k, v in item.scripts if k == "sub"):
                raise r.refuse("a set or family in braces is not an expression", item)
            return scripted(r, r.expression(r, item.body), item.scripts, item)
        case "[]":
            return scripted(r, _square(r, item), item.scripts, item)
        case "||":
            inner = r.expression(r, item.body)
            entries = r.choices.pick(
                f"bars:{item.at}",
                "|…| is the determinant of a square matrix, else the absolute value",
                "|…| is read as the absolute values of the entries",
            )
            which = "abs" if entries else "bars"
            return scripted(r, Node("apply", [inner], item.at, item.end, which), item.scripts, item)
        case "‖‖":
            return _norm(r, item)
        case "⟨⟩":
            args = arguments(r, item)
            if len(args) != 2:
                raise r.refuse("an inner product ⟨a, b⟩ has two arguments", item)
            both = Node("hadamard", args, item.at, item.end)
            node = call_node("sum", [both], item.at, item.end)
            return scripted(r, node, item.scripts, item)
    raise r.refuse(f"the brackets {item.value[0]} {item.value[-1]} are not supported", item)


def _has(items: object, sign: str) -> bool:
    return isinstance(items, list) and any(is_symbol(i, sign) for i in items)


def _norm(r: Reader, item: Item) -> Node:
    which, rest = "norm", []
    for kind, value in item.scripts:
        if kind == "sub":
            spelled = "".join(p.text for p in parts(value))
            if spelled not in ("1", "2", "F"):
                raise r.refuse(f"the norm with subscript {spelled or '∞'} is not supported", item)
            which = {"1": "norm1", "2": "norm2", "F": "normF"}[spelled]
        else:
            rest.append((kind, value))
    inner = r.expression(r, item.body)
    return scripted(r, Node("apply", [inner], item.at, item.end, which), rest, item)


def arguments(r: Reader, item: Item, bars: bool = False) -> list[Node]:
    """The arguments in a bracket, split at commas; with ``bars``, p(x|y) has two as well."""
    pieces = split_at(item.body, ",", ";", *(("|", "∣") if bars else ()))
    if pieces == [[]]:
        raise r.fail("there is nothing between these brackets", item)
    if not bars and any(is_symbol(i, "|") for i in item.body):
        raise r.refuse("a condition, as in p(x|y), is not supported", item)
    if item.value == "[]" and len(pieces) == 1:
        return [_square(r, item)]
    return [r.expression(r, piece) for piece in pieces]


def compares(items: list[Item]) -> bool:
    """Is there a sign of comparison?"""
    return any(i.kind == "symbol" and i.value in COMPARE for i in items)


def _square(r: Reader, item: Item) -> Node:
    """Square brackets: grouping, an indicator, or a row of blocks."""
    if compares(item.body):
        return indicator(r, item.body, item)
    pieces = [p for p in split_at(item.body, "␣", ",") if p]
    numbers = [i for i in item.body if i.kind == "number" and not i.scripts]
    if len(numbers) == len(item.body) > 1:
        pieces = [[i] for i in item.body]
    if len(pieces) < 2:
        return r.expression(r, item.body)
    if any(is_symbol(i, "…") for p in pieces for i in p):
        raise r.refuse("a row with dots '…' is not supported; declare the matrix", item)
    blocks = [r.expression(r, p) for p in pieces]
    return call_node("hcat", blocks, item.at, item.end)


def indicator(r: Reader, items: list[Item], whole: Item) -> Node:
    """``[z > 0]`` is step(z), ``[i = j]`` the Kronecker delta; conditions joined by ∧ multiply."""
    conditions: list[list[Item]] = [[]]
    for item in tidy(items, r.known):
        joins = item.kind == "word" and item.value.strip().lower() in ("and", "и", "if", "для")
        if joins or is_symbol(item, "&", ",", "␣"):
            conditions.append([])
        else:
            conditions[-1].append(item)
    nodes = [_condition(r, c, whole) for c in conditions if c]
    if not nodes:
        raise r.fail("a condition is missing here", whole)
    return nodes[0] if len(nodes) == 1 else Node("mul", nodes, whole.at, whole.end)


def _condition(r: Reader, items: list[Item], whole: Item) -> Node:
    if len(items) == 1 and items[0].kind == "fence":
        return indicator(r, items[0].body, items[0])
    places = [n for n, i in enumerate(items) if i.kind == "symbol" and i.value in COMPARE]
    if len(places) != 1:
        raise r.refuse("this condition is not supported; write for example [z > 0]", whole)
    sign = items[places[0]].value
    left, right = items[: places[0]], items[places[0] + 1 :]
    if sign in "=≠":
        sides = [parts(left), parts(right)]
        if any(len(s) != 1 or not _is_index(s[0]) for s in sides):
            raise r.refuse("an indicator of equality compares two indices, as in [i = j]", whole)
        for side in sides:
            if side[0].kind == "letter" and side[0].text not in INDEX_LETTERS:
                raise r.refuse(f"{side[0].text} is not an index", whole)
        nodes = [index_node(r, s[0]) for s in sides]
        delta = Node("kd", [], whole.at, whole.end, nodes)
        return delta if sign == "=" else _complement(delta, whole)
    a, b = r.expression(r, left), r.expression(r, right)
    if sign in "<≥":
        a, b = b, a
    zero = b.op == "number" and b.value == 0
    gap = a if zero else Node("add", [a, Node("neg", [b], b.at, b.end)], a.at, b.end)
    if sign == "≥" and a.op == "number" and a.value == 0:
        gap = Node("neg", [b], b.at, b.end)
    node = call_node("step", [gap], whole.at, whole.end)
    return node if sign in "<>" else _complement(node, whole)


def _is_index(part: Part) -> bool:
    return part.kind in ("letter", "number") or label_in(part) is not None


def _complement(node: Node, whole: Item) -> Node:
    minus = Node("neg", [node], whole.at, whole.end)
    return Node("add", [number_node(1, whole), minus], whole.at, whole.end)


# -- environments ------------------------------------------------------------------------------


def environment(r: Reader, item: Item) -> Node:
    """A matrix, cases, or rows that go on."""
    if item.value in MATRICES:
        return scripted(r, _matrix(r, item), item.scripts, item)
    if item.value in ("cases", "dcases", "rcases"):
        return _cases(r, item)
    if item.value in JOINED:
        joined: list[Item] = []
        for n, row in enumerate(item.rows):
            cells = [i for cell in row for i in cell]
            if n and cells and not is_symbol(cells[0], "+", "-", "·", "×", "⊙", "⊗"):
                raise r.fail("this row does not go on from the one before it", cells[0])
            joined += cells
        return r.expression(r, joined)
    raise r.refuse(f"the environment {item.value} is not supported in a formula", item)


def _matrix(r: Reader, item: Item) -> Node:
    rows = [row for row in item.rows if any(row)]
    cells = sum(len(row) for row in rows)
    if not rows or cells > MAX_CELLS:
        raise r.refuse(f"a matrix with {cells} cells is not supported", item)
    if any(is_symbol(i, "…") for row in rows for cell in row for i in cell):
        raise r.refuse("a matrix with dots '…' is not supported; declare it instead", item)
    if len({len(row) for row in rows}) > 1:
        raise r.fail("the rows of this matrix have different numbers of cells", item)
    built = []
    for row in rows:
        blocks = [r.expression(r, cell) for cell in row]
        one = blocks[0]
        if len(blocks) > 1:
            one = call_node("hcat", blocks, blocks[0].at, blocks[-1].end)
        built.append(one)
    node = built[0] if len(built) == 1 else call_node("vcat", built, item.at, item.end)
    return call_node("det", [node], item.at, item.end) if item.value == "vmatrix" else node


def _cases(r: Reader, item: Item) -> Node:
    """Values by conditions; the conditions are taken to exclude one another."""
    terms: list[Node] = []
    met: list[Node] = []
    for row in item.rows:
        cells = [i for cell in row for i in cell]
        if not cells:
            continue
        value, condition = _split_case(r, row, cells)
        holds = _otherwise(met, item) if condition is None else indicator(r, condition, item)
        if condition is not None:
            met.append(holds)
        node = r.expression(r, value)
        if not (node.op == "number" and node.value == 0):
            one = node.op == "number" and node.value == 1
            terms.append(holds if one else Node("mul", [holds, node], item.at, item.end))
    if not terms:
        return number_node(0, item)
    return terms[0] if len(terms) == 1 else Node("add", terms, item.at, item.end)


def _split_case(
    r: Reader, row: list[list[Item]], cells: list[Item]
) -> tuple[list[Item], list[Item] | None]:
    if len(row) > 1:
        value, condition = row[0], [i for cell in row[1:] for i in cell]
    else:
        comma = next((n for n, i in enumerate(cells) if is_symbol(i, ",", "␣")), None)
        if comma is None:
            raise r.refuse("a case without its condition is not supported", cells[0])
        value, condition = cells[:comma], cells[comma + 1 :]
    words = [i for i in condition if i.kind == "word"]
    condition = [i for i in condition if i.kind != "word" or len(i.value) < 2]
    if any(w.value.strip(" ,.").lower().startswith(OTHERWISE) for w in words) or not condition:
        return value, None
    return value, condition


def _otherwise(met: list[Node], item: Item) -> Node:
    minus = [Node("neg", [n], item.at, item.end) for n in met]
    return Node("add", [number_node(1, item), *minus], item.at, item.end)
