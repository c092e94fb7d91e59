"""``chainrule read``: the page for people, the JSON contract, and files that are no documents."""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from chainrule.apps import cli
from chainrule.apps.read import LARGEST

TEXT = r"""Let $x \in \mathbb{R}^n$ and $A \in \mathbb{R}^{n\times n}$.

$$f = x^\top A x$$

$$\nabla_x f = (A + A^\top)x$$

$$g = \frac{1}{$$
"""


@dataclass(frozen=True)
class Done:
    """What a command left."""

    status: int
    out: str
    errors: str


def run(*args: str, stdin: str = "") -> Done:
    """The command in this process."""
    out, errors = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(errors):
        patch.setattr(sys, "argv", ["chainrule", "read", *args])
        patch.setattr(sys, "stdin", io.StringIO(stdin))
        status = 0
        try:
            cli.main()
        except SystemExit as end:
            status = int(end.code or 0)
    return Done(status, out.getvalue(), errors.getvalue())


def refused(done: Done, words: str) -> bool:
    """Exit status 2, and a line for people."""
    return done.status == 2 and words in done.errors and "Traceback" not in done.errors


def test_text(tmp_path: Path) -> None:
    file = tmp_path / "notes.md"
    file.write_text(TEXT, encoding="utf-8")
    done = run(str(file))
    assert done.status == 0
    assert "3:3  definition  f = x^\\top A x" in done.out
    assert "f = xᵀ A x   [scalar]" in done.out
    assert "A: n×n" in done.out
    assert "not read:" in done.out
    assert "5 statements:" in done.out


def test_json(tmp_path: Path) -> None:
    file = tmp_path / "notes.md"
    file.write_text(TEXT, encoding="utf-8")
    found = json.loads(run(str(file), "--format", "json").out)
    assert set(found) == {"layout", "statements", "troubles", "facts", "summary"}
    assert found["summary"] == {"declaration": 2, "definition": 1, "equation": 1, "unread": 1}
    for one in found["statements"]:
        assert set(one) == {
            "line", "column", "number", "kind", "text", "name", "relations", "after", "reading",
            "declares", "relies_on", "unspecified", "assumed", "remarks", "error",
        }  # fmt: skip
    x, _, f, claim, unread = found["statements"]
    assert x["declares"] == {"x": {"shape": ["n", "1"], "traits": []}}
    assert f["reading"] == [{"plain": "x'*A*x", "latex": r"x^{\top} A x", "shape": ["1", "1"]}]
    assert (claim["line"], claim["column"], claim["relies_on"]) == (5, 3, [f["number"]])
    assert [r["plain"] for r in claim["reading"]] == ["grad(x'*A*x,x)", "(A+A')*x"]
    assert unread["reading"] is None and unread["error"]["message"]


def test_standard_input_and_declarations() -> None:
    found = run("-", "--var", "x: 3", "--format", "json", stdin="$f = x^T x$")
    (one,) = json.loads(found.out)["statements"]
    assert one["reading"][0]["plain"] == "x'*x"


@pytest.mark.parametrize(("kind", "text"), [
    ("markdown", "words $f = x^2$"), ("tex", "\\begin{equation} f = x^2 \\end{equation}"),
    ("text", "f = x^2"),
    ("notebook", json.dumps({"cells": [{"cell_type": "markdown", "source": ["$f = x^2$"]}]})),
])  # fmt: skip
def test_kinds(kind: str, text: str) -> None:
    done = run("-", "--kind", kind, "--format", "json", stdin=text)
    (one,) = json.loads(done.out)["statements"]
    assert (one["name"], one["reading"][0]["plain"]) == ("f", "x^2")


def test_missing_file(tmp_path: Path) -> None:
    done = run(str(tmp_path / "nowhere.md"))
    assert refused(done, "nowhere.md cannot be read")


@pytest.mark.parametrize("content", [b"\xff\xfe\x00\x01", bytes(range(128, 256))])
def test_binary_file(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "picture.png"
    file.write_bytes(content)
    done = run(str(file))
    assert refused(done, "not a text in UTF-8")


def test_huge_file(tmp_path: Path) -> None:
    file = tmp_path / "huge.md"
    with file.open("wb") as out:
        out.truncate(LARGEST + 1)
    done = run(str(file))
    assert refused(done, "more than 50 MB")


def test_a_folder(tmp_path: Path) -> None:
    done = run(str(tmp_path))
    assert refused(done, "cannot be read")


def test_wrong_declaration() -> None:
    done = run("-", "--var", "x: n,n,n", stdin="$x$")
    assert refused(done, "n,n,n")


def test_a_byte_order_mark_is_no_letter(tmp_path: Path) -> None:
    file = tmp_path / "windows.md"
    file.write_bytes(b"\xef\xbb\xbf$f = x^2$\r\n\r\n$g = f$\r\n")
    found = json.loads(run(str(file), "--format", "json").out)["statements"]
    assert [(s["line"], s["name"]) for s in found] == [(1, "f"), (3, "g")]


def test_the_layout_is_told() -> None:
    done = run("-", stdin="We use numerator layout.\n\n$x$")
    assert "uses numerator layout" in done.out
