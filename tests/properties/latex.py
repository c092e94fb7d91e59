"""LaTeX out and back in: what ``latex`` writes, ``read_latex`` reads as the same expression.

``python -m tests.properties.latex --count 20000 --seed 1`` prints every expression that does not
come back and how many came back identical or canonically equal; ``--style T,bold,Tr`` writes in
another style, ``--style any`` in a random one.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
from collections import Counter
from dataclasses import dataclass

from chainrule.calculus import derive, equal, restore
from chainrule.dims import ONE
from chainrule.errors import ChainruleError
from chainrule.expr import Expr, size_names, symbols
from chainrule.read import read_latex
from chainrule.write import LatexStyle, latex, plain
from tests.calculus.test_indexed import random_sum
from tests.properties.fuzz import declarations
from tests.properties.generate import expression

SECONDS = 30
STYLES = tuple(
    ",".join(p for p in (transpose, *extra) if p)
    for transpose in ("", "T", "'", r"\intercal")
    for extra in ((), ("bold",), ("Tr",), ("bold", "Tr"))
)


@dataclass(frozen=True)
class Verdict:
    """``identical``, ``equal`` or ``mismatch …``, with what was written."""

    seed: int
    status: str
    detail: str = ""

    @property
    def bad(self) -> bool:
        """A fault of the writer or the reader?"""
        return self.status.startswith("mismatch")


def subject(seed: int, depth: int = 5) -> Expr:
    """The expression of a seed: of matrices, of sums over an index, or a derivative of these."""
    kind = seed % 4
    e = random_sum(seed) if kind == 1 else expression(seed, depth)
    if kind != 3:
        return e
    rng = random.Random(seed)
    if seed % 8 == 3:
        e = random_sum(seed)
    names = sorted(symbols(e))
    if not names:
        return e
    try:
        layout = "gradient" if e.is_scalar else rng.choice(("vec", "differential"))
        answer = derive(e, rng.choice(names), layout=layout, check=False)
    except ChainruleError:
        return e
    return restore(answer.result, answer.where)


def declared(e: Expr) -> list[str]:
    """Declarations of all variables, families with their index."""
    found = []
    for name, s in symbols(e).items():
        if "family" not in s.traits:
            continue
        count, width = s.shape
        members = "scalar" if width == ONE else str(width)
        found.append(f"{name}_i: {members}, i=1:{count}")
    families = {d.partition("_i")[0] for d in found}
    simple = [d for d in declarations(e) if d.partition(":")[0] not in families]
    missing = size_names(e) - size_names(*symbols(e).values())
    return [*found, *simple, *(f"{n}: size" for n in sorted(missing) if n in "mnpkqr")]


def round_trip(e: Expr, style: LatexStyle | None = None) -> tuple[str, str]:
    """What became of an expression: a status and the text."""
    text = latex(e, style)
    try:
        back = read_latex(text, declared(e)).expr
    except ChainruleError as error:
        return "mismatch unread", f"{text}\n  {plain(e)}\n  {error.message} at {error.at}"
    if back is e:
        return "identical", text
    if back.shape != e.shape:
        return "mismatch shape", f"{text}\n  {plain(e)}\n  read as {plain(back)}"
    verdict = equal(e, back)
    if verdict.verdict == "equal":
        return "equal", f"{text}\n  {plain(e)}\n  read as {plain(back)}"
    return f"mismatch {verdict.verdict}", f"{text}\n  {plain(e)}\n  read as {plain(back)}"


class _LateError(Exception):
    pass


def _late(*_: object) -> None:
    raise _LateError


def judge(seed: int, depth: int = 5, style: str = "") -> Verdict:
    """The verdict of one seed."""
    signal.signal(signal.SIGALRM, _late)
    signal.alarm(SECONDS)
    chosen = random.Random(seed).choice(STYLES) if style == "any" else style
    try:
        return Verdict(seed, *round_trip(subject(seed, depth), LatexStyle.parse(chosen)))
    except _LateError:
        return Verdict(seed, "late", f"longer than {SECONDS} s")
    except Exception as error:
        return Verdict(seed, f"mismatch crash {type(error).__name__}", str(error))
    finally:
        signal.alarm(0)


def main() -> int:
    """Run by hand."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--count", type=int, default=1000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--depth", type=int, default=5)
    arguments.add_argument("--style", default="", help="as of --latex-style; any: a random one")
    arguments.add_argument("--show", default="mismatch", help="print what begins so; all: '' ")
    options = arguments.parse_args()
    counts: Counter[str] = Counter()
    bad = 0
    for seed in range(options.seed, options.seed + options.count):
        verdict = judge(seed, options.depth, options.style)
        counts[verdict.status] += 1
        bad += verdict.bad
        if verdict.status.startswith(options.show):
            print(f"{verdict.status} (seed {seed}): {verdict.detail}", flush=True)
    total = sum(counts.values())
    print(f"{total} expressions:", ", ".join(f"{n} {what}" for what, n in counts.most_common()))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
