"""The command line and batch: the JSON contract, and bad input answered in one line."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from chainrule.apps.batch import answer_line


def run(*args: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chainrule", *args],
        input=stdin, capture_output=True, text=True, encoding="utf-8", timeout=30,
    )  # fmt: skip


def test_json_contract() -> None:
    done = run("derive", "x'*A*x", "--wrt", "x", "--var", "A: n,n; x: n", "--format", "json")
    answer = json.loads(done.stdout)
    assert done.returncode == 0
    assert answer["derivative"]["plain"] == "(A+A')*x"
    assert answer["derivative"]["unicode"] == "(A + Aᵀ) x"
    assert answer["derivative"]["shape"] == ["n", "1"]
    assert answer["variables"]["A"]["shape"] == ["n", "n"]
    assert answer["certificate"]["verdict"] == "equal"
    keys = {"input", "variables", "assumed", "wrt", "order", "layout", "symmetric", "derivative",
            "where", "other_forms", "kinks", "conditions", "steps", "certificate"}  # fmt: skip
    assert keys <= answer.keys()


def test_all_layouts_are_keyed() -> None:
    done = run("derive", "a'*x", "--wrt", "x", "--var", "a: n; x: n", "--layout", "all",
               "--format", "json")  # fmt: skip
    found = {k: v["plain"] for k, v in json.loads(done.stdout)["derivative"].items()}
    assert found == {"gradient": "a", "numerator": "a'", "denominator": "a", "vec": "a'",
                     "differential": "a'*dx"}  # fmt: skip


def test_a_variable_that_does_not_occur_gives_zero_with_a_remark() -> None:
    done = run("derive", "x'*A*x", "--wrt", "y")
    assert done.returncode == 0
    assert "= 0" in done.stdout
    assert "does not occur" in done.stderr


BAD = {
    "empty": ("", ()),
    "brackets": ("(" * 10_000 + "x" + ")" * 10_000, ()),
    "long": ("x+" * 500_000 + "x", ()),
    "nul": ("x\0+y", ()),
    "right to left": ("\u202ex+y", ()),
    "python": ("__import__('os')", ()),
    "det of a non-square": ("det(A)", ("--var", "A: 2,3; x: 2")),
    "sizes": ("A*x", ("--var", "A: 2,3; x: 4")),
    "latex": (r"\operatorname{tr}(X^\top A X", ()),
    "unknown function": ("lgo(x)", ()),
    "unknown layout": ("x'*x", ("--layout", "sideways")),
    "steps": ("x'*x", ("--steps", "magic")),
    "clash": ("x'*x", ("--var", "x: n", "--var", "x: n,n")),
    "identity": ("I*x", ()),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line_and_status_2(name: str) -> None:
    text, options = BAD[name]
    start = time.perf_counter()
    done = run("derive", "-", "--wrt", "x", *options, stdin=text)
    assert done.returncode == 2, done.stdout
    assert done.stdout == ""
    first, *rest = done.stderr.strip().splitlines()
    assert first.startswith("error: ")
    assert len(rest) in (0, 2)  # nothing, or the line with a caret under the spot
    assert "Traceback" not in done.stderr and "internal error" not in done.stderr
    assert time.perf_counter() - start < 10


def test_batch_goes_on_after_a_bad_line() -> None:
    lines = [
        '{"id": 1, "command": "derive", "expr": "x\'*x", "wrt": "x", "vars": ["x: n"]}',
        "not json",
        '{"id": 3, "command": "derive", "expr": "x*", "wrt": "x"}',
        '{"id": 4, "command": "fly"}',
        '{"id": 5, "command": "equal", "expr": "A*B", "that": "B*A", "vars": ["A: n,n; B: n,n"]}',
    ]
    done = run("batch", stdin="\n".join(lines))
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [a["id"] for a in answers] == [1, None, 3, 4, 5]
    assert answers[0]["derivative"]["plain"] == "2*x"
    assert answers[1]["error"]["kind"] == "usage"
    assert answers[2]["error"]["kind"] == "parse" and answers[2]["error"]["at"] == 1
    assert answers[3]["error"]["kind"] == "usage"
    assert answers[4]["verdict"] == "different"
    assert answers[4]["counterexample"]["sizes"]


def test_equal_is_proved_where_a_proof_is_found() -> None:
    request = {"id": 1, "command": "equal", "expr": "tr(A*B)", "that": "tr(B*A)",
               "vars": ["A: m,n; B: n,m"]}  # fmt: skip
    assert answer_line(json.dumps(request))["by"] == ["canonical form"]
