"""Random well-typed expressions over variables of many shapes and traits; seeded.

Every operator of the table is reached. Functions with a domain get arguments that stay inside it by
construction (``log(1+x.^2)``, ``inv`` of a well-conditioned matrix, ``logm`` of a positive definite
one); where that is not possible the evaluation refuses the point.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction

import numpy as np

from chainrule.dims import ONE, SCALAR, Dim, Shape, dim
from chainrule.expr import Expr, number, size, symbol
from chainrule.ops import (
    TABLE,
    add,
    apply,
    call,
    constant,
    divide,
    ediv,
    epow,
    eye,
    hadamard,
    inv,
    mul,
    neg,
    ones,
    power,
    sub,
    transpose,
    zeros,
)  # fmt: skip
from chainrule.ops.build import half_size

SIZES = {"m": 2, "n": 3, "p": 4}
OTHER_SIZES = {"m": 4, "n": 2, "p": 3}
BASIC = [dim(s) for s in SIZES]

SYMBOLS: list[Expr] = [
    symbol("t"), symbol("c"), symbol("s", 1, 1, "positive"), symbol("x", "n"), symbol("z", "n"),
    symbol("y", "m"), symbol("w", "p"), symbol("u", "n", 1, "positive"),
    symbol("v", "m", 1, "unit_interval"), symbol("q", "n", 1, "probability"),
    symbol("h", "n", 1, "one_hot"), symbol("r", 1, "n"), symbol("A", "n", "n"),
    symbol("B", "m", "n"), symbol("C", "n", "p"), symbol("F", "m", "p"), symbol("G", "m", "n"),
    symbol("E", "m", "m"), symbol("H", "p", "p"), symbol("X", "n", "n", "invertible"),
    symbol("S", "n", "n", "symmetric"), symbol("P", "n", "n", "positive_definite"),
    symbol("M", "m", "m", "positive_definite"), symbol("D", "n", "n", "diagonal"),
    symbol("K", "n", "n", "skew"), symbol("Q", "n", "n", "orthogonal"),
    symbol("L", "n", "n", "lower"), symbol("U", "m", "m", "upper"),
    symbol("Y", "m", "n", "nonnegative"),
]  # fmt: skip
REAL = ("exp", "abs", "sign", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arctan", "erf",
        "sigmoid", "softplus", "relu", "leakyrelu", "gelu", "step")  # fmt: skip
POSITIVE = ("log", "sqrt", "lgamma", "digamma", "trigamma")
UNIT = ("arcsin", "arccos")
Make = Callable[[], Expr]


class Generator:
    """Draws expressions; one instance per seed.

    Parameters
    ----------
    seed
        Same seed, same expression.
    depth
        Greatest depth of the choices (what a guard wraps around comes on top).
    """

    def __init__(self, seed: int, depth: int = 6) -> None:
        self.rng = random.Random(seed)
        self.depth = depth
        self.pool: dict[Shape, list[Expr]] = {}

    def expression(self) -> Expr:
        """A random expression, scalars first of all."""
        depth = max(self.rng.randint(1, self.depth), self.rng.randint(1, self.depth))
        shape = self.rng.choices(
            [SCALAR, (self.basic(), ONE), (self.basic(), self.basic()), (ONE, self.basic())],
            [10, 4, 3, 1],
        )[0]
        return self.make(shape, depth)

    def basic(self) -> Dim:
        """One of the named sizes."""
        return self.rng.choice(BASIC)

    def inner(self, depth: int) -> Dim:
        """A size to sum over."""
        if depth > 0 and self.rng.random() < 0.25:
            a, b = self.basic(), self.basic()
            return self.rng.choice([a + b, a * b, a * a, half_size(a)])
        return self.basic()

    # -- any shape -----------------------------------------------------------------------------
    def make(self, shape: Shape, depth: int) -> Expr:
        """An expression of the shape."""
        shared = self.pool.setdefault(shape, [])
        if shared and self.rng.random() < 0.15:
            return self.rng.choice(shared)
        if depth <= 0:
            e = self.leaf(shape)
        else:
            options = self.options(shape, depth - 1)
            e = self.rng.choices([o for o, _ in options], [w for _, w in options])[0]()
        assert e.shape == shape, (e.op, e.shape, shape)
        shared.append(e)
        return e

    def leaf(self, shape: Shape) -> Expr:
        """A variable or a constant."""
        rows, cols = shape
        same = [s for s in SYMBOLS if s.shape == shape]
        flipped = [transpose(s) for s in SYMBOLS if s.shape == (cols, rows)]
        if shape == SCALAR:
            if self.rng.random() < 0.25:
                return self.rng.choice([self.number(), size(self.basic()), constant("pi")])
            return self.rng.choice(same)
        choices: list[tuple[Make, float]] = []
        if same:
            choices.append((lambda: self.rng.choice(same), 6))
        if flipped:
            choices.append((lambda: self.rng.choice(flipped), 3))
        choices.append((lambda: ones(rows, cols), 0.4 if choices else 1))
        if len(choices) == 1 and ONE not in shape:
            left, right = (rows, ONE), (ONE, cols)
            choices.append((lambda: mul(self.column(left, 0), self.make(right, 0)), 2))
        choices.append((lambda: zeros(rows, cols), 0.05))
        if rows == cols and rows != ONE:
            choices.append((lambda: eye(rows), 0.6))
        if cols == ONE and rows.name:
            choices.append((lambda: constant("unit", rows, self.rng.randint(1, 2)), 0.3))
        return self.rng.choices([c for c, _ in choices], [w for _, w in choices])[0]()

    def number(self) -> Expr:
        """A small number."""
        return number(self.rng.choice(
            [2, 3, -1, -2, Fraction(1, 2), Fraction(-3, 2), Fraction(1, 3), Fraction("0.1")]
        ))  # fmt: skip

    def options(self, shape: Shape, depth: int) -> list[tuple[Make, float]]:
        """Weighted ways to an expression of the shape."""
        rows, cols = shape
        r = self.rng
        some: list[tuple[Make, float]] = [
            (lambda: self.leaf(shape), 1.5),
            (lambda: self.sum_of(shape, depth), 3),
            (lambda: mul(self.scalar(depth), self.make(shape, depth)), 1.5),
            (lambda: divide(self.make(shape, depth), self.positive(SCALAR, depth)), 0.7),
            (lambda: self.product(shape, depth), 4),
            (lambda: apply(r.choice(REAL), self.make(shape, depth)), 2.5),
            (lambda: apply(r.choice(POSITIVE), self.positive(shape, depth)), 1.5),
            (lambda: apply(r.choice(UNIT), self.unit(shape, depth)), 0.5),
            (lambda: apply(r.choice(("max", "min")), self.make(shape, depth),
                           self.make(r.choice([shape, SCALAR]), depth)), 0.6),
            (lambda: call(r.choice(("phi", "psi")), self.make(shape, depth), r.choice((0, 0, 1))),
             0.8),
            (lambda: epow(self.make(shape, depth), number(r.choice((2, 2, 3)))), 1.2),
            (lambda: epow(self.positive(shape, depth), self.exponent(depth)), 0.8),
        ]  # fmt: skip
        if shape == SCALAR:
            return [*some, *self.scalar_options(depth)]
        some += [
            (lambda: transpose(self.make((cols, rows), depth)), 1),
            (lambda: hadamard(self.make(shape, depth), self.make(shape, depth)), 2.5),
            (lambda: ediv(self.make(shape, depth), self.positive(shape, depth)), 0.8),
        ]
        if cols == ONE:
            some += self.column_options(rows, depth)
        elif rows == ONE:
            some += self.row_options(cols, depth)
        elif rows.name and cols.name:
            some += self.matrix_options(shape, depth)
            if rows == cols:
                some += self.square_options(rows, depth)
        return some

    def sum_of(self, shape: Shape, depth: int) -> Expr:
        """Sum or difference; now and then a scalar spreads."""
        terms = [self.make(shape, depth)]
        for _ in range(self.rng.choice((1, 1, 1, 2))):
            e = self.make(SCALAR if self.rng.random() < 0.12 else shape, depth)
            terms.append(neg(e) if self.rng.random() < 0.4 else e)
        self.rng.shuffle(terms)
        return add(*terms)

    def product(self, shape: Shape, depth: int) -> Expr:
        """Matrix product over a size; for sums of sizes blocks meet blocks."""
        k = self.inner(depth)
        if k.name is None and len(k.terms) == 2 and self.rng.random() < 0.7:
            parts = [dim(name) for name in sorted(k.names)]
            if len(parts) == 2 and parts[0] + parts[1] == k:
                left = [self.make((shape[0], part), depth) for part in parts]
                right = [self.make((part, shape[1]), depth) for part in parts]
                return mul(apply("hcat", *left), apply("vcat", *right))
        return mul(self.make((shape[0], k), depth), self.make((k, shape[1]), depth))

    def scalar(self, depth: int) -> Expr:
        """A scalar, often just a number or a variable."""
        return self.number() if self.rng.random() < 0.4 else self.make(SCALAR, depth - 1)

    def exponent(self, depth: int) -> Expr:
        """Exponent for a positive base."""
        if self.rng.random() < 0.3:
            return symbol("t")
        return number(self.rng.choice([-1, -2, Fraction(1, 2), Fraction(-1, 2), Fraction(3, 2)]))

    # -- by kind -------------------------------------------------------------------------------
    def scalar_options(self, depth: int) -> list[tuple[Make, float]]:
        """Reductions."""
        r = self.rng
        n = self.basic()

        def any_shape() -> Expr:
            return self.make((self.basic(), r.choice([ONE, self.basic()])), depth)

        def vector() -> Expr:
            return self.make((self.basic(), ONE), depth)

        def kronecker() -> Expr:
            a, b = self.basic(), self.basic()
            pair = apply("kron", self.make((a, a), depth - 1), self.make((b, b), depth - 1))
            return apply(r.choice(("tr", "det", "sum")), pair)

        return [
            (lambda: apply("tr", self.make((n, n), depth)), 4),
            (lambda: apply(r.choice(("sum", "sum", "mean")), any_shape()), 3),
            (lambda: apply("norm2", vector()), 1.5),
            (lambda: power(apply("norm2", vector()), number(2)), 1),
            (lambda: power(apply("normF", any_shape()), number(r.choice((1, 2)))), 1),
            (lambda: apply("norm1", any_shape()), 0.5),
            (lambda: apply("logsumexp", vector()), 1),
            (lambda: apply(r.choice(("det", "logdet")), self.invertible(n, depth)), 2),
            (lambda: apply("det", self.make((n, n), depth)), 0.5),
            (lambda: apply("eigmax", self.symmetric(n, depth)), 0.7),
            (lambda: self.quadratic(n, depth), 2),
            (kronecker, 0.4),
            (lambda: self.trace_of_function(n, depth), 1),
        ]

    def trace_of_function(self, n: Dim, depth: int) -> Expr:
        """tr(f(X)) for a function of a matrix."""
        r = self.rng
        return apply("tr", r.choice([
            lambda: apply(r.choice(("expm", "sinm", "cosm")),
                          mul(number(Fraction(1, 2)), self.make((n, n), depth))),
            lambda: apply(r.choice(("logm", "sqrtm")), self.definite(n, depth)),
            lambda: power(self.definite(n, depth), symbol("t")),
            lambda: power(self.make((n, n), depth), number(r.choice((2, 3, 5)))),
        ])())  # fmt: skip

    def quadratic(self, n: Dim, depth: int) -> Expr:
        """x'*A*x."""
        x = self.make((n, ONE), depth)
        return mul(transpose(x), self.make((n, n), depth), x)

    def column(self, shape: Shape, depth: int) -> Expr:
        """A column, also of a compound size."""
        return self.make(shape, depth)

    def column_options(self, rows: Dim, depth: int) -> list[tuple[Make, float]]:
        """Columns of a named size, of a product, a sum or a half square of sizes."""
        names = [dim(name) for name, p in _powers(rows) for _ in range(p)]
        if rows.name:
            return [
                (lambda: apply(self.rng.choice(("softmax", "logsoftmax")),
                               self.make((rows, ONE), depth)), 1),
                (lambda: apply("diag", self.make((rows, rows), depth)), 1),
                (lambda: apply(self.rng.choice(("sum_rows", "logsumexp_rows")),
                               self.make((rows, self.basic()), depth)), 1),
                (lambda: mul(inv(self.invertible(rows, depth)), self.make((rows, ONE), depth)), 1),
            ]  # fmt: skip
        if len(rows.terms) == 2:
            half = [n for n in BASIC if half_size(n) == rows]
            if half:
                n = half[0]
                return [
                    (lambda: apply("vech", self.make((n, n), depth)), 4),
                    (lambda: mul(constant("elim", n), apply("vec", self.make((n, n), depth))), 2),
                ]
            a, b = (dim(name) for name in sorted(rows.names))
            if a + b != rows:
                return []
            top, bottom = (a, ONE), (b, ONE)
            return [(lambda: apply("vcat", self.make(top, depth), self.make(bottom, depth)), 6)]
        if len(names) == 2:
            a, b = names
            more: list[tuple[Make, float]] = [
                (lambda: apply("vec", self.make((a, b), depth)), 5),
                (lambda: apply("kron", self.make((a, ONE), depth), self.make((b, ONE), depth)), 3),
                (lambda: mul(constant("commut", a, b), apply("vec", self.make((a, b), depth))), 2),
            ]
            if a == b:
                square = (a, a)
                more.append(
                    (lambda: mul(constant("dup", a), apply("vech", self.make(square, depth))), 2)
                )
            return more
        return []

    def row_options(self, cols: Dim, depth: int) -> list[tuple[Make, float]]:
        """Rows."""
        if not cols.name:
            return [(lambda: transpose(self.make((cols, ONE), depth)), 8)]
        return [
            (lambda: apply("sum_cols", self.make((self.basic(), cols), depth)), 1),
            (lambda: transpose(self.make((cols, ONE), depth)), 2),
        ]

    def matrix_options(self, shape: Shape, depth: int) -> list[tuple[Make, float]]:
        """Matrices of two named sizes."""
        rows, cols = shape
        r = self.rng

        def outer() -> Expr:
            return mul(self.make((rows, ONE), depth), self.make((ONE, cols), depth))

        more: list[tuple[Make, float]] = [
            (lambda: apply(r.choice(("softmax_rows", "logsoftmax_rows")),
                           self.make(shape, depth)), 0.7),
            (outer, 1.5),
            (lambda: mul(apply("diag", self.make((rows, ONE), depth)), self.make(shape, depth)), 1),
        ]  # fmt: skip
        if rows != cols:
            more.append((lambda: apply("pinv", self.make((cols, rows), min(depth, 1))), 0.5))
        return more

    def square_options(self, n: Dim, depth: int) -> list[tuple[Make, float]]:
        """Functions of matrices."""
        r = self.rng
        shape = (n, n)

        def function() -> Expr:
            half = number(Fraction(1, 2))
            return apply(r.choice(("expm", "sinm", "cosm")), mul(half, self.make(shape, depth)))

        return [
            (lambda: inv(self.invertible(n, depth)), 2),
            (lambda: apply("diag", self.make((n, ONE), depth)), 1.5),
            (function, 0.8),
            (lambda: apply(r.choice(("logm", "sqrtm")), self.definite(n, depth)), 0.5),
            (lambda: apply("adj", self.invertible(n, depth)), 0.5),
            (lambda: power(self.make(shape, depth), number(r.choice((2, 3)))), 1),
            (lambda: power(self.invertible(n, depth), number(r.choice((-2, -3)))), 0.5),
            (lambda: power(self.definite(n, depth), number(Fraction(1, 2))), 0.2),
            (lambda: self.top_projector(n, depth), 0.2),
            (lambda: apply("pinv", self.invertible(n, depth)), 0.2),
        ]

    def top_projector(self, n: Dim, depth: int) -> Expr:
        """v*v' for the top eigenvector (free of its sign)."""
        v = apply("vmax", self.symmetric(n, depth))
        return mul(v, transpose(v))

    # -- guarded arguments -----------------------------------------------------------------------
    def positive(self, shape: Shape, depth: int) -> Expr:
        """Positive entries."""
        r = self.rng
        known = [s for s in SYMBOLS if s.shape == shape
                 and s.traits & {"positive", "unit_interval"}]  # fmt: skip
        if known and r.random() < 0.3:
            return r.choice(known)
        e = self.make(shape, depth)
        return r.choice(
            [
                lambda: add(number(1), epow(e, number(2))),
                lambda: add(epow(e, number(2)), number(Fraction(1, 2))),
                lambda: apply("exp", apply("tanh", e)),
                lambda: add(apply("softplus", e), number(Fraction(1, 2))),
                lambda: add(apply("sigmoid", e), number(Fraction(1, 2))),
                lambda: sub(number(2), apply("sin", e)),
            ]
        )()

    def unit(self, shape: Shape, depth: int) -> Expr:
        """Entries between -1 and 1."""
        e = self.make(shape, depth)
        inside = apply(self.rng.choice(("sin", "tanh", "erf")), e)
        return mul(number(Fraction(3, 4)), inside)

    def symmetric(self, n: Dim, depth: int) -> Expr:
        """A symmetric matrix."""
        r = self.rng
        known = [s for s in SYMBOLS if s.shape == (n, n)
                 and s.traits & {"symmetric", "positive_definite", "diagonal"}]  # fmt: skip
        if known and r.random() < 0.5:
            return r.choice(known)
        e = self.make((n, n), depth - 1)
        return r.choice([lambda: add(e, transpose(e)), lambda: mul(e, transpose(e))])()

    def definite(self, n: Dim, depth: int) -> Expr:
        """A positive definite matrix."""
        r = self.rng
        known = [s for s in SYMBOLS if s.shape == (n, n) and "positive_definite" in s.traits]
        if known and r.random() < 0.5:
            return r.choice(known)
        e = self.make((n, r.choice([ONE, n])), depth - 1)
        return add(eye(n), mul(e, transpose(e)))

    def invertible(self, n: Dim, depth: int) -> Expr:
        """A matrix that is mostly well conditioned."""
        r = self.rng
        known = [s for s in SYMBOLS if s.shape == (n, n)
                 and s.traits & {"invertible", "positive_definite", "orthogonal"}]  # fmt: skip
        if known and r.random() < 0.4:
            return r.choice(known)
        return r.choice(
            [
                lambda: self.definite(n, depth),
                lambda: add(mul(number(4), eye(n)), apply("sin", self.make((n, n), depth))),
                lambda: self.make((n, n), depth),
            ]
        )()


def _powers(d: Dim) -> tuple[tuple[str, int], ...]:
    return d.terms[0][0] if len(d.terms) == 1 and d.terms[0][1] == 1 else ()


def expression(seed: int, depth: int = 6) -> Expr:
    """The random expression of a seed."""
    return Generator(seed, depth).expression()


def sample(e: Expr, rng: np.random.Generator, sizes: dict[str, int]) -> np.ndarray:
    """A random value for a variable, obeying its traits."""
    m, n = e.shape[0].at(sizes), e.shape[1].at(sizes)
    x = rng.normal(size=(m, n))
    for trait in sorted(e.traits):
        x = _OBEY[trait](x, rng)
    return x


def _one_hot(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.eye(x.shape[0])[:, [rng.integers(x.shape[0])]]


_OBEY: dict[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]] = {
    "positive": lambda x, rng: rng.uniform(0.3, 1.7, x.shape),
    "nonnegative": lambda x, rng: rng.uniform(0.1, 1.7, x.shape),
    "unit_interval": lambda x, rng: rng.uniform(0.1, 0.9, x.shape),
    "probability": lambda x, rng: np.exp(x) / np.exp(x).sum(),
    "one_hot": _one_hot,
    "invertible": lambda x, rng: x + 2 * np.sign(np.trace(x)) * np.eye(len(x)),
    "symmetric": lambda x, rng: (x + x.T) / 2,
    "skew": lambda x, rng: (x - x.T) / 2,
    "positive_definite": lambda x, rng: x @ x.T / len(x) + 0.4 * np.eye(len(x)),
    "diagonal": lambda x, rng: np.diag(np.diag(x)),
    "orthogonal": lambda x, rng: np.linalg.qr(x)[0],
    "lower": lambda x, rng: np.tril(x),
    "upper": lambda x, rng: np.triu(x),
}


def operators(e: Expr) -> set[str]:
    """The rows of the table that occur."""
    from chainrule.expr import postorder

    return {node.op for node in postorder(e) if node.op in TABLE}
