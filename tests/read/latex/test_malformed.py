"""Malformed and hostile input: an error with its place, or a reading, and never a hang."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.errors import ChainruleError
from chainrule.read import read_latex
from chainrule.read.session import Session

SECONDS = 2.0
HOSTILE = {
    "empty": "", "blank": "   ", "dollar": "$", "dollars": "$$$$", "stray dollar": "x^2 $ y",
    "backslash": "x\\", "unclosed": r"\frac{x}{y", "unopened": "x}", "empty fraction": r"\frac{}{}",
    "half a fraction": r"\frac{x}", "hat": "^", "underscore": "_", "no exponent": "x^",
    "two exponents": "x^^2", "unknown command": r"\foo{x} + y", "nul": "x\0y",
    "emoji": "x+\U0001f600",
    "surrogate": "x\ud800", "combining": "x\u0301", "right to left": "مرحبا",
    "recursive macro": r"\newcommand{\a}{\a\a}\a", "recursive def": r"\def\a{\a\a}\a",
    "left": r"\left(" * 100_000, "some left": r"\left(" * 5_000, "braces": "{" * 100_000,
    "closed braces": "{" * 10_000 + "x" + "}" * 10_000,
    "brackets": "(" * 20_000 + "x" + ")" * 20_000,
    "bars": "|" * 3001, "norms": r"\|" * 999, "open environment": r"\begin{bmatrix} 1 & 2",
    "closed environment": r"\end{bmatrix}", "mixed environment": r"\begin{bmatrix}1\end{pmatrix}",
    "ragged": r"\begin{bmatrix}1&2\\3\end{bmatrix}", "wide": r"\begin{bmatrix}" + "1&" * 4000
    + r"1\end{bmatrix}", "environments": r"\begin{aligned}" * 200 + r"\end{aligned}" * 200,
    "exponent": "x^{999999999999999}", "tower": "x^{9^{9^{9^9}}}", "digits": "1" * 50_000,
    "deep fraction": r"\frac{1}{" * 40 + "x" + "}" * 40, "deeper fraction": r"\frac1" * 3000 + "x",
    "deep root": r"\sqrt{" * 59 + "x" + "}" * 59, "sums": r"\sum_{i=1}^n " * 500 + "x_i",
    "logs": r"\log " * 5000 + "x", "derivatives": r"\frac{\partial}{\partial x} " * 500 + "x",
    "nablas": r"\nabla_x " * 1000 + "x", "hats": r"\hat " * 1000 + "x",
    "primes": "x" + "'" * 10_000,
    "scripts": "x" + "^T" * 10_000, "long sum": "x+" * 30_000 + "x", "long product": "x" * 50_000,
    "many factors": "x " * 9_000, "long quotient": "x/" * 20_000 + "x", "minus": "-" * 9_000 + "x",
    "equations": "x=" * 5_000 + "x", "rows": r"\\" * 5_000, "cells": "&" * 5_000,
    "commas": "," * 9_000, "size": r"x\in\mathbb{R}^{10^{100}}, \quad x", "no set": r"x\in",
    "function": r"f:\to", "cases": r"\begin{cases} 1 \end{cases}", "index": "e_{99999999999999999}",
    "no size": "I_0", "choices": " ".join(f"f_{n}(x)" for n in range(150)),
    "bars to settle": "|X|" * 100, "extents to settle": "+".join([r"\log a b c"] * 150),
}  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_error_with_a_place_or_a_reading(text: str) -> None:
    start = time.perf_counter()
    try:
        read_latex(text)
    except ChainruleError as error:
        assert error.at is not None, error.message
        assert error.message
    for stated in Session().read(text):
        assert stated.error is None or stated.error.message
    assert time.perf_counter() - start < 2 * SECONDS


@pytest.mark.parametrize(("text", "at", "said"), [
    (r"\frac{x}{y", 8, "never closed"), ("x}", 1, "closes nothing"),
    ("x^2 $ y", 4, "not expected"), (r"x + \foo", 4, "foo"), ("(x + y", 0, "never closed"),
    (r"x + \left( y", 4, "never closed"), ("x +", 2, "missing"), ("x\0y", 1, "not expected"),
    (r"\begin{bmatrix}1\end{pmatrix}", 16, "closes"), (r"a + \rank(A)", 4, "rank"),
])  # fmt: skip
def test_place(text: str, at: int, said: str) -> None:
    with pytest.raises(ChainruleError) as caught:
        read_latex(text)
    assert caught.value.at == at, caught.value.message
    assert said in caught.value.message


TOKENS = [
    *"xyAXWbfdeIiTn12+-=*/^_'(){}[]|,.:&$", " ", r"\frac", r"\frac{x}{y}", r"\sum_{i=1}^n", r"\\",
    r"\left(", r"\right)", r"\left[", r"\right|", r"\top", r"\partial", r"\nabla", r"\log", r"\det",
    r"\operatorname{tr}", r"\begin{bmatrix}", r"\end{bmatrix}", r"\begin{cases}", r"\end{cases}",
    r"\hat", r"\mathbf", r"\mathbb{R}", r"\in", r"\sigma", r"\delta_{ij}", r"\text{if}", r"\quad",
    r"\odot", r"\otimes", r"\cdot", r"\|", r"\sqrt", r"\mathrm{d}", r"\Rightarrow", r"\dots",
    "_{ij}", "^{-1}", "^T", "^{(1)}", "{}", "_{:,j}", "²", "ᵀ", "α", "≤", r"\to", r"\prod_k",
]  # fmt: skip


@given(st.lists(st.sampled_from(TOKENS), max_size=24), st.sampled_from(["", " "]))
@settings(max_examples=400, deadline=None)
def test_token_soup(tokens: list[str], between: str) -> None:
    text = between.join(tokens)
    start = time.perf_counter()
    try:
        read_latex(text, ["A: n,n; x: n"])
    except ChainruleError as error:
        assert error.message
    Session().read(text)
    assert time.perf_counter() - start < SECONDS


@given(st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_any_text(text: str) -> None:
    try:
        read_latex(text)
    except ChainruleError as error:
        assert error.message
