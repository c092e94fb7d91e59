"""Derivations of all published first-order cases: complete, certified, short, never going back.

``python -m tests.derivation.walk`` prints what is refused or wrong and a summary for each method;
``--method M`` one method only, ``--show ID`` one case in full, ``--print`` every derivation.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from chainrule.calculus import equal
from chainrule.derivation import Derivation, Line, derivation, render
from chainrule.derivation.data import METHODS
from chainrule.derivation.labels import head
from chainrule.derivation.sentences import written
from chainrule.errors import ChainruleError, UnsupportedError
from chainrule.expr import Expr, node, substitute
from chainrule.read import read
from tests.corpus import Case, cases

NEEDS_SCALAR = "backpropagation starts from a scalar"


@dataclass(frozen=True)
class Walked:
    """What became of one case by one method. ``status``: ok, refused, wrong, crash."""

    case: Case
    method: str
    status: str
    detail: str = ""
    steps: int = 0
    ms: float = 0.0
    derivation: Derivation | None = field(default=None, repr=False)


def first_order() -> list[Case]:
    """The cases that ask for a first derivative."""
    return [c for c in cases() if c.order == 1 and c.kind != "identity" and len(c.wrt) == 1]


def walk(case: Case, method: str) -> Walked:
    """One derivation, judged."""
    start = time.perf_counter()
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            reading = read(case.plain, case.declarations)
            layout = case.layout
            if method != "differential" and layout == "differential":
                layout = "gradient"  # the other methods end with a derivative
            d = derivation(reading, case.wrt[0], method, layout=layout, symmetric=case.symmetric)
            ms = 1000 * (time.perf_counter() - start)
            problem = faults(d)
    except UnsupportedError as error:
        ms = 1000 * (time.perf_counter() - start)
        return Walked(case, method, "refused", error.message, ms=ms)
    except ChainruleError as error:
        return Walked(case, method, "wrong", f"{type(error).__name__}: {error.message}")
    except Exception as error:  # a crash is a finding, not the end of the walk
        return Walked(case, method, "crash", f"{type(error).__name__}: {error}")
    return Walked(case, method, "wrong" if problem else "ok", problem, len(d.steps), ms, d)


def faults(d: Derivation) -> str:
    """What is wrong with a derivation; empty if nothing is."""
    if not d.steps:
        return "no steps"
    if not d.certified:
        return "an uncertified step"
    if "{" in render(d).replace("{ ", "") or "\\" in render(d):
        return "an unfilled placeholder"
    lines = [shown(s.after) for s in d.steps]
    if len(set(lines)) < len(lines):
        return "a line comes twice"
    verdict = equal(written_out(d), goal(d)).verdict
    return "" if verdict == "equal" else f"the last line is {verdict} from the answer"


def shown(line: Line) -> str:
    """What a reader sees of a line."""
    return f"{head(line.label)} = {written(line.body, 'unicode')}"


def written_out(d: Derivation) -> Expr:
    """The last line without named parts."""
    table: dict[Expr, Expr] = {}
    for name, e in d.definitions.items():
        table[node("symbol", (), (name,), e.shape)] = substitute(e, table)
    return substitute(d.result, table)


def goal(d: Derivation) -> Expr:
    """The answer without named parts."""
    from chainrule.calculus.derive import restore
    from chainrule.derivation.problem import freed

    return freed(restore(d.answer.result, d.answer.where), d.variable)


def summary(found: Sequence[Walked]) -> str:
    """Coverage, steps and times of one method."""
    good = [w for w in found if w.status == "ok"]
    times = sorted(w.ms for w in found if w.ms)
    if not good:
        return "nothing"
    counts = {s: sum(w.status == s for w in found) for s in ("ok", "refused", "wrong", "crash")}
    steps = [w.steps for w in good]
    return (
        f"{good[0].method:13} {len(good)}/{len(found)} = {100 * len(good) / len(found):.1f} % "
        f"{counts}  steps median {statistics.median(steps):g}, most {max(steps)}  "
        f"ms median {statistics.median(times):.0f}, worst {times[-1]:.0f}"
    )


def full(w: Walked) -> str:
    """One derivation, or why there is none."""
    head = f"== {w.case.id} {w.method}: {w.case.plain}  by {w.case.wrt[0]}  [{w.ms:.0f} ms]"
    return f"{head}\n" + (render(w.derivation) if w.derivation else f"{w.status}: {w.detail}")


def main(argv: Iterable[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.derivation.walk", description=__doc__)
    parser.add_argument("--method", choices=METHODS)
    parser.add_argument("--show", default="", metavar="ID")
    parser.add_argument("--refused", action="store_true", help="print what is refused and why")
    parser.add_argument("--print", action="store_true", dest="every")
    options = parser.parse_args(None if argv is None else list(argv))
    chosen = [c for c in first_order() if options.show in c.id]
    bad, complete = 0, set()
    failed: set[str] = set()
    whole: dict[str, int] = {}
    summaries = []
    for method in [options.method] if options.method else METHODS:
        walk(first_order()[0], method)  # imports are paid for here
        found = [walk(c, method) for c in chosen]
        for w in found:
            bad += w.status in ("wrong", "crash")
            if w.status == "ok":
                complete.add(w.case.id)
                whole[w.case.id] = whole.get(w.case.id, 0) + 1
            elif NEEDS_SCALAR not in w.detail:
                failed.add(w.case.id)
            plainly = w.status == "refused" and not options.refused
            if options.show or options.every or (w.status != "ok" and not plainly):
                print(full(w))
        summaries.append(summary(found))
    print("\n".join(summaries))
    total = len(chosen)
    four = sum(n == len(METHODS) for n in whole.values())
    print(f"by at least one method: {len(complete)}/{total}")
    print(f"by all that apply (backprop needs a scalar): {total - len(failed)}/{total}; "
          f"by all four: {four}/{total}")  # fmt: skip
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
