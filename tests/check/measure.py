"""Figures of the checker on the cases: ``python -m tests.check.measure [wrong|true|chains|seeds]``.

``--show`` prints every case that is not as it should be, ``--only TEXT`` restricts to ids.
"""

from __future__ import annotations

import argparse
import statistics
import time
import traceback
from collections import Counter
from collections.abc import Callable
from typing import Any

from chainrule.check import Mend, Verdict, judge, judge_chain
from chainrule.check.compare import agreement
from chainrule.check.points import Clock, Points
from chainrule.check.rough import solid
from chainrule.errors import ChainruleError
from tests.check import documents
from tests.check.cases import KINDS, chain_of, claim_of, load
from tests.figures import peak_memory

Show = Callable[[str], None]


def timed(raw: dict[str, Any], right: str, mend: bool = True) -> tuple[Verdict | str, float]:
    """Verdict, or what went wrong, and milliseconds."""
    start = time.perf_counter()
    try:
        claim, layout, symmetric = claim_of(raw, right)
        found: Verdict | str = judge(claim, layout=layout, symmetric=symmetric, mend=mend)
    except ChainruleError as error:
        found = f"{error.kind}: {error.message}"
    except Exception:
        found = "crash: " + traceback.format_exc(limit=-3)
    return found, 1000 * (time.perf_counter() - start)


def speed(times: list[float]) -> str:
    """Median and worst."""
    return f"median {statistics.median(times):.0f} ms, worst {max(times):.0f} ms"


def same_as_published(raw: dict[str, Any], mend: Mend | None) -> bool:
    """Is the mend the published correction, whichever way it is written?"""
    if mend is None or not raw.get("correct_plain"):
        return False
    right = claim_of(raw, raw["correct_plain"])[0].sides[1]
    try:
        mended = solid(mend.expr)
    except ChainruleError:
        return False
    if mended.shape != right.shape:
        return False
    return agreement(mended, right, Points([mended, right]), Clock(5)).verdict == "equal"


def wrong(only: str, show: Show) -> None:
    """Wrong answers: detected, mended, named."""
    detected, mended, small, named, same, times = 0, 0, 0, 0, 0, []
    kinds: Counter[str] = Counter()
    cases = [c for c in load("wrong_answers") if only in c["id"]]
    for raw in cases:
        found, ms = timed(raw, raw["wrong_plain"])
        times.append(ms)
        if isinstance(found, str):
            show(f"{raw['id']} {found}")
            continue
        kinds[found.kind] += 1
        seen = found.kind in ("false", "ill_formed", "true_if", "true_in_layout")
        detected += seen
        mended += found.mend is not None
        near = found.mend is not None and found.mend.weight < 9
        small += near
        equals = same_as_published(raw, found.mend)
        same += equals
        good = bool(found.slip) and found.slip.kind in KINDS.get(raw["mistake"], {found.slip.kind})  # type: ignore[union-attr]
        named += good
        if not seen or not near or not good or not equals:
            slip = f"{found.slip.kind}: {found.slip.message}" if found.slip else ""
            mend = found.mend.plain if found.mend else "-"
            show(f"{raw['id']} {raw['mistake']} {found.kind} {found.layout or ''} {ms:.0f}ms "
                 f"{found.conditions or ''}\n    f {raw['plain']}\n    wrong {raw['wrong_plain']}\n"
                 f"    right {raw.get('correct_plain')}\n    mend  {mend}\n    {slip} "
                 f"{found.reason or ''}")  # fmt: skip
    n = len(cases)
    print(f"wrong answers: {detected}/{n} detected, {mended}/{n} with a mend, {same}/{n} mends "
          f"as published, {small}/{n} by a small edit, {named}/{n} slips named fairly; "
          f"{speed(times)}; {dict(kinds)}")  # fmt: skip


def true(only: str, show: Show) -> None:
    """Right answers: none of them may be called wrong."""
    times: list[float] = []
    kinds: Counter[str] = Counter()
    cases = [(c, c["correct_plain"]) for c in load("wrong_answers") if c.get("correct_plain")]
    cases += [(c, c["expected_plain"]) for c in load("derivatives")
              if c["verified"] and c["kind"] != "identity" and c.get("expected_plain")]  # fmt: skip
    for raw, right in cases:
        if only not in raw["id"]:
            continue
        found, ms = timed(raw, right)
        times.append(ms)
        kind = found if isinstance(found, str) else found.kind
        kinds[kind.split(":")[0]] += 1
        if kind != "true":
            text = kind if isinstance(found, str) else f"{found.slip} {found.conditions}"
            reason = "" if isinstance(found, str) else found.reason or ""
            show(f"{raw['id']} {kind[:60]} {ms:.0f}ms\n    f {raw['plain']} by {raw['wrt']} "
                 f"({raw['kind']}, {raw['layout']})\n    right {right}\n"
                 f"    {text} {reason}")  # fmt: skip
    print(f"true answers: {dict(kinds)}; {speed(times)}")


def chains(only: str, show: Show) -> None:
    """Derivations: the first wrong step, and the result."""
    right, results, times = 0, 0, []
    cases = [c for c in load("derivations") if only in c["id"]]
    for raw in cases:
        start = time.perf_counter()
        found = judge_chain(chain_of(raw))
        times.append(1000 * (time.perf_counter() - start) / len(raw["steps"]))
        right += found.first_doubtful == raw.get("first_wrong_step")
        result, _ = timed(raw, raw["result_plain"])
        good = not isinstance(result, str) and (result.kind == "true") == raw["result_correct"]
        results += good
        if found.first_doubtful != raw.get("first_wrong_step") or found.first_wrong or not good:
            v = found.verdict
            got = result if isinstance(result, str) else result.kind
            show(f"{raw['id']} step {found.first_doubtful}, expected "
                 f"{raw.get('first_wrong_step')}; {v.kind} {v.slip} "
                 f"{v.mend.plain if v.mend else ''}; result {got}")  # fmt: skip
    print(f"derivations: first wrong step right in {right}/{len(cases)}, result in "
          f"{results}/{len(cases)}; per step {speed(times)}")  # fmt: skip


def seeds(only: str, show: Show) -> None:
    """Statements of the founding documents, typed."""
    counts: Counter[tuple[str, str]] = Counter()
    times: list[float] = []
    for raw in documents.statements():
        if only not in raw["id"]:
            continue
        start = time.perf_counter()
        try:
            found = documents.run(raw)
        except Exception:
            found = "crash: " + traceback.format_exc(limit=-3)
        times.append(1000 * (time.perf_counter() - start))
        kind = "unread" if isinstance(found, str) else found[0].kind
        counts[raw["verdict"], kind] += 1
        text = found if isinstance(found, str) else ""
        if not isinstance(found, str):
            v = found[0]
            text = f"{v.slip} {v.conditions} {v.reason}\n    mend {v.mend.plain if v.mend else '-'}"
        if kind not in documents.GOOD[raw["verdict"]] or raw["verdict"] != "true":
            show(f"{raw['id']} {raw['verdict']} -> {kind} ({raw.get('layout')}) {times[-1]:.0f}ms "
                 f"{raw.get('error_class') or ''}\n    {raw['plain'][:300]}\n"
                 f"    expected {str(raw.get('expected'))[:200]}\n    {text}")  # fmt: skip
    print(f"documents: {dict(counts)}; {speed(times)}")


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=[])
    parser.add_argument("--only", default="")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    parts = {"wrong": wrong, "true": true, "chains": chains, "seeds": seeds}
    for name in options.what or parts:
        parts[name](options.only, print if options.show else lambda _: None)
    print(peak_memory())


if __name__ == "__main__":
    main()
