"""Does what stands between delimiters look like mathematics, or like prose that was caught?"""

from __future__ import annotations

import re

from chainrule.documents.words import FUNCTIONS, STOP

LOOK = 4000  # characters of a candidate that are looked at
_GROUP = re.compile(
    r"\\(?:text(?:rm|bf|it|sf|tt|up|normal)?|mathrm|mathbf|mathit|mathsf|mathtt|mbox|hbox|"
    r"operatorname\*?|label|tag|ref|eqref|begin|end|intertext|mathop|DeclareMathOperator)"
    r"[ ]?\{[^{}]*\}"
)
_COMMAND = re.compile(r"\\(?:[A-Za-z]+|[\s\S]?)")
_EDGES = '.,;:!?()[]{}«»"،؛؟。，；：、（）…&$ـ\x00'
SIGNS = frozenset("\\^_=+*/<>|'′’≤≥≈≠∈∂∇∑∏·×⊙⊗∘√∞→⇒⟨⟩‖−")
_EAST = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,}")


class Prose:
    """How much natural language a text holds outside ``\\text{}`` and commands."""

    __slots__ = ("foreign", "run", "stop")

    def __init__(self, text: str) -> None:
        view = text[:LOOK]
        if "\\" in view:
            view = _COMMAND.sub(" \x01 ", _GROUP.sub(" \x01 ", view))
        self.run = run = 0  # the longest row of words with nothing between them
        self.stop = False  # a word such as "and"
        self.foreign = False  # a word in a script that formulas do not use
        for piece in view.split():
            word = piece.strip(_EDGES)
            if not word:
                continue
            if not _is_word(word):
                east = _EAST.search(word)
                if east:
                    self.foreign = True
                    self.run = max(self.run, 2 if len(east[0]) >= 4 else 1)
                run = 0
                continue
            run += 1
            self.run = max(self.run, run)
            self.stop = self.stop or word.lower() in STOP
            self.foreign = self.foreign or ord(word[0]) > 0x3FF


def _is_word(word: str) -> bool:
    if not word.isalpha() or len(word) < 2:
        return False
    low = word.lower()
    if low in FUNCTIONS:
        return False
    if low in STOP or ord(word[0]) > 0x3FF:
        return True
    return len(word) >= 3 and word[1:].islower()


def is_inline_math(content: str, after: str) -> bool:
    """Whether what stands between two ``$`` is a formula and not, say, two prices.

    Parameters
    ----------
    content
        The text between the two signs.
    after
        The character after the second sign, or an empty string.
    """
    if not content or content.isspace():
        return False
    first, last = content[0], content[-1]
    if first.isdigit() and after.isdigit():
        return False
    prose = Prose(content)
    signs = not SIGNS.isdisjoint(content)
    tight = not first.isspace() and not last.isspace() and not after.isdigit()
    if tight and "\n" not in content:
        if not signs:
            return prose.run < 2 and not prose.stop and not prose.foreign
        if prose.stop and first.isdigit():
            return not set("\\^_=").isdisjoint(content)
        return prose.run < 3
    if prose.stop or prose.run > 1 or prose.foreign:
        return False
    return prose.run == 0 or signs


def is_prose(content: str) -> bool:
    """Whether a displayed candidate is plainly running text."""
    prose = Prose(content)
    return prose.run >= 4 or (prose.run >= 2 and SIGNS.isdisjoint(content))


def may_cross_blank(content: str) -> bool:
    """Whether a displayed candidate with blank lines in it is still one formula."""
    prose = Prose(content)
    return bool(content.strip()) and prose.run < 2 and not prose.stop and not prose.foreign
