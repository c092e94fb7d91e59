"""Numbers and matrices for people: rounded half away from zero, fractions where exact."""

from __future__ import annotations

import math
import unicodedata
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from chainrule.graph.exact import Number, Rows

LONG = 12  # characters of a fraction above which a decimal is shown
SIGNIFICANT = 6
ROWS, COLUMNS = 6, 6  # of a matrix that are shown


def number(value: Number, digits: int | None = None) -> str:
    """A number with at most (fractions) or exactly (floats) so many decimals.

    Without ``digits`` fractions are exact and floats have six significant digits. Halves are
    rounded away from zero, as in a textbook.
    """
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "∞" if value > 0 else "−∞"
    if isinstance(value, Fraction):
        text = str(value)
        if value.denominator == 1 and len(text) <= 2 * LONG:
            return _sign(text)
        if digits is None and len(text) <= LONG:
            return _sign(text)
        if digits is None and not _printable(value):
            return _sign(f"{_scientific(value)}")
    exact = isinstance(value, Fraction)
    decimal = _decimal(value)
    if digits is None:
        return _sign(_significant(decimal))
    if decimal and decimal.adjusted() > 15:
        return _sign(_scientific(value))
    wide = Context(prec=400)
    rounded = decimal.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, wide)
    text = f"{abs(rounded):f}" if not rounded else f"{rounded:f}"
    if (exact or not value) and rounded == decimal and "." in text:
        text = text.rstrip("0").rstrip(".")
    return _sign(text)


def _printable(value: Fraction) -> bool:
    return abs(value.numerator.bit_length() - value.denominator.bit_length()) < 900


def _scientific(value: Number) -> str:
    return f"{_decimal(value):.5e}".replace("e+", "e")


def _decimal(value: Number) -> Decimal:
    """The decimal that a float spells (0.125 is a half of 0.25, not something beside it)."""
    if isinstance(value, float):
        return Decimal(repr(value))
    wide = Context(prec=60)
    return wide.divide(Decimal(value.numerator), Decimal(value.denominator))


def _significant(decimal: Decimal) -> str:
    if not decimal:
        return "0"
    low = decimal.adjusted()
    if low < -4 or low > 9:
        return f"{decimal:.5e}".replace("e+", "e")
    places = max(0, SIGNIFICANT - 1 - low)
    text = f"{decimal.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, Context(prec=60)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _sign(text: str) -> str:
    return text.replace("-", "−")


def cells(rows: Rows, digits: int | None = None) -> list[list[str]]:
    """The numbers as texts; the middle of a large matrix is left out."""
    picked = _picked(len(rows), ROWS)
    columns = _picked(len(rows[0]), COLUMNS)
    out = []
    for i in picked:
        if i is None:
            out.append(["⋮"] * len(columns))
        else:
            out.append(["…" if j is None else number(rows[i][j], digits) for j in columns])
    return out


def _picked(n: int, most: int) -> list[int | None]:
    if n <= most:
        return list(range(n))
    return [*range(most - 2), None, n - 1]


def matrix_lines(rows: Rows, digits: int | None = None) -> list[str]:
    """A matrix as lines with brackets; a scalar as its number."""
    table = cells(rows, digits)
    if len(rows) == 1 and len(rows[0]) == 1:
        return [table[0][0]]
    widths = [max(width(row[j]) for row in table) for j in range(len(table[0]))]
    last = len(table) - 1
    out = []
    for i, row in enumerate(table):
        body = "  ".join(pad(t, w, right=True) for t, w in zip(row, widths, strict=True))
        left, right = "[]" if last == 0 else ("⎡⎤" if i == 0 else "⎣⎦" if i == last else "⎢⎥")
        out.append(f"{left}{body}{right}")
    return out


def matrix_text(rows: Rows, digits: int | None = None) -> str:
    """A matrix on one line: ``[1 2; 3 4]``."""
    table = cells(rows, digits)
    if len(rows) == 1 and len(rows[0]) == 1:
        return table[0][0]
    return "[" + "; ".join(" ".join(row) for row in table) + "]"


def width(text: str) -> int:
    """Columns that a text takes on a terminal."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def pad(text: str, columns: int, right: bool = False) -> str:
    """Filled with blanks to so many columns."""
    blanks = " " * (columns - width(text))
    return blanks + text if right else text + blanks


__all__ = ["cells", "matrix_lines", "matrix_text", "number", "pad", "width"]
