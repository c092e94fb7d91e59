"""Text to expressions: grammar, declarations, kinds and sizes from use, helpful mistakes."""

from chainrule.read.declare import Declaration, declare
from chainrule.read.reading import Reading, read, read_pair

__all__ = ["Declaration", "Reading", "declare", "read", "read_pair"]
