"""What a page shows, and whether it is what comes out."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def read(page: str) -> str:
    """The text of a page, by its path from the root."""
    return (ROOT / page).read_text(encoding="utf-8")


def consoles(text: str) -> list[tuple[str, str]]:
    """Commands with the output shown; a fence may have more than three ticks."""
    blocks = re.findall(r"^(`{3,})console\n\$ (.*?)\n(.*?)^\1$", text, re.DOTALL | re.MULTILINE)
    return [(command, shown) for _, command, shown in blocks]


def pythons(text: str) -> list[str]:
    """Blocks of Python."""
    return re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)


def ran(command: str) -> subprocess.CompletedProcess[str]:
    """A command, run by this Python at the root."""
    runnable = command.replace("chainrule ", f'"{sys.executable}" -m chainrule ')
    return subprocess.run(
        ["bash", "-c", runnable], capture_output=True, text=True, encoding="utf-8", cwd=ROOT,
        timeout=60,
    )  # fmt: skip


def check_comments(block: str) -> None:
    """Run the lines; those with a comment have its value."""
    scope: dict[str, object] = {}
    for line in block.splitlines():
        code, _, comment = line.partition("  # ")
        if comment:
            value = eval(compile(code.strip(), "page", "eval"), scope)
            assert repr(value) == comment.strip(), line
        else:
            exec(compile(line, "page", "exec"), scope)
