"""The page on checking tells the truth: what it shows is what comes out."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "checking.md").read_text(encoding="utf-8")
BLOCKS = [m[1:] for m in re.findall(r"^(`{3,})console\n\$ (.*?)\n(.*?)^\1$", PAGE, re.S | re.M)]
PYTHON = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.mark.parametrize(("command", "shown"), BLOCKS)
def test_shown_output(command: str, shown: str) -> None:
    runnable = command.replace("chainrule ", f'"{sys.executable}" -m chainrule ', 1)
    done = subprocess.run(
        ["bash", "-c", runnable], capture_output=True, text=True, encoding="utf-8", cwd=ROOT,
        timeout=60,
    )  # fmt: skip
    assert done.stdout.rstrip("\n") == shown.rstrip("\n")
    assert done.returncode in (0, 1) and done.stderr == ""


def test_python_lines_give_their_comments() -> None:
    assert len(BLOCKS) >= 5 and len(PYTHON) == 1
    scope: dict[str, object] = {}
    for line in PYTHON[0].splitlines():
        code, _, comment = line.partition("  # ")
        if comment:
            value = eval(compile(code.strip(), "page", "eval"), scope)
            assert repr(value) == comment.strip(), line
        else:
            exec(compile(line, "page", "exec"), scope)
