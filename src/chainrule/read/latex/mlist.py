"""The list of items with scripts that a formula in LaTeX is, the way TeX reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from chainrule.read.latex.symbols import DELIMITERS, SYMBOLS

if TYPE_CHECKING:
    from lark import Lark

Script = tuple[str, Any]
"""``(sub, items)``, ``(sup, items)``, ``(primes, count)`` or ``(index, parts)``."""
MAX_SCRIPTS = 20


@dataclass(slots=True, eq=False)
class Item:
    """A nucleus with its scripts.

    ``kind`` is ``letter number word symbol command group fence fraction root accent font under
    environment``, and ``stray`` for a closing bracket that nothing opened;
    ``value`` its spelling; ``body`` holds what it encloses, ``rows`` the cells of an environment;
    ``scripts`` the pairs (``sub``, items), (``sup``, items), (``primes``, count) in order.
    """

    kind: str
    value: str
    at: int
    end: int
    body: list[Item] = field(default_factory=list)
    more: list[Item] = field(default_factory=list)
    rows: list[list[list[Item]]] = field(default_factory=list)
    scripts: list[Script] = field(default_factory=list)

    @property
    def stop(self) -> int:
        """Offset behind the item and its scripts."""
        last = self.end
        for kind, value in self.scripts:
            if kind != "primes":
                last = max([last, *(i.stop for i in value)])
        return last


class _Build:
    """Callbacks of the grammar's rules, in lark's naming."""

    def start(self, children: list[Any]) -> Any:
        return children[0]

    def rows(self, children: list[Any]) -> list[list[list[Item]]]:
        out: list[list[list[Item]]] = [[]]
        for child in children:
            if isinstance(child, list):
                out[-1].append(child)
            elif child.type == "NEWROW":
                out.append([])
        return out

    def nuclei(self, children: list[Any]) -> list[Item]:
        out: list[Item] = []
        for child in children:
            found = child if isinstance(child, list) else [child]
            if out and len(found) == 1 and _is_hanger(found[0]):
                out[-1].scripts += found[0].scripts  # {}^T hangs on what stands before it
            else:
                out.extend(found)
        return out

    def element(self, children: list[Any]) -> Any:
        nucleus = children[0]
        target = nucleus[-1] if isinstance(nucleus, list) else nucleus
        for n, script in enumerate(children[1:], 1):
            if script[0] == "sub" and any(s[0] == "sub" for s in children[1:n]):
                raise Malformed("a second subscript: which of the two is meant?", target.at)
            if n > MAX_SCRIPTS:
                raise Malformed(f"more than {MAX_SCRIPTS} scripts on one symbol", target.at)
            target.scripts.append(script)
        return nucleus

    def sup(self, children: list[Any]) -> tuple[str, Any]:
        items = _items(children[1])
        if items and all(i.kind == "symbol" and i.value == "′" for i in items):
            return "primes", len(items)  # f^\prime is f'
        return "sup", items

    def sub(self, children: list[Any]) -> tuple[str, Any]:
        return "sub", _items(children[1])

    def digit_script(self, children: list[Any]) -> tuple[str, Any]:
        token = children[0]
        digit = Item("number", token[-1], token.end_pos - 1, token.end_pos)
        return ("sub" if token[0] == "_" else "sup"), [digit]

    def primes(self, children: list[Any]) -> tuple[str, Any]:
        return "primes", len(children[0])

    def raised(self, children: list[Any]) -> tuple[str, Any]:
        return "sup", _glyphs(children[0])

    def lowered(self, children: list[Any]) -> tuple[str, Any]:
        return "sub", _glyphs(children[0])

    def arg(self, children: list[Any]) -> Any:
        return children[0]

    def letter(self, children: list[Any]) -> Item:
        return _token("letter", children[0])

    def number(self, children: list[Any]) -> Item:
        return _token("number", children[0])

    def word(self, children: list[Any]) -> Item:
        token = children[0]
        head, _, content = str(token).partition("{")
        text = " ".join(content[:-1].replace("\\_", "_").split())
        item = Item("word", text, token.start_pos, token.end_pos)
        item.more = [Item("symbol", head.strip(), item.at, item.at)]
        return item

    def symbol(self, children: list[Any]) -> Item:
        token = children[0]
        text = str(token)
        if text.startswith("\\middle"):
            text = text[7:].strip()
        item = _token("symbol", token)
        item.value = DELIMITERS.get(text, SYMBOLS.get(text, text))
        if text.startswith("..."):
            item.value = "…"
        elif text == ".*":
            item.value = "⊙"
        return item

    def left(self, children: list[Any]) -> Item:
        return self._delimiter(children[0], 5, "left")

    def right(self, children: list[Any]) -> Item:
        return self._delimiter(children[0], 6, "right")

    @staticmethod
    def _delimiter(token: Any, skip: int, side: str) -> Item:
        item = _token("symbol", token)
        text = str(token)[skip:].strip()
        item.value = DELIMITERS.get(text, text)
        item.more = [Item("symbol", side, item.at, item.end)]
        return item

    def command(self, children: list[Any]) -> Item:
        token = children[0]
        text = str(token)
        if text in DELIMITERS:
            item = _token("symbol", token)
            item.value = DELIMITERS[text]
            if text in ("\\lVert", "\\lvert"):
                item.more = [Item("symbol", "left", item.at, item.end)]
            elif text in ("\\rVert", "\\rvert"):
                item.more = [Item("symbol", "right", item.at, item.end)]
            return item
        if text in SYMBOLS:
            item = _token("symbol", token)
            item.value = SYMBOLS[text]
            return item
        return _token("command", token)

    def group(self, children: list[Any]) -> Item:
        opening, body, closing = children[0], children[1], children[2]
        return Item("group", "", opening.start_pos, closing.end_pos, body=body)

    def fraction(self, children: list[Any]) -> Item:
        token, over, under = children
        end = max(_stop(over), _stop(under))
        return Item("fraction", "", token.start_pos, end, body=_items(over), more=_items(under))

    def fraction_digits(self, children: list[Any]) -> Item:
        token = children[0]
        found = re.findall(r"\d", token)
        parts = [Item("number", d, token.start_pos, token.end_pos) for d in found]
        return Item("fraction", "", token.start_pos, token.end_pos, body=parts[:1], more=parts[1:])

    def fraction_digit(self, children: list[Any]) -> Item:
        token, under = children
        over = Item("number", token[-1], token.end_pos - 1, token.end_pos)
        return Item("fraction", "", token.start_pos, _stop(under), body=[over], more=_items(under))

    def root(self, children: list[Any]) -> Item:
        token, arg = children
        return Item("root", "", token.start_pos, _stop(arg), body=_items(arg))

    def root_degree(self, children: list[Any]) -> Item:
        token, arg = children
        degree = token[token.index("[") + 1 : -1].strip()
        return Item("root", degree, token.start_pos, _stop(arg), body=_items(arg))

    def font(self, children: list[Any]) -> Any:
        token, arg = children
        font = str(token)[1:]
        inner = _items(arg)
        if font == "vec" and len(inner) == 1 and inner[0].value == "(":
            return [Item("word", "vec", token.start_pos, token.end_pos), inner[0]]
        return Item("font", font, token.start_pos, _stop(arg), body=inner)

    def accent(self, children: list[Any]) -> Item:
        token, arg = children
        name = {"widehat": "hat", "widetilde": "tilde", "overline": "bar"}.get(token[1:], token[1:])
        return Item("accent", name, token.start_pos, _stop(arg), body=_items(arg))

    def under(self, children: list[Any]) -> Item:
        token, arg = children
        return Item("under", "", token.start_pos, _stop(arg), body=_items(arg))

    def stacked(self, children: list[Any]) -> Item:
        token, _, base = children
        return Item("under", "", token.start_pos, _stop(base), body=_items(base))

    def environment(self, children: list[Any]) -> Item:
        opening, rows, closing = children
        name, other = (re.search(r"\{([a-zA-Z]+)", t)[1] for t in (opening, closing))  # type: ignore[index]
        if name != other:
            raise Malformed(f"\\end{{{other}}} closes \\begin{{{name}}}", closing.start_pos)
        if len(rows) > 1 and rows[-1] == [[]]:
            rows = rows[:-1]
        return Item("environment", name, opening.start_pos, closing.end_pos, rows=rows)


def _is_hanger(item: Item) -> bool:
    return item.kind == "group" and not item.body and bool(item.scripts)


_GLYPHS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ᵀ₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₗₘₙₚᵣₛₜ",
                         "0123456789+-T0123456789ijklmnprst")  # fmt: skip


def _glyphs(token: Any) -> list[Item]:
    """Items of a script in Unicode: ``⁻¹``, ``ᵀ``, ``₁₂``, ``ᵢⱼ``."""
    at, end = token.start_pos, token.end_pos
    text = str(token).translate(_GLYPHS)
    sign = [Item("symbol", "-", at, end)] if text[0] == "-" else []
    rest = text.lstrip("+-")
    if rest.isdigit():
        return [*sign, Item("number", rest, at, end)]
    return [*sign, *(Item("letter", ch, at, end) for ch in rest)]


class Malformed(Exception):
    """Items that do not go together, with the place."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


def _token(kind: str, token: Any) -> Item:
    return Item(kind, str(token), token.start_pos, token.end_pos)


def _items(arg: Any) -> list[Item]:
    if isinstance(arg, list):
        return arg
    return arg.body if arg.kind == "group" and not arg.scripts else [arg]


def _stop(arg: Any) -> int:
    return arg[-1].end if isinstance(arg, list) else int(arg.end)


@lru_cache(maxsize=1)
def parser() -> Lark:
    """The LALR parser, made once, when the first formula is read."""
    from lark import Lark

    grammar = files("chainrule.read.latex").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="basic", transformer=_Build(), keep_all_tokens=True)
