"""Exceptions: what was asked (with its place in the text), what was found, what to do.

::

    ChainruleError
    ├── ParseError        the text is not a formula of the language
    ├── ShapeError        sizes do not agree
    ├── UnsupportedError  understood, but not (yet) possible; names the node
    ├── LimitError        too large, too deep or too slow
    ├── UsageError        the request itself makes no sense (unknown layout, …)
    └── CertificateError  an answer failed its own check: a fault of ours, please report
"""

from __future__ import annotations


class ChainruleError(Exception):
    """Base of all errors meant for people.

    Parameters
    ----------
    message
        One sentence: what was found and what to do about it.
    source
        The text that was read, if the error has a place in it.
    at
        Offset of the first offending character in ``source``.
    """

    kind = "usage"

    def __init__(self, message: str, *, source: str | None = None, at: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.source = source
        self.at = at

    def located(self, source: str, at: int | None) -> ChainruleError:
        """Give the error a place unless it already has one."""
        if self.source is None:
            self.source, self.at = source, at
        return self

    def pretty(self, width: int = 76) -> str:
        """Message with the offending line and a caret under the spot."""
        if self.source is None or self.at is None:
            return f"error: {self.message}"
        at = max(0, min(self.at, len(self.source)))
        start = self.source.rfind("\n", 0, at) + 1
        end = self.source.find("\n", at)
        line = self.source[start : end if end >= 0 else len(self.source)]
        column = at - start
        if len(line) > width:
            left = max(0, column - width // 2)
            line, column = line[left : left + width], column - left
        shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)
        return f"error: {self.message}\n  {shown}\n  {' ' * column}^"


class ParseError(ChainruleError):
    """The text is not a formula of the language."""

    kind = "parse"


class ShapeError(ChainruleError):
    """Sizes do not agree."""

    kind = "shape"


class IndexedNumberError(ShapeError):
    """An index at a number, ``L_t``: a name of its own, rather than sizes that disagree."""


class UnsupportedError(ChainruleError):
    """Understood, but not possible; the message names the node."""

    kind = "unsupported"


class LimitError(ChainruleError):
    """Too large, too deep or too slow."""

    kind = "limit"


class UsageError(ChainruleError):
    """The request itself makes no sense."""

    kind = "usage"


class CertificateError(ChainruleError):
    """An answer failed its own check and is withheld."""

    kind = "internal"
