"""The command ``check``: exit status, formats, several files, bad input, and batch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chainrule.apps.batch import answer_line
from chainrule.check.verdict import VERDICTS

ROOT = Path(__file__).parent.parent.parent
RIGHT = "Let $A\\in\\mathbb{R}^{n\\times n}$.\n\n$$\\nabla_x x^\\top A x = (A + A^\\top) x$$\n"
WRONG = "Let $A\\in\\mathbb{R}^{n\\times n}$.\n\n$$\\nabla_x x^\\top A x = (A - A^\\top) x$$\n"
KEYS = {"line", "text", "reading", "verdict", "layout", "conditions", "slip", "mend",
        "counterexample", "reason"}  # fmt: skip


def run(*args: str, stdin: str | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chainrule", "check", *args], input=stdin, capture_output=True,
        text=True, encoding="utf-8", timeout=60, env={**os.environ, **env},
    )  # fmt: skip


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    path = tmp_path / "wrong.md"
    path.write_text(WRONG, encoding="utf-8")
    return path


@pytest.fixture
def right(tmp_path: Path) -> Path:
    path = tmp_path / "right.md"
    path.write_text(RIGHT, encoding="utf-8")
    return path


def test_a_wrong_line_is_status_1_with_its_place_and_mend(wrong: Path) -> None:
    done = run(str(wrong))
    assert done.returncode == 1 and done.stderr == ""
    assert f"{wrong}:3:3: ✗ wrong (sign)" in done.stdout
    rows = done.stdout.splitlines()
    caret = next(n for n, row in enumerate(rows) if "^^^" in row)
    at = rows[caret].index("^")
    assert rows[caret - 1][at:].startswith("(A - A^\\top) x")
    assert "(A + Aᵀ) x" in done.stdout
    assert "1 of 1" not in done.stdout and "This is wrong." in done.stdout


def test_nothing_wrong_is_status_0_and_short(right: Path) -> None:
    done = run(str(right))
    assert done.returncode == 0
    assert "Nothing wrong found in 1 statement." in done.stdout
    assert len(done.stdout.splitlines()) <= 4


@pytest.mark.parametrize("text", ["", "No formula here.\n", "$x$"])
def test_nothing_to_check(text: str) -> None:
    done = run("-", stdin=text)
    assert done.returncode == 0
    assert "No statements to check" in done.stdout


def test_several_files_are_all_checked(wrong: Path, right: Path, tmp_path: Path) -> None:
    done = run(str(wrong), str(right))
    assert done.returncode == 1
    assert "2 files, 2 statements: 1 wrong in 1 of them" in done.stdout
    found = json.loads(run(str(wrong), str(right), "--format", "json").stdout)
    assert [d["file"] for d in found["documents"]] == [str(wrong), str(right)]
    assert found["summary"]["false"] == 1 and found["summary"]["true"] == 1
    missing = run(str(wrong), str(tmp_path / "missing.md"))
    assert missing.returncode == 2
    assert "✗ wrong" in missing.stdout and "No such file" in missing.stderr


def test_unknown_and_binary_files(tmp_path: Path) -> None:
    binary = tmp_path / "picture.md"
    binary.write_bytes(bytes(range(256)))
    for path, said in ((binary, "not a text"), (tmp_path / "none.md", "No such file"),
                       (tmp_path, "cannot be read")):  # fmt: skip
        done = run(str(path))
        assert done.returncode == 2 and done.stdout == ""
        assert said in done.stderr and "Traceback" not in done.stderr


def test_json_is_the_contract(wrong: Path) -> None:
    done = run(str(wrong), "--format", "json")
    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert set(found["summary"]) == set(VERDICTS)
    (one,) = [s for s in found["statements"] if s["verdict"] == "false"]
    assert one.keys() >= KEYS
    assert one["line"] == 3 and one["slip"]["kind"] == "sign"
    assert one["mend"]["plain"] == "(A+A')*x" and "latex" in one["mend"]
    example = one["counterexample"]
    assert {"sizes", "values", "left", "right"} <= example.keys()
    assert example["left"] != example["right"]


@pytest.mark.parametrize("sign", ["=", "=="])
@pytest.mark.parametrize(
    ("equation", "status"),
    [("grad(x'*A*x, x) {} (A+A')*x", 0), ("grad(x'*A*x, x) {} (A-A')*x", 1),
     (r"\nabla_x x^\top A x {} (A - A^\top) x", 1)],
)  # fmt: skip
def test_one_equation(equation: str, sign: str, status: int) -> None:
    done = run("--that", equation.format(sign), "--var", "A: n,n; x: n")
    assert done.returncode == status, done.stdout
    assert done.stderr == ""
    assert ("✗" in done.stdout) == bool(status)


def test_one_equation_with_definitions_and_layout() -> None:
    text = "r = A*x - b; grad(r'*r, x) == 2*r'*A"
    assert "numerator layout" in run("--that", text).stdout
    asked = json.loads(run("--that", text, "--layout", "numerator", "--format", "json").stdout)
    assert asked["statements"][0]["verdict"] == "true"


BAD = {
    "nothing": ((), "give a file"),
    "both": (("x.md", "--that", "x == x"), "give a file"),
    "no equation": (("--that", "x'*A*x"), "no equation"),
    "a definition": (("--that", "y = A*x"), "claims nothing"),
    "brackets": (("--that", "(("), "never closed"),
    "layout": (("--that", "x == x", "--layout", "sideways"), "unknown layout"),
    "symmetric": (("--that", "x == x", "--symmetric", "perhaps"), "unknown convention"),
    "declaration": (("--that", "x == x", "--var", "x; ; ,"), ""),
}


@pytest.mark.parametrize("name", BAD)
def test_requests_that_make_no_sense_are_status_2(name: str) -> None:
    args, said = BAD[name]
    done = run(*args)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("error: ") and said in done.stderr
    assert "Traceback" not in done.stderr and "internal error" not in done.stderr


def test_no_colours_in_a_pipe_nor_control_characters(tmp_path: Path) -> None:
    path = tmp_path / "odd.md"
    path.write_text(WRONG + "\n$\\text{\x1b[31m} x = x + y$\n", encoding="utf-8")
    assert "\x1b" not in run(str(path)).stdout
    assert "\x1b" not in run(str(path), NO_COLOR="1").stdout


def test_output_to_a_file(wrong: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    done = run(str(wrong), "--format", "html", "-o", str(page))
    assert done.returncode == 1 and done.stdout == ""
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert run(str(wrong), "-o", str(tmp_path / "no" / "where")).returncode == 2


def test_huge_documents_end_in_time() -> None:
    one = "$$\\nabla_x (x^\\top A_{{{}}} x) = 2 A_{{{}}} x + {} x$$\n\n"
    text = "".join(one.format(k, k, k) for k in range(3000))
    start = time.perf_counter()
    done = run("-", "--limit", "2", "--format", "json", stdin=text)
    assert time.perf_counter() - start < 30
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert found["summary"]["unknown"] > 2000
    assert "time for this document is over" in found["statements"][-1]["reason"]


def test_batch_checks_equations_and_documents() -> None:
    found = answer_line(json.dumps(
        {"id": 1, "command": "check", "that": "grad(x'*A*x, x) == (A-A')*x", "vars": ["A: n,n"]}
    ))  # fmt: skip
    assert found["id"] == 1 and found["summary"]["false"] == 1
    assert found["statements"][0].keys() >= KEYS
    found = answer_line(json.dumps({"id": 2, "command": "check", "text": WRONG}))
    assert found["statements"][-1]["verdict"] == "false"
    for request in ({"that": "x == x", "text": "x"}, {}, {"that": 7}, {"that": "(("},
                    {"that": "x == x", "layout": "up"}):  # fmt: skip
        answer = answer_line(json.dumps({"id": 3, "command": "check", **request}))
        assert answer["id"] == 3 and answer["error"]["kind"] in ("usage", "parse")


def test_the_pre_commit_hook_is_what_pre_commit_expects() -> None:
    text = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    entries = dict(
        line.removeprefix("- ").strip().split(": ", 1) for line in text.splitlines() if ": " in line
    )
    assert text.startswith("- id: chainrule-check\n")
    assert entries["entry"] == "chainrule check" and entries["language"] == "python"
    assert {"markdown", "tex"} <= set(entries["types_or"].strip("[]").split(", "))
    assert all(line.startswith(("- ", "  ")) for line in text.splitlines())


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("no_color", ["", "1"])
def test_a_terminal_gets_colours_and_progress(tmp_path: Path, no_color: str) -> None:
    import pty

    path = tmp_path / "long.md"
    path.write_text(WRONG + "\n".join(f"\n$x_{k} + x_{k} = 2 x_{k}$" for k in range(20)))
    leader, follower = pty.openpty()
    env = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
    done = subprocess.Popen(
        [sys.executable, "-m", "chainrule", "check", str(path)], stdout=follower, stderr=follower,
        env={**env, **({"NO_COLOR": no_color} if no_color else {})},
    )  # fmt: skip
    os.close(follower)
    seen = b""
    while True:
        try:
            piece = os.read(leader, 4096)
        except OSError:
            break
        if not piece:
            break
        seen += piece
    os.close(leader)
    assert done.wait(60) == 1
    text = seen.decode()
    assert "long.md ╌" in text and "━" in text
    assert ("\x1b[31m" in text) != bool(no_color)
