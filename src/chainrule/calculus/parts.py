"""Derivatives by a part of a variable: ∂f/∂x_k of a family, ∂f/∂W[i,j]; certified on their own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from chainrule.calculus.answer import Answer, Certificate
from chainrule.calculus.certify import accept
from chainrule.calculus.dissolve import dissolved
from chainrule.calculus.members import Part, best_part, block_rows, part_gradient, part_of, picked
from chainrule.calculus.naming import Names, restore
from chainrule.calculus.tidy import tidied
from chainrule.dims import ONE, Dim, dim
from chainrule.errors import UsageError
from chainrule.expr import Expr, node, size_names, substitute, symbols
from chainrule.ops import add, apply, constant, eye, is_family, mul, transpose
from chainrule.ops.indexed import count
from chainrule.traits import transposed

ENTRY = re.compile(r"\s*([^\W\d]\w*)\s*\[\s*(\w+|:)\s*(?:,\s*(\w+|:)\s*)?\]\s*")


def part_asked(wrt: object, variables: Mapping[str, Expr], f: Expr) -> Part | None:
    """What ``x_k``, ``W[i,j]``, ``X[i,:]`` or such an expression means; None if a variable."""
    if isinstance(wrt, Expr):
        return part_of(wrt)
    if not isinstance(wrt, str) or wrt.strip() in variables:
        return None
    found = ENTRY.fullmatch(wrt)
    if found is not None and found[1] in variables:
        x = variables[found[1]]
        i, j = _at(found[2]), _at(found[3])
        if found[3] is None and x.shape[1] != ONE and not is_family(x):
            raise UsageError(f"{wrt} needs two indices: {x.name} is {x.shape[0]}×{x.shape[1]}")
        return Part(x, i, j)
    name, _, k = wrt.strip().rpartition("_")
    if name in variables and is_family(variables[name]) and k.isalnum():
        return Part(variables[name], _at(k), None, block_rows(f, variables[name]))
    return None


def _at(text: str | None) -> Dim | None:
    if text is None or text == ":":
        return None
    return dim(int(text)) if text.isdigit() else dim(text)


def by_part(whole: Answer, f: Expr, part: Part, layout: str, check: bool) -> Answer:
    """The answer for a part from the answer for the whole variable.

    Raises
    ------
    UsageError
        For a layout that has no meaning here, or a function that is not a scalar by a member.
    CertificateError
        If the result fails its own check.
    """
    if layout not in ("gradient", "numerator", "denominator"):
        raise UsageError(f"the layout {layout} is for whole variables: ask for the gradient")
    if f.is_scalar:
        gradient = restore(whole.result, whole.where)
        plainly = whole.symmetric in (None, "ignore")
        result = best_part(f, gradient, part) if plainly else picked(gradient, part)
    else:
        result = tidied(part_gradient(f, part))
    imposed = whole.symmetric not in (None, "ignore")
    certificate = whole.certificate
    if check and not imposed:
        certificate = _certified(dissolved(f), part, result)
    if layout == ("numerator" if f.is_scalar else "denominator"):
        result = transposed(result)
    return replace(
        whole, result=result, where=(), wrt=(text_of(part),), layout=layout, form="matrix",
        other_forms={}, certificate=certificate,
    )  # fmt: skip


def text_of(part: Part) -> str:
    """``x_k``, ``W[i,j]``."""
    name = part.whole.name
    if is_family(part.whole) and part.j is None:
        return f"{name}_{part.i}"
    ends = [part.i, part.j] if part.whole.shape[1] != ONE else [part.i]
    return f"{name}[{','.join(':' if k is None else str(k) for k in ends)}]"


def _certified(f: Expr, part: Part, result: Expr) -> Certificate:
    """The variable moved in this part only: an independent numerical derivative."""
    from chainrule.numeric import check

    x = part.whole
    names = Names({*symbols(f, result), *size_names(f, result), x.name})
    left = right = None
    rows, cols = x.shape
    if part.rows is not None:
        assert part.i is not None
        rows = part.rows
        left = apply("kron", constant("unit", count(x, rows), part.i), eye(rows))
    else:
        if part.i is not None:
            left, rows = constant("unit", x.shape[0], part.i), ONE
        if part.j is not None:
            right, cols = transpose(constant("unit", x.shape[1], part.j)), ONE
    column = result.is_scalar or (rows == ONE and result.shape[0] == cols)
    shape = (cols, ONE) if column and rows == ONE else (rows, cols)
    if part.is_entry:
        shape = (ONE, ONE)
    change = node("symbol", (), (names.numbered(f, ("t", "u")).name,), shape)
    moved = transpose(change) if shape != (rows, cols) else change
    parts = [p for p in (left, moved, right) if p is not None]
    table = {x: add(x, mul(*parts))}
    kind = "by_scalar" if part.is_entry else "gradient"
    found = check(substitute(f, table), change, substitute(result, table), kind)
    accept(found, f, x)
    return Certificate(found.verdict, tuple(found.by), dict(found.sizes),
                       found.max_relative_error, found.detail)  # fmt: skip
