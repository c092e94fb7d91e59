"""A checked statement as all faces show it: source, wrong part, sentence, mended line."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from chainrule.apps.checked import words
from chainrule.apps.checked.marks import (
    Span,
    changed,
    hidden,
    one_line,
    part,
    side_span,
    suspect,
)
from chainrule.check.document import Checked, Report, joined
from chainrule.check.verdict import WRONG, Counterexample, Mend
from chainrule.errors import ChainruleError
from chainrule.expr import Expr, postorder
from chainrule.write import current, latex, plain, styled, unicode

MOST_PARTS = 400
_WORDS = re.compile(r"\\text\{[^{}]*\}")
LONGEST = 2000


@dataclass(frozen=True)
class Written:
    """A text with the part that matters."""

    text: str
    span: Span | None = None

    @property
    def pieces(self) -> tuple[str, str, str]:
        """Before the part, the part, after it."""
        if self.span is None:
            return self.text, "", ""
        a, b = self.span
        return self.text[:a], self.text[a:b], self.text[b:]


@dataclass(frozen=True)
class Mended:
    """A right statement: the side for reading and in LaTeX, and the whole line."""

    unicode: Written
    latex: Written
    plain: str
    line: Written
    message: str = ""


@dataclass(frozen=True)
class Finding:
    """One statement with all that is said about it."""

    checked: Checked
    source: Written
    tex: bool
    kind: str
    title: str
    slip: str
    sentence: str
    reading: str
    mends: tuple[Mended, ...] = ()
    counter: Counterexample | None = None
    follows: tuple[int, ...] = ()
    remarks: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()
    readable: str = ""
    read_with: str = ""
    id: str = field(default="", compare=False)
    same_as: int = 0

    @property
    def line(self) -> int:
        """Of the document."""
        return self.checked.placed.line

    @property
    def said(self) -> str:
        """The sentence, and for which layers it is meant."""
        return f"{self.sentence} {self.read_with}".strip()

    @property
    def gist(self) -> str:
        """What slipped, in one sentence."""
        verdict = self.checked.verdict
        if self.same_as:
            return f"As in line {self.same_as}."
        if self.kind == "ill_formed" and verdict is not None and verdict.slip is not None:
            return words.sentence(verdict.slip.message)
        return self.sentence

    @property
    def wrong(self) -> bool:
        """False or ill-formed."""
        return self.kind in WRONG


def findings(report: Report, prefix: str = "") -> list[Finding]:
    """All statements that claim something; what is wrong twice refers to the first time."""
    out: list[Finding] = []
    first: dict[tuple[str, str], int] = {}
    for checked in report.claims:
        one = finding(checked, f"{prefix}s{checked.stated.number}")
        if one.wrong:
            key = one.source.text, one.sentence
            one = replace(one, same_as=first.get(key, 0))
            first.setdefault(key, one.line)
        out.append(one)
    return out


def finding(checked: Checked, ident: str = "") -> Finding:
    """What is said about a statement that claims something."""
    with styled(replace(current(), names=checked.stated.spelled)):
        return _finding(checked, ident)


def _finding(checked: Checked, ident: str) -> Finding:
    verdict, stated = checked.verdict, checked.stated
    assert verdict is not None
    k, side = suspect(checked)
    tex = checked.placed.formula.language != "plain"
    text = one_line(stated)
    span = side_span(stated, k) if k is not None else None
    marked = span if verdict.kind in WRONG or (verdict.kind == "true_if" and verdict.mend) else None
    spurious = verdict.slip is not None and verdict.slip.kind == "spurious_equation"
    mends: list[Mended] = []
    if verdict.kind in (*WRONG, "true_if"):
        if spurious and span is not None and verdict.kind in WRONG:
            cut = text[: span[0]].rstrip().rstrip("=&").rstrip()
            mends.append(Mended(Written(""), Written(""), "", Written(cut)))
        elif verdict.rewrite is not None:
            put = verdict.rewrite.text
            line = Written(put, _outside_words(put, _balanced(put, changed(text, put))))
            mends.append(Mended(Written(""), Written(""), verdict.rewrite.plain, line))
        else:
            usable = (m for m in verdict.mends if not hidden(m))
            place = None if stated.layers and not stated.spelled else span
            mends = [m for m in (_mended(one, side, text, place, tex) for one in usable) if m]
    return Finding(
        checked, Written(text, marked), tex, verdict.kind, words.TITLES[verdict.kind],
        words.slip_title(verdict.slip.kind) if verdict.slip and verdict.kind in WRONG else "",
        words.explanation(verdict),
        _reading(stated.expressions, unicode, " = "), tuple(mends),
        verdict.counterexample if verdict.kind in WRONG else None, checked.follows,
        tuple(stated.remarks), checked.placed.formula.scope,
        _reading(stated.expressions, latex, " = ") if not tex else "",
        words.read_with(verdict, stated.layers), ident,
    )  # fmt: skip


def _reading(sides: tuple[Expr, ...], write: Callable[[Expr], str], sign: str) -> str:
    if not sides:
        return ""
    try:
        text = joined(sides, write, sign.strip())
    except ChainruleError:
        return ""
    return text if len(text) <= LONGEST else ""


def _mended(
    mend: Mend, side: Expr | None, text: str, span: Span | None, tex: bool
) -> Mended | None:
    try:
        read = _marked(mend, side, unicode)
        typeset = _marked(mend, side, latex)
    except ChainruleError:
        return None
    if len(typeset.text) > LONGEST:
        return None
    put = typeset if tex else _marked(mend, side, plain)
    line = Written("")
    if span is not None:
        a, b = span
        new = put.span
        line = Written(text[:a] + put.text + text[b:],
                       (a + new[0], a + new[1]) if new else (a, a + len(put.text)))  # fmt: skip
    return Mended(read, typeset, mend.plain, line, words.sentence(mend.slip.message))


def _marked(mend: Mend, side: Expr | None, write: Callable[[Expr], str]) -> Written:
    """The mended side with the changed part: the new sub-expression, or what differs."""
    whole = mend.written(write)
    span = None
    if mend.new and mend.new != mend.plain:
        span = part(whole, _piece(mend.expr, mend.new, write))
    if (span is None or span[1] - span[0] > 0.6 * len(whole)) and side is not None:
        span = _balanced(whole, changed(write(side), whole)) or span
    return Written(whole, span)


def _piece(root: Expr, text: str, write: Callable[[Expr], str]) -> str:
    """A part of an expression, given in the text language, as a writer writes it."""
    for n, e in enumerate(postorder(root)):
        if n > MOST_PARTS:
            break
        if plain(e) == text:
            return write(e)
    return ""


def _balanced(text: str, span: Span | None) -> Span | None:
    """The part widened until its brackets pair up, so that it can be marked as one."""
    if span is None:
        return None
    a, b = span
    a, b = _word(text, a, b)
    pairs = {")": "(", "]": "[", "}": "{"}
    stack: list[str] = []
    missing = 0
    for ch in text[a:b]:
        if ch in "([{":
            stack.append(ch)
        elif ch in pairs:
            if stack and stack[-1] == pairs[ch]:
                stack.pop()
            else:
                missing += 1
    if stack or missing:
        return None
    if text[a] == "\\":  # a command with its arguments
        while b < len(text) and text[b] == "{":
            b = _group_end(text, b)
    return a, b


def _outside_words(text: str, span: Span | None) -> Span | None:
    """The whole of ``\\text{…}`` where a part of the words is marked."""
    for found in _WORDS.finditer(text) if span is not None else ():
        a, b = found.span()
        if span is not None and a < span[1] and span[0] < b:
            span = min(a, span[0]), max(b, span[1])
    return span


def _group_end(text: str, at: int) -> int:
    depth = 0
    for k in range(at, len(text)):
        depth += (text[k] == "{") - (text[k] == "}")
        if depth == 0:
            return k + 1
    return len(text)


def _word(text: str, a: int, b: int) -> Span:
    """Not a part of a command such as ``\\frac``, nor a script without its base."""
    while a > 0 and (text[a - 1].isalpha() and text[a].isalpha()):
        a -= 1
    if a > 0 and text[a - 1] == "\\":
        a -= 1
    while a > 0 and text[a] in "^_ᵀ⁻¹²{}":
        a -= 1
    return a, b
