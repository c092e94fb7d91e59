"""Colours of the drawing, light and dark, and its style sheet.

Colours are written out, not kept in custom properties, so that viewers other than browsers show
them too; those that know no media queries show the light ones.
"""

from __future__ import annotations

THEMES = ("auto", "light", "dark")
KINDS = ("input", "parameter", "operation", "output")
LIGHT = {
    "ground": "#ffffff", "ink": "#0f172a", "faint": "#64748b", "line": "#94a3b8",
    "grad": "#be123c", "kink": "#b45309",
    "input": "#dbeafe #2563eb", "parameter": "#fef3c7 #b45309",
    "operation": "#f8fafc #64748b", "output": "#dcfce7 #15803d",
}  # fmt: skip
DARK = {
    "ground": "#0f172a", "ink": "#f1f5f9", "faint": "#a3b1c6", "line": "#64748b",
    "grad": "#fda4af", "kink": "#fbbf24",
    "input": "#1e3a5f #60a5fa", "parameter": "#4a3411 #fbbf24",
    "operation": "#1e293b #94a3b8", "output": "#14432a #4ade80",
}  # fmt: skip
SANS = "system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif"
MONO = "ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace"
SHAPES = (
    ("text", f"font:11px {MONO}"),
    (".name", f"font:600 13px {SANS};text-anchor:middle"),
    (".note", f"font:11px {SANS};text-anchor:middle"),
    (".legend", f"font:11px {SANS}"),
    (".size", f"font:10px {SANS}"),
    (".said", f"font:10px {SANS};text-anchor:middle"),
    (".centre", "text-anchor:middle"),
    (".end", "text-anchor:end"),
    (".edge", "fill:none;stroke-width:1.4px"),
    (".bracket", "fill:none"),
    (".mark", "font:700 9px sans-serif;fill:#ffffff;text-anchor:middle"),
    (".box", "stroke-width:1.4px"),
)


def style(theme: str) -> str:
    """The style sheet of a theme; ``auto`` follows the reader's system."""
    shapes = _rules(SHAPES)
    if theme == "dark":
        return shapes + _rules(_coloured(DARK))
    if theme == "light":
        return shapes + _rules(_coloured(LIGHT))
    dark = _rules(_coloured(DARK))
    return f"{shapes}{_rules(_coloured(LIGHT))}@media(prefers-color-scheme:dark){{{dark}}}"


def _rules(rules: tuple[tuple[str, str], ...]) -> str:
    return "".join(f".crgraph {selector}{{{body}}}" for selector, body in rules)


def _coloured(c: dict[str, str]) -> tuple[tuple[str, str], ...]:
    boxes = []
    for kind in KINDS:
        fill, line = c[kind].split()
        boxes.append((f".{kind} .box", f"fill:{fill};stroke:{line}"))
    return (
        ("text", f"fill:{c['ink']}"),
        ("text.note,.crgraph text.legend", f"fill:{c['faint']}"),
        (
            "text.size",
            f"fill:{c['faint']};stroke:{c['ground']};stroke-width:4px;paint-order:stroke",
        ),  # the line passes behind it
        ("text.grad", f"fill:{c['grad']}"),
        ("text.kinktext", f"fill:{c['kink']}"),
        ("text.mark", f"fill:{c['ground']}"),
        (".ground", f"fill:{c['ground']}"),
        (".edge", f"stroke:{c['line']}"),
        (".tip", f"fill:{c['line']}"),
        (".bracket", f"stroke:{c['faint']}"),
        (".bracket.grad", f"stroke:{c['grad']}"),
        (".kink", f"fill:{c['kink']}"),
        *boxes,
    )


__all__ = ["DARK", "KINDS", "LIGHT", "THEMES", "style"]
