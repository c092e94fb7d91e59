r"""Names labelled by layers, ``W_{n+1}`` or ``a^{[l-1]}``, and formulas with numbers for these.

A network of any depth is written with letters: ``y_{n+1} = φ(W_n y_n + b_n)``, ``∏_{j=i}^{m-1} …``.
With a number for each letter such a formula is an ordinary one, whose products are written out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from chainrule.read.latex.lines import Line
from chainrule.read.latex.mlist import Item
from chainrule.read.latex.scripts import letter_of, shifted
from chainrule.read.latex.state import is_symbol

MOST_FACTORS = 20
Bounds = tuple[list[Item], list[Item]]
"""What stands below and above the sign of a product."""


@dataclass(frozen=True, slots=True)
class Label:
    """``W_{n+1}`` is W with the letter n and the offset 1."""

    base: str
    letter: str
    offset: int = 0


class OutOfRangeError(ValueError):
    """There is no such layer."""


@dataclass(frozen=True)
class Numbers:
    """Numbers for letters in the labels of some names.

    Attributes
    ----------
    bases
        Names whose labels count layers.
    values
        A number for each letter.
    depth, top
        Letters that stand for the last layer, and its number.
    bounds
        Of earlier products by their index, for those that are written without.
    falling
        A product from a lower to a higher layer has its last factor first, as matrices ask for.
    """

    bases: frozenset[str]
    values: Mapping[str, int]
    depth: frozenset[str]
    top: int
    bounds: Mapping[str, Bounds]
    falling: bool = False

    def of(self, items: Sequence[Item]) -> int | None:
        """The number that ``m-1`` is; None if a letter has none."""
        if len(items) == 1 and items[0].kind == "number" and items[0].value.isdigit():
            return int(items[0].value)
        found = shifted(items)
        if found is None or found[0] not in self.values:
            return None
        return self.values[found[0]] + found[1]


def label_of(item: Item) -> Label | None:
    """The label of an item, below or in brackets above."""
    base = _base(item)
    place = _place(item)
    if base is None or place is None:
        return None
    found = shifted(written_in(item.scripts[place][1], item.scripts[place][0]))
    return Label(base, *found) if found is not None else None


def labels(items: Sequence[Item], bases: frozenset[str] | None = None) -> Iterator[Label]:
    """All labels, or those of some names; an index that a product runs over is none."""
    bound: set[str | None] = set()
    for k, item in enumerate(items):
        if is_symbol(item, "∏", "∑"):
            bound.add(_index(item) or _only_letter(_reach(items[k + 1 :]), bases, _ends(item)))
        found = label_of(item)
        inner = [found] if found is not None else []
        for part in _parts(item):
            inner += labels(part, bases)
        yield from (
            one for one in inner
            if one.letter not in bound and (bases is None or one.base in bases)
        )  # fmt: skip


def labelled(
    items: Sequence[Item], bases: frozenset[str]
) -> Iterator[tuple[Item, Label, str, list[Item]]]:
    """Names with a label at all depths, each with the kind of script and what is written there."""
    for item in items:
        label = label_of(item)
        place = _place(item)
        if label is not None and place is not None and label.base in bases:
            kind, script = item.scripts[place]
            yield item, label, kind, script
        for part in _parts(item):
            yield from labelled(part, bases)


def bounds_of(items: Sequence[Item]) -> Iterator[list[Item]]:
    """What stands below and above the signs of products, at all depths."""
    for item in items:
        if is_symbol(item, "∏", "∑"):
            yield from _bounds(item) or ()
        for part in _parts(item):
            yield from bounds_of(part)


def products(items: Sequence[Item], bases: frozenset[str]) -> Iterator[tuple[str, Bounds]]:
    """The bounds of products over layers, by their index."""
    for k, item in enumerate(items):
        if is_symbol(item, "∏", "∑"):
            bounds = _bounds(item)
            letter = _index(item) or _only_letter(_reach(items[k + 1 :]), bases, _ends(item))
            if bounds is not None and letter is not None:
                yield letter, bounds
        for part in _parts(item):
            yield from products(part, bases)


def numbered(line: Line, numbers: Numbers) -> Line:
    """A statement with numbers in place of letters.

    Raises
    ------
    OutOfRangeError
        A label is negative or above the last layer, or a product cannot be written out.
    """
    return replace(line, sides=[_items(side, numbers) for side in line.sides])


def _items(items: Sequence[Item], numbers: Numbers) -> list[Item]:
    out: list[Item] = []
    k = 0
    while k < len(items):
        item = items[k]
        if is_symbol(item, "∏", "∑"):
            body = _reach(items[k + 1 :])
            found = _written_out(item, body, numbers)
            if found is not None:
                out += found
                k += 1 + len(body)
                continue
        one = _item(item, numbers)
        k += 1
        if item.kind == "fence" and item.body and not one.body:
            continue  # a product of no layers
        out.append(one)
    if items and not out:
        return [Item("letter", "I", items[0].at, items[-1].stop)]
    return out


def _item(item: Item, numbers: Numbers) -> Item:
    scripts = [
        (kind, _items(value, numbers) if kind == "sup" else value) for kind, value in item.scripts
    ]
    label = label_of(item)
    if label is not None and label.base in numbers.bases and label.letter in numbers.values:
        place = _place(item)
        assert place is not None
        kind, written = item.scripts[place]
        inner = written_in(written, kind)
        n = numbers.values[label.letter] + label.offset
        if not 0 <= n <= numbers.top:
            raise OutOfRangeError
        digit = Item("number", str(n), inner[0].at, inner[-1].end)
        if kind == "sup":
            scripts[place] = (kind, [_with_body(written[0], [digit]), *written[1:]])
        else:
            scripts[place] = (kind, [digit])
    return Item(
        item.kind, item.value, item.at, item.end, _items(item.body, numbers),
        # the head of a word is kept there
        item.more if item.kind == "word" else _items(item.more, numbers),
        [[_items(cell, numbers) for cell in row] for row in item.rows], scripts,
    )  # fmt: skip


def _written_out(sign: Item, body: Sequence[Item], numbers: Numbers) -> list[Item] | None:
    """Factor by factor; None for a product over something else than layers."""
    fixed = frozenset(numbers.values)
    letter = _index(sign) or _only_letter(body, numbers.bases, fixed)
    if letter is None or not any(one.letter == letter for one in labels(body, numbers.bases)):
        return None
    bounds = _bounds(sign) or numbers.bounds.get(letter)
    ends = [numbers.of(b) for b in bounds] if bounds is not None else [None]
    if bounds is None or None in ends:
        raise OutOfRangeError
    low, high = (int(n) for n in ends if n is not None)
    if _falls(bounds, numbers):
        range_ = range(low, high - 1, -1)
    elif low > high + 1:  # a product with these bounds never meets such layers
        raise OutOfRangeError
    else:
        range_ = range(low, high + 1)
        if numbers.falling and sign.value == "∏":
            range_ = range_[::-1]
    if len(range_) > MOST_FACTORS:
        raise OutOfRangeError
    at, end = sign.at, max(i.stop for i in body)
    factors = [
        Item("fence", "()", at, end,
             _items(body, replace(numbers, values={**numbers.values, letter: n})))
        for n in range_
    ]  # fmt: skip
    if sign.value == "∏":
        return factors
    if not factors:
        return [Item("number", "0", at, end)]
    plus = Item("symbol", "+", at, at)
    terms = [i for f in factors for i in (plus, f)][1:]
    return [Item("fence", "()", at, end, terms)]


def _falls(bounds: Bounds, numbers: Numbers) -> bool:
    """Does the product run from the last layer down, or down to a number?"""
    low, high = (shifted(b) for b in bounds)
    last = [found is not None and found[0] in numbers.depth for found in (low, high)]
    if last[0] != last[1]:
        return last[0]
    if low is not None and high is not None:  # k+1 … t rises, t … k+1 falls
        return low[1] < high[1]
    return low is not None and high is None


def _bounds(sign: Item) -> Bounds | None:
    below = next((v for k, v in sign.scripts if k == "sub"), None)
    above = next((v for k, v in sign.scripts if k == "sup"), None)
    if not below or not above:
        return None
    equals = next((n for n, i in enumerate(below) if is_symbol(i, "=")), None)
    return (below if equals is None else below[equals + 1 :]), above


def _index(sign: Item) -> str | None:
    """The letter that the sign itself names."""
    below: list[Item] = next((v for k, v in sign.scripts if k == "sub"), [])
    if len(below) > 1 and is_symbol(below[1], "="):
        return letter_of(below[0])
    return letter_of(below[0]) if len(below) == 1 and len(sign.scripts) == 1 else None


def _ends(sign: Item) -> frozenset[str]:
    """The letters between which a product runs."""
    return frozenset(found[0] for b in _bounds(sign) or () if (found := shifted(b)) is not None)


def _only_letter(
    body: Sequence[Item], bases: frozenset[str] | None, fixed: frozenset[str]
) -> str | None:
    """The letter of the labels in a product whose sign names none."""
    found = {one.letter for one in labels(body, bases)} - fixed
    return found.pop() if len(found) == 1 else None


def _reach(items: Sequence[Item]) -> Sequence[Item]:
    """The product behind a sign: up to the next sum, or all."""
    for n, item in enumerate(items):
        if n and is_symbol(item, "+", "-", "=", ",", "⇒"):
            return items[:n]
    return items


def _parts(item: Item) -> Iterator[Sequence[Item]]:
    yield item.body
    if item.kind != "word":
        yield item.more
    for row in item.rows:
        yield from row
    for kind, value in item.scripts:
        if kind == "sup":
            yield value


def _base(item: Item) -> str | None:
    bare = Item(item.kind, item.value, item.at, item.end, item.body)
    if item.kind == "accent" and len(item.body) == 1:
        inner = letter_of(item.body[0])
        return f"{inner}_{item.value}" if inner else None
    return letter_of(bare)


def _place(item: Item) -> int | None:
    """The script that could hold a label."""
    for n, (kind, value) in enumerate(item.scripts):
        if kind == "sub" or (kind == "sup" and value and value[0].kind == "fence"):
            return n
    return None


def written_in(script: list[Item], kind: str) -> list[Item]:
    return script[0].body if kind == "sup" else script


def _with_body(item: Item, body: list[Item]) -> Item:
    return Item(item.kind, item.value, item.at, item.end, body, item.more, item.rows, item.scripts)
