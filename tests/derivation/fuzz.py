"""Derivations of random expressions: none may crash, repeat a line or end elsewhere.

``python -m tests.derivation.fuzz --count 500 --seed 1`` prints what goes wrong, shortest first.
"""

from __future__ import annotations

import argparse
import signal
import sys
import warnings
from collections import Counter
from collections.abc import Iterable

import numpy as np

from chainrule.calculus import derive
from chainrule.derivation import derivation
from chainrule.derivation.data import METHODS
from chainrule.errors import ChainruleError, LimitError, UnsupportedError
from tests.derivation.walk import faults
from tests.properties.fuzz import Question, question

SECONDS = 20


def stop(number: int, frame: object) -> None:
    """Too long."""
    raise LimitError("too long")


def judge(q: Question, method: str) -> str:
    """``ok``, ``refused`` or what is wrong."""
    signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            d = derivation(q.expr, q.by, method, layout=q.layout, symmetric=q.symmetric)
            return faults(d) or "ok"
    except (UnsupportedError, LimitError):
        return "refused"
    except ChainruleError as error:
        return f"{type(error).__name__}: {error.message[:200]}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        signal.alarm(0)


def main(argv: Iterable[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.derivation.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--depth", type=int, default=4)
    options = parser.parse_args(None if argv is None else list(argv))
    counts: Counter[str] = Counter()
    bad: list[tuple[int, str]] = []
    for seed in range(options.seed, options.seed + options.count):
        q = question(seed, options.depth)
        if q is None or q.order != 1:
            continue
        try:
            derive(q.expr, q.by, layout=q.layout, symmetric=q.symmetric)
        except ChainruleError:
            continue  # no answer, no derivation
        for method in METHODS:
            found = judge(q, method)
            counts[f"{method} {found if found in ('ok', 'refused') else 'wrong'}"] += 1
            if found not in ("ok", "refused"):
                bad.append((len(str(q)), f"{method}: {found}\n  {q}"))
    print("\n".join(text for _, text in sorted(bad)))
    print(dict(sorted(counts.items())))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
