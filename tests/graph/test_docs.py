"""The page on graphs tells the truth: what it shows is what comes out."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from chainrule.graph import graph, run
from chainrule.read import read
from tests.graph.test_seed_network import NETWORK, POINT

DOCS = Path(__file__).parent.parent.parent / "docs"
PAGE = (DOCS / "graph.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```console\n\$ (.*?)\n(.*?)```", PAGE, flags=re.DOTALL)
PYTHON = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.mark.parametrize(("command", "shown"), BLOCKS)
def test_shown_output(command: str, shown: str) -> None:
    runnable = command.replace("chainrule ", f'"{sys.executable}" -m chainrule ')
    done = subprocess.run(
        ["bash", "-c", runnable], capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert done.stdout == shown


def test_python_lines_print_their_comments() -> None:
    assert len(BLOCKS) >= 5 and len(PYTHON) == 1
    scope: dict[str, object] = {}
    for line in PYTHON[0].splitlines():
        code, _, comment = line.partition("  # ")
        if comment:
            value = eval(compile(code.strip(), "page", "eval"), scope)
            assert repr(value) == comment.strip()
        else:
            exec(compile(line, "page", "exec"), scope)


def test_the_picture_is_of_today() -> None:
    found = run(graph(read(NETWORK, ["y: k one_hot"])), POINT, digits=2)
    path = DOCS / "images" / "network.svg"
    assert path.read_text(encoding="utf-8") == found.svg(), f"write found.svg() to {path}"
