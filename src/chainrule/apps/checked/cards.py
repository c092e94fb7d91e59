"""One statement on the page: its formula, what slipped, its mend and its counterexample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from chainrule.apps.checked import words
from chainrule.apps.checked.mathml import typeset, value
from chainrule.apps.checked.prose import sentence_html
from chainrule.apps.checked.view import Finding, Mended, Written
from chainrule.check.verdict import Counterexample

LARGEST = 40  # entries of a matrix that is shown


def card(f: Finding, anchors: Mapping[int, str]) -> str:
    """A statement about which there is something to say."""
    out = [f'<article class="{f.kind}" id="{f.id}">', _header(f)]
    out.append(formula(f.source, f.tex, "wrong", f.readable))
    if f.same_as:
        link = f'<a href="#{anchors[f.same_as]}">' if f.same_as in anchors else "<a>"
        out.append(f'<p class="said">As in {link}line {f.same_as}</a>.</p>\n</article>')
        return "\n".join(out)
    if f.sentence:
        out.append(f'<p class="said" dir="auto">{sentence_html(f)} {escape(f.read_with)}</p>')
    mends = [m for m in f.mends if m.line.text or m.latex.text]
    if mends:
        label = "Should be" if f.wrong else "In general"
        out.append(f"<dl><dt>{label}</dt><dd>{_mended(mends[0], f.tex)}</dd></dl>")
    out += _follows(f, anchors)
    if f.counter is not None:
        out.append(_counterexample(f.counter))
    if len(mends) > 1 and f.wrong:
        others = "".join(f'<dt dir="auto">{escape(m.message)}</dt><dd>{_mended(m, f.tex)}</dd>'
                         for m in mends[1:])  # fmt: skip
        out.append(f"<details><summary>Other ways to mend it</summary><dl>{others}</dl></details>")
    out.append(_details(f, mends[0] if mends and f.wrong else None))
    out.append("</article>")
    return "\n".join(part for part in out if part)


def row(f: Finding, anchors: Mapping[int, str]) -> str:
    """A statement in a list."""
    said = f'<div class="said" dir="auto">{escape(f.said)}</div>' if f.said else ""
    follows = "".join(_follows(f, anchors))
    if follows:
        said += f'<div class="said">{follows}</div>'
    return (f'<div class="row" id="{f.id}"><span class="place">line {f.line}</span>'
            f"{formula(f.source, f.tex, '', f.readable)}{said}</div>")  # fmt: skip


def formula(written: Written, tex: bool, mark: str, readable: str = "") -> str:
    """Typeset where that is possible, else as it was written."""
    if tex:
        made = typeset(written, mark)
    else:
        made = typeset(Written(readable)) if readable and not written.span else None
    if made is not None:
        return f'<div class="formula" dir="ltr">{made}</div>'
    before, piece, after = written.pieces
    around = {"wrong": "<mark>", "mended": '<mark class="mended">'}.get(mark, "")
    inner = f"{around}{escape(piece)}</mark>" if around and piece else escape(piece)
    return (f'<div class="formula" dir="ltr"><code>{escape(before)}{inner}{escape(after)}</code>'
            "</div>")  # fmt: skip


def _header(f: Finding) -> str:
    scope = f.scope[-1] if f.scope else ""
    crumb = f'<span class="scope" dir="auto">{escape(scope)}</span>' if scope else ""
    slip = f'<span class="slip">{escape(f.slip)}</span>' if f.slip else ""
    return (f'<header><span class="place"><a href="#{f.id}">line {f.line}</a></span>'
            f'<span class="badge {f.kind}">{escape(f.title)}</span>{slip}{crumb}'
            "</header>")  # fmt: skip


def _mended(mend: Mended, tex: bool) -> str:
    if tex or not mend.line.text:
        return formula(mend.line if mend.line.text else mend.latex, True, "mended")
    return formula(mend.line, False, "mended")


def _follows(f: Finding, anchors: Mapping[int, str]) -> list[str]:
    if not f.follows:
        return []
    links = words.joined(
        f'<a href="#{anchors[n]}">line {n}</a>' if n in anchors else f"line {n}" for n in f.follows
    )
    return [f"<p>It relies on what is wrong in {links}; it was judged on its own step.</p>"]


def _counterexample(found: Counterexample) -> str:
    items = []
    for name, rows in found.values.items():
        if sum(map(len, rows)) <= LARGEST:
            items.append(value(name, _numbers(rows)))
    sides = [
        value(name, _numbers(rows))
        for name, rows in (("left", found.left), ("right", found.right))
        if sum(map(len, rows)) <= LARGEST
    ]
    sizes = ", ".join(f"{n} = {k}" for n, k in found.sizes.items())
    out = ["<details><summary>Counterexample</summary>"]
    if sizes:
        out.append(f'<p dir="ltr">With {escape(sizes)}:</p>')
    out.append(f'<div class="values">{"".join(items)}</div>')
    if len(sides) == 2:
        out.append(f'<p>the two sides are</p>\n<div class="values">{"".join(sides)}</div>')
    if found.script:
        out.append(f"<details><summary>Replay in NumPy</summary><pre>{escape(found.script)}</pre>"
                   "</details>")  # fmt: skip
    out.append("</details>")
    return "\n".join(out)


def _numbers(rows: Sequence[Sequence[float]]) -> list[list[str]]:
    return [[words.number(x) for x in r] for r in words.rounded(rows)]


def _details(f: Finding, mend: Mended | None) -> str:
    """How it was read, and the LaTeX to copy."""
    items = []
    if f.reading:
        items.append(f"<dt>read as</dt><dd><code>{escape(f.reading)}</code></dd>")
    source = f.source.text
    items.append(f"<dt>written</dt><dd><code>{escape(source)}</code></dd>")
    if mend is not None and mend.line.text:
        items.append(f"<dt>mended</dt><dd><code>{escape(mend.line.text)}</code></dd>")
    for remark in f.remarks[:4]:
        items.append(f'<dt>taken</dt><dd dir="auto">{escape(remark)}</dd>')
    return f"<details><summary>How it was read</summary><dl>{''.join(items)}</dl></details>"
