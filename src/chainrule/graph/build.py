"""An expression as a graph: one node for each operation, names as the user gave them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from chainrule.calculus.expand import expand
from chainrule.dims import ONE, Shape, dim
from chainrule.errors import UsageError
from chainrule.expr import Expr, node, postorder, symbols
from chainrule.graph.fold import Plan, plan
from chainrule.graph.naming import name_nodes
from chainrule.write.precedence import GREEK

if TYPE_CHECKING:
    from chainrule.graph.passes import Run
    from chainrule.graph.values import Given

DATA_TRAITS = frozenset({"one_hot", "probability", "probability_vector", "binary", "constant",
                         "plus_minus_one"})  # fmt: skip
DATA_HEADS = frozenset("XYT")  # matrices of samples and targets, by habit
WEIGHT_HEADS = frozenset({"w", "b"})


@runtime_checkable
class Reading(Protocol):
    """What a reader hands over."""

    @property
    def expr(self) -> Expr: ...
    @property
    def definitions(self) -> dict[str, Expr]: ...


@dataclass(frozen=True)
class Node:
    """A value of the graph and the operation that makes it.

    Attributes
    ----------
    id
        ``n0``, ``n1``, … in the order of evaluation.
    name
        The user's own name, or one like ``z_1``.
    op
        Name of the outermost operation; ``symbol`` for inputs and parameters.
    expr
        The whole expression in terms of inputs and parameters.
    formula
        The expression in terms of the names of other nodes.
    kind
        ``input``, ``parameter``, ``operation`` or ``output``.
    inputs
        Names of the nodes it uses, in the order of its operands.
    own
        Was the name given by the user?
    """

    id: str
    name: str
    op: str
    expr: Expr = field(repr=False)  # may be very long where parts are shared
    formula: Expr
    kind: str
    inputs: tuple[str, ...]
    own: bool

    @property
    def shape(self) -> Shape:
        """Rows and columns."""
        return self.expr.shape

    @property
    def symbol(self) -> Expr:
        """The name as a variable of the language."""
        return self.expr if self.op == "symbol" else node("symbol", (), (self.name,), self.shape)

    @property
    def size(self) -> str:
        """``n×1``."""
        return self.size_at({})

    def size_at(self, sizes: Mapping[str, int]) -> str:
        """``3×1``, with numbers for the sizes that are known."""
        known = {name: dim(value) for name, value in sizes.items()}
        texts = [str(d.subs(known)) for d in self.shape]
        rows, cols = (f"({t})" if set("+-") & set(t) else t for t in texts)
        return f"{rows}×{cols}"


@dataclass(frozen=True)
class Graph:
    """A computational graph; nodes stand in an order in which it can be evaluated.

    Attributes
    ----------
    nodes
        All nodes, inputs before the operations that use them; the output is the last one.
    root
        The expression.
    """

    nodes: tuple[Node, ...]
    root: Expr
    table: Mapping[str, Node] = field(repr=False, compare=False, default_factory=dict)

    def node(self, name: str) -> Node:
        """The node of that name."""
        try:
            return self.table[name]
        except KeyError:
            raise UsageError(
                f"the graph has no node {name!r}; it has {', '.join(self.table)}"
            ) from None

    @property
    def output(self) -> Node:
        """The last node."""
        return self.nodes[-1]

    @property
    def leaves(self) -> tuple[Node, ...]:
        """Inputs and parameters."""
        return tuple(n for n in self.nodes if n.op == "symbol")

    @cached_property
    def users(self) -> dict[str, tuple[Node, ...]]:
        """For every node the nodes that use its value."""
        found: dict[str, list[Node]] = {n.name: [] for n in self.nodes}
        for n in self.nodes:
            for name in n.inputs:
                found[name].append(n)
        return {name: tuple(ns) for name, ns in found.items()}

    # -- numbers -------------------------------------------------------------------------------
    def run(self, values: Given, *, backward: bool = True, digits: int | None = None) -> Run:
        """Values and gradients of all nodes; see :func:`chainrule.graph.run`."""
        from chainrule.graph.passes import run

        return run(self, values, backward=backward, digits=digits)

    def to_json(self) -> dict[str, Any]:
        """Nodes and edges as JSON."""
        from chainrule.graph.spell import formula_text

        nodes = [
            {"name": n.name, "kind": n.kind, "op": n.op, "inputs": list(n.inputs),
             "formula": formula_text(n), "plain": repr(n.formula),
             "shape": [str(d) for d in n.shape]}
            for n in self.nodes
        ]  # fmt: skip
        return {"output": self.output.name, "nodes": nodes}

    # -- gradients -----------------------------------------------------------------------------
    def symbolic_gradients(self) -> dict[str, Expr]:
        """∂output/∂node for every node, as a textbook states them.

        Each is written in terms of names of the graph and of the gradients (``dL_dz``) of the
        nodes that use it; operations without a name of their own are passed through.

        Raises
        ------
        UsageError
            If the output is not a scalar.
        UnsupportedError
            If an operation has no derivative in the language.
        """
        from chainrule.graph.rules import symbolic_gradients

        return symbolic_gradients(self)

    def gradient_lines(self) -> list[str]:
        """The symbolic gradients as lines ``∂L/∂z = softmax(z) − y``, output first."""
        from chainrule.graph.spell import gradient_lines

        return gradient_lines(self)

    # -- drawings ------------------------------------------------------------------------------
    def svg(self, theme: str = "auto", run: Run | None = None, backward: bool = False) -> str:
        """A self-contained SVG drawing; ``theme`` is ``auto``, ``light`` or ``dark``.

        With the numbers of a run if one is given, else with symbolic gradients if ``backward``.
        """
        from chainrule.graph.draw_svg import svg

        return svg(self, theme, run, backward)

    def dot(self, run: Run | None = None, backward: bool = False) -> str:
        """The graph for Graphviz; arguments as for :meth:`svg`."""
        from chainrule.graph.dot import dot

        return dot(self, run, backward)

    def mermaid(self, run: Run | None = None, backward: bool = False) -> str:
        """The graph for Mermaid; arguments as for :meth:`svg`."""
        from chainrule.graph.mermaid import mermaid

        return mermaid(self, run, backward)

    def tree(self, run: Run | None = None) -> str:
        """A tree of text; what is shared is written out once and then named."""
        from chainrule.graph.tree import tree

        return tree(self, run)

    def _repr_svg_(self) -> str:
        return self.svg()

    def __repr__(self) -> str:
        return self.tree()


def graph(
    source: Expr | Reading | str,
    *,
    name: str | None = None,
    parameters: Iterable[str] | None = None,
    names: Mapping[str, Expr] | None = None,
) -> Graph:
    """The computational graph of an expression.

    Parameters
    ----------
    source
        An expression; or text, or what a reader returned: then the definitions in it name nodes.
    name
        Name of the output (the last definition, else ``f``).
    parameters
        Names of the variables that are parameters. By default habit decides: capitals and Greek
        letters, ``w`` and ``b`` are parameters; other letters, ``X``, ``Y``, ``T``, families
        and what is declared constant, one-hot or a probability are inputs.
    names
        Names for parts of an expression, ``{"h": tanh(W @ x)}``.

    Raises
    ------
    UsageError
        If ``parameters`` or ``names`` name something that does not occur, or if a name is taken.
    ChainruleError
        If a text cannot be read.
    """
    root, definitions = (source, {}) if isinstance(source, Expr) else _unpack(source)
    definitions |= _checked(names or {}, root)
    if any(e.op in ("grad", "hessian", "differential") for e in postorder(root)):
        definitions = {n: expand(e, frozenset()) for n, e in definitions.items()}
        root = expand(root, frozenset())
    variables = symbols(root)
    given = None if parameters is None else frozenset(parameters)
    if given is not None and (unknown := sorted(given - variables.keys())):
        raise UsageError(f"{', '.join(unknown)} does not occur in the expression")
    made = plan(root, definitions)
    lost = [repr(definitions[n]) for n in names or {} if definitions[n] not in made.order]
    if lost:
        raise UsageError(f"{', '.join(lost)} is no part of {root!r}")
    labels = name_nodes(made, definitions, name)
    nodes = tuple(_nodes(made, labels, definitions, given, root))
    return Graph(nodes, root, {n.name: n for n in nodes})


def _unpack(source: Reading | str) -> tuple[Expr, dict[str, Expr]]:
    if isinstance(source, str):
        from chainrule.read import read_any

        source = read_any(source)
    return source.expr, dict(source.definitions)


def _checked(names: Mapping[str, Expr], root: Expr) -> dict[str, Expr]:
    """Names given in Python: each for a part that is there, and none for a variable."""
    taken = symbols(root)
    for name, part in names.items():
        if not name.isidentifier() or name in taken:
            why = "is a variable" if name in taken else "is no name"
            raise UsageError(f"{name} {why}: choose another name for {part!r}")
    return dict(names)


def _nodes(
    made: Plan,
    names: dict[Expr, str],
    definitions: Mapping[str, Expr],
    given: frozenset[str] | None,
    root: Expr,
) -> list[Node]:
    own = set(definitions)
    signs = {
        e: e if e.op == "symbol" else node("symbol", (), (names[e],), e.shape) for e in made.order
    }
    formulas = made.formulas(signs)
    out = []
    for k, e in enumerate(made.order):
        if e.op == "symbol":
            parameter = e.name in given if given is not None else is_parameter(e)
            kind = "parameter" if parameter else "input"
        else:
            kind = "operation"
        if e is root and e.op != "symbol":
            kind = "output"
        inputs = tuple(dict.fromkeys(names[a] for a in made.sources[e]))
        mine = e.op == "symbol" or names[e] in own
        out.append(Node(f"n{k}", names[e], e.op, e, formulas[e], kind, inputs, mine))
    return out


def is_parameter(e: Expr) -> bool:
    """Parameter or input? By declaration, else by the habit of notation."""
    if e.traits & DATA_TRAITS:
        return False
    head = e.name.split("_")[0].rstrip("0123456789")
    if head in DATA_HEADS:
        return False
    if head in GREEK or head in GREEK.values() or head in WEIGHT_HEADS:
        return True
    return head[:1].isupper() and ONE not in e.shape


__all__ = ["Graph", "Node", "Reading", "graph", "is_parameter"]
