"""Judge a statement: true, true in a layout, true under a condition, false, ill-formed, unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache

from chainrule.calculus.structure import structure_of
from chainrule.check.case import Case, Variant
from chainrule.check.conditions import Condition, first_that
from chainrule.check.counter import counterexample
from chainrule.check.differences import by_differences
from chainrule.check.draft import Draft, guarded, later
from chainrule.check.kinks import at_kinks
from chainrule.check.layouts import SAID, Convention, has_derivative, layouts_for
from chainrule.check.mending import instead, mends_for
from chainrule.check.modulo import up_to
from chainrule.check.points import Clock
from chainrule.check.rough import replaced
from chainrule.check.supposing import SMALL, supposing
from chainrule.check.upstream import as_written
from chainrule.check.verdict import Claim, Mend, Slip, Verdict, unknown
from chainrule.dims import ONE
from chainrule.errors import ChainruleError, LimitError, ShapeError, UsageError
from chainrule.expr import Expr, node, postorder, size, size_names, symbols

MOST_NODES = 1500
MOST_SIZES = 4
LARGE = 2.8  # weight of a mend from which on conditions are supposed
PLAIN = 1.15  # weight of a slip that is likelier than a forgotten condition


def judge(
    claim: Claim, *, layout: str | None = None, symmetric: str | None = None,
    budget_s: float = 2.5, names: Mapping[str, Expr] | None = None, mend: bool = True,
) -> Verdict:  # fmt: skip
    """Does a statement hold, in which layout or under which condition, and if not, what slipped?

    Parameters
    ----------
    claim
        Sides may hold ``grad(f,x)`` and may be rough, that is, sizes need not agree.
    layout
        The layout the document has declared; in another one the claim is ``true_in_layout``.
        Left out, ``gradient`` is expected.
    symmetric
        Convention for symmetric variables (``project``, ``entries``, ``ignore``); left out, all are
        accepted.
    budget_s
        Seconds for everything; what is not settled by then is ``unknown`` or has no mend.
    names
        Defined parts, which mends may use and are not edited inside.
    mend
        Search for mends; without, a false claim has its counterexample only.
    """
    return draft(claim, layout=layout, symmetric=symmetric, budget_s=budget_s, names=names,
                 mend=mend).finished()  # fmt: skip


def draft(
    claim: Claim, *, layout: str | None = None, symmetric: str | None = None,
    budget_s: float = 2.5, names: Mapping[str, Expr] | None = None, mend: bool = True,
    only_true: bool = False,
) -> Draft:  # fmt: skip
    """What kind of statement it is; slip and mends follow when they are asked for.

    With ``only_true`` all that does not hold as it stands is ``unknown``: for those who ask about
    another reading of a statement and have no use for it unless it is true.
    """
    if len(claim.sides) < 2:
        return Draft(unknown("this is not a statement: it has one side only"))
    if len(claim.sides) > 2:
        from chainrule.check.chain import draft_chain

        return draft_chain(claim, layout=layout, symmetric=symmetric, budget_s=budget_s,
                           names=names, mend=mend, only_true=only_true)  # fmt: skip
    case = Case(claim, layout, symmetric, Clock(budget_s), dict(names or {}), mend, only_true)
    return guarded(lambda: _drafted(case))


def _drafted(case: Case) -> Draft:
    if case.claim.relation(0) == "≈":
        from chainrule.check.numbers import judge_rounded

        return Draft(judge_rounded(case.claim))
    _manageable(case.claim)
    found = _judged(case)
    if found.holds:
        return found
    if found.kind == "ill_formed":
        found = Draft(_with_identities(case, found.finished()))
        if found.holds:
            return found
    other = _with_sizes_as_numbers(case.claim)
    if other is None:
        return found
    again = _judged(
        Case(other, case.layout, case.symmetric, case.clock, case.names, False, case.only_true)
    )
    return again if again.holds else found


def _manageable(claim: Claim) -> None:
    count = len(postorder(*claim.sides))
    if count > MOST_NODES:
        raise LimitError(f"the statement has {count} parts, which is too many to check")
    known: dict[str, Expr] = {}
    for side in claim.sides:
        for name, e in symbols(side).items():
            if known.setdefault(name, e).shape != e.shape:
                raise UsageError(f"{name} has two sizes in this statement: declare it")


def _with_sizes_as_numbers(claim: Claim) -> Claim | None:
    """``n`` may have been read as a variable in one side and as a size in another one."""
    sizes = size_names(*claim.sides)
    clash = {s: size(n) for n, s in symbols(*claim.sides).items() if n in sizes and s.is_scalar}
    if not clash:
        return None
    return replace(claim, sides=tuple(replaced(s, clash) for s in claim.sides))


def _with_identities(case: Case, found: Verdict) -> Verdict:
    """``y ⊗ I`` in a product that does not conform: no size says how large this I is.

    So all sizes of the statement are tried; the one with the smallest mend tells what slipped.
    """
    sides = case.claim.sides
    eyes = [e for e in postorder(*sides) if e.op == "eye"]
    sizes = {d for s in symbols(*sides).values() for d in s.shape if d != ONE}
    loose = [e for e in eyes if not e.shape[0].names & {n for d in sizes for n in d.names}]
    best = found
    for e in loose[:1]:
        for n in sorted(sizes, key=str)[:MOST_SIZES]:
            if e.shape[0].value is not None or case.clock.left < 0.2:
                break
            other = node("eye", (), (n,), (n, n))
            claim = replace(case.claim, sides=tuple(replaced(s, {e: other}) for s in sides))
            trial = _judged(Case(claim, case.layout, case.symmetric, Clock(case.clock.left / 2),
                                 case.names, case.mend)).finished()  # fmt: skip
            if trial.holds:
                return trial
            if _weight(trial) < _weight(best) and trial.kind in ("false", "ill_formed"):
                best = trial
    return best


def _weight(verdict: Verdict) -> float:
    return verdict.mend.weight if verdict.mend is not None else 9.5


def conventions(case: Case) -> Iterator[Convention]:
    """Conventions to try: the document's own, then the others, then mixed ones."""
    sides = case.claim.sides
    if not has_derivative(*sides):
        yield Convention()
        return
    structured = any(
        structure_of(e.args[1]) for e in postorder(*sides) if e.op == "grad"
    )  # fmt: skip
    if case.symmetric:
        ways: tuple[str | None, ...] = (case.symmetric,)
    else:
        ways = ("project", "ignore", "entries") if structured else (None,)
    layouts = layouts_for(sides, case.layout)
    for name in layouts:
        for way in ways:
            yield Convention(name, None, way)
    if case.symmetric and structured:
        for name in layouts:
            for way in ("project", "ignore", "entries"):
                if way != case.symmetric:
                    yield Convention(name, None, way)
    nested = any(
        e.op == "grad" and e is not s and (s.op != "transpose" or s.args[0] is not e)
        for s in sides for e in postorder(s)
    )  # fmt: skip
    if nested:
        for outer in layouts:
            for inner in layouts:
                if inner != outer:
                    yield Convention(outer, inner, ways[0])


def _judged(case: Case) -> Draft:
    for convention in conventions(case):
        variant = case.variant(convention)
        if variant is None:
            continue
        if case.screen(variant):
            found = case.agree(variant)
            if found.verdict == "equal":
                return _true(case, variant, found.by)
        if case.clock.over:
            break
    if case.first is None:
        return Draft(by_differences(case) or unknown(
            case.trouble or "the statement cannot be written out"
        ))  # fmt: skip
    if case.only_true:
        return Draft(unknown("this does not hold as it stands"))
    if not case.boards():
        return Draft(unknown(case.points().reason or "no point inside the domain was found"))
    formed = [v for v in case.tried if case.formed(v)]
    if not formed:
        return Draft(_ill_formed(case))
    return _not_true(case, formed)


def _true(case: Case, variant: Variant, by: tuple[str, ...]) -> Draft:
    convention = variant.convention
    if not has_derivative(*case.claim.sides):
        edge = at_kinks(case, variant)
        return _at_edge(case, variant, edge, by) if edge else Draft(Verdict("true", by=by))
    expected = case.layout or "gradient"
    own = convention.layout == expected and convention.inner is None
    if own and case.symmetric and convention.symmetric not in (None, case.symmetric):
        text = f"with the convention '{convention.symmetric}' for the symmetric variable"
        slip = Slip("symmetry", f"holds {text}, not with '{case.symmetric}'")
        return _with_mends(case, Verdict("true_if", convention.layout, (text,), by=by, slip=slip),
                           [variant])  # fmt: skip
    if own:
        edge = at_kinks(case, variant)
        if edge:
            return _at_edge(case, variant, edge, by)
        return Draft(Verdict("true", convention.layout, by=by))
    said = SAID.get(convention.layout, convention.layout)
    if convention.inner:
        said += f", with the inner derivatives in {SAID.get(convention.inner, convention.inner)}"
    found = Verdict("true_in_layout", convention.layout, by=by, reason=f"holds in {said}")
    if not case.layout:
        return Draft(found)
    slip = Slip("layout", f"this holds in {said}, not in {SAID.get(expected, expected)}")
    return _with_mends(case, replace(found, slip=slip), case.tried[:1])


def _with_mends(case: Case, found: Verdict, variants: list[Variant]) -> Draft:
    return later(found, case.clock, lambda: replace(found, mends=_mends(case, variants)))


def _at_edge(case: Case, variant: Variant, edge: str, by: tuple[str, ...]) -> Draft:
    slip = Slip("other", f"holds only for {edge}")
    found = Verdict("true_if", _layout(case, variant), (edge,), slip, by=by)
    return later(found, case.clock,
                 lambda: replace(found, mends=instead(case, variant, slip)))  # fmt: skip


def _not_true(case: Case, formed: list[Variant]) -> Draft:
    trouble = case.doubt()
    if trouble:
        return Draft(unknown(trouble))
    best = formed[0]
    allowed = up_to(case, best)
    if allowed:
        layout = _layout(case, best)
        return Draft(Verdict("true_if", layout, (allowed,), by=("numerical",)))
    condition, where = _condition(case, formed)
    example = None
    order = [best, *(v for v in formed[1:] if v.convention.layout != best.convention.layout)]
    for variant in order:
        left, right = variant.sides
        example = counterexample(left, right, case.points(), original=case.pair)
        if example is not None:
            break
    if example is None:
        return Draft(unknown("the sides differ where they were tried, but no finite example was "
                             "found"))  # fmt: skip
    suppose = condition is None

    @cache
    def mends() -> tuple[Mend, ...]:
        return _mends(case, formed, suppose=suppose)

    if condition is not None and condition.far_fetched and not _identity(case, condition):
        if mends() and mends()[0].weight < SMALL:
            condition = None
    if condition is None:
        found = Verdict("false", _layout(case, best), (), Slip("other", "the two sides differ"),
                        (), example, by=("numerical",))  # fmt: skip
        return later(found, case.clock, lambda: _slipped(found, mends()))
    text = condition.text
    slip = Slip("symmetry" if "symmetric" in text else "other", f"holds only for {text}")
    bound = Verdict("true_if", _layout(case, where or best), (text,), slip, (), example,
                    by=("numerical",))  # fmt: skip
    return later(bound, case.clock, lambda: _restricted(bound, mends()))


def _slipped(found: Verdict, mends: tuple[Mend, ...]) -> Verdict:
    return replace(found, slip=mends[0].slip, mends=mends) if mends else found


def _restricted(found: Verdict, mends: tuple[Mend, ...]) -> Verdict:
    """What holds under a condition: a slip is named where that is as likely."""
    slip = found.slip
    if mends and mends[0].weight <= PLAIN and mends[0].slip.kind in ("transpose", "order"):
        slip = replace(mends[0].slip, message=f"{mends[0].slip.message}; as written this "
                                              f"holds only for {found.conditions[0]}")  # fmt: skip
    return replace(found, slip=slip, mends=mends)


def _layout(case: Case, variant: Variant) -> str | None:
    return variant.convention.layout if has_derivative(*case.claim.sides) else None


def _identity(case: Case, condition: Condition | None) -> bool:
    """A law of orthogonal matrices, rather than a slip?"""
    orthogonal = condition is not None and "orthogonal" in condition.text
    return orthogonal and not has_derivative(*case.claim.sides)


def _condition(case: Case, formed: list[Variant]) -> tuple[Condition | None, Variant | None]:
    by_assumption = case.assumed()
    if by_assumption:
        return Condition(by_assumption, {}), None
    budget = Clock(min(case.clock.left, 0.6))
    seen: set[tuple[Expr, Expr]] = set()
    for variant in formed:
        if variant.sides in seen or variant.convention.inner or not case.same_shape(variant):
            continue
        if case.layout and variant.convention.layout != case.layout:
            continue
        seen.add(variant.sides)
        found = first_that(lambda c, v=variant: case.holds_under(v, c), variant.sides,  # type: ignore[misc]
                           lambda: budget.over)  # fmt: skip
        if found is not None:
            return found, variant
    return None, None


def _ill_formed(case: Case) -> Verdict:
    assert case.first is not None
    reason = "the sizes do not agree"
    for side in (*as_written(case), *case.first.sides):
        try:
            case.solid(side)
        except ShapeError as error:
            reason = error.message
            break
        except ChainruleError:
            continue
    mends = _mends(case, case.tried)
    slip = mends[0].slip if mends else Slip("other", reason)
    if mends and mends[0].turned:
        text = f"a row stands where a column is meant: {mends[0].old} as {mends[0].new}"
        return Verdict("true_in_layout", "row for column", slip=Slip("layout", text), mends=mends,
                       reason=f"holds if {text}")  # fmt: skip
    return Verdict("ill_formed", slip=slip, mends=mends, reason=reason, by=("shape",))


def _mends(case: Case, variants: list[Variant], suppose: bool = True) -> tuple[Mend, ...]:
    if not case.mend:
        return ()
    found = mends_for(case, variants)
    if suppose and (not found or found[0].weight > LARGE):
        found = (*supposing(case, variants), *found)
    return found


__all__ = ["draft", "judge"]
