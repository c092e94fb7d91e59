"""A list of items made ready: groups without meaning opened, function names in letters joined."""

from __future__ import annotations

from chainrule.read.latex.known import Known
from chainrule.read.latex.mlist import Item
from chainrule.read.latex.symbols import FUNCTIONS, REFUSED

PLAIN_WORDS = frozenset({
    "log", "exp", "sin", "cos", "tan", "det", "max", "min", "tanh", "sinh", "cosh", "diag", "vec",
    "trace", "softmax", "sigmoid", "relu", "sign", "sgn",
})  # fmt: skip
"""Function names that count as such even without a bracket behind them."""


def tidy(items: list[Item], known: Known) -> list[Item]:
    """The items with groups opened and words joined."""
    return _join(_open(items), known)


def _open(items: list[Item]) -> list[Item]:
    out: list[Item] = []
    for item in items:
        bare = item.kind == "group" and not item.scripts and _harmless(item.body)
        if item.kind == "under" or bare:
            out.extend(_open(item.body))
        elif item.kind == "group" and len(item.body) == 1 and not item.body[0].scripts:
            inner = item.body[0]
            inner.scripts = item.scripts
            out.extend(_open([inner]))
        elif item.kind == "font" and not item.scripts and len(item.body) > 1:
            out.extend(_open(item.body))
        else:
            out.append(item)
    return out


def _harmless(body: list[Item]) -> bool:
    """Nothing in it that needs its brackets."""
    return not any(i.kind == "symbol" and i.value in "+-=,±" for i in body)


def _join(items: list[Item], known: Known) -> list[Item]:
    out: list[Item] = []
    n = 0
    while n < len(items):
        if items[n].kind != "letter" or not items[n].value.isascii():
            out.append(items[n])
            n += 1
            continue
        m = n
        while (
            m < len(items) and items[m].kind == "letter" and items[m].value.isascii()
            and (m == n or (items[m].at == items[m - 1].end and not items[m - 1].scripts))
        ):  # fmt: skip
            m += 1
        out.extend(_words(items[n:m], items[m] if m < len(items) else None, known))
        n = max(m, n + 1)
    return out


def _words(run: list[Item], following: Item | None, known: Known) -> list[Item]:
    """A run of letters with the function names in it as words."""
    if len(run) < 2:
        return run
    text = "".join(i.value for i in run)
    if text in known:
        return [_word(run)]
    pieces = _declared(text, known)
    if pieces:  # AXB is A·XB where XB is a name
        out, at = [], 0
        for piece in pieces:
            part = run[at : at + len(piece)]
            out.append(part[0] if len(part) == 1 else _word(part))
            at += len(piece)
        return out
    applied = following is not None and following.kind == "fence" and following.value in _BRACKETS
    for start in range(len(text) - 1):
        tail = text[start:]
        lower = tail.lower()
        named = lower in FUNCTIONS or lower in REFUSED
        if len(tail) == 2 and tail not in ("tr", "Tr", "ln", "lg", "CE"):
            continue
        if not named or any(ch in known for ch in tail if len(tail) == 2):
            continue
        if applied or (run[-1].scripts and lower in PLAIN_WORDS) or lower in PLAIN_WORDS:
            if len(tail) > 2 or applied:
                return [*_words(run[:start], None, known), _word(run[start:])]
    for start in range(len(text) - 2):
        for end in range(len(text) - 1, start + 2, -1):
            if text[start:end].lower() in PLAIN_WORDS:
                head = _words(run[:start], None, known)
                return [*head, _word(run[start:end]), *_words(run[end:], following, known)]
    if len(run) >= LONG_WORD and text.islower() and not all(ch in known for ch in text):
        return [_word(run)]
    return run


def _declared(text: str, known: Known) -> list[str]:
    """The run as declared names side by side, where its letters alone are not all declared."""
    if all(ch in known for ch in text) or len(text) > MOST_LETTERS:
        return []
    ways: list[list[str] | None] = [[]]
    for end in range(1, len(text) + 1):
        found = None
        for start in range(end):
            before = ways[start]
            if before is not None and text[start:end] in known:
                found = [*before, text[start:end]]
                break
        ways.append(found)
    return ways[-1] or []


MOST_LETTERS = 40
LONG_WORD = 5
_BRACKETS = ("()", "[]", "{}", "||")


def _word(run: list[Item]) -> Item:
    word = Item("word", "".join(i.value for i in run), run[0].at, run[-1].end)
    word.scripts = run[-1].scripts
    return word
