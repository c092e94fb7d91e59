"""Length of a formula: identifiers, numbers, operators and brackets count one each."""

from __future__ import annotations

import re

from chainrule.expr import Expr
from chainrule.write.plain import plain

_TOKEN = re.compile(r"[^\W\d]\w*'*|\d+(?:\.\d+)?|\.\*|\./|\.\^|==|\S")


def tokens(formula: str | Expr) -> int:
    """Number of tokens of the plain form."""
    text = plain(formula) if isinstance(formula, Expr) else formula
    return len(_TOKEN.findall(text))
