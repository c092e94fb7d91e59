"""Message catalogues: gettext's ``.po`` files, read when a language is first asked for."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

from chainrule.errors import UsageError

LANGUAGES = {"en": "English", "fa": "فارسی", "ru": "Русский", "zh": "中文"}
RIGHT_TO_LEFT = frozenset({"fa"})


def message(text: str, language: str) -> str:
    """The sentence in a language; English where a catalogue has no translation."""
    return _table(known(language)).get(text) or text


def known(language: str) -> str:
    """The language's code; ``ru_RU`` and ``zh-CN`` are accepted.

    Raises
    ------
    UsageError
        For a language without catalogue.
    """
    code = language.replace("-", "_").split("_")[0].lower()
    if code not in LANGUAGES:
        raise UsageError(f"unknown language {language!r}: use one of {', '.join(LANGUAGES)}")
    return code


@lru_cache(maxsize=8)
def _table(language: str) -> dict[str, str]:
    if language == "en":
        return {}
    folder = resources.files("chainrule.derivation").joinpath("locale")
    return parsed(folder.joinpath(f"{language}.po").read_text(encoding="utf-8"))


def parsed(text: str) -> dict[str, str]:
    """Messages of a ``.po`` file: ``msgid``, ``msgstr`` and continuation lines."""
    table: dict[str, str] = {}
    entry: dict[str, str] = {}
    field = ""
    for line in [*text.splitlines(), ""]:
        line = line.strip()
        if not line or line.startswith("#"):
            if entry.get("msgid") and entry.get("msgstr"):
                table[entry["msgid"]] = entry["msgstr"]
            if not line:
                entry, field = {}, ""
            continue
        if line.startswith(("msgid ", "msgstr ")):
            field, _, line = line.partition(" ")
        entry[field] = entry.get(field, "") + _unquoted(line)
    return table


def _unquoted(line: str) -> str:
    body = line.strip()[1:-1]
    return body.replace(r"\"", '"').replace(r"\n", "\n").replace(r"\\", "\\")
