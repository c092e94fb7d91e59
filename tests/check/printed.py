"""Published derivatives as documents: printed in LaTeX with declarations, and checked.

``python -m tests.check.printed [right|wrong] --show`` prints every claim that is not as it should
be: a right one called anything but true, a wrong one that goes unnoticed.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from chainrule.check.document import Checked, check_document
from chainrule.errors import ChainruleError
from chainrule.expr import Expr, postorder, symbols
from chainrule.write import latex
from tests.check.cases import claim_of, load
from tests.figures import peak_memory

KINDS = ("gradient", "jacobian", "scalar")
TRAITS = {"symmetric", "skew", "diagonal", "orthogonal", "positive_definite", "invertible",
          "positive", "nonnegative", "one_hot", "constant", "lower", "upper"}  # fmt: skip
WORDS = {
    "positive_definite": "symmetric positive definite", "skew": "skew-symmetric",
    "lower": "lower triangular", "upper": "upper triangular", "one_hot": "one-hot",
}  # fmt: skip
DETECTED = ("false", "ill_formed", "true_if", "true_in_layout")


def declared(x: Expr) -> str:
    """A variable as prose declares it."""
    rows, cols = (latex_size(str(n)) for n in x.shape)
    space = r"\mathbb{R}" if x.is_scalar else rf"\mathbb{{R}}^{{{rows}}}"
    if not x.is_scalar and cols != "1":
        space = rf"\mathbb{{R}}^{{{rows}\times {cols}}}"
    said = [WORDS.get(t, t) for t in sorted(x.traits & TRAITS)]
    words = f" The variable ${latex(x)}$ is {' and '.join(said)}." if said else ""
    return rf"Let ${latex(x)} \in {space}$.{words}"


def latex_size(text: str) -> str:
    """A size; a product is written without its sign."""
    return text.replace("*", " ")


def document(raw: dict[str, Any], right: str) -> str | None:
    """Declarations, the function, and the claim about its derivative; None if it is no gradient."""
    claim, _, _ = claim_of(raw, right)
    left, side = claim.sides
    if left.op != "grad" or left.args[1].op != "symbol":
        return None
    f, x = left.args[:2]
    names = symbols(f, side, x)
    if any(e.op == "over" for e in postorder(side)):  # what is no formula cannot be printed
        return None
    if any("family" in s.traits for s in names.values()) or "f" in names:
        return None
    lines = [declared(s) for s in names.values()]
    lines.append(f"$$f = {latex(f)}$$")
    lines.append(rf"$$\frac{{\partial f}}{{\partial {latex(x)}}} = {latex(side)}$$")
    return "\n\n".join(lines)


def cases(what: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Right or wrong answers, with the case they belong to."""
    if what == "wrong":
        yield from ((c, c["wrong_plain"]) for c in load("wrong_answers"))
        return
    for c in load("derivatives"):
        first = c["kind"] in KINDS and c.get("order", 1) == 1 and isinstance(c["wrt"], str)
        if first and c["verified"] and c["convention"] == "unstructured":
            if c.get("expected_plain"):
                yield c, c["expected_plain"]


def verdict_on(raw: dict[str, Any], right: str) -> tuple[str, str, Checked | None] | None:
    """Kind of the verdict on the printed claim, and the document; None if it is not printed."""
    try:
        text = document(raw, right)
    except ChainruleError:
        return None
    if text is None:
        return None
    last = check_document(text).statements[-1]
    return last.verdict.kind if last.verdict is not None else "no claim", text, last


def measure(what: str, show: bool, only: str = "") -> Counter[str]:
    """How many of each verdict."""
    counts: Counter[str] = Counter()
    times = []
    for raw, right in cases(what):
        if only not in raw["id"]:
            continue
        start = time.perf_counter()
        found = verdict_on(raw, right)
        if found is None:
            counts["not printed"] += 1
            continue
        times.append(time.perf_counter() - start)
        kind, text, last = found
        counts[kind] += 1
        good = kind in DETECTED if what == "wrong" else kind in ("true", "true_in_layout")
        if show and not good and last is not None:
            v = last.verdict
            error = last.stated.error.message if last.stated.error else ""
            print(f"{raw['id']} {kind} {times[-1]:.1f} s: {v.slip or v.reason if v else ''} "
                  f"{v.conditions if v else ''} {error}\n    {raw['plain']}  ->  {right}\n    "
                  + text.replace("\n\n", "\n    ")
                  + f"\n    read {last.stated.expressions}")  # fmt: skip
    print(f"{what}: {dict(counts)}; median {1000 * statistics.median(times):.0f} ms, "
          f"worst {max(times):.1f} s")  # fmt: skip
    return counts


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=[])
    parser.add_argument("--only", default="")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    for what in options.what or ("right", "wrong"):
        measure(what, options.show, options.only)
    print(peak_memory())


if __name__ == "__main__":
    main()
