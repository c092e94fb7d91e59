"""The network of the founding document: every printed number, and the rules with all factors."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from chainrule.graph import Graph, Run, graph, run
from chainrule.graph.rules import adjoint
from chainrule.graph.show import matrix_text
from chainrule.graph.spell import gradient_lines
from chainrule.numeric import evaluate
from chainrule.read import read

NETWORK = """
l1 = relu(W1*x)
l21 = relu(W21*l1)
l22 = sigmoid(W22*l1)
z = max(l21, l22)
yh = softmax(z)
L = -y'*log(yh)
"""
POINT = {
    "x": [1, 2, 3, 1],
    "W1": [[-1, 0, 1, -1], [0, -1, 1, 1]],
    "W21": [[1, 1], [1, -1], [-1, 1]],
    "W22": [[2, -1], [4, -2], [-2, 1]],
    "y": [0, 1, 0],
}


@pytest.fixture(scope="module")
def network() -> Graph:
    return graph(read(NETWORK, ["y: k one_hot"]))


@pytest.fixture(scope="module")
def numbers(network: Graph) -> Run:
    return run(network, POINT, digits=2)


# as the document prints them, but for the two entries that it rounded too early
PRINTED_VALUES = {
    "l1": "[1; 2]", "l21": "[3; 0; 1]", "l22": "[0.5; 0.5; 0.5]", "z": "[3; 0.5; 1]",
    "yh": "[0.82; 0.07; 0.11]", "L": "2.70",
}  # fmt: skip
PRINTED_GRADIENTS = {
    "W1": "[−0.22 −0.44 −0.67 −0.22; 1.40 2.80 4.20 1.40]",
    "W21": "[0.82 1.64; 0 0; 0.11 0.22]",
    "W22": "[0 0; −0.23 −0.47; 0 0]",
}


@pytest.mark.parametrize("name", PRINTED_VALUES)
def test_forward_values(numbers: Run, name: str) -> None:
    assert matrix_text(numbers.values[name], 2) == PRINTED_VALUES[name]


@pytest.mark.parametrize("name", PRINTED_GRADIENTS)
def test_gradients_of_the_weights(numbers: Run, name: str) -> None:
    assert matrix_text(numbers.gradients[name], 2) == PRINTED_GRADIENTS[name]


def test_the_two_misprints_are_visible(numbers: Run) -> None:
    # printed: 3 times the rounded −0.22, and 2 times the rounded −0.23
    table = numbers.table()
    assert "−0.67" in table and "−0.66" not in table
    assert "−0.47" in table and "−0.46" not in table


def test_whole_numbers_stay_exact_up_to_the_softmax(numbers: Run) -> None:
    assert numbers.values["l22"] == [[Fraction(1, 2)]] * 3
    assert numbers.values["z"] == [[3], [Fraction(1, 2)], [1]]
    assert all(isinstance(v, Fraction) for row in numbers.values["z"] for v in row)


def test_intermediate_gradients(numbers: Run) -> None:
    p = np.exp([3, 0.5, 1]) / np.exp([3, 0.5, 1]).sum()
    dz = p - [0, 1, 0]
    expected = {
        "z": dz,
        "l21": dz * [1, 0, 1],
        "l22": dz * [0, 1, 0],
        "l1": np.array(POINT["W21"]).T @ (dz * [1, 0, 1])
        + np.array(POINT["W22"]).T @ (dz * [0, 1, 0] * 0.25),
    }
    for name, value in expected.items():
        got = np.array([[float(v) for v in row] for row in numbers.gradients[name]]).ravel()
        np.testing.assert_allclose(got, value, rtol=0, atol=1e-14)


def test_symbolic_list_drops_no_factor(network: Graph) -> None:
    lines = gradient_lines(network)
    for line in (
        "∂L/∂z = yh − y",
        "∂L/∂l₂₁ = ∂L/∂z ⊙ [l₂₁ > l₂₂]",
        "∂L/∂l₂₂ = ∂L/∂z ⊙ [l₂₂ > l₂₁]",
        "∂L/∂l₁ = W₂₁ᵀ (∂L/∂l₂₁ ⊙ [W₂₁ l₁ > 0]) + W₂₂ᵀ (∂L/∂l₂₂ ⊙ l₂₂ ⊙ (1 − l₂₂))",
        "∂L/∂W₁ = (∂L/∂l₁ ⊙ [W₁ x > 0]) xᵀ",
        "∂L/∂W₂₁ = (∂L/∂l₂₁ ⊙ [W₂₁ l₁ > 0]) l₁ᵀ",
        "∂L/∂W₂₂ = (∂L/∂l₂₂ ⊙ l₂₂ ⊙ (1 − l₂₂)) l₁ᵀ",
    ):
        assert line in lines


def test_symbolic_list_gives_the_numbers(network: Graph, numbers: Run) -> None:
    """The rules evaluated from the output backwards give the gradients of the run."""
    values = {
        name: np.array([[float(v) for v in row] for row in rows])
        for name, rows in numbers.values.items()
    }
    for name, rule in network.symbolic_gradients().items():
        n = network.node(name)
        value = np.broadcast_to(evaluate(rule, values, numbers.sizes), values[name].shape)
        np.testing.assert_allclose(
            value, [[float(v) for v in row] for row in numbers.gradients[name]], atol=1e-12
        )
        values[adjoint(network, n).name] = value


def test_what_is_kept_for_the_backward_pass(numbers: Run) -> None:
    assert {"x", "l1", "l22", "yh"} <= set(numbers.stored)
    assert "L" not in numbers.stored


def test_shared_node_is_one_node(network: Graph) -> None:
    assert [n.name for n in network.users["l1"]] == ["u_2", "u_3"]
    assert sum(n.name == "l1" for n in network.nodes) == 1


def test_kinds(network: Graph) -> None:
    kinds = {n.name: n.kind for n in network.nodes}
    assert kinds["x"] == kinds["y"] == "input"
    assert kinds["W1"] == kinds["W21"] == kinds["W22"] == "parameter"
    assert kinds["L"] == "output" and kinds["z"] == "operation"


def test_operations_are_those_of_the_document(network: Graph) -> None:
    """W x → matmul → relu, …: one node for each operation, none for more."""
    edges = {(a, n.name) for n in network.nodes for a in n.inputs}
    assert edges == {
        ("x", "u_1"), ("W1", "u_1"), ("u_1", "l1"), ("l1", "u_2"), ("W21", "u_2"), ("l1", "u_3"),
        ("W22", "u_3"), ("u_2", "l21"), ("u_3", "l22"), ("l21", "z"), ("l22", "z"), ("z", "yh"),
        ("yh", "L"), ("y", "L"),
    }  # fmt: skip


def test_arrays_give_the_same(network: Graph, numbers: Run) -> None:
    from_arrays = run(network, {k: np.array(v) for k, v in POINT.items()}, digits=2)
    assert from_arrays.values == numbers.values
    assert from_arrays.gradients == numbers.gradients
    from_floats = run(network, {k: np.array(v, dtype=float) for k, v in POINT.items()})
    for name, rows in numbers.gradients.items():
        np.testing.assert_allclose(
            [[float(v) for v in row] for row in rows], from_floats.gradients[name], atol=1e-12
        )
