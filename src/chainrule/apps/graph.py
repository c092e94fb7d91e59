"""The command ``chainrule graph``: draw a computational graph, with numbers if they are given."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chainrule.apps.formulas import FormulaCommand
from chainrule.errors import ChainruleError, LimitError, UsageError

if TYPE_CHECKING:
    from chainrule.graph import Graph, Run
    from chainrule.read import Reading

FORMS = ("text", "tree", "table", "svg", "dot", "mermaid", "json")
ENDINGS = {".svg": "svg", ".dot": "dot", ".gv": "dot", ".mmd": "mermaid", ".mermaid": "mermaid",
           ".txt": "text", ".json": "json"}  # fmt: skip
LARGEST = 50_000_000  # bytes of a file


def graph_request(text: str, declarations: tuple[str, ...] = (), latex: bool = False) -> Reading:
    """The formula as it was read, with its definitions.

    Raises
    ------
    ChainruleError
        For a formula that cannot be read.
    """
    from chainrule.read import read_any

    return read_any(text, declarations, latex=latex)


def graph_text(
    source: Reading,
    *,
    at: str | None = None,
    backward: bool = False,
    digits: int | None = None,
    form: str = "text",
    theme: str = "auto",
) -> tuple[str, tuple[str, ...]]:
    """What the command writes, and remarks on it.

    Parameters
    ----------
    source
        A formula with its definitions.
    at
        The text of VALUES.json.
    form
        ``text`` (a tree; a table where there are values), ``tree``, ``table``, ``svg``, ``dot``,
        ``mermaid`` or ``json``.

    Raises
    ------
    ChainruleError
        For values that cannot be used, and for gradients of what is no scalar.
    """
    from chainrule.graph import from_json, graph, run

    g = graph(source)
    found = None
    if at is not None:
        found = run(g, from_json(at), backward=backward, digits=digits)
    elif form == "table":
        raise UsageError("--format table needs values: --at VALUES.json")
    remarks: tuple[str, ...] = ()
    if found is not None and form not in ("text", "table", "tree", "json"):
        remarks = tuple(f"kink: {k.text()}" for k in found.kinks)
    return _written(g, found, form, backward, theme), remarks


def _written(g: Graph, found: Run | None, form: str, backward: bool, theme: str) -> str:
    match form:
        case "svg":
            return g.svg(theme, found, backward)
        case "dot":
            return g.dot(found, backward)
        case "mermaid":
            return g.mermaid(found, backward)
        case "json":
            return _json(g, found, backward)
    show_table = form == "table" or (form == "text" and found is not None)
    parts = [found.table() if show_table and found is not None else g.tree(found)]
    if backward and form == "text":
        parts += ["", *g.gradient_lines()]
    if found is not None and not show_table:
        parts += [f"kink: {k.text()}" for k in found.kinks]
    return "\n".join(parts) + "\n"


def _json(g: Graph, found: Run | None, backward: bool) -> str:
    import json

    data = g.to_json() if found is None else found.to_json()
    if backward:
        data["gradients"] = {name: repr(e) for name, e in g.symbolic_gradients().items()}
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def form_of(form: str | None, output: str | None) -> str:
    """The form that is asked for, by name or by the ending of the file."""
    if form is not None:
        return form
    if output is None or output == "-":
        return "text"
    ending = Path(output).suffix.lower()
    if ending not in ENDINGS:
        raise UsageError(
            f"cannot tell the form from {output!r}: use one of the endings {', '.join(ENDINGS)}"
        )
    return ENDINGS[ending]


@click.command("graph", cls=FormulaCommand, context_settings={"ignore_unknown_options": True})
@click.argument("expr", metavar="EXPR")
@click.option("--at", "at", metavar="VALUES.json", default=None,
              help="Values of the inputs; '-' for standard input.")  # fmt: skip
@click.option("--backward", is_flag=True, help="Gradients at every node.")
@click.option("-o", "--output", metavar="FILE", default=None,
              help="File to write: .svg, .dot, .mmd, .txt or .json.")  # fmt: skip
@click.option("--digits", type=click.IntRange(0, 30), default=None,
              help="Decimals of the numbers.")  # fmt: skip
@click.option("--var", "declarations", multiple=True, metavar="DECL",
              help="Declarations such as 'A: n,n symmetric; x: n; t: scalar'.")  # fmt: skip
@click.option("--latex", is_flag=True, help="EXPR is LaTeX even if it does not look so.")
@click.option("--format", "form", type=click.Choice(FORMS), default=None,
              help="By default as the file's ending says, else text.")  # fmt: skip
@click.option("--theme", type=click.Choice(("auto", "light", "dark")), default="auto",
              show_default=True, help="Colours of an SVG.")  # fmt: skip
def graph(
    expr: str, at: str | None, backward: bool, output: str | None, digits: int | None,
    declarations: tuple[str, ...], latex: bool, form: str | None, theme: str,
) -> None:  # fmt: skip
    """Computational graph of EXPR (text, '-' for standard input, or a file).

    Example: chainrule graph "h=relu(W*x); h'*h" --at values.json --backward -o graph.svg
    """
    from chainrule.apps.requests import remark, time_limit

    if expr == "-" and at == "-":
        raise UsageError("the formula and the values cannot both come from standard input")
    kind = form_of(form, output)
    with time_limit():
        values = None if at is None else _content(at)
        reading = graph_request(_formula(expr), declarations, latex)
        text, remarks = graph_text(
            reading, at=values, backward=backward, digits=digits, form=kind, theme=theme
        )
    _deliver(text, output)
    for line in (*reading.assumed, *reading.remarks, *remarks):
        remark(line)


def _deliver(text: str, output: str | None) -> None:
    if output is None or output == "-":
        click.echo(text, nl=False)
        return
    try:
        Path(output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {output}: {error.strerror}") from None


def _content(name: str) -> str:
    """Of a file, or of standard input."""
    try:
        if name == "-":
            return sys.stdin.read(LARGEST + 1)
        path = Path(name)
        if path.stat().st_size > LARGEST:
            raise LimitError(f"{name} is larger than {LARGEST // 1_000_000} megabytes")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"cannot read {name}: {error.strerror}") from None
    except ChainruleError:
        raise
    except ValueError:  # not UTF-8, or a name that no file can have
        raise UsageError(f"cannot read {name}: it is not text in UTF-8") from None


def _formula(expr: str) -> str:
    """The formula itself, standard input, or the content of a file."""
    from chainrule.apps.cli import _source

    return _source(expr)


__all__ = ["form_of", "graph", "graph_request", "graph_text"]
