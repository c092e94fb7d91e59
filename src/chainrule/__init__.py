"""Matrix calculus that people can read, check and run.

>>> import chainrule as cr
>>> cr.grad(cr.parse("x'*A*x"), "x")
(A+A')*x
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, overload

from chainrule import ops as _ops
from chainrule.dims import DimLike
from chainrule.errors import (
    CertificateError,
    ChainruleError,
    LimitError,
    ParseError,
    ShapeError,
    UnsupportedError,
    UsageError,
)
from chainrule.expr import Expr, symbol

if TYPE_CHECKING:
    from chainrule.calculus import Answer, Equality
    from chainrule.derivation import Derivation
    from chainrule.graph.build import Graph

__version__ = "0.1.0"

__all__ = [
    "CertificateError", "ChainruleError", "Expr", "LimitError", "ParseError", "ShapeError",
    "UnsupportedError", "UsageError", "derive", "differential", "equal", "grad", "graph",
    "hessian", "jacobian", "matrix", "parse", "scalar", "symbol", "vector",
]  # fmt: skip
_ = _ops  # the operators of expressions are installed by the table
import_module("chainrule.graph")  # loaded here, the room does not take the name of graph() later


def scalar(name: str, *traits: str) -> Expr:
    """A scalar variable."""
    return symbol(name, 1, 1, *traits)


def vector(name: str, rows: DimLike, *traits: str) -> Expr:
    """A column vector of the given (named or numeric) size."""
    return symbol(name, rows, 1, *traits)


def matrix(name: str, rows: DimLike, cols: DimLike, *traits: str) -> Expr:
    """A matrix; traits as in ``matrix("S", "n", "n", "symmetric")``."""
    return symbol(name, rows, cols, *traits)


def parse(text: str, *declarations: str) -> Expr:
    """Read a formula, as text or LaTeX; kinds and sizes are inferred where they are not declared.

    Raises
    ------
    ParseError, ShapeError, UnsupportedError, UsageError, LimitError
        With the offending place in the text.
    """
    from chainrule.read import read_any

    return read_any(text, declarations).expr


@overload
def derive(
    f: Expr, x: Expr | str | Sequence[Expr | str], *, order: int = 1, layout: str = "gradient",
    symmetric: str = "project", method: None = None,
) -> Answer: ...  # fmt: skip
@overload
def derive(
    f: Expr, x: Expr | str, *, order: int = 1, layout: str = "gradient",
    symmetric: str = "project", method: str,
) -> Derivation: ...  # fmt: skip
def derive(
    f: Expr,
    x: Expr | str | Sequence[Expr | str],
    *,
    order: int = 1,
    layout: str = "gradient",
    symmetric: str = "project",
    method: str | None = None,
) -> Answer | Derivation:
    """The certified derivative of ``f`` by ``x``; see :func:`chainrule.calculus.derive`.

    With ``method`` (``differential``, ``index``, ``kronecker`` or ``backprop``), the derivation
    in certified steps, with the answer as its ``answer``; see
    :func:`chainrule.derivation.derivation`.
    """
    if method is not None:
        from chainrule.derivation import derivation

        if order != 1 or not isinstance(x, (Expr, str)):
            raise UnsupportedError("derivations are written for a first derivative by one variable")
        return derivation(f, x, method, layout=layout, symmetric=symmetric)
    from chainrule import calculus

    return calculus.derive(f, x, order=order, layout=layout, symmetric=symmetric)


def grad(f: Expr, x: Expr | str, *, symmetric: str = "project") -> Answer:
    """Gradient of a scalar: has the shape of ``x``."""
    if not f.is_scalar:
        raise UsageError(
            f"grad needs a scalar, but {f!r} is {f.shape[0]}×{f.shape[1]}: use jacobian"
        )
    return derive(f, x, symmetric=symmetric)


def jacobian(f: Expr, x: Expr | str) -> Answer:
    """Jacobian: rows are outputs, columns inputs; of matrices, ∂vec F/∂(vec X)ᵀ."""
    return derive(f, x, layout="numerator")


def hessian(f: Expr, x: Expr | str, y: Expr | str | None = None) -> Answer:
    """Second derivative of a scalar; with ``y``, the mixed one (rows x, columns y)."""
    return derive(f, [x] if y is None else [x, y], order=2)


def differential(f: Expr, x: Expr | str) -> Answer:
    """dF in terms of dX."""
    return derive(f, x, layout="differential")


def equal(a: Expr, b: Expr) -> Equality:
    """Three-valued equality: ``.verdict`` is ``equal``, ``different`` or ``unknown``."""
    from chainrule import calculus

    return calculus.equal(a, b)


def graph(
    f: Expr | str,
    *,
    name: str | None = None,
    parameters: Iterable[str] | None = None,
    names: Mapping[str, Expr] | None = None,
) -> Graph:
    """The computational graph of an expression or text; see :func:`chainrule.graph.graph`.

    Definitions in a text name the nodes: ``cr.graph("h = relu(W*x); f = h'*h")``.
    """
    from chainrule.graph.build import graph as build

    return build(f, name=name, parameters=parameters, names=names)
