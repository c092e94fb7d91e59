"""LaTeX to the same small untyped tree that the text language gives."""

from chainrule.read.latex.known import Choices, Known
from chainrule.read.latex.reading import Parsed, parse_statements, search

__all__ = ["Choices", "Known", "Parsed", "parse_statements", "search"]
