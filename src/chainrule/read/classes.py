"""Class labels in place of an index: ``p[i,c_i]``, ``[j==c_i]``, ``e_{c_i}``.

A label c_i says to which class the i-th sample belongs. It stands for row i of a one-hot matrix,
so that ``[j==c_i]`` is ``Y[i,j]`` and ``p[i,c_i]`` the product ``P[i,:]*Y[i,:]'``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chainrule.errors import UnsupportedError
from chainrule.read.declare import Declaration
from chainrule.read.names import FAMILY, INDEX_LETTERS
from chainrule.read.syntax import Node, copied

if TYPE_CHECKING:
    from chainrule.read.meaning import Program

TRAIT = "one_hot"
ENCODES = (TRAIT, "binary")
"""Traits of a matrix that may hold the classes, the surest first."""


@dataclass(frozen=True, slots=True)
class Label:
    """``c_i`` where it stands as an index."""

    letter: str
    sample: Node


def settle_label(program: Program, node: Node, scope: Collection[str]) -> None:
    """Rewrite a node that has a class label among its indices; others are left alone.

    Raises
    ------
    UnsupportedError
        If the letter is declared as something that holds no classes.
    """
    match node.op:
        case "indicator" if node.value in ("==", "="):
            places = list(node.args)
        case "call" if node.value in (("kd", 0), ("unit", 0)) and len(node.args) == 2:
            places = list(node.args) if node.value[0] == "kd" else [node.args[1]]
        case "kd" | "entry":
            places = list(node.value)
        case "unit":
            places = [node.value[0]]
        case "member":
            places = [node.value[1]]
        case _:
            return
    found = [_label(program, p, scope) for p in places]
    if not any(found) or not 1 <= len(found) <= 2:
        return
    rows = [None if one is None else _row(program, one, node) for one in found]
    other = node
    match node.op:
        case "entry":
            other = _picked(node, node.args[0], places, rows)
        case "member":
            other = _picked(node, Node("name", [], node.at, node.end, node.value[0]), places, rows)
        case "unit" | "call" if len(rows) == 1:
            other = Node("transpose", [_given(rows[0])], node.at, node.end)
        case _:
            other = _equal(node, places, rows)
    node.op, node.args, node.value = other.op, other.args, other.value


def _label(program: Program, place: object, scope: Collection[str]) -> Label | None:
    if not isinstance(place, Node) or place.op != "name":
        return None
    name = str(place.value)
    found = FAMILY.match(name)
    if found is None or name in program.declared or name in program.definitions or name in scope:
        return None
    index = found["index"]
    if index not in scope and index not in INDEX_LETTERS:
        return None
    return Label(found["base"], Node("name", [], place.at, place.end, index))


def _row(program: Program, label: Label, node: Node) -> Node:
    """The one-hot row that a label stands for."""
    name = _encoding(program, label, node)
    y = Node("name", [], node.at, node.end, name)
    return Node("entry", [y], node.at, node.end, (copied(label.sample), _all(node)))


def _encoding(program: Program, label: Label, node: Node) -> str:
    """The one-hot matrix: of the label's own name, else the only one declared, else a new one."""
    letter, shown = label.letter, f"{label.letter}_{label.sample.value}"
    own = program.declared.get(letter)
    if own is not None and TRAIT in own.traits and own.kind == "matrix":
        return letter
    if own is not None or letter in program.definitions:
        raise program.fail(
            f"{shown} is used as an index, but {letter} holds no classes; declare it as "
            f"--var '{letter}: n,K one_hot', one row for each sample", node, UnsupportedError,
        )  # fmt: skip
    for trait in ENCODES:
        fit = [d.name for d in program.declared.values()
               if trait in d.traits and d.kind == "matrix"]  # fmt: skip
        if len(fit) == 1:
            program.remarks[
                f"{shown} is taken to be the class that row {label.sample.value} of {fit[0]} marks"
            ] = None
            _one_class(program, fit[0])
            return fit[0]
    program.declared = {**program.declared, letter: Declaration(letter, None, "matrix", (TRAIT,))}
    program.remarks[
        f"{shown} is read as a class: row {label.sample.value} of the one-hot matrix {letter}"
    ] = None
    return letter


def _one_class(program: Program, name: str) -> None:
    """A matrix of zeros and ones that says the class of every sample has a single one in a row."""
    old = program.declared[name]
    if TRAIT not in old.traits:
        traits = (*(t for t in old.traits if t != "binary"), TRAIT)
        program.declared = {**program.declared, name: replace(old, traits=traits)}


def _picked(node: Node, table: Node, places: list[Node], rows: list[Node | None]) -> Node:
    """``z[c_i]``, ``P[i,c_i]``, ``P[c_i,:]`` and the like, as products with one-hot rows."""
    at, end = node.at, node.end
    if len(rows) == 1:
        marks = Node("transpose", [_given(rows[0])], at, end)
        both = Node("hadamard", [marks, table], at, end)  # says that the table is a column
        return Node("call", [both], at, end, ("sum", 0))
    left, right = rows
    if left is None or right is None:
        kept = tuple(p if r is None else _all(node) for p, r in zip(places, rows, strict=True))
        plain = [p for p, r in zip(places, rows, strict=True) if r is None]
        if plain[0].op != "range" or plain[0].args:
            table = Node("entry", [table], at, end, kept)
    if left is not None:
        table = Node("mul", [left, table], at, end)
    if right is not None:
        table = Node("mul", [table, Node("transpose", [right], at, end)], at, end)
    return table


def _equal(node: Node, places: list[Node], rows: list[Node | None]) -> Node:
    """``[j==c_i]``, and ``[b_i==c_i]`` of two labels."""
    at, end = node.at, node.end
    left, right = rows
    if left is not None and right is not None:
        return Node("mul", [left, Node("transpose", [right], at, end)], at, end)
    row, index = (left, places[1]) if left is not None else (_given(right), places[0])
    sample = _given(row).value[0]
    return Node("entry", _given(row).args, at, end, (sample, index))


def _all(node: Node) -> Node:
    return Node("range", [], node.at, node.end)


def _given(row: Node | None) -> Node:
    assert row is not None
    return row
