"""From survivors of the search to mends: confirmed, ranked, with the slip they undo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from chainrule.check.case import Case, Variant
from chainrule.check.compare import agreement
from chainrule.check.edit import Edit, Named, spoken
from chainrule.check.layouts import (
    by_entries,
    derivative_nodes,
    functions_of,
    has_derivative,
    laid_out,
    written_out,
)
from chainrule.check.mend import Found, Search, Target, search
from chainrule.check.naming import named, said
from chainrule.check.points import Clock
from chainrule.check.rough import Board, close, readable, solid
from chainrule.check.upstream import left_standing, secret_of, stands_in
from chainrule.check.verdict import Mend, Slip
from chainrule.check.wider import links, reindexed
from chainrule.errors import ChainruleError
from chainrule.expr import BINDERS, Expr, postorder, symbols
from chainrule.ops import mul

MOST_MENDS = 4
ACCEPTED = 3.5  # weight of a mend that is still nearer than the right answer itself
OF_MATRICES = frozenset({"vec", "tr", "det", "inv", "transpose", "diag", "pinv"})
SHARE = 0.8  # of the time left


def mends_for(case: Case, variants: list[Variant]) -> tuple[Mend, ...]:
    """Mends of a statement, best first; the last resort is the right answer itself.

    In a document with a layout of its own, mends in other ones are looked for only if need be.
    """
    if case.clock.left < 0.05 or not case.telling_boards():
        return ()
    own = [v for v in variants if v.convention.layout == case.layout]
    if own and len(own) < len(variants):
        found = mends_for(case, own)
        if found and found[0].weight <= ACCEPTED:
            return found
    hits: list[Mend] = []
    settled = _spurious(case) or _vain(case, variants)
    if settled is not None:
        return (settled,)
    for side in suspects(case):
        if not targets(case, variants, side):
            continue
        task = _task(case, variants, side)
        clock = Clock(case.clock.left * SHARE / (1 if side == suspects(case)[-1] else 2))
        for hit in search(task, clock):
            mend = _confirmed(case, variants, side, hit)
            if mend is not None and all(mend.expr is not m.expr for m in hits):
                hits.append(mend)
            if len(hits) >= MOST_MENDS:
                break
        if any(m.weight < 1.6 for m in hits):
            break
    hits.sort(key=lambda m: m.weight)
    if not hits or hits[0].weight > ACCEPTED:
        whole = _whole(case, variants)
        if whole is not None:
            hits.append(whole)
    return tuple(hits[:MOST_MENDS])


def _spurious(case: Case) -> Mend | None:
    """``… = 0`` where that was not to be claimed."""
    left, right = case.claim.sides
    zero = right.op == "zeros" or (right.op == "number" and right.value == 0)
    if not zero or has_derivative(left):
        return None
    slip = Slip("spurious_equation", "this is not zero: '= 0' does not belong here")
    return Mend(named(case.names, left), 1, slip, "= 0", "", None, 1.0)


def _vain(case: Case, variants: list[Variant]) -> Mend | None:
    """A derivative by a variable that does not occur."""
    side = suspects(case)[0]
    text = _independent(case, 1 - side)
    if not text:
        return None
    truth = named(case.names, variants[0].sides[1 - side])
    if stands_in(truth, case.names):
        return None
    return Mend(truth, side, Slip("index", text), weight=9.0)


def suspects(case: Case) -> list[int]:
    """Numbers of the sides to mend, in order."""
    if case.claim.suspects:
        return list(case.claim.suspects)
    sides = case.claim.sides
    lone = [s.op in ("grad", "hessian") or (s.op == "transpose" and s.args[0].op == "grad")
            for s in sides]  # fmt: skip
    free = [k for k in (1, 0) if not lone[k]]
    return free or [1, 0]


def targets(case: Case, variants: list[Variant], side: int) -> list[Target]:
    """What a side should be worth, in each layout."""
    boards = case.telling_boards()
    own = boards[0].value(case.claim.sides[side]) if not has_derivative(
        case.claim.sides[side]) else None  # fmt: skip
    out: list[Target] = []
    for n, variant in enumerate(variants):
        values = [b.value(variant.sides[1 - side]) for b in boards]
        if any(v is None or not np.isfinite(v).all() for v in values):
            continue
        known = tuple(v for v in values if v is not None)
        if any(close(known[0], t.values[0]) for t in out):
            continue
        penalty = 0.0 if n == 0 else 0.5
        if own is not None and n and own.shape == known[0].shape != out[0].values[0].shape:
            penalty = 0.1 if case.layout is None else 0.3
        out.append(Target(variant.convention.layout, known, penalty))
        if len(out) >= 4:
            break
    return out


def _task(case: Case, variants: list[Variant], side: int) -> Search:
    expr = case.claim.sides[side]
    first = variants[0]
    boards = []
    for b in case.telling_boards():
        board = Board(b.point)
        board.memo.update(b.memo)
        for e in derivative_nodes(*case.claim.sides):
            try:
                made = laid_out(e, _layout_in(case, first), first.convention.symmetric
                                ) if e.op == "grad" else None  # fmt: skip
            except ChainruleError:
                continue
            if made is not None and (value := board.value(made)) is not None:
                board.memo[e] = value
        boards.append(board)
    truth = first.sides[1 - side]
    functions = functions_of(case.claim.sides)
    names = _names(case, [*case.claim.sides, *functions])
    known = _links(case, expr, boards, first)
    indices = [*case.points().sampler.sizing.indices,
               *sorted({str(e.params[0]) for e in postorder(expr) if e.op in BINDERS})]  # fmt: skip
    others = derivative_nodes(*case.claim.sides) if has_derivative(expr) else []
    return Search(
        expr, tuple(boards), tuple(targets(case, variants, side)), tuple(names), tuple(indices),
        (*case.names.values(), *others, *functions, truth, expr), tuple(_terms(truth)),
        frozenset(case.names.values()), known, case.heaviest, secret_of(case.names),
    )  # fmt: skip


def _layout_in(case: Case, variant: Variant, *sides: Expr) -> str:
    """The layout of derivatives inside the sides; beside selectors it is that of the variable."""
    if any(by_entries(s) for s in sides or case.claim.sides):
        return "gradient"
    return variant.convention.inner or variant.convention.layout


def _names(case: Case, exprs: list[Expr]) -> list[Named]:
    """Variables, abstract functions and named parts that may have been mixed up."""
    found = dict(symbols(*exprs))
    for e in postorder(*exprs):
        if e.op == "call":
            found.setdefault(f"{e.params[0]}()", e)
    return [*found.items(), *case.names.items()]


def _links(case: Case, side: Expr, boards: list[Board], variant: Variant) -> tuple[Named, ...]:
    """Derivatives that may stand in a chain, with their values on the boards."""
    grads = [e for e in derivative_nodes(side) if e.op == "grad"]
    if not grads or side.op == "grad":
        return ()
    budget = Clock(min(0.5, case.clock.left / 4))
    convention = variant.convention
    out: list[Named] = []
    known = links(grads, case.names, symbols(*case.claim.sides).values())
    sizing = case.points().sampler.sizing
    for name, e in (*known, *reindexed(grads, [*sizing.indices, *sizing.names])):
        if budget.over:
            break
        try:
            made = laid_out(e, _layout_in(case, variant, side), convention.symmetric)
        except ChainruleError:
            continue
        for board in boards:
            value = board.value(made)
            if value is not None:
                board.memo[e] = value
        out.append((name, e))
    return tuple(out)


def _terms(truth: Expr) -> Iterator[Expr]:
    """The terms of the right answer, a common factor multiplied in."""
    if truth.op == "add":
        yield from truth.args
        return
    if truth.op == "mul":
        for k, a in enumerate(truth.args):
            if a.op == "add":
                for t in a.args:
                    factors = (*truth.args[:k], *_factors(t), *truth.args[k + 1 :])
                    try:  # numbers stand in front
                        yield mul(*sorted(factors, key=lambda f: f.op != "number"))
                    except ChainruleError:
                        continue


def _factors(e: Expr) -> tuple[Expr, ...]:
    return e.args if e.op == "mul" else (e,)


def _confirmed(case: Case, variants: list[Variant], side: int, hit: Found) -> Mend | None:
    """The mend, if the mended statement is proved or holds at many points."""
    variant = next((v for v in variants if v.convention.layout == hit.layout), variants[0])
    written = hit.expr
    try:
        if has_derivative(hit.expr):
            written = written_out(hit.expr, variant.convention)
        written = solid(written)
    except ChainruleError:
        return None
    if agreement(written, variant.sides[1 - side], case.points(), case.clock).verdict != "equal":
        return None
    try:
        expr = solid(hit.expr)
    except ChainruleError:  # derivatives in another layout than the gradient's
        expr = readable(hit.expr)
    if stands_in(named(case.names, expr), case.names) or _hollow(expr, case.claim.sides[side]):
        return None
    edit = hit.edits[0]
    kept = frozenset(p for e in hit.edits for p in (e.old, e.new) if p.op == "grad")
    message = "; and ".join(
        spoken(e.message, lambda p: said(case.names, p, kept)) for e in hit.edits
    )
    whole = len(hit.edits) > 1
    slip = Slip(edit.kind, message)
    if not whole and not edit.path and edit.kind == "other" and edit.weight > 2:
        slip = _guess(case, variant, side)  # another formula altogether
    old, new = edit.shown or (edit.old, edit.new)
    return Mend(
        named(case.names, expr, kept), side, slip,
        "" if whole else said(case.names, old, kept), "" if whole else said(case.names, new, kept),
        hit.layout, hit.weight, not whole and _turned(case, side, edit),
    )  # fmt: skip


def _hollow(expr: Expr, side: Expr) -> bool:
    """A function of matrices around a number, which nobody meant to write."""
    before = {e.op for e in postorder(side) if e.op in OF_MATRICES and e.args[0].is_scalar}
    return any(e.op in OF_MATRICES - before and e.args[0].is_scalar for e in postorder(expr))


def _turned(case: Case, side: int, edit: Edit) -> bool:
    """A vector among entries of the other orientation, made to lie like them."""
    if edit.kind != "transpose" or not edit.path:
        return False
    parent = case.claim.sides[side]
    for k in edit.path[:-1]:
        parent = parent.args[k]
    value = case.telling_boards()[0].value(edit.new)
    return parent.op in ("add", "hadamard") and value is not None and 1 in value.shape


def _whole(case: Case, variants: list[Variant]) -> Mend | None:
    """The right answer in place of the wrong one, with a guess at the slip."""
    side = suspects(case)[0]
    variant = variants[0]
    truth = variant.sides[1 - side]
    try:
        shown = named(case.names, solid(truth))
    except ChainruleError:
        return None
    if stands_in(shown, case.names):
        standing = left_standing(case, variant, 1 - side)
        if standing is None:
            return None
        shown = standing
    slip = _guess(case, variant, side)
    return Mend(shown, side, slip, "", "", variant.convention.layout, 9.0)


def instead(case: Case, variant: Variant, slip: Slip) -> tuple[Mend, ...]:
    """The right answer with a slip that is known."""
    whole = _whole(case, [variant]) if case.mend else None
    return (replace(whole, slip=slip),) if whole is not None else ()


def _guess(case: Case, variant: Variant, side: int) -> Slip:
    """The likeliest slip, from how the values compare and which parts are missing."""
    pairs = [(b.value(variant.sides[side]), b.value(variant.sides[1 - side]))
             for b in case.telling_boards()]  # fmt: skip
    claimed, right = pairs[0]
    assert right is not None
    if claimed is None:
        return Slip("other", "the sizes do not agree; the whole right side is another one")
    if claimed.shape != right.shape:
        if claimed.shape == right.shape[::-1]:
            return Slip("transpose", "the result is transposed, and wrong beyond that")
        if claimed.size == 1:
            return Slip("missing_sum", "a number stands where a matrix is meant")
        return Slip("other", f"the result should be {_size(variant.sides[1 - side])}")
    ratios = np.concatenate([
        (b / np.where(a == 0, np.nan, a)).ravel() for a, b in pairs
        if a is not None and b is not None and a.shape == b.shape
    ])  # fmt: skip
    known = ratios[np.isfinite(ratios)]
    if known.size and float(np.ptp(known)) < 1e-9 * float(np.abs(known).max()):
        if abs(float(known[0]) + 1) < 1e-9:
            return Slip("sign", "the sign of the whole side is wrong")
        return Slip("factor", "a scalar factor is wrong")
    lost = _lost(case, variant.sides[side], variant.sides[1 - side])
    if lost is not None:
        return Slip("dropped_factor", f"{said(case.names, lost)} does not occur, though it should")
    return Slip("other", "no small change makes this right; compare with the derivation")


def _independent(case: Case, side: int) -> str:
    """A derivative that is zero because the variable does not occur: the wrong one is named."""
    e = case.claim.sides[side]
    if e.op == "grad" and e.args[1] not in postorder(e.args[0]):
        top = said(case.names, e.args[0])
        return (f"{top} does not depend on {e.args[1].name}, so this derivative is zero: "
                "is another index meant?")  # fmt: skip
    return ""


def _lost(case: Case, claimed: Expr, truth: Expr) -> Expr | None:
    """A function of the right answer that is missing from the claim."""
    secret = secret_of(case.names)
    have = {(e.op, e.params) for e in postorder(claimed)}
    for e in postorder(truth):
        if e.op in ("symbol", "call", "step", "det", "inv", "exp", "log", "sigmoid"):
            if (e.op, e.params) not in have and not secret(e):
                return e
    return None


def _size(e: Expr) -> str:
    return f"{e.shape[0]}×{e.shape[1]}"


__all__ = ["mends_for", "suspects"]
