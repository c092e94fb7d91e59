"""Unicode and LaTeX: one walk, two sets of spellings."""

from __future__ import annotations

from fractions import Fraction

from chainrule.dims import ONE, Dim
from chainrule.errors import LimitError
from chainrule.expr import BINDERS, Expr, postorder
from chainrule.write.glyphs import Unicode
from chainrule.write.indexed import sugared
from chainrule.write.precedence import Level
from chainrule.write.style import LatexStyle, current
from chainrule.write.tex import Latex

Piece = tuple[str, Level]
MAX_LENGTH = 400_000


def unicode(e: Expr) -> str:
    """The expression as a person would write it in plain text: ``(A + Aᵀ) x``."""
    return _write(e, Unicode())


def latex(e: Expr, style: LatexStyle | None = None) -> str:
    """The expression in LaTeX: ``(A + A^{\\top}) x``.

    Parameters
    ----------
    style
        How transposes, vectors and traces are spelled; every style reads back. Left out, the
        style of :func:`chainrule.write.style.styled` around, else the usual one.
    """
    return _write(e, Latex(style or current()))


def _write(e: Expr, s: Unicode) -> str:
    memo: dict[Expr, Piece] = {}
    e = sugared(e, True)
    s.prepare(e)
    for item in postorder(e):
        memo[item] = piece = _piece(item, memo, s)
        if len(piece[0]) > MAX_LENGTH:
            raise LimitError(f"the written form exceeds {MAX_LENGTH} characters")
    return memo[e][0]


def _at(piece: Piece, level: Level, s: Unicode) -> str:
    return piece[0] if piece[1] >= level else s.bracket(piece[0])


def _piece(e: Expr, memo: dict[Expr, Piece], s: Unicode) -> Piece:
    match e.op:
        case "symbol":
            return s.symbol(e), Level.ATOM
        case "number":
            return _number(e.value, s)
        case "size":
            return _dims(e.params[0], s), Level.SUM if len(str(e.params[0])) > 1 else Level.ATOM
        case "add":
            return _sum(e, memo, s)
        case "mul":
            return _product(e, memo, s)
        case "hadamard":
            return _hadamard(e, memo, s)
        case "kron":
            a, b = e.args
            left = memo[a][0] if a.op == "kron" else _at(memo[a], Level.POWER, s)
            return f"{left}{s.kron}{_at(memo[b], Level.POWER, s)}", Level.PRODUCT
        case "transpose" if e.args[0].op == "inv":
            return s.inverse_transpose(_base(e.args[0].args[0], memo, s)), Level.POWER
        case "transpose":
            return s.transpose(_base(e.args[0], memo, s)), Level.POWER
        case "inv":
            return s.inverse(_base(e.args[0], memo, s)), Level.POWER
        case "pow" | "epow":
            return _power(e, memo, s)
        case "norm2" | "norm1" | "normF":
            return s.norm(memo[e.args[0]][0], e.op), Level.ATOM
        case "call":
            name, order = e.params
            assert isinstance(order, int)
            return s.function(str(name), order, memo[e.args[0]][0]), Level.ATOM
        case "pi":
            return s.pi(), Level.ATOM
        case "grad":
            f, x = memo[e.args[0]][0], memo[e.args[1]][0]
            return s.derivative(f, x, str(e.params[0]) if e.params else ""), Level.PRODUCT
        case "hessian" if isinstance(s, Latex) and e.args[1].op == "symbol":
            return s.second(memo[e.args[0]][0], memo[e.args[1]][0]), Level.PRODUCT
        case "sqrt" if isinstance(s, Latex):
            return s.root(memo[e.args[0]][0]), Level.ATOM
        case "sigma" | "prod":
            return _binder(e, memo, s)
        case "entry":
            return _entry(e, memo, s), Level.ATOM
        case "member":
            return s.member(e.args[0], _indices(e, s)[0]), Level.ATOM
        case "kd":
            return s.kronecker(_indices(e, s)), Level.ATOM
    if e.params:
        dims = [_dims(p, s) for p in e.params]
        if e.op in ("ones", "zeros") and e.params[1] == ONE:
            dims = dims[:1]
        return s.constant_of(e, dims), Level.POWER if e in s.open else Level.ATOM
    return s.operator(e, [memo[a][0] for a in e.args]), Level.ATOM


def _dims(p: object, s: Unicode) -> str:
    assert isinstance(p, Dim)
    return s.dims(p)


def _binder(e: Expr, memo: dict[Expr, Piece], s: Unicode) -> Piece:
    """A big operator: it reaches to the end of the product that follows."""
    name, lo, hi = e.params[:3]
    body = e.args[0]
    text, level = memo[body]
    if level < Level.PRODUCT or text.startswith(s.minus()):
        text = s.bracket(text)
    return s.big(e.op, str(name), _dims(lo, s), _dims(hi, s)) + text, Level.PRODUCT


def _entry(e: Expr, memo: dict[Expr, Piece], s: Unicode) -> str:
    base, indices = e.args[0], _indices(e, s)
    if base.op == "transpose" and base.args[0].shape[1] == ONE and e.is_scalar:
        base, indices = base.args[0], indices[-1:]  # (x')[:,j] of a column x is x_j
    below = isinstance(s, Latex) and "_" in memo[base][0]  # no second subscript
    return s.entry(s.bracket(memo[base][0]) if below else _base(base, memo, s), indices)


def _indices(e: Expr, s: Unicode) -> list[str]:
    return [_dims(p, s) if isinstance(p, Dim) else str(p) for p in e.params]


def _base(e: Expr, memo: dict[Expr, Piece], s: Unicode) -> str:
    """What a superscript may hang on: an atom, else brackets."""
    return _at(memo[e], Level.ATOM, s)


def _number(value: Fraction, s: Unicode) -> Piece:
    sign = s.minus() if value < 0 else ""
    if value.denominator == 1:
        return sign + str(abs(value.numerator)), Level.ATOM if value >= 0 else Level.UNARY
    if isinstance(s, Latex):
        return sign + s.fraction(str(abs(value.numerator)), str(value.denominator)), Level.UNARY
    return f"{sign}{abs(value.numerator)}/{value.denominator}", Level.PRODUCT


def _sum(e: Expr, memo: dict[Expr, Piece], s: Unicode) -> Piece:
    out = ""
    for n, a in enumerate(e.args):
        text = _at(memo[a], Level.PRODUCT, s)
        if n == 0:
            out = text
        elif text.startswith(s.minus()):
            out += f" {s.minus()} {text[1:]}"
        else:
            out += f" + {text}"
    return out, Level.SUM


def _product(e: Expr, memo: dict[Expr, Piece], s: Unicode) -> Piece:
    over: list[Expr] = []
    under: list[tuple[Expr, Fraction]] = []
    coef = Fraction(1)
    for a in e.args:
        if a.op == "number":
            coef *= a.value
        elif _is_divisor(a):
            under.append((a.args[0], -a.args[1].value))
        else:
            over.append(a)
    sign = s.minus() if coef < 0 else ""
    parts: list[str] = []
    if under and isinstance(s, Latex) and coef.denominator != 1:
        bottom = [str(coef.denominator)]
        top = abs(coef.numerator)
    else:
        bottom = []
        top = 0
    number = abs(coef) if not bottom else Fraction(top)
    if number != 1:
        text, _ = _number(number, s)
        parts.append(text)
    tail = over.pop() if under and over and over[-1].op in BINDERS else None
    scalars = [a for a in over if a.is_scalar]
    split = isinstance(s, Latex) and len(over) > len(scalars) and bool(under) and not _contracts(e)
    inside = scalars if split else over
    if len(inside) == 1 and len(over) == 1 and over[0].op == "mul":
        text = memo[over[0]][0]  # 2 xᵀ A x needs no brackets
        parts.append(s.bracket(text) if parts and text.startswith(s.minus()) else text)
    else:
        open_end = not under or len(inside) < len(over)
        parts += [_factor(a, memo, s) for a in inside[:-1]]
        parts += [_last(a, memo, s) if open_end and inside is over else _factor(a, memo, s)
                  for a in inside[-1:]]  # fmt: skip
    body = s.times.join(parts)
    if under:
        for base, p in under:
            bottom.append(_divisor(base, p, memo, s))
        if isinstance(s, Latex):
            body = s.fraction(body or "1", s.times.join(bottom))
        else:
            low = s.times.join(bottom)
            body = s.fraction(body or "1", low if len(bottom) == 1 else s.bracket(low))
    if split:
        rest = s.times.join(_factor(a, memo, s) for a in over if not a.is_scalar)
        body = s.fraction(s.times.join([*parts, rest]), s.times.join(bottom))
    if tail is not None:  # 1/n in front of a sum, not the sum over n
        front = body if isinstance(s, Latex) else s.bracket(body)
        body = f"{front}{s.times}{memo[tail][0]}"
    return sign + (body or "1"), Level.PRODUCT


def _contracts(e: Expr) -> bool:
    return e.is_scalar and any(not a.is_scalar for a in e.args)


def _is_divisor(e: Expr) -> bool:
    return e.op == "pow" and e.is_scalar and e.args[1].op == "number" and e.args[1].value < 0


def _divisor(base: Expr, p: Fraction, memo: dict[Expr, Piece], s: Unicode) -> str:
    if p == 1:
        if isinstance(s, Latex):
            return memo[base][0] if memo[base][1] > Level.SUM else s.bracket(memo[base][0])
        return _at(memo[base], Level.POWER, s)
    return _raised(base, p, memo, s)


def _raised(base: Expr, p: Fraction, memo: dict[Expr, Piece], s: Unicode) -> str:
    if p == Fraction(1, 2) and isinstance(s, Latex) and base.is_scalar:
        return s.root(memo[base][0])
    return s.superscript(_base(base, memo, s), str(p))


def _last(e: Expr, memo: dict[Expr, Piece], s: Unicode) -> str:
    """A sum over an index needs no brackets where nothing follows."""
    return memo[e][0] if e.op in BINDERS else _factor(e, memo, s)


def _factor(e: Expr, memo: dict[Expr, Piece], s: Unicode) -> str:
    if e.op in ("mul", "hadamard", "kron"):
        return s.bracket(memo[e][0])
    return _at(memo[e], Level.POWER, s)


def _hadamard(e: Expr, memo: dict[Expr, Piece], s: Unicode) -> Piece:
    out = ""
    for n, a in enumerate(e.args):
        inverse = a.op == "epow" and a.args[1].op == "number" and a.args[1].value == -1
        if inverse and n:
            out += s.divide + _at(memo[a.args[0]], Level.POWER, s)
            continue
        text = s.bracket(memo[a][0]) if a.op == "kron" else _at(memo[a], Level.PRODUCT, s)
        if a.op == "mul" and a.args[0].op == "number" and a.args[0].value < 0:
            text = s.bracket(text)
        out += (s.hadamard if n else "") + text
    return out, Level.PRODUCT


def _power(e: Expr, memo: dict[Expr, Piece], s: Unicode) -> Piece:
    base, exponent = e.args
    if e.op == "epow":
        if exponent.op == "number" and exponent.value == -1:
            return f"1{s.divide}{_at(memo[base], Level.POWER, s)}", Level.PRODUCT
        return s.elementwise_power(_base(base, memo, s), memo[exponent][0]), Level.POWER
    if exponent.op == "number":
        p = exponent.value
        if p < 0 and e.is_scalar:
            return s.fraction("1", _divisor(base, -p, memo, s)), Level.PRODUCT
        if p == Fraction(1, 2) and isinstance(s, Latex) and e.is_scalar:
            return _raised(base, p, memo, s), Level.ATOM
        return _raised(base, p, memo, s), Level.POWER
    return s.superscript(_base(base, memo, s), memo[exponent][0]), Level.POWER
