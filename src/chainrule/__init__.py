"""Matrix calculus that people can read, check and run.

>>> import chainrule as cr
>>> cr.grad(cr.parse("x'*A*x"), "x")
(A+A')*x
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, overload

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
    from chainrule.apps.checked.result import Check
    from chainrule.calculus import Answer, Equality
    from chainrule.check.code import GradientReport
    from chainrule.derivation import Derivation
    from chainrule.graph.build import Graph

__version__ = "0.1.0"

__all__ = [
    "CertificateError", "ChainruleError", "Expr", "LimitError", "ParseError", "ShapeError",
    "UnsupportedError", "UsageError", "check", "check_gradient", "derive", "differential",
    "equal", "grad", "graph", "hessian", "jacobian", "matrix", "parse", "scalar", "symbol",
    "vector",
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
    f: Expr | str, x: Expr | str | Sequence[Expr | str], *, order: int = 1,
    layout: str = "gradient", symmetric: str = "project", method: None = None,
) -> Answer: ...  # fmt: skip
@overload
def derive(
    f: Expr | str, x: Expr | str, *, order: int = 1, layout: str = "gradient",
    symmetric: str = "project", method: str,
) -> Derivation: ...  # fmt: skip
def derive(
    f: Expr | str,
    x: Expr | str | Sequence[Expr | str],
    *,
    order: int = 1,
    layout: str = "gradient",
    symmetric: str = "project",
    method: str | None = None,
) -> Answer | Derivation:
    """The certified derivative of ``f`` (or text) by ``x``; see :func:`chainrule.calculus.derive`.

    With ``method`` (``differential``, ``index``, ``kronecker`` or ``backprop``), the derivation
    in certified steps, with the answer as its ``answer``; see
    :func:`chainrule.derivation.derivation`.
    """
    f = _expression(f, x)
    if method is not None:
        from chainrule.derivation import derivation

        if order != 1 or not isinstance(x, (Expr, str)):
            raise UnsupportedError("derivations are written for a first derivative by one variable")
        return derivation(f, x, method, layout=layout, symmetric=symmetric)
    from chainrule import calculus

    return calculus.derive(f, x, order=order, layout=layout, symmetric=symmetric)


def grad(f: Expr | str, x: Expr | str, *, symmetric: str = "project") -> Answer:
    """Gradient of a scalar: has the shape of ``x``."""
    f = _expression(f, x)
    if not f.is_scalar:
        raise UsageError(
            f"grad needs a scalar, but {f!r} is {f.shape[0]}×{f.shape[1]}: use jacobian"
        )
    return derive(f, x, symmetric=symmetric)


def jacobian(f: Expr | str, x: Expr | str) -> Answer:
    """Jacobian: rows are outputs, columns inputs; of matrices, ∂vec F/∂(vec X)ᵀ."""
    return derive(f, x, layout="numerator")


def hessian(f: Expr | str, x: Expr | str, y: Expr | str | None = None) -> Answer:
    """Second derivative of a scalar; with ``y``, the mixed one (rows x, columns y)."""
    return derive(f, [x] if y is None else [x, y], order=2)


def differential(f: Expr | str, x: Expr | str) -> Answer:
    """dF in terms of dX."""
    return derive(f, x, layout="differential")


def _expression(f: Expr | str, x: Expr | str | Sequence[Expr | str]) -> Expr:
    """Text is read knowing by what it is differentiated."""
    if isinstance(f, Expr):
        return f
    if not isinstance(f, str):
        raise UsageError(f"give an expression or text, not {type(f).__name__}")
    from chainrule.read import read_any

    by = [x] if isinstance(x, (Expr, str)) else x
    return read_any(f, hints=[b for b in by if isinstance(b, str)]).expr


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


def check(
    source: str | os.PathLike[str],
    *declarations: str,
    layout: str | None = None,
    symmetric: str | None = None,
) -> Check:
    """Check what someone wrote: one equation, the text of a document, or a file.

    Parameters
    ----------
    source
        An equation as text or LaTeX (``"grad(x'*A*x, x) == 2*A*x"``), with definitions before it
        if need be; or a document: a text with ``$``, ``\\[``, an equation environment, a heading,
        a fence, paragraphs or sentences; or a :class:`pathlib.Path` to one.
    declarations
        Such as ``"A: n,n symmetric; x: n"``.
    layout, symmetric
        What derivatives must follow; left out, see :func:`chainrule.check.document.check_document`.

    Returns
    -------
    Check
        Prints as text and renders in notebooks; false if something is wrong. ``.wrong`` and
        ``.claims`` have the statements, ``.html()`` and ``.markdown()`` the report.

    Raises
    ------
    ChainruleError
        If an equation cannot be read, or there is no such file.

    Examples
    --------
    >>> import chainrule as cr
    >>> bool(cr.check("grad(x'*A*x, x) == (A + A')*x"))
    True
    """
    from chainrule.apps.checked.result import checked

    return checked(source, declarations, layout, symmetric)


def check_gradient(fn: Any, formula: Any, **options: Any) -> GradientReport:
    """Compare code for a gradient with a formula; see :func:`chainrule.check.check_gradient`.

    ``assert cr.check_gradient(lambda A, x: (A + A.T) @ x, "x'*A*x", wrt="x")`` is a whole test.
    """
    from chainrule.check.code import check_gradient as compare

    report: GradientReport = compare(fn, formula, **options)
    return report


class _Package(ModuleType):
    """The package; its room ``chainrule.check``, loaded later, must not take the function's name.

    The room needs NumPy, so it cannot be loaded beforehand as that of ``graph`` is.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if name != "check" or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
