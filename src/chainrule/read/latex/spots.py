"""Where layers are written in a formula, and how names with a layer are spelled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chainrule.read.latex.layers import bounds_of, labelled, written_in
from chainrule.read.latex.mlist import Item
from chainrule.read.latex.scripts import shifted


@dataclass(frozen=True, slots=True)
class Spot:
    """A place where the number of a layer is written, with what it would be one further or back."""

    at: int
    end: int
    letter: str
    offset: int
    base: str = ""
    braced: bool = True

    def moved(self, step: int) -> str:
        """The label moved by a number of layers."""
        n = self.offset + step
        text = f"{self.letter}{n:+d}" if n else self.letter
        return text if self.braced or not n else f"{{{text}}}"


def spots(items: Sequence[Item], text: str, bases: frozenset[str]) -> Iterator[Spot]:
    """Where layers are written: in labels and in the bounds of products."""
    for _, label, kind, script in labelled(items, bases):
        yield _spot(written_in(script, kind), text, label.letter, label.offset, label.base)
    for bound in bounds_of(items):
        found = shifted(bound)
        if found is not None:
            yield _spot(bound, text, *found)


def _spot(inner: Sequence[Item], text: str, letter: str, offset: int, base: str = "") -> Spot:
    at, end = inner[0].at, inner[-1].end
    return Spot(at, end, letter, offset, base, text[at - 1 : at] not in ("_", "^"))


def forms(items: Sequence[Item], text: str, bases: frozenset[str]) -> Iterator[tuple[str, str]]:
    """How names with a label are spelled, ``%`` in place of the label."""
    for item, label, kind, script in labelled(items, bases):
        bare = text[item.at : item.end]
        if kind == "sub":
            yield label.base, f"{bare}_{{%}}"
        else:
            brackets = script[0].value
            yield label.base, f"{bare}^{{{brackets[:1]}%{brackets[1:]}}}"
