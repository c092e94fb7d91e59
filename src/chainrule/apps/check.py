"""The command ``chainrule check``: verdicts on documents and equations."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from chainrule.apps.read import load
from chainrule.errors import ChainruleError, UsageError

if TYPE_CHECKING:
    from chainrule.check.document import Report

FORMATS = ("text", "markdown", "html", "json")
SYMMETRIC = ("project", "entries", "ignore")
LIMIT_S = 300.0  # for one document
BATCH_LIMIT_S = 60.0
MANY = 15  # statements from which on progress is shown


@click.command("check")
@click.argument("files", metavar="FILE...", nargs=-1)
@click.option("--that", "that", default=None, metavar="EQUATION",
              help="Check one equation, text or LaTeX, instead of a file.")  # fmt: skip
@click.option("--var", "declarations", multiple=True, metavar="DECL",
              help="Declarations such as 'A: n,n symmetric; x: n'.")  # fmt: skip
@click.option("--layout", default=None, metavar="LAYOUT",
              help="That derivatives must have: gradient | numerator | denominator | vec. Left "
              "out, that of the document.")  # fmt: skip
@click.option("--symmetric", default=None, metavar="S",
              help="Convention for symmetric variables: project | entries | ignore. Left out, "
              "each is accepted.")  # fmt: skip
@click.option("--kind", type=click.Choice(["markdown", "tex", "notebook", "text"]), default=None,
              help="Of the document, where it cannot be told by its name.")  # fmt: skip
@click.option("--latex", is_flag=True, help="EQUATION is LaTeX even if it does not look so.")
@click.option("--limit", default=LIMIT_S, show_default=True, metavar="SECONDS",
              help="For one document; what is left then is not checked.")  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="List what holds, too (text format).")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("-o", "--output", default=None, metavar="FILE", help="Write the report to a file.")
def check(
    files: tuple[str, ...], that: str | None, declarations: tuple[str, ...], layout: str | None,
    symmetric: str | None, kind: str | None, latex: bool, limit: float, everything: bool,
    form: str, output: str | None,
) -> int:  # fmt: skip
    """Check what FILEs state (- for standard input), or one equation with --that.

    Each statement is said to hold, to hold in another layout or under a condition, or to be wrong:
    then what slipped, what it should be and an example come with it. Markdown, TeX, Jupyter
    notebooks and plain text are understood. Exit status 1 if something is wrong, 2 if something
    could not be read.

    Example: chainrule check --that "grad(x'*A*x, x) == 2*A*x"
    """
    if (that is None) == (not files):
        raise UsageError("give a file (or - for standard input), or one equation with --that")
    reports: list[tuple[str, Report]] = []
    status = 0
    options: dict[str, Any] = {"layout": layout, "symmetric": symmetric}
    if that is not None:
        reports.append(("", check_request(that=that, declarations=declarations, latex=latex,
                                          **options)))  # fmt: skip
    for file in files:
        try:
            source, name = load(file)
            reports.append((
                "" if file == "-" else file,
                check_request(text=source, name=name, declarations=declarations, kind=kind,
                              limit_s=limit, progress=bar(file), **options),
            ))  # fmt: skip
        except ChainruleError as error:
            if len(files) == 1:
                raise
            click.echo(error.pretty(), err=True)
            status = 2
    shown = rendered(reports, form, len(files) > 1, everything)
    _out(shown, output)
    if any(not r.ok for _, r in reports):
        status = max(status, 1)
    return status


def check_request(
    *,
    text: str | None = None,
    that: str | None = None,
    name: str = "",
    declarations: Sequence[str] = (),
    layout: str | None = None,
    symmetric: str | None = None,
    kind: str | None = None,
    latex: bool = False,
    limit_s: float | None = LIMIT_S,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """A report on one document (``text``) or one equation (``that``).

    Raises
    ------
    ChainruleError
        For an equation that cannot be read, and unknown layouts, conventions and declarations.
    """
    from chainrule.check.document import check_document
    from chainrule.check.equation import check_equation, check_layout

    check_layout(layout)
    if symmetric is not None and symmetric not in SYMMETRIC:
        raise UsageError(f"unknown convention {symmetric!r}: use {', '.join(SYMMETRIC)}")
    if that is not None:
        return check_equation(that, declarations, layout=layout, symmetric=symmetric, latex=latex)
    if text is None:
        raise UsageError("give 'that', an equation, or 'text', a document")
    return check_document(
        text, kind=kind, name=name, declarations=declarations, layout=layout, symmetric=symmetric,
        limit_s=limit_s, progress=progress,
    )  # fmt: skip


def rendered(
    reports: Sequence[tuple[str, Report]], form: str, many: bool = False, everything: bool = False
) -> str:
    """Reports with the names of their files in one of :data:`FORMATS`."""
    if form == "json":
        return json.dumps(_json(reports, many), ensure_ascii=False)
    if form == "html":
        from chainrule.apps.checked.page import page

        return page(reports)
    if form == "markdown":
        from chainrule.apps.checked.markdown import markdown

        return "\n\n".join(markdown(r, name) for name, r in reports)
    from chainrule.apps.checked import terminal

    width = min(shutil.get_terminal_size().columns, 110) if sys.stdout.isatty() else 88
    parts = [terminal.text(r, name, width=width, everything=everything) for name, r in reports]
    if many and len(reports) > 1:
        parts.append(terminal.several(reports))
    return "\n\n".join(parts)


def _json(reports: Sequence[tuple[str, Report]], many: bool) -> dict[str, Any]:
    if not many and len(reports) == 1:
        return reports[0][1].to_json()
    documents = [{"file": name, **r.to_json()} for name, r in reports]
    summary: dict[str, int] = {}
    for _, r in reports:
        for kind, n in r.summary.items():
            summary[kind] = summary.get(kind, 0) + n
    return {"documents": documents, "summary": summary}


def bar(file: str) -> Callable[[int, int], None] | None:
    """A progress bar on standard error, for long documents and on a terminal only."""
    if not sys.stderr.isatty():
        return None
    label = os.path.basename(file)

    def show(done: int, count: int) -> None:
        if count < MANY:
            return
        if done == count:
            click.echo("\r\x1b[K", nl=False, err=True)
            return
        full = round(24 * done / count)
        line = "━" * full + "╌" * (24 - full)
        click.echo(f"\r{label} {line} {done} of {count}", nl=False, err=True)

    return show


def _out(shown: str, output: str | None) -> None:
    if output is None:
        # click takes colours out for pipes; NO_COLOR is for terminals
        click.echo(shown, color=False if os.environ.get("NO_COLOR") else None)
        return
    try:
        with open(output, "w", encoding="utf-8") as stream:
            stream.write(click.unstyle(shown) + "\n")
    except OSError as failure:
        raise UsageError(f"{output} cannot be written: {failure.strerror}") from None
