"""Derivatives inside an expression: ``grad(f,x)``, ``hessian(f,x)``, ``d(f)``; shapes only.

The rooms above expand them; a reader may put them anywhere in a formula.
"""

from chainrule.dims import ONE, SCALAR, Dim, Shape
from chainrule.errors import UnsupportedError
from chainrule.expr import Expr
from chainrule.ops.table import Op, describe, row, same


def _length(e: Expr) -> Dim | None:
    """Length of a vector (column or row), None for a matrix."""
    if ONE in e.shape:
        return e.shape[0] if e.shape[1] == ONE else e.shape[1]
    return None


def grad_shape(args: tuple[Expr, ...]) -> Shape:
    """Scalar by anything: as the variable; anything by scalar: as itself; vectors: Jacobian."""
    f, x = args
    if f.shape == SCALAR:
        return x.shape
    if x.shape == SCALAR:
        return f.shape
    rows, cols = _length(f), _length(x)
    if rows is None or cols is None:
        raise UnsupportedError(
            f"grad of {describe(f)} by {describe(x)} has more than two indices; "
            "use grad(vec(…),…) or ask for the derivative itself in the layout vec"
        )
    return rows, cols


def hessian_shape(args: tuple[Expr, ...]) -> Shape:
    """n×n by a vector of n, mn×mn by a matrix m×n."""
    f, x = args
    if f.shape != SCALAR:
        raise UnsupportedError(f"the Hessian needs a scalar, but {describe(f)} is not")
    n = x.shape[0] * x.shape[1]
    return n, n


row(Op("grad", "derivative", 2, "derivative of the first by the second", shape=grad_shape))
row(Op("hessian", "derivative", 2, "second derivative of a scalar", shape=hessian_shape))
row(Op("differential", "derivative", 1, "differential d(f)", shape=same))
