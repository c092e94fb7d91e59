"""Styles of LaTeX: how transposes, vectors and traces are spelled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace

from chainrule.errors import UsageError

TRANSPOSES = {
    r"\top": r"^{\top}", "top": r"^{\top}", "T": "^{T}", "'": "'", "prime": "'",
    r"\intercal": r"^{\intercal}", r"\mathsf T": r"^{\mathsf{T}}", "sf": r"^{\mathsf{T}}",
}  # fmt: skip
"""Names of the spellings of a transpose, and how each stands behind its matrix."""
TRACES = {"tr": r"\operatorname{tr}", "Tr": r"\mathrm{Tr}", "trace": r"\operatorname{trace}"}
PLACES = "\\top, T, ' or \\intercal for the transpose; bold for vectors and matrices; tr or Tr"


@dataclass(frozen=True)
class LatexStyle:
    """How LaTeX is spelled; every style is read back by :func:`chainrule.read.read_latex`.

    Attributes
    ----------
    transpose
        ``\\top``, ``T``, ``'`` or ``\\intercal``.
    bold
        Vectors and matrices in bold: ``\\mathbf{x}``, ``\\boldsymbol{\\Sigma}``.
    trace
        ``tr`` for ``\\operatorname{tr}``, ``Tr`` for ``\\mathrm{Tr}``.
    names
        How single names are spelled, where not as usual.
    """

    transpose: str = r"\top"
    bold: bool = False
    trace: str = "tr"
    names: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if self.transpose not in TRANSPOSES:
            raise UsageError(f"no spelling of the transpose is called {self.transpose!r}: {PLACES}")
        trace = _TRACE_NAMES.get(self.trace, self.trace)
        if trace not in TRACES:
            raise UsageError(f"no spelling of the trace is called {self.trace!r}: {PLACES}")
        object.__setattr__(self, "trace", trace)

    @classmethod
    def parse(cls, text: str) -> LatexStyle:
        """A style by its words, ``"T,bold,Tr"``; the empty text is the usual style.

        Raises
        ------
        UsageError
            For a word that names no style.
        """
        style = cls()
        for word in filter(None, (w.strip() for w in text.split(","))):
            if word == "bold":
                style = replace(style, bold=True)
            elif word in TRANSPOSES:
                style = replace(style, transpose=word)
            elif word in TRACES or word in _TRACE_NAMES:
                style = replace(style, trace=word)
            else:
                raise UsageError(f"no style of LaTeX is called {word!r}: {PLACES}")
        return style


_TRACE_NAMES = {spelling: name for name, spelling in TRACES.items()}
USUAL = LatexStyle()
_current: ContextVar[LatexStyle] = ContextVar("style", default=USUAL)


def current() -> LatexStyle:
    """The style in which LaTeX is written where none is given."""
    return _current.get()


@contextmanager
def styled(style: LatexStyle) -> Iterator[None]:
    """Within the block, all LaTeX is written in this style: answers, steps, documents."""
    token = _current.set(style)
    try:
        yield
    finally:
        _current.reset(token)
