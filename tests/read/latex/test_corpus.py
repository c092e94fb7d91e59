"""Every LaTeX spelling of the corpus reads to the value of its plain twin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chainrule.calculus import equal
from chainrule.errors import ChainruleError
from chainrule.read import read, read_latex
from chainrule.write import plain

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "cases" / "derivatives.json").read_text(encoding="utf-8")
)
KINDS = ("latex", "latex_alt", "latex_expected", "latex_hand")


def declarations(case: dict[str, Any]) -> list[str]:
    """The variables of a case as text."""
    found = []
    for name, v in case["variables"].items():
        shape = ",".join(map(str, v["shape"])) or "scalar"
        found.append(f"{name}: {shape} {' '.join(v['attrs'])}")
    return found


def spellings(kind: str) -> list[tuple[str, str, list[str], str]]:
    """LaTeX with its plain twin, declarations and the variable it is derived by."""
    out = []
    for case in CASES:
        texts = case.get(kind) or []
        twin = case.get("expected_plain") if kind == "latex_expected" else case["plain"]
        for text in [texts] if isinstance(texts, str) else texts:
            if twin:
                out.append((text, twin, declarations(case), str(case.get("wrt") or "")))
    return out


@pytest.mark.parametrize("kind", KINDS)
def test_reads_as_its_plain_twin(kind: str) -> None:
    wrong, compared = [], 0
    for text, twin, declared, wrt in spellings(kind):
        try:
            want = read(twin, declared).expr
        except ChainruleError:
            continue  # a published slip whose sizes do not fit
        compared += 1
        try:
            found = read_latex(text, declared, hints=[wrt] if wrt else []).expr
        except ChainruleError as error:
            wrong.append(f"{text}: refused: {error.message}")
            continue
        if found is want:
            continue
        if found.shape != want.shape or equal(found, want).verdict != "equal":
            wrong.append(f"{text} reads as {plain(found)}, not {plain(want)}")
    assert not wrong, "\n".join(wrong)
    assert compared >= {"latex_hand": 115}.get(kind, 420)
