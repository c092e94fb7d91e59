"""Primitives and definitions on whole matrices and vectors: shape rules and documentation."""

from chainrule.dims import ONE, Shape
from chainrule.errors import ShapeError
from chainrule.expr import Expr
from chainrule.ops.build import half_size
from chainrule.ops.table import Op, describe, row, same, scalar, square


def _square(name: str, doc: str, to_scalar: bool = False) -> Op:
    def shape(args: tuple[Expr, ...]) -> Shape:
        n = square(args, name)
        return (ONE, ONE) if to_scalar else (n, n)

    return row(Op(name, "primitive", 1, doc, shape=shape))


_square("inv", "inverse")
_square("det", "determinant", True)
_square("logdet", "log of the absolute value of the determinant", True)
_square("adj", "adjugate: det(X) inv(X)")
_square("expm", "matrix exponential")
_square("logm", "matrix logarithm")
_square("sqrtm", "principal matrix square root")
_square("sinm", "matrix sine")
_square("cosm", "matrix cosine")
_square("eigmax", "largest eigenvalue of a symmetric matrix", True)
row(Op("pinv", "primitive", 1, "Moore–Penrose inverse",
       shape=lambda a: (a[0].shape[1], a[0].shape[0])))  # fmt: skip
row(Op("vmax", "primitive", 1, "unit eigenvector of the largest eigenvalue",
       shape=lambda a: (square(a, "vmax"), ONE)))  # fmt: skip
row(Op("pow", "primitive", 2, "power of a scalar or of a square matrix", shape=same))


def _vector(args: tuple[Expr, ...], what: str) -> Shape:
    if args[0].shape[1] != ONE and args[0].shape[0] != ONE:
        raise ShapeError(f"{what} needs a vector, but {describe(args[0])} is a matrix")
    return args[0].shape


def _reduce_vector(name: str, doc: str, **more: str) -> Op:
    def shape(args: tuple[Expr, ...]) -> Shape:
        _vector(args, name)
        return (ONE, ONE)

    return row(Op(name, "definition", 1, doc, shape=shape, **more))  # type: ignore[arg-type]


row(Op("norm2", "definition", 1, "Euclidean norm of a vector", shape=scalar,
       kinks="the derivative of norm2 at 0 is taken as 0"))  # fmt: skip
row(Op("normF", "definition", 1, "Frobenius norm", shape=scalar,
       kinks="the derivative of normF at 0 is taken as 0"))  # fmt: skip
row(Op("norm1", "definition", 1, "sum of absolute values", shape=scalar,
       kinks="abs'(0) = sign(0) = 0"))  # fmt: skip
row(Op("mean", "definition", 1, "mean of all entries", shape=scalar))
_reduce_vector("logsumexp", "log(sum(exp(x)))")


def _same_vector(name: str, doc: str) -> Op:
    return row(Op(name, "definition", 1, doc, shape=lambda a: _vector(a, name)))


_same_vector("softmax", "exp(x)/sum(exp(x))")
_same_vector("logsoftmax", "log(softmax(x))")
row(Op("softmax_rows", "definition", 1, "softmax of every row", shape=same))
row(Op("logsoftmax_rows", "definition", 1, "log-softmax of every row", shape=same))
row(Op("logsumexp_rows", "definition", 1, "logsumexp of every row",
       shape=lambda a: (a[0].shape[0], ONE)))  # fmt: skip


def _vech(args: tuple[Expr, ...]) -> Shape:
    return half_size(square(args, "vech")), ONE


row(Op("vech", "definition", 1, "lower triangle stacked", shape=_vech))


def _stack(axis: int, name: str) -> Op:
    def shape(args: tuple[Expr, ...]) -> Shape:
        other = args[0].shape[1 - axis]
        total = args[0].shape[axis]
        for e in args[1:]:
            if e.shape[1 - axis] != other:
                raise ShapeError(
                    f"{name}: {describe(args[0])} and {describe(e)} do not fit together"
                )
            total = total + e.shape[axis]
        return (total, other) if axis == 0 else (other, total)

    return row(
        Op(
            name,
            "definition",
            None,
            "blocks side by side" if axis else "blocks stacked",
            shape=shape,
        )
    )


_stack(1, "hcat")
_stack(0, "vcat")
