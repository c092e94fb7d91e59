"""Derivatives inside an expression: ``grad(f,x)``, ``hessian(f,x)``, ``d(f)``; shapes only.

The rooms above expand them; a reader may put them anywhere in a formula.
"""

from chainrule.dims import ONE, SCALAR, Dim, Shape
from chainrule.errors import UnsupportedError
from chainrule.expr import Expr, builders, node
from chainrule.ops.table import Op, describe, row, same


def _length(e: Expr) -> Dim | None:
    """Length of a vector (column or row), None for a matrix."""
    if ONE in e.shape:
        return e.shape[0] if e.shape[1] == ONE else e.shape[1]
    return None


LAYOUTS = ("gradient", "numerator", "vec")
"""Layouts of a derivative inside a formula; the first is meant where none is named."""


def grad(f: Expr, x: Expr, *value: Expr, layout: str = "gradient") -> Expr:
    """``grad(f,x)`` as an expression, to be expanded by the rooms above.

    Parameters
    ----------
    value
        Where the variable ``x`` only stands for an intermediate: what is put back in its place.
    layout
        ``gradient``, ``numerator`` (a scalar by a column is a row) or ``vec``, which is
        ∂vec F/∂(vec X)ᵀ for every F and X.
    """
    params = () if layout == LAYOUTS[0] else (layout,)
    return node("grad", (f, x, *value), params, grad_shape((f, x), layout))


def grad_shape(args: tuple[Expr, ...], layout: str = "gradient") -> Shape:
    """Scalar by anything: as the variable; anything by scalar: as itself; vectors: Jacobian."""
    f, x = args[:2]
    if layout == "vec":
        return f.shape[0] * f.shape[1], x.shape[0] * x.shape[1]
    if f.shape == SCALAR:
        return x.shape if layout == "gradient" else (x.shape[1], x.shape[0])
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


row(Op("grad", "derivative", None, "derivative of the first by the second", shape=grad_shape))
row(Op("hessian", "derivative", 2, "second derivative of a scalar", shape=hessian_shape))
row(Op("differential", "derivative", 1, "differential d(f)", shape=same))
builders["grad"] = grad
