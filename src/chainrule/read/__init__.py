"""Text to expressions: grammar, declarations, kinds and sizes from use, helpful mistakes."""

from chainrule.read.declare import Declaration, declare
from chainrule.read.reading import (
    Reading,
    is_latex,
    read,
    read_any,
    read_latex,
    read_pair,
)

__all__ = [
    "Declaration", "Reading", "declare", "is_latex", "read", "read_any", "read_latex", "read_pair",
]  # fmt: skip
