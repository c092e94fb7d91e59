"""Points honour traits, domains and sizes."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest

from chainrule.errors import UnsupportedError
from chainrule.expr import Expr, symbol
from chainrule.numeric import evaluate, sample
from chainrule.numeric.draw import HONOURS, honours
from chainrule.read import read

module = import_module("chainrule.numeric.sample")
SQUARE = ["symmetric", "skew", "diagonal", "lower", "upper", "orthogonal", "invertible",
          "positive_definite", "positive", "nonnegative", "unit_interval", "one_hot",
          "probability", "unit_norm", "binary", "plus_minus_one"]  # fmt: skip


@pytest.mark.parametrize("trait", SQUARE)
@pytest.mark.parametrize("seed", range(8))
def test_traits(trait: str, seed: int) -> None:
    X, z = symbol("X", "n", "n", trait), symbol("z", "n", 1)
    value = sample([X, z], seed).values["X"]
    assert trait in HONOURS
    if trait == "invertible":
        assert np.linalg.cond(value) < 1e6
    else:
        assert honours(X, value), value


@pytest.mark.parametrize(
    "traits",
    [("diagonal", "positive"), ("lower", "positive"), ("symmetric", "unit_interval"),
     ("symmetric", "orthogonal"), ("diagonal", "positive_definite"), ("upper", "invertible"),
     ("positive", "positive_definite"), ("symmetric", "invertible")],
)  # fmt: skip
def test_traits_together(traits: tuple[str, ...]) -> None:
    X = symbol("X", "n", "n", *traits)
    for seed in range(8):
        value = sample([X], seed).values["X"]
        structure = symbol("X", "n", "n", *(t for t in traits if t not in ("positive",)))
        assert honours(structure, value), value
        if "positive" in traits:
            assert (value >= 0).all()


@pytest.mark.parametrize("trait", ["one_hot", "probability", "unit_norm", "orthogonal"])
def test_vectors_and_long_matrices(trait: str) -> None:
    for shape in (("n", 1), ("n", "m"), ("m", "n")):
        X = symbol("X", *shape, trait)
        assert honours(X, sample([X, symbol("y", "n", "m")], 3).values["X"])


def test_sizes_are_distinct_and_change() -> None:
    e = read("tr(A*X*B*Z)", ["A: p,m; X: m,n; B: n,q; Z: q,p"]).expr
    seen = set()
    for seed in range(6):
        sizes = sample([e], seed).sizes
        assert len(set(sizes.values())) == 4
        assert min(sizes.values()) >= 2
        seen.add(tuple(sizes.values()))
    assert len(seen) > 3


def test_sizes_leave_room_for_full_rank() -> None:
    for text in ("log(det(X'*X))", "tr(inv(X*X'))", "det(A*X*B)", "tr(sqrtm(X'*X))"):
        e = read(text, ["X: N,D; A: k,N; B: D,k"]).expr
        for seed in range(5):
            assert np.isfinite(evaluate(e, *_at(e, seed))).all()


def _at(e: Expr, seed: int) -> tuple[dict[str, np.ndarray], dict[str, int]]:
    point = sample([e], seed)
    return point.values, point.sizes


def test_named_sizes_large_enough_for_a_unit_vector() -> None:
    e = read("x'*unit(n,7)", ["x: n"]).expr
    assert sample([e]).sizes["n"] >= 7


def test_sizes_can_be_fixed() -> None:
    e = read("norm2(A*x)", ["A: m,n; x: n"]).expr
    point = sample([e], 1, fixed_sizes={"m": 2, "n": 2})
    assert point.sizes == {"m": 2, "n": 2}
    assert point.values["A"].shape == (2, 2)


def test_the_same_seed_gives_the_same_point() -> None:
    e = read("norm2(A*x)").expr
    one, two = sample([e], 4), sample([e], 4)
    assert one.sizes == two.sizes
    assert all((one.values[n] == two.values[n]).all() for n in one.values)


@pytest.mark.parametrize(
    "text",
    ["-sum(log(b-A*x))", "sum(sqrt(A*x-5))", "log(det(A))", "sum(log(-x))", "arcsin(x)",
     "sum(lgamma(A*x))", "(a'*X*b)^0.5", "log(1-x'*x)", "sum(x.^y)", "tr(logm(S))",
     "tr((A*X*B*X')^8)", "sum(exp(exp(exp(A*x))))", "tr(X^(1/2))", "sum(x./(y-z))",
     "eigmax(X+X')", "log(-log(x'*y))"],
)  # fmt: skip
def test_domains(text: str) -> None:
    declarations = ["y: scalar", "x: n"] if ".^" in text else []
    e = read(text, declarations).expr
    for seed in range(6):
        assert np.isfinite(evaluate(e, *_at(e, seed))).all()


def test_points_stay_away_from_kinks() -> None:
    e = read("sum(relu(A*x)+abs(max(B*x,b)))").expr
    for seed in range(10):
        point = sample([e], seed)
        v = point.values
        assert np.abs(v["A"] @ v["x"]).min() > 5e-3
        assert np.abs(v["B"] @ v["x"] - v["b"]).min() > 5e-3


def test_scalars_take_both_signs() -> None:
    e = read("s*t", ["s: scalar", "t: scalar"]).expr
    signs = {(p.values["s"].item() > 0, p.values["t"].item() > 0)
             for p in (sample([e], seed) for seed in range(6))}  # fmt: skip
    assert len(signs) == 4


def test_an_empty_domain_is_named() -> None:
    with pytest.raises(UnsupportedError, match=r"log\(-\(?x'\*x.*leaves its domain"):
        sample([read("log(-x'*x)").expr])
    with pytest.raises(UnsupportedError, match=r"singular|evaluated"):
        sample([read("tr(inv(ones(n,n)*A))").expr])


@pytest.mark.parametrize("text", [
    "tr(sin(B*B')) + log(x'*A*x)", "sum(i=1:n, exp(y[i])) + sqrt(det(A)) + log(x'*A*x)",
    "det(B)*sqrt(y'*B*y) + log(det(A))*log(tr(A))",
])  # fmt: skip
def test_values_kept_from_one_try_to_the_next(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A redrawn variable moves what it occurs in, and nothing else is evaluated again."""
    e = read(text, ["A: n,n; B: n,n; x: n; y: n"]).expr
    tried: list[Expr] = []
    plain = module.value_of
    monkeypatch.setattr(module, "value_of", lambda e, *rest: (tried.append(e), plain(e, *rest))[1])
    for seed in range(12):
        point = sample([e], seed)
        for part, value in point.known.items():
            assert np.array_equal(value, evaluate(part, point.values, point.sizes))
    first, last = (tried.count(a) for a in (e.args[0], e.args[-1].args[0]))
    assert last > 12 and first < last


def test_a_product_over_an_index_may_be_small() -> None:
    """Like a product written out: it is as exact as its factors."""
    e = read("log(prod(i=1:n, 0.01*x[i]^2))", ["x: n"]).expr
    assert np.isfinite(sample([e]).known[e]).all()
