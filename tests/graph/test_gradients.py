"""Gradients by every node against central differences: every operator, and all published inputs."""

from __future__ import annotations

import re

import numpy as np
import pytest

from chainrule.calculus.structure import impose, structure_of
from chainrule.errors import ChainruleError, UnsupportedError, UsageError
from chainrule.expr import Expr, node, size_names, symbol, symbols
from chainrule.graph import Graph, Run, graph, run
from chainrule.graph.rules import adjoint
from chainrule.numeric import evaluate
from chainrule.numeric.draw import draw
from chainrule.ops import TABLE, apply, hadamard, mul
from chainrule.read import read, read_pair
from tests.corpus import Case, cases, points
from tests.graph.differences import gradient
from tests.properties.generate import expression, sample
from tests.test_table import question

SIZES = {"m": 2, "n": 3}
BOUNDED = {"log", "sqrt", "arcsin", "arccos", "lgamma", "digamma"}
ROWS = [n for n, op in TABLE.items() if op.kind not in ("constant", "derivative", "binder")]
WITHOUT_DERIVATIVE = {"trigamma", "vmax"}


def floats(rows: list[list[object]]) -> np.ndarray:
    return np.array([[float(v) for v in row] for row in rows])  # type: ignore[arg-type]


def worst(g: Graph, found: Run, leaves: dict[str, np.ndarray]) -> float:
    """Largest relative error over all nodes."""
    errors = [0.0]
    for n in g.nodes:
        want = gradient(g, leaves, found.sizes, n.name)
        kind = structure_of(n.symbol) if n.op == "symbol" else None
        if kind is not None:  # the gradient within the symmetric matrices, and so on
            raw = node("symbol", (), ("raw",), n.shape)
            want = evaluate(impose(raw, kind, "project"), {"raw": want}, found.sizes)
        if np.isfinite(want).all():
            gap = np.abs(floats(found.gradients[n.name]) - want).max()
            errors.append(float(gap / (1 + np.abs(want).max())))
    return max(errors)


def symbolic_error(g: Graph, found: Run) -> float:
    """The textbook list, evaluated from the output backwards, against the gradients of the run."""
    values = {name: floats(rows) for name, rows in found.values.items()}
    errors = [0.0]
    for name, rule in g.symbolic_gradients().items():
        want = floats(found.gradients[name])
        got = np.broadcast_to(evaluate(rule, values, found.sizes), want.shape)
        values[adjoint(g, g.node(name)).name] = got
        if np.isfinite(want).all() and np.isfinite(got).all():
            errors.append(float(np.abs(got - want).max() / (1 + np.abs(want).max())))
    return max(errors)


def scalar_of(name: str) -> Expr:
    """A row of the table inside a scalar, so that its local rule has to carry a full gradient."""
    f, _ = question(name)
    if f.is_scalar:
        return mul(symbol("c"), f)
    return apply("sum", hadamard(symbol("C", *f.shape), f))


def drawn(f: Expr, name: str, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    leaves = {v.name: draw(v, SIZES, rng) for v in symbols(f).values()}
    if name in BOUNDED:
        leaves["x"] = rng.uniform(0.2, 0.8, (3, 1))
    return leaves


@pytest.mark.parametrize("name", [n for n in ROWS if n not in WITHOUT_DERIVATIVE | {"call"}])
def test_every_operator(name: str) -> None:
    f = scalar_of(name)
    g = graph(f)
    for seed in (1, 2):
        leaves = drawn(f, name, seed)
        found = run(g, leaves)
        assert worst(g, found, leaves) < 1e-7
        np.testing.assert_allclose(
            floats(found.values[g.output.name]), evaluate(f, leaves, found.sizes), rtol=1e-12
        )
    for text in (g.svg(), g.dot(), g.mermaid(), g.tree(), found.svg("dark"), found.table()):
        assert g.output.name in text


@pytest.mark.parametrize("name", sorted(WITHOUT_DERIVATIVE))
def test_what_has_no_derivative_is_drawn_and_valued(name: str) -> None:
    f = scalar_of(name)
    g = graph(f)
    leaves = drawn(f, name, 1)
    assert run(g, leaves, backward=False).values
    with pytest.raises(UnsupportedError, match=name):
        run(g, leaves)


def test_abstract_functions_have_no_values() -> None:
    with pytest.raises(UsageError, match="phi is an abstract function"):
        run(graph("phi(x)'*x"), {"x": [1, 2]})


@pytest.mark.parametrize("block", range(4))
def test_random_expressions(block: int) -> None:
    """Drawn, run, and the textbook list equal to the local rules; refusals give their reason."""
    done = 0
    for seed in range(40 * block, 40 * block + 40):
        f = expression(seed)
        if not f.is_scalar:
            f = apply("sum", hadamard(symbol("Cc", *f.shape), f))
        g = graph(f)
        assert g.svg() and g.dot() and g.mermaid() and g.tree()
        sizes = {n: k + 2 for k, n in enumerate(sorted(size_names(f)))}
        rng = np.random.default_rng(seed)
        leaves = {v.name: sample(v, rng, sizes) for v in symbols(f).values()}
        try:
            found = run(g, {**sizes, **leaves})
        except (UnsupportedError, UsageError) as error:  # trigamma, abstract, singular
            assert re.search("derivative|abstract|cannot be computed", str(error))
            continue
        if not found.kinks:
            assert symbolic_error(g, found) < 1e-6, seed
            done += 1
    assert done >= 15


# -- the published inputs ------------------------------------------------------------------------
def read_case(c: Case) -> Expr:
    try:
        return read(c.plain, c.declarations, hints=c.wrt).expr
    except ChainruleError:
        return read_pair(c.plain, None, c.declarations)[0].expr


def test_every_published_input_is_drawn() -> None:
    for c in cases():
        g = graph(read_case(c))
        for text in (g.svg(), g.dot(), g.mermaid(), g.tree()):
            assert text
        assert g.nodes[-1].expr is g.root


@pytest.mark.parametrize("part", range(4))
def test_gradients_of_published_scalars(part: int) -> None:
    checked = 0
    for c in cases()[part::4]:
        f = read_case(c)
        if not f.is_scalar:
            continue
        values, sizes = next(
            points(c, lambda v, s, f=f: bool(np.isfinite(evaluate(f, v, s)).all()))
        )
        g = graph(f)
        leaves = {n.name: values[n.name] for n in g.leaves}
        one_hot_column = any(
            leaves[n.name].shape != tuple(d.at(sizes) for d in n.shape) for n in g.leaves
        )
        if one_hot_column:  # a column that stands for all rows: not a value of that shape
            continue
        named = {n: sizes[n] for n in size_names(f) if n in sizes}
        found = run(g, {**named, **leaves})
        assert worst(g, found, leaves) < 1e-4, c.id
        assert symbolic_error(g, found) < 1e-7, c.id
        checked += 1
    assert checked > 70
