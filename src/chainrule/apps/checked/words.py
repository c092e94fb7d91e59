"""What verdicts, slips and layouts are called, and counterexamples in a line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from chainrule.check.document import Report
from chainrule.check.verdict import Counterexample, Verdict

TITLES = {
    "true": "holds", "true_in_layout": "holds in another layout",
    "true_if": "holds under a condition", "false": "wrong", "ill_formed": "sizes cannot agree",
    "unknown": "not checked",
}  # fmt: skip
COUNTED = {
    "true": ("holds", "hold"),
    "true_in_layout": ("holds in another layout", "hold in another layout"),
    "true_if": ("holds under a condition", "hold under a condition"),
    "false": ("is wrong", "are wrong"),
    "ill_formed": ("has sizes that cannot agree", "have sizes that cannot agree"),
    "unknown": ("could not be checked", "could not be checked"),
}
SLIP_TITLES = {
    "dropped_factor": "dropped factor", "extra_factor": "extra factor",
    "hadamard_vs_product": "elementwise against matrix product", "kron_order": "Kronecker order",
    "wrong_function": "wrong function", "missing_sum": "missing sum", "order": "order of factors",
    "spurious_equation": "spurious = 0", "numeric": "arithmetic", "other": "",
}  # fmt: skip
LAYOUTS = {
    "gradient": "gradient layout (the derivative has the shape of the variable)",
    "numerator": "numerator layout (rows are outputs; the derivative of a scalar is a row)",
    "denominator": "denominator layout",
    "vec": "vec layout (matrices stacked column by column)",
}
BY = {
    "asked": "as you asked for", "declared": "as the document says",
    "dominant": "the one that most of its derivatives have",
    "default": "the usual one: neither the document nor you said otherwise",
}  # fmt: skip
_INSTANCE = re.compile(r"(\w+)_weights(?: ?[.*⊙∘]+ ?)\1_of'\(")


def sentence(text: str) -> str:
    """With a capital and a full stop; general instances of unnamed functions by their name."""
    text = _INSTANCE.sub(r"\1'(", text)
    text = text.strip()
    if not text:
        return ""
    first = text.split()[0]
    word = first.isalpha() and (len(first) > 1 or first == "a")
    head = text[0].upper() + text[1:] if word else text
    return head if head[-1] in ".?!…" else head + "."


def slip_title(kind: str) -> str:
    """What a kind of slip is called."""
    return SLIP_TITLES.get(kind, kind.replace("_", " "))


def counts(summary: dict[str, int]) -> list[tuple[str, str]]:
    """Kinds with a count, worst first: ``("false", "2 are wrong")``."""
    order = ("false", "ill_formed", "true_if", "true_in_layout", "unknown", "true")
    return [(k, f"{summary[k]} {COUNTED[k][summary[k] != 1]}") for k in order if summary[k]]


def headline(report: Report) -> str:
    """The outcome in one sentence."""
    wrong, total = len(report.wrong), len(report.claims)
    if not total:
        return "No statements to check."
    of = f"of {total} statements" if total != 1 else "of one statement"
    if not wrong:
        skipped = report.summary["unknown"]
        if skipped == total:
            return "Nothing could be checked."
        return f"Nothing wrong found in {total} statement{'s' * (total != 1)}."
    if total == 1:
        return "This is wrong."
    return f"{wrong} {of} {'is' if wrong == 1 else 'are'} wrong."


def layout_sentence(report: Report) -> str:
    """Which layout was expected, and why."""
    where = ""
    if report.layout_by == "declared":
        fact = next((f for f in report.reading.facts if f.kind == "layout"), None)
        where = f" in line {fact.line}" if fact is not None else ""
    name = LAYOUTS.get(report.layout, report.layout)
    return f"{name}, {BY[report.layout_by]}{where}"


def other_layouts(report: Report) -> list[tuple[str, tuple[int, ...]]]:
    """Layouts that some lines have instead, with these lines."""
    found: dict[str, list[int]] = {}
    for c in report.claims:
        v = c.verdict
        if v is not None and v.kind == "true_in_layout" and v.layout:
            found.setdefault(v.layout, []).append(c.placed.line)
    return [(layout, tuple(dict.fromkeys(lines))) for layout, lines in found.items()]


def line_list(lines: Sequence[int]) -> str:
    """``lines 3, 5–7``."""
    runs: list[list[int]] = []
    for n in sorted(set(lines)):
        if runs and n == runs[-1][-1] + 1:
            runs[-1].append(n)
        else:
            runs.append([n])
    parts = [str(r[0]) if len(r) == 1 else f"{r[0]}{'–' if len(r) > 2 else ', '}{r[-1]}"
             for r in runs]  # fmt: skip
    return f"line{'s' * (len(set(lines)) > 1)} {', '.join(parts)}"


def read_with(verdict: Verdict, layers: Mapping[str, int] | None) -> str:
    """For which layers of a network a claim was judged."""
    if not layers or verdict.kind == "unknown":
        return ""
    return f"(Read with {joined(f'{name} = {n}' for name, n in layers.items())}.)"


def explanation(verdict: Verdict) -> str:
    """Why the verdict is what it is, in one sentence."""
    if verdict.kind == "true_if":
        held = _held(verdict.conditions)
        slip = verdict.slip.message if verdict.slip else ""
        extra = slip if slip and slip != "" and "holds only" not in slip else ""
        return sentence(f"{held}; {extra}" if extra else held)
    if verdict.kind == "true_in_layout":
        return sentence(verdict.reason or f"holds in {verdict.layout} layout")
    if verdict.kind == "ill_formed":
        slip = verdict.slip.message if verdict.slip else ""
        return " ".join(dict.fromkeys(sentence(t) for t in (verdict.reason or "", slip) if t))
    if verdict.kind == "false":
        slip = verdict.slip.message if verdict.slip else "the sides differ"
        return sentence(slip.removesuffix("; compare with the derivation"))
    return sentence(verdict.reason or "")


def _held(conditions: Sequence[str]) -> str:
    """``holds only if A is symmetric``, ``holds at the stationary point``."""
    if conditions and all(c.startswith(("at ", "within ", "up to ")) for c in conditions):
        return f"holds {' and '.join(conditions)}"
    return f"holds only if {' and '.join(map(_condition, conditions))}"


def _condition(text: str) -> str:
    """``A symmetric`` and ``the entries of y sum to 1`` after an "if"."""
    words = text.split()
    if len(words) == 2 and words[1].isalpha():
        return f"{words[0]} is {words[1]}"
    if text.startswith("with "):
        return re.sub(r"\b(\w+) an? (\w+)", r"\1 is a \2", text.removeprefix("with "))
    if text.startswith(("at ", "within ", "up to ")):
        return f"it is taken {text}"
    return text


def number(x: float) -> str:
    """Short, with a true minus sign."""
    text = f"{x:.0f}" if 1e4 <= abs(x) < 1e9 else f"{x:.4g}"
    return text.replace("-", "−")


def array(rows: Sequence[Sequence[float]]) -> str:
    """``3``, ``(1, 2)ᵀ`` for a column, ``[1 2; 3 4]``."""
    if len(rows) == 1 and len(rows[0]) == 1:
        return number(rows[0][0])
    rows = rounded(rows)
    if rows and all(len(r) == 1 for r in rows):
        return f"({', '.join(number(r[0]) for r in rows)})ᵀ"
    return f"[{'; '.join(' '.join(map(number, r)) for r in rows)}]"


def rounded(rows: Sequence[Sequence[float]]) -> list[list[float]]:
    """With zeros for what is but rounding beside the largest entry."""
    least = 1e-12 * max((abs(x) for r in rows for x in r), default=0.0)
    return [[0 if abs(x) < least else x for x in r] for r in rows]


def point(found: Counterexample, most: int = 6) -> str:
    """The counterexample in a line: values, if they are few, else sizes only."""
    values = [f"{n} = {array(v)}" for n, v in found.values.items()]
    sizes = [f"{n} = {k}" for n, k in found.sizes.items()]
    text = ", ".join(values if 0 < len(values) <= most else sizes)
    if len(text) > 160:
        text = ", ".join(sizes)
    return text or "at small values"


def outcome(found: Counterexample) -> tuple[str, str]:
    """Both sides, shortly."""
    return array(found.left), array(found.right)


def joined(parts: Iterable[str]) -> str:
    """``a, b and c``."""
    items = list(parts)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
