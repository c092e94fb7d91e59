"""The drawings: well-formed, nothing over anything else, and readable at a hundred nodes."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.errors import UsageError
from chainrule.graph import Graph, graph, run
from chainrule.graph.layout import Layout, layout

SVG = "{http://www.w3.org/2000/svg}"
LAYERS = 32
DEEP = "; ".join(
    ["h1 = relu(W1*x + b1)", *(f"h{k} = relu(W{k}*h{k - 1} + b{k}) + h{k - 1}"
                               for k in range(2, LAYERS)), f"h{LAYERS - 1}'*h{LAYERS - 1}"]
)  # fmt: skip


@pytest.fixture(scope="module")
def deep() -> Graph:
    return graph(DEEP)


# -- placing -------------------------------------------------------------------------------------
@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[tuple[float, float]], list[tuple[int, int]]]:
    count = draw(st.integers(1, 25))
    boxes = [(draw(st.floats(20, 300)), draw(st.floats(20, 150))) for _ in range(count)]
    edges = set()
    for b in range(1, count):
        for a in draw(st.lists(st.integers(0, b - 1), min_size=1, max_size=3)):
            edges.add((a, b))
    return boxes, sorted(edges)


def rectangles(boxes: list[tuple[float, float]], found: Layout) -> list[tuple[float, ...]]:
    return [
        (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
        for (w, h), (x, y) in zip(boxes, found.centres, strict=True)
    ]


@given(graphs())
@settings(max_examples=150, deadline=None)
def test_boxes_do_not_overlap_and_edges_lead_from_box_to_box(
    drawn: tuple[list[tuple[float, float]], list[tuple[int, int]]],
) -> None:
    boxes, edges = drawn
    found = layout(boxes, edges, [(20.0, 12.0)] * len(edges))
    rects = rectangles(boxes, found)
    for (a, b, c, d), (p, q, r, s) in combinations(rects, 2):
        assert c <= p + 1e-6 or r <= a + 1e-6 or d <= q + 1e-6 or s <= b + 1e-6
    for x0, y0, x1, y1 in rects:
        assert x0 >= -1e-6 and x1 <= found.width + 1e-6
        assert y0 >= -1e-6 and y1 <= found.height + 1e-6
    for (a, b), route in zip(edges, found.routes, strict=True):
        assert route[0][1] == pytest.approx(rects[a][3])
        assert route[-1][1] == pytest.approx(rects[b][1])


def test_a_chain_stands_straight() -> None:
    found = layout([(50, 20)] * 4, [(0, 1), (1, 2), (2, 3)], [(20, 12)] * 3)
    assert len({x for x, _ in found.centres}) == 1


# -- SVG -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
@pytest.mark.parametrize("text", ["x'*A*x", "a", "3", "log(det(X'*X))", "[x > 1]'*x"])
def test_svg_is_xml_with_a_box_for_each_node(text: str, theme: str) -> None:
    g = graph(text)
    root = ET.fromstring(g.svg(theme))
    boxes = [e for e in root.iter(f"{SVG}g") if e.get("id")]
    assert [e.get("id") for e in boxes] == [f"crgraph-{n.id}" for n in g.nodes]
    assert [e.get("class") for e in boxes] == [n.kind for n in g.nodes]
    arrows = [e for e in root.iter(f"{SVG}path") if e.get("class") == "edge"]
    assert len(arrows) == sum(len(n.inputs) for n in g.nodes)


def test_svg_needs_nothing_from_elsewhere() -> None:
    text = graph("x'*A*x").svg()
    addresses = set(re.findall(r"https?://[^\"' ]+", text))
    assert addresses == {"http://www.w3.org/2000/svg"}
    assert "<script" not in text and "@import" not in text


def test_themes_differ_and_auto_holds_both() -> None:
    g = graph("x'*A*x")
    assert g.svg("light") != g.svg("dark")
    assert "prefers-color-scheme:dark" in g.svg("auto")
    with pytest.raises(UsageError, match="unknown theme 'pink'"):
        g.svg("pink")


def test_numbers_and_kinks_stand_in_the_drawing() -> None:
    found = run(graph("h = relu(x); h'*h"), {"x": [0, 2]}, digits=1)
    root = ET.fromstring(found.svg("light"))
    texts = [e.text for e in root.iter(f"{SVG}text")]
    assert "∂f/∂x" in texts and "4" in texts and "▲ at a kink" in texts
    assert any(e.get("class") == "kink" for e in root.iter(f"{SVG}path"))


def test_symbolic_gradients_stand_in_a_drawing_without_numbers() -> None:
    g = graph("h = relu(W*x); h'*h")
    rule = "∂f/∂W = (∂f/∂h ⊙ [W x > 0]) xᵀ"
    texts = [e.text for e in ET.fromstring(g.svg(backward=True)).iter(f"{SVG}text")]
    assert rule in texts and rule in g.dot(backward=True)
    assert "∂f/∂W = (∂f/∂h ⊙ " in g.mermaid(backward=True)
    assert "∂f" not in g.svg() + g.dot() + g.mermaid()


def test_a_hundred_nodes_stay_readable(deep: Graph) -> None:
    assert len(deep.nodes) >= 100
    root = ET.fromstring(deep.svg("light"))
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    assert width < 1200  # layers below each other: one column to scroll
    assert height < 200 * LAYERS * 3
    rects = [
        tuple(float(e.get(k, 0)) for k in ("x", "y", "width", "height"))
        for e in root.iter(f"{SVG}rect")
        if e.get("class") == "box" and e.get("rx") == "9"
    ]
    assert len(rects) == len(deep.nodes)
    for (x, y, w, h), (p, q, r, s) in combinations(rects, 2):
        assert x + w <= p or p + r <= x or y + h <= q or q + s <= y


# -- DOT, Mermaid, tree ----------------------------------------------------------------------------
def test_dot_has_nodes_and_edges() -> None:
    g = graph("h = relu(W*x); h'*h")
    lines = g.dot().splitlines()
    assert lines[0] == "digraph computation {" and lines[-1] == "}"
    nodes = [ln for ln in lines if re.fullmatch(r'  n\d+ \[label="[^"]*", fillcolor=.*\];', ln)]
    edges = [ln for ln in lines if re.fullmatch(r'  n\d+ -> n\d+ \[label="[^"]*"\];', ln)]
    assert len(nodes) == len(g.nodes) == 5
    assert len(edges) == sum(len(n.inputs) for n in g.nodes) == 4


def test_mermaid_has_nodes_and_edges() -> None:
    g = graph("h = relu(W*x); h'*h")
    for text in (g.mermaid(), run(g, {"W": [[1, 2]], "x": [1, 1]}).graph.mermaid()):
        lines = text.splitlines()
        assert lines[0] == "flowchart TD"
        nodes = [ln for ln in lines if re.fullmatch(r'  n\d+\("[^"]*"\):::\w+', ln)]
        edges = [ln for ln in lines if re.fullmatch(r'  n\d+ -- "[^"]*" --> n\d+', ln)]
        styles = [ln for ln in lines if ln.startswith("  classDef ")]
        assert len(nodes) == 5 and len(edges) == 4
        assert len(lines) == 1 + len(nodes) + len(edges) + len(styles)


def test_tree_writes_a_shared_part_once() -> None:
    g = graph("u = A*x; v = relu(u); w = sigmoid(u); v'*w")
    text = g.tree()
    assert text.count("u = A x") == 1 and text.count("u ↑") == 1
    assert text.splitlines()[0].startswith("f = vᵀ w")


def test_tree_of_many_paths_stays_short() -> None:
    # 2^40 paths lead through this graph
    text = "; ".join(["h0 = x", *(f"h{k} = relu(h{k - 1}) + h{k - 1}" for k in range(1, 41)),
                      "h40'*h40"])  # fmt: skip
    assert len(graph(text).tree().splitlines()) < 200
