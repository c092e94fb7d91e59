"""Left-hand sides of lines, and names, as Unicode and LaTeX."""

from __future__ import annotations

import re

from chainrule.derivation.data import Label
from chainrule.expr import symbol
from chainrule.write import latex, unicode
from chainrule.write.precedence import GREEK

UNICODE = {
    "name": "{0}", "d": "d{0}", "vecd": "vec d{0}", "partial": "∂{0}/∂{1}", "row": "∂{0}/∂{1}ᵀ",
    "vecrow": "∂{0}/∂(vec {1})ᵀ", "vec": "∂(vec {0})/∂(vec {1})ᵀ",
    "vecby": "∂(vec {0})/∂{1}", "signal": "{0} = ∂{1}/∂{2}",
}  # fmt: skip
LATEX = {
    "name": "{0}", "d": r"\mathrm{{d}}{0}", "vecd": r"\operatorname{{vec}}\mathrm{{d}}{0}",
    "partial": r"\frac{{\partial {0}}}{{\partial {1}}}",
    "row": r"\frac{{\partial {0}}}{{\partial {1}^{{\top}}}}",
    "vecrow": r"\frac{{\partial {0}}}{{\partial (\operatorname{{vec}} {1})^{{\top}}}}",
    "vec": r"\frac{{\partial \operatorname{{vec}} {0}}}"
           r"{{\partial (\operatorname{{vec}} {1})^{{\top}}}}",
    "vecby": r"\frac{{\partial \operatorname{{vec}} {0}}}{{\partial {1}}}",
    "signal": r"{0} = \frac{{\partial {1}}}{{\partial {2}}}",
}  # fmt: skip
SUBSCRIPT_NAME = re.compile(r"_([A-Za-z]+)(\d*)\b")
TEX_SUBSCRIPT = re.compile(r"_\{([A-Za-z]+)(\d*)\}")
TEX_DIFFERENTIAL = re.compile(r"\\mathrm\{d([A-Za-z])\}")
DIGITS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
LETTERS = dict(zip("ijklmnprstuvaeoh", "ᵢⱼₖₗₘₙₚᵣₛₜᵤᵥₐₑₒₕ", strict=True))


def named(name: str, tex: bool) -> str:
    """A name as it is written: ``z_1`` is z₁."""
    if name.startswith("vec "):
        inner = named(name[4:], tex)
        return rf"\operatorname{{vec}} {inner}" if tex else f"vec {inner}"
    if name.startswith("d") and "_" in name and name.split("_")[0] not in GREEK:
        return (r"\mathrm{d}" if tex else "d") + named(name[1:], tex)
    shown = (latex if tex else unicode)(symbol(name))
    return prettier(shown, "latex" if tex else "unicode")


def prettier(text: str, form: str) -> str:
    """Names as subscripts: ``δ_theta`` is δ_θ, ``δ_l22`` is δ_l₂₂."""
    if form == "latex":
        text = TEX_DIFFERENTIAL.sub(r"\\mathrm{d}\1", text)
    if form == "plain" or "_" not in text:
        return text
    if form == "latex":
        return TEX_SUBSCRIPT.sub(lambda m: f"_{{{_tex_subscript(m)}}}", text)
    return SUBSCRIPT_NAME.sub(lambda m: "_" + GREEK.get(m[1], m[1]) + m[2].translate(DIGITS), text)


def _tex_subscript(m: re.Match[str]) -> str:
    base = "\\" + m[1] if m[1] in GREEK else m[1]
    return f"{base}_{{{m[2]}}}" if m[2] else base


def head(label: Label, tex: bool = False) -> str:
    """What stands left of the equals sign."""
    if label.kind in ("entry", "at"):
        return _entry(label, tex)
    names = [named(n, tex) for n in label.names]
    return (LATEX if tex else UNICODE)[label.kind].format(*names)


def left_side(label: Label) -> str:
    """What stands left of the equals sign in the plain syntax: ``d(f)/d(x[k])``."""
    names = list(label.names)
    if label.indices:
        names = [n + (f"[{','.join(i)}]" if i else "")
                 for n, i in zip(names, label.indices, strict=True)]  # fmt: skip
    if label.kind in ("name", "at", "signal"):
        return names[0]
    if label.kind in ("d", "vecd"):
        return f"vec(d{names[0]})" if label.kind == "vecd" else f"d{names[0]}"
    over = f"vec({names[0]})" if label.kind in ("vec", "vecby") else names[0]
    under = {"row": f"{names[1]}'", "partial": names[1], "entry": names[1],
             "vecby": names[1]}  # fmt: skip
    return f"d({over})/d({under.get(label.kind, f'vec({names[1]})' + chr(39))})"


def subscripted(base: str, indices: tuple[str, ...], tex: bool) -> str:
    """``Aᵢⱼ``; a base that has a subscript already is bracketed."""
    if not indices:
        return base
    if tex:
        base = f"({base})" if "_" in base and base[-1] != ")" else base
        return f"{base}_{{{''.join(indices)}}}"
    if base[-1] in "₀₁₂₃₄₅₆₇₈₉ᵀ" or ("_" in base and base[-1] != ")"):
        base = f"({base})"
    if all(i in LETTERS for i in indices):
        return base + "".join(LETTERS[i] for i in indices)
    return f"{base}[{','.join(indices)}]"


def _entry(label: Label, tex: bool) -> str:
    parts = [
        subscripted(named(n, tex), i, tex) for n, i in zip(label.names, label.indices, strict=True)
    ]
    if label.kind == "at":
        return parts[0]
    d = r"\partial " if tex else "∂"
    over, under = d + parts[0], d + parts[1]
    return rf"\frac{{{over}}}{{{under}}}" if tex else f"{over}/{under}"
