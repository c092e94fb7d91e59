"""Problems that go on from the one before."""

from __future__ import annotations

import pytest

from chainrule.documents import continued, split

REFER = (
    "Recall (see the previous problem) that $Q$ is as before.",
    "Continuing with the last exercise, find the gradient.",
    "We use the result from the preceding question.",
    "Теперь вспомним (см. предыдущую задачу), что такое $Q$.",
    "Воспользуемся результатом предыдущего пункта.",
    "由上一题可知 $Q$。",
    "从前面的例子可见",
    "از سوال قبل می‌دانیم که $Q$ چیست.",
    "نتیجه‌ی مسئله‌ی قبلی را به کار می‌بریم.",
)
ALONE = (
    "The previous model was linear.",
    "Unlike in the previous problem, nothing is symmetric.",
    "В отличие от предыдущей задачи, $A$ несимметрична.",
    "Find the gradient of $f$.",
)


def scopes(prose: str) -> list[bool]:
    document = split(f"# Problem 1\n\n$f = x$\n\n# Problem 2\n\n{prose}\n\n$g = f$\n")
    found = continued(document.source, document.headings)
    return [f.scope_id in found for f in document.formulas if f.text in ("f = x", "g = f")]


@pytest.mark.parametrize("prose", REFER)
def test_a_reference_goes_on(prose: str) -> None:
    assert scopes(prose) == [False, True]


@pytest.mark.parametrize("prose", ALONE)
def test_other_prose_does_not(prose: str) -> None:
    assert scopes(prose) == [False, False]


def test_a_text_without_headings() -> None:
    document = split("See the previous problem: $f = x$")
    assert continued(document.source, document.headings) == frozenset()
