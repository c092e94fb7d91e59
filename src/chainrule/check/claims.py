"""What in a statement is no claim, and what it leaves open."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chainrule.check.context import ZERO, Context
from chainrule.check.layouts import Convention, derivative_nodes, has_derivative, written_out
from chainrule.check.unwritten import hidden
from chainrule.dims import ONE
from chainrule.errors import ChainruleError
from chainrule.expr import Expr, postorder, symbols
from chainrule.read.latex.functions import AS_PRODUCT
from chainrule.read.latex.names import SLOPE
from chainrule.read.names import FAMILY
from chainrule.read.session import Stated
from chainrule.read.syntax import postorder as nodes_of

SIZES = frozenset({"n", "m", "N", "M", "p", "q", "d", "k", "K", "T", "D"})
"""Letters for the number of something."""

_PRIMED = re.compile(r"[A-Za-z]\}?('|\^\{?\\prime\}?)+(?!\s*(\\left|\\big[lr]?)?\s*[('\[])")
"""A letter with a prime that is applied to nothing."""


def size_guessed(sides: Sequence[Expr], context: Context) -> str | None:
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


def perhaps_entry(sides: Sequence[Expr], declared: frozenset[str]) -> str | None:
    """A derivative by ``x_n`` beside x, both undeclared: it may be the last entry of x."""
    names = symbols(*sides)
    for e in derivative_nodes(*sides):
        x = e.args[1]
        stem = x.name.rpartition("_")[0] if x.op == "symbol" and FAMILY.match(x.name) else ""
        if stem in names and not {stem, x.name} & declared:
            return f"{x.name} may be an entry of {stem} or a name of its own"
    return None


def perhaps_function(stated: Stated, context: Context) -> str | None:
    """``F(X)`` of an F that nobody declared may be a value of a function, not a product."""
    raw = stated.raw.remarks if stated.raw is not None else ()
    for said in (*stated.remarks, *raw):
        name, _, rest = said.partition("(…) ")
        if rest.startswith(AS_PRODUCT) and name not in context.declared:
            return f"{name}(…) may be the value of a function that is defined nowhere"
    return None


def perhaps_entries(sides: Sequence[Expr], declared: frozenset[str]) -> str | None:
    """``x_ij`` beside X, both undeclared: they may be its entries."""
    names = symbols(*sides)
    for name, x in names.items():
        large = name[:1].upper() + name[1:]
        both = large != name and large in names and not {name, large} & declared
        if both and x.shape != names[large].shape and ONE not in x.shape:
            return f"the entries of {large} may be written {name}_ij here"
    return None


def one_sided(stated: Stated, sides: Sequence[Expr], context: Context) -> str | None:
    """An undeclared variable on one side only, by which nothing is differentiated.

    What comes in by a definition is no riddle: the definition says what it is for.
    """
    written = None
    if stated.raw is not None:
        written = {
            str(n.value) for root in stated.raw.nodes for n in nodes_of(root) if n.op == "name"
        }
    by = {e.args[1].name for e in derivative_nodes(*sides) if e.args[1].op == "symbol"}
    tables = [set(symbols(s)) for s in sides if s != ZERO]
    taken = [set(symbols(_differentiated(s))) for s in sides if s != ZERO]
    for name in sorted(set().union(*tables)):
        there = sum(name in t for t in tables)
        free = name not in by and name not in context.declared and name[:1] != "d"
        free = free or name in context.solutions
        free = free and (written is None or name in written)
        gone = not any(name in t for t in taken)
        if there == 1 < len(tables) and free and not gone and not hidden(stated, name):
            return name
    return None


def _differentiated(side: Expr) -> Expr:
    """With derivatives taken: what falls away there need not stand on the other side."""
    try:
        return written_out(side, Convention()) if has_derivative(side) else side
    except ChainruleError:
        return side


def unsaid(stated: Stated, sides: Sequence[Expr], declared: frozenset[str]) -> str | None:
    """``f'(x) = 2x`` tells what f is; ``(uv)' = u'v + uv'`` need not be about transposes."""
    if has_derivative(*sides):
        return None
    tables = [{str(e.params[0]) for e in postorder(s) if e.op == "call"} for s in sides]
    names: set[str] = set().union(*tables)
    for name in sorted(names):
        if not all(name in t for t in tables):
            return f"nothing here says what {name} is"
    turned = names or any(e.op == "transpose" for e in postorder(*sides))
    if any(SLOPE in said for said in stated.remarks):
        return None
    if _PRIMED.search(stated.source) and all(v.is_scalar for v in symbols(*sides).values()):
        return "these primes are no transposes of numbers; say what is differentiated by what"
    if turned and "'" in stated.source and not declared & symbols(*sides).keys():
        return "these primes may be derivatives or transposes; declare the variables"
    return None


def claimed(sides: Sequence[Expr]) -> tuple[int, ...]:
    """Sides without those that are a bare variable, its transpose or an entry of it.

    An equation with such a side says something about the variable, unless the variable stands in
    the others as well: ``∂(Ax)_i/∂x_j = A_ij`` is a claim.
    """
    bare = [k for k, s in enumerate(sides) if is_bare(s)]
    others = {n for k, s in enumerate(sides) if k not in bare for n in symbols(s)}
    return tuple(
        k for k, s in enumerate(sides) if k not in bare or others & symbols(s).keys()
    )  # fmt: skip


def is_bare(e: Expr) -> bool:
    """A variable, its transpose, or an entry of it?"""
    while e.op == "transpose":
        e = e.args[0]
    if e.op == "symbol":
        return True
    if e.op != "mul":
        return False
    rest = [a for a in e.args if not _selects(a)]
    return len(rest) == 1 < len(e.args) and is_bare(rest[0])


def _selects(e: Expr) -> bool:
    e = e.args[0] if e.op == "transpose" else e
    return e.op == "unit" or (e.op == "kron" and _selects(e.args[0]))


def introduces(stated: Stated, sides: Sequence[Expr]) -> bool:
    """A variable that nobody has met and that stands on one side only is brought in here."""
    counts: dict[str, int] = {}
    by = {e.args[1].name for e in derivative_nodes(*sides) if e.args[1].op == "symbol"}
    for s in sides:
        for name in symbols(s):
            counts[name] = counts.get(name, 0) + 1
    return any(
        counts.get(n) == 1 and n not in by and not hidden(stated, n) and n not in SIZES
        and not (n[:1] == "d" and n[1:] in counts)  # the differential of a variable that is there
        for n in stated.introduced
    )  # fmt: skip


def brings_in(stated: Stated, sides: Sequence[Expr], kept: Sequence[int], side: int) -> bool:
    """Is it this side alone that brings in a name? The others are compared all the same."""
    others = [sides[k] for k in kept if k != side]
    return introduces(stated, [sides[k] for k in kept]) and not introduces(stated, others)


def values_of_functions(stated: Stated) -> bool:
    """``Q = Σ L(y_i, ŷ_i) = …``: an L that was never written down has its values given here."""
    return any("is read as the value" in r or ", a value for each" in r for r in stated.remarks)


def undetermined(side: Expr, sides: Sequence[Expr], settled: bool = False) -> str | None:
    """A derivative of something by what it does not contain: the text does not say how it does.

    With ``settled``, all that is defined is known to depend on what is written, and nothing else.
    """
    for e in derivative_nodes(side):
        f, x = e.args[:2]
        if settled and f.op != "symbol":
            continue
        if x.op == "symbol" and x.name not in symbols(f) and symbols(f) and ZERO not in sides:
            return f"nothing that is written says how this depends on {x.name}"
    return None
