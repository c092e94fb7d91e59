"""Requests as the doors receive them, answered by the rooms below."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

from chainrule.errors import ChainruleError, LimitError, UsageError

TIME_LIMIT = 20  # seconds for one request


def derive_request(
    text: str,
    wrt: str,
    declarations: Sequence[str] = (),
    *,
    order: int = 1,
    layout: str = "gradient",
    symmetric: str = "project",
    latex: bool = False,
) -> Any:
    """An ``Answer``, or a dict of them for ``layout="all"``.

    Raises
    ------
    ChainruleError
        For anything that cannot be read or derived.
    """
    from chainrule import calculus
    from chainrule.read import read_any

    names = [n.strip() for n in wrt.split(",") if n.strip()]
    if not names:
        raise UsageError("say by which variable to differentiate: --wrt NAME")
    reading = read_any(text, tuple(declarations), hints=names, latex=latex)
    if layout == "all":
        return calculus.derive_all(reading, wrt, order=order, symmetric=symmetric)
    return calculus.derive(reading, wrt, order=order, layout=layout, symmetric=symmetric)


def equal_request(left: str, right: str | None, declarations: Sequence[str] = ()) -> Any:
    """An ``Equality`` of two formulas (or of both sides of ``left == right``)."""
    from chainrule import calculus
    from chainrule.read import read_pair

    a, b = read_pair(left, right, tuple(declarations))
    return calculus.equal(a.expr, b.expr)


@contextmanager
def time_limit(seconds: int = TIME_LIMIT) -> Iterator[None]:
    """Stop a request that takes too long (where the system can interrupt)."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise LimitError(f"this took longer than {seconds} seconds and was stopped")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def as_error(error: BaseException) -> ChainruleError:
    """Any failure as an error for people."""
    if isinstance(error, ChainruleError):
        return error
    if isinstance(error, (RecursionError, MemoryError)):
        return LimitError("the formula is too deep or too large")
    return ChainruleError(
        f"internal error ({type(error).__name__}: {error}); please report this input"
    )


def remark(text: str) -> None:
    """A line on standard error."""
    print(text, file=sys.stderr)
