"""Indicators of membership told in words: "$y_{ij} = 1$ if object $i$ belongs to class $j$"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chainrule.documents import phrases
from chainrule.documents.lines import even_out
from chainrule.documents.model import Document, Formula

_CODE = re.compile(
    r"(?<![\w\\])(?P<letter>[A-Za-z])_(?:\{(?P<many>[a-z][a-z, ]{0,5})\}|(?P<one>[a-z]))"
    r"\s*=\s*(?P<value>[01])(?![\d.,]\d|\d)"
)
_IF = re.compile(
    r"[\s$,;)]*(?:\\(?:Leftrightarrow|iff|leftrightarrow|Longleftrightarrow)(?![A-Za-z])|⇔"
    r"|(?:\\text\{\s*)?(?:if and only if|iff|if|when|тогда и только тогда,? когда|если|когда"
    r"|当且仅当|如果|若|当|اگر و (?:فقط|تنها) اگر|اگر))"
)
_CLASS = r"(?:class|category|cluster|group)"
_KLASS = r"(?:класс|кластер|категори|групп)\w*"
_K = r"[\s$]*([a-z])[\s$]*"
_BELONGS = re.compile(
    rf"belongs?\s+to\s+(?:the\s+)?(?:{_CLASS}{_K}(?![a-z])|{_K}-?(?:th|st)\s+{_CLASS})"
    rf"|принадлежит\s+(?:к\s+)?(?:{_KLASS}{_K}(?!\w)|{_K}-?\s?(?:му|ому|ей|ой)\s+{_KLASS})"
    rf"|属于(?:第{_K}[个]?(?:类|簇)|类别?{_K})"
    rf"|(?:متعلق\s+)?به\s+(?:کلاس|دسته|خوشه){_K}(?:\S{{1,3}}\s+)?(?:تعلق|است|باشد)"
)
_REACH, _NEAR = 70, 50
_DENIED = re.compile(rf"(?<!\w)(?:{phrases.NOT}|does\s?n.t)(?![^\W\d_])|ندارد|[不非没]")


@dataclass(frozen=True, slots=True)
class Indicator:
    """A letter with indices that is 0 or 1 exactly for what belongs to the class of an index."""

    letter: str
    value: str
    offset: int
    end: int
    formula: Formula


def indicators(document: Document) -> tuple[Indicator, ...]:
    """All that a document tells, in its order; denials and codes with both values told are left."""
    text = even_out(document.source)
    out: list[Indicator] = []
    for formula in document.formulas:
        for code in _CODE.finditer(text, formula.offset, formula.end):
            end = _belongs(text, code)
            if end is not None:
                out.append(Indicator(code["letter"], code["value"], code.start(), end, formula))
    return tuple(out)


def _belongs(text: str, code: re.Match[str]) -> int | None:
    """Where the condition ends that the object belongs to the class of an index."""
    found = _IF.match(text, code.end())
    if found is None:
        return None
    low = phrases.in_small_letters(text[found.end() : found.end() + _REACH])
    said = _BELONGS.search(low)
    if said is None or re.search(r"[.;=。；]|\n\s*\n", low[: said.start()]):
        return None
    index = next(g for g in said.groups() if g)
    end = found.end() + said.end()
    rest = re.split(r"[.;。；\n]", text[end : end + _NEAR])[0]
    if index not in (code["many"] or code["one"]) or _DENIED.search(low[: said.end()] + rest):
        return None
    return None if code["value"] == "0" and "1" in rest else end


__all__ = ["Indicator", "indicators"]
