"""Forms: text, LaTeX, Markdown, HTML, JSON."""

import json

import pytest

from chainrule.derivation import derivation, render
from chainrule.derivation.data import METHODS, Derivation
from chainrule.errors import UsageError
from chainrule.read import read

LONG = "1/2*norm2(W2*tanh(W1*x+b1)+b2-y)^2+lambda*normF(W1)^2"


def make(text: str, wrt: str, method: str = "differential", *var: str) -> Derivation:
    return derivation(read(text, var), wrt, method)


def test_text_continues_an_equation_under_its_sign() -> None:
    lines = render(make("x'*A*x", "x")).splitlines()
    assert lines[0] == "Derivative of xᵀ A x by x, by differentials."
    assert lines[2] == "       df = dxᵀ A x + xᵀ A dx"
    assert lines[4] == "          = xᵀ Aᵀ dx + xᵀ A dx"
    assert lines[-1] == "       ∂f/∂x = (A + Aᵀ) x"


def test_sizes_are_shown_when_asked_for() -> None:
    d = make("A*x", "x", "differential", "A: m,n")
    assert render(d, sizes=True).splitlines()[-1].endswith("[m×n]")
    assert "[" not in render(d)
    assert d.steps[-1].sizes == ("m", "n")


@pytest.mark.parametrize("method", METHODS)
def test_latex_is_balanced(method: str) -> None:
    text = render(make(LONG, "W1", method), "latex", sizes=True)
    assert text.startswith("\\begin{aligned}") and text.endswith("\\end{aligned}")
    assert text.count("{") == text.count("}") and text.count("$") % 2 == 0
    assert text.count("\\left") - text.count("\\leftrightarrow") == text.count("\\right")
    rows = text.splitlines()[1:-1]
    assert all(row.replace("\\&", "").count("&") <= 4 for row in rows)
    assert all(row.endswith(r" \\") for row in rows[:-1])


@pytest.mark.parametrize("method", METHODS)
def test_json_reads_back(method: str) -> None:
    d = make(LONG, "W1", method)
    data = json.loads(render(d, "json"))
    assert data["certified"] and data["method"] == method and data["wrt"] == "W1"
    assert len(data["steps"]) == len(d.steps)
    for step in data["steps"]:
        assert step["certified"] is True and step["by"] and step["rule"] and step["sentence"]
        assert isinstance(step["before"], str) and isinstance(step["after"], str)
    assert data["steps"][-1]["after"] == data["result"]["plain"]


def test_plain_lines_read_back() -> None:
    """What stands in the JSON is the syntax that people type."""
    d = make("x'*A*x+b'*x", "x", "differential", "A: n,n; x: n; b: n")
    table = {s["after"] for s in json.loads(render(d, "json"))["steps"]}
    for text in table:
        assert read(text, ("A: n,n; x: n; b: n; dx: n",)).expr is not None


def test_markdown_and_html() -> None:
    d = make("log(det(X))", "X")
    markdown = render(d, "markdown")
    assert markdown.count("$$") == 2 * len(d.steps) and "1\\. " in markdown
    html = render(d, "html")
    assert html.count("<li ") == len(d.steps) and "<script" not in html
    assert "&amp;=" in html


def test_names_are_escaped_in_html() -> None:
    assert "<b" not in render(make("max(a,b)'*c", "a", "differential", "a: n; b: n; c: n"), "html")


def test_unknown_form() -> None:
    with pytest.raises(UsageError, match="text, latex, markdown, html, json"):
        render(make("x'*x", "x"), "pdf")


def test_long_sums_are_broken() -> None:
    text = "+".join(f"tr(A{k}*X*B{k}*X'*C{k})" for k in range(1, 7))
    lines = render(make(text, "X")).splitlines()[1:]
    assert max(map(len, lines)) <= 125 and any(line.lstrip().startswith("+ ") for line in lines)


def test_the_slope_of_relu_is_an_indicator() -> None:
    d = make("sum(relu(W*relu(V*x)))", "V", "backprop", "V: m,n; x: n; W: p,m")
    assert "[z₁ > 0]" in render(d) and "[z_{1} > 0]" in render(d, "latex")
    assert "step(z_1)" in render(d, "json")  # the syntax that people type
    entries = make("sum(relu(X*W))", "W", "index", "X: m,n; W: n,p")
    assert "[(Z₁)ᵢⱼ > 0]" in render(entries)
