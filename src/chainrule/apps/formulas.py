"""Commands whose argument is a formula."""

from __future__ import annotations

import re
from itertools import pairwise

import click

FILE_ENDING = re.compile(r"-\w*\.[a-z]{2,7}\Z")  # -ograph.svg


class FormulaCommand(click.Command):
    """A formula may begin with a minus: ``-ones(n)'*x`` is not ``-o`` with a file name."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Set formulas apart from options."""
        options = [p for p in self.params if isinstance(p, click.Option)]
        known = {name for p in options for name in p.opts} | set(ctx.help_option_names)
        valued = {name for p in options if not p.is_flag for name in p.opts}
        kept: list[str] = []
        formulas: list[str] = []
        for before, arg in pairwise(["", *args]):
            value = before in valued or arg in known or FILE_ENDING.match(arg)
            is_formula = len(arg) > 1 and arg[0] == "-" and arg[1] != "-" and not value
            (formulas if is_formula else kept).append(arg)
        return super().parse_args(ctx, [*kept, "--", *formulas] if formulas else kept)
