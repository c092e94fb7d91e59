"""LaTeX to MathML that is safe on a page: what is not on the list of elements stays LaTeX."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from xml.etree import ElementTree

from chainrule.apps.checked.view import Written
from chainrule.expr import symbol
from chainrule.write import latex

LONGEST = 4000
ELEMENTS = frozenset({
    "math", "mrow", "mi", "mn", "mo", "ms", "mtext", "mspace", "mfrac", "msqrt", "mroot", "mstyle",
    "msub", "msup", "msubsup", "munder", "mover", "munderover", "mmultiscripts", "mprescripts",
    "mtable", "mtr", "mtd", "mpadded", "mphantom", "menclose", "mlabeledtr",
})  # fmt: skip
ATTRIBUTES = frozenset({
    "stretchy", "fence", "separator", "form", "accent", "accentunder", "linethickness", "minsize",
    "maxsize", "mathvariant", "columnalign", "rowspacing", "columnspacing", "displaystyle",
    "scriptlevel", "movablelimits", "largeop", "symmetric", "lspace", "rspace", "width", "height",
    "depth", "notation", "mathsize", "columnlines", "rowlines", "xmlns", "display",
})  # fmt: skip
CLASSES = frozenset({"wrong", "mended"})
_VALUE = re.compile(r"[\w .%+-]*\Z")
_NAMESPACE = "{http://www.w3.org/1998/Math/MathML}"
_CELLS = re.compile(
    r"\\(begin|end)\{((aligned|align|split|gathered|gather|equation|multline)\*?|\w+\*?)\}"
    r"|\\\\|\\.|&"
)  # fmt: skip
_LABELS = re.compile(r"\\(?:label|tag|ref|eqref)\*?\{[^{}]*\}|\\(?:nonumber|notag|displaystyle)\b")
_NAME = re.compile(r"\\operatorname\{(\w+\\?_\w+)\}")


def typeset(written: Written, mark: str = "", *, block: bool = True) -> str | None:
    """MathML with the part that matters in an element of a class; None where there is none.

    Parameters
    ----------
    mark
        ``wrong`` or ``mended``.
    """
    before, piece, after = _flat(written.pieces)
    if mark and piece and _whole(piece):
        found = _converted(f"{before}\\class{{{mark}}}{{{piece}}}{after}", block)
        if found is not None:
            return found
    return _converted(before + piece + after, block)


def _flat(pieces: Sequence[str]) -> list[str]:
    """Lines that were broken for the page in one; cells of matrices stay."""
    depth = 0
    out = []
    for piece in pieces:
        kept, at = [], 0
        for found in _CELLS.finditer(piece):
            kept.append(piece[at : found.start()])
            at = found.end()
            text = found[0]
            depth += (found[1] == "begin" and not found[3]) - (found[1] == "end" and not found[3])
            if found[3] or (text in ("&", "\\\\") and depth <= 0):
                text = " "
            kept.append(text)
        out.append("".join([*kept, piece[at:]]))
    return out


def _whole(piece: str) -> bool:
    """Can it be wrapped: all braces paired, no cell ends inside?"""
    depth = 0
    for found in re.finditer(r"\\.|[{}&]", piece, re.DOTALL):
        depth += (found[0] == "{") - (found[0] == "}")
        if depth < 0 or (found[0] in ("&", "\\\\") and "\\begin" not in piece):
            return False
    return depth == 0 and piece.count("\\left") == piece.count("\\right")


def _converted(source: str, block: bool) -> str | None:
    if not source.strip() or len(source) > LONGEST:
        return None
    from latex2mathml.converter import convert

    source = _NAME.sub(r"\\text{\1}", _LABELS.sub("", source))
    try:
        made = convert(source, display="block" if block else "inline")
        tree = ElementTree.fromstring(made)
    except (Exception, RecursionError):  # any failure of the converter: the LaTeX is shown
        return None
    try:
        return "".join(_safe(tree))
    except (_Foreign, RecursionError):
        return None


class _Foreign(Exception):
    """An element that has no place in a formula."""


def _safe(root: ElementTree.Element) -> list[str]:
    """The tree as text, with known elements and attributes only."""
    out: list[str] = []
    stack: list[ElementTree.Element | str] = [root]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            out.append(item)
            continue
        name = item.tag.removeprefix(_NAMESPACE)
        if name not in ELEMENTS:
            raise _Foreign
        text = (item.text or "").strip()
        if text.startswith("\\"):
            raise _Foreign  # a command that was not understood
        out.append(f"<{name}{_attributes(item)}>{escape(text)}")
        stack.append(f"</{name}>")
        for child in reversed(item):
            stack.append(child)
    return out


def _attributes(item: ElementTree.Element) -> str:
    kept = []
    for key, value in item.attrib.items():
        if key == "class" and value in CLASSES:
            kept.append(f' class="{value}"')
        elif key in ATTRIBUTES and key != "xmlns" and _VALUE.match(value):
            kept.append(f' {key}="{escape(value)}"')
    return "".join(kept)


def matrix(rows: Sequence[Sequence[str]]) -> str:
    """A matrix of numbers that are text already; a number by itself where there is one."""
    if len(rows) == 1 and len(rows[0]) == 1:
        return f"<mn>{escape(rows[0][0])}</mn>"
    body = "".join(
        f"<mtr>{''.join(f'<mtd><mn>{escape(x)}</mn></mtd>' for x in row)}</mtr>" for row in rows
    )
    return f"<mrow><mo>[</mo><mtable>{body}</mtable><mo>]</mo></mrow>"


def value(name: str, rows: Sequence[Sequence[str]]) -> str:
    """``name = matrix`` in a line."""
    head = typeset(Written(f"{_latex(name)} ="), block=False) or f"{escape(name)} = "
    return f'<span>{head} <math display="inline">{matrix(rows)}</math></span>'


def _latex(name: str) -> str:
    return f"\\text{{{name}}}\\;" if name in ("left", "right") else latex(symbol(name, 1, 1))
