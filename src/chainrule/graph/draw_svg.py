"""The graph as a self-contained SVG: no fonts, no scripts, light and dark."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from math import hypot
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from chainrule.errors import UsageError
from chainrule.graph.build import Graph, Node
from chainrule.graph.layout import Layout, Point, layout
from chainrule.graph.show import cells, width
from chainrule.graph.spell import formula_text, gradient_texts, name_text, partial_text
from chainrule.graph.theme import KINDS, THEMES, style

if TYPE_CHECKING:
    from chainrule.graph.passes import Run

MARGIN = 20.0
LEGEND = 34.0
CHAR, LINE = 7.3, 17.0  # of the title of a box
SMALL, SMALL_LINE = 6.7, 14.0  # of numbers
TINY, TINY_LINE = 6.0, 12.0  # of sizes on edges
ROUND = 12.0  # radius of a turn
PAD_X, PAD_Y = 12.0, 8.0
COLUMN_GAP = 22.0
LONGEST = 48  # characters of a formula in a box


@dataclass(frozen=True)
class Box:
    """What stands in a box, with its size."""

    node: Node
    title: str
    whole: str
    note: str
    rules: list[str]
    value: list[list[str]]
    gradient: list[list[str]]
    partial: str
    kinks: tuple[str, ...]
    wide: float
    tall: float


def svg(g: Graph, theme: str = "auto", run: Run | None = None, backward: bool = False) -> str:
    """Draw a graph, with the values and gradients of a run if one is given.

    ``backward`` writes the symbolic gradients into a drawing without numbers.

    Raises
    ------
    UsageError
        For an unknown theme.
    """
    if theme not in THEMES:
        raise UsageError(f"unknown theme {theme!r}: use one of {', '.join(THEMES)}")
    rules = gradient_texts(g) if backward and run is None else {}
    boxes = [_box(g, n, run, rules.get(n.name, "")) for n in g.nodes]
    number = {n.name: k for k, n in enumerate(g.nodes)}
    edges = [(number[name], number[n.name]) for n in g.nodes for name in n.inputs]
    sizes = [g.nodes[a].size_at(run.sizes if run is not None else {}) for a, _ in edges]
    placed = layout([(b.wide, b.tall) for b in boxes], edges,
                    [(width(t) * TINY + 4, TINY_LINE) for t in sizes])  # fmt: skip
    kinds = dict.fromkeys(n.kind for n in g.nodes)
    has_kinks = any(b.kinks for b in boxes)
    red = bool(rules) or (run is not None and bool(run.gradients))
    legend, legend_width = _legend(list(kinds), red, has_kinks)
    wide = max(placed.width, legend_width) + 2 * MARGIN
    tall = placed.height + 2 * MARGIN + LEGEND
    shift = MARGIN + max(0.0, legend_width - placed.width) / 2
    title = f"Computational graph of {name_text(g.output)}"
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" class="crgraph" role="img" '
        f'viewBox="0 0 {_n(wide)} {_n(tall)}" width="{_n(wide)}" height="{_n(tall)}">',
        f"<title>{escape(title)}</title>",
        f"<style>{style(theme)}</style>",
        '<defs><marker id="crgraph-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path class="tip" d="M0 .8 L7.5 4 L0 7.2 Z"/>'
        "</marker></defs>",
        '<rect class="ground" width="100%" height="100%"/>',
        legend,
        f'<g transform="translate({_n(shift)} {_n(MARGIN + LEGEND)})">',
        *_edges(placed, sizes),
        *(_drawn(b, c) for b, c in zip(boxes, placed.centres, strict=True)),
        "</g>",
        "</svg>",
    ]) + "\n"  # fmt: skip


def _box(g: Graph, n: Node, run: Run | None, rule: str) -> Box:
    formula = formula_text(n)
    whole = name_text(n) + (f" = {formula}" if formula else "")
    title = whole if len(whole) <= LONGEST else whole[: LONGEST - 1] + "…"
    rules = textwrap.wrap(rule, LONGEST, break_long_words=False, break_on_hyphens=False)
    sizes = run.sizes if run is not None else {}
    size = n.size_at(sizes)
    note = size if formula else f"{size} {n.kind}"
    value = cells(run.values[n.name], run.digits) if run is not None else []
    gradient: list[list[str]] = []
    partial = ""
    if run is not None and run.gradients:
        gradient = cells(run.gradients[n.name], run.digits)
        partial = partial_text(g, n)
    met = [k.convention for k in run.kinks if k.node == n.name] if run is not None else []
    kinks = tuple(dict.fromkeys(met))
    numbers = _columns(value) + (COLUMN_GAP + max(_columns(gradient), width(partial) * SMALL)
                                 if gradient else 0.0)  # fmt: skip
    said = max((width(k) * TINY for k in kinks), default=0.0)
    wide = max(width(title) * CHAR + (36 if kinks else 0), width(note) * SMALL, numbers, said,
               *(width(t) * SMALL for t in rules))  # fmt: skip
    lines = max(len(value), len(gradient) + (1 if gradient else 0))
    tall = 2 * PAD_Y + LINE + SMALL_LINE + (lines * SMALL_LINE + 6 if lines else 0)
    tall += len(kinks) * SMALL_LINE + (len(rules) * SMALL_LINE + 4 if rules else 0)
    return Box(n, title, whole, note, rules, value, gradient, partial, kinks,
               wide + 2 * PAD_X, tall)  # fmt: skip


def _widths(table: list[list[str]]) -> list[float]:
    return [max(width(row[j]) for row in table) * SMALL for j in range(len(table[0]))]


def _columns(table: list[list[str]]) -> float:
    return sum(w + 10 for w in _widths(table)) + 8 if table else 0.0


def _drawn(b: Box, centre: Point) -> str:
    x, y = centre[0] - b.wide / 2, centre[1] - b.tall / 2
    parts = [
        f'<g class="{b.node.kind}" id="crgraph-{b.node.id}">',
        f"<title>{escape('; '.join([b.whole, *b.kinks]))}</title>",
        f'<rect class="box" x="{_n(x)}" y="{_n(y)}" width="{_n(b.wide)}" height="{_n(b.tall)}" '
        'rx="9"/>',
        _text(centre[0], y + PAD_Y + 12, b.title, "name"),
        _text(centre[0], y + PAD_Y + 12 + SMALL_LINE, b.note, "note"),
    ]
    top = y + PAD_Y + LINE + SMALL_LINE + 6
    parts += [_text(centre[0], top + 8 + k * SMALL_LINE, text, "grad centre")
              for k, text in enumerate(b.rules)]  # fmt: skip
    if b.value:
        both = _columns(b.value)
        side = max(_columns(b.gradient), width(b.partial) * SMALL) if b.gradient else 0.0
        start = centre[0] - (both + (COLUMN_GAP + side if b.gradient else 0.0)) / 2
        drop = SMALL_LINE if b.gradient else 0.0
        parts += _matrix(start, top + drop, b.value, "value")
        if b.gradient:
            at = start + both + COLUMN_GAP
            parts.append(_text(at + side / 2, top + 10, b.partial, "grad centre"))
            parts += _matrix(at + (side - _columns(b.gradient)) / 2, top + drop, b.gradient, "grad")
    if b.kinks:
        cx, cy = x + b.wide - 14, y + 13
        parts.append(f'<path class="kink" d="M{_n(cx)} {_n(cy - 6)} l7 12 h-14 Z"/>')
        parts.append(_text(cx, cy + 4.5, "!", "mark"))
        low = y + b.tall - PAD_Y + 1
        parts += [_text(centre[0], low - k * SMALL_LINE, text, "said kinktext")
                  for k, text in enumerate(reversed(b.kinks))]  # fmt: skip
    return "".join([*parts, "</g>"])


def _matrix(x: float, y: float, table: list[list[str]], kind: str) -> list[str]:
    """Numbers in columns between brackets; a scalar without."""
    widths = _widths(table)
    parts = []
    at = x + 4
    for j, w in enumerate(widths):
        at += w + 10
        for i, row in enumerate(table):
            parts.append(_text(at - 5, y + 10 + i * SMALL_LINE, row[j], f"{kind} end"))
    if len(table) > 1 or len(widths) > 1:
        right, tall = x + _columns(table), len(table) * SMALL_LINE
        parts.append(
            f'<path class="bracket {kind}" d="M{_n(x + 5)} {_n(y)} h-4 v{_n(tall)} h4 '
            f'M{_n(right - 5)} {_n(y)} h4 v{_n(tall)} h-4"/>'
        )
    return parts


def _edges(placed: Layout, sizes: list[str]) -> list[str]:
    lines = [f'<path class="edge" marker-end="url(#crgraph-tip)" d="{_curve(points)}"/>'
             for points in placed.routes]  # fmt: skip
    return lines + [_text(x, y + 3, text, "size centre")
                    for (x, y), text in zip(placed.labels, sizes, strict=True)]  # fmt: skip


def _curve(points: list[Point]) -> str:
    """Rounded where it turns."""
    d = f"M{_n(points[0][0])} {_n(points[0][1])}"
    for before, at, after in zip(points, points[1:], points[2:], strict=False):
        (x0, y0), (x1, y1) = _towards(at, before), _towards(at, after)
        d += f"L{_n(x0)} {_n(y0)}Q{_n(at[0])} {_n(at[1])} {_n(x1)} {_n(y1)}"
    return d + f"L{_n(points[-1][0])} {_n(points[-1][1])}"


def _towards(at: Point, other: Point) -> Point:
    """A point near a corner on the way to the next, at most half of it away."""
    far = hypot(other[0] - at[0], other[1] - at[1])
    t = min(ROUND / far, 0.5) if far else 0.0
    return at[0] + t * (other[0] - at[0]), at[1] + t * (other[1] - at[1])


def _legend(kinds: list[str], backward: bool, kinked: bool) -> tuple[str, float]:
    names = [k for k in KINDS if k in kinds]
    parts, x = [], MARGIN
    for kind in names:
        parts.append(f'<g class="{kind}"><rect class="box" x="{_n(x)}" y="14" width="18" '
                     f'height="13" rx="4"/></g>{_text(x + 24, 25, kind, "legend")}')  # fmt: skip
        x += 24 + width(kind) * SMALL + 16
    extra = [("grad", "gradient")] if backward else []
    if kinked:
        extra.append(("kinktext", "▲ at a kink"))
    for look, text in extra:
        parts.append(_text(x, 25, text, f"legend {look}"))
        x += width(text) * SMALL + 16
    return "".join(parts), x - MARGIN


def _text(x: float, y: float, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}">{escape(text)}</text>'


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


__all__ = ["svg"]
