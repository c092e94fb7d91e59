"""The report in Markdown, with formulas in math fences, for issues and pull requests."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chainrule.apps.checked import words
from chainrule.apps.checked.view import Finding, findings
from chainrule.check.document import Report

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$&])")
MOST = 50  # in a list
_TICKS = re.compile(r"`+")


def markdown(report: Report, name: str = "") -> str:
    """The report; every text of the document is in a fence or escaped."""
    return "\n".join(_lines(report, name)).strip()


def _lines(report: Report, name: str) -> Iterator[str]:
    yield f"## Check of {plain(name)}" if name else "## Check"
    yield ""
    yield f"**{words.headline(report)}**"
    yield ""
    if report.claims:
        yield from ("| verdict | statements |", "|---|---|")
        for kind, _ in words.counts(report.summary):
            yield f"| {words.TITLES[kind]} | {report.summary[kind]} |"
        yield ""
    if report.reading.document.kind != "equation":
        yield f"Layout: {plain(words.layout_sentence(report))}."
        for layout, lines in words.other_layouts(report):
            text = f"{words.line_list(lines)}: {words.LAYOUTS.get(layout, layout)}"
            yield f"{plain(text[0].upper() + text[1:])}."
        yield ""
    found = findings(report)
    for one in found:
        if one.wrong:
            yield from _wrong(one)
    half = [f for f in found if f.kind in ("true_if", "true_in_layout")]
    yield from _list("Holds under a condition or in another layout", half)
    yield from _list("Not checked", [f for f in found if f.kind == "unknown"])


def _wrong(one: Finding) -> Iterator[str]:
    slip = f" ({one.slip})" if one.slip else ""
    yield f"### Line {one.line}: {one.title}{slip}"
    yield ""
    if one.same_as:
        yield f"As in line {one.same_as}."
        yield ""
        return
    yield fence(one.source.text, one.tex)
    yield ""
    yield plain(one.said)
    yield ""
    if one.mends:
        mend = one.mends[0]
        text = mend.line.text or (mend.latex.text if one.tex else mend.plain)
        if text:
            yield "Should be:"
            yield ""
            yield fence(text, one.tex)
            yield ""
    if one.counter is not None:
        left, right = words.outcome(one.counter)
        yield (f"For example, with {plain(words.point(one.counter))} the left side is "
               f"{plain(left)}, the right side {plain(right)}.")  # fmt: skip
        yield ""
        if one.counter.script:
            yield "<details><summary>Replay in NumPy</summary>"
            yield ""
            yield fence(one.counter.script.rstrip("\n"), False, "python")
            yield ""
            yield "</details>"
            yield ""
    if one.follows:
        yield f"It follows from {words.line_list(one.follows)}."
        yield ""


def _list(title: str, found: list[Finding]) -> Iterator[str]:
    if not found:
        return
    yield f"### {title}"
    yield ""
    for one in found[:MOST]:
        text = one.source.text if len(one.source.text) < 200 else one.source.text[:199] + "…"
        yield f"- Line {one.line}: {code(text)}. {plain(one.said)}".rstrip()
    if len(found) > MOST:
        yield f"- and {len(found) - MOST} more"
    yield ""


def fence(text: str, tex: bool, language: str = "") -> str:
    """A fenced block that its content cannot leave."""
    longest = max((len(t) for t in _TICKS.findall(text)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}{'math' if tex else language}\n{text}\n{ticks}"


def code(text: str) -> str:
    """A piece of code in a line."""
    longest = max((len(t) for t in _TICKS.findall(text)), default=0)
    ticks = "`" * (longest + 1)
    gap = " " if text[:1] == "`" or text[-1:] == "`" else ""
    return f"{ticks}{gap}{text}{gap}{ticks}"


def plain(text: str) -> str:
    """Text in which nothing is markup."""
    return _SPECIAL.sub(r"\\\1", text)
