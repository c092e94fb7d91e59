"""How much of the founding documents is read: ``python -m tests.statements.measure [000 …]``.

An entry is *read* if every statement that it consists of is an expression, an equation, a
definition or a declaration; *partly*, if some are; *refused*, if none is; *not printed*, if it is
no formula of the document. ``--show`` prints the readings of all that is not simply read,
``--all`` of everything.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from typing import Any

from chainrule.statements import DocumentReading, Placed, read_document
from chainrule.write import plain
from tests.statements import founding

STATES = ("read", "partly", "refused", "not printed")


def reading(number: str) -> DocumentReading:
    """A founding document, read."""
    return read_document(founding.document(number), name=f"{number}.txt")


def statements_of(entry: dict[str, Any], found: DocumentReading) -> list[Placed]:
    """The statements that an entry is about."""
    key = founding.bare(entry["latex"])
    out = []
    for placed in found.statements:
        own, formula = founding.bare(placed.stated.source), founding.bare(placed.formula.text)
        near = formula in key or key in formula
        if key in own or (len(own) > 2 and own in key and near):
            out.append(placed)
    return out


def state(placed: list[Placed]) -> str:
    """One of :data:`STATES`."""
    if not placed:
        return "not printed"
    unread = [p for p in placed if p.stated.kind == "unread"]
    if not unread:
        return "read"
    good = any(p.stated.sides or p.stated.kind == "declaration" for p in placed)
    return "partly" if good else "refused"


def states(number: str) -> dict[str, str]:
    """What became of every entry of a document."""
    found = reading(number)
    return {e["id"]: state(statements_of(e, found)) for e in founding.entries(number)}


def show(entry: dict[str, Any], placed: list[Placed], what: str) -> None:
    """The readings of one entry, beside what was meant."""
    print(f"{entry['id']} {what}: {entry['latex'][:120]}\n    meant {entry.get('plain', '')[:160]}")
    for p in placed:
        s = p.stated
        text = " | ".join(plain(side.expr)[:120] for side in s.sides)
        print(f"    {p.line}:{p.column} {s.kind} {s.name or ''} {text}"
              f"{s.error.message[:120] if s.error else ''}")  # fmt: skip


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("numbers", nargs="*", default=[])
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    print("document  " + "  ".join(f"{s:>11}" for s in STATES) + "   statements  seconds")
    total: Counter[str] = Counter()
    for number in options.numbers or founding.NUMBERS:
        start = time.perf_counter()
        found = reading(number)
        seconds = time.perf_counter() - start
        counts: Counter[str] = Counter()
        for entry in founding.entries(number):
            placed = statements_of(entry, found)
            what = state(placed)
            counts[what] += 1
            if options.all or (options.show and what != "read"):
                show(entry, placed, what)
        total += counts
        print(f"{number:8}  " + "  ".join(f"{counts[s]:11}" for s in STATES)
              + f"  {len(found.statements):11}  {seconds:7.2f}")  # fmt: skip
    print("all       " + "  ".join(f"{total[s]:11}" for s in STATES))


if __name__ == "__main__":
    main()
