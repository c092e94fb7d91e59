"""What an answer takes for granted: invertible matrices, positive determinants, kinks avoided."""

from __future__ import annotations

from chainrule.expr import Expr, postorder
from chainrule.ops import TABLE

KINK_LIBRARIES = {
    "abs": "JAX and PyTorch return sign(0) = 0 as well",
    "relu": "JAX and PyTorch return 0 as well",
    "leakyrelu": "JAX and PyTorch return 0.01 as well",
    "norm2": "JAX returns nan, PyTorch 0",
    "normF": "JAX returns nan, PyTorch 0",
    "norm1": "JAX and PyTorch return 0 as well",
    "max": "JAX and PyTorch return 1/2 as well",
    "min": "JAX and PyTorch return 1/2 as well",
    "sign": "JAX and PyTorch return 0",
    "step": "JAX and PyTorch return 0",
}


def kinks(f: Expr, live: dict[Expr, bool], skip: frozenset[Expr] = frozenset()) -> tuple[str, ...]:
    """One line for every function with a kink that the variable passes through."""
    found: list[str] = []
    for e in postorder(f):
        row = TABLE.get(e.op)
        if row is None or row.kinks is None or not live.get(e) or e in skip:
            continue
        line = f"{row.kinks}; {KINK_LIBRARIES[e.op]}" if e.op in KINK_LIBRARIES else row.kinks
        if line not in found:
            found.append(line)
    return tuple(found)


def smooth_norms(f: Expr) -> frozenset[Expr]:
    """Norms that occur only squared have no kink."""
    squared: set[Expr] = set()
    bare: set[Expr] = set()
    for e in postorder(f):
        for a in e.args:
            if a.op in ("norm2", "normF"):
                even = e.op == "pow" and e.args[1].op == "number" and e.args[1].value >= 2
                (squared if even else bare).add(a)
    return frozenset(squared - bare)


def conditions(*roots: Expr) -> tuple[str, ...]:
    """Conditions under which the expressions make sense, from their own nodes."""
    found: list[str] = []
    for e in postorder(*roots):
        line = _condition(e)
        if line and line not in found:
            found.append(line)
    return tuple(found)


def _condition(e: Expr) -> str | None:
    arg = e.args[0] if e.args else None
    if arg is None:
        return None
    match e.op:
        case "inv" if not _known_invertible(arg):
            return f"{arg!r} invertible"
        case "pow" if not e.is_scalar and e.args[1].op == "number" and e.args[1].value < 0:
            return None if _known_invertible(arg) else f"{arg!r} invertible"
        case "pow" if e.is_scalar and e.args[1].op == "number":
            if e.args[1].value < 0 and not _positive(arg) and e.args[1].value.denominator == 1:
                return f"{arg!r} ≠ 0"
            if e.args[1].value.denominator != 1 and not _positive(arg):
                return f"{arg!r} > 0"
        case "prod" if e.is_scalar and not _positive(arg):
            return f"{arg!r} ≠ 0 for every {e.params[0]}"
        case "log" if arg.op == "det" and not _definite(arg.args[0]):
            return f"{arg!r} > 0"
        case "log" | "sqrt" if not _positive(arg):
            return f"{arg!r} > 0" + ("" if arg.is_scalar else " in every entry")
        case "logdet" if not _known_invertible(arg):
            return f"{arg!r} invertible"
        case "logm" | "sqrtm":
            return f"{arg!r} has no eigenvalues on the closed negative real axis"
        case "eigmax" | "vmax":
            return f"{arg!r} symmetric with a simple largest eigenvalue"
        case "pinv":
            return f"{arg!r} of locally constant rank"
    return None


def _known_invertible(e: Expr) -> bool:
    if e.op == "symbol":
        return bool(e.traits & {"invertible", "positive_definite", "orthogonal"})
    if e.op in ("transpose", "inv", "expm"):
        return e.op == "expm" or _known_invertible(e.args[0])
    if e.op == "mul":
        return all(_known_invertible(a) for a in e.args)
    return e.op == "eye"


def _definite(e: Expr) -> bool:
    return e.op == "symbol" and "positive_definite" in e.traits


def _positive(e: Expr) -> bool:
    if e.op == "symbol":
        return bool(e.traits & {"positive", "unit_interval"})
    if e.op in ("number", "size"):
        return e.op == "size" or e.value > 0
    if e.op in (
        "exp",
        "softmax",
        "sigmoid",
        "cosh",
        "pi",
        "softplus",
        "softmax_rows",
        "norm2",
        "normF",
    ):
        return True
    if e.op in ("add", "mul", "hadamard", "sum", "tr") and e.args:
        return all(_positive(a) for a in e.args)
    if e.op == "det":
        return _definite(e.args[0])
    if e.op in ("pow", "epow"):
        return _positive(e.args[0]) or (e.args[1].op == "number" and e.args[1].value % 2 == 0)
    return False
