"""The command ``chainrule read``: statements of a document, as they were read."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chainrule.errors import UsageError

if TYPE_CHECKING:
    from chainrule.read.reading import Reading
    from chainrule.statements import DocumentReading, Placed

LARGEST = 50_000_000  # bytes of a file
LONG = 200_000  # characters from which on progress is shown


def load(file: str) -> tuple[str, str]:
    """Text and name of a file, or of standard input.

    Raises
    ------
    UsageError
        If there is no such file, or it is no text.
    """
    if file == "-":
        return sys.stdin.read(), ""
    path = Path(file)
    try:
        if path.stat().st_size > LARGEST:
            raise UsageError(f"{file} has more than {LARGEST // 1_000_000} MB")
        return path.read_text(encoding="utf-8-sig"), path.name
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not a text in UTF-8") from None
    except OSError as failure:
        raise UsageError(f"{file} cannot be read: {failure.strerror}") from None


def show_progress(length: int) -> Any:
    """A progress function for long documents on a terminal; None otherwise."""
    if length < LONG or not sys.stderr.isatty():
        return None

    def show(done: int, count: int) -> None:
        end = "\n" if done == count else ""
        print(f"\r{done} of {count} formulas", end=end, file=sys.stderr, flush=True)

    return show


@click.command("read")
@click.argument("file")
@click.option("--var", "declarations", multiple=True, metavar="DECL",
              help="Declarations such as 'A: n,n symmetric; x: n'.")  # fmt: skip
@click.option("--kind", type=click.Choice(["markdown", "tex", "notebook", "text"]), default=None,
              help="Of the document, where it cannot be told by its name.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def read(file: str, declarations: tuple[str, ...], kind: str | None, form: str) -> None:
    """List the statements of FILE (- for standard input): how each was read, or why it was not.

    Markdown, TeX, Jupyter notebooks and plain text are understood.
    """
    from chainrule.statements import read_document

    source, name = load(file)
    found = read_document(
        source, kind=kind, name=name, declarations=declarations,
        progress=show_progress(len(source)),
    )  # fmt: skip
    click.echo(json.dumps(to_json(found), ensure_ascii=False) if form == "json" else text(found))


def to_json(found: DocumentReading) -> dict[str, Any]:
    """Statements, troubles and counts."""
    return {
        "layout": found.layout,
        "statements": [statement_json(p) for p in found.statements],
        "troubles": [
            {"line": t.line, "column": t.column, "message": t.message} for t in found.troubles
        ],
        "facts": [
            {
                "line": f.line,
                "name": f.name,
                "kind": f.kind,
                "value": f.value,
                "conditional": f.conditional,
            }
            for f in found.facts
        ],
        "summary": summary(found),
    }


def summary(found: DocumentReading) -> dict[str, int]:
    """How many statements of each kind."""
    counts: dict[str, int] = {}
    for p in found.statements:
        counts[p.stated.kind] = counts.get(p.stated.kind, 0) + 1
    return dict(sorted(counts.items()))


def statement_json(placed: Placed) -> dict[str, Any]:
    """One statement; ``reading`` is null for what was not read."""
    s = placed.stated
    error = s.error
    return {
        "line": placed.line, "column": placed.column, "number": s.number, "kind": s.kind,
        "text": s.source, "name": s.name, "relations": list(s.relations), "after": s.after or None,
        "reading": [_side(r) for r in s.sides] or None,
        "declares": {
            d.name: {"shape": [str(n) for n in d.shape] if d.shape else None,
                     "traits": list(d.traits)} for d in s.declarations
        },
        "relies_on": list(s.relies_on), "unspecified": list(s.unspecified),
        "assumed": list(s.sides[0].assumed) if s.sides else [], "remarks": list(s.remarks),
        "error": None if error is None else {"kind": error.kind, "message": error.message,
                                             "at": error.at},
    }  # fmt: skip


def _side(reading: Reading) -> dict[str, Any]:
    from chainrule.write import latex, plain

    e = reading.expr
    return {"plain": plain(e), "latex": latex(e), "shape": [str(n) for n in e.shape]}


def text(found: DocumentReading) -> str:
    """A page for people."""
    from chainrule.write import unicode

    lines = []
    for p in found.statements:
        s = p.stated
        if s.kind == "mention":
            continue
        lines.append(f"{p.line}:{p.column}  {s.kind}  {_short(s.source)}")
        if s.error is not None:
            lines.append(f"      not read: {s.error.message}")
        for d in s.declarations:
            shape = "×".join(map(str, d.shape)) if d.shape else d.kind
            lines.append(f"      {d.name}: {shape} {' '.join(d.traits)}".rstrip())
        sign = f" {s.relations[0]} " if s.relations else " = "
        if s.sides:
            head = f"{s.name} = " if s.name and s.kind in ("definition", "value") else ""
            shape = "×".join(str(n) for n in s.sides[0].expr.shape)
            body = sign.join(unicode(r.expr) for r in s.sides)
            lines.append(f"      {head}{body}   [{'scalar' if shape == '1×1' else shape}]")
        lines += [f"      ({remark})" for remark in s.remarks]
    lines += [f"{t.line}:{t.column}  trouble  {t.message}" for t in found.troubles]
    counts = ", ".join(f"{n} {kind}" for kind, n in summary(found).items())
    lines.append(f"{len(found.statements)} statements: {counts}")
    if found.layout:
        lines.append(f"the document says that it uses {found.layout} layout")
    return "\n".join(lines)


def _short(source: str) -> str:
    return source if len(source) <= 90 else source[:89] + "…"
