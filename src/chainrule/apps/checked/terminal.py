"""The report for a terminal: counts, then each wrong line with a caret and its mend."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator, Sequence

import click

from chainrule.apps.checked import words
from chainrule.apps.checked.view import Finding, Mended, Written, findings
from chainrule.check.document import Report

COLOURS = {"false": "red", "ill_formed": "red", "true_if": "yellow", "true_in_layout": "yellow",
           "unknown": "bright_black", "true": "green"}  # fmt: skip
SIGNS = {"false": "✗", "ill_formed": "✗", "true_if": "~", "true_in_layout": "~", "unknown": "?",
         "true": "✓"}  # fmt: skip
HALF = ("true_if", "true_in_layout")
MOST_UNKNOWN = 12
LABEL = 11  # columns of "should be" and its like


def text(report: Report, name: str = "", *, width: int = 88, everything: bool = False) -> str:
    """The report as styled text; ``click.echo`` takes the colours out where they do not belong.

    Parameters
    ----------
    name
        Of the file, in front of line numbers.
    everything
        Also list what holds.
    """
    found = findings(report)
    alone = report.reading.document.kind == "equation"
    lines: list[str] = []
    for one in found:
        if one.wrong:
            lines += [*_wrong(one, name, width), ""]
    halves = [f for f in found if f.kind in HALF]
    if halves:
        for one in halves:
            lines += _half(one, name, width)
        lines.append("")
    unknown = [f for f in found if f.kind == "unknown"]
    most = len(unknown) if everything else MOST_UNKNOWN
    for one in unknown[:most]:
        lines += _half(one, name, width)
    if len(unknown) > most:
        lines.append(f"and {len(unknown) - most} more that could not be checked (--all lists them)")
    if unknown:
        lines.append("")
    if everything or (alone and not lines):
        for one in found:
            if one.kind == "true":
                lines.append(f"{_head(one, name)}  {_short(one.source.text, width - 20)}")
        lines.append("")
    lines += _summary(report, name, alone)
    return "\n".join(lines).strip("\n")


def _summary(report: Report, name: str, alone: bool) -> Iterator[str]:
    if alone and len(report.claims) == 1:
        return
    title = _colour(words.headline(report), "red" if report.wrong else "green", True)
    yield f"{name}: {title}" if name else title
    if report.claims:
        yield "  " + ", ".join(_colour(t, COLOURS[k]) for k, t in words.counts(report.summary))
    if not alone:
        yield f"  {words.layout_sentence(report)}"
        for layout, lines in words.other_layouts(report):
            yield f"  {words.line_list(lines)}: {words.LAYOUTS.get(layout, layout)}"
    for t in report.reading.troubles[:5]:
        yield f"  line {t.line}: {t.message}"


def _head(one: Finding, name: str) -> str:
    placed = one.checked.placed
    if one.checked.placed.formula.scope_id == 0 and not name and placed.line == 1:
        where = ""
    else:
        where = f"{name}:{placed.line}:{placed.column}" if name else f"line {placed.line}"
    sign = _colour(f"{SIGNS[one.kind]} {one.title}", COLOURS[one.kind], True)
    slip = f" ({one.slip})" if one.slip else ""
    return f"{where + ': ' if where else ''}{sign}{slip}"


def _wrong(one: Finding, name: str, width: int) -> Iterator[str]:
    yield _head(one, name)
    if one.same_as:
        yield from _labelled("", f"as in line {one.same_as}", width)
        return
    yield from _source(one.source, width, "red")
    yield from _labelled("", one.said, width)
    yield from _mends(one, width)
    if one.counter is not None:
        left, right = words.outcome(one.counter)
        at = words.point(one.counter)
        example = f"{at}: left {left}, right {right}"
        if len(example) > 4 * width:
            example = f"{at}: the sides differ"
        yield from _labelled("example", example, width)
    if one.follows:
        yield from _labelled("", f"follows from {words.line_list(one.follows)}", width)


def _mends(one: Finding, width: int) -> Iterator[str]:
    for n, mend in enumerate(one.mends[:1]):
        yield from _mend(one, mend, "or" if n else "should be", width)


def _mend(one: Finding, mend: Mended, label: str, width: int) -> Iterator[str]:
    shown = mend.unicode if one.tex else mend.line
    if shown.text:
        yield from _source(shown, width, "green", label)
    if one.tex and mend.line.text and one.wrong:
        yield from _labelled("write" if shown.text else "should be", mend.line.text, width)


def _half(one: Finding, name: str, width: int) -> Iterator[str]:
    yield _head(one, name)
    yield from _labelled("", _short(one.source.text, width - 4), width)
    if one.said:
        yield from _labelled("", one.said, width)
    if one.mends and one.kind == "true_if":
        mend = one.mends[0]
        yield from _mend(one, mend, "in general", width)
    if one.follows:
        yield from _labelled("", f"follows from {words.line_list(one.follows)}", width)


def _labelled(label: str, content: str, width: int) -> list[str]:
    head = f"  {label:<{LABEL}}" if label else "  "
    return textwrap.wrap(
        clean(content), max(width, 40), initial_indent=head, subsequent_indent=" " * len(head),
        break_long_words=True, break_on_hyphens=False,
    )  # fmt: skip


def _source(written: Written, width: int, colour: str, label: str = "") -> Iterator[str]:
    """The text in rows, the part that matters underlined in the row below."""
    head = f"  {label:<{LABEL}}" if label else "  │ "
    rest = " " * len(head) if label else "  │ "
    text = clean(written.text)
    a, b = written.span or (0, 0)
    for n, (start, end) in enumerate(_rows(text, max(width - len(head), 30))):
        row = text[start:end]
        x, y = max(a, start) - start, min(b, end) - start
        lead = rest if n else head
        if x >= y or not row[x:y].strip():
            yield lead + row
            continue
        y = x + len(row[x:y].rstrip())
        yield lead + row[:x] + _colour(row[x:y], colour, True) + row[y:]
        yield f"{rest}{' ' * columns(row[:x])}{_colour('^' * max(columns(row[x:y]), 1), colour)}"


def _rows(text: str, width: int) -> Iterator[tuple[int, int]]:
    """Cut at blanks where there are some."""
    start = 0
    while len(text) - start > width:
        end = text.rfind(" ", start + width // 2, start + width)
        end = start + width if end < 0 else end + 1
        yield start, end
        start = end
    yield start, len(text)


def columns(text: str) -> int:
    """Columns on a terminal: marks that combine take none, wide letters two."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def clean(text: str) -> str:
    """No control characters: a document must not steer the terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _short(text: str, width: int) -> str:
    return clean(text if len(text) <= width else text[: width - 1] + "…")


def _colour(content: str, colour: str, bold: bool = False) -> str:
    return click.style(content, fg=colour, bold=bold)


def several(reports: Sequence[tuple[str, Report]]) -> str:
    """One line over several files."""
    wrong = sum(len(r.wrong) for _, r in reports)
    bad = sum(not r.ok for _, r in reports)
    count = sum(len(r.claims) for _, r in reports)
    if not wrong:
        return _colour(f"{len(reports)} files, {count} statements: nothing wrong found", "green")
    return _colour(f"{len(reports)} files, {count} statements: {wrong} wrong in {bad} of them",
                   "red", True)  # fmt: skip
