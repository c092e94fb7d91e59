"""Every formula of the published cases reads, with its declarations and mostly without."""

import json
from pathlib import Path
from typing import Any

import pytest

from chainrule.errors import ChainruleError
from chainrule.expr import Expr
from chainrule.read import read

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "cases" / "derivatives.json").read_text(encoding="utf-8")
)
ILL_FORMED = {"mn-024"}  # printed with sizes that do not fit


def declarations(case: dict[str, Any]) -> list[str]:
    out = []
    for name, v in case["variables"].items():
        sizes = ",".join(map(str, v["shape"])) or "scalar"
        out.append(f"{name}: {sizes} {' '.join(v['attrs'])}")
    named = {d for v in case["variables"].values() for d in map(str, v["shape"])}
    bare = {n for dims in case["test_dims"] for n in dims} - named
    return out + [f"{n}: size" for n in bare if n not in case["variables"]]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["id"])
def test_reads_with_declarations(case: dict[str, Any]) -> None:
    for key in ("plain", "expected_plain"):
        if key not in case or (key == "expected_plain" and case["id"] in ILL_FORMED):
            continue
        reading = read(case[key], declarations(case))
        assert isinstance(reading.expr, Expr)
        for name, e in reading.variables.items():
            assert name in case["variables"]
            assert len([d for d in case["variables"][name]["shape"] if str(d) != "1"]) == sum(
                d.value != 1 for d in e.shape
            )


def test_kinds_are_guessed_as_published() -> None:
    """Without declarations, nearly every name gets the kind it has in print."""
    right = 0
    for case in CASES:
        try:
            reading = read(case["plain"])
        except ChainruleError as error:  # pragma: no cover - says which
            pytest.fail(f"{case['id']}: {error}")
        right += all(
            sum(str(d) != "1" for d in case["variables"][n]["shape"])
            == sum(d.value != 1 for d in e.shape)
            for n, e in reading.variables.items()
            if n in case["variables"]
        )
    assert right >= 0.96 * len(CASES)
