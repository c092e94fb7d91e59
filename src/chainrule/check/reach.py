"""Sums that run past the entries they are over, where another end makes the statement hold.

``Σ_{k=1}^m δ_k z_k`` with z in ℝⁿ cannot be read, since δ and z have no m entries. Left open, the
end is as far as the entries go; if that makes the statement true, the range is what slipped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from chainrule.check.context import Context, first_draft
from chainrule.check.naming import named
from chainrule.check.reading import Place
from chainrule.check.verdict import Claim, Mend, Slip, Verdict
from chainrule.errors import ChainruleError, ShapeError, UnsupportedError
from chainrule.expr import BINDERS, Expr, postorder
from chainrule.read.reading import read_statements
from chainrule.read.session import Stated
from chainrule.read.syntax import Node, copied
from chainrule.read.syntax import postorder as nodes

MOST = 6


def out_of_reach(stated: Stated, context: Context) -> Verdict | None:
    """``ill_formed``, if one sum has an end beyond its entries, and the right end makes it true."""
    raw = stated.raw
    if raw is None or len(raw.sides) < 2:
        return None
    try:
        read_statements(raw.before, raw.sides, raw.declared, raw.macros, raw.counts)
        return None
    except ShapeError:
        pass
    except ChainruleError:
        return None
    kept = [k for k, s in enumerate(raw.sides) if not _unsupported(stated, s)]
    for side, index, written, sides in _opened(raw.sides):
        if side not in kept:
            continue
        some = [sides[k] for k in kept]
        try:
            found = read_statements(raw.before, some, raw.declared, raw.macros, raw.counts)
        except ChainruleError:
            continue
        exprs = tuple(r.expr for r in found)
        if len(exprs) < 2:
            return None
        own = exprs[kept.index(side)]
        end = _end(own, index)
        if end is None or end == written:
            continue
        names = dict(found[0].definitions)
        if first_draft(Claim(exprs), names, replace(context, mend=False), only_true=True).holds:
            return _verdict(side, index, written, end, named(names, own))
    return None


def _unsupported(stated: Stated, side: Place) -> bool:
    """Can a side not be read for another reason than its sizes?"""
    raw = stated.raw
    assert raw is not None
    try:
        read_statements(raw.before, [side], raw.declared, raw.macros, raw.counts)
    except UnsupportedError:
        return True
    except ChainruleError:
        return False
    return False


def _verdict(side: int, index: str, written: str, end: str, mended: Expr) -> Verdict:
    text = f"the sum over {index} runs to {written}, but there are {end} entries"
    slip = Slip("range", text)
    old, new = f"{index}=1:{written}", f"{index}=1:{end}"
    step = max(side - 1, 0)
    mend = Mend(mended, side - step, slip, old, new, None, 1.0)
    return Verdict("ill_formed", slip=slip, mends=(mend,), reason=text, by=("shape",), step=step)


def _opened(sides: Sequence[Place]) -> Iterator[tuple[int, str, str, list[Place]]]:
    """All sides with the end of one sum left open: side, index, the end as it was written."""
    tried = 0
    for k, (statement, text) in enumerate(sides):
        count = sum(_ends(n) is not None for n in nodes(statement.value))
        for at in range(count):
            value = copied(statement.value)
            node = [n for n in nodes(value) if _ends(n) is not None][at]
            index, end = _ends(node) or ("", "")
            _leave_open(node)
            tried += 1
            if tried > MOST:
                return
            yield k, index, end, [*sides[:k], (replace(statement, value=value), text),
                                  *sides[k + 1 :]]  # fmt: skip


def _ends(node: Node) -> tuple[str, str] | None:
    """Index and end of a sum or product, if its end is a single name or number."""
    if node.op in ("sigma", "prod") and isinstance(node.value, tuple):
        index, high = node.value[0], node.value[2]
    elif node.op == "call" and node.value[0] in ("sum", "prod") and len(node.args) == 2:
        span = node.args[0]
        if span.op != "range" or not span.args:
            return None
        index, high = span.args[0].value, span.value[1]
    else:
        return None
    if isinstance(high, Node) and high.op in ("name", "number"):
        return str(index), str(high.value)
    return None


def _leave_open(node: Node) -> None:
    if node.op == "call":
        node.args = [node.args[0].args[0], *node.args[1:]]
    else:
        node.value = (*node.value[:2], None, *node.value[3:])


def _end(side: Expr, index: str) -> str | None:
    """Where the sum over an index ends now."""
    ends = {str(e.params[2]) for e in postorder(side) if e.op in BINDERS and e.params[0] == index}
    return ends.pop() if len(ends) == 1 else None


__all__ = ["out_of_reach"]
