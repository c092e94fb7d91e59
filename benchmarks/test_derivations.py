"""Derivations over the corpus: coverage, length, time."""

import statistics

from tests.derivation.walk import NEEDS_SCALAR, first_order, walk

from chainrule.derivation.data import METHODS


def test_derivations() -> None:
    chosen = first_order()
    done: dict[str, set[str]] = {c.id: set() for c in chosen}
    failed: set[str] = set()
    steps, times = [], []
    for method in METHODS:
        walk(chosen[0], method)  # imports are paid for here
        for w in (walk(c, method) for c in chosen):
            assert w.status in ("ok", "refused"), f"{w.case.id} by {method}: {w.detail}"
            if w.status == "ok":
                done[w.case.id].add(method)
                steps.append(w.steps)
                times.append(w.ms)
            elif NEEDS_SCALAR not in w.detail:
                failed.add(w.case.id)
    one = sum(bool(found) for found in done.values()) / len(chosen)
    applicable = 1 - len(failed) / len(chosen)
    print(f"\nby one method {100 * one:.1f} %, by all that apply {100 * applicable:.1f} %; "
          f"steps median {statistics.median(steps):g}, most {max(steps)}; "
          f"ms median {statistics.median(times):.0f}, worst {max(times):.0f}")  # fmt: skip
    assert one >= 0.95 and applicable >= 0.80
    assert statistics.median(steps) <= 12
    assert statistics.median(times) <= 150 and max(times) <= 2000
