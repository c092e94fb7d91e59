"""What ``cr.check`` gives back: a report that prints, and renders in notebooks."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import click

from chainrule.check.document import Report

_DELIMITER = re.compile(
    r"\$|\\\(|\\\[|\\begin\{(?:equation|align|gather|multline|document|eqnarray)\*?\}"
    r"|^\s*(?:#{1,6}\s|```|~~~)", re.MULTILINE,
)  # fmt: skip
_ALONE = re.compile(
    r"\s*(?:\$\$([^$]+)\$\$|\$([^$]+)\$|\\\[((?:(?!\\\]).)+)\\\]|\\\(((?:(?!\\\)).)+)\\\))\s*\Z",
    re.DOTALL,
)  # fmt: skip
_WORDS = re.compile(r"\n\s*\n|[.!?]\s+[A-Z]\w+\s+\w+\s+\w+")


class Check(Report):
    """A report; true where nothing wrong was found, so that it can be asserted."""

    name: str

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        return click.unstyle(self.text())

    def text(self, *, everything: bool = False, width: int = 88) -> str:
        """The report for a terminal, in colours."""
        from chainrule.apps.checked.terminal import text

        return text(self, self.name, everything=everything, width=width)

    def markdown(self) -> str:
        """The report in Markdown."""
        from chainrule.apps.checked.markdown import markdown

        return markdown(self, self.name)

    def html(self) -> str:
        """The report as a page that stands alone."""
        from chainrule.apps.checked.page import page

        return page([(self.name, self)])

    def _repr_html_(self) -> str:
        from html import escape

        return (f'<iframe sandbox="" srcdoc="{escape(self.html())}" style="width:100%;'
                'height:30em;border:0"></iframe>')  # fmt: skip


def as_check(report: Report, name: str = "") -> Check:
    """The report as one that prints."""
    made = object.__new__(Check)
    for one in fields(report):
        object.__setattr__(made, one.name, getattr(report, one.name))
    object.__setattr__(made, "name", name)
    return made


def checked(
    source: str | os.PathLike[str],
    declarations: Sequence[str] = (),
    layout: str | None = None,
    symmetric: str | None = None,
) -> Check:
    """Check an equation, the text of a document, or a file given as a path."""
    from chainrule.apps.check import check_request

    if not isinstance(source, str):
        from chainrule.apps.read import load

        text, name = load(os.fspath(source))
        found = check_request(text=text, name=name, declarations=declarations, layout=layout,
                              symmetric=symmetric)  # fmt: skip
        return as_check(found, Path(source).name)
    alone = _ALONE.match(source)
    if alone is not None:
        source = next(g for g in alone.groups() if g is not None)
        found = check_request(that=source, declarations=declarations, layout=layout,
                              symmetric=symmetric, latex=True)  # fmt: skip
    elif is_document(source):
        found = check_request(text=source, declarations=declarations, layout=layout,
                              symmetric=symmetric)  # fmt: skip
    else:
        found = check_request(that=source, declarations=declarations, layout=layout,
                              symmetric=symmetric)  # fmt: skip
    return as_check(found)


def is_document(text: str) -> bool:
    """Has it delimiters of formulas, headings, fences, paragraphs or sentences?"""
    return bool(_DELIMITER.search(text) or _WORDS.search(text))
