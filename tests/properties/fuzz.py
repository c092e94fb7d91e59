"""Random expressions: value, derivative and round trip against independent computation.

``python -m tests.properties.fuzz --count 20000 --seed 1 --jobs 2`` prints every mismatch with the
shortest reproduction it finds, and how many expressions were right, refused or out of domain.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np

from chainrule import numeric
from chainrule.calculus import Answer, derive
from chainrule.dims import ONE
from chainrule.errors import CertificateError, ChainruleError, LimitError, UnsupportedError
from chainrule.expr import Expr, postorder, size_names, substitute, symbols
from chainrule.read import read
from chainrule.write import plain
from tests.properties import autodiff
from tests.properties.abstract import phi
from tests.properties.autodiff import OutsideError
from tests.properties.generate import OTHER_SIZES, SIZES, SYMBOLS, expression, sample

TOLERANCE = 1e-6
SECONDS = 30
Values = dict[str, np.ndarray]


@dataclass(frozen=True)
class Question:
    """What is asked of an expression."""

    expr: Expr
    by: str
    layout: str
    symmetric: str
    order: int = 1
    certify: bool = False

    def __str__(self) -> str:
        more = "; ".join(declarations(self.expr))
        return (
            f'chainrule derive "{plain(self.expr)}" --wrt {self.by} --order {self.order} '
            f'--layout {self.layout} --symmetric {self.symmetric} --var "{more}"'
        )


@dataclass(frozen=True)
class Verdict:
    """``right``, ``outside``, ``refused …`` or a ``mismatch`` (value, derivative, crash, …)."""

    seed: int
    status: str
    detail: str = ""
    question: str = ""

    @property
    def bad(self) -> bool:
        """A fault of ours?"""
        return self.status.startswith("mismatch")


class MismatchError(Exception):
    """Two ways of computing the same do not agree."""


def declarations(e: Expr) -> list[str]:
    """The variables of the expression as text."""
    found, declared = [], symbols(e)
    missing = size_names(e) - size_names(*declared.values())
    for s in SYMBOLS:  # a size that stands in the text only is known by a variable that has it
        if s.shape[0].name in missing and s.shape[1] == ONE and not s.traits:
            declared = {**declared, s.name: s}
            missing -= s.shape[0].names
    for name, s in declared.items():
        shape = "scalar" if s.is_scalar else str(s.shape[0])
        if s.shape[1] != ONE:
            shape = f"{s.shape[0]},{s.shape[1]}"
        found.append(" ".join([f"{name}: {shape}", *sorted(s.traits)]))
    return found


# -- what to ask ---------------------------------------------------------------------------------
def question(seed: int, depth: int = 6, certify: float = 0.1) -> Question | None:
    """The question of a seed; None if the expression has no variable."""
    e = expression(seed, depth)
    names = list(symbols(e))
    if not names:
        return None
    rng = random.Random(seed ^ 0x5EED)
    by = rng.choice(names)
    x = symbols(e)[by]
    layout = rng.choice(layouts(e, x))
    symmetric = "ignore"
    if x.traits & {"symmetric", "positive_definite"} and e.is_scalar and layout == "gradient":
        symmetric = rng.choice(("ignore", "project", "entries"))
    order = 1
    if e.is_scalar and not x.traits & STRUCTURED and rng.random() < 0.1:
        order, layout = 2, "gradient" if x.shape[1] == ONE else "vec"
    return Question(e, by, layout, symmetric, order, rng.random() < certify)


STRUCTURED = {"symmetric", "positive_definite", "diagonal", "skew", "orthogonal", "lower", "upper"}


def layouts(e: Expr, x: Expr) -> list[str]:
    """Layouts that mean something for e by x."""
    if e.is_scalar:
        return [*["gradient"] * 3, "numerator", "denominator", "vec", "differential"]
    if x.is_scalar or e.shape[1] == ONE == x.shape[1]:
        return ["gradient", "numerator", "denominator", "vec", "differential"]
    return ["vec", "differential"]


# -- the comparison ------------------------------------------------------------------------------
def points(q: Question, wanted: int = 2) -> Iterator[tuple[Values, dict[str, int]]]:
    """Points well inside the domain; :class:`OutsideError` if none is found."""
    rng = np.random.default_rng(crc32(q.by.encode()) ^ len(postorder(q.expr)))
    found, why = 0, OutsideError("no point")
    for attempt in range(6 * wanted):
        sizes = SIZES if attempt % 2 == 0 else OTHER_SIZES
        values = {name: sample(s, rng, sizes) for name, s in symbols(q.expr).items()}
        try:
            autodiff.value_and_pullback(q.expr, q.by, values, sizes, phi)
        except OutsideError as outside:
            why = outside
            continue
        yield values, sizes
        found += 1
        if found == wanted:
            return
    if not found:
        raise why


def check(q: Question) -> None:
    """Everything about one question.

    Raises
    ------
    MismatchError
        With what was found.
    OutsideError
        If no point inside the domain was found.
    UnsupportedError, LimitError
        If the library refuses.
    """
    inside = list(points(q))
    for values, sizes in inside:
        want, _ = autodiff.value_and_pullback(q.expr, q.by, values, sizes, phi)
        got = numeric.evaluate(q.expr, values, sizes)
        _agree("value", got, want)
    round_trip(q.expr)
    withheld = ""
    try:
        answer = _derive(q, q.certify)
    except CertificateError as error:  # a wrong answer, or a false alarm of the certificate?
        answer, withheld = _derive(q, False), error.message
    problems = []
    for number, (values, sizes) in enumerate(inside):
        rng = np.random.default_rng(number)
        x = values[q.by]
        direction = rng.normal(size=x.shape)
        known = {**values, f"d{q.by}": direction}
        for name, e in answer.where:
            known[name] = numeric.evaluate(e, known, sizes)
        got = numeric.evaluate(answer.result, known, sizes)
        try:
            if q.order == 2:
                _compare_hessian(q, values, sizes, got, direction)
            else:
                _compare(q, values, sizes, got, direction, rng)
        except MismatchError as mismatch:
            problems.append(f"{mismatch} at {sizes}; ours: {plain(answer.result)}")
    if len(problems) == len(inside):  # at every point: not a matter of rounding
        raise MismatchError(problems[0])
    if withheld:
        raise MismatchError(f"certificate: false alarm: {withheld}")


def _derive(q: Question, certify: bool) -> Answer:
    return derive(
        q.expr, q.by, order=q.order, layout=q.layout, symmetric=q.symmetric, check=certify
    )


def round_trip(e: Expr) -> None:
    """Reading what was written gives the identical expression."""
    text = plain(e)
    try:
        back = read(text, declarations(e)).expr
    except ChainruleError as error:
        raise MismatchError(f"round trip: {text} is not read: {error.message}") from error
    if back is not e:
        raise MismatchError(f"round trip: {text} reads back as {plain(back)}")


def _agree(what: str, got: np.ndarray, want: np.ndarray, tolerance: float = TOLERANCE) -> None:
    if np.shape(got) != np.shape(want):
        raise MismatchError(f"{what}: shape {np.shape(got)}, should be {np.shape(want)}")
    error = np.max(np.abs(got - want), initial=0) / max(1.0, np.max(np.abs(want), initial=0))
    if not error < tolerance:
        raise MismatchError(f"{what}: differs by {error:.2g} (relative)")


def _compare(
    q: Question, values: Values, sizes: dict[str, int], got: np.ndarray, direction: np.ndarray,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    value, pull = autodiff.value_and_pullback(q.expr, q.by, values, sizes, phi)
    weight = rng.normal(size=value.shape)
    gradient = pull(weight)
    what = f"derivative ({q.layout})"
    if q.layout == "differential":
        _shape(what, got, value.shape)
        _agree(what, np.sum(weight * got), np.sum(gradient * direction))
    elif q.layout == "vec":
        _shape(what, got, (value.size, gradient.size))
        _agree(what, _vec(weight).T @ got, _vec(gradient).T)
    else:
        if q.layout == ("numerator" if value.size == 1 else "denominator"):
            got = got.T
        if value.size == 1:
            _agree(what, weight * got, _structured(gradient, q.symmetric))
        elif gradient.size == 1:
            _shape(what, got, value.shape)
            _agree(what, np.sum(weight * got), np.sum(gradient))
        else:
            _shape(what, got, (value.size, gradient.size))
            _agree(what, weight.T @ got, gradient.T)


def _shape(what: str, got: np.ndarray, shape: tuple[int, ...]) -> None:
    if got.shape != shape:
        raise MismatchError(f"{what}: shape {got.shape}, should be {shape}")


def _vec(x: np.ndarray) -> np.ndarray:
    return x.reshape(-1, 1, order="F")


def _structured(g: np.ndarray, symmetric: str) -> np.ndarray:
    if symmetric == "project":
        return (g + g.T) / 2
    return g + g.T - g * np.eye(len(g)) if symmetric == "entries" else g


def _compare_hessian(
    q: Question, values: Values, sizes: dict[str, int], got: np.ndarray, direction: np.ndarray
) -> None:
    h = 1e-5
    one = np.ones((1, 1))
    sides = []
    for sign in (1, -1):
        moved = {**values, q.by: values[q.by] + sign * h * direction}
        sides.append(autodiff.value_and_pullback(q.expr, q.by, moved, sizes, phi)[1](one))
    want = _vec(sides[0] - sides[1]) / (2 * h)
    _shape("hessian", got, (direction.size, direction.size))
    _agree("hessian times direction", got @ _vec(direction), want, 1e-4)


# -- one seed, many seeds --------------------------------------------------------------------------
class _LateError(Exception):
    pass


def _late(*_: object) -> None:
    raise _LateError


def judge(q: Question, seed: int) -> Verdict:
    """Check and name the outcome."""
    signal.signal(signal.SIGALRM, _late)
    signal.alarm(SECONDS)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            check(q)
    except OutsideError as outside:
        return Verdict(seed, "outside", str(outside))
    except MismatchError as mismatch:
        text = str(mismatch)
        return Verdict(seed, f"mismatch {text.split(':')[0]}", text, str(q))
    except (UnsupportedError, LimitError) as error:
        return Verdict(seed, f"refused {error.kind}", error.message, str(q))
    except _LateError:
        return Verdict(seed, "mismatch timeout", f"longer than {SECONDS} s", str(q))
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        kind = type(error).__name__
        return Verdict(seed, f"mismatch crash {kind} {where}", str(error), _safe(q))
    finally:
        signal.alarm(0)
    return Verdict(seed, "right")


def _safe(q: Question) -> str:
    try:
        return str(q)
    except Exception:
        return f"(cannot be printed) {q.expr.op} by {q.by}"


def fuzz(seed: int, depth: int = 6, certify: float = 0.1, shrink: bool = True) -> Verdict:
    """The verdict of one seed."""
    q = question(seed, depth, certify)
    if q is None:
        return Verdict(seed, "outside", "no variable")
    verdict = judge(q, seed)
    return shortest(q, verdict) if verdict.bad and shrink else verdict


def shortest(q: Question, verdict: Verdict, tries: int = 150) -> Verdict:
    """A smaller expression with a mismatch of the same kind."""
    shrunk = True
    start = time.monotonic()
    while shrunk and tries > 0 and time.monotonic() - start < 60:
        shrunk = False
        for smaller in _smaller(q):
            tries -= 1
            found = judge(smaller, verdict.seed)
            if found.status == verdict.status:
                q, verdict, shrunk = smaller, found, True
                break
            if tries <= 0:
                break
    return verdict


def _smaller(q: Question) -> Iterator[Question]:
    """Sub-expressions, and the expression with one node replaced by a variable."""
    x = symbols(q.expr)[q.by]
    nodes = postorder(q.expr)
    for e in nodes[:-1]:
        if q.by in symbols(e) and e is not x:
            layout = q.layout if q.layout in layouts(e, x) else "vec"
            yield _asking(q, e, layout if e.is_scalar or q.order == 1 else "vec")
    for e in reversed(nodes[:-1]):
        for s in SYMBOLS:
            if s.shape == e.shape and e.args and not s.traits - {"positive"}:
                try:
                    smaller = substitute(q.expr, {e: s})
                except ChainruleError:
                    continue
                if q.by in symbols(smaller) and len(postorder(smaller)) < len(nodes):
                    yield _asking(q, smaller, q.layout)


def _asking(q: Question, e: Expr, layout: str) -> Question:
    symmetric = q.symmetric if e.is_scalar else "ignore"
    return Question(e, q.by, layout, symmetric, q.order if e.is_scalar else 1, q.certify)


def _block(seeds: range, depth: int, certify: float) -> list[Verdict]:
    return [fuzz(seed, depth, certify) for seed in seeds]


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.properties.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1, help="first seed")
    parser.add_argument("--depth", type=int, default=6)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--certify", type=float, default=0.1, help="share derived with certificate")
    parser.add_argument("--show", type=int, default=10, help="mismatches printed of each kind")
    parser.add_argument("--refused", action="store_true", help="count refusals by message")
    options = parser.parse_args(argv)
    start = time.monotonic()
    last = options.seed + options.count
    blocks = [range(s, min(s + 50, last)) for s in range(options.seed, last, 50)]
    counts: Counter[str] = Counter()
    refusals: Counter[str] = Counter()
    with ProcessPoolExecutor(options.jobs) as pool:
        rest = [options.depth] * len(blocks), [options.certify] * len(blocks)
        for verdicts in pool.map(_block, blocks, *rest):
            for v in verdicts:
                counts[v.status] += 1
                if v.status.startswith("refused"):
                    refusals[v.detail[:70]] += 1
                if v.bad and counts[v.status] <= options.show:
                    print(f"seed {v.seed}: {v.status}\n  {v.detail}\n  {v.question}", flush=True)
    if options.refused:
        for message, n in refusals.most_common(40):
            print(f"{n:6}  {message}")
    seconds = time.monotonic() - start
    bad = sum(n for status, n in counts.items() if status.startswith("mismatch"))
    for status, n in sorted(counts.items()):
        print(f"{n:7}  {status}")
    print(
        f"{options.count} expressions from seed {options.seed} in {seconds:.0f} s "
        f"({options.count / seconds:.0f}/s): {bad} mismatches"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
