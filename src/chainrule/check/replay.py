"""A counterexample as a NumPy script; derivatives of scalars by difference quotients."""

from __future__ import annotations

from keyword import iskeyword

from chainrule.dims import Dim, dim
from chainrule.expr import Expr, postorder, symbols
from chainrule.numeric.sample import Point
from chainrule.write import plain

_UNARY = {
    "transpose": "({}).T", "tr": "np.trace({})", "sum": "np.sum({})", "mean": "np.mean({})",
    "sum_rows": "np.sum({}, axis=1, keepdims=True)",
    "sum_cols": "np.sum({}, axis=0, keepdims=True)",
    "diag": "diag({})", "vec": "({}).reshape(-1, 1, order='F')", "inv": "np.linalg.inv({})",
    "pinv": "np.linalg.pinv({})", "det": "np.linalg.det({})",
    "logdet": "np.linalg.slogdet({})[1]", "adj": "np.linalg.det({0}) * np.linalg.inv({0})",
    "norm2": "np.linalg.norm({})", "normF": "np.linalg.norm({})", "norm1": "np.sum(np.abs({}))",
    "sigmoid": "1 / (1 + np.exp(-({})))", "softplus": "np.log1p(np.exp({}))",
    "relu": "np.maximum({}, 0)", "step": "np.where({} > 0, 1.0, 0.0)",
    "leakyrelu": "np.where({0} > 0, {0}, 0.01 * {0})", "softmax": "softmax({})",
    "logsoftmax": "np.log(softmax({}))", "logsumexp": "np.log(np.sum(np.exp({})))",
    "softmax_rows": "softmax({}, 1)", "logsoftmax_rows": "np.log(softmax({}, 1))",
    "logsumexp_rows": "np.log(np.sum(np.exp({}), axis=1, keepdims=True))",
    "expm": "scipy.linalg.expm({})", "logm": "scipy.linalg.logm({})",
    "sqrtm": "scipy.linalg.sqrtm({})", "sinm": "scipy.linalg.sinm({})",
    "cosm": "scipy.linalg.cosm({})", "erf": "scipy.special.erf({})",
    "lgamma": "scipy.special.gammaln({})", "digamma": "scipy.special.psi({})",
    "eigmax": "np.linalg.eigvalsh({})[-1]", "vmax": "np.linalg.eigh({})[1][:, -1:]",
}  # fmt: skip
_NUMPY = frozenset({"exp", "log", "sqrt", "abs", "sign", "sin", "cos", "tan", "sinh", "cosh",
                    "tanh", "arcsin", "arccos", "arctan"})  # fmt: skip
_HELPERS = {
    "softmax(": "def softmax(a, axis=None):\n"
                "    z = np.exp(a - a.max(axis=axis, keepdims=True))\n"
                "    return z / z.sum(axis=axis, keepdims=True)",
    "diag(": "def diag(a):\n"
             "    return np.diag(a.ravel()) if 1 in a.shape else np.diag(a)[:, None]",
}  # fmt: skip
LONGEST = 1500


class _NoSource(Exception):
    pass


_TAKEN = frozenset({"np", "scipy", "left", "right", "difference", "f", "softmax", "diag"})


def _name(name: str) -> str:
    """A variable as Python can have it: not ``lambda``, and none of the names used here."""
    return f"{name}_" if iskeyword(name) or name in _TAKEN else name


def source(root: Expr, point: Point) -> str:
    """A NumPy expression at the sizes of a point."""
    memo: dict[Expr, str] = {}
    for e in postorder(root):
        memo[e] = _one(e, [memo[a] for a in e.args], point)
        if len(memo[e]) > LONGEST:
            raise _NoSource
    return memo[root]


def _one(e: Expr, args: list[str], point: Point) -> str:
    if e.op in _UNARY:
        return _UNARY[e.op].format(args[0])
    if e.op in _NUMPY:
        return f"np.{e.op}({args[0]})"
    match e.op:
        case "symbol":
            return _name(e.name)
        case "number":
            return str(e.value) if e.value.denominator == 1 else f"({e.value})"
        case "size":
            return f"({_size(e.params[0], point)})"
        case "pi":
            return "np.pi"
        case "add":
            return "(" + " + ".join(args) + ")"
        case "hadamard":
            return "(" + " * ".join(args) + ")"
        case "mul":
            return _product(e, args)
        case "kron":
            return f"np.kron({', '.join(args)})"
        case "hcat" | "vcat":
            return f"np.{e.op[0]}stack([{', '.join(args)}])"
        case "max" | "min":
            return f"np.{e.op}imum({', '.join(args)})"
        case "pow" | "epow":
            whole = e.op == "pow" and not e.is_scalar
            return f"np.linalg.matrix_power({args[0]}, {args[1]})" if whole else (
                f"({args[0]}) ** {args[1]}" if not args[1].startswith("-")
                else f"({args[0]}) ** ({args[1]}.0)")  # fmt: skip
        case "eye":
            return f"np.eye({_size(e.params[0], point)})"
        case "ones" | "zeros":
            return f"np.{e.op}(({', '.join(_size(p, point) for p in e.params)}))"
        case "unit":
            n, i = (_size(p, point) for p in e.params)
            return f"np.eye({n})[:, [{i} - 1]]"
        case "commut":
            m, n = (_size(p, point) for p in e.params)
            return f"np.eye({m} * {n})[np.arange({m} * {n}).reshape({m}, {n}, order='F').ravel()]"
        case "sigma":
            name, lo, hi = e.params[:3]
            ends = f"range({_size(lo, point)}, {_size(hi, point)} + 1)"
            return f"sum({args[0]} for {name} in {ends})"
    raise _NoSource


def _size(p: object, point: Point) -> str:
    """A size with numbers for names; an index of a sum keeps its name."""
    assert isinstance(p, Dim)
    known = {n: dim(point.sizes[n]) for n in p.names if n in point.sizes}
    return str(p.subs(known)).replace("^", "**")


def _product(e: Expr, args: list[str]) -> str:
    text, shaped = "", False
    for a, t in zip(e.args, args, strict=True):
        if not text:
            text, shaped = t, not a.is_scalar
        else:
            text += f" {'@' if shaped and not a.is_scalar else '*'} {t}"
            shaped = shaped or not a.is_scalar
    return f"({text})"


def script(left: Expr, right: Expr, left_: Expr, right_: Expr, point: Point) -> str:
    """NumPy code that prints both sides.

    Parameters
    ----------
    left, right
        As claimed; ``grad(f,x)`` of a scalar becomes a difference quotient.
    left_, right_
        The same with derivatives written out.
    """
    try:
        parts = [_side("left", left, left_, point), _side("right", right, right_, point)]
    except (_NoSource, ZeroDivisionError):
        return ""
    head = ["import numpy as np"]
    body = "\n".join(parts)
    if "scipy" in body:
        head.append("import scipy.linalg, scipy.special")
    head += [text for name, text in _HELPERS.items() if name in body.replace("np.diag(", "")]
    if "difference(" in body:
        head.append(_DIFFERENCE)
    names = symbols(left, right, left_, right_)
    for name in names:
        if name in point.values:
            value = point.values[name]
            head.append(f"{_name(name)} = np.array({value.tolist()})" if value.size > 1
                        else f"{_name(name)} = {float(value[0, 0])!r}")  # fmt: skip
    return "\n".join([*head, body, "print(left)", "print(right)"]) + "\n"


_DIFFERENCE = """def difference(f, x, h=1e-6):
    x = np.array(x, dtype=float)
    out = np.zeros_like(x)
    for at in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[at] = h
        out[at] = (np.squeeze(f(x + step)) - np.squeeze(f(x - step))) / (2 * h)
    return out"""


def _side(name: str, claimed: Expr, written: Expr, point: Point) -> str:
    lone = claimed.op == "grad" and len(claimed.args) == 2 and claimed.args[0].is_scalar
    if lone and not claimed.args[1].traits:
        f, x = claimed.args
        try:
            code = source(f, point)
        except _NoSource:
            code = ""
        if code:
            turned = ".T" if written.shape != x.shape else ""
            if not turned or written.shape == x.shape[::-1]:
                return (f"f = lambda {_name(x.name)}: {code}\n"
                        f"{name} = difference(f, {_name(x.name)}){turned}"
                        f"  # the derivative of {plain(f)}")  # fmt: skip
    return f"{name} = {source(written, point)}"
