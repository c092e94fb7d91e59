"""The five founding documents: which statements are which entries of ``seeds.json``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "cases"
NUMBERS = ("000", "001", "002", "003", "004")
LEAST = 4
"""Shorter pieces of LaTeX than this stand in too many places to tell anything."""

_LAYOUT = re.compile(
    r"\\(left|right|[bB]igg?|middle|quad|qquad|[,;!:]|text|operatorname|mathrm)"
    r"|\\(begin|end)\{aligned\}"
)
_REMARK = re.compile(r"\\quad\(\\text\{[^}]*\}\)\Z")
_BLANK = re.compile(r"[\s&{}\\.,;]")


@cache
def document(number: str) -> str:
    """The text of a founding document."""
    return (FOLDER / "seeds" / f"{number}.txt").read_text(encoding="utf-8")


@cache
def entries(number: str) -> tuple[dict[str, Any], ...]:
    """What is known of its statements, in reading order."""
    found = json.loads((FOLDER / "seeds.json").read_text(encoding="utf-8"))
    return tuple(c for c in found if c["seed_file"].startswith(number))


def bare(latex: str) -> str:
    """LaTeX without spaces, braces, remarks at its end and what only concerns its looks."""
    latex = _REMARK.sub("", latex)
    return _BLANK.sub("", _LAYOUT.sub("", latex))


def covers(entry: str, statement: str) -> bool:
    """Is a statement a part of an entry, or the other way round? Both are bare."""
    return len(statement) > LEAST and (statement in entry or entry in statement)


def best(entry: str, statements: Iterable[str]) -> list[int]:
    """Numbers of the statements that an entry is about: the whole of it, else parts of it.

    Of a chain ``a = b = c`` an entry may hold the ends, ``a = c``.
    """
    listed = list(statements)
    found = [(k, s) for k, s in enumerate(listed) if covers(entry, s)]
    whole = [k for k, s in found if entry in s]
    sides = entry.split("=")
    if not found and len(sides) > 1 and min(map(len, sides)) > LEAST:
        whole = [k for k, s in enumerate(listed)
                 if s.startswith(sides[0] + "=") and set(sides) <= set(s.split("="))]  # fmt: skip
    return whole or [k for k, _ in found]
