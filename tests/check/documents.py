"""Statements of the founding documents, in the text language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from chainrule.check import Verdict, judge
from chainrule.check.reading import Sides, read_claim
from chainrule.errors import ChainruleError
from tests.check.cases import load

UNTYPABLE = re.compile(
    r"rvec\(|eigsum|size\(|jacr\(|~=|<=>|:=|!=|stored|argm|solve\(|\.\+|for |dF/"
)
GOOD = {"true": {"true", "true_if"}, "true_up_to_layout": {"true", "true_in_layout", "true_if"},
        "false": {"false", "ill_formed"}, "ill_formed": {"ill_formed", "false"}}  # fmt: skip

#: In the text language ``d(Q)/d(Z)[i,:]`` is a quotient, a row's entry loses its place, and
#: ``(grad(f[i],x))'`` counts as laid out like ``d(f)/d(x)``.
READ_OTHERWISE = frozenset({"S000-02", "S000-10", "S002-46"})


def statements() -> list[dict[str, Any]]:
    """Those that are equations in the text language, with a verdict."""
    return [c for c in load("seeds") if "==" in c.get("plain", "") and c["verdict"] in GOOD
            and not UNTYPABLE.search(c["plain"])]  # fmt: skip


def run(raw: Mapping[str, Any], text: str | None = None) -> tuple[Verdict, Sides] | str:
    """Verdict on a statement, or why it cannot be read."""
    text = text or str(raw["plain"])
    layout = raw.get("layout")
    if "jac(" in text:
        text, layout = text.replace("jac(", "grad("), "vec"
    declarations = []
    for name, v in raw["variables"].items():
        shape = [s for s in v["shape"] if s != 1] if v["shape"][1:] == [1] else v["shape"]
        if v["shape"][:1] == [1] and len(v["shape"]) == 2:
            shape = v["shape"]
        sizes = ",".join(map(str, shape)) or "scalar"
        attrs = [a.replace("probability_vector", "probability") for a in v["attrs"]
                 if a in ("symmetric", "positive_definite", "invertible", "positive",
                          "probability_vector", "one_hot", "nonnegative")]  # fmt: skip
        declarations.append(" ".join([f"{name}: {sizes}", *attrs]))
    try:
        claim, sides = read_claim(text, declarations, raw.get("defs") or ())
    except ChainruleError as error:
        return error.pretty()
    layout = None if layout in ("tensor", None) else layout
    return judge(claim, layout=layout, names=sides.names), sides
