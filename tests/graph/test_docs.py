"""The page on graphs tells the truth: what it shows is what comes out."""

from __future__ import annotations

import pytest

from chainrule.graph import graph, run
from chainrule.read import read
from tests import pages
from tests.graph.test_seed_network import NETWORK, POINT

PAGE = pages.read("docs/graph.md")
BLOCKS = pages.consoles(PAGE)
PYTHON = pages.pythons(PAGE)


@pytest.mark.parametrize(("command", "shown"), BLOCKS)
def test_shown_output(command: str, shown: str) -> None:
    done = pages.ran(command)
    assert done.stdout == shown
    assert done.returncode == 0


def test_python_lines_print_their_comments() -> None:
    assert len(BLOCKS) >= 5 and len(PYTHON) == 1
    pages.check_comments(PYTHON[0])


def test_the_picture_is_of_today() -> None:
    found = run(graph(read(NETWORK, ["y: k one_hot"])), POINT, digits=2)
    path = pages.ROOT / "docs/images/network.svg"
    assert path.read_text(encoding="utf-8") == found.svg(), f"write found.svg() to {path}"
