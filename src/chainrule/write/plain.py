"""The plain form: the text language itself; reading it back gives the identical expression."""

from __future__ import annotations

from fractions import Fraction

from chainrule.dims import ONE
from chainrule.errors import LimitError
from chainrule.expr import Expr, postorder
from chainrule.write.indexed import binder, sugared
from chainrule.write.precedence import Level

Piece = tuple[str, Level]
MAX_LENGTH = 400_000


def plain(e: Expr) -> str:
    """The expression in the text language.

    Raises
    ------
    LimitError
        If the text would be longer than 400 000 characters.
    """
    memo: dict[Expr, Piece] = {}
    e = sugared(e)
    for item in postorder(e):
        memo[item] = piece = _piece(item, memo)
        if len(piece[0]) > MAX_LENGTH:
            raise LimitError(f"the written form exceeds {MAX_LENGTH} characters")
    return memo[e][0]


def _at(piece: Piece, level: Level) -> str:
    return piece[0] if piece[1] >= level else f"({piece[0]})"


def _piece(e: Expr, memo: dict[Expr, Piece]) -> Piece:
    match e.op:
        case "symbol":
            return str(e.params[0]), Level.ATOM
        case "number":
            return _number(e.value)
        case "size":
            text = str(e.params[0])
            return text, _level_of_size(text)
        case "add":
            return _sum(e, memo)
        case "mul":
            return _product(e, memo)
        case "hadamard":
            return _hadamard(e, memo)
        case "transpose":
            return _at(memo[e.args[0]], Level.POWER) + "'", Level.POWER
        case "pow" | "epow":
            return _power(e, memo)
        case "call":
            name, order = e.params
            assert isinstance(order, int)
            return f"{name}{chr(39) * order}({memo[e.args[0]][0]})", Level.ATOM
        case "pi":
            return "pi", Level.ATOM
        case "grad":
            layout = e.params[0] if e.params else ""
            f, x = (memo[a][0] for a in e.args[:2])
            text = f"{'jac' if layout == 'vec' else 'grad'}({f},{x})"
            if layout == "numerator" and e.args[0].is_scalar:
                return f"{text}'", Level.POWER
            return text, Level.ATOM
        case "sigma" | "prod":
            head = "sum" if e.op == "sigma" else "prod"
            return f"{head}({binder(e)}, {memo[e.args[0]][0]})", Level.ATOM
        case "entry":
            indices = ",".join(map(str, e.params))
            return f"{_at(memo[e.args[0]], Level.POWER)}[{indices}]", Level.ATOM
        case "member":
            return f"{memo[e.args[0]][0]}_{e.params[0]}", Level.ATOM
    if e.params:
        dims = [str(p) for p in e.params]
        if e.op in ("ones", "zeros") and e.params[1] == ONE:
            dims = dims[:1]
        return f"{e.op}({','.join(dims)})", Level.ATOM
    return f"{e.op}({','.join(memo[a][0] for a in e.args)})", Level.ATOM


def _level_of_size(text: str) -> Level:
    if "+" in text or "-" in text:
        return Level.SUM
    if "*" in text or "/" in text:
        return Level.PRODUCT
    return Level.POWER if "^" in text else Level.ATOM


def _number(value: Fraction) -> Piece:
    if value.denominator == 1:
        return str(value.numerator), Level.ATOM if value >= 0 else Level.UNARY
    return f"{value.numerator}/{value.denominator}", Level.PRODUCT


def _sum(e: Expr, memo: dict[Expr, Piece]) -> Piece:
    out = ""
    for n, a in enumerate(e.args):
        text = _at(memo[a], Level.PRODUCT)
        if n == 0:
            out = text
        elif text.startswith("-") and a.op == "hadamard":  # (-F).*G, not -(F.*G)
            out += f"+({text})"
        elif text.startswith("-"):
            out += text
        else:
            out += "+" + text
    return out, Level.SUM


def _product(e: Expr, memo: dict[Expr, Piece]) -> Piece:
    args = list(e.args)
    first = args[0]
    if first.op == "number" and len(args) == 2 and _contracted(args[1]):  # 2*x'*A*x
        sign = "-" if first.value == -1 else memo[first][0] + "*"
        return sign + memo[args[1]][0], Level.PRODUCT
    out = ""
    if first.op == "number" and first.value == -1:
        rest = args[1:]
        head = rest[0]
        wrapped = head.op in ("number", "hadamard", "mul") or _divides(head)
        out = "-" + (f"({memo[head][0]})" if wrapped else _at(memo[head], Level.POWER))
        args = rest[1:]
    elif first.op == "number":
        out = memo[first][0]
        args = args[1:]
    elif _divides(first):
        out = "1/" + _divisor(first, memo)
        args = args[1:]
    else:
        out = _factor(first, memo, leading=True)
        args = args[1:]
    for a in args:
        if _divides(a):
            out += "/" + _divisor(a, memo)
        elif a.op == "number" and a.value.numerator == 1 and a.value.denominator > 1:
            out += f"/{a.value.denominator}"
        else:
            out += "*" + _factor(a, memo, leading=False)
    return out, Level.PRODUCT


def _contracted(e: Expr) -> bool:
    """A product of matrices that is a scalar; its text starts with a factor, not a sign."""
    return e.op == "mul" and any(not a.is_scalar for a in e.args) and e.args[0].op != "number"


def _divides(e: Expr) -> bool:
    """A scalar power -1, printed as a division."""
    if e.op != "pow" or not e.is_scalar or e.args[1].op != "number":
        return False
    return e.args[1].value < 0


def _divisor(e: Expr, memo: dict[Expr, Piece]) -> str:
    base, p = e.args[0], -e.args[1].value
    below = base.op in ("pow", "epow")
    text = f"({memo[base][0]})" if below else _at(memo[base], Level.POWER)
    if p == 1:
        return text
    return f"{text}^{p}" if p.denominator == 1 else f"{text}^({p})"


def _factor(e: Expr, memo: dict[Expr, Piece], leading: bool) -> str:
    if e.op in ("hadamard", "mul") or _divides(e):
        return f"({memo[e][0]})"
    return _at(memo[e], Level.UNARY if leading else Level.POWER)


def _hadamard(e: Expr, memo: dict[Expr, Piece]) -> Piece:
    out = ""
    for n, a in enumerate(e.args):
        inverse = a.op == "epow" and a.args[1].op == "number" and a.args[1].value == -1
        if inverse and n:
            out += "./" + _at(memo[a.args[0]], Level.POWER)
            continue
        text = f"({memo[a][0]})" if a.op == "mul" or inverse else _at(memo[a], Level.POWER)
        if n == 0 and _is_negated(a):
            text = memo[a][0]
        out += (".*" if n else "") + text
    return out, Level.PRODUCT


def _is_negated(e: Expr) -> bool:
    """``-y`` with a single factor: a leading minus binds tighter than ``.*``."""
    if e.op != "mul" or len(e.args) != 2 or e.args[0].op != "number" or e.args[0].value != -1:
        return False
    return e.args[1].op not in ("number", "hadamard", "mul", "add") and not _divides(e.args[1])


def _power(e: Expr, memo: dict[Expr, Piece]) -> Piece:
    base, exponent = e.args
    sign = "^" if e.op == "pow" else ".^"
    if _divides(e):
        return "1/" + _divisor(e, memo), Level.PRODUCT
    if e.op == "epow" and exponent.op == "number" and exponent.value == -1:
        return "1 ./ " + _at(memo[base], Level.POWER), Level.PRODUCT
    below = base.op in ("pow", "epow")
    left = f"({memo[base][0]})" if below else _at(memo[base], Level.POWER)
    piece = memo[exponent]
    simple = piece[1] == Level.ATOM
    return f"{left}{sign}{piece[0] if simple else '(' + piece[0] + ')'}", Level.POWER
