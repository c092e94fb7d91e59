"""What a statement of a document claims, and the verdict on it.

A correct line must never be called wrong. So an equation that only says something about a variable
(``A = A'``, ``y_i = 1``), or that brings in a name nobody has met, is no claim; and what depends on
things the document does not say is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from chainrule.calculus.expand import expand
from chainrule.check.chain import judge_chain
from chainrule.check.judge import judge
from chainrule.check.layouts import derivative_nodes, has_derivative
from chainrule.check.points import Clock
from chainrule.check.ranges import out_of_range
from chainrule.check.reading import read_sides
from chainrule.check.verdict import Claim, Mend, Slip, Verdict, unknown
from chainrule.dims import ONE, dim
from chainrule.errors import ChainruleError
from chainrule.expr import Expr, node, number, postorder, size, size_names, substitute, symbols
from chainrule.ops import apply, is_family, member, sigma, transpose, with_sizes, zeros
from chainrule.ops.indexed import count
from chainrule.read.declare import Declaration
from chainrule.read.reading import read_statements
from chainrule.read.session import Stated

ZERO = number(0)
STATIONARY = "at the stationary point"
SIZES = frozenset({"n", "m", "N", "M", "p", "q", "d", "k", "K", "T", "D"})
"""Letters for the number of something."""
KINDS = ("scalar", "vector", "matrix", "row")
MOST_LOOSE = 3
_DECIMAL = re.compile(r"\d+\.(\d+)")


@dataclass(frozen=True)
class Context:
    """What a verdict needs beside the statement.

    Attributes
    ----------
    before
        The statement before, for what an arrow concludes from it.
    solutions
        Values of variables that later lines conclude from a derivative set to zero.
    declared
        Variables that were declared.
    moving
        Variables whose differentials occur around here; all others are constant for ``d``.
    zero
        The last derivative that was set to zero.
    alone
        A single equation without a document: its variables are all that there is.
    """

    layout: str | None = None
    symmetric: str | None = None
    budget_s: float = 3.0
    before: Stated | None = None
    solutions: Mapping[str, Expr] = field(default_factory=dict)
    declared: frozenset[str] = frozenset()
    moving: frozenset[str] = frozenset()
    zero: Expr | None = None
    alone: bool = False
    mend: bool = True

    @property
    def options(self) -> dict[str, Any]:
        """For the judge."""
        return {"layout": self.layout, "symmetric": self.symmetric, "budget_s": self.budget_s,
                "mend": self.mend}  # fmt: skip


def verdict_on(stated: Stated, context: Context) -> Verdict | None:
    """The verdict on a statement; None if it claims nothing."""
    try:
        return _verdict(stated, context)
    except (RecursionError, MemoryError):
        return unknown("the statement is too deep or too large")
    except ChainruleError as error:
        return unknown(error)


def _verdict(stated: Stated, context: Context) -> Verdict | None:
    if stated.kind == "unread":
        return _unread(stated, context)
    if stated.kind == "definition":
        return _definition(stated, context)
    if stated.kind != "equation" or len(stated.sides) < 2 or set(stated.relations) == {"≜"}:
        return None
    sides = stated.expressions
    relations = stated.relations[-(len(sides) - 1) :]
    solved = _concluded(stated, context.before)
    if solved:
        return _solution(solved, stated, context)
    if sides[-1] == ZERO and (has_derivative(*sides) or len(sides) == 2):
        sides, relations = sides[:-1], relations[:-1]
        if len(sides) < 2:
            return None  # a condition to be solved, not a claim
    beyond = out_of_range(sides)
    if beyond is not None:
        return beyond
    if stated.misfit:  # a side between others does not conform
        found = _unread(stated, context)
        if found is not None and found.kind in ("false", "ill_formed"):
            return found
    kept = tuple(range(len(sides)))
    if not context.alone:
        kept = _claimed(sides)
        if len(kept) < 2 or _introduces(stated, [sides[k] for k in kept]):
            return _at_solution(sides, context)
    digits, signs = _digits(stated, len(sides)), _rounding(stated, relations)
    sides = _with_values([sides[k] for k in kept], stated.values)
    claim = Claim(sides, signs[: len(kept) - 1] if len(kept) == len(digits) else (),
                  tuple(digits[k] for k in kept))  # fmt: skip
    return _judged(claim, stated, context, _names(stated))


def _judged(
    claim: Claim, stated: Stated, context: Context, names: Mapping[str, Expr]
) -> Verdict:
    sides = claim.sides
    if any(e.op == "differential" for e in postorder(*sides)):
        claim = replace(claim, sides=_constants_fixed(sides, context.moving))
    open_ = [k for k, s in enumerate(sides) if _undetermined(s, sides)]
    if open_:
        kept = [k for k in range(len(sides)) if k not in open_]
        if len(kept) < 2:
            return unknown(str(_undetermined(sides[open_[0]], sides)))
        claim = Claim(tuple(claim.sides[k] for k in kept))
        sides = tuple(sides[k] for k in kept)
    found = _first(claim, names, context)
    if found.kind == "false" and not symbols(*sides) and found.slip is not None:
        if found.slip.kind in ("factor", "other"):  # a number is wrong, nothing else
            found = replace(found, slip=replace(found.slip, kind="numeric"))
    if open_ and found.holds:
        return unknown("a part of this depends on what is not written")
    if found.kind not in ("false", "true_if"):
        return found
    if stated.unspecified and _middle(sides, stated.unspecified):
        return unknown(f"{', '.join(stated.unspecified)} is defined nowhere, so this is open")
    if found.kind == "false" and sides[-1] == ZERO and len(sides) > 2:
        earlier = _first(replace(claim, sides=claim.sides[:-1]), names, context)
        if earlier.holds or _at_solution(sides[:-1], context) is not None:
            text = "the '= 0' at the end does not hold"
            return replace(found, slip=Slip("spurious_equation", text))
    solved = _at_solution(sides, context) if found.kind == "false" else None
    if solved is None and found.kind == "false":
        solved = _where_zero(claim, names, context)
    if solved is not None:
        return solved
    ordered = _with_orders(claim, names, context)
    if ordered is not None:
        return ordered
    if found.kind == "false" and not context.alone:
        guessed = _other_kinds(stated, context)
        if guessed is not None:
            return guessed
    other = _reshaped(claim, names, context) if found.kind == "false" else None
    if other is not None:
        return other
    if found.kind == "false" and not context.alone:
        unsized = _size_guessed(sides, context)
        if unsized:
            return unknown(f"the size of {unsized} is nowhere said")
        summed = _with_sum(claim, names, context)
        if summed is not None:
            return replace(found, slip=summed.slip, mends=(summed,))
        unsaid = _unsaid(stated, sides, context.declared)
        if unsaid:
            return unknown(unsaid)
        loose = _one_sided(stated, sides, context)
        if loose:
            return unknown(f"{loose} stands on one side only, and nothing says what it is")
    return found


def _first(claim: Claim, names: Mapping[str, Expr], context: Context) -> Verdict:
    if len(claim.sides) > 2:
        return judge_chain(claim, names=names, **context.options).verdict
    return judge(claim, names=names, **context.options)


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


def _with_orders(
    claim: Claim, names: Mapping[str, Expr], context: Context
) -> Verdict | None:
    """``det(kA) = k^n det(A)``: n may be the order of A."""
    loose = [
        s for n, s in symbols(*claim.sides).items()
        if n in SIZES and s.is_scalar and n not in context.declared
    ]  # fmt: skip
    if len(loose) != 1:
        return None
    for name in sorted(size_names(*claim.sides))[:4]:
        table = {loose[0]: size(name)}
        sides = tuple(substitute(s, table) for s in claim.sides)
        found = judge(replace(claim, sides=sides[:2]), names=names,
                      **replace(context, budget_s=1.0, mend=False).options)  # fmt: skip
        if found.kind == "true":
            return _under(found, f"{loose[0].name} is the size {name}")
    return None


def _unread(stated: Stated, context: Context) -> Verdict | None:
    """Sizes that do not agree, where it is an equation; else what stopped the reading."""
    if not stated.relations or any(r not in "=≈≜" for r in stated.relations):
        return None
    raw = stated.raw
    if raw is None or len(raw.sides) < 2:
        return unknown(stated.error) if stated.error is not None else None
    try:
        found = read_sides(raw.before, raw.sides, raw.declared, raw.macros)
    except ChainruleError as failure:
        return unknown(failure)
    sides = found.exprs
    if sides[-1] == ZERO and has_derivative(*sides):
        sides = sides[:-1]
    if len(_claimed(sides)) < 2 and not symbols(*sides).keys() <= context.declared:
        return unknown(stated.error) if stated.error is not None else None
    claim = Claim(sides, ("=",) * (len(sides) - 1), sources=tuple(w for _, w in raw.sides))
    return _judged(claim, stated, context, found.names)


def _definition(stated: Stated, context: Context) -> Verdict | None:
    """A definition claims nothing; its further sides do, and so does one that is repeated."""
    if len(stated.sides) > 1:
        if not context.alone and _values_of_functions(stated):
            return None
        return _judged(Claim(stated.expressions), stated, context, _names(stated))
    if stated.former is None:
        return None
    old, new = (r.expr for r in stated.former)
    found = judge(Claim((old, new)), **replace(context, mend=False).options)
    return found if found.kind == "true" else None


# -- what is no claim -------------------------------------------------------------------------


def _size_guessed(sides: Sequence[Expr], context: Context) -> str | None:
    """An undeclared variable of differentiation whose size makes the sides differ in size."""
    shapes = {s.shape for s in sides if s != ZERO}
    flat = {(b, a) if a == ONE else (a, b) for a, b in shapes}
    if len(flat) < 2:
        return None
    for e in derivative_nodes(*sides):
        x = e.args[1]
        if x.op == "symbol" and x.is_scalar and x.name not in context.declared:
            return x.name
    return None


def _one_sided(stated: Stated, sides: Sequence[Expr], context: Context) -> str | None:
    """An undeclared variable on one side only, by which nothing is differentiated."""
    by = {e.args[1].name for e in derivative_nodes(*sides) if e.args[1].op == "symbol"}
    tables = [set(symbols(s)) for s in sides if s != ZERO]
    for name in sorted(set().union(*tables)):
        there = sum(name in t for t in tables)
        free = name not in by and name not in context.declared and name[:1] != "d"
        free = free or name in context.solutions
        if there == 1 < len(tables) and free and not _hidden(stated, name):
            return name
    return None


def _unsaid(stated: Stated, sides: Sequence[Expr], declared: frozenset[str]) -> str | None:
    """``f'(x) = 2x`` tells what f is; ``(uv)' = u'v + uv'`` need not be about transposes."""
    if has_derivative(*sides):
        return None
    tables = [{str(e.params[0]) for e in postorder(s) if e.op == "call"} for s in sides]
    names: set[str] = set().union(*tables)
    for name in sorted(names):
        if not all(name in t for t in tables):
            return f"nothing here says what {name} is"
    if "'" in stated.source and not declared & symbols(*sides).keys():
        return "these primes may be derivatives or transposes; declare the variables"
    return None


def _claimed(sides: Sequence[Expr]) -> tuple[int, ...]:
    """Sides without those that are a bare variable, its transpose or an entry of it.

    An equation with such a side says something about the variable, unless the variable stands in
    the others as well: ``∂(Ax)_i/∂x_j = A_ij`` is a claim.
    """
    bare = [k for k, s in enumerate(sides) if _bare(s)]
    others = {n for k, s in enumerate(sides) if k not in bare for n in symbols(s)}
    return tuple(
        k for k, s in enumerate(sides) if k not in bare or others & symbols(s).keys()
    )  # fmt: skip


def _bare(e: Expr) -> bool:
    while e.op == "transpose":
        e = e.args[0]
    if e.op == "symbol":
        return True
    if e.op != "mul":
        return False
    rest = [a for a in e.args if not _selects(a)]
    return len(rest) == 1 < len(e.args) and _bare(rest[0])


def _selects(e: Expr) -> bool:
    e = e.args[0] if e.op == "transpose" else e
    return e.op == "unit" or (e.op == "kron" and _selects(e.args[0]))


def _introduces(stated: Stated, sides: Sequence[Expr]) -> bool:
    """A variable that nobody has met and that stands on one side only is brought in here."""
    counts: dict[str, int] = {}
    by = {e.args[1].name for e in derivative_nodes(*sides) if e.args[1].op == "symbol"}
    for s in sides:
        for name in symbols(s):
            counts[name] = counts.get(name, 0) + 1
    return any(
        counts.get(n) == 1 and n not in by and not _hidden(stated, n) and n not in SIZES
        and not (n[:1] == "d" and n[1:] in counts)  # the differential of a variable that is there
        for n in stated.introduced
    )  # fmt: skip


def _values_of_functions(stated: Stated) -> bool:
    """``Q = Σ L(y_i, ŷ_i) = …``: an L that was never written down has its values given here."""
    return any("is read as the value" in r or ", a value for each" in r for r in stated.remarks)


def _hidden(stated: Stated, name: str) -> bool:
    """Part of the general instance of a function that is defined nowhere."""
    return any(name.startswith(f"{f}_weights") for f in stated.unspecified)


def _undetermined(side: Expr, sides: Sequence[Expr]) -> str | None:
    """A derivative of something by what it does not contain: the text does not say how it does."""
    for e in derivative_nodes(side):
        f, x = e.args[:2]
        if x.op == "symbol" and x.name not in symbols(f) and symbols(f) and ZERO not in sides:
            return f"nothing that is written says how this depends on {x.name}"
    return None


def _middle(sides: Sequence[Expr], unspecified: Sequence[str]) -> bool:
    """Is something differentiated by a function that is itself defined nowhere?"""
    return any(
        e.args[1].op == "symbol" and e.args[1].name in unspecified for e in derivative_nodes(*sides)
    )


def _at_solution(sides: Sequence[Expr], context: Context) -> Verdict | None:
    """With the values that set the derivative to zero in place of the variables."""
    names = symbols(*sides)
    table = {}
    for n, v in context.solutions.items():
        value = _fitted(v, names[n]) if n in names else None
        own = symbols(value) if value is not None else {}
        if value is not None and all(names[m] is s for m, s in own.items() if m in names):
            table[names[n]] = value
    if not table or has_derivative(*sides):
        return None
    try:
        put = tuple(_put(s, table) for s in sides if s != ZERO or s is sides[0])
    except ChainruleError:
        return None
    if len(put) < 2:
        return None
    found = _first(Claim(put), {}, replace(context, budget_s=1.0))
    return _under(found, STATIONARY) if found.kind == "true" else None


def stationarity(stated: Stated) -> Expr | None:
    """The derivative that a statement sets to zero."""
    sides = stated.expressions
    if len(sides) < 2 or sides[-1] != ZERO or not derivative_nodes(sides[0]):
        return None
    return sides[0]


def _where_zero(claim: Claim, names: Mapping[str, Expr], context: Context) -> Verdict | None:
    """``X'X w = X'y`` follows from a derivative that was set to zero."""
    zero, have = context.zero, symbols(*claim.sides)
    if zero is None or has_derivative(*claim.sides):
        return None
    if any(have.get(n, s) is not s for n, s in symbols(zero).items()):
        return None
    options = replace(context, budget_s=1.0, mend=False).options
    found = judge(replace(claim, assuming=((zero, ZERO),)), names=names, **options)
    return found if found.holds else None


def _put(side: Expr, table: Mapping[Expr, Expr]) -> Expr:
    """Solutions in place of their variables; one may hold another, Σ the mean μ."""
    for _ in range(len(table)):
        side = substitute(side, dict(table))
    return side


def _fitted(value: Expr, like: Expr) -> Expr | None:
    """The value with its own names of sizes brought in line with those of a variable."""
    table = {
        have.name: want for have, want in zip(value.shape, like.shape, strict=True)
        if have != want and have.name is not None
    }  # fmt: skip
    try:
        fitted = with_sizes(value, table)
    except ChainruleError:
        return None
    return fitted if fitted.shape == like.shape else None


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
        found = _first(replace(claim, sides=tuple(sides)), names, context)
        if found.holds:
            how = "rows" if turned else "columns"
            return Verdict("true_in_layout", "gradient", by=found.by,
                           reason=f"holds with the {how} of the matrix stacked")  # fmt: skip
    return None


def _other_kinds(stated: Stated, context: Context) -> Verdict | None:
    """What nobody declared may be a row, a column, a matrix: is there a way in which it holds?"""
    raw = stated.raw
    if raw is None:
        return None
    turned = any(e.op == "transpose" for e in postorder(*stated.expressions))
    met = frozenset() if turned else raw.met & symbols(*stated.expressions).keys()
    names = [
        n for n in dict.fromkeys(n for s in stated.sides for n in s.variables)
        if (n not in raw.declared or n in met) and n not in context.declared
        and not _hidden(stated, n) and n.isidentifier()
    ]  # fmt: skip
    if not names or len(names) > MOST_LOOSE:
        return None
    clock = Clock(1.5)
    # a vector of earlier formulas may be a number in one where nothing is transposed
    for kinds in product(*(("scalar",) if n in met else KINDS for n in names)):
        if clock.over:
            return None
        table = {n: Declaration(n, (ONE, ONE) if k == "scalar" else None, k)
                 for n, k in zip(names, kinds, strict=True)}  # fmt: skip
        try:
            found = read_statements(raw.before, raw.sides, {**raw.declared, **table}, raw.macros,
                                    raw.counts)  # fmt: skip
        except ChainruleError:
            continue
        sides = tuple(r.expr for r in found)
        verdict = _first(Claim(sides), {}, replace(context, budget_s=0.3, alone=True, mend=False))
        if verdict.kind in ("true", "true_in_layout"):
            said = ", ".join(f"{n} a {k}" for n, k in zip(names, kinds, strict=True))
            return replace(verdict, kind="true_if", conditions=(f"with {said}",))
    return None


# -- context ----------------------------------------------------------------------------------


def _solution(solved: Sequence[Claim], stated: Stated, context: Context) -> Verdict:
    """Is what was written zero at the value? Or else what should have been written?"""
    names = _names(stated)
    found = judge(solved[0], names=names, **context.options)
    if found.kind != "false":
        return _under(found, STATIONARY)
    for claim in solved[1:]:  # the value is right though the line before is not
        other = judge(claim, names=names, **replace(context, mend=False).options)
        if other.holds:
            return _under(other, STATIONARY)
    text = f"the derivative is not zero at this {stated.sides[0].expr!r}"
    return replace(found, slip=Slip("other", text), mends=())


def _concluded(stated: Stated, before: Stated | None) -> list[Claim]:
    """``… = E = 0 ⇒ v = value``: the claims that E, and what equals it, vanish at the value."""
    if stated.after not in ("⇒", "⇔") or before is None or len(stated.sides) < 2:
        return []
    earlier = before.expressions
    if len(earlier) < 2 or earlier[-1] != ZERO:
        return []
    first, value = stated.sides[0].expr, stated.sides[-1].expr
    out = []
    for gradient in reversed(earlier[:-1]):
        known = symbols(gradient)
        if first.op != "symbol" or first.name not in known:
            break
        if first.shape != known[first.name].shape:
            break
        if any(known[n].shape != s.shape for n, s in symbols(value).items() if n in known):
            break
        try:
            written = expand(gradient, frozenset()) if has_derivative(gradient) else gradient
            put = substitute(written, {known[first.name]: value})
            out.append(Claim((put, zeros(*put.shape))))
        except ChainruleError:
            break
    return out


def _under(found: Verdict, condition: str) -> Verdict:
    if found.kind != "true":
        return found
    return replace(found, kind="true_if", conditions=(condition,))


def _names(stated: Stated) -> dict[str, Expr]:
    return dict(stated.sides[0].definitions) if stated.sides else {}


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


# -- numbers ----------------------------------------------------------------------------------


def _with_values(sides: Sequence[Expr], values: Mapping[str, Expr]) -> tuple[Expr, ...]:
    """Numbers for the variables that have been given some, where another side is all numbers."""
    if not values or not any(not symbols(s) and s != ZERO for s in sides):
        return tuple(sides)
    return tuple(_evaluated(s, values) for s in sides)


def _evaluated(side: Expr, values: Mapping[str, Expr]) -> Expr:
    try:
        if has_derivative(side):
            side = expand(side, frozenset())
        table = {
            s: values[n] for n, s in symbols(side).items()
            if n in values and values[n].shape == s.shape
        }  # fmt: skip
        return substitute(side, table)
    except ChainruleError:
        return side


def _rounding(stated: Stated, relations: Sequence[str]) -> tuple[str, ...]:
    """Decimals in a side of numbers are printed, rounded ones."""
    out = ["≈" if r == "≈" else "=" for r in relations]
    for k in range(min(len(out), len(stated.sides) - 1)):
        if any(_printed(stated, j) is not None for j in (k, k + 1)):
            out[k] = "≈"
    return tuple(out)


def _digits(stated: Stated, count: int) -> tuple[int | None, ...]:
    return tuple(_printed(stated, k) for k in range(count))


def _printed(stated: Stated, k: int) -> int | None:
    """Decimals of a side made of printed numbers with decimals; None for all others."""
    if k >= len(stated.sides):
        return None
    e = stated.sides[k].expr
    if any(n.op not in ("number", "hcat", "vcat", "transpose", "mul") for n in postorder(e)):
        return None
    found = [len(d) for d in _DECIMAL.findall(stated.text[stated.at : stated.end])]
    return max(found) if found else None


__all__ = ["STATIONARY", "Context", "moving_in", "stationarity", "verdict_on"]
