"""README and pages tell the truth: every command shown prints what is shown."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = ("README.md", "docs/latex.md")
TEXT = "\n".join((ROOT / page).read_text(encoding="utf-8") for page in PAGES)
BLOCKS = re.findall(r"```console\n\$ (.*?)\n(.*?)```", TEXT, flags=re.DOTALL)
PYTHON = re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL)


def without_digits_of_error(text: str) -> str:
    """The size of the rounding error differs from machine to machine."""
    return re.sub(r"to \d+e-\d+", "to ~", text).strip()


@pytest.mark.parametrize(("command", "shown"), BLOCKS)
def test_shown_output(command: str, shown: str) -> None:
    runnable = command.replace("chainrule ", f'"{sys.executable}" -m chainrule ')
    done = subprocess.run(
        ["bash", "-c", runnable], capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert without_digits_of_error(done.stdout) == without_digits_of_error(shown)


def test_there_are_blocks() -> None:
    assert len(BLOCKS) >= 5


@pytest.mark.parametrize("block", PYTHON)
def test_python_lines_print_their_comments(block: str) -> None:
    scope: dict[str, object] = {}
    for line in block.splitlines():
        code, _, comment = line.partition("#")
        if not comment:
            exec(compile(line, "README", "exec"), scope)
            continue
        value = eval(compile(code.strip(), "README", "eval"), scope)
        assert repr(value) == comment.strip()
