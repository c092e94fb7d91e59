"""The command line: ``chainrule derive``, ``chainrule graph`` and ``chainrule batch``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from chainrule.apps.check import check
from chainrule.apps.formulas import FormulaCommand
from chainrule.apps.graph import graph
from chainrule.apps.read import read
from chainrule.errors import ChainruleError

FORMATS = ("text", "latex", "markdown", "json")
LAYOUTS = ("gradient", "numerator", "denominator", "vec", "differential", "all")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="chainrule")
def cli() -> None:
    """Matrix calculus that people can read, check and run."""


@cli.command(cls=FormulaCommand)
@click.argument("expr", metavar="EXPR")
@click.option(
    "--wrt", required=True, metavar="NAME", help="Variable; NAME,NAME for mixed --order 2."
)
@click.option("--var", "declarations", multiple=True, metavar="DECL",
              help="Declarations such as 'A: n,n symmetric; x: n; t: scalar'.")  # fmt: skip
@click.option("--order", type=int, default=1, show_default=True, help="1, or 2 for the Hessian.")
@click.option("--layout", default="gradient", show_default=True, help=" | ".join(LAYOUTS))
@click.option(
    "--symmetric", default="project", show_default=True, help="project | entries | ignore"
)
@click.option(
    "--steps",
    default=None,
    metavar="METHOD",
    help="Show the work: differential | index | kronecker | backprop | all",
)
@click.option("--language", default="en", show_default=True, help="Of the steps: en | fa | ru | zh")
@click.option("--sizes", is_flag=True, help="Show the size of every step.")
@click.option("--latex", is_flag=True, help="EXPR is LaTeX even if it does not look so.")
@click.option(
    "--latex-style",
    "style",
    default="",
    metavar="WORDS",
    help="How LaTeX is written: T, ' or \\intercal for the transpose (\\top), bold, Tr.",
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
def derive(
    expr: str, wrt: str, declarations: tuple[str, ...], order: int, layout: str, symmetric: str,
    steps: str | None, language: str, sizes: bool, latex: bool, style: str, form: str,
) -> None:  # fmt: skip
    """Derivative of EXPR (text, '-' for standard input, or a file) by a variable.

    Example: chainrule derive "x'*A*x" --wrt x
    """
    from chainrule.apps.render import heading, render
    from chainrule.apps.requests import derive_request, remark, time_limit
    from chainrule.apps.steps import render_steps, steps_request
    from chainrule.read import is_latex
    from chainrule.write import LatexStyle, styled

    options: Any = {"order": order, "layout": layout, "symmetric": symmetric, "latex": latex}
    source = _source(expr)
    with time_limit(), styled(LatexStyle.parse(style)):
        if steps is not None:
            found = steps_request(source, wrt, declarations, steps, **options)
        answer = derive_request(source, wrt, declarations, **options)
        text = render_steps(answer, found, form, language, sizes) if steps else render(answer, form)
    click.echo(text)
    first = next(iter(answer.values())) if isinstance(answer, dict) else answer
    if form != "text" and (latex or is_latex(source)):
        remark("read as " + heading(first))
    for line in (*first.assumed, *first.remarks):
        remark(line)


cli.add_command(check)
cli.add_command(graph)
cli.add_command(read)


@cli.command("batch")
def batch_command() -> None:
    """JSON lines in, JSON lines out: derive, check and equal."""
    from chainrule.apps.batch import batch

    for line in batch(sys.stdin):
        click.echo(line)
        sys.stdout.flush()


def _source(expr: str) -> str:
    """The formula itself, standard input, or the content of a file."""
    if expr == "-":
        return sys.stdin.read()
    if len(expr) < 1000 and "\0" not in expr and "\n" not in expr:
        try:
            path = Path(expr)
            if path.is_file():
                return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            pass
    return expr


def main() -> None:
    """Entry point: every failure is one line on standard error and exit status 2."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        status = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        raise SystemExit(130) from None
    except click.ClickException as error:
        click.echo(f"error: {error.format_message()}", err=True)
        raise SystemExit(2) from None
    except BrokenPipeError:
        raise SystemExit(0) from None
    except Exception as failure:  # no traceback for people
        from chainrule.apps.requests import as_error

        error_for_people: ChainruleError = as_error(failure)
        click.echo(error_for_people.pretty(), err=True)
        raise SystemExit(2) from None
    raise SystemExit(status if isinstance(status, int) else 0)
