"""The einsum signatures of contractions, and the sizes they give."""

from __future__ import annotations

from chainrule.dims import ONE, Dim, Shape
from chainrule.errors import ShapeError
from chainrule.expr import Expr
from chainrule.ops.table import TABLE, describe


def signature(name: str, args: tuple[Expr, ...]) -> str:
    """The einsum signature that applies (``diag`` has two)."""
    if name != "diag":
        found = TABLE[name].signature
        assert found is not None
        return found
    rows, cols = args[0].shape
    if cols == ONE:
        return "i1->ii"
    if rows == ONE:
        return "1i->ii"
    if rows != cols:
        raise ShapeError(
            f"diag needs a vector or a square matrix, but {describe(args[0])} is neither"
        )
    return "ii->i1"


def split_axes(spec: str) -> list[str]:
    """``"(ik)j"`` -> ``["ik", "j"]``: an axis may run over pairs."""
    axes, group = [], ""
    for ch in spec:
        if ch == "(":
            group = "("
        elif ch == ")":
            axes.append(group[1:])
            group = ""
        elif group:
            group += ch
        else:
            axes.append(ch)
    return axes


def contraction_shape(name: str, args: tuple[Expr, ...]) -> Shape:
    """The shape that the signature gives.

    Raises
    ------
    ShapeError
        If axes under one letter have different sizes.
    """
    left, right = signature(name, args).split("->")
    sizes: dict[str, Dim] = {"1": ONE}
    for spec, e in zip(left.split(","), args, strict=True):
        for axis, length in zip(split_axes(spec), e.shape, strict=True):
            if sizes.setdefault(axis, length) != length:
                raise ShapeError(f"{name} needs a square matrix, but {describe(e)} is not")
    out = []
    for axis in split_axes(right):
        total = ONE
        for letter in axis:
            total = total * sizes[letter]
        out.append(total)
    return out[0], out[1]
