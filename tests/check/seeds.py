"""Verdicts on the founding documents as they are: ``python -m tests.check.seeds [000 …] [--show]``.

For every document: the true statements that hold, are unknown, or got no verdict; the wrong ones
that are detected, their mends, and the others; and the false alarms, of which there must be none.
A mend is *as given* where it is the known correction; see :mod:`tests.check.given`.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from chainrule.check.document import Checked, Report, check_document
from chainrule.check.verdict import WRONG
from tests.check.given import same_as_given
from tests.figures import peak_memory
from tests.statements import founding

COLUMNS = ("holds", "unknown", "no verdict", "FALSE ALARM", "detected", "mended", "as given",
           "missed", "wrong, unknown", "wrong, no verdict")  # fmt: skip
SLIPPED = (*WRONG, "true_if")
"""Of a wrong statement: within one unit of the last digit, or under a condition, is noticed too."""


@dataclass
class Outcome:
    """What became of the entries of one document.

    Attributes
    ----------
    states
        By the id of the entry, one of the columns; a detected one is in ``mended`` and ``given``
        too where that is so.
    alarms
        Lines and texts of statements called wrong that are not.
    """

    report: Report
    states: dict[str, str] = field(default_factory=dict)
    alarms: list[tuple[int, str]] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)

    @property
    def counts(self) -> Counter[str]:
        """By column."""
        found = Counter(self.states.values())
        found["FALSE ALARM"] = len(self.alarms)
        found["mended"], found["as given"] = len(self.mended), len(self.given)
        return found


def outcome(number: str) -> Outcome:
    """A founding document, checked and compared with what is known of it."""
    report = check_document(founding.document(number), name=f"{number}.txt")
    entries = founding.entries(number)
    keys = [founding.bare(e["latex"]) for e in entries]
    wrong = [k for k, e in zip(keys, entries, strict=True) if e["verdict"] in WRONG]
    judged = [c for c in report.statements if c.verdict is not None]
    bare = [founding.bare(c.stated.source) for c in judged]
    found = Outcome(report)
    for own, checked in zip(bare, judged, strict=True):
        known = any(own in k or k in own for k in wrong) and len(own) > founding.LEAST
        if _kind(checked) in WRONG and not known:
            found.alarms.append((checked.placed.line, checked.stated.source))
    for entry, key in zip(entries, keys, strict=True):
        if entry["verdict"] == "n/a":
            continue
        hits = [judged[k] for k in founding.best(key, bare)]
        found.states[entry["id"]] = _state(entry, hits)
        if found.states[entry["id"]] == "detected":
            bad = next(c for c in hits if _kind(c) in SLIPPED)
            assert bad.verdict is not None
            if bad.verdict.mend is not None or bad.verdict.rewrite is not None:
                found.mended.append(entry["id"])
            if same_as_given(entry, bad):
                found.given.append(entry["id"])
    return found


def _kind(checked: Checked) -> str:
    return checked.verdict.kind if checked.verdict is not None else ""


def _state(entry: dict[str, Any], hits: Sequence[Checked]) -> str:
    kinds = {_kind(c) for c in hits}
    wrong = entry["verdict"] in WRONG
    if wrong and kinds & set(SLIPPED):
        return "detected"
    if kinds & set(WRONG):
        return "holds"  # a part of it is wrong, as an alarm would tell
    if not hits:
        return "wrong, no verdict" if wrong else "no verdict"
    if "unknown" in kinds:
        return "wrong, unknown" if wrong else "unknown"
    return "missed" if wrong else "holds"


def show(number: str, found: Outcome) -> None:
    """All that is not simply true, line by line."""
    print(f"\n{number}: {found.report.layout} layout ({found.report.layout_by})")
    bare = [founding.bare(c.stated.source) for c in found.report.statements]
    for entry in founding.entries(number):
        what = found.states.get(entry["id"])
        if what in (None, "holds", "no verdict"):
            continue
        if what == "detected":
            what += " as given" if entry["id"] in found.given else " (mend differs)"
        print(f"{entry['id']} {what}: {entry['latex'][:110]}\n    "
              f"{entry.get('error_class') or ''} -> {entry.get('expected', '')[:110]}")  # fmt: skip
        for k in founding.best(founding.bare(entry["latex"]), bare):
            checked = found.report.statements[k]
            v = checked.verdict
            if v is not None:
                slip = f"{v.slip.kind}: {v.slip.message[:90]}" if v.slip else v.reason or ""
                mend = f" | mend {v.mend.plain[:90]}" if v.mend else ""
                print(f"    line {checked.placed.line} {v.kind} {slip[:130]}{mend}")
    for line, source in found.alarms:
        print(f"FALSE ALARM in line {line}: {source[:120]}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("numbers", nargs="*", default=[])
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    total: Counter[str] = Counter()
    rows = []
    for number in options.numbers or founding.NUMBERS:
        start = time.perf_counter()
        found = outcome(number)
        seconds = time.perf_counter() - start
        total += found.counts
        rows.append((number, found.counts, f"{seconds:7.1f} s"))
        if options.show:
            show(number, found)
    print("\ndocument  " + "  ".join(COLUMNS))
    for number, counts, last in [*rows, ("all", total, "")]:
        print(f"{number:8}  " + "  ".join(f"{counts[c]:{len(c)}}" for c in COLUMNS) + last)
    print(peak_memory())


if __name__ == "__main__":
    main()
