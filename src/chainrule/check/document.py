"""Check a document: every statement judged by what the document declares and defines."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Any

from chainrule.check.context import ZERO, Context, names_of
from chainrule.check.facts import Fact, fact_of
from chainrule.check.layered import in_layers
from chainrule.check.layouts import derivative_nodes
from chainrule.check.membership import Letters, letters_in
from chainrule.check.points import Clock
from chainrule.check.solutions import stationarity
from chainrule.check.statement import moving_in, verdict_on
from chainrule.check.summed import says_so
from chainrule.check.verdict import VERDICTS, WRONG, Verdict, unknown
from chainrule.check.wording import wrong_words
from chainrule.documents import Document
from chainrule.expr import Expr, symbols
from chainrule.read.session import Stated
from chainrule.statements import DocumentReading, Placed, read_document
from chainrule.write import latex, plain

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Checked:
    """A statement with its verdict.

    Attributes
    ----------
    placed
        The statement and its place.
    verdict
        None where nothing is claimed: definitions, declarations, conditions to be solved.
    follows
        Lines of wrong statements that it relies on; it is judged on its own step all the same.
    """

    placed: Placed
    verdict: Verdict | None
    follows: tuple[int, ...] = ()

    @property
    def stated(self) -> Stated:
        """What was read."""
        return self.placed.stated

    def to_json(self) -> dict[str, Any]:
        """As in the contract."""
        assert self.verdict is not None
        sides = self.stated.expressions
        return {
            "line": self.placed.line, "column": self.placed.column, "text": self.stated.source,
            "reading": {"plain": joined(sides, plain, "=="), "latex": joined(sides, latex, "=")},
            **self.verdict.to_json(),
            "follows": list(self.follows), "remarks": list(self.stated.remarks),
        }  # fmt: skip


def joined(sides: Sequence[Expr], write: Callable[[Expr], str], sign: str) -> str:
    """Sides with a sign between them."""
    return f" {sign} ".join(write(s) for s in sides)


@dataclass(frozen=True)
class Report:
    """A checked document.

    Attributes
    ----------
    layout
        The layout that was expected: asked for, said in the document, or its most frequent one.
    layout_by
        ``asked``, ``declared``, ``dominant`` or ``default``.
    """

    reading: DocumentReading
    statements: tuple[Checked, ...]
    layout: str
    layout_by: str

    @property
    def claims(self) -> tuple[Checked, ...]:
        """Statements that claim something."""
        return tuple(s for s in self.statements if s.verdict is not None)

    @property
    def wrong(self) -> tuple[Checked, ...]:
        """Those that are false or ill-formed."""
        return tuple(s for s in self.claims if s.verdict is not None and s.verdict.kind in WRONG)

    @property
    def ok(self) -> bool:
        """Nothing wrong was found."""
        return not self.wrong

    @property
    def summary(self) -> dict[str, int]:
        """How many of each verdict."""
        counts = Counter(s.verdict.kind for s in self.claims if s.verdict is not None)
        return {kind: counts.get(kind, 0) for kind in VERDICTS}

    def to_json(self) -> dict[str, Any]:
        """As in the contract."""
        return {
            "layout": self.layout, "layout_by": self.layout_by,
            "statements": [s.to_json() for s in self.claims], "summary": self.summary,
        }  # fmt: skip


def check_document(
    source: str,
    *,
    kind: str | None = None,
    name: str = "",
    declarations: Sequence[str] = (),
    layout: str | None = None,
    symmetric: str | None = None,
    budget_s: float = 3.0,
    limit_s: float | None = None,
    progress: Progress | None = None,
) -> Report:
    """Read a document and judge all it states.

    Parameters
    ----------
    source, kind, name, declarations
        As for :func:`chainrule.statements.read_document`.
    layout
        The layout that derivatives must have; left out, that of the document.
    symmetric
        Convention for symmetric variables; left out, all are accepted.
    budget_s
        Seconds for one statement at most.
    limit_s
        Seconds for the whole document; what is left then is unknown.
    progress
        Called with the number of statements judged and to be judged.

    Raises
    ------
    ChainruleError
        Only for a wrong ``kind`` or wrong declarations.
    """
    clock = Clock(limit_s if limit_s is not None else inf)
    half = None if limit_s is None else limit_s / 2
    reading = read_document(source, kind=kind, name=name, declarations=declarations, limit_s=half)
    expected = layout or reading.layout
    by = "asked" if layout else "declared" if expected else "default"
    checked: list[Checked] = []
    wrong: dict[int, int] = {}
    memory: dict[object, tuple[Stated | None, Verdict | None]] = {}
    before: Stated | None = None
    moving: frozenset[str] = frozenset()
    zero: Expr | None = None
    facts: tuple[Fact, ...] = ()
    solutions, declared = _told(reading)
    letters = _letters(reading)
    summing = says_so(reading.document.source)
    count = len(reading.statements)
    for n, placed in enumerate(reading.statements):
        if progress is not None:
            progress(n, count)
        stated = placed.stated
        if n and placed.formula.scope_id != reading.statements[n - 1].formula.scope_id:
            before, moving, zero, facts = None, frozenset(), None, ()
        moving |= moving_in(stated.expressions)
        earlier = before.expressions if before else ()
        key = _key(stated, earlier, moving, zero, facts)
        if key not in memory or stated.kind in ("unread", "declaration"):
            context = Context(
                expected, symmetric, budget_s, before,
                solutions[placed.formula.scope_id], declared[placed.formula.scope_id], moving,
                zero, letters.get(placed.formula.scope_id, Letters()), facts, summing,
            )  # fmt: skip
            if clock.over:
                memory[key] = None, _too_late(stated)
            else:
                memory[key] = in_layers(stated, context, _judged)
        instance, verdict = memory[key]
        if instance is not None:
            stated = replace(instance, text=stated.text, at=stated.at, end=stated.end,
                             number=stated.number)  # fmt: skip
        follows = tuple(sorted({wrong[k] for k in stated.relies_on if k in wrong}))
        checked.append(Checked(replace(placed, stated=stated), verdict, follows))
        if verdict is not None and verdict.kind in WRONG:
            wrong[stated.number] = placed.line
        found = stationarity(stated)
        zero = zero if found is None else found
        fact = fact_of(stated, verdict)
        facts = facts if fact is None or fact in facts else (*facts, fact)
        if stated.kind in ("equation", "definition"):
            before = stated
    checked = _with_words(checked, reading.document)
    if progress is not None:
        progress(count, count)
    if expected is None:
        dominant = _dominant(checked)
        if dominant is not None:
            return Report(reading, tuple(_by_layout(c, dominant) for c in checked), dominant,
                          "dominant")  # fmt: skip
    return Report(reading, tuple(checked), expected or "gradient", by)


def _with_words(checked: Sequence[Checked], document: Document) -> list[Checked]:
    """Statements made in words among those in formulas, in the order of the document."""
    said = [Checked(placed, verdict) for placed, verdict in wrong_words(document)]
    return sorted([*said, *checked], key=lambda c: c.placed.formula.offset) if said else [*checked]


def _key(stated: Stated, earlier: tuple[Expr, ...], *around: object) -> object:
    """By what a statement is judged; one on layers is judged for its instances."""
    if stated.instances:
        told = tuple((s.expressions, tuple(names_of(s).items())) for s in stated.instances)
        return (stated.source, stated.after, told, *around)
    return (stated.source, stated.after, stated.expressions, earlier, *around)


def _judged(stated: Stated, context: Context) -> Verdict | None:
    """The verdict; a fault of ours in one statement leaves the others alone."""
    try:
        return verdict_on(stated, context)
    except Exception as failure:
        return unknown(f"internal error ({type(failure).__name__}: {failure}); please report this")


def _too_late(stated: Stated) -> Verdict | None:
    claims = stated.kind in ("equation", "unread") and stated.relations
    return unknown("the time for this document is over") if claims else None


def _told(
    reading: DocumentReading,
) -> tuple[dict[int, dict[str, Expr]], dict[int, frozenset[str]]]:
    """By scope: values concluded for variables that something was differentiated by; declarations.

    Only what follows a derivative set to zero counts as a solution.
    """
    solutions: dict[int, dict[str, Expr]] = defaultdict(dict)
    declared: dict[int, frozenset[str]] = defaultdict(frozenset)
    waiting: dict[int, set[str]] = defaultdict(set)
    for placed in reading.statements:
        scope, stated = placed.formula.scope_id, placed.stated
        declared[scope] |= {d.name for d in stated.declarations}
        sides = stated.expressions
        for e in derivative_nodes(*sides):
            if sides[-1] == ZERO and e.args[1].op == "symbol":
                waiting[scope].add(e.args[1].name.removesuffix("_inv"))
        if stated.kind == "equation" and len(sides) > 1 and sides[0].op == "symbol":
            name, value = sides[0].name, sides[-1]
            if name in waiting[scope] and name not in symbols(value):
                solutions[scope].setdefault(name, value)
    return solutions, declared


def _letters(reading: DocumentReading) -> dict[int, Letters]:
    """By scope with claims on sizes: ``f(x)`` and ``y = h(x)`` in its text, formulas and words."""
    out: dict[int, Letters] = {}
    for scope in {p.formula.scope_id for p in reading.statements if p.stated.member is not None}:
        here = [f for f in reading.document.formulas if f.scope_id == scope]
        start = max(0, here[0].offset - len(here[0].before))
        out[scope] = letters_in(reading.document.source[start : here[-1].end])
    return out


def _dominant(checked: Sequence[Checked]) -> str | None:
    """The layout other than gradient that most derivatives of a document have."""
    found = Counter(
        c.verdict.layout for c in checked
        if c.verdict is not None and c.verdict.holds and c.verdict.layout
    )  # fmt: skip
    if not found:
        return None
    layout, times = found.most_common(1)[0]
    return layout if layout != "gradient" and times > 1 else None


def _by_layout(checked: Checked, dominant: str) -> Checked:
    """The verdict seen from the layout that the document uses."""
    v = checked.verdict
    if v is None or v.kind != "true_in_layout" or v.layout != dominant:
        return checked
    return replace(checked, verdict=replace(v, kind="true", slip=None, mends=(), reason=None))
