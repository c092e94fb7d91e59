"""Layers in bare superscripts, ``a^l = σ(w^l a^{l-1} + b^l)``: labels, not powers.

Texts on networks put the letter of a layer where a power would stand. Nobody raises to the power l
or L unless a sum runs over it, so these superscripts become labels in brackets, ``a^{(l)}``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from chainrule.read.latex.mlist import Item
from chainrule.read.latex.scripts import letter_of, shifted
from chainrule.read.latex.state import is_symbol

LAYERS = frozenset({"l", "L", "ell"})


def with_labels(items: Sequence[Item]) -> None:
    """Put brackets around the letters of layers that stand above names."""
    everything = list(_all(items))
    summed = {_index(i) for i in everything if is_symbol(i, "∑")}
    for item in everything:
        if letter_of(Item(item.kind, item.value, item.at, item.end, item.body)) is None:
            if item.kind != "accent":
                continue
        for n, (kind, value) in enumerate(item.scripts):
            if kind != "sup" or not isinstance(value, list):
                continue
            found = shifted(value)
            if found is not None and found[0] in LAYERS - summed:
                fence = Item("fence", "()", value[0].at, value[-1].stop, list(value))
                item.scripts[n] = (kind, [fence])
                item.scripts.sort(key=lambda script: script[1] != [fence])  # a_j^l is a^l_j


def _index(sign: Item) -> str | None:
    below: list[Item] = next((v for k, v in sign.scripts if k == "sub"), [])
    return letter_of(below[0]) if below else None


def _all(items: Iterable[Item]) -> Iterator[Item]:
    for item in items:
        yield item
        yield from _all(item.body)
        if item.kind != "word":
            yield from _all(item.more)
        for row in item.rows:
            for cell in row:
                yield from _all(cell)
        for kind, value in item.scripts:
            if kind in ("sub", "sup"):
                yield from _all(value)
