"""Sentences in four languages, mathematics left to right inside right-to-left prose."""

import re

import pytest

from chainrule.derivation import derivation, render
from chainrule.derivation.catalogue import LANGUAGES, message, parsed
from chainrule.derivation.rules import RULES
from chainrule.derivation.sentences import CANONICAL, GIVEN, MERGES, NUMERICAL, TITLES
from chainrule.errors import UsageError
from chainrule.read import read

SENTENCES = [r.sentence for r in RULES.values()]
SENTENCES += [*TITLES.values(), CANONICAL, GIVEN, MERGES, NUMERICAL]
OTHERS = [code for code in LANGUAGES if code != "en"]


def _derivation():  # type: ignore[no-untyped-def]
    return derivation(read("tr(X'*A*X)"), "X", "differential")


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_translated(language: str) -> None:
    for text in SENTENCES:
        found = message(text, language)
        assert found != text, f"{language}: no translation of {text!r}"
        assert sorted(re.findall(r"\{\w+\}", found)) == sorted(re.findall(r"\{\w+\}", text))


@pytest.mark.parametrize("language", OTHERS)
def test_catalogue_has_nothing_else(language: str) -> None:
    from importlib import resources

    path = resources.files("chainrule.derivation").joinpath("locale", f"{language}.po")
    assert set(parsed(path.read_text(encoding="utf-8"))) == set(SENTENCES)


def test_steps_are_the_same_in_every_language() -> None:
    def mathematics(text: str) -> list[str]:
        return [line for line in text.splitlines() if line.startswith("       ")]

    d = _derivation()
    for language in OTHERS:
        assert mathematics(render(d, language=language)) == mathematics(render(d))


def test_mathematics_is_isolated_in_persian() -> None:
    text = render(_derivation(), language="fa")
    assert "\u2066tr(Xᵀ A X)\u2069" in text
    assert text.count("\u2066") == text.count("\u2069") > 4
    html = render(_derivation(), "html", "fa")
    assert 'dir="rtl"' in html and html.count('dir="ltr"') > 8
    assert "\u2066" not in render(_derivation(), language="ru")


def test_regions_and_unknown_languages() -> None:
    assert render(_derivation(), language="zh-CN") == render(_derivation(), language="zh")
    with pytest.raises(UsageError, match="en, fa, ru, zh"):
        render(_derivation(), language="de")


def test_po_syntax() -> None:
    text = '# c\nmsgid ""\nmsgstr "head"\n\nmsgid "a "\n"b"\nmsgstr "x \\"y\\""\n'
    text += '\nmsgid "c"\nmsgstr ""\n'
    assert parsed(text) == {"a b": 'x "y"'}
