"""The published derivatives as a test: run them, compare value and shape, measure the length.

``python -m tests.corpus`` prints one line per case that is not right and a summary;
``--all`` prints every case, ``--show ID`` one case in full, ``--worst 30`` the answers that are
longest compared with the published form, ``--slow 20`` the slowest, ``--only TEXT`` restricts to
ids that contain it, ``--where TEXT`` to inputs that contain it, ``--jobs 2`` runs in parallel.
"""

from __future__ import annotations

import argparse
import json
import signal
import statistics
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from chainrule import numeric
from chainrule.calculus import derive, equal
from chainrule.errors import CertificateError, ChainruleError
from chainrule.expr import Expr
from chainrule.read import read, read_pair
from chainrule.write import plain, tokens

FILE = Path(__file__).parent / "cases" / "derivatives.json"
LAYOUTS = {"vec_jacobian": "vec", "vec_hessian": "vec", "differential": "differential"}
CONVENTIONS = {"unstructured": "ignore", "symmetric_entries": "entries",
               "symmetric_projection": "project"}  # fmt: skip
TRAITS = {"probability_vector": "probability", "binary": "nonnegative", "plus_minus_one": None}
TOLERANCE = 1e-7
Values = dict[str, np.ndarray]


# -- the cases -------------------------------------------------------------------------------
@dataclass(frozen=True)
class Case:
    """One published derivative or identity."""

    id: str
    plain: str
    expected: str | None
    wrt: tuple[str, ...]
    kind: str
    layout: str
    order: int
    symmetric: str
    verified: bool
    variables: Mapping[str, Mapping[str, Any]] = field(hash=False)
    sizes: tuple[Mapping[str, int], ...] = field(hash=False)
    source: str = ""
    note: str | None = None

    @property
    def declarations(self) -> list[str]:
        """The variables of the input as declarations."""
        return [declaration(name, v) for name, v in self.variables.items() if not self._d(name)]

    @property
    def expected_declarations(self) -> list[str]:
        """The same, with the differentials that occur in the expected text."""
        return [declaration(name, v) for name, v in self.variables.items()]

    def _d(self, name: str) -> bool:
        return name[0] == "d" and name[1:] in self.variables


def declaration(name: str, variable: Mapping[str, Any]) -> str:
    """``A: n,n symmetric``."""
    traits = [TRAITS.get(a, a) for a in variable["attrs"]]
    shape = ",".join(str(s) for s in variable["shape"]) or "scalar"
    return " ".join([f"{name}: {shape}", *(t for t in traits if t)])


@cache
def cases() -> tuple[Case, ...]:
    """All cases of the file."""
    return tuple(_case(raw) for raw in json.loads(FILE.read_text(encoding="utf-8")))


def _case(raw: Mapping[str, Any]) -> Case:
    wrt = raw.get("wrt") or ()
    layout = LAYOUTS.get(raw["kind"]) or raw["layout"].replace("n/a", "gradient")
    return Case(
        raw["id"], raw["plain"], raw.get("expected_plain"),
        (wrt,) if isinstance(wrt, str) else tuple(wrt), raw["kind"], layout, raw["order"],
        CONVENTIONS[raw["convention"]], raw["verified"], raw["variables"],
        tuple(raw["test_dims"]), raw["source"], raw.get("note"),
    )  # fmt: skip


# -- random points -----------------------------------------------------------------------------
def draw(shape: tuple[int, int], attrs: Iterable[str], rng: np.random.Generator) -> np.ndarray:
    """A random value with the given traits."""
    (m, n), attrs = shape, set(attrs)
    x = rng.normal(size=shape)
    if "orthogonal" in attrs:
        return np.linalg.qr(x)[0]
    if "one_hot" in attrs:
        return np.eye(m)[:, [rng.integers(m)]]
    if attrs & {"probability_vector", "probability"}:
        x = np.exp(x)
        return x / x.sum()
    if "plus_minus_one" in attrs:
        return np.where(x > 0, 1.0, -1.0)
    if "binary" in attrs:
        return np.where(x > 0, 1.0, 0.0)
    if "positive_definite" in attrs:
        return x @ x.T / n + 0.5 * np.eye(n)
    if attrs & {"positive", "nonnegative"}:
        return rng.uniform(0.3, 1.7, shape)
    if "unit_interval" in attrs:
        return rng.uniform(0.1, 0.9, shape)
    if "symmetric" in attrs:
        x = (x + x.T) / 2
    if "invertible" in attrs:
        x = x + 2 * np.sign(np.trace(x)) * np.eye(n)
    return 0.2 * x if "small" in attrs else x


def point(case: Case, sizes: Mapping[str, int], rng: np.random.Generator) -> Values:
    """Values for all variables; a size that only stands in the text is read as a number."""
    values = {name: np.array([[float(size)]]) for name, size in sizes.items()}
    for name, v in case.variables.items():
        shape = [eval_size(str(s), sizes) for s in v["shape"]] + [1, 1]
        attrs = [*v["attrs"], v.get("sampling", "")]
        values[name] = draw((shape[0], shape[1]), attrs, rng)
    return values


def eval_size(text: str, sizes: Mapping[str, int]) -> int:
    """``2*m`` at ``{"m": 3}``."""
    product = 1
    for part in text.split("*"):
        product *= int(part) if part.isdigit() else sizes[part]
    return product


def points(
    case: Case, keep: Callable[[Values, Mapping[str, int]], bool], per_size: int = 2
) -> Iterator[tuple[Values, Mapping[str, int]]]:
    """Points at which ``keep`` holds, at both sizes."""
    rng = np.random.default_rng(crc32(case.id.encode()))
    for sizes in case.sizes:
        found = 0
        for _ in range(400):
            values = point(case, sizes, rng)
            if keep(values, sizes):
                yield values, sizes
                found += 1
                if found == per_size:
                    break
        if not found:
            raise AssertionError(f"{case.id}: no point inside the domain found at {sizes}")


# -- running one case ----------------------------------------------------------------------------
@dataclass(frozen=True)
class Outcome:
    """What became of a case. ``status``: ok, wrong, refused, crash, timeout, unread."""

    case: Case
    status: str
    detail: str = ""
    answer: str = ""
    ratio: float | None = None
    ms: float = 0.0


class _LateError(Exception):
    pass


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raise after so many seconds (main thread only)."""

    def late(*_: object) -> None:
        raise _LateError

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def run(case: Case, limit: float = 20.0) -> Outcome:
    """Answer the case and judge the answer."""
    try:
        with deadline(limit), warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return _identity(case) if case.kind == "identity" else _derivative(case)
    except _LateError:
        return Outcome(case, "timeout", f"longer than {limit:g} s", ms=1000 * limit)
    except CertificateError as error:
        return Outcome(case, "crash", f"CertificateError: {error.message}")
    except ChainruleError as error:
        return Outcome(case, "refused", f"{error.kind}: {error.message}")
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        return Outcome(case, "crash", f"{type(error).__name__} at {where}: {error}")


def _identity(case: Case) -> Outcome:
    assert case.expected is not None
    start = time.perf_counter()
    a, b = read_pair(case.plain, case.expected, case.declarations)
    verdict = equal(a.expr, b.expr)
    ms = 1000 * (time.perf_counter() - start)
    right = "equal" if case.verified else "different"
    status = {right: "ok", "unknown": "refused"}.get(verdict.verdict, "wrong")
    return Outcome(case, status, f"verdict {verdict.verdict}", verdict.verdict, None, ms)


def _derivative(case: Case) -> Outcome:
    start = time.perf_counter()
    reading = read(case.plain, case.declarations)
    wrt = case.wrt[0] if len(case.wrt) == 1 else case.wrt
    answer = derive(reading, wrt, order=case.order, layout=case.layout, symmetric=case.symmetric)
    ms = 1000 * (time.perf_counter() - start)
    names = [(name, plain(e)) for name, e in answer.where]
    text = plain(answer.result) + "".join(f"; {name} = {e}" for name, e in names)
    outcome = Outcome(case, "ok", "", text, None, ms)

    def ours(values: Values, sizes: Mapping[str, int]) -> np.ndarray:
        return evaluate_answer(answer.result, answer.where, values, sizes)

    if case.expected is None or not case.verified:
        problem = _against_differences(case, reading.expr, ours)
        return replace(outcome, status="wrong", detail=problem) if problem else outcome
    try:
        expected = read(case.expected, case.expected_declarations).expr
    except ChainruleError as error:
        return replace(outcome, status="unread", detail=error.pretty())
    length = tokens(plain(answer.result)) + sum(2 + tokens(e) for _, e in names)
    outcome = replace(outcome, ratio=length / tokens(case.expected))
    problem = _against_expected(case, reading.expr, expected, ours)
    return replace(outcome, status="wrong", detail=problem) if problem else outcome


Evaluated = Callable[[Values, Mapping[str, int]], np.ndarray]


def evaluate_answer(
    result: Expr,
    where: Sequence[tuple[str, Expr]],
    values: Mapping[str, np.ndarray],
    sizes: Mapping[str, int],
) -> np.ndarray:
    """Value of an answer whose intermediates have names."""
    known = dict(values)
    for name, e in where:
        known[name] = numeric.evaluate(e, known, sizes)
    return numeric.evaluate(result, known, sizes)


def _finite(e: Expr) -> Callable[[Values, Mapping[str, int]], bool]:
    def check(values: Values, sizes: Mapping[str, int]) -> bool:
        try:
            return bool(np.all(np.isfinite(numeric.evaluate(e, values, sizes))))
        except (np.linalg.LinAlgError, FloatingPointError):
            return False

    return check


def _against_expected(case: Case, f: Expr, expected: Expr, ours: Evaluated) -> str:
    inside, published = _finite(f), _finite(expected)
    for values, sizes in points(case, lambda v, s: inside(v, s) and published(v, s)):
        want = numeric.evaluate(expected, values, sizes)
        problem = _compare(ours(values, sizes), want, sizes)
        if problem:
            return problem
    return ""


def _compare(got: np.ndarray, want: np.ndarray, sizes: Mapping[str, int]) -> str:
    if got.shape != want.shape:
        return f"shape {got.shape}, published {want.shape}, at {dict(sizes)}"
    scale = max(1.0, float(np.max(np.abs(want), initial=0.0)))
    error = float(np.max(np.abs(got - want), initial=0.0)) / scale
    if not error < TOLERANCE:
        return f"value differs by {error:.2g} at {dict(sizes)}"
    return ""


def _against_differences(case: Case, f: Expr, ours: Evaluated) -> str:
    """For formulas that are wrong as published: compare with central differences."""
    (name,) = case.wrt
    for values, sizes in points(case, _finite(f)):
        x, h = values[name], 1e-5
        columns = []
        for j in range(x.shape[1]):
            for i in range(x.shape[0]):
                step = np.zeros_like(x)
                step[i, j] = h
                up = numeric.evaluate(f, {**values, name: x + step}, sizes)
                down = numeric.evaluate(f, {**values, name: x - step}, sizes)
                columns.append((up - down).reshape(-1, order="F") / (2 * h))
        jacobian = np.stack(columns, axis=1)
        if case.kind == "gradient" and case.layout == "gradient":
            want = jacobian.reshape(x.shape, order="F")
        elif case.kind == "jacobian" and case.layout == "numerator":
            want = jacobian
        else:
            raise AssertionError(f"{case.id}: no numerical reference for {case.kind}")
        got = ours(values, sizes)
        if got.shape != want.shape:
            return f"shape {got.shape}, differences {want.shape}"
        error = np.max(np.abs(got - want)) / max(1.0, np.max(np.abs(want)))
        if not error < 1e-6:
            return f"differs from central differences by {error:.2g} at {dict(sizes)}"
    return ""


def warm_up() -> None:
    """The first requests pay for imports; keep that out of the times."""
    for case in cases()[:3]:
        run(case)


# -- many cases ----------------------------------------------------------------------------------
def run_all(chosen: Iterable[Case], jobs: int = 1, limit: float = 20.0) -> list[Outcome]:
    """Run many cases, in their order."""
    chosen = list(chosen)
    if jobs == 1:
        warm_up()
        return [run(c, limit) for c in chosen]
    with ProcessPoolExecutor(jobs, initializer=warm_up) as pool:
        return list(pool.map(run, chosen, [limit] * len(chosen), chunksize=8))


def quantile(values: Sequence[float], q: float) -> float:
    """The value below which a part ``q`` of the values lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))] if ordered else float("nan")


def summary(outcomes: Sequence[Outcome]) -> str:
    """Counts, lengths and times."""
    counts: dict[str, int] = {}
    for o in outcomes:
        counts[o.status] = counts.get(o.status, 0) + 1
    verified = [o for o in outcomes if o.case.verified]
    good = sum(o.status == "ok" for o in verified)
    ratios = [o.ratio for o in outcomes if o.status == "ok" and o.ratio is not None]
    times = [o.ms for o in outcomes if o.ms]
    lines = [
        "  ".join(f"{k} {v}" for k, v in sorted(counts.items())),
        f"verified answered right: {good}/{len(verified)} = "
        f"{100 * good / max(1, len(verified)):.1f} % (goal 97 %, wrong 0)",
    ]
    if ratios:
        lines.append(
            f"length ratio: median {statistics.median(ratios):.2f} (goal 1.15), "
            f"p90 {quantile(ratios, 0.9):.2f} (goal 2.00), worst {max(ratios):.2f}"
        )
    if times:
        lines.append(
            f"time ms: median {statistics.median(times):.1f} (goal 10), "
            f"p99 {quantile(times, 0.99):.0f} (goal 150), worst {max(times):.0f}, "
            f"sum {sum(times) / 1000:.1f} s"
        )
    return "\n".join(lines)


def line(o: Outcome) -> str:
    """One line of the table."""
    ratio = f"{o.ratio:5.2f}" if o.ratio is not None else "     "
    question = f"{o.case.plain}  by {','.join(o.case.wrt)}" if o.case.wrt else o.case.plain
    text = f"{o.case.id:12} {o.status:8} {ratio} {o.ms:7.1f}  {_clip(question, 60)}"
    detail = o.detail.replace("\n", " ⏎ ")
    return f"{text}\n{' ' * 36}-> {_clip(detail, 150)}" if detail and o.status != "ok" else text


def _clip(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def full(o: Outcome) -> str:
    """Everything about one case."""
    c = o.case
    rows = {
        "source": c.source, "input": c.plain, "by": ", ".join(c.wrt),
        "declared": "; ".join(c.declarations), "note": c.note,
        "asked": f"{c.kind}, layout {c.layout}, order {c.order}, symmetric {c.symmetric}"
        + ("" if c.verified else "  (published form is FALSE)"),
        "expected": c.expected, "answer": o.answer, "detail": o.detail,
    }  # fmt: skip
    ratio = "" if o.ratio is None else f"   ratio {o.ratio:.2f}"
    head = f"{c.id}: {o.status}{ratio}   {o.ms:.1f} ms"
    return "\n".join([head, *(f"  {k:9}{v}" for k, v in rows.items() if v)])


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__)
    parser.add_argument("--only", metavar="TEXT", default="", help="ids that contain TEXT")
    parser.add_argument("--where", metavar="TEXT", default="", help="inputs that contain TEXT")
    parser.add_argument("--kind", default="", help="only this kind (gradient, vec_jacobian, …)")
    parser.add_argument("--show", metavar="ID", help="one case in full, with traceback if any")
    parser.add_argument("--worst", type=int, metavar="N", default=0, help="longest answers")
    parser.add_argument("--slow", type=int, metavar="N", nargs="?", const=20, default=0)
    parser.add_argument("--all", action="store_true", help="print every case")
    parser.add_argument("--answers", action="store_true", help="print every case in full")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--limit", type=float, default=20.0, help="seconds per case")
    options = parser.parse_args(argv)
    if options.show:
        outcomes = run_all((c for c in cases() if c.id == options.show), limit=options.limit)
        print("\n".join(map(full, outcomes)) or "no such case")
        return 0
    chosen = [
        c for c in cases()
        if options.only in c.id and options.where in c.plain and options.kind in ("", c.kind)
    ]  # fmt: skip
    outcomes = run_all(chosen, options.jobs, options.limit)
    for o in outcomes:
        if options.answers:
            print(full(o))
        elif options.all or o.status != "ok":
            print(line(o))
    if options.worst:
        print(f"\n-- longest answers compared with the published form ({options.worst})")
        measured = [o for o in outcomes if o.ratio is not None]
        for o in sorted(measured, key=lambda o: -(o.ratio or 0))[: options.worst]:
            print(f"{o.ratio:5.2f}  {o.case.id}: {_clip(o.case.plain, 90)}  by {o.case.wrt}")
            print(f"       published  {o.case.expected}\n       ours       {o.answer}")
    if options.slow:
        print(f"\n-- slowest ({options.slow})")
        for o in sorted(outcomes, key=lambda o: -o.ms)[: options.slow]:
            print(line(o))
    print("\n" + summary(outcomes))
    return 0 if all(o.status == "ok" for o in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
