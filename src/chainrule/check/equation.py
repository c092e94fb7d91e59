"""A single equation, with the definitions written before it, judged without a document."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.check.context import Context
from chainrule.check.document import Checked, Report
from chainrule.check.facts import Fact, fact_of
from chainrule.check.statement import moving_in, verdict_on
from chainrule.check.verdict import WRONG
from chainrule.documents import Document, Formula, LineIndex, position
from chainrule.errors import UsageError
from chainrule.read import is_latex
from chainrule.read.declare import collect
from chainrule.read.session import Session, Stated
from chainrule.statements import DocumentReading, Placed
from chainrule.statements.forms import FORMS

KNOWN_LAYOUTS = ("gradient", "numerator", "denominator", "vec")


def check_equation(
    text: str,
    declarations: Sequence[str] = (),
    *,
    layout: str | None = None,
    symmetric: str | None = None,
    budget_s: float = 3.0,
    latex: bool = False,
) -> Report:
    """Judge one equation, as text or LaTeX, with ``=`` or ``==``.

    Parameters
    ----------
    text
        Definitions may stand before it: ``r = A*x - b; grad(r'*r, x) == 2*A'*r``.
    declarations, layout, symmetric, budget_s
        As for :func:`chainrule.check.document.check_document`.
    latex
        The text is LaTeX even if it does not look so.

    Returns
    -------
    Report
        Its claims are what the text states; line and column count within the text.

    Raises
    ------
    ChainruleError
        If the text cannot be read, or claims nothing.
    """
    session = Session(collect(declarations), FORMS)
    tex = latex or is_latex(text)
    found = session.read(text) if tex else session.read_text(text)
    formula = Formula(text, 1, 1, 0, len(text), True, "latex" if tex else "plain", "", "", (), 0,
                      None)  # fmt: skip
    index = LineIndex(text)
    checked: list[Checked] = []
    wrong: dict[int, int] = {}
    before: Stated | None = None
    facts: tuple[Fact, ...] = ()
    for stated in found:
        line, column = position(index, stated.at)
        placed = Placed(stated, formula, line, column)
        declared = frozenset(d for d in session.scope.declared)
        context = Context(layout, symmetric, budget_s, before, declared=declared,
                          moving=moving_in(stated.expressions), facts=facts,
                          alone=True)  # fmt: skip
        verdict = verdict_on(stated, context)
        fact = fact_of(stated, verdict)
        facts = facts if fact is None else (*facts, fact)
        follows = tuple(sorted({wrong[k] for k in stated.relies_on if k in wrong}))
        checked.append(Checked(placed, verdict, follows))
        if verdict is not None and verdict.kind in WRONG:
            wrong[stated.number] = line
        if stated.kind in ("equation", "definition"):
            before = stated
    _claims(found, checked, text)
    document = Document("", "equation", text, (formula,))
    reading = DocumentReading(document, tuple(c.placed for c in checked), ())
    return Report(reading, tuple(checked), layout or "gradient", "asked" if layout else "default")


def _claims(found: Sequence[Stated], checked: Sequence[Checked], text: str) -> None:
    if any(c.verdict is not None for c in checked):
        return
    error = next((s.error for s in found if s.error is not None), None)
    if error is not None:
        raise error.located(text, error.at)
    names = [s.name for s in found if s.kind == "definition" and s.name]
    if names:
        raise UsageError(
            f"this defines {names[-1]} and claims nothing about it: say what it should equal, "
            "for example grad(x'*A*x, x) == (A+A')*x"
        )
    raise UsageError(
        "there is no equation here: write both sides, for example grad(x'*A*x, x) == (A+A')*x"
    )


def check_layout(layout: str | None) -> str | None:
    """The layout, if it is one that a document can be held to.

    Raises
    ------
    UsageError
        Otherwise.
    """
    if layout is not None and layout not in KNOWN_LAYOUTS:
        raise UsageError(f"unknown layout {layout!r}: use {', '.join(KNOWN_LAYOUTS)}")
    return layout


__all__ = ["check_equation", "check_layout"]
