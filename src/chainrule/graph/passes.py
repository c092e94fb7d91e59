"""Forward and backward with numbers: the value of every node and the gradient by every node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from chainrule.calculus.structure import impose, structure_of
from chainrule.errors import UsageError
from chainrule.expr import Expr, postorder, symbol
from chainrule.graph.build import Graph, Node
from chainrule.graph.exact import Engine, Rows, is_exact
from chainrule.graph.kinks import NORMS, Kink, kinks_of
from chainrule.graph.rules import Parts, adjoint, local_parts, local_rules, require_scalar, stored
from chainrule.graph.values import Given, bind

MANY = 2000  # entries above which all is computed in floats


@dataclass(frozen=True)
class Run:
    """A graph at given values.

    Attributes
    ----------
    values, gradients
        By name of node: lists of rows; entries are fractions where they are exact.
    rules
        By name of node: its gradient in terms of those of the nodes that use it.
    stored
        Names of the values that the backward pass needs.
    kinks
        Kinks met at these values.
    sizes
        Numbers of the named sizes.
    """

    graph: Graph
    values: dict[str, Rows]
    gradients: dict[str, Rows] = field(default_factory=dict)
    rules: dict[str, Expr] = field(default_factory=dict)
    stored: tuple[str, ...] = ()
    kinks: tuple[Kink, ...] = ()
    sizes: dict[str, int] = field(default_factory=dict)
    digits: int | None = None

    def table(self, digits: int | None = None) -> str:
        """Node, formula, value, local rule and gradient of every node."""
        from chainrule.graph.table import table

        return table(self, self.digits if digits is None else digits)

    def svg(self, theme: str = "auto") -> str:
        """The drawing with the numbers in it."""
        return self.graph.svg(theme, self)

    def to_json(self) -> dict[str, Any]:
        """Everything as JSON; a fraction that is no whole number is a string such as ``1/3``."""
        from chainrule.graph.spell import rule_text

        found = self.graph.to_json()
        for n, row in zip(self.graph.nodes, found["nodes"], strict=True):
            row["value"] = _plain(self.values[n.name])
            if self.gradients:
                row["rule"] = rule_text(self.graph, self.rules[n.name])
                row["gradient"] = _plain(self.gradients[n.name])
        kinks = [
            {"node": k.node, "op": k.op, "at": [list(p) for p in k.at], "convention": k.convention}
            for k in self.kinks
        ]
        return {**found, "sizes": self.sizes, "stored": list(self.stored), "kinks": kinks}

    def __repr__(self) -> str:
        return self.table()

    def _repr_svg_(self) -> str:
        return self.svg()


def run(graph: Graph, values: Given, *, backward: bool = True, digits: int | None = None) -> Run:
    """Evaluate every node, and the gradient of the output by every node.

    Where all given numbers are whole numbers or fractions, results stay exact as long as they
    are rational.

    Parameters
    ----------
    graph
        The graph.
    values
        Numbers, lists, lists of rows or NumPy arrays by name; a plain list is a column.
    backward
        Compute gradients too; the output must then be a scalar.
    digits
        Decimals to be shown.

    Raises
    ------
    UsageError, ShapeError
        For values that do not fit; see :func:`chainrule.graph.values.bind`.
    UnsupportedError
        If an operation has no value or no derivative.
    """
    if backward:
        require_scalar(graph)
    _refuse_abstract(graph)
    given, sizes = bind(graph, values)
    few = sum(len(v) * len(v[0]) for v in given.values()) <= MANY
    engine = Engine(given, sizes, few and all(is_exact(v) for v in given.values()))
    found: dict[str, Rows] = {}
    kinks: list[Kink] = []
    for n in graph.nodes:
        found[n.name] = _valued(n, n.formula, engine)
        engine.bind(n.name, found[n.name])
        kinks += kinks_of(n, engine)
    if not backward:
        return Run(graph, found, kinks=tuple(kinks), sizes=sizes, digits=digits)
    parts = {n.name: local_parts(graph, n) for n in graph.nodes}
    rules = local_rules(graph, parts)
    at_zero = frozenset(k.node for k in kinks if k.op in NORMS and k.at)
    gradients = _backward(graph, engine, parts, found, at_zero)
    return Run(graph, found, gradients, rules, stored(graph, rules), tuple(kinks), sizes, digits)


def _refuse_abstract(g: Graph) -> None:
    for n in g.nodes:
        for e in postorder(n.formula):
            if e.op == "call":
                raise UsageError(
                    f"{e.params[0]} is an abstract function, which has no values: "
                    f"write a function of the language in its place, such as tanh"
                )


def _backward(
    g: Graph,
    engine: Engine,
    parts: Mapping[str, Parts],
    values: Mapping[str, Rows],
    at_zero: frozenset[str],
) -> dict[str, Rows]:
    gradients: dict[str, Rows] = {}
    for n in reversed(g.nodes):
        total = _zeros(values[n.name])
        for user, part in parts[n.name]:
            if user in at_zero and n is not g.output:  # the derivative of a norm at 0 is taken as 0
                continue
            total = _sum(total, _valued(n, part, engine))
        gradients[n.name] = _structured(n, total, engine) if n.op == "symbol" else total
        engine.bind(adjoint(g, n).name, gradients[n.name])
    return {n.name: gradients[n.name] for n in g.nodes}


def _valued(n: Node, e: Expr, engine: Engine) -> Rows:
    try:
        return engine.value(e)
    except (ArithmeticError, ValueError) as error:  # a singular matrix, for example
        raise UsageError(f"{n.name} cannot be computed at these values: {error}") from None


def _structured(n: Node, total: Rows, engine: Engine) -> Rows:
    """The gradient by a symmetric, skew or diagonal variable, projected."""
    kind = structure_of(n.symbol)
    if kind is None:
        return total
    raw = symbol(f"raw gradient of {n.name}", *n.shape)
    engine.bind(raw.name, total)
    return engine.value(impose(raw, kind, "project"))


def _zeros(like: Rows) -> Rows:
    return [[Fraction(0)] * len(row) for row in like]


def _sum(a: Rows, b: Rows) -> Rows:
    if len(b) * len(b[0]) == 1 and len(a) * len(a[0]) > 1:
        b = [[b[0][0]] * len(row) for row in a]
    return [[u + v for u, v in zip(p, q, strict=True)] for p, q in zip(a, b, strict=True)]


def _plain(rows: Rows) -> list[list[object]]:
    return [[_json(v) for v in row] for row in rows]


def _json(v: Fraction | float) -> object:
    if isinstance(v, Fraction):
        return v.numerator if v.denominator == 1 else str(v)
    return v if v == v and abs(v) != float("inf") else str(v)


__all__ = ["Run", "run"]
