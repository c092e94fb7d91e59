"""Conditions under which a false statement becomes true."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations

from chainrule.dims import ONE
from chainrule.expr import Expr, node, postorder, symbols
from chainrule.traits import SYMMETRIC

#: Trait, to whom it applies, sentence.
_SQUARE: tuple[tuple[str, str], ...] = (
    ("symmetric", "{} symmetric"), ("skew", "{} skew-symmetric"), ("orthogonal", "{} orthogonal"),
)  # fmt: skip
_VECTOR: tuple[tuple[str, str], ...] = (
    ("probability", "the entries of {} sum to 1"), ("unit_norm", "{} has unit norm"),
    ("one_hot", "{} is one-hot"),
)  # fmt: skip
_ENTRIES: tuple[tuple[str, str], ...] = (("positive", "{} > 0"), ("binary", "{} is 0 or 1"))
_STRUCTURED = frozenset({"symmetric", "skew", "orthogonal", "diagonal", "positive_definite",
                         "lower", "upper"})  # fmt: skip
_CLOSED = frozenset({"probability", "probability_vector", "one_hot", "unit_norm", "binary",
                     "plus_minus_one", "positive", "nonnegative", "unit_interval"})  # fmt: skip


#: Functions that notice the sign of what they are applied to.
_SIGNED = frozenset({"abs", "sign", "log", "sqrt", "relu", "step", "pow", "epow", "max", "min"})


MOST_SIZES = 6
MOST_FACTORS = 4


@dataclass(frozen=True)
class Condition:
    """Facts on variables, and the sentence that names them."""

    text: str
    table: Mapping[Expr, Expr]
    sizes: Mapping[str, str] = field(default_factory=dict)
    far_fetched: bool = False  # where a small edit will do


def with_trait(v: Expr, trait: str) -> Expr:
    """The variable with one more fact."""
    return node("symbol", (), v.params, v.shape, v.traits | {trait})


def candidates(*sides: Expr) -> Iterator[Condition]:
    """Conditions to try, the likeliest first."""
    table = symbols(*sides)
    found = [v for v in table.values() if not (v.name[0] == "d" and v.name[1:] in table)]
    signed = {b for e in postorder(*sides) if e.op in _SIGNED for a in e.args
              for b in (a, *(a.args if a.op in ("mul", "pow", "epow", "abs") else ()))}  # fmt: skip
    logged = {a for e in postorder(*sides) if e.op in ("log", "sqrt") for a in e.args}
    square = [v for v in found if v.shape[0] == v.shape[1] != ONE and not v.traits & _STRUCTURED]
    for v in square:
        yield _one(v, *_SQUARE[0])
    if len(square) > 1:
        names = ", ".join(v.name for v in square[:-1]) + f" and {square[-1].name}"
        yield Condition(f"{names} symmetric", {v: with_trait(v, "symmetric") for v in square})
    vectors = [v for v in found if not v.is_scalar and ONE in v.shape and not v.traits & _CLOSED]
    families = [v for v in found if v.shape[0] != ONE and v.shape[1] != ONE
                and not v.traits & (_CLOSED | _STRUCTURED | SYMMETRIC)]  # fmt: skip
    for v in vectors:
        for trait, text in _VECTOR:
            yield _one(v, trait, text)
    for v in families:
        yield _one(v, "probability", "each row of {} sums to 1")
    for v in found:
        if not v.traits & _CLOSED and v in signed:
            yield _one(v, *_ENTRIES[0])
            if v.is_scalar and v not in logged:
                yield _one(v, *_ENTRIES[1])
    lengths = sorted({n for v in found for d in v.shape for n in d.names})
    oblong = [v for v in found if v.shape[0].name and v.shape[1].name
              and v.shape[0] != v.shape[1] and not v.traits]  # fmt: skip
    for a, b in combinations(lengths[:MOST_SIZES], 2):
        square_then = [v.name for v in oblong if {v.shape[0].name, v.shape[1].name} == {a, b}]
        what = f" ({', '.join(square_then)} square)" if square_then else ""
        yield Condition(f"{a} = {b}{what}", {}, {b: a}, far_fetched=True)
    for v in oblong[:MOST_SIZES]:
        yield Condition(f"{v.name} orthogonal", {v: with_trait(v, "orthogonal")},
                        {str(v.shape[1]): str(v.shape[0])}, far_fetched=True)  # fmt: skip
    for v in square:
        for trait, text in _SQUARE[1:]:
            yield _one(v, trait, text, far_fetched=True)
        yield _one(v, "positive_definite", "{} positive definite")
    for both in combinations([*square, *oblong][:MOST_FACTORS], 2):  # the factors of an SVD
        sizes = {str(v.shape[1]): str(v.shape[0]) for v in both if v in oblong}
        if not sizes.keys() & set(sizes.values()):
            yield Condition(" and ".join(v.name for v in both) + " orthogonal",
                            {v: with_trait(v, "orthogonal") for v in both}, sizes,
                            far_fetched=True)  # fmt: skip


def _one(v: Expr, trait: str, text: str, far_fetched: bool = False) -> Condition:
    return Condition(text.format(v.name), {v: with_trait(v, trait)}, {}, far_fetched)


def first_that(
    holds: Callable[[Condition], bool], sides: tuple[Expr, ...], stop: Callable[[], bool]
) -> Condition | None:
    """The first condition under which a statement holds."""
    for condition in candidates(*sides):
        if stop():
            return None
        if holds(condition):
            return condition
    return None
