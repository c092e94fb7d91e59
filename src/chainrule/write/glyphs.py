"""Spellings of the Unicode form."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chainrule.dims import Dim
from chainrule.expr import Expr
from chainrule.write.precedence import GREEK

SUPERSCRIPT = str.maketrans("0123456789-+()nk", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺⁽⁾ⁿᵏ")
SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
SMALL_NAMES = dict(zip("ijklmnprst=", "ᵢⱼₖₗₘₙₚᵣₛₜ₌", strict=True))
RAISED_NAMES = dict(zip("nkmp", "ⁿᵏᵐᵖ", strict=True))


@dataclass
class Unicode:
    """Spellings of the Unicode form."""

    tight: bool = False
    hadamard: str = " ⊙ "
    divide: str = " ⊘ "
    times: str = " "
    kron: str = " ⊗ "

    open: frozenset[Expr] = frozenset()

    def prepare(self, e: Expr) -> None:
        """Look at the whole expression before it is written."""

    def bracket(self, text: str) -> str:
        return f"({text})"

    def symbol(self, e: Expr) -> str:
        return self.name(e.name)

    def name(self, name: str, bold: bool = False) -> str:
        if name.startswith("d") and len(name) > 1 and (name[1].isupper() or name[1:] in GREEK):
            return "d" + self.name(name[1:])
        head, tail = split_name(name)
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

    def operator(self, e: Expr, args: list[str]) -> str:
        return self.apply(e.op, args)

    def dims(self, size: Dim) -> str:
        return str(size).replace("*", "·")

    def constant_of(self, e: Expr, dims: list[str]) -> str:
        return self.constant(e.op, dims)

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

    def member(self, e: Expr, i: str) -> str:
        name = e.name
        if i.isdigit():
            return self.name(name) + i.translate(SUBSCRIPT)
        return f"{self.name(name)}_{i if i.isalnum() else f'({i})'}"

    def kronecker(self, indices: list[str]) -> str:
        return f"δ[{','.join(indices)}]"

    def minus(self) -> str:
        return "−"

    def pi(self) -> str:
        return "π"


def split_name(name: str) -> tuple[str, str]:
    """``W_1`` and ``W1`` are W with subscript 1."""
    if "_" in name.strip("_"):
        head, tail = name.split("_", 1)
        return head, tail
    found = re.fullmatch(r"([^\W\d]+)(\d+)", name)
    return (found[1], found[2]) if found else (name, "")
