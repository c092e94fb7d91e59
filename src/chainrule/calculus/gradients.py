"""All gradients of one scalar at once, with named intermediates, in time linear in the graph."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chainrule.calculus.forms import Derivative
from chainrule.calculus.naming import Names, Where, share
from chainrule.calculus.sweep import Sweep
from chainrule.errors import UsageError
from chainrule.expr import Expr, size_names, symbols


@dataclass(frozen=True)
class Gradients:
    """Gradients by name; they and ``where`` may use the names defined in ``where``."""

    results: dict[str, Expr]
    where: Where

    def text(self) -> str:
        """One line each: named parts first, then the gradients."""
        lines = [f"{n} = {e!r}" for n, e in self.where]
        lines += [f"df/d{n} = {e!r}" for n, e in self.results.items()]
        return "\n".join(lines)


def gradients(f: Expr, wrt: Iterable[Expr]) -> Gradients:
    """Gradients of a scalar by all ``wrt`` in one reverse sweep.

    Every adjoint that would make a long product gets a name (``delta_1``, …), and so does every
    part used twice, so that a deep network is a list of short lines.

    Raises
    ------
    UsageError
        If ``f`` is not a scalar.
    """
    if not f.is_scalar:
        raise UsageError("gradients() needs a scalar function")
    wrt = tuple(wrt)
    names = Names({*symbols(f), *size_names(f)})
    named: list[tuple[str, Expr]] = []

    def name(e: Expr) -> Expr:
        s = names.numbered(e, ("delta",))
        named.append((s.name, e))
        return s

    sweep = Sweep(f, wrt, name)
    raw = tuple(Derivative(sweep, x).expr("gradient") for x in wrt)
    results = share(raw, names, named)
    return Gradients({x.name: r for x, r in zip(wrt, results, strict=True)}, tuple(named))


__all__ = ["Gradients", "gradients"]
