"""Unicode and LaTeX: one walk, two sets of spellings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from chainrule.dims import ONE, Dim
from chainrule.errors import LimitError
from chainrule.expr import BINDERS, Expr, postorder
from chainrule.write.indexed import sugared
from chainrule.write.precedence import GREEK, Level

Piece = tuple[str, Level]
MAX_LENGTH = 400_000
SUPERSCRIPT = str.maketrans("0123456789-+()nk", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺⁽⁾ⁿᵏ")
SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
SMALL_NAMES = dict(zip("ijklmnprst=", "ᵢⱼₖₗₘₙₚᵣₛₜ₌", strict=True))
RAISED_NAMES = dict(zip("nkmp", "ⁿᵏᵐᵖ", strict=True))
TALL = ("\\frac", "\\left", "\\sum_", "\\prod_")  # what brackets have to grow around
VARIANTS = {"epsilon": "varepsilon", "phi": "varphi"}
NAMED = {"exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "det", "arcsin", "arccos",
         "arctan", "max", "min"}  # fmt: skip


def unicode(e: Expr) -> str:
    """The expression as a person would write it in plain text: ``(A + Aᵀ) x``."""
    return _write(e, Unicode())


def latex(e: Expr) -> str:
    """The expression in LaTeX: ``(A + A^{\\top}) x``."""
    return _write(e, Latex())


@dataclass
class Unicode:
    """Spellings of the Unicode form."""

    tight: bool = False
    hadamard: str = " ⊙ "
    divide: str = " ⊘ "
    times: str = " "
    kron: str = " ⊗ "

    def bracket(self, text: str) -> str:
        return f"({text})"

    def name(self, name: str) -> str:
        if name.startswith("d") and len(name) > 1 and (name[1].isupper() or name[1:] in GREEK):
            return "d" + self.name(name[1:])
        head, tail = _split_name(name)
        head = GREEK.get(head, head)
        return head + (tail.translate(SUBSCRIPT) if tail.isdigit() else f"_{tail}" if tail else "")

    def superscript(self, base: str, exponent: str) -> str:
        if all(c in "0123456789-nk" for c in exponent):
            return base + exponent.translate(SUPERSCRIPT)
        return f"{base}^({exponent})" if not exponent.isalnum() else f"{base}^{exponent}"

    def elementwise_power(self, base: str, exponent: str) -> str:
        if all(c in "0123456789-" for c in exponent):
            return f"{base}∘{exponent.translate(SUPERSCRIPT)}"
        return f"{base}.^({exponent})"

    def transpose(self, base: str) -> str:
        return base + "ᵀ"

    def inverse(self, base: str) -> str:
        return base + "⁻¹"

    def inverse_transpose(self, base: str) -> str:
        return base + "⁻ᵀ"

    def fraction(self, over: str, under: str) -> str:
        return f"{over} / {under}"

    def norm(self, text: str, kind: str) -> str:
        return f"‖{text}‖{ {'norm2': '₂', 'norm1': '₁', 'normF': '_F'}[kind] }"

    def apply(self, name: str, args: list[str]) -> str:
        return f"{name}({', '.join(args)})"

    def function(self, name: str, order: int, arg: str) -> str:
        return f"{self.name(name)}{'′' * order}({arg})"

    def derivative(self, f: str, x: str, layout: str) -> str:
        if layout == "vec":
            return f"∂vec({f})/∂vec({x})ᵀ"
        return f"∂({f})/∂{x}" + ("ᵀ" if layout == "numerator" else "")

    def constant(self, op: str, dims: list[str]) -> str:
        sub = ",".join(dims)
        match op:
            case "eye":
                return f"I_{sub}" if len(sub) == 1 else f"I_({sub})"
            case "ones":
                return f"1_{sub}" if len(sub) == 1 else f"1_({sub})"
            case "zeros":
                return f"0_{sub}" if len(sub) == 1 else f"0_({sub})"
            case "unit":
                return f"e_{dims[1]}"
            case "commut":
                return f"K_({sub})"
            case "dup":
                return f"D_{sub}"
            case _:
                return f"L_{sub}"

    def big(self, op: str, name: str, lo: str, hi: str) -> str:
        sign = "∑" if op == "sigma" else "∏"
        if all(c in SMALL_NAMES or c.isdigit() for c in name + lo) and all(
            c in RAISED_NAMES or c.isdigit() for c in hi
        ):
            low = "".join(SMALL_NAMES.get(c, c) for c in f"{name}={lo}").translate(SUBSCRIPT)
            high = "".join(RAISED_NAMES.get(c, c) for c in hi).translate(SUPERSCRIPT)
            return f"{sign}{low}{high} "
        return f"{sign}_({name}={lo})^({hi}) "

    def entry(self, base: str, indices: list[str]) -> str:
        return f"{base}[{','.join(indices)}]"

    def member(self, name: str, i: str) -> str:
        if i.isdigit():
            return self.name(name) + i.translate(SUBSCRIPT)
        return f"{self.name(name)}_{i if i.isalnum() else f'({i})'}"

    def kronecker(self, indices: list[str]) -> str:
        return f"δ[{','.join(indices)}]"

    def minus(self) -> str:
        return "−"

    def pi(self) -> str:
        return "π"


class Latex(Unicode):
    """Spellings of LaTeX."""

    def __init__(self) -> None:
        super().__init__(tight=False, hadamard=r" \odot ", divide=r" \oslash ", times=" ",
                         kron=r" \otimes ")  # fmt: skip

    def bracket(self, text: str) -> str:
        return rf"\left({text}\right)" if any(m in text for m in TALL) else f"({text})"

    def name(self, name: str) -> str:
        if name.startswith("d") and len(name) > 1 and (name[1].isupper() or name[1:] in GREEK):
            return rf"\mathrm{{d}}{self.name(name[1:])}"
        head, tail = _split_name(name)
        if head in GREEK:
            head = "\\" + VARIANTS.get(head, head)
        elif len(head) > 1:
            head = rf"\mathrm{{{head}}}"
        return f"{head}_{{{tail}}}" if tail else head

    def superscript(self, base: str, exponent: str) -> str:
        return f"{base}^{{{exponent}}}" if len(exponent) > 1 else f"{base}^{exponent}"

    def elementwise_power(self, base: str, exponent: str) -> str:
        return rf"{base}^{{\circ {exponent}}}"

    def transpose(self, base: str) -> str:
        return rf"{base}^{{\top}}"

    def inverse(self, base: str) -> str:
        return f"{base}^{{-1}}"

    def inverse_transpose(self, base: str) -> str:
        return rf"{base}^{{-\top}}"

    def fraction(self, over: str, under: str) -> str:
        return rf"\frac{{{over}}}{{{under}}}"

    def norm(self, text: str, kind: str) -> str:
        return rf"\lVert {text} \rVert_{ {'norm2': '2', 'norm1': '1', 'normF': 'F'}[kind] }"

    def apply(self, name: str, args: list[str]) -> str:
        head = f"\\{name}" if name in NAMED else rf"\operatorname{{{name.replace('_', r'_')}}}"
        return f"{head}{self.bracket(', '.join(args))}"

    def function(self, name: str, order: int, arg: str) -> str:
        return f"{self.name(name)}{chr(39) * order}{self.bracket(arg)}"

    def derivative(self, f: str, x: str, layout: str) -> str:
        if layout == "vec":
            below = rf"\operatorname{{vec}}\left({x}\right)^{{\top}}"
            return rf"\frac{{\partial \operatorname{{vec}}{self.bracket(f)}}}{{\partial {below}}}"
        turned = r"^{\top}" if layout == "numerator" else ""
        return rf"\frac{{\partial {self.bracket(f)}}}{{\partial {x}{turned}}}"

    def constant(self, op: str, dims: list[str]) -> str:
        sub = ",".join(dims)
        heads = {"eye": "I", "ones": r"\mathbf{1}", "zeros": r"\mathbf{0}", "commut": "K",
                 "dup": "D", "elim": "L"}  # fmt: skip
        return f"e_{{{dims[1]}}}" if op == "unit" else f"{heads[op]}_{{{sub}}}"

    def big(self, op: str, name: str, lo: str, hi: str) -> str:
        sign = r"\sum" if op == "sigma" else r"\prod"
        return f"{sign}_{{{name}={lo}}}^{{{hi}}} "

    def entry(self, base: str, indices: list[str]) -> str:
        close = all(len(i) == 1 and i.isalpha() for i in indices)
        below = ("" if close else ",").join(indices)
        return f"{base}_{{{below}}}"

    def member(self, name: str, i: str) -> str:
        head, tail = _split_name(name)
        if tail:
            return f"{self.name(head)}_{{{tail},{i}}}"
        return f"{self.name(name)}_{{{i}}}" if len(i) > 1 else f"{self.name(name)}_{i}"

    def kronecker(self, indices: list[str]) -> str:
        close = all(len(i) == 1 and i.isalpha() for i in indices)
        return rf"\delta_{{{('' if close else ',').join(indices)}}}"

    def minus(self) -> str:
        return "-"

    def pi(self) -> str:
        return r"\pi"


def _split_name(name: str) -> tuple[str, str]:
    """``W_1`` and ``W1`` are W with subscript 1."""
    if "_" in name.strip("_"):
        head, tail = name.split("_", 1)
        return head, tail
    found = re.fullmatch(r"([^\W\d]+)(\d+)", name)
    return (found[1], found[2]) if found else (name, "")


def _write(e: Expr, s: Unicode) -> str:
    memo: dict[Expr, Piece] = {}
    e = sugared(e, True)
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
            return s.name(str(e.params[0])), Level.ATOM
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
        case "sigma" | "prod":
            return _binder(e, memo, s)
        case "entry":
            return _entry(e, memo, s), Level.ATOM
        case "member":
            return s.member(str(e.args[0].params[0]), _indices(e, s)[0]), Level.ATOM
        case "kd":
            return s.kronecker(_indices(e, s)), Level.ATOM
    if e.params:
        dims = [_dims(p, s) for p in e.params]
        if e.op in ("ones", "zeros") and e.params[1] == ONE:
            dims = dims[:1]
        return s.constant(e.op, dims), Level.ATOM
    return s.apply(e.op, [memo[a][0] for a in e.args]), Level.ATOM


def _dims(p: object, s: Unicode) -> str:
    assert isinstance(p, Dim)
    return str(p).replace("*", "" if isinstance(s, Latex) else "·")


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
    below = base.op in ("member", "entry") and isinstance(s, Latex)
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
        parts.append(memo[over[0]][0])  # 2 xᵀ A x needs no brackets
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
    if p == Fraction(1, 2) and isinstance(s, Latex):
        return rf"\sqrt{{{memo[base][0]}}}"
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
