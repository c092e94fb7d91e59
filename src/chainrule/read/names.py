"""Spellings: Greek letters, mathematical alphabets, superscripts and subscripts."""

from __future__ import annotations

import re
import unicodedata

GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ϵ": "epsilon",
    "ζ": "zeta", "η": "eta", "θ": "theta", "ϑ": "theta", "ι": "iota", "κ": "kappa",
    "λ": "lambda", "μ": "mu", "µ": "mu", "ν": "nu", "ξ": "xi", "ο": "omicron", "π": "pi",
    "ρ": "rho", "ϱ": "rho", "σ": "sigma", "ς": "sigma", "τ": "tau", "υ": "upsilon",
    "φ": "phi", "ϕ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega",
    "Α": "Alpha", "Β": "Beta", "Γ": "Gamma", "Δ": "Delta", "Ε": "Epsilon", "Ζ": "Zeta",
    "Η": "Eta", "Θ": "Theta", "Ι": "Iota", "Κ": "Kappa", "Λ": "Lambda", "Μ": "Mu", "Ν": "Nu",
    "Ξ": "Xi", "Ο": "Omicron", "Π": "Pi", "Ρ": "Rho", "Σ": "Sigma", "Τ": "Tau",
    "Υ": "Upsilon", "Φ": "Phi", "Χ": "Chi", "Ψ": "Psi", "Ω": "Omega",
    "ℓ": "ell", "∂": "d",
}  # fmt: skip
GREEK_NAMES = frozenset(GREEK.values()) - {"d", "ell"}
FAMILY = re.compile(r"(?P<base>[^\W\d_]\w*?)_(?P<index>[^\W\d_])\Z")
"""``x_i``: perhaps an entry or a member, if i is an index."""
INDEX_LETTERS = frozenset("ijkl")
"""Letters that are indices where no sum binds them."""
SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉ᵢⱼ", "0123456789ij")
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def plain_name(text: str) -> str:
    """The ASCII spelling of a name: ``α₁`` is ``alpha_1``, ``dΣ`` is ``dSigma``."""
    if text.isascii():
        return text
    out = ""
    for ch in text:
        if ch in "₀₁₂₃₄₅₆₇₈₉ᵢⱼ" and out and not out[-1].isdigit() and "_" not in out:
            out += "_"
        out += GREEK.get(ch, ch)
    return out.translate(SUBSCRIPTS)


def plain_letter(ch: str) -> str:
    """A letter of a mathematical alphabet (``𝐱``, ``ℝ``) as the plain letter; others unchanged."""
    if ch in GREEK or not (ch.isalpha() or ch.isdecimal()):
        return ch
    folded = unicodedata.normalize("NFKC", ch)
    return folded if len(folded) == 1 and (folded.isascii() or folded in GREEK) else ch


def base_name(name: str) -> str:
    """The letters that decide the habit: ``alpha_1`` and ``alpha2`` are ``alpha``."""
    return name.split("_")[0].rstrip("0123456789") or name
