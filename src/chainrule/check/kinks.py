"""A true statement at the kinks: does it still say the same there?"""

from __future__ import annotations

import numpy as np

from chainrule.check.case import Case, Variant
from chainrule.check.rough import Board, close
from chainrule.expr import Expr, postorder
from chainrule.numeric.domain import KINKED
from chainrule.numeric.sample import Point


def at_kinks(case: Case, variant: Variant) -> str | None:
    """The condition under which a statement holds that fails at a kink; None where it does not.

    Only a side that has no value there, while the other one has, counts: where two conventions for
    a kink disagree, nobody is wrong.
    """
    nodes = postorder(*variant.sides)
    bare = [e.args[0] for e in nodes if e.op in KINKED and e.args[0].op == "symbol"]
    for x in dict.fromkeys(bare):
        for board in case.boards()[:1]:
            if _breaks(x, board, variant):
                return f"{x.name} ≠ 0 (a side has no value at the kink, the other one has)"
    return None


def _breaks(x: Expr, board: Board, variant: Variant) -> bool:
    value = board.point.values[x.name].copy()
    value.flat[0] = 0.0
    there = Board(Point(board.point.sizes, {**board.point.values, x.name: value}))
    a, b = (there.value(s) for s in variant.sides)
    if a is None or b is None:
        return (a is None) != (b is None)
    fine = [bool(np.isfinite(v).all()) for v in (a, b)]
    return fine[0] != fine[1] and not close(a, b)
