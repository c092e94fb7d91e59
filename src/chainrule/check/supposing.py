"""Mends that need a condition: a small edit, supposing that some entries sum to one."""

from __future__ import annotations

from dataclasses import replace

from chainrule.check.case import Case, Variant
from chainrule.check.conditions import candidates
from chainrule.check.mending import mends_for
from chainrule.check.points import Clock
from chainrule.check.rough import replaced
from chainrule.check.verdict import Mend, Slip
from chainrule.expr import Expr, postorder

SMALL = 1.6  # weight up to which an edit is small
MOST = 3


def supposing(case: Case, variants: list[Variant]) -> tuple[Mend, ...]:
    """Small mends that hold under a condition, where none holds without."""
    moving = {e.args[1] for s in case.claim.sides for e in postorder(s) if e.op == "grad"}
    tried = 0
    for condition in candidates(*variants[0].sides):
        if "sum" not in condition.text or moving & condition.table.keys():
            continue
        tried += 1
        if tried > MOST or case.clock.left < 0.3:
            break
        found = _under(case, variants, dict(condition.table))
        small = [m for m in found if m.weight <= SMALL]
        if small:
            return tuple(
                replace(m, slip=Slip(m.slip.kind, f"{m.slip.message} (given that "
                                                  f"{condition.text})")) for m in small
            )  # fmt: skip
    return ()


def _under(case: Case, variants: list[Variant], table: dict[Expr, Expr]) -> tuple[Mend, ...]:
    sides = tuple(replaced(s, table) for s in case.claim.sides)
    names = {n: replaced(e, table) for n, e in case.names.items()}
    other = Case(replace(case.claim, sides=sides), case.layout, case.symmetric,
                 Clock(min(case.clock.left / 2, 0.8)), names, heaviest=SMALL)  # fmt: skip
    for v in variants[:4]:
        other.variant(v.convention)
    return mends_for(other, other.tried) if other.tried else ()
