"""A sample of the published derivatives as documents; all of them: ``tests.check.printed``."""

from __future__ import annotations

from typing import Any

import pytest

from tests.check.printed import DETECTED, cases, document, verdict_on

EVERY = 6
#: Not taken by the reader: a variable called d0, and a derivative by what does not occur.
OPEN = frozenset({"wiki-001", "wiki-002", "cr-024", "std-107"})


def sample(what: str) -> list[Any]:
    """Every sixth case that can be printed."""
    chosen = list(cases(what))[::EVERY]
    return [pytest.param(raw, right, id=raw["id"]) for raw, right in chosen]


@pytest.mark.parametrize(("raw", "right"), sample("right"))
def test_right_answers_are_never_called_wrong(raw: dict[str, Any], right: str) -> None:
    found = verdict_on(raw, right)
    if found is None:
        pytest.skip("no gradient of a formula with plain variables")
    kind, text, last = found
    allowed = ("true", "true_in_layout", *(("unknown",) if raw["id"] in OPEN else ()))
    assert kind in allowed, (text, last)


@pytest.mark.parametrize(("raw", "wrong"), sample("wrong"))
def test_wrong_answers_are_noticed(raw: dict[str, Any], wrong: str) -> None:
    found = verdict_on(raw, wrong)
    if found is None:
        pytest.skip("no gradient of a formula with plain variables")
    kind, text, last = found
    assert kind in DETECTED, (text, last)


def test_documents_say_sizes_and_traits() -> None:
    text = next(t for c, right in cases("right") if "x'*A*x" in c["plain"]
                for t in [document(c, right)] if t is not None)  # fmt: skip
    assert r"Let $x \in \mathbb{R}^{n}$." in text
    assert r"x^{\top} A x" in text
    assert r"\frac{\partial f}{\partial" in text
