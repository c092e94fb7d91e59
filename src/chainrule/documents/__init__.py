"""Documents: where the formulas and headings are; it knows nothing of mathematics.

``split`` takes Markdown, TeX, a notebook or plain text apart into located formulas. Offsets count
characters of ``Document.source``, so that ``source[f.offset:f.end] == f.text`` always holds; for a
notebook that source is the text of its Markdown cells, joined by blank lines. ``find_facts`` reads
what the prose declares: "A is symmetric", "numerator layout".
"""

from chainrule.documents.assemble import split
from chainrule.documents.facts import Fact, find_facts
from chainrule.documents.kinds import kind_of
from chainrule.documents.lines import LineIndex, position
from chainrule.documents.macros import expand_macros
from chainrule.documents.model import Document, Formula, Heading, Trouble
from chainrule.documents.references import continued
from chainrule.documents.texsource import without_comments

__all__ = [
    "Document",
    "Fact",
    "Formula",
    "Heading",
    "LineIndex",
    "Trouble",
    "continued",
    "expand_macros",
    "find_facts",
    "kind_of",
    "position",
    "split",
    "without_comments",
]
