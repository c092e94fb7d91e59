"""Values as people write them: accepted where they are clear, refused with the reason elsewhere."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from chainrule.errors import LimitError, ShapeError, UsageError
from chainrule.graph import from_json, graph, run
from chainrule.read import read

Q = Fraction
AFFINE = "sum(W*x + b)"
GOOD: dict[str, Any] = {"W": [[1, 2], [3, 4], [5, 6]], "x": [1, 1], "b": [0, 0, 1]}


def test_lists_rows_arrays_and_columns_mean_the_same() -> None:
    want = run(graph(AFFINE), GOOD).values["f"]
    assert want == [[Q(22)]]
    for x in ((1, 1), [[1], [1]], np.array([1, 1]), np.array([[1], [1]]), ["1", "2/2"]):
        assert run(graph(AFFINE), {**GOOD, "x": x}).values["f"] == want


def test_scalars_may_be_bare_or_in_lists() -> None:
    for t in (3, [3], [[3]], np.int64(3), np.array(3), Q(3), "3", "6/2"):
        assert run(graph("t*t"), {"t": t}).values["f"] == [[9]]
    assert run(graph("t*t"), {"t": np.float64(0.5)}).values["f"] == [[0.25]]


def test_variables_as_keys() -> None:
    import chainrule as cr

    t = cr.scalar("t")
    assert cr.graph(t * t).run({t: 3}).gradients["t"] == [[6]]


@pytest.mark.parametrize(("change", "kind", "message"), [
    ({"x": None}, UsageError, "x is None, not a number"),
    ({"x": [1, "two"]}, UsageError, r"x\[2\] is 'two', not a number"),
    ({"x": [1, True]}, UsageError, r"x\[2\] is True, not a number"),
    ({"x": [1, float("nan")]}, UsageError, "not a finite number"),
    ({"x": [1, float("inf")]}, UsageError, "not a finite number"),
    ({"x": [1, 1j]}, UsageError, "not a number"),
    ({"x": ["1/0", 1]}, UsageError, "division by zero"),
    ({"x": ["1e99999999", 1]}, UsageError, "not a number"),
    ({"x": []}, UsageError, "x is an empty list"),
    ({"x": {}}, UsageError, "not a number"),
    ({"x": [1, 2, 3]}, ShapeError, r"x is n×1, with n = 2 \(from W\), but its value is 3×1"),
    ({"x": [[1, 2]]}, ShapeError, "x is n×1.*but its value is 1×2"),
    ({"W": [[1, 2], [3], [5, 6]]}, UsageError, "row 2 of W has 1 entries, but row 1 has 2"),
    ({"W": [[1, 2], 3]}, UsageError, "row 2 of W is 3, but the other rows are lists"),
    ({"W": [[], []]}, UsageError, "row 1 of W is an empty list"),
    ({"W": np.zeros((2, 2, 2))}, UsageError, "not a number"),
    ({"c": 3}, UsageError, "a value is given for c, which does not occur: give W, x, b"),
    ({"f": 3}, UsageError, "a value is given for f, which is computed by the graph"),
    ({"x": np.zeros(2_000_000)}, LimitError, "more than 1000000 numbers"),
    ({"n": 3}, ShapeError, r"W is m×n, with n = 3 \(as given\), but its value is 3×2"),
    ({"n": "many"}, UsageError, "the size n is 'many', not a whole number above 0"),
])  # fmt: skip
def test_bad_values_are_refused_with_the_reason(
    change: dict[str, Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        run(graph(AFFINE), {**GOOD, **change})


def test_missing_values_are_named_with_their_sizes() -> None:
    with pytest.raises(UsageError, match=r"no value is given for x \(n×1\), b \(m×1\)"):
        run(graph(AFFINE), {"W": [[1]]})


def test_sizes_that_values_do_not_fix_must_be_given() -> None:
    g = graph(read("sum(ones(n))*t", ["t: scalar"]))
    with pytest.raises(UsageError, match='"n": 3'):
        run(g, {"t": 2})
    assert run(g, {"t": 2, "n": 5}).values["f"] == [[10]]


@pytest.mark.parametrize(("declared", "good", "bad"), [
    ("S: n,n symmetric", [[1, 2], [2, 3]], [[1, 2], [3, 4]]),
    ("S: n,n skew", [[0, 2], [-2, 0]], [[1, 2], [-2, 0]]),
    ("S: n,n diagonal", [[1, 0], [0, 3]], [[1, 2], [0, 4]]),
    ("S: n,n lower", [[1, 0], [2, 3]], [[1, 2], [0, 4]]),
    ("S: n,n upper", [[1, 2], [0, 3]], [[1, 0], [2, 4]]),
    ("S: n,n orthogonal", [[0, 1], [1, 0]], [[1, 1], [0, 1]]),
    ("S: n,n invertible", [[1, 2], [3, 4]], [[1, 2], [2, 4]]),
    ("S: n,n positive_definite", [[2, 1], [1, 2]], [[1, 2], [2, 1]]),
    ("S: m,n positive", [[1, 2]], [[1, 0]]),
    ("S: m,n nonnegative", [[1, 0]], [[1, -1]]),
    ("S: m,n unit_interval", [[0.5, 0.1]], [[1.5, 0]]),
    ("S: m,n one_hot", [[0, 1], [1, 0], [0, 1]], [[0, 1], [1, 1]]),
    ("S: m,n probability", [[0.5, 0.5], [0.25, 0.75]], [[0.5, 0.6]]),
])  # fmt: skip
def test_declarations_are_held_to(declared: str, good: Any, bad: Any) -> None:
    g = graph(read("sum(S.*S)", [declared]))
    assert run(g, {"S": good}).values
    with pytest.raises(UsageError, match="S is declared"):
        run(g, {"S": bad})


def test_gradients_need_a_scalar() -> None:
    g = graph("A*x")
    values = {"A": [[1, 2], [3, 4]], "x": [1, 1]}
    with pytest.raises(UsageError, match=r"f is m×1, and gradients need a scalar.*unit\(m,1\)'"):
        run(g, values)
    assert run(g, values, backward=False).values["f"] == [[3], [7]]


def test_scalars_by_habit_are_asked_for() -> None:
    with pytest.raises(UsageError, match='declare "t: scalar"'):
        run(graph("exp(t)"), {"t": 1})


def test_singular_matrices_are_named() -> None:
    with pytest.raises(UsageError, match="Z_1 cannot be computed at these values"):
        run(graph("tr(inv(A))"), {"A": [[1, 2], [2, 4]]})


def test_infinite_values_are_shown_not_hidden() -> None:
    found = run(graph("log(t)"), {"t": 0}, backward=False)
    assert found.values["f"] == [[float("-inf")]] and "−∞" in found.table()


@pytest.mark.parametrize("text", ["", "[1,2]", "3", "{", "{'x': 1}", "[" * 100_000, '{"x": 1,}'])
def test_json_that_is_no_object_of_values(text: str) -> None:
    with pytest.raises(UsageError, match="values"):
        from_json(text)


def test_json_of_a_run_can_be_given_again() -> None:
    found = run(graph("t/3 + x'*x"), {"t": 1, "x": ["1/7", 2]})
    data = json.loads(json.dumps(found.to_json()))
    leaves = {n["name"]: n["value"] for n in data["nodes"] if n["op"] == "symbol"}
    assert leaves == {"t": [[1]], "x": [["1/7"], [2]]}
    assert run(graph("t/3 + x'*x"), leaves).values == found.values


def test_names_of_nodes() -> None:
    import chainrule as cr

    x, W = cr.vector("x", "n"), cr.matrix("W", "m", "n")
    h = W @ x
    g = cr.graph(h.T @ h, name="loss", names={"h": h}, parameters=["x"])
    assert [n.name for n in g.nodes] == ["W", "x", "h", "loss"]
    assert g.node("h").own
    assert g.node("x").kind == "parameter" and g.node("W").kind == "input"
    with pytest.raises(UsageError, match="is a variable"):
        cr.graph(h.T @ h, names={"x": h})
    with pytest.raises(UsageError, match="is no part of"):
        cr.graph(h.T @ h, names={"u": x + x})
    with pytest.raises(UsageError, match="y does not occur"):
        cr.graph(h.T @ h, parameters=["y"])
    with pytest.raises(UsageError, match="the graph has no node 'z'"):
        g.node("z")


def test_named_nodes_are_found_inside_flat_products_and_sums() -> None:
    g = graph("u = A*x; v = B*u; s = v + c; s'*s")
    assert [n.name for n in g.nodes if n.op != "symbol"] == ["u", "v", "s", "f"]
    assert [str(n.formula) for n in g.nodes if n.own and n.op != "symbol"] == ["A*x", "B*u", "v+c"]


def test_written_names_never_coincide() -> None:
    g = graph("h1 = W*x; relu(h1)'*relu(sigmoid(x) + x)")
    from chainrule.graph.spell import name_text

    names = [name_text(n) for n in g.nodes]
    assert len(set(names)) == len(names)
