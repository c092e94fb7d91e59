"""The command ``chainrule graph``: every form, files, and bad input without a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from chainrule.apps.cli import cli
from chainrule.errors import ChainruleError

NETWORK = "h = relu(W*x); loss = (h - y)'*(h - y)"
VALUES = {"W": [[1, -1], [2, 1]], "x": [1, 2], "y": [0, 1]}


@pytest.fixture
def values(tmp_path: Path) -> str:
    path = tmp_path / "values.json"
    path.write_text(json.dumps(VALUES), encoding="utf-8")
    return str(path)


def call(*args: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["graph", *args], input=stdin)


def test_text_is_a_tree_without_values_and_a_table_with(values: str) -> None:
    done = call(NETWORK)
    assert done.exit_code == 0
    assert done.stdout.startswith("loss = ") and "│  └─ z₁ = W x" in done.stdout
    assert "W is a matrix" in done.stderr and "assumed" not in done.stdout
    done = call(NETWORK, "--at", values, "--backward", "--digits", "2")
    assert "│ node" in done.stdout and "∂loss/∂W = " in done.stdout
    assert "kept for the backward pass" in done.stdout


def test_backward_alone_lists_the_rules() -> None:
    done = call(NETWORK, "--backward")
    assert "∂loss/∂W = (∂loss/∂h ⊙ [W x > 0]) xᵀ" in done.stdout


def test_numbers_of_a_small_network(values: str) -> None:
    done = call(NETWORK, "--at", values, "--backward", "--format", "json")
    data = json.loads(done.stdout)
    nodes = {n["name"]: n for n in data["nodes"]}
    assert nodes["h"]["value"] == [[0], [4]]
    assert nodes["loss"]["value"] == [[9]]
    assert nodes["h"]["gradient"] == [[0], [6]]
    assert nodes["W"]["gradient"] == [[0, 0], [6, 12]]
    assert data["sizes"] == {"m": 2, "n": 2}
    assert data["output"] == "loss" and set(data["gradients"]) == set(nodes)


@pytest.mark.parametrize(("form", "start"), [
    ("svg", "<svg "), ("dot", "digraph "), ("mermaid", "flowchart TD"), ("tree", "loss = "),
    ("table", "┌"), ("json", "{"), ("text", "┌"),
])  # fmt: skip
def test_forms(values: str, form: str, start: str) -> None:
    done = call(NETWORK, "--at", values, "--backward", "--format", form)
    assert done.exit_code == 0 and done.stdout.startswith(start)
    assert done.stdout.endswith("\n") and not done.stdout.endswith("\n\n")


@pytest.mark.parametrize("ending", [".svg", ".dot", ".gv", ".mmd", ".txt", ".json"])
@pytest.mark.parametrize("option", ["-o", "--output"])
def test_files_by_their_ending(tmp_path: Path, ending: str, option: str) -> None:
    path = tmp_path / f"graph{ending}"
    done = call(NETWORK, option, str(path))
    assert done.exit_code == 0 and done.stdout == ""
    text = path.read_text(encoding="utf-8")
    if ending == ".svg":
        ET.fromstring(text)
    elif ending == ".json":
        names = [n["name"] for n in json.loads(text)["nodes"]]
        assert names == ["W", "x", "z_1", "h", "y", "z_2", "loss"]
    else:
        assert text.startswith({".mmd": "flow", ".txt": "loss"}.get(ending, "digraph"))


def test_values_or_formula_from_standard_input(values: str, tmp_path: Path) -> None:
    done = call(NETWORK, "--at", "-", stdin=json.dumps(VALUES))
    assert done.exit_code == 0 and "│ loss" in done.stdout
    done = call("-", "--at", values, stdin=NETWORK)
    assert done.exit_code == 0 and "│ loss" in done.stdout
    file = tmp_path / "network.txt"
    file.write_text(NETWORK.replace("; ", "\n"), encoding="utf-8")
    assert call(str(file)).stdout.startswith("loss = ")


def test_declarations() -> None:
    done = call("-y'*log(softmax(z))", "--var", "y: k one_hot", "--backward")
    assert "∂f/∂z = softmax(z) − y" in done.stdout or "∂f/∂z = p₁ − y" in done.stdout


def test_a_leading_minus_is_no_option() -> None:
    for formula in ("-x'*x", "-ones(n)'*x", "-o'*x", "-h'*h"):
        done = call(formula, "--format", "dot")
        assert done.exit_code == 0 and done.stdout.startswith("digraph")
    assert "Usage" in call("-h").stdout


def test_latex_is_recognised() -> None:
    done = call(r"\log\det(X^\top X)", "--format", "tree")
    assert done.exit_code == 0 and "XᵀX" in done.stdout.replace(" ", "")


def refusals(values: str, tmp_path: Path) -> list[tuple[list[str], str]]:
    bad = tmp_path / "bad.json"
    bad.write_text("{", encoding="utf-8")
    binary = tmp_path / "binary.json"
    binary.write_bytes(b"\xff\xfe\x00\x80")
    return [
        ([NETWORK, "--at", str(tmp_path / "none.json")], "cannot read .*none.json"),
        ([NETWORK, "--at", str(tmp_path)], "cannot read"),
        ([NETWORK, "--at", str(bad)], "the values are not JSON"),
        ([NETWORK, "--at", str(binary)], "not text in UTF-8"),
        ([NETWORK, "--at", values, "-o", str(tmp_path / "no" / "graph.svg")], "cannot write"),
        ([NETWORK, "-o", "graph.pdf"], "cannot tell the form"),
        ([NETWORK, "--format", "table"], "needs values"),
        (["x'*", "--at", values], "."),
        (["W*x", "--at", values, "--backward"], "gradients need a scalar"),
        (["-", "--at", "-"], "cannot both come from standard input"),
        ([NETWORK, "--var", "W: 3,4", "--at", values], "W is 3×4, but its value is 2×2"),
    ]


def test_bad_input_is_refused_for_people(values: str, tmp_path: Path) -> None:
    for args, message in refusals(values, tmp_path):
        done = call(*args)
        assert isinstance(done.exception, ChainruleError), args
        with pytest.raises(type(done.exception), match=message):
            raise done.exception


def test_huge_files_are_refused_before_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as f:
        f.truncate(60_000_000)
    done = call(NETWORK, "--at", str(path))
    assert isinstance(done.exception, ChainruleError) and "larger than" in str(done.exception)


@pytest.mark.parametrize("digits", ["-1", "31", "two"])
def test_digits_out_of_range(values: str, digits: str) -> None:
    done = call(NETWORK, "--at", values, "--digits", digits)
    assert done.exit_code == 2 and "--digits" in done.stderr


def test_exit_status_and_one_line_in_a_real_process(values: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "chainrule", "graph", NETWORK, "--var", "x: 3", "--at", values],
        capture_output=True, text=True, encoding="utf-8", timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("error: ") and "Traceback" not in done.stderr


def test_kinks_are_remarked_beside_a_drawing(tmp_path: Path) -> None:
    file = tmp_path / "v.json"
    file.write_text('{"x": [0, 1]}', encoding="utf-8")
    done = call("sum(relu(x))", "--at", str(file), "--format", "svg")
    assert "kink: h₁: relu at its kink in entry 1: relu'(0) = 0" in done.stderr
