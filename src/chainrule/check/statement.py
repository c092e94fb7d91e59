"""What a statement of a document claims, and the verdict on it.

A correct line must never be called wrong. So an equation that only says something about a variable
(``A = A'``, ``y_i = 1``), or that brings in a name nobody has met, is no claim; and what depends on
things the document does not say is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

from chainrule.check.claims import (
    SIZES,
    brings_in,
    claimed,
    introduces,
    one_sided,
    perhaps_entries,
    perhaps_entry,
    perhaps_function,
    size_guessed,
    undetermined,
    unsaid,
    values_of_functions,
)
from chainrule.check.context import ZERO, Context, first_draft, names_of
from chainrule.check.decimals import digits, rounding, with_values
from chainrule.check.draft import Draft
from chainrule.check.facts import fixes, under_facts
from chainrule.check.guessed import if_square, other_kinds
from chainrule.check.indices import in_case
from chainrule.check.judge import judge
from chainrule.check.layouts import has_derivative
from chainrule.check.membership import verdict_on_size
from chainrule.check.naming import named
from chainrule.check.particular import entry_by_entry, for_a_mean, for_usual_functions
from chainrule.check.ranges import out_of_range
from chainrule.check.reach import out_of_reach
from chainrule.check.reading import read_sides
from chainrule.check.solutions import (
    at_conclusion,
    at_solution,
    concluded,
    under,
    where_zero,
)
from chainrule.check.summed import by_indices
from chainrule.check.unwritten import left_open, member_of_unwritten, unrelated, unwritten
from chainrule.check.verdict import Claim, Mend, Slip, Verdict, unknown
from chainrule.dims import ONE, dim
from chainrule.errors import ChainruleError, IndexedNumberError
from chainrule.expr import Expr, node, postorder, size, size_names, substitute, symbols
from chainrule.ops import apply, is_family, member, sigma, transpose
from chainrule.ops.indexed import count
from chainrule.read.session import Stated

MOST_LOOSE = 3


def verdict_on(stated: Stated, context: Context) -> Verdict | None:
    """The verdict on a statement; None if it claims nothing."""
    try:
        return _verdict(stated, context)
    except (RecursionError, MemoryError):
        return unknown("the statement is too deep or too large")
    except ChainruleError as error:
        return unknown(error)


def _verdict(stated: Stated, context: Context) -> Verdict | None:
    if stated.kind == "unread" or stated.misfit:
        square = if_square(stated, context)
        if square is not None:
            here = _judged(square[0], stated, context, {})
            if here.kind != "unknown":
                return under(here, square[1])
    if stated.kind == "unread":
        return _unread(stated, context)
    if stated.member is not None:
        return verdict_on_size(stated, context.layout, context.letters)
    if stated.kind == "definition":
        return _definition(stated, context)
    if stated.kind != "equation" or len(stated.sides) < 2 or set(stated.relations) == {"≜"}:
        return None
    sides = stated.expressions
    relations = stated.relations[-(len(sides) - 1) :]
    if sides[0] == ZERO and len(sides) == 2:
        sides = sides[::-1]
    solved = concluded(stated, context.before)
    if solved:
        return at_conclusion(solved, stated, context)
    if sides[-1] == ZERO and (has_derivative(*sides) or len(sides) == 2):
        sides, relations = sides[:-1], relations[:-1]
        if len(sides) < 2:  # a condition to be solved, not a claim, but its parts must conform
            return _unread(stated, context) if stated.misfit else None
    beyond = out_of_range(sides)
    if beyond is not None:
        return beyond
    if stated.misfit:  # a side between others does not conform
        reached = out_of_reach(stated, context)
        if reached is not None:
            return reached
        found = _unread(stated, context)
        if found is not None and found.kind in ("false", "ill_formed"):
            return found
    kept = tuple(range(len(sides)))
    if not context.alone:
        kept = claimed(sides)
        if len(kept) > 2 and set(relations) == {"="}:
            kept = tuple(k for k in kept if not brings_in(stated, sides, kept, k)) or kept
        if len(kept) < 2 or introduces(stated, [sides[k] for k in kept]):
            return at_solution(sides, context)
    printed, signs = digits(stated, len(sides)), rounding(stated, relations)
    sides = with_values([sides[k] for k in kept], stated.values)
    claim = Claim(sides, signs[: len(kept) - 1] if len(kept) == len(printed) else (),
                  tuple(printed[k] for k in kept))  # fmt: skip
    return _judged(claim, stated, context, names_of(stated))


def _judged(claim: Claim, stated: Stated, context: Context, names: Mapping[str, Expr]) -> Verdict:
    sides = claim.sides
    if any(e.op == "differential" for e in postorder(*sides)):
        claim = replace(claim, sides=_constants_fixed(sides, context.moving))
    settled = stated.layers is not None
    open_ = [k for k, s in enumerate(sides) if undetermined(s, sides, settled)]
    if open_:
        kept = [k for k in range(len(sides)) if k not in open_]
        if len(kept) < 2:
            return unknown(str(undetermined(sides[open_[0]], sides, settled)))
        claim = Claim(tuple(claim.sides[k] for k in kept))
        sides = tuple(sides[k] for k in kept)
    unknown_functions = unwritten(stated, sides)
    if unknown_functions and len(sides) - len(unknown_functions) > 1:
        open_ = [*open_, *unknown_functions]
        kept = [k for k in range(len(sides)) if k not in unknown_functions]
        claim = Claim(tuple(claim.sides[k] for k in kept))
        sides = tuple(sides[k] for k in kept)
    found = first_draft(claim, names, context)
    if open_ and found.holds:
        return unknown("a part of this depends on what is not written")
    freed = None
    if found.kind == "false" and context.facts:
        freed = under_facts(claim, found.verdict, context.facts)
    if found.kind in ("false", "ill_formed"):
        told, meant = by_indices(claim, context.summed, lambda c: _only_true(c, names, context))
        if told is not None:
            return told
        if meant is not None:
            claim, sides = meant, meant.sides
            found = first_draft(claim, names, context)
        applied = None if context.alone else perhaps_function(stated, context)
        if applied is not None:
            return unknown(applied)
    if found.kind in ("false", "true_if"):
        other = _by_context(found, freed, claim, sides, stated, context, names)
        if other is not None:
            return other
    whole = _of_numbers(found.finished(), sides)
    if freed is not None and whole.kind == "false":
        return replace(whole, counterexample=freed.counterexample)
    return whole


def _only_true(claim: Claim, names: Mapping[str, Expr], context: Context) -> Verdict:
    """For another reading of a statement, which matters only if it holds."""
    return first_draft(claim, names, replace(context, budget_s=1.0), only_true=True).verdict


def _of_numbers(found: Verdict, sides: Sequence[Expr]) -> Verdict:
    if found.kind == "false" and not symbols(*sides) and found.slip is not None:
        if found.slip.kind in ("factor", "other"):  # a number is wrong, nothing else
            return replace(found, slip=replace(found.slip, kind="numeric"))
    return found


def _by_context(
    found: Draft, freed: Verdict | None, claim: Claim, sides: Sequence[Expr], stated: Stated,
    context: Context, names: Mapping[str, Expr],
) -> Verdict | None:  # fmt: skip
    """What becomes of a statement that does not hold by itself; None if it is just wrong.

    ``freed`` is the verdict where the facts of the document hold.
    """

    def judged(other: Claim) -> Verdict:
        return _only_true(other, names, context)

    if stated.supposed is not None:
        case = in_case(claim, stated.supposed, judged)
        if case is not None:
            return case
    if stated.unspecified and stated.raw is not None and stated.raw.back:
        mean = for_a_mean(claim, judged)
        if mean is not None:
            return mean
    speaks_of = left_open(stated, sides, found.kind, found.verdict.step or 0)
    if speaks_of:
        return unknown(speaks_of)
    if found.kind == "false" and sides[-1] == ZERO and len(sides) > 2:
        earlier = first_draft(replace(claim, sides=claim.sides[:-1]), names, context)
        if earlier.verdict.kind == "true" and not context.alone:
            return earlier.finished()  # rewritten, and set to zero
        if earlier.holds or at_solution(sides[:-1], context) is not None:
            slip = Slip("spurious_equation", "the '= 0' at the end does not hold")
            left = named(names, sides[-2])
            return replace(
                found.verdict, slip=slip, mends=(Mend(left, 1, slip, "= 0", "", weight=1.0),),
                step=len(sides) - 2,
            )  # fmt: skip
    fixed = fixes(sides) if found.kind == "false" and not context.alone else None
    if fixed is not None:
        return unknown(f"this may say what {fixed} is like, rather than claim it")
    if freed is not None and freed.kind != "false":
        return freed
    solved = at_solution(sides, context) if found.kind == "false" else None
    if solved is None and found.kind == "false":
        solved = where_zero(claim, names, context)
    if solved is not None:
        return solved
    ordered = _with_orders(claim, names, context)
    if ordered is not None:
        return ordered
    if found.kind == "false" and not context.alone:
        guessed = other_kinds(stated, context)
        if guessed is not None:
            return guessed
    other = _reshaped(claim, names, context) if found.kind == "false" else None
    if other is None and found.kind == "false":
        other = for_usual_functions(claim, judged) or entry_by_entry(claim, judged)
    if other is not None:
        return other
    if found.kind == "false" and not context.alone:
        unsized = size_guessed(sides, context)
        if unsized:
            return unknown(f"the size of {unsized} is nowhere said")
        summed = _with_sum(claim, names, context)
        if summed is not None:
            return replace(found.verdict, slip=summed.slip, mends=(summed,))
        open_to = (
            perhaps_entry(sides, context.declared)
            or perhaps_entries(sides, context.declared)
            or unsaid(stated, sides, context.declared)
            or unrelated(stated, sides)
        )
        if open_to:
            return unknown(open_to)
        loose = one_sided(stated, sides, context)
        if loose:
            return unknown(f"{loose} stands on one side only, and nothing says what it is")
    return None


def _with_sum(claim: Claim, names: Mapping[str, Expr], context: Context) -> Mend | None:
    """Does it hold with the sum over i of a side where x_i stands alone, while others sum it?"""
    families = {n: s for n, s in symbols(*claim.sides).items() if is_family(s)}
    for k, side in enumerate(claim.sides):
        for name, x in symbols(side).items():
            stem, _, index = name.rpartition("_")
            if stem not in families or not index.isalpha() or has_derivative(side):
                continue
            family = families[stem]
            rows = ONE if x.shape[1] == ONE else x.shape[0]  # vectors are stacked as rows
            try:
                body = substitute(side, {x: member(family, dim(index), rows)})
                whole = sigma(index, 1, count(family, rows), body)
                sides = (*claim.sides[:k], whole, *claim.sides[k + 1 :])
                found = judge(replace(claim, sides=sides), names=names,
                              **replace(context, mend=False).options)  # fmt: skip
            except ChainruleError:
                continue
            if found.holds:
                slip = Slip("missing_sum", f"the sum over {index} is missing")
                return Mend(whole, k, slip, layout=found.layout, weight=1.0)
    return None


def _with_orders(claim: Claim, names: Mapping[str, Expr], context: Context) -> Verdict | None:
    """``det(kA) = k^n det(A)``: n may be the order of A."""
    loose = [
        s for n, s in symbols(*claim.sides).items()
        if n in SIZES and s.is_scalar and n not in context.declared
    ]  # fmt: skip
    if len(loose) > MOST_LOOSE:
        return None
    for own, name in product(loose, sorted(size_names(*claim.sides))[:4]):
        table = {own: size(name)}
        sides = tuple(substitute(s, table) for s in claim.sides)
        found = first_draft(replace(claim, sides=sides[:2]), names,
                            replace(context, budget_s=1.0), only_true=True).verdict  # fmt: skip
        if found.kind == "true":
            return under(found, f"{own.name} is the size {name}")
    return None


def _unread(stated: Stated, context: Context) -> Verdict | None:
    """Sizes that do not agree, where it is an equation; else what stopped the reading."""
    if not stated.relations or any(r not in "=≈≜" for r in stated.relations):
        return None
    raw = stated.raw
    if raw is None or len(raw.sides) < 2 or isinstance(stated.error, IndexedNumberError):
        return unknown(stated.error) if stated.error is not None else None
    member = member_of_unwritten(raw)
    if member:
        return unknown(f"{member} is defined nowhere, so this is open")
    reached = out_of_reach(stated, context)
    if reached is not None:
        return reached
    try:
        found = read_sides(raw.before, raw.sides, raw.declared, raw.macros)
    except ChainruleError as failure:
        return unknown(failure)
    sides = found.exprs
    to_solve = sides[-1] == ZERO and len(sides) == 2
    if sides[-1] == ZERO and has_derivative(*sides) and len(sides) > 2:
        sides = sides[:-1]
    if len(claimed(sides)) < 2 and not symbols(*sides).keys() <= context.declared:
        return unknown(stated.error) if stated.error is not None else None
    claim = Claim(sides, ("=",) * (len(sides) - 1), sources=tuple(w for _, w in raw.sides))
    verdict = _judged(claim, stated, context, found.names)
    if to_solve and verdict.kind != "ill_formed":
        return unknown(found.error) if found.error is not None else None
    return verdict


def _definition(stated: Stated, context: Context) -> Verdict | None:
    """A definition claims nothing; its further sides do, and so does one that is repeated."""
    if stated.misfit and stated.layers is not None:
        return _unread(stated, context)
    if len(stated.sides) > 1:
        if not context.alone and values_of_functions(stated):
            return None
        return _judged(Claim(stated.expressions), stated, context, names_of(stated))
    if stated.former is None:
        return None
    old, new = (r.expr for r in stated.former)
    found = first_draft(Claim((old, new)), {}, context, only_true=True).verdict
    return found if found.kind == "true" else None


def _reshaped(claim: Claim, names: Mapping[str, Expr], context: Context) -> Verdict | None:
    """A gradient of the shape of W where the rest of the chain stacks it: vec G' or vec(G')'."""
    matrices = [k for k, s in enumerate(claim.sides) if ONE not in s.shape]
    rows = [k for k, s in enumerate(claim.sides) if s.shape[0] == ONE != s.shape[1]]
    if not matrices or not rows:
        return None
    for turned in (False, True):
        sides = list(claim.sides)
        for k in matrices:
            inner = transpose(sides[k]) if turned else sides[k]
            sides[k] = transpose(apply("vec", inner))
        found = first_draft(replace(claim, sides=tuple(sides)), names, context)
        if found.holds:
            how = "rows" if turned else "columns"
            return Verdict("true_in_layout", "gradient", by=found.verdict.by,
                           reason=f"holds with the {how} of the matrix stacked")  # fmt: skip
    return None


def moving_in(sides: Sequence[Expr]) -> frozenset[str]:
    """Variables x for which dx occurs."""
    names = symbols(*sides)
    return frozenset(n[1:] for n in names if n[:1] == "d" and len(n) > 1)


def _constants_fixed(sides: Sequence[Expr], moving: frozenset[str]) -> tuple[Expr, ...]:
    """Variables without a differential are constant where ``d`` is applied."""
    moving = moving | moving_in(sides)
    if not moving:
        return tuple(sides)
    table = {
        s: node("symbol", (), s.params, s.shape, s.traits | {"constant"})
        for n, s in symbols(*sides).items()
        if n not in moving and not (n[:1] == "d" and n[1:] in moving)
    }
    return tuple(substitute(s, table) for s in sides)
