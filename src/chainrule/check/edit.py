"""An edit of a formula: what one slip of the pen may have changed, with its name and weight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chainrule.check.rough import Path
from chainrule.expr import Expr

Message = str | tuple[object, ...]
Named = tuple[str, Expr]


@dataclass(frozen=True, slots=True)
class Edit:
    """Another part at a path.

    Attributes
    ----------
    kind, message
        The slip that is undone; a message may be a template with the parts it speaks of.
    shown : (Expr, Expr), optional
        The part before and after, where ``old`` and ``new`` are the whole.
    """

    path: Path
    old: Expr
    new: Expr
    kind: str
    message: Message
    weight: float
    shown: tuple[Expr, Expr] | None = None


def spoken(message: Message, show: Callable[[Expr], str]) -> str:
    """A message with its parts written out."""
    if isinstance(message, str):
        return message
    template, *parts = message
    return str(template).format(*(_short(show(p)) for p in parts if isinstance(p, Expr)))


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"
