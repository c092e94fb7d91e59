"""Delimiters to formulas: pairing with recovery, in time linear in the text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import NamedTuple

from chainrule.documents.likeness import is_inline_math, is_prose, may_cross_blank
from chainrule.documents.tokens import (
    BEGIN,
    CLOSE_ROUND,
    CLOSE_SQUARE,
    DOLLAR,
    END,
    FENCED,
    INNER,
    OPEN_ROUND,
    OPEN_SQUARE,
    OUTER,
    TITLE,
    Stream,
    Token,
)

_EDGES = " \t\n\f\v\x00\xa0\u3000"  # blanks, and what comments were replaced by
_CANDIDATES = 4  # closing signs tried for a formula with \text{ if $x$ } in it
_HAS_ARGUMENT = ("alignat", "alignat*", "xalignat", "xalignat*", "IEEEeqnarray", "IEEEeqnarray*")


class Found(NamedTuple):
    """A formula by offsets: with its delimiters (``open``, ``close``) and without."""

    open: int
    start: int
    end: int
    close: int
    display: bool
    para: int
    head: int
    environment: str = ""


class Scan:
    """One walk over the delimiters of a text; ``formulas`` and ``troubles`` are what it yields."""

    def __init__(self, text: str, stream: Stream, *, tex: bool) -> None:
        self.text = text
        self.stream = stream
        self.tokens = list(stream.tokens)
        self.tex = tex
        self.formulas: list[Found] = []
        self.troubles: list[tuple[str, int]] = []
        self._dollars = [k for k, t in enumerate(self.tokens) if t.kind == DOLLAR]
        self._wide = [k for k in self._dollars if self._width(k) > 1]
        self._closers = {
            kind: [k for k, t in enumerate(self.tokens) if t.kind == kind]
            for kind in (CLOSE_ROUND, CLOSE_SQUARE)
        }
        self._ends = self._match_environments()

    def run(
        self,
        enter: Callable[[Token], None],
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        """Walk; ``enter`` is called for every heading when the walk comes to it."""
        k, ticks = 0, 0
        while k < len(self.tokens):
            token = self.tokens[k]
            ticks += 1
            if progress and ticks % 1000 == 0:
                progress(token.start, len(self.text))
            if token.kind == DOLLAR:
                k = self._dollar(k, token)
                continue
            if token.kind == OPEN_ROUND:
                k = self._bracket(k, token, CLOSE_ROUND)
                continue
            if token.kind == OPEN_SQUARE:
                k = self._bracket(k, token, CLOSE_SQUARE)
                continue
            if token.kind == BEGIN and k in self._ends:
                k = self._environment(k, token)
                continue
            if token.kind == TITLE:
                enter(token)
            elif token.kind == FENCED:
                self._accept(token, token.start, token.start, token.end, token.end, True)
            elif self.tex and token.kind in (CLOSE_ROUND, CLOSE_SQUARE):
                self._trouble(rf"nothing is open that \{self.text[token.start + 1]} closes", token)
            k += 1

    # -- dollars ---------------------------------------------------------------------------------

    def _dollar(self, k: int, token: Token) -> int:
        width = token.end - token.start
        if width == 1:
            return self._inline(k, token)
        if width <= 3:
            return self._display(k, token, width)
        if width == 4:
            self._trouble("a formula without content: $$$$", token)
        else:
            self._trouble(f"{width} dollar signs in a row open no formula", token)
        return k + 1

    def _inline(self, k: int, token: Token) -> int:
        first = self._next(self._dollars, k)
        if first is None or self.tokens[first].para != token.para:
            return self._stray(k, token)
        close = self.tokens[first]
        content = self.text[token.end : close.start]
        if self._width(first) > 1:
            # $a$$b$: two formulas side by side
            then = self._next(self._dollars, first)
            if (
                self._width(first) == 2
                and then is not None
                and self._width(then) == 1
                and self.tokens[then].para == token.para
                and is_inline_math(content, "")
                and not content[-1:].isspace()
                and not self.text[close.end : close.end + 1].isspace()
                and is_inline_math(self.text[close.end : self.tokens[then].start], "")
            ):
                self._accept(token, token.start, token.end, close.start, close.start + 1, False)
                self.tokens[first] = close._replace(start=close.start + 1)
                return first
            return self._stray(k, token)
        chosen = first
        if "{" in content and _depth(content) > 0:
            chosen = self._balanced(token, first) or first
            content = self.text[token.end : self.tokens[chosen].start]
        close = self.tokens[chosen]
        if not is_inline_math(content, self.text[close.end : close.end + 1]):
            return self._stray(k, token)
        start, end = token.end, close.start
        if len(content) > 2 and content[0] == content[-1] == "`":
            start, end = start + 1, end - 1
        self._accept(token, token.start, start, end, close.end, False)
        return chosen + 1

    def _balanced(self, token: Token, first: int) -> int | None:
        """The first later ``$`` at which all braces are closed: ``$a \\text{ if $b$}$``."""
        where: int | None = first
        for _ in range(_CANDIDATES):
            where = self._next(self._dollars, where) if where is not None else None
            if where is None or self.tokens[where].para != token.para or self._width(where) > 1:
                return None
            if _depth(self.text[token.end : self.tokens[where].start]) == 0:
                return where
        return None

    def _stray(self, k: int, token: Token) -> int:
        follows = self.text[token.end : token.end + 1]
        if self.tex or not follows.isdigit():
            self._trouble("this $ has no partner", token)
        return k + 1

    def _display(self, k: int, token: Token, width: int) -> int:
        sign = "$" * width
        j = self._next(self._wide, k)
        if j is None or self.tokens[j].head != token.head:
            return self._half_closed(k, token, sign)
        close = self.tokens[j]
        content = self.text[token.end : close.start]
        other = self._width(j)
        if not content.strip():
            self._trouble(f"a formula without content: {sign} {sign}", token)
            return j + 1
        if close.para != token.para:
            if other != width or not may_cross_blank(content):
                return self._half_closed(k, token, sign)
        elif is_prose(content) and self._odd(k, token):
            return self._half_closed(k, token, sign)
        if other == 2 * width:
            self._accept(token, token.start, token.end, close.start, close.start + width, True)
            self.tokens[j] = close._replace(start=close.start + width)
            return j
        if other > 3:
            return self._half_closed(k, token, sign)
        if other != width:
            self._trouble(f"opened with {sign} but closed with {'$' * other}", close)
        self._accept(token, token.start, token.end, close.start, close.end, True)
        return j + 1

    def _odd(self, k: int, token: Token) -> bool:
        """Whether a ``$$`` is left over in this paragraph, counted from here."""
        at = bisect_right(self._wide, k)
        # the number of wide signs up to the end of the paragraph, by bisection over paragraphs
        low, high = at, len(self._wide)
        while low < high:
            middle = (low + high) // 2
            if self.tokens[self._wide[middle]].para <= token.para:
                low = middle + 1
            else:
                high = middle
        return (low - at) % 2 == 0

    def _half_closed(self, k: int, token: Token, sign: str) -> int:
        """``$$ … $`` at the end of a line is accepted with a trouble; else the sign is stray."""
        j = self._next(self._dollars, k)
        if j is not None and self._width(j) == 1 and self.tokens[j].para == token.para:
            close = self.tokens[j]
            ends_line = self.text[close.end : close.end + 1] in ("", "\n")
            content = self.text[token.end : close.start]
            if ends_line and content.strip() and may_cross_blank(content):
                self._trouble(f"opened with {sign} but closed with $", close)
                self._accept(token, token.start, token.end, close.start, close.end, True)
                return j + 1
        self._trouble(f"this {sign} is not closed", token)
        return k + 1

    # -- brackets and environments ---------------------------------------------------------------

    def _bracket(self, k: int, token: Token, closer: int) -> int:
        j = self._next(self._closers[closer], k)
        # \\( … \\( … \\): the second one is meant
        lost = j is None or self.tokens[j].head != token.head
        lost = lost or self.tokens[k + 1].kind == token.kind
        if j is not None and not lost:
            close = self.tokens[j]
            content = self.text[token.end : close.start]
            display = closer == CLOSE_SQUARE
            here = close.para == token.para or (display and may_cross_blank(content))
            if here and not is_prose(content):
                self._accept(token, token.start, token.end, close.start, close.end, display)
                return j + 1
        # in Markdown \\[ … \\] may also just be brackets around prose
        if lost or self.tex:
            self._trouble(f"this {self.text[token.start : token.end]} is not closed", token)
        return k + 1

    def _environment(self, k: int, token: Token) -> int:
        j = self._ends[k]
        close = self.tokens[j]
        name = token.name
        if name in INNER:
            self._accept(token, token.start, token.start, close.end, close.end, True, name)
            return j + 1
        start = token.end
        if name in _HAS_ARGUMENT and self.text[start : start + 1] == "{":
            start = min(max(self.text.find("}", start, start + 40) + 1, start), close.start)
        display = name.rstrip("*") != "math"
        self._accept(token, token.start, start, close.start, close.end, display, name)
        return j + 1

    def _match_environments(self) -> dict[int, int]:
        r"""Partners of ``\begin``; those without one, and strays, become troubles."""
        ends: dict[int, int] = {}
        stack: list[int] = []
        count: dict[str, int] = {}

        def give_up(k: int) -> None:
            token = self.tokens[k]
            count[token.name] -= 1
            self._trouble(rf"\begin{{{token.name}}} is not closed", token)

        for k, token in enumerate(self.tokens):
            kind = token.kind
            if kind == BEGIN:
                stack.append(k)
                count[token.name] = count.get(token.name, 0) + 1
            elif kind == END:
                if not count.get(token.name):
                    self._trouble(rf"\end{{{token.name}}} without its \begin", token)
                    continue
                while self.tokens[stack[-1]].name != token.name:
                    give_up(stack.pop())
                ends[stack.pop()] = k
                count[token.name] -= 1
            elif stack and (
                kind in (TITLE, OPEN_SQUARE, CLOSE_SQUARE)
                or (kind == DOLLAR and token.end - token.start > 1)
            ):
                while stack:
                    give_up(stack.pop())
        while stack:
            give_up(stack.pop())
        return ends

    # -- helpers ---------------------------------------------------------------------------------

    def _accept(
        self, token: Token, open_: int, start: int, end: int, close: int, display: bool,
        environment: str = "",
    ) -> None:  # fmt: skip
        body = self.text[start:end]
        trimmed = body.strip(_EDGES)
        if not trimmed:
            self._trouble("a formula without content", token)
            return
        start += len(body) - len(body.lstrip(_EDGES))
        self.formulas.append(
            Found(
                open_,
                start,
                start + len(trimmed),
                close,
                display,
                token.para,
                token.head,
                environment if environment in OUTER else "",
            )
        )

    def _trouble(self, message: str, token: Token) -> None:
        self.troubles.append((message, token.start))

    def _width(self, k: int) -> int:
        return self.tokens[k].end - self.tokens[k].start

    def _next(self, places: list[int], k: int) -> int | None:
        at = bisect_right(places, k)
        return places[at] if at < len(places) else None


def _depth(text: str) -> int:
    """Braces left open."""
    return (text.count("{") - text.count("\\{")) - (text.count("}") - text.count("\\}"))
