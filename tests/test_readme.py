"""README and pages tell the truth: every command shown prints what is shown."""

from __future__ import annotations

import re

import pytest

from tests import pages

TEXT = "\n".join(pages.read(page) for page in ("README.md", "docs/latex.md"))
BLOCKS = pages.consoles(TEXT)
PYTHON = pages.pythons(TEXT)


def without_digits_of_error(text: str) -> str:
    """The size of the rounding error differs from machine to machine."""
    return re.sub(r"to \d+e-\d+", "to ~", text).strip()


@pytest.mark.parametrize(("command", "shown"), BLOCKS)
def test_shown_output(command: str, shown: str) -> None:
    done = pages.ran(command)
    assert without_digits_of_error(done.stdout) == without_digits_of_error(shown)
    assert done.returncode == 0


def test_there_are_blocks() -> None:
    assert len(BLOCKS) >= 5


@pytest.mark.parametrize("block", PYTHON)
def test_python_lines_print_their_comments(block: str) -> None:
    pages.check_comments(block)
