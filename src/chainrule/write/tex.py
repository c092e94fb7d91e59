"""Spellings of LaTeX; what is written reads back as the same expression."""

from __future__ import annotations

import re
from math import lcm

from chainrule.dims import ONE, Dim, dim
from chainrule.errors import ChainruleError
from chainrule.expr import Expr, node, postorder, rebuild, symbols
from chainrule.write.glyphs import Unicode, split_name
from chainrule.write.precedence import GREEK
from chainrule.write.style import TRACES, TRANSPOSES, LatexStyle

TALL = ("\\frac", "\\left", "\\sum_", "\\prod_", "\\begin")  # what brackets have to grow around
VARIANTS = {"epsilon": "varepsilon", "phi": "varphi"}
ACCENTS = frozenset({"hat", "bar", "tilde", "dot", "ddot", "check", "breve"})
NAMED = {"exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "det", "arcsin", "arccos",
         "arctan", "max", "min"}  # fmt: skip
OF_MATRICES = frozenset({"exp", "log", "sin", "cos"})
"""Names that mean the function of a matrix inside a trace, unless they carry a ring."""
USUAL_FUNCTIONS = frozenset({"f", "g", "h", "phi", "psi", "Phi", "Psi", "rho"})
"""Letters that are read as functions; any other is set as a name of an operator."""
CONSTANTS = {"eye": "I", "commut": "K", "dup": "D", "elim": "L", "unit": "e"}
MANY_UNITS = 8
OPEN, CLOSE = r"\begin{bmatrix} ", r" \end{bmatrix}"


class Latex(Unicode):
    """Spellings of LaTeX in a style."""

    def __init__(self, style: LatexStyle | None = None) -> None:
        super().__init__(tight=False, hadamard=r" \odot ", divide=r" \oslash ", times=" ",
                         kron=r" \otimes ")  # fmt: skip
        self.style = style or LatexStyle()
        self.names: frozenset[str] = frozenset()
        self.ringed: frozenset[Expr] = frozenset()
        self.open: frozenset[Expr] = frozenset()

    def prepare(self, e: Expr) -> None:
        """Look at the whole expression: names in use, functions in traces, open sizes."""
        self.names = frozenset(symbols(e))
        self.ringed = _in_traces(e)
        self.open = _open_units(e)

    def bracket(self, text: str) -> str:
        return rf"\left({text}\right)" if any(m in text for m in TALL) else f"({text})"

    # -- names ---------------------------------------------------------------------------------

    def symbol(self, e: Expr) -> str:
        return self.name(e.name, bold=not e.is_scalar)

    def name(self, name: str, bold: bool = False) -> str:
        if name in self.style.names:
            return self.style.names[name]
        if _is_differential(name) and "d" not in self.names:
            return rf"\mathrm{{d}}{self.name(name[1:], bold)}"
        head, accents, labels = _parts(name)
        if head in GREEK or head == "ell":
            head = "\\" + VARIANTS.get(head, head)
            head = rf"\boldsymbol{{{head}}}" if self._bold(bold) else head
        elif len(head) > 1:
            head = rf"\mathrm{{{head}}}"
            head = rf"\boldsymbol{{{head}}}" if self._bold(bold) else head
        elif self._bold(bold):
            head = rf"\mathbf{{{head}}}"
        for accent in accents:
            head = rf"\{accent}{{{head}}}"
        return f"{head}_{{{','.join(labels)}}}" if labels else head

    def _bold(self, wanted: bool) -> bool:
        return wanted and self.style.bold

    def member(self, e: Expr, i: str) -> str:
        name = self.symbol(e)
        if _parts(e.name)[2]:
            return f"{name[:-1]},{i}}}"
        return f"{name}_{{{i}}}" if len(i) > 1 else f"{name}_{i}"

    def entry(self, base: str, indices: list[str]) -> str:
        close = all(len(i) == 1 and i.isalpha() for i in indices)
        below = ("" if close else ",").join(indices)
        return f"{base}_{{{below}}}"

    def kronecker(self, indices: list[str]) -> str:
        if "delta" in self.names:
            return rf"\operatorname{{kd}}({','.join(indices)})"
        close = all(len(i) == 1 and i.isalpha() for i in indices)
        return rf"\delta_{{{('' if close else ',').join(indices)}}}"

    def dims(self, size: Dim) -> str:
        whole = lcm(*(_denominator(c) for _, c in size.terms)) if size.terms else 1
        text = _spelled(size * whole, self)
        return text if whole == 1 else f"({text})/{whole}"

    # -- powers and products ---------------------------------------------------------------------

    def superscript(self, base: str, exponent: str) -> str:
        base = self._closed(base)
        return f"{base}^{{{exponent}}}" if len(exponent) > 1 else f"{base}^{exponent}"

    def elementwise_power(self, base: str, exponent: str) -> str:
        return rf"{self._closed(base)}^{{\circ {exponent}}}"

    def transpose(self, base: str) -> str:
        return self._closed(base) + TRANSPOSES[self.style.transpose]

    def inverse(self, base: str) -> str:
        return f"{self._closed(base)}^{{-1}}"

    def inverse_transpose(self, base: str) -> str:
        raised = TRANSPOSES[self.style.transpose]
        if raised == "'":
            return f"({self._closed(base)}^{{-1}})'"
        return f"{self._closed(base)}^{{-{raised[2:-1]}}}"

    def _closed(self, base: str) -> str:
        """A name that ends with a superscript of its own takes no second one."""
        return f"{{{base}}}" if "^" in base and base in self.style.names.values() else base

    def fraction(self, over: str, under: str) -> str:
        return rf"\frac{{{over}}}{{{under}}}"

    def root(self, text: str) -> str:
        return rf"\sqrt{{{text}}}"

    # -- functions -------------------------------------------------------------------------------

    def norm(self, text: str, kind: str) -> str:
        return rf"\lVert {text} \rVert_{ {'norm2': '2', 'norm1': '1', 'normF': 'F'}[kind] }"

    def apply(self, name: str, args: list[str]) -> str:
        if name == "tr":
            head = TRACES[self.style.trace]
        elif name in NAMED:
            head = f"\\{name}"
        else:
            head = rf"\operatorname{{{name.replace('_', chr(92) + '_')}}}"
        return f"{head}{self.bracket(', '.join(args))}"

    def operator(self, e: Expr, args: list[str]) -> str:
        if e.op in ("hcat", "vcat"):
            between = " & " if e.op == "hcat" else r" \\ "
            rows = e.op == "vcat" and all(a.op == "hcat" and a.shape[0] == ONE for a in e.args)
            if rows and len({len(a.args) for a in e.args}) == 1:  # one matrix of entries
                args = [a.removeprefix(OPEN).removesuffix(CLOSE) for a in args]
            return f"{OPEN}{between.join(args)}{CLOSE}"
        if e in self.ringed:
            return rf"\{e.op}^{{\circ}}{self.bracket(args[0])}"
        if e.op == "differential":
            return rf"\mathrm{{d}}{self.bracket(args[0])}"
        return self.apply(e.op, args)

    def function(self, name: str, order: int, arg: str) -> str:
        head = self.name(name)
        if name not in USUAL_FUNCTIONS or name in self.names:
            head = rf"\operatorname{{{name}}}"
        return f"{head}{chr(39) * order}{self.bracket(arg)}"

    def derivative(self, f: str, x: str, layout: str) -> str:
        if layout == "vec":
            below = self.transpose(rf"\operatorname{{vec}}\left({x}\right)")
            return rf"\frac{{\partial \operatorname{{vec}}{self.bracket(f)}}}{{\partial {below}}}"
        below = self.transpose(x) if layout == "numerator" else x
        return rf"\frac{{\partial {self.bracket(f)}}}{{\partial {below}}}"

    def second(self, f: str, x: str) -> str:
        return rf"\frac{{\partial^2 {self.bracket(f)}}}{{\partial {x}^2}}"

    # -- constants and binders -------------------------------------------------------------------

    def constant_of(self, e: Expr, dims: list[str]) -> str:
        op = e.op
        if op in ("ones", "zeros"):
            return rf"\mathbf{{{'1' if op == 'ones' else '0'}}}_{{{','.join(dims)}}}"
        letter = CONSTANTS[op]
        below = dims[1] if op == "unit" else ",".join(dims)
        taken = {letter, f"{letter}_{below}", f"{letter}{below}"}
        if op != "unit":
            taken = {n for n in self.names if split_name(n)[0] == letter} | {letter}
        if taken & self.names or not _reads_back(e):
            return rf"\operatorname{{{op}}}({','.join(dims)})"
        shown = rf"\mathbf{{{letter}}}" if self.style.bold else letter
        if e in self.open:
            return f"{shown}^{{({dims[0]})}}_{{{below}}}"
        return f"{shown}_{{{below}}}"

    def big(self, op: str, name: str, lo: str, hi: str) -> str:
        sign = r"\sum" if op == "sigma" else r"\prod"
        shown = self.name(name) if len(name) > 1 else name
        return f"{sign}_{{{shown}={lo}}}^{{{hi}}} "

    def minus(self) -> str:
        return "-"

    def pi(self) -> str:
        return r"\pi"


def _is_differential(name: str) -> bool:
    return name[:1] == "d" and len(name) > 1 and (
        name[1].isupper() or split_name(name[1:])[0] in GREEK or len(name) == 2
    )  # fmt: skip


def _parts(name: str) -> tuple[str, list[str], list[str]]:
    """``y_hat_1`` is y with a hat and the subscript 1; ``W21`` is W with the subscript 21."""
    if "_" not in name.strip("_"):
        head, tail = split_name(name)
        return head, [], [tail] if tail else []
    first, *rest = name.split("_")
    head, tail = split_name(first)
    if tail:  # W1_2
        return head, [], [tail, *map(_label, rest)]
    accents = []
    while rest and rest[0] in ACCENTS:
        accents.append(rest.pop(0))
    return head, accents, [_label(r) for r in rest]


def _label(text: str) -> str:
    """``np1`` is ``n+1``, ``star`` a star, ``prev`` a word, anything else itself."""
    if text == "star":
        return r"\star"
    if found := re.fullmatch(r"([a-z])([pm])(\d+)", text):
        return found[1] + {"p": "+", "m": "-"}[found[2]] + found[3]
    if text in GREEK:
        return "\\" + VARIANTS.get(text, text)
    if len(text) > 1 and not text.isdigit():
        return rf"\mathrm{{{text}}}"
    return text


def _spelled(size: Dim, s: Latex) -> str:
    """``2np^2 + p`` without stars."""
    if not size.terms:
        return "0"
    out = ""
    for mono, c in sorted(size.terms, key=lambda t: (-sum(p for _, p in t[0]), t[0])):
        factors = [f"{_size_name(n, s)}^{p}" if p > 1 else _size_name(n, s) for n, p in mono]
        if abs(c) != 1 or not factors:
            factors.insert(0, str(abs(c)))
        out += "-" if c < 0 else "+" if out else ""
        out += ("" if len(factors) < 4 else " ").join(factors)
    return out


def _size_name(name: str, s: Latex) -> str:
    return s.name(name) if len(name) > 1 else name


def _denominator(c: object) -> int:
    return int(getattr(c, "denominator", 1))


def _reads_back(e: Expr) -> bool:
    """An index of a unit vector that is a number or a letter; sizes with a name."""
    sizes = [p for p in e.params if isinstance(p, Dim)]
    if e.op == "unit":
        return sizes[1].value is not None or (sizes[1].name or "").isalpha()
    return e.op == "eye" or all(p.names for p in sizes)


def _in_traces(e: Expr) -> frozenset[Expr]:
    """Elementwise functions of square matrices inside traces."""
    found: set[Expr] = set()
    for trace in (a for a in postorder(e) if a.op == "tr"):
        found.update(
            a for a in postorder(trace)
            if a.op in OF_MATRICES and a.shape[0] == a.shape[1] and not a.is_scalar
        )  # fmt: skip
    return frozenset(found)


def _open_units(e: Expr) -> frozenset[Expr]:
    """Unit vectors whose size nothing around them tells, in one of their places at least."""
    order = postorder(e)
    places: dict[Dim, list[Place]] = {}
    for a in order:
        for n, b in enumerate(a.args):
            if b.op == "unit":
                places.setdefault(_size(b), []).append((a, n))
    if e.op == "unit":
        return frozenset({e})
    if sum(map(len, places.values())) > MANY_UNITS:
        return frozenset()
    found: set[Expr] = set()
    for same in places.values():
        if _fits(order, frozenset(same)):
            found.update(a.args[n] for a, n in same)
        else:
            found.update(a.args[n] for a, n in same if _fits(order, frozenset({(a, n)})))
    return frozenset(found)


Place = tuple[Expr, int]
"""A node and the number of its argument."""


def _size(unit: Expr) -> Dim:
    size = unit.params[0]
    assert isinstance(size, Dim)
    return size


def _fits(order: list[Expr], places: frozenset[Place]) -> bool:
    """Could unit vectors of any other size stand there?"""
    other = dim("_other")
    memo: dict[Expr, Expr] = {}
    try:
        for a in order:
            args = [memo[b] for b in a.args]
            for n, b in enumerate(a.args):
                if (a, n) in places:
                    args[n] = node("unit", (), (other, b.params[1]), (other, ONE))
            memo[a] = _rebuilt(a, tuple(args))
    except ChainruleError:
        return False
    return True


def _rebuilt(e: Expr, args: tuple[Expr, ...]) -> Expr:
    """As :func:`chainrule.expr.rebuild`, also of stand-ins for entries."""
    if e.op != "entry" or args == e.args:
        return rebuild(e, args)
    shape = [n if i == ":" else ONE for n, i in zip(args[0].shape, e.params, strict=False)]
    return node("entry", args, e.params, (shape[0], shape[-1] if len(shape) > 1 else ONE))
