"""Formulas inside a sentence: parts of the statement, found again by how they are written."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from chainrule.apps.checked.mathml import typeset
from chainrule.apps.checked.view import Finding, Written
from chainrule.errors import ChainruleError
from chainrule.expr import Expr, postorder
from chainrule.write import latex, plain

MOST = 300  # parts that are looked for
WORDS = frozenset({"is", "of", "on", "an", "at", "it", "as", "the", "are", "not", "sum", "trace"})


def sentence_html(f: Finding) -> str:
    """The sentence with its formulas typeset."""
    text = f.gist
    if f.kind not in ("false", "ill_formed") or text not in f.sentence:
        return escape(f.sentence)
    before = escape(f.sentence.removesuffix(text))
    out, at = [before], 0
    for start, end, e in _places(text, _exprs(f)):
        out.append(escape(text[at:start]))
        try:
            made = typeset(Written(latex(e)), block=False)
        except ChainruleError:
            made = None
        out.append(made or f"<code>{escape(text[start:end])}</code>")
        at = end
    return "".join([*out, escape(text[at:])])


def _exprs(f: Finding) -> list[Expr]:
    verdict = f.checked.verdict
    mends = [m.expr for m in verdict.mends[:1]] if verdict is not None else []
    return [*f.checked.stated.expressions, *mends]


def _places(text: str, roots: Sequence[Expr]) -> list[tuple[int, int, Expr]]:
    """Where parts stand, the longest first, none inside another."""
    if not roots:
        return []
    parts: dict[str, Expr] = {}
    for n, e in enumerate(reversed(list(postorder(*roots)))):
        if n > MOST:
            break
        try:
            name = plain(e)
        except ChainruleError:
            continue
        if 1 < len(name) < 200 and name not in WORDS:
            parts.setdefault(name, e)
    found: list[tuple[int, int, Expr]] = []
    for name in sorted(parts, key=len, reverse=True):
        at = text.find(name)
        while at >= 0:
            end = at + len(name)
            apart = text[:at][-1:] in ("", " ") and text[end:][:1] in ("", " ", ".", ",", ";")
            if apart and all(end <= a or at >= b for a, b, _ in found):
                found.append((at, end, parts[name]))
            at = text.find(name, end)
    return sorted(found, key=lambda p: p[0])
