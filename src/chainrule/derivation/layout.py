"""Long lines broken between terms, at the outermost brackets that allow it."""

from __future__ import annotations

from chainrule.derivation.data import Body
from chainrule.derivation.sentences import written
from chainrule.expr import Expr
from chainrule.ops import add

WIDTH = 100  # characters of a line of text
WIDTH_TEX = 220
DEEPEST = 3  # brackets inside which a line is still broken


def broken(body: Body, form: str) -> list[str]:
    """The written form in lines; every line but the first starts with its sign."""
    text = written(body, form)
    if form == "latex":
        if len(text) <= WIDTH_TEX or not isinstance(body, Expr) or body.op != "add":
            return [text]
        return _terms(body)
    lines = [text]
    for depth in range(DEEPEST + 1):
        lines = [part for line in lines for part in _split(line, depth)]
    return lines


def _split(text: str, depth: int) -> list[str]:
    """Cut a line that is too long before ``+`` and ``−`` at a depth of brackets."""
    if len(text) <= WIDTH:
        return [text]
    cuts, level = [0], 0
    for k, c in enumerate(text):
        level += (c in "([{") - (c in ")]}")
        if level == depth and c in "+−" and k and text[k - 1] == " " and text[k + 1 : k + 2] == " ":
            cuts.append(k)
    pieces = [text[a:b] for a, b in zip(cuts, [*cuts[1:], len(text)], strict=True)]
    lines: list[str] = []
    for piece in pieces:
        if lines and len(lines[-1]) + len(piece) <= WIDTH:
            lines[-1] += piece
        else:
            lines.append(piece)
    return [line.rstrip() for line in lines]


def _terms(body: Expr) -> list[str]:
    lines: list[str] = []
    terms: list[Expr] = []
    for t in body.args:
        if terms and len(written(add(*terms, t), "latex")) > WIDTH_TEX:
            lines.append(_signed(terms, first=not lines))
            terms = []
        terms.append(t)
    lines.append(_signed(terms, first=not lines))
    return lines


def _signed(terms: list[Expr], first: bool) -> str:
    text = written(add(*terms), "latex")
    return text if first or text.startswith("-") else f"+ {text}"
