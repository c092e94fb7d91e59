"""Properties that hold for any text, and time that grows with its length only."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.documents import Document, find_facts, position, split
from tests.documents.test_split import CHINESE, ENGLISH, PERSIAN, RUSSIAN

PIECES = [
    "$", "$$", "$$$", r"\(", r"\)", r"\[", r"\]", r"\begin{align}", r"\end{align}",
    r"\begin{aligned}", r"\end{aligned}", "\n", "\n\n", "# T\n", "`", "```", "<!--", "-->", "%",
    r"\newcommand{\a}{\b}", r"\a", "{", "}", "\\", "x", "A x", "f = x'*A*x", " and ", "по", "题",
    "است", "\u200f", "\r\n", "|", "Problem 1", "**", "- ", "&", "_", "^", "1", ".", " ",
    "is symmetric", "matrix ", "\\text{ if }", "[", "](", "(", ")", "=", "\x00", "\x01",
]  # fmt: skip
TEXT = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
KIND = st.sampled_from(["markdown", "tex", "text"])
NAME = st.sampled_from(["x", "A x", r"\frac{a}{b}", r"x \in \mathbb{R}^n", "f(x) = 2"])
WRAP = st.sampled_from([("$", "$"), ("$$", "$$"), ("$$$\n", "\n$$$"), (r"\(", r"\)"),
                        (r"\[", r"\]"), (r"\begin{align}", r"\end{align}")])  # fmt: skip
PROSE = st.sampled_from(["слово ", "the layer is ", "برای ", "那么", "- ", "> ", "1. ", "\n"])


def sound(document: Document) -> None:
    last = 0
    for formula in document.formulas:
        assert formula.text and document.source[formula.offset : formula.end] == formula.text
        assert position(document.source, formula.offset) == (formula.line, formula.column)
        assert formula.offset >= last  # in order, and none inside another
        last = formula.end
    for trouble in document.troubles:
        assert trouble.message and 0 <= trouble.offset <= len(document.source)


@settings(max_examples=400, deadline=None)
@given(TEXT, KIND)
def test_any_text_is_taken_apart(source: str, kind: str) -> None:
    seen: list[int] = []
    document = split(source, kind=kind, progress=lambda done, _: seen.append(done))
    sound(document)
    for fact in find_facts(document):
        assert 0 <= fact.offset <= fact.end <= len(source)
    assert seen[-1] == len(source)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(PROSE, WRAP, NAME), max_size=12), st.sampled_from(["markdown", "tex"]))
def test_what_is_put_in_comes_out(rows: list[tuple[str, tuple[str, str], str]], kind: str) -> None:
    source = "\n\n".join(f"{before}{a}{name}{z}" for before, (a, z), name in rows)
    document = split(source, kind=kind)
    sound(document)
    assert [f.text for f in document.formulas] == [name for _, _, name in rows]
    assert not document.troubles


@settings(max_examples=60, deadline=None)
@given(st.permutations([PERSIAN, RUSSIAN, CHINESE, ENGLISH]))
def test_documents_one_after_another(sources: list[str]) -> None:
    joined = split("\n\n".join(sources), kind="markdown")
    sound(joined)
    each = [f.text for s in sources for f in split(s, kind="markdown").formulas]
    assert [f.text for f in joined.formulas] == each


@pytest.mark.parametrize("kind", ["markdown", "tex", "text"])
@pytest.mark.parametrize(
    "unit",
    ["$", "$ ", "$$ ", "$x", r"\(", r"\left(", r"\begin{align}", r"\begin{align}\begin{aligned}",
     "(a=", "a = ", "a=b*c, ", "{", r"\newcommand{\a}{", "`", "```\n", "<!--", "A is ", "# a\n"],
)  # fmt: skip
def test_time_grows_with_length(unit: str, kind: str) -> None:
    source = unit * (100_000 // len(unit))
    start = time.perf_counter()
    find_facts(split(source, kind=kind))
    assert time.perf_counter() - start < 5  # a quadratic walk takes minutes


def test_many_brackets_are_one_formula() -> None:
    inside = r"\left(" * 100_000
    [formula] = split(f"$${inside}$$", kind="markdown").formulas
    assert formula.text == inside


def test_deep_environments() -> None:
    depth = 20_000
    source = r"\begin{align}" * depth + "x" + r"\end{align}" * depth
    assert len(split(source, kind="tex").formulas) == 1
    half_open = split(r"\begin{align}" * depth + "x", kind="tex")
    assert half_open.troubles[0].line == 1 and len(half_open.troubles) <= 1001
