"""What is claimed and what is found: statements, verdicts, slips, mends, counterexamples."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from chainrule.errors import ChainruleError
from chainrule.expr import Expr, postorder, substitute, symbol
from chainrule.write import latex, plain

VERDICTS = ("true", "true_in_layout", "true_if", "false", "ill_formed", "unknown")
WRONG = ("false", "ill_formed")
SLIPS = frozenset({
    "transpose", "sign", "factor", "dropped_factor", "extra_factor", "order", "layout",
    "hadamard_vs_product", "kron_order", "index", "range", "wrong_function", "symmetry",
    "missing_sum", "numeric", "spurious_equation", "other",
})  # fmt: skip
_NAMED_NUMBER = re.compile(r"\\mathrm\{(-?[\d.]+)\}")


@dataclass(frozen=True)
class Claim:
    """A statement: sides joined by relations, with what its context says.

    Attributes
    ----------
    sides : tuple of Expr
        At least two; a side may hold ``grad(f,x)``, and may be rough (sizes that do not agree).
    relations : tuple of str
        ``=`` or ``≈`` between them; ``=`` where left out.
    digits : tuple of (int or None)
        Printed decimals of each side that is made of numbers.
    assuming : tuple of (Expr, Expr)
        Equations that hold by context, such as a stationarity ``(gradient, 0)``.
    modulo : frozenset of str
        ``constant``, ``factor``: what the context allows to be left out (argmin, ∝).
    wrt : tuple of str
        The variables of interest, for ``modulo``.
    sources : tuple of str
        The sides as they were written.
    suspects : tuple of int
        Numbers of the sides that may be mended; default: those without a derivative, right first.
    """

    sides: tuple[Expr, ...]
    relations: tuple[str, ...] = ()
    digits: tuple[int | None, ...] = ()
    assuming: tuple[tuple[Expr, Expr], ...] = ()
    modulo: frozenset[str] = frozenset()
    wrt: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    suspects: tuple[int, ...] = ()

    def relation(self, k: int) -> str:
        """The sign between side ``k`` and the next."""
        return self.relations[k] if k < len(self.relations) else "="


@dataclass(frozen=True)
class Slip:
    """What went wrong: one of :data:`SLIPS` and a sentence."""

    kind: str
    message: str

    def to_json(self) -> dict[str, str]:
        """As in the contract."""
        return {"kind": self.kind, "message": self.message}


@dataclass(frozen=True)
class Mend:
    """A right statement near the wrong one.

    Attributes
    ----------
    expr : Expr
        What the mended side should be.
    side : int
        Number of the side it replaces.
    slip : Slip
        The slip that it undoes.
    old, new : str
        The part that changed, in plain syntax, before and after; empty where all of it did.
    layout : str or None
        Layout in which the mended statement holds.
    weight : float
        How far it is from what was written; 9 for the right answer in place of the whole side.
    turned : bool
        Is it only a vector of a sum or an elementwise product that lies the wrong way?
    decimals : int or None
        Decimals that its numbers are printed with; None where they are exact.
    """

    expr: Expr
    side: int
    slip: Slip
    old: str = ""
    new: str = ""
    layout: str | None = None
    weight: float = 0.0
    turned: bool = False
    decimals: int | None = None

    @property
    def plain(self) -> str:
        """The mended side in the text language."""
        return self.written(plain)

    @property
    def latex(self) -> str:
        """The mended side in LaTeX."""
        return self.written(latex)

    def written(self, write: Callable[[Expr], str]) -> str:
        """The mended side by a writer; printed numbers with their decimals, as ``0.60``."""
        if self.decimals is None:
            return write(self.expr)
        table = {
            e: symbol(f"{float(e.value):.{self.decimals}f}", *e.shape)
            for e in postorder(self.expr) if e.op == "number" and e.value.denominator > 1
        }  # fmt: skip
        return _NAMED_NUMBER.sub(r"\1", write(substitute(self.expr, table)))

    def to_json(self) -> dict[str, Any]:
        """As in the contract, with the changed part."""
        return {"plain": self.plain, "latex": self.latex, "side": self.side,
                "changed": {"old": self.old, "new": self.new} if self.new else None}  # fmt: skip


@dataclass(frozen=True)
class Rewrite:
    """A right statement in place of a wrong one that is no equation.

    Attributes
    ----------
    text : str
        The whole statement, in the language in which the wrong one is written.
    plain : str
        The same in the text language, where that can say it.
    """

    text: str
    plain: str = ""

    def to_json(self) -> dict[str, Any]:
        """As a mend in the contract."""
        return {"plain": self.plain or None, "latex": self.text, "side": None, "changed": None}


@dataclass(frozen=True)
class Counterexample:
    """A point at which the sides differ, small enough to replay by hand."""

    sizes: dict[str, int]
    values: dict[str, list[list[float]]]
    left: list[list[float]]
    right: list[list[float]]
    script: str = field(default="", compare=False)

    def numpy(self) -> str:
        """A NumPy script that shows the difference."""
        return self.script

    def to_json(self) -> dict[str, Any]:
        """As in the contract."""
        return {"sizes": self.sizes, "values": self.values, "left": self.left, "right": self.right}


@dataclass(frozen=True)
class Verdict:
    """What became of a statement.

    Attributes
    ----------
    kind : str
        One of :data:`VERDICTS`.
    by : tuple of str
        Evidence: ``canonical form``, ``numerical``, ``shape``.
    step : int
        In a chain, the number of the relation that is first wrong (0 for the first).
    mends : tuple of Mend
        Best first.
    rewrite : Rewrite or None
        What a wrong statement that is no equation should say.
    """

    kind: str
    layout: str | None = None
    conditions: tuple[str, ...] = ()
    slip: Slip | None = None
    mends: tuple[Mend, ...] = ()
    counterexample: Counterexample | None = None
    reason: str | None = None
    by: tuple[str, ...] = ()
    step: int | None = None
    rewrite: Rewrite | None = None

    @property
    def mend(self) -> Mend | None:
        """The best mend."""
        return self.mends[0] if self.mends else None

    @property
    def holds(self) -> bool:
        """True, in some layout, or under a condition."""
        return self.kind in ("true", "true_in_layout", "true_if")

    def to_json(self) -> dict[str, Any]:
        """The fields of a statement under ``check --format json``."""
        put = self.mend or self.rewrite
        return {
            "verdict": self.kind, "layout": self.layout, "conditions": list(self.conditions),
            "slip": self.slip.to_json() if self.slip else None,
            "mend": put.to_json() if put else None,
            "counterexample": self.counterexample.to_json() if self.counterexample else None,
            "reason": self.reason,
        }  # fmt: skip


def unknown(reason: str | ChainruleError) -> Verdict:
    """The honest way out."""
    text = reason.message if isinstance(reason, ChainruleError) else reason
    return Verdict("unknown", reason=text)


def summary(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """How many of each kind, for the contract's ``summary``."""
    counts = dict.fromkeys(VERDICTS, 0)
    for v in verdicts:
        counts[v.kind] += 1
    return counts
