"""Take a document apart: the one function that puts the other files of this room together."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable

from chainrule.documents.bare import bare_formulas
from chainrule.documents.context import is_marker, prose_after, prose_before
from chainrule.documents.cuts import SKIP, Cut, blank_cuts, markdown_cuts
from chainrule.documents.kinds import KINDS, kind_of
from chainrule.documents.lines import LineIndex, even_out
from chainrule.documents.macros import collect
from chainrule.documents.model import Document, Formula, Heading, Trouble
from chainrule.documents.notebook import markdown_cells
from chainrule.documents.plainlines import plain_formulas
from chainrule.documents.runs import language_of
from chainrule.documents.scan import Found, Scan
from chainrule.documents.scopes import Scopes
from chainrule.documents.texsource import covers, tex_cuts, without_comments
from chainrule.documents.tokens import Stream, Token, tokenize
from chainrule.errors import UsageError

MOST_TROUBLES = 1000  # more are counted, not listed
_DELIMITER = re.compile(r"\s*\\(?P<which>begin|end)\{(?P<env>[A-Za-z]{1,20}\*?)\}\s*\Z")
Progress = Callable[[int, int], None]


def split(
    source: str, kind: str | None = None, name: str = "", progress: Progress | None = None
) -> Document:
    """Find the formulas and headings of a document.

    Parameters
    ----------
    source
        The whole text. Any string is accepted as Markdown, TeX or plain text.
    kind
        ``"markdown"``, ``"tex"``, ``"notebook"`` or ``"text"``; by default ``kind_of`` decides.
    name
        Name of the file, for ``kind_of``.
    progress
        Called now and then with the characters done and the characters in all.

    Returns
    -------
    Document
        What could not be read is in ``troubles``; the rest of the text is read all the same.

    Raises
    ------
    ParseError
        A notebook that is not one.
    UsageError
        An unknown kind.
    """
    kind = kind_of(name, source) if kind is None else kind
    if kind not in KINDS:
        raise UsageError(f"unknown kind of document {kind!r}; take one of {', '.join(KINDS)}")
    work = _Work(kind, progress)
    if kind == "notebook":
        cells = markdown_cells(source)
        source = "\n\n".join(cell.text for cell in cells)
        work.total = len(source)
        base = 0
        for cell in cells:
            work.part(cell.text, base, cell.number)
            base += len(cell.text) + 2
    else:
        work.total = len(source)
        work.part(source, 0, None)
    if progress:
        progress(work.total, work.total)
    return Document(
        name, kind, source, tuple(work.formulas), work.macros, tuple(work.listed_troubles()),
        tuple(work.headings),
    )  # fmt: skip


class _Work:
    """What has been found so far, over all cells."""

    def __init__(self, kind: str, progress: Progress | None) -> None:
        self.kind = kind
        self.total = 0
        self.formulas: list[Formula] = []
        self.troubles: list[Trouble] = []
        self.headings: list[Heading] = []
        self.macros: dict[str, str] = {}
        self.unlisted = 0
        self._scopes = Scopes()
        self._progress = progress

    def part(self, source: str, base: int, cell: int | None) -> None:
        """Read one text: a whole document, or a cell at offset ``base``."""
        text = even_out(source)
        tex = self.kind == "tex"
        if tex:
            text = without_comments(text)
            cuts, remarks = tex_cuts(text)
            hidden: list[tuple[int, int]] = []
        else:
            cuts, remarks = markdown_cuts(text)
            hidden = sorted((c.start, c.end) for c in cuts if c.kind == SKIP)
        if self.kind == "text":
            cuts = [c for c in cuts if not _hides_formula(text, c)]

        defined = collect(text, lambda at: covers(hidden, at) or text[at - 1 : at] == "`")
        self.macros.update(defined.macros)
        stream = tokenize(
            text,
            cuts + blank_cuts(text),
            markdown=not tex,
            aliases=_aliases(self.macros),
            ignored=lambda at: bool(defined.spans) and covers(defined.spans, at),
        )
        scan = Scan(text, stream, tex=tex)
        index = LineIndex(source)
        scopes = self._scopes
        marks = [(scopes.titles, scopes.scope_id)]
        marked = [0]

        def enter(token: Token) -> None:
            starts = scopes.enter(token.name, token.level)
            marks.append((scopes.titles, scopes.scope_id))
            marked.append(token.start)
            line, column = index.position(token.start)
            place = (line, column, base + token.start)
            self.headings.append(
                Heading(scopes.titles[-1], token.level, *place, scopes.scope_id, starts, cell)
            )

        report = self._progress
        scan.run(enter, report and (lambda done, _: report(base + done, self.total)))
        found = [f for f in scan.formulas if not _only_defines(text, f, defined.spans)]
        plain: set[int] = set()
        if not tex:
            extra = bare_formulas(
                text,
                stream,
                found,
                marked,
                lines=self.kind == "text",
                hidden=lambda at: covers(stream.skipped, at) or covers(defined.spans, at),
            )
            plain = {f.start for f in extra if language_of(text[f.start : f.end]) == "plain"}
            found = sorted(found + extra)

        for before, formula, after in _with_context(text, stream, found):
            line, column = index.position(formula.start)
            titles, scope_id = marks[formula.head]
            self.formulas.append(
                Formula(
                    source[formula.start : formula.end],
                    line,
                    column,
                    base + formula.start,
                    base + formula.end,
                    formula.display,
                    "plain" if formula.start in plain else "latex",
                    before,
                    after,
                    titles,
                    scope_id,
                    cell,
                    formula.environment,
                )
            )
        for message, at in sorted(scan.troubles + remarks + defined.remarks, key=lambda r: r[1]):
            if len(self.troubles) >= MOST_TROUBLES:
                self.unlisted += 1
                continue
            line, column = index.position(at)
            self.troubles.append(Trouble(message, line, column, base + at, cell))

    def listed_troubles(self) -> list[Trouble]:
        """The troubles, with a word about those that were too many."""
        if not self.unlisted:
            return self.troubles
        last = self.troubles[-1]
        message = f"{self.unlisted} more places could not be read"
        return [*self.troubles, Trouble(message, last.line, last.column, last.offset, last.cell)]


def _aliases(macros: dict[str, str]) -> dict[str, tuple[str, str]]:
    r"""Macros such as ``\be`` for ``\begin{equation}``."""
    found = {name: _DELIMITER.match(body) for name, body in macros.items() if len(body) < 60}
    return {name: (m["which"], m["env"]) for name, m in found.items() if m and name[1:].isalpha()}


def _only_defines(text: str, formula: Found, spans: list[tuple[int, int]]) -> bool:
    """Whether a formula holds nothing but definitions of macros."""
    k = bisect_left(spans, (formula.start, 0))
    at = formula.start
    while k < len(spans) and spans[k][0] < formula.end:
        if text[at : spans[k][0]].strip():
            return False
        at = spans[k][1]
        k += 1
    return at > formula.start and not text[at : formula.end].strip()


def _hides_formula(text: str, cut: Cut) -> bool:
    """Whether what looks like an underlined title is a formula above a rule."""
    line = text[cut.start : cut.end]
    return (
        "\n" in line
        and next(plain_formulas(text, cut.start, cut.start + line.index("\n")), None) is not None
    )


def _with_context(text: str, stream: Stream, found: list[Found]) -> list[tuple[str, Found, str]]:
    """Each formula between the prose before and after it, up to the next displayed formulas."""
    floors: list[int] = []
    floor = 0
    for formula in found:
        floors.append(floor)
        if formula.display:
            floor = formula.close
    ceiling = len(text)
    rows: list[tuple[str, Found, str]] = []
    paragraphs = stream.paragraphs
    for formula, floor in zip(reversed(found), reversed(floors), strict=True):
        low, high = paragraphs[formula.para]
        before = prose_before(text, max(low, floor), formula.open)
        after = prose_after(text, formula.close, min(high, ceiling))
        if is_marker(before):
            before = ""
        if formula.display:
            if not before and _neighbours(text, stream, formula.para - 1):
                start, end = paragraphs[formula.para - 1]
                before = prose_before(text, min(max(start, floor), end), end)
            if not after and _neighbours(text, stream, formula.para):
                start, end = paragraphs[formula.para + 1]
                after = prose_after(text, start, min(end, ceiling))
            ceiling = formula.open
        rows.append((before, formula, after))
    rows.reverse()
    return rows


def _neighbours(text: str, stream: Stream, number: int) -> bool:
    """Whether a paragraph and the next one are prose with only blank lines between them."""
    if number < 0 or number + 1 >= len(stream.paragraphs):
        return False
    if number in stream.titled or number + 1 in stream.titled:
        return False
    gap = text[stream.paragraphs[number][1] : stream.paragraphs[number + 1][0]]
    return not gap.strip()
