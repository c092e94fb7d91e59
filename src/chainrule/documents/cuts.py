"""Where a text is cut before formulas are looked for: blank lines, headings, code, comments."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import NamedTuple

from chainrule.documents.scopes import BOLD_LEVEL, LINE_LEVEL
from chainrule.documents.words import LINE_HEADING, heading_role

BREAK, HEADING, SKIP, MATH = range(4)


class Cut(NamedTuple):
    """A stretch that separates paragraphs; a heading is searched as a paragraph of its own."""

    start: int
    end: int
    kind: int
    title: str = ""
    level: int = 0
    inner: tuple[int, int] = (0, 0)  # the body of a fenced block of mathematics


_BLANK = re.compile(r"\n\s*\n")
_FENCE = re.compile(r"^[ \t>]*(?P<mark>`{3,}|~{3,})(?P<info>[^\n]*)$", re.M)
_ATX = re.compile(r"^[ \t]{0,8}(?P<marks>#{1,6})(?P<title>[ \t][^\n]*|)$", re.M)
_UNDERLINED = re.compile(r"^(?P<title>[^\n]{1,300})\n {0,3}(?P<rule>={3,}|-{3,})[ \t]*$", re.M)
_BOLD = re.compile(
    r"^[ \t]*(?:\*\*(?P<stars>[^\n*]{1,160})\*\*|__(?P<lines>[^\n_]{1,160})__"
    r"|\\textbf\{(?P<tex>[^\n{}]{1,160})\})[ \t]*[.:：]?[ \t]*$",
    re.M,
)
_BOLD_START = re.compile(
    r"^[ \t]*(?:\*\*(?P<stars>[^\n*]{1,80})\*\*|\\textbf\{(?P<tex>[^\n{}]{1,80})\})", re.M
)
_FRONT = re.compile(r"\s{0,9}---[ \t]*\n(?=[A-Za-z_]{1,40}:)")
_MATH_FENCE = re.compile(r"[ \t{.]*(?:math|latex|tex|katex)\b", re.I)


def blank_cuts(text: str) -> list[Cut]:
    """Blank lines: no ``$`` formula reaches across them."""
    return [Cut(m.start(), m.end(), BREAK) for m in _BLANK.finditer(text)]


def markdown_cuts(text: str) -> tuple[list[Cut], list[tuple[str, int]]]:
    """Headings and code of a Markdown text, with remarks about what is not closed."""
    cuts, remarks = _fences(text)
    front = _FRONT.match(text)
    if front:
        end = text.find("\n---", front.end())
        if 0 <= end < 10_000:
            cuts.append(Cut(0, end + 4, SKIP))
    at = text.find("<!--")
    while at >= 0:
        end = text.find("-->", at + 4)
        if end < 0:
            remarks.append(("this comment is not closed by -->", at))
            break
        cuts.append(Cut(at, end + 3, SKIP))
        at = text.find("<!--", end + 3)
    for found in _ATX.finditer(text):
        title = found["title"].strip().rstrip("#").strip()
        cuts.append(Cut(found.start(), found.end(), HEADING, title, len(found["marks"])))
    for found in _UNDERLINED.finditer(text):
        title = found["title"].strip()
        if opens_paragraph(text, found.start()) and title and not title.startswith(("$", "|", "-")):
            level = 1 if found["rule"][0] == "=" else 2
            cuts.append(Cut(found.start(), found.end(), HEADING, title, level))
    return cuts + spoken_headings(text), remarks


def spoken_headings(text: str) -> list[Cut]:
    """Lines in bold, and lines such as "Question 1" or "Solution"."""
    cuts: list[Cut] = []
    if "**" in text or "__" in text or r"\textbf" in text:
        for found in _BOLD.finditer(text):
            title = (found["stars"] or found["lines"] or found["tex"]).strip(" \t:.")
            level = LINE_LEVEL if heading_role(title)[0] else BOLD_LEVEL
            if title:
                cuts.append(Cut(found.start(), found.end(), HEADING, title, level))
        for found in _BOLD_START.finditer(text):
            title = found["stars"] or found["tex"]
            named = LINE_HEADING.match(title)
            if named and opens_paragraph(text, found.start()):
                cuts.append(Cut(found.start(), found.end(), HEADING, named["title"], LINE_LEVEL))
    for found in LINE_HEADING.finditer(text):
        if opens_paragraph(text, found.start()):
            title = found["title"].strip()
            cuts.append(Cut(found.start(), found.end(), HEADING, title, LINE_LEVEL))
    return cuts


def opens_paragraph(text: str, start: int) -> bool:
    """Whether a line follows a blank line, a heading, a formula or the end of a sentence."""
    end = start - 1
    while end > 0 and start - end < 200 and text[end - 1] in " \t":
        end -= 1
    if end <= 0 or text[end - 1] == "\n":
        return True
    if text[end - 1] in ".!?。！？؟:：$*}":
        return True
    line = text.rfind("\n", max(0, end - 200), end) + 1
    return text[line : line + 9].lstrip().startswith("#")


def _fences(text: str) -> tuple[list[Cut], list[tuple[str, int]]]:
    cuts: list[Cut] = []
    remarks: list[tuple[str, int]] = []
    marks = [m for m in _FENCE.finditer(text) if m["mark"][0] == "~" or "`" not in m["info"]]
    closers: dict[str, list[re.Match[str]]] = {"`": [], "~": []}
    for found in marks:
        if not found["info"].strip():
            closers[found["mark"][0]].append(found)
    starts = {c: [m.start() for m in found] for c, found in closers.items()}
    # the longest closing fence from here on, so that a hopeless search is not begun
    longest: dict[str, list[int]] = {}
    for char, found_all in closers.items():
        best = [0] * (len(found_all) + 1)
        for k in range(len(found_all) - 1, -1, -1):
            best[k] = max(best[k + 1], len(found_all[k]["mark"]))
        longest[char] = best
    done = 0
    for found in marks:
        if found.start() < done:
            continue
        char, width = found["mark"][0], len(found["mark"])
        k = bisect_left(starts[char], found.end())
        if longest[char][k] < width:
            remarks.append(("this block of code is not closed", found.start()))
            continue
        while len(closers[char][k]["mark"]) < width:
            k += 1
        close = closers[char][k]
        done = close.end()
        kind = MATH if _MATH_FENCE.match(found["info"]) else SKIP
        inner = (min(found.end() + 1, close.start()), close.start())
        cuts.append(Cut(found.start(), done, kind, inner=inner))
    return cuts, remarks
