"""Words directly beside a size: "a row vector ($n\\times 1$)", "вектор-строка $n\\times 1$".

Only what stands together counts: the size in a bracket behind the word, behind "of size", or before
the word. What is said of a transpose, or denied, does not.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache

from chainrule.documents import phrases
from chainrule.documents.facts import masked
from chainrule.documents.lines import even_out
from chainrule.documents.model import Document, Formula

ROW, COLUMN, SQUARE = "row vector", "column vector", "square matrix"
_WORDS = {
    ROW: phrases.KINDS[ROW],
    COLUMN: phrases.KINDS[COLUMN],
    SQUARE: r"square matri(?:x|ces)|квадратн\w+ матриц\w*|ماتریس(?:ی)?[ \u200c](?:های )?مربعی"
    r"|方阵|方陣",
}
_ATOM = r"(?:[a-z]|\d{1,3})"
_SIZE = rf"(?:\x01[ ]*|(?<!\w){_ATOM}[ ]?(?:×|x|-by-|[ ]by[ ])[ ]?{_ATOM}(?!\w))"
_OF = (
    r"(?:of|with|having)[ ](?:the[ ])?(?:size|shape|dimensions?|order)s?(?:[ ]of)?"
    r"|размер(?:а|ом|ами|ности|ностью|ов)?"
    r"|(?:با|از|به|در)[ ](?:ابعاد|اندازه|سایز|بعد)(?:[ \u200c]?ی)?"
    r"|[,，]?(?:其)?(?:大小|尺寸|维度|形状|维数)(?:为|是)?"
)
_DENIED = re.compile(
    r"(?:\bnot?\b|non-?|n't|never|instead of|rather than|unlike|не|вместо|نه|به جای|不|非|没)\W*"
    r"(?:(?:an?|the|be|any|یک|是|一个)\W+)*\Z"
)
_TURNED = re.compile(r"transpos|транспон|ترانهاده|转置|轉置")
_SIMPLIFIED, _TRADITIONAL = (
    re.compile("[阵对为这则设导数个们维关]"),
    re.compile("[陣對為這則設導數個們維關]"),
)
_TIMES = re.compile(
    r"\s*(?:(?:\\left)?\()?\s*([A-Za-z]|\d{1,3})\s*(?:\\times(?![A-Za-z])|×|x|-by-|\sby\s)\s*"
    r"([A-Za-z]|\d{1,3})\s*(?:(?:\\right)?\))?\s*\Z"
)
_CLUE = re.compile("|".join(_WORDS.values()))
_ENDS = re.compile("[.;!?。；؟]")
_REACH, _NEAR = 60, 20


_S = r"[ \n]{0,3}"


@dataclass(frozen=True, slots=True)
class Beside:
    """A word and the size beside it.

    Attributes
    ----------
    kind
        ``row vector``, ``column vector`` or ``square matrix``.
    rows, cols
        As they are written.
    offset, end
        Place in ``Document.source``.
    lead, size, tail
        What stands there: words before the size, the size without delimiters, words behind it.
    formula
        The formula that the size is; None where it is written in the text.
    """

    kind: str
    rows: str
    cols: str
    offset: int
    end: int
    lead: str
    size: str
    tail: str
    formula: Formula | None


def words_beside_sizes(document: Document) -> tuple[Beside, ...]:
    """All of them, in the order of the document."""
    shown = masked(even_out(document.source), document.formulas)
    low = phrases.in_small_letters(shown)
    if not _CLUE.search(low):
        return ()
    rows = _means_rows(document.source)
    found = (_one(document, shown, low, m, rows) for m in _pattern().finditer(low))
    return tuple(one for one in found if one is not None)


@cache
def _pattern() -> re.Pattern[str]:
    words = "|".join(_WORDS.values())
    behind = (
        rf"{_S}[(（]{_S}(?:(?:{_OF}){_S})?(?P<bracket>{_SIZE}){_S}[)）]"
        rf"|{_S}(?:{_OF}){_S}(?P<of>[(（]?{_SIZE})(?!\w)"
        rf"|(?<=[^\x00-\u02ff]){_S}(?P<bare>\x01[ ]*)(?![a-z\d])"
    )
    return re.compile(
        rf"(?P<first>{_SIZE}){_S}(?:的|维的?)?(?P<w1>{words})(?![a-zа-я]|{_S}[(（])"
        rf"|(?<![a-zа-я])(?P<w2>{words})(?:{behind})"
    )


def _one(document: Document, shown: str, low: str, m: re.Match[str], rows: bool) -> Beside | None:
    word = m["w1"] or m["w2"]
    kind = next(k for k, pattern in _WORDS.items() if re.fullmatch(pattern, word))
    around = (
        _ENDS.split(low[max(0, m.start() - _REACH) : m.start()])[-1],
        _ENDS.split(low[m.end() : m.end() + _NEAR])[0],
    )
    if _DENIED.search(around[0]) or any(_TURNED.search(a) for a in around):
        return None
    if not rows and re.search("[行列]", word):
        return None
    group = next(g for g in ("first", "bracket", "of", "bare") if m[g])
    start, end = m.span(group)
    start += shown[start] in "(（"
    formula = None
    if shown[start] == "\x01":
        place = bisect_left([f.end for f in document.formulas], start + 1)
        formula = document.formulas[place] if place < len(document.formulas) else None
    size = formula.text if formula is not None else shown[start:end].strip()
    found = _TIMES.match(size)
    if found is None:
        return None
    source = document.source
    lead = " ".join(source[m.start() : start].split())
    tail = " ".join(source[end : m.end()].split())
    return Beside(kind, found[1], found[2], m.start(), m.end(), lead, size, tail, formula)


def _means_rows(source: str) -> bool:
    """行 is a row where the simplified script is written, and a column in Taiwan."""
    return bool(_SIMPLIFIED.search(source)) and not _TRADITIONAL.search(source)


__all__ = ["COLUMN", "ROW", "SQUARE", "Beside", "words_beside_sizes"]
