"""Functions that are written nowhere: claims on them that stay open, and what is hidden of them."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.check.layouts import derivative_nodes
from chainrule.expr import Expr, postorder, symbols
from chainrule.read.session import Stated
from chainrule.read.session.sides import Prepared
from chainrule.read.syntax import postorder as nodes_of

MATRIX_OF = frozenset({"tr", "det", "inv", "logdet"})


def left_open(stated: Stated, sides: Sequence[Expr], kind: str, step: int) -> str | None:
    """Why a claim that does not hold cannot be called wrong: it speaks of what nobody wrote down.

    Parameters
    ----------
    kind
        What the claim is so far.
    step
        Of a chain, the step that fails.
    """
    if not stated.unspecified:
        return None
    if kind == "false":
        said = of_no_kind(stated) or told_of(stated, sides[step : step + 2])
        if said:
            return said
        nowhere = list(unwritten(stated, sides).values())
        if nowhere:
            return f"{', '.join(nowhere)} is defined nowhere, so this is open"
    if by_undefined(sides, stated.unspecified):
        return f"{', '.join(stated.unspecified)} is defined nowhere, so this is open"
    return None


def of_no_kind(stated: Stated) -> str | None:
    """``tr(f(X))`` of an f that is written nowhere: a number in its place is too special."""
    trees = stated.raw.nodes if stated.raw is not None else ()
    for n in (n for root in trees for n in nodes_of(root)):
        name = str(n.value[0]) if n.op == "call" else str(n.value)
        if n.op != "transpose" and (n.op not in ("call", "apply") or name not in MATRIX_OF):
            continue
        inner = n.args[0]
        f = str(inner.value[0] if inner.op == "call" else inner.value)
        if f in stated.unspecified:
            return f"nothing here says whether {f} is a number or a matrix"
    return None


def told_of(stated: Stated, sides: Sequence[Expr]) -> str | None:
    """``∂J/∂S = S² - I`` of a J that is written nowhere says what J is like.

    A loss of what is defined, as of the output of a network, is general all the same.
    """
    arguments = dict(stated.raw.arguments) if stated.raw is not None else {}
    defined = stated.sides[0].definitions.keys() if stated.sides else ()
    for f in stated.unspecified:
        constant = any(s.op == "zeros" for s in sides)
        if not constant and any(x in defined for x in arguments.get(f, ())):
            continue
        tables = [any(n.startswith(f"{f}_weights") for n in symbols(s)) for s in sides]
        if any(tables) and not all(tables):
            return f"{f} is written nowhere, so this may tell what it is"
    return None


def hidden(stated: Stated, name: str) -> bool:
    """Part of the general instance of a function that is defined nowhere."""
    return any(name.startswith(f"{f}_weights") for f in stated.unspecified)


def unwritten(stated: Stated, sides: Sequence[Expr]) -> dict[int, str]:
    """Sides with a function that is defined nowhere and stands in no other side, by number.

    ``∂L/∂W = 2W`` tells what L is like; nothing is known of it that could make this wrong.
    """
    out: dict[int, str] = {}
    tables = [symbols(s) for s in sides]
    for f in stated.unspecified:
        where = [k for k, t in enumerate(tables) if any(n.startswith(f"{f}_weights") for n in t)]
        if len(where) == 1 < len(sides) and _outright(sides[where[0]]):
            out.setdefault(where[0], f)
    return out


def _outright(side: Expr) -> bool:
    """Is the function differentiated by its own argument, with nothing written in between?"""
    return all(
        any(c.op == "call" and c.args[0] is e.args[1] for c in postorder(e.args[0]))
        for e in derivative_nodes(side)
    )


def unrelated(stated: Stated, sides: Sequence[Expr]) -> str | None:
    """A function defined nowhere, of variables that nothing relates, or on one side only.

    ``∂L/∂X = ∂L/∂Y Wᵀ`` is about ``Y = XW``; where that is not written, it is open. So is
    ``∂L/∂z = p − y`` without a formula for L.
    """
    for f in stated.unspecified:
        mark = f"{f}_weights"
        by = {n for s in sides for n in symbols(s) if n.startswith(mark)}
        if len(by) > 1:
            names = " and ".join(sorted(n.removeprefix(f"{mark}_") for n in by))
            return f"nothing that is written says how {names} are related"
        moved = [any(n.startswith(mark) for e in derivative_nodes(s) for n in symbols(e.args[0]))
                 for s in sides]  # fmt: skip
        if any(moved) and not all(moved):
            return f"nothing that is written says what {f} is"
    return None


def member_of_unwritten(raw: Prepared) -> str | None:
    """``∂L_t/∂W`` where neither L nor L_t is written anywhere: there is one for every t."""
    for root in raw.nodes:
        for n in nodes_of(root):
            f = n.args[0] if n.op == "grad" else None
            if f is not None and f.op == "member" and f.value[0] in raw.unspecified:
                return f"{f.value[0]}_{f.value[1].value}"
    return None


def by_undefined(sides: Sequence[Expr], unspecified: Sequence[str]) -> bool:
    """Is something differentiated by a function that is itself defined nowhere?"""
    return any(
        e.args[1].op == "symbol" and e.args[1].name in unspecified for e in derivative_nodes(*sides)
    )
