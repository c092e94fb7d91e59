"""``chainrule derive --steps`` and the steps of a batch request."""

import json

import pytest
from click.testing import CliRunner

from chainrule.apps.batch import answer_line
from chainrule.apps.cli import cli
from chainrule.errors import ChainruleError


def run(*args: str) -> str:
    result = CliRunner().invoke(cli, ["derive", *args], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_text_shows_the_answer_and_the_steps() -> None:
    out = run("x'*A*x", "--wrt", "x", "--steps", "index")
    assert "plain: (A+A')*x" in out and "δᵢₖ Aᵢⱼ xⱼ" in out


def test_all_methods() -> None:
    out = run("A*x", "--wrt", "x", "--steps", "all")
    assert out.count("Derivative of A x by x") == 3
    assert "backprop: does not apply: backpropagation starts from a scalar" in out


def test_json_lists_the_steps() -> None:
    data = json.loads(run("x'*A*x", "--wrt", "x", "--steps", "differential", "--format", "json"))
    first = data["steps"][0]
    assert first["before"] == "x'*A*x" and first["after"] == "dx'*A*x+x'*A*dx"
    assert first["rule"] == "product rule" and first["certified"] is True
    assert data["derivative"]["plain"] == "(A+A')*x"


def test_json_of_all_methods_is_keyed() -> None:
    data = json.loads(run("A*x", "--wrt", "x", "--steps", "all", "--format", "json"))
    assert list(data["steps"]) == ["differential", "index", "kronecker"]
    assert "scalar" in data["steps_refused"]["backprop"]


@pytest.mark.parametrize("form", ["latex", "markdown"])
def test_other_forms(form: str) -> None:
    assert "\\begin{aligned}" in run("x'*A*x", "--wrt", "x", "--steps", "all", "--format", form)


def test_language_and_sizes() -> None:
    out = run("A*x", "--wrt", "x", "--steps", "index", "--language", "ru", "--sizes")
    assert "Запишем функцию поэлементно" in out and "[m×n]" in out


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--steps", "magic"), "unknown method"),
        (("--steps", "index", "--order", "2"), "first derivatives"),
        (("--steps", "index", "--layout", "all"), "one layout"),
        (("--steps", "index", "--language", "xx"), "unknown language"),
    ],
)
def test_refusals(args: tuple[str, ...], words: str) -> None:
    result = CliRunner().invoke(cli, ["derive", "x'*A*x", "--wrt", "x", *args])
    assert isinstance(result.exception, ChainruleError) and words in result.exception.message


def test_batch() -> None:
    request = {"id": 1, "command": "derive", "expr": "x'*A*x", "wrt": "x", "steps": "kronecker"}
    answer = answer_line(json.dumps(request))
    assert answer["steps"][-1]["after"] == "(A+A')*x"
    request["steps"] = "magic"
    assert answer_line(json.dumps(request))["error"]["kind"] == "usage"
