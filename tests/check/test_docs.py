"""The page on checking tells the truth: what it shows is what comes out."""

from __future__ import annotations

import pytest

from tests import pages

PAGE = pages.read("docs/checking.md")
BLOCKS = pages.consoles(PAGE)
PYTHON = pages.pythons(PAGE)


@pytest.mark.parametrize(("command", "shown"), BLOCKS)
def test_shown_output(command: str, shown: str) -> None:
    done = pages.ran(command)
    assert done.stdout.rstrip("\n") == shown.rstrip("\n")
    assert done.returncode in (0, 1) and done.stderr == ""


def test_python_lines_give_their_comments() -> None:
    assert len(BLOCKS) >= 5 and len(PYTHON) == 1
    pages.check_comments(PYTHON[0])
