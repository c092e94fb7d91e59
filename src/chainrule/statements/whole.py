"""From entries to the matrix: ``W[i,k]`` times ``x[k]``, summed over k, is an entry of W x."""

from __future__ import annotations

from chainrule.calculus import dissolve
from chainrule.dims import Dim, dim
from chainrule.errors import ChainruleError
from chainrule.expr import BINDERS, Expr, free_names, postorder
from chainrule.ops import constant, mul, sigma, transpose
from chainrule.write import plain


def whole(entry: Expr, indices: tuple[str, ...]) -> str | None:
    """The vector or matrix with the given entry, in the text language; None if there is no form.

    Parameters
    ----------
    entry
        A scalar with free indices.
    indices
        One index for a column, two for a matrix.
    """
    lengths = [_length(entry, name) for name in indices]
    if not entry.is_scalar or any(n is None for n in lengths):
        return None
    rows = lengths[0]
    assert rows is not None
    try:
        e = mul(constant("unit", rows, indices[0]), entry)
        if len(indices) > 1:
            cols = lengths[1]
            assert cols is not None
            e = mul(e, transpose(constant("unit", cols, indices[1])))
            e = sigma(indices[1], 1, cols, e)
        found = dissolve(sigma(indices[0], 1, rows, e))
    except ChainruleError:
        return None
    left = any(n.op in BINDERS for n in postorder(found)) or set(indices) & free_names(found)
    return None if left else plain(found)


def _length(e: Expr, name: str) -> Dim | None:
    """The length of the axis on which a free index stands."""
    for n in postorder(e):
        if n.op == "unit" and n.params[1] == dim(name):
            length = n.params[0]
            assert isinstance(length, Dim)
            return length
    return None
