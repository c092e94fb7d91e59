"""What a document is taken apart into: formulas, headings and troubles, each with its place."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Formula:
    """One formula as it stands in the source.

    Parameters
    ----------
    text
        Raw text without its delimiters and surrounding blanks; macros are not expanded and TeX
        comments are still in it (see ``expand_macros`` and ``without_comments``).
    line, column
        Place of the first character, counted from 1 (in a notebook: within the cell).
    offset, end
        Character offsets into ``Document.source``.
    display
        Whether it stands on its own line rather than in the running text.
    language
        ``"latex"`` or ``"plain"``.
    before, after
        The prose around it, at most 200 characters in one line. A displayed formula that is a
        paragraph by itself looks into the neighbouring paragraph.
    scope
        Titles of the headings it stands under, outermost first.
    scope_id
        Grows by one wherever names may be used afresh.
    cell
        Number of the notebook cell, counted from 0 over all cells; otherwise None.
    environment
        ``"align"`` and so on if ``\\begin{align}`` was the delimiter; otherwise empty.
    """

    text: str
    line: int
    column: int
    offset: int
    end: int
    display: bool
    language: str
    before: str
    after: str
    scope: tuple[str, ...]
    scope_id: int
    cell: int | None
    environment: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that could not be read; reading went on after it."""

    message: str
    line: int
    column: int
    offset: int
    cell: int | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """A title; ``starts`` tells whether a new scope begins with it."""

    title: str
    level: int
    line: int
    column: int
    offset: int
    scope_id: int
    starts: bool
    cell: int | None = None


@dataclass(frozen=True)
class Document:
    """A document taken apart.

    ``macros`` maps names with their backslash to what they stand for:
    ``{"\\\\R": "\\\\mathbb R"}``.
    """

    name: str
    kind: str
    source: str
    formulas: tuple[Formula, ...]
    macros: dict[str, str] = field(default_factory=dict)
    troubles: tuple[Trouble, ...] = ()
    headings: tuple[Heading, ...] = ()
