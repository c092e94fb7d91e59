"""Is a mend the known correction? Compared by value, with every derivative a letter of its own.

The corrections in ``seeds.json`` have names of their own (``th`` for θ, ``X[:,i]`` for x_i) and
come several at a time. A derivative ∂J/∂z in both is one unknown matrix, so that two formulas agree
only if they are made of the same derivatives in the same way; nothing is compared with the sides
that were printed wrongly. What cannot be compared does not count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from chainrule.check.compare import agreement
from chainrule.check.context import names_of
from chainrule.check.document import Checked
from chainrule.check.points import Clock, Points
from chainrule.check.reading import read_sides
from chainrule.check.rough import replaced, solid
from chainrule.check.verdict import Mend
from chainrule.errors import ChainruleError
from chainrule.expr import Expr, postorder, substitute, symbol, symbols
from chainrule.read.declare import collect
from chainrule.read.syntax import parse
from chainrule.write import plain

STANDS_FOR = {"S001-13": ("P", "inv(Sigma)")}
"""A name in a correction for what has none in the document."""

_ROUNDED = re.compile(r"\(\d+ decimals: (\[[^\]]*\])\)")
_COMMENT = re.compile(r"\s\s+\[.*?\]\s*(?=;|$)|\s+\([^()]*(?:row-major|decimals)[^()]*\)")
_PARTIAL = re.compile(r"d\((\w+)(\[[^\]]*\])?\)/d\((\w+)(\[[^\]]*\])?\)")
_POSITIVE = re.compile(r"\[([^\[\]]*?) > 0\]")
_MEMBER = re.compile(r"\b(\w+)\[:,(\w)\]")
_NAME = re.compile(r"(?<![\w'])[A-Za-z]\w*")
_MATRIX = re.compile(r"\[(?=[-\d.\s;]*[\s;])[-\d.\s;]+\]")


def same_as_given(entry: Mapping[str, Any], checked: Checked) -> bool:
    """Has the mend the value of a known correction, made of the same derivatives?"""
    assert checked.verdict is not None
    mend = checked.verdict.mend
    if mend is None:
        return False
    texts = list(corrections(entry))
    if mend.slip.kind == "spurious_equation":  # what is left, once '= 0' has gone
        texts = [str(entry["expected"]).split("==")[-1]]
    return any(_equal(mend, text, checked) for text in texts)


def corrections(entry: Mapping[str, Any]) -> Iterator[str]:
    """The known right sides, without those that stand in what was printed."""
    printed = {_bare(s) for s in str(entry.get("plain") or "").split("==")}
    expected = str(entry.get("expected") or "")
    rounded = _ROUNDED.findall(expected)
    others = [c["claim"] for c in entry.get("other_claims") or () if c.get("outcome") == "true"]
    texts = [*_COMMENT.sub("", expected).split(";"), *(entry.get("expected_claims") or ()), *others]
    for text in rounded or texts:
        for side in str(text).split("=="):
            if _bare(side) not in printed and side.strip():
                yield _read_as(entry["id"], side.strip())


def _read_as(ident: str, text: str) -> str:
    name, value = STANDS_FOR.get(ident, ("", ""))
    return re.sub(rf"\b{name}\b", value, text) if name else text


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def _equal(mend: Mend, text: str, checked: Checked) -> bool:
    if mend.decimals is not None:
        return _numbers(mend.plain) == _numbers(text) is not None
    if _alone(plain(mend.expr)) == _alone(_spelled(text, mend, {})):
        return True
    letters = {e: _letter(e) for e in postorder(mend.expr) if e.op == "grad"}
    if None in letters.values():
        return False
    named = {e: symbol(str(n), *e.shape) for e, n in letters.items()}
    known = {s.name: s for s in named.values()}
    mended = replaced(mend.expr, named)
    values = _values(checked)
    known |= symbols(mended) | {n: v for n, v in _variables(checked).items() if n not in known}
    try:
        own = [_declared(n, s) for n, s in known.items() if n.isidentifier()]
        spelled = _spelled(text, mend, known)
        given = read_sides((), [(s, spelled) for s in parse(spelled)], collect(own)).exprs[0]
        left, right = (solid(_opened(e, values)) for e in (mended, given))
        if left.shape != right.shape:
            return False
        return agreement(left, right, Points([left, right]), Clock(2)).verdict == "equal"
    except (ChainruleError, IndexError):
        return False


def _alone(text: str) -> str:
    """The text without its looks: blanks, ``∂z_k/∂x_j`` as entry j, an entry of a row as one."""
    return re.sub(r"\[:,(\w)\]", r"[\1]", _bare(_partials(text)))


def _numbers(text: str) -> list[float] | None:
    found = [float(x) for x in re.findall(r"-?\d+(?:\.\d+)?", text)]
    return found or None


def _letter(e: Expr) -> str | None:
    """``D_J_z`` for a derivative of a name by a name."""
    f, x = e.args[:2]
    return f"D_{f.name}_{x.name}" if f.op == x.op == "symbol" else None


def _values(checked: Checked) -> dict[str, Expr]:
    names = names_of(checked.stated)
    return {n: e for n, e in names.items() if e.args}


def _variables(checked: Checked) -> dict[str, Expr]:
    names = names_of(checked.stated)
    return symbols(*checked.stated.expressions) | {
        n: symbol(n, *e.shape) for n, e in names.items() if e.args
    }


def _opened(e: Expr, values: Mapping[str, Expr]) -> Expr:
    """Definitions in place of their names."""
    table = {s: values[n] for n, s in symbols(e).items()
             if n in values and values[n].shape == s.shape}  # fmt: skip
    return substitute(e, table) if table else e


def _declared(name: str, s: Expr) -> str:
    rows, cols = s.shape
    if "family" in s.traits:
        return f"{name}_i: {cols}, i=1:{rows}"
    return f"{name}: {rows},{cols}"


def _partials(text: str) -> str:
    """``d(f[m])/d(x[1])`` as ``grad(f[m],x)[1]``."""
    return _PARTIAL.sub(lambda m: f"grad({m[1]}{m[2] or ''},{m[3]}){m[4] or ''}", text)


def _spelled(text: str, mend: Mend, known: Mapping[str, Expr]) -> str:
    """The correction with derivatives as letters, and in the names of the document."""
    text = _POSITIVE.sub(r"step(\1)", text)
    if any("family" in s.traits for s in known.values()):
        text = _MEMBER.sub(lambda m: f"{m[1].lower()}_{m[2]}", text)
    own = list(dict.fromkeys((*_NAME.findall(plain(mend.expr)), *known)))
    renamed = _NAME.sub(lambda m: _in_own_names(m[0], own), text)
    if not known:
        return renamed
    return _PARTIAL.sub(lambda m: f"D_{m[1]}{m[2] or ''}_{m[3]}{m[4] or ''}", renamed)


GREEK = {"th": "theta", "del": "delta", "yh": "yhat"}


def _in_own_names(name: str, own: list[str]) -> str:
    """The name in the document that is spelled alike, if there is one only."""
    if name in own:
        return name
    alike = [n for n in own if _alike(n) == _alike(name)]
    return alike[0] if len(alike) == 1 else name


def _alike(name: str) -> str:
    stem = name.rstrip("0123456789").rstrip("_")
    stem = GREEK.get(stem, stem)
    return (stem + name[len(name.rstrip("0123456789")):]).replace("_", "").casefold().replace(
        "ell", "l")  # fmt: skip


__all__ = ["corrections", "same_as_given"]
