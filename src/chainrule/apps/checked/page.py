"""The report as one HTML page: typeset without any request, safe with documents of others."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib.resources import files

from chainrule.apps.checked import words
from chainrule.apps.checked.cards import card, row
from chainrule.apps.checked.view import Finding, findings
from chainrule.check.document import Report

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
MOST = 300  # in a list
HALF = ("true_if", "true_in_layout")


def page(reports: Sequence[tuple[str, Report]]) -> str:
    """A page on one or several documents, each with the name of its file.

    It stands alone: no scripts, and nothing is loaded from anywhere.
    """
    style = files("chainrule.apps.checked").joinpath("page.css").read_text(encoding="utf-8")
    many = len(reports) > 1
    title = "Check" if many else f"Check of {reports[0][0] or 'an equation'}" if reports else ""
    body = [_all(reports)] if many else []
    for n, (name, report) in enumerate(reports):
        body.append(_document(report, name, f"d{n}-" if many else "", many))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + "\n<footer>A wrong statement comes with values at which its sides differ; what holds was "
        "proved, or agreed at random points of several sizes.</footer>\n</body>\n</html>"
    )


def _all(reports: Sequence[tuple[str, Report]]) -> str:
    wrong = sum(len(r.wrong) for _, r in reports)
    count = sum(len(r.claims) for _, r in reports)
    said = f"{wrong} wrong" if wrong else "nothing wrong found"
    rows = "".join(
        f'<tr><td><a href="#d{n}-top" dir="auto">{escape(name)}</a></td>'
        f"<td>{escape(words.headline(r))}</td></tr>\n"
        for n, (name, r) in enumerate(reports)
    )
    return (f"<h1>{len(reports)} documents, {count} statements</h1>\n"
            f'<p class="verdict">{said.capitalize()}</p>\n'
            f'<table class="index">\n{rows}</table>')  # fmt: skip


def _document(report: Report, name: str, prefix: str, many: bool) -> str:
    found = findings(report, prefix)
    wrong = [f for f in found if f.wrong]
    parts = [_head(report, name, prefix, found)]
    anchors: dict[int, str] = {}
    for f in wrong:
        anchors.setdefault(f.line, f.id)
    if wrong:
        parts.append("<h2>What is wrong</h2>")
        parts += [card(f, anchors) for f in wrong]
    for title, kinds in (
        ("What holds under a condition or in another layout", HALF),
        ("What could not be checked", ("unknown",)),
    ):
        some = [f for f in found if f.kind in kinds]
        if some:
            parts.append(f"<h2>{title}</h2>")
            parts += [(card if f.kind == "true_if" else row)(f, anchors) for f in some[:MOST]]
            if len(some) > MOST:
                parts.append(f"<p>and {len(some) - MOST} more</p>")
    true = [f for f in found if f.kind == "true"]
    if true:
        is_open = " open" if len(found) == len(true) and len(true) <= 3 else ""
        parts.append(f"<h2>What holds</h2>\n<details{is_open}><summary>{len(true)} statement"
                     f"{'s' * (len(true) != 1)}</summary>")  # fmt: skip
        parts += [row(f, anchors) for f in true]
        parts.append("</details>")
    inner = "\n".join(parts)
    around = ' class="document"' if many else ""
    return f'<section id="{prefix}top"{around}>\n{inner}\n</section>'


def _head(report: Report, name: str, prefix: str, found: Sequence[Finding]) -> str:
    out = [f'<h1 dir="auto">{escape(name)}</h1>'] if name else []
    out.append(f'<p class="verdict">{escape(words.headline(report))}</p>')
    badges = "".join(
        f'<li class="badge {kind}">{escape(text)}</li>'
        for kind, text in words.counts(report.summary)
    )
    if badges:
        out.append(f'<ul class="counts">{badges}</ul>')
    if report.reading.document.kind != "equation":
        out.append(_layout(report))
    for t in report.reading.troubles[:5]:
        out.append(f'<p class="layout">Line {t.line}: <span dir="auto">{escape(t.message)}</span>'
                   "</p>")  # fmt: skip
    wrong = [f for f in found if f.wrong]
    if len(wrong) > 1:
        rows = "\n".join(
            f'<tr><td><a href="#{f.id}">line {f.line}</a></td>'
            f'<td><span class="badge {f.kind}">{escape(f.slip or f.title)}</span></td>'
            f'<td dir="auto">{escape(_short(f.gist))}</td></tr>'
            for f in wrong
        )
        out.append(f'<table class="index">\n{rows}\n</table>')
    return "<header>\n" + "\n".join(out) + "\n</header>"


def _layout(report: Report) -> str:
    name = words.LAYOUTS.get(report.layout, report.layout)
    said = words.layout_sentence(report).removeprefix(name)
    others = "".join(
        f" {escape(words.line_list(lines).capitalize())} "
        f"use{'s' if len(lines) == 1 else ''} {escape(words.LAYOUTS.get(layout, layout))}."
        for layout, lines in words.other_layouts(report)
    )
    return (f'<p class="layout">Derivatives are expected in <strong>{escape(name)}</strong>'
            f"{escape(said)}.{others}</p>")  # fmt: skip


def _short(text: str, most: int = 140) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
