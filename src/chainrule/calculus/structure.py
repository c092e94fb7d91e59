"""Derivatives by variables with structure, under named conventions.

``project``: the gradient within the subspace (symmetric: ½(G+Gᵀ), skew: ½(G−Gᵀ), diagonal: G∘I).
``entries``: each free entry once (symmetric: G+Gᵀ−G∘I). ``ignore``: all entries independent.
"""

from __future__ import annotations

from fractions import Fraction

from chainrule.errors import UsageError
from chainrule.expr import Expr
from chainrule.ops import apply, mul, ones
from chainrule.tensor.factor import factored
from chainrule.tensor.ir import Term, index
from chainrule.tensor.lift import diagonal, lift_term
from chainrule.tensor.lower import Zero, lower
from chainrule.tensor.product import Product
from chainrule.traits import is_symmetric, transposed

CONVENTIONS = ("project", "entries", "ignore")
HALF = Fraction(1, 2)


def structure_of(x: Expr) -> str | None:
    """``symmetric``, ``skew``, ``diagonal`` or None."""
    for trait, kind in (("diagonal", "diagonal"), ("symmetric", "symmetric"),
                        ("positive_definite", "symmetric"), ("skew", "skew")):  # fmt: skip
        if trait in x.traits and not x.is_scalar:
            return kind
    return None


def impose(g: Expr, kind: str, convention: str) -> Expr:
    """Gradient by a structured variable from the gradient ``g`` by free entries.

    Raises
    ------
    UsageError
        For an unknown convention.
    """
    if convention not in CONVENTIONS:
        raise UsageError(f"unknown convention {convention!r}: use one of {', '.join(CONVENTIONS)}")
    if convention == "ignore":
        return g
    if kind == "diagonal":
        return apply("diag", diagonal(g))
    symmetric = is_symmetric(g)
    if kind == "skew":
        if convention == "entries":
            return _sum([(Fraction(1), g), (Fraction(-1), transposed(g))], g)
        return _sum([(HALF, g), (-HALF, transposed(g))], g)
    if convention == "project":
        return g if symmetric else _sum([(HALF, g), (HALF, transposed(g))], g)
    parts = [(Fraction(2), g)] if symmetric else [(Fraction(1), g), (Fraction(1), transposed(g))]
    return _sum([*parts, (Fraction(-1), apply("diag", diagonal(g)))], g)


def _sum(parts: list[tuple[Fraction, Expr]], like: Expr) -> Expr:
    products: list[Product] = []
    for coef, e in parts:
        for a in e.args if e.op == "add" else (e,):
            term = Term(coef=coef)
            row, col = index(like.shape[0]), index(like.shape[1])
            spread = a if a.shape == like.shape else mul(a, ones(*like.shape))
            try:
                lower(term, spread, row, col)
            except Zero:
                continue
            p = lift_term(term, row, col, lambda x: x)
            if p is not None:
                products.append(p)
    return factored(products, like.shape)
