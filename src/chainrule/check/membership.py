"""Claims on sizes: ``∂f/∂x ∈ ℝ^{m×n}`` by the maps that were declared, ``Ax ∈ ℝ^m`` by the rest.

A Jacobian is outputs by inputs, or the other way round in denominator layout; either will do. A
letter that nobody declared is the argument of a map where ``f(x)`` is written, and the value of
one where ``y = h(x)`` is; without that its size is open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from chainrule.check.verdict import Rewrite, Slip, Verdict, unknown
from chainrule.dims import ONE, Shape
from chainrule.expr import symbol
from chainrule.read.session import Stated
from chainrule.read.session.membership import Membership
from chainrule.read.syntax import Node, postorder
from chainrule.write import latex

LAYOUTS = ("gradient", "numerator", "denominator")
SCALARS = frozenset({"l", "j", "loss", "cost"})
"""Letters of a loss: numbers, though nobody says so."""
_SENTENCES = {
    "gradient": "the size is that of the derivative in gradient layout",
    "numerator": "the size is that of the derivative in numerator layout (rows are outputs)",
    "denominator": "the size is that of the derivative in denominator layout (rows are inputs)",
    "vec": "the size is that of the derivative with matrices stacked into vectors",
}
_NAME = r"(?:\\[A-Za-z]+|[A-Za-z])(?:_\w|_\{\w{1,4}\})?"
_APPLIED = re.compile(rf"(?:(?P<value>{_NAME})\s*=\s*)?(?<![\w\\^_}}])(?P<map>{_NAME})\s*"
                      rf"\(\s*(?P<argument>{_NAME})\s*\)")  # fmt: skip


@dataclass(frozen=True)
class Letters:
    """Which letter is an argument, or a value, of which map: pairs of map and letter."""

    arguments: frozenset[tuple[str, str]] = frozenset()
    values: frozenset[tuple[str, str]] = frozenset()


class _Open(Exception):
    """The size does not follow from what is written."""


def letters_in(text: str) -> Letters:
    """``f(x) = g(y), y = h(x)``, wherever it stands in a text."""
    arguments: set[tuple[str, str]] = set()
    values: set[tuple[str, str]] = set()
    for found in _APPLIED.finditer(text):
        name = _plain(found["map"])
        arguments.add((name, _plain(found["argument"])))
        if found["value"]:
            values.add((name, _plain(found["value"])))
    return Letters(frozenset(arguments), frozenset(values))


def _plain(name: str) -> str:
    return re.sub(r"[\\{}]", "", name)


def verdict_on_size(stated: Stated, layout: str | None, letters: Letters) -> Verdict | None:
    """The verdict on a claim of a size; None where nothing is known to compare it with."""
    m = stated.member
    if m is None:
        return None
    derivative = any(n.op in ("grad", "hessian") for n in postorder(m.value))
    order = tuple(dict.fromkeys((layout or "gradient", *LAYOUTS))) if derivative else ("gradient",)
    sizing = _Sizing(m, letters)
    found = sizing.shapes((*order, "vec") if derivative else order)
    if not found:
        return None
    for name, shape in found.items():
        if shape == m.shape or (m.single and shape == m.shape[::-1]):
            return _fits(m, name, name == order[0])
    if sizing.guessed and (not sizing.certain or _has_outputs(sizing, m)):
        return unknown(f"nothing that is written says what size {sizing.guessed} has")
    if m.value.op == "call" or _entrywise(m):
        return None  # another function of this name, or said of each entry
    if m.settled:
        return unknown("the sizes may be the same number")
    return _wrong(stated, m, next(iter(found.values())), letters)


def _fits(m: Membership, layout: str, expected: bool) -> Verdict | None:
    if m.value.op == "transpose" and m.value.args[0].op == "name":
        return None  # a declaration, or one once more
    if expected:
        return Verdict("true", by=("shape",))
    return Verdict("true_in_layout", layout, reason=_SENTENCES[layout], by=("shape",))


def _entrywise(m: Membership) -> bool:
    """``exp(x) ∈ ℝ`` is said of each entry."""
    return m.shape == (ONE, ONE) and any(n.op in ("apply", "call") for n in postorder(m.value))


def _has_outputs(sizing: _Sizing, m: Membership) -> bool:
    """Does the claim have the size of the map, so that only that of the letter is in question?"""
    return any(rows in m.shape for rows, _ in sizing.outputs)


class _Sizing:
    """Sizes of a value, by its syntax."""

    def __init__(self, m: Membership, letters: Letters) -> None:
        self.m, self.letters = m, letters
        self.guessed = ""
        self.certain = True
        self.outputs: list[Shape] = []

    def shapes(self, layouts: Iterable[str]) -> dict[str, Shape]:
        """By layout, as far as they follow."""
        out: dict[str, Shape] = {}
        for layout in layouts:
            try:
                out[layout] = self.of(self.m.value, layout)
            except _Open:
                continue
        return out

    def of(self, node: Node, layout: str) -> Shape:
        """The size in a layout."""
        if node is self.m.value and self.m.known is not None:
            return self.m.known
        match node.op:
            case "name":
                return self.named(str(node.value))
            case "number":
                return ONE, ONE
            case "neg":
                return self.of(node.args[0], layout)
            case "transpose":
                return self.of(node.args[0], layout)[::-1]
            case "add":
                found = {self.of(a, layout) for a in node.args}
                if len(found) == 1:
                    return found.pop()
            case "mul":
                return self.product([self.of(a, layout) for a in node.args])
            case "call" if str(node.value[0]) in self.m.maps and not node.value[1]:
                return self.applied(node, layout)
            case "grad":
                return self.derivative(node, layout)
            case "hessian":
                return self.second(node)
        raise _Open

    def named(self, name: str) -> Shape:
        if name in self.m.maps:
            return self.m.maps[name][1]
        if name in self.m.shapes:
            return self.m.shapes[name]
        raise _Open

    def applied(self, node: Node, layout: str) -> Shape:
        """``f(x)``; a map between numbers is applied to each entry of what it is given."""
        source, target = self.m.maps[str(node.value[0])]
        plain = source == (ONE, ONE)
        try:
            given = self.of(node.args[0], layout) if len(node.args) == 1 else source
        except _Open:
            if plain:
                raise
            given = source
        if given == source:
            return target
        if plain and target == source:
            return given
        raise _Open

    @staticmethod
    def product(shapes: list[Shape]) -> Shape:
        proper = [s for s in shapes if s != (ONE, ONE)]
        if not proper:
            return ONE, ONE
        if any(a[1] != b[0] for a, b in pairwise(proper)):
            raise _Open
        return proper[0][0], proper[-1][1]

    def derivative(self, node: Node, layout: str) -> Shape:
        f, x = self.numerator(node.args[0], layout), self.letter(node)
        self.outputs.append(f)
        layout = "numerator" if node.value == "row" else layout
        if layout == "vec":
            rows, cols = f[0] * f[1], x[0] * x[1]
            return rows, cols
        if f == (ONE, ONE):
            return x[::-1] if layout == "numerator" else x
        if x == (ONE, ONE):
            return f[::-1] if layout == "denominator" else f
        if ONE not in f or ONE not in x:
            raise _Open
        rows, cols = f[0] * f[1], x[0] * x[1]
        return (cols, rows) if layout == "denominator" else (rows, cols)

    def second(self, node: Node) -> Shape:
        f, x = self.numerator(node.args[0], ""), self.letter(node)
        self.outputs.append((x[0], ONE))
        if f != (ONE, ONE) or x[1] != ONE:
            raise _Open
        return x[0], x[0]

    def numerator(self, node: Node, layout: str) -> Shape:
        """What is differentiated; a loss that nobody wrote down is a number."""
        name = _mapped(node)
        if name in self.m.maps or name in self.m.shapes or not name:
            return self.of(node, layout)
        if name.casefold() not in SCALARS:
            self.guessed = self.guessed or name
            self.certain = False
        return ONE, ONE

    def letter(self, node: Node) -> Shape:
        """What is differentiated by."""
        f, by = _mapped(node.args[0]), node.args[1]
        if by.op != "name":
            raise _Open
        x = str(by.value)
        maps = self.m.maps
        own = node.args[0].op == "call" or (f, x) in self.letters.arguments
        found = set(self._sizes(x, f if own else ""))
        if x in self.m.shapes:
            found.add(self.m.shapes[x])
        if x in maps:  # ∂f/∂h, by the value of h
            found.add(maps[x][1])
        entrywise = f in maps and maps[f][0] == (ONE, ONE)
        if len(found) > 1 or (entrywise and found != {(ONE, ONE)}):
            raise _Open
        if found:
            return found.pop()
        if f not in maps:
            raise _Open
        if len({source for source, _ in maps.values()}) > 1:
            self.guessed = self.guessed or x
        return maps[f][0]

    def _sizes(self, x: str, f: str) -> Iterator[Shape]:
        maps = self.m.maps
        if f in maps:
            yield maps[f][0]
        yield from (maps[g][0] for g, y in self.letters.arguments if y == x and g in maps)
        yield from (maps[h][1] for h, y in self.letters.values if y == x and h in maps)


def _mapped(node: Node) -> str:
    """The name of what is differentiated: f in ``f`` and ``f(x)``."""
    if node.op == "name":
        return str(node.value)
    return str(node.value[0]) if node.op == "call" and not node.value[1] else ""


# -- what to say of a wrong one ------------------------------------------------------------------


def _wrong(stated: Stated, m: Membership, right: Shape, letters: Letters) -> Verdict:
    name = _written(m.value)
    text = f"{name or 'this'} is {_times(right)}, not {_times(m.shape)}"
    source = _source(m, name)
    if source:
        text = f"{text} ({source})"
    kind = "transpose" if right == m.shape[::-1] else "other"
    line, plain = _with_size(stated, m, right), ""
    other = _other_map(m, letters)
    if other is not None:
        h, x = other
        kind = "wrong_function"
        text = f"{text}; {_times(m.shape)} is the size of ∂{h}/∂{x}"
        line = _with_map(stated, m, h, x)
    return Verdict("false", slip=Slip(kind, text), rewrite=Rewrite(line, plain), by=("shape",))


def _written(node: Node) -> str:
    if node.op == "grad" and node.args[1].op == "name" and _mapped(node.args[0]):
        return f"∂{_mapped(node.args[0])}/∂{node.args[1].value}"
    return str(node.value) if node.op == "name" else ""


def _times(shape: Shape) -> str:
    return f"{shape[0]}×{shape[1]}"


def _source(m: Membership, name: str) -> str:
    """The declaration of the map that it is about."""
    f = _mapped(m.value.args[0]) if name and m.value.op == "grad" else ""
    return f"{f}: {_space(m.maps[f][0])} → {_space(m.maps[f][1])}" if f in m.maps else ""


def _space(shape: Shape) -> str:
    rows, cols = shape
    inner = str(rows) if cols == ONE else _times(shape)
    return "ℝ" if shape == (ONE, ONE) else f"ℝ^{inner}" if len(inner) == 1 else f"ℝ^({inner})"


def _other_map(m: Membership, letters: Letters) -> tuple[str, str] | None:
    """Another map whose Jacobian has the size that is claimed, with the letter of its argument."""
    if m.value.op != "grad" or m.value.args[0].op != "name" or m.value.args[1].op != "name":
        return None
    f, x = _mapped(m.value.args[0]), str(m.value.args[1].value)
    if f not in m.maps:
        return None
    fitting = [h for h, (source, target) in m.maps.items()
               if h != f and (target[0], source[0]) == m.shape]  # fmt: skip
    if len(fitting) != 1:
        return None
    own = sorted(y for h, y in letters.arguments if h == fitting[0])
    return fitting[0], own[0] if len(own) == 1 else x


def _with_map(stated: Stated, m: Membership, h: str, x: str) -> str:
    f, by = m.value.args
    text = stated.text
    pieces = sorted([(f.at, f.end, h), (by.at, by.end, x)])
    out, at = "", stated.at
    for start, end, name in pieces:
        out += text[at:start] + latex(symbol(name, ONE, ONE))
        at = end
    return " ".join((out + text[at : stated.end]).split())


def _with_size(stated: Stated, m: Membership, right: Shape) -> str:
    text = stated.text
    a, b = m.exponent
    between = "," if "," in text[a:b] else r" \times "
    inner = between.join(_spelled(str(d)) for d in right)
    if m.single and ONE in right:
        inner = _spelled(str(right[0] if right[1] == ONE else right[1]))
    if a == b:
        inner = f"^{{{inner}}}"
    elif len(inner) > 1 and text[a - 1] != "{":
        inner = f"{{{inner}}}"
    return " ".join((text[stated.at : a] + inner + text[b : max(b, stated.end)]).split())


def _spelled(size: str) -> str:
    return size.replace("*", " ")


__all__ = ["Letters", "letters_in", "verdict_on_size"]
