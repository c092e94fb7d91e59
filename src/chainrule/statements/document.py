"""A whole document read: one session per scope, formulas in order, facts from the prose."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf

from chainrule.documents import (
    Document,
    Fact,
    Formula,
    LineIndex,
    Trouble,
    continued,
    expand_macros,
    find_facts,
    position,
    split,
    without_comments,
)
from chainrule.errors import ChainruleError, LimitError
from chainrule.read.declare import KINDS, TRAITS, Declaration, collect
from chainrule.read.session import Session, Stated
from chainrule.statements.whole import whole

Progress = Callable[[int, int], None]
LAYOUTS = {"numerator": "numerator", "gradient": "gradient", "denominator": "gradient"}
WORDS = {"row vector": "row", "column vector": "vector"}


@dataclass(frozen=True)
class Placed:
    """A statement and where it stands.

    Attributes
    ----------
    stated
        What was read; its numbers count within the document.
    formula
        The formula it is part of.
    line, column
        Place of the statement, counted from 1.
    """

    stated: Stated
    formula: Formula
    line: int
    column: int


@dataclass(frozen=True)
class DocumentReading:
    """All statements of a document, and what could not be taken apart."""

    document: Document
    statements: tuple[Placed, ...]
    facts: tuple[Fact, ...]

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """Stray delimiters, circular macros and the like."""
        return self.document.troubles

    @property
    def layout(self) -> str | None:
        """The layout that the document says it uses, if it does."""
        said = [f.value for f in self.facts if f.kind == "layout" and f.value in LAYOUTS]
        return said[0] if said else None


def read_document(
    source: str,
    *,
    kind: str | None = None,
    name: str = "",
    declarations: Sequence[str] = (),
    limit_s: float | None = None,
    progress: Progress | None = None,
) -> DocumentReading:
    """Read a document.

    Parameters
    ----------
    source
        Markdown, TeX, a notebook or plain text.
    kind
        One of these, if it is known; otherwise told by the name and the text.
    declarations
        Hold in the whole document.
    limit_s
        Seconds; formulas that are left then are unread, for this reason.
    progress
        Called with the number of formulas read and to be read.

    Raises
    ------
    ChainruleError
        Only for a wrong ``kind`` or wrong declarations: what cannot be read is a statement with an
        error, or a trouble.
    """
    given = collect(declarations)
    document = split(source, kind, name)
    facts = find_facts(document)
    reader = _Reader(document, facts, given)
    placed: list[Placed] = []
    count = len(document.formulas)
    end = time.perf_counter() + (inf if limit_s is None else limit_s)
    for n, formula in enumerate(document.formulas):
        if progress is not None and n % 50 == 0:
            progress(n, count)
        late = time.perf_counter() > end
        if late:
            error = LimitError("the time for this document is over")
            placed.append(_left_out(formula, error, n))
            continue
        try:
            placed.extend(list(reader.read(formula)))
        except ChainruleError:
            raise
        except Exception as failure:  # a fault of ours in one formula leaves the others alone
            text = f"internal error ({type(failure).__name__}: {failure}); please report this"
            placed.append(_left_out(formula, ChainruleError(text), n))
    if progress is not None:
        progress(count, count)
    return DocumentReading(document, tuple(placed), facts)


def _left_out(formula: Formula, error: ChainruleError, n: int) -> Placed:
    relations = ("=",) if "=" in formula.text else ()
    stated = Stated("unread", formula.text, 0, len(formula.text), -n - 1, relations=relations,
                    error=error)  # fmt: skip
    return Placed(stated, formula, formula.line, formula.column)


class _Reader:
    """Reads formula after formula; what was read before in the same circumstances is known.

    A document may repeat itself (a page printed twice, a table of one formula). The state of a
    session is a function of what it read, so a chain of hashes of that is the key of a memory.
    """

    def __init__(
        self, document: Document, facts: Sequence[Fact], given: dict[str, Declaration]
    ) -> None:
        self.document, self.given = document, given
        self.index = LineIndex(document.source)
        self.facts = sorted((f for f in facts if not f.conditional), key=lambda f: f.end)
        self.goes_on = continued(document.source, document.headings)
        self.next_fact = 0
        self.scope: int | None = None
        self.layout: str | None = None
        self.session = Session(given, whole)
        self.key: object = ()
        self.number = 1
        self.memory: dict[object, tuple[list[Stated], Session]] = {}

    def read(self, formula: Formula) -> Iterator[Placed]:
        """Statements of one formula."""
        if formula.scope_id != self.scope:
            goes_on = self.scope is not None and formula.scope_id in self.goes_on
            self.scope, self.key = formula.scope_id, (self.key if goes_on else ())
            self.session = self.session.continued() if goes_on else Session(self.given, whole)
            self._facts_up_to(formula.offset, self.scope)
            if self.layout is not None:
                self._say("", self.layout)
        self._facts_up_to(formula.end, formula.scope_id)
        text, origins = self._prepared(formula)
        self.key = hash((self.key, text, formula.language))
        if self.key in self.memory:
            found, after = self.memory[self.key]
            self.session = after
        else:
            self.session = self.session.copy()
            read = self.session.read_text if formula.language == "plain" else self.session.read
            found = read(text)
            self.memory[self.key] = (found, self.session)
        first = self.number - found[0].number if found else 0
        for stated in found:
            at = formula.offset + (origins[stated.at] if stated.at < len(origins) else 0)
            line, column = self._place(formula, at)
            yield Placed(_moved(stated, first), formula, line, column)
        self.number += len(found)

    def _place(self, formula: Formula, at: int) -> tuple[int, int]:
        line, column = position(self.index, at)
        first, start = position(self.index, formula.offset)
        if formula.cell is None:
            return line, column
        if line > first:
            return formula.line + line - first, column
        return formula.line, formula.column + column - start

    def _prepared(self, formula: Formula) -> tuple[str, Sequence[int]]:
        text = formula.text
        if formula.language == "plain":
            return text, range(len(text))
        if "%" in text:
            text = without_comments(text)
        try:
            expanded, origins = expand_macros(text, self.document.macros)
        except ChainruleError:
            return text, range(len(text))
        return expanded, origins

    def _facts_up_to(self, offset: int, scope: int) -> None:
        while self.next_fact < len(self.facts) and self.facts[self.next_fact].offset <= offset:
            fact = self.facts[self.next_fact]
            self.next_fact += 1
            if fact.kind == "layout" and fact.value in LAYOUTS:
                self.layout = LAYOUTS[fact.value]
                self._say("", self.layout)
            elif fact.scope_id == scope and _declares(fact):
                self._say(fact.name, WORDS.get(fact.value, fact.value))

    def _say(self, name: str, value: str) -> None:
        self.session = self.session.copy()
        if name:
            self.session.add(name, value)
        else:
            self.session.set_layout(value)
        self.key = hash((self.key, "said", name, value))


def _moved(stated: Stated, by: int) -> Stated:
    """The numbers count in the document."""
    return replace(
        stated, number=stated.number + by, relies_on=tuple(n + by for n in stated.relies_on),
        instances=tuple(_moved(s, by) for s in stated.instances),
        falling=_moved(stated.falling, by) if stated.falling is not None else None,
    )  # fmt: skip


def _declares(fact: Fact) -> bool:
    """Sizes, and the kinds and traits of the language of declarations; not "function"."""
    word = WORDS.get(fact.value, fact.value)
    return fact.kind == "size" or (
        fact.kind in ("kind", "trait") and (word in TRAITS or word in KINDS)
    )


__all__ = ["DocumentReading", "Placed", "Stated", "read_document"]
