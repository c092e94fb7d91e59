"""The derivations of the founding documents: golden files and the page in the docs."""

import pytest

from tests.derivation.seeds import GOLDEN, LANGUAGES, PAGE, ROOT, SEEDS, Seed, page


@pytest.mark.parametrize("seed", SEEDS, ids=lambda s: s.name)
def test_golden(seed: Seed) -> None:
    path = GOLDEN / f"{seed.name}.txt"
    assert path.read_text(encoding="utf-8") == seed.golden(), (
        "python -m tests.derivation.seeds --update writes the golden files again"
    )


def test_no_golden_file_is_left_over() -> None:
    assert {p.stem for p in GOLDEN.glob("*.txt")} == {s.name for s in SEEDS}


def test_page() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), PAGE.relative_to(ROOT)


def test_every_document_is_met() -> None:
    assert {s.name[:3] for s in SEEDS} == set(LANGUAGES)
