r"""TeX sources: what is not searched (comments, verbatim, preamble) and what is a heading."""

from __future__ import annotations

import re
from bisect import bisect_right

from chainrule.documents.cuts import HEADING, SKIP, Cut, spoken_headings
from chainrule.documents.macros import Braces
from chainrule.documents.words import heading_role

_LITERAL = r"verbatim\*?|Verbatim|lstlisting|comment|minted|filecontents\*?"
_SKIPS = re.compile(
    rf"\\begin\{{(?P<env>{_LITERAL})\}}"
    r"|\\verb\*?(?P<mark>[^\sA-Za-z*])[^\n]{0,200}?(?P=mark)|(?P<off>\\iffalse)(?![A-Za-z])"
    r"|\\[\s\S]|%[^\n]*"
)
_TITLE = re.compile(
    r"\\(?P<name>part|chapter|(?:sub){0,2}section|(?:sub)?paragraph)\*?[ \t\n]{0,9}"
    r"(?:\[[^\]\n]{0,200}\])?[ \t\n]{0,9}(?=\{)"
)
_LEVELS = {
    "part": 1, "chapter": 1, "section": 2, "subsection": 3, "subsubsection": 4,
    "paragraph": 5, "subparagraph": 6,
}  # fmt: skip
_STATEMENT = re.compile(r"\\begin\{(?P<name>[A-Za-z]{1,30})\*?\}(?:\[(?P<title>[^\]\n]{0,200})\])?")
_NEWTHEOREM = re.compile(
    r"\\newtheorem\*?\{(?P<name>[A-Za-z]{1,30})\*?\}(?:\[[^\]\n]{0,40}\])?\{(?P<title>[^{}\n]{0,80})\}"
)
_INPUT = re.compile(r"\\(?:input|include)[ ]?\{(?P<file>[^{}\n]{0,200})\}")
_SHORT = {
    "thm": "theorem", "lem": "lemma", "prop": "proposition", "cor": "corollary", "ex": "exercise",
    "exer": "exercise", "prob": "problem", "defn": "definition", "sol": "solution",
}  # fmt: skip
_ALSO = frozenset({"definition", "remark", "conjecture", "axiom", "assumption"})
STATEMENT_LEVEL = 7


def without_comments(text: str) -> str:
    r"""The same text with NUL characters for comments and verbatim stretches; offsets stay.

    Parameters
    ----------
    text
        A TeX source or one formula of it.
    """
    pieces: list[str] = []
    done = at = 0
    absent: set[str] = set()  # ends that do not occur any more
    while at < len(text):
        found = _SKIPS.search(text, at)
        if not found:
            break
        start, at = found.span()
        closing = ""
        if found["env"]:
            closing = rf"\end{{{found['env']}}}"
        elif found["off"]:
            closing = r"\fi"
        elif not found["mark"] and text[start] != "%":
            continue
        if closing:
            end = -1 if closing in absent else text.find(closing, at)
            if end < 0:
                absent.add(closing)
                continue
            at = end + len(closing)
            filler = re.sub(r"[^\n]", "\x00", text[start:at])
        else:
            filler = "\x00" * (at - start)
        pieces += (text[done:start], filler)
        done = at
    return "".join((*pieces, text[done:])) if pieces else text


def body_of(text: str) -> tuple[int, int]:
    r"""Where the document proper starts and ends."""
    begin = text.find(r"\begin{document}")
    start = begin + len(r"\begin{document}") if begin >= 0 else 0
    end = text.find(r"\end{document}", start)
    return start, end if end >= 0 else len(text)


def tex_cuts(text: str) -> tuple[list[Cut], list[tuple[str, int]]]:
    """Headings, stretches that are not searched, and remarks; ``text`` is without comments."""
    cuts: list[Cut] = []
    start, end = body_of(text)
    if start:
        cuts.append(Cut(0, start, SKIP))
    if end < len(text):
        cuts.append(Cut(end, len(text), SKIP))
    braces = Braces(text)
    for found in _TITLE.finditer(text):
        close = braces.partner(found.end())
        if close is not None and close - found.end() <= 1000:
            title = text[found.end() + 1 : close]
            cuts.append(Cut(found.start(), close + 1, HEADING, title, _LEVELS[found["name"]]))
    printed = {m["name"]: m["title"] for m in _NEWTHEOREM.finditer(text)}
    for found in _STATEMENT.finditer(text):
        name = found["name"]
        title = printed.get(name) or _SHORT.get(name.lower(), name)
        if heading_role(title)[0] or title.lower() in _ALSO:
            title = title.capitalize() + (f" ({found['title']})" if found["title"] else "")
            cuts.append(Cut(found.start(), found.end(), HEADING, title, STATEMENT_LEVEL))
    cuts += spoken_headings(text)
    remarks = [
        (f"\\input of {m['file']} is not followed; check that file by itself", m.start())
        for m in _INPUT.finditer(text, start, end)
    ]
    return cuts, remarks


def covers(spans: list[tuple[int, int]], offset: int) -> bool:
    """Whether an offset lies in one of the sorted, disjoint spans."""
    at = bisect_right(spans, (offset, 1 << 62)) - 1
    return at >= 0 and spans[at][0] <= offset < spans[at][1]
