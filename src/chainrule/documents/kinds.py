"""Which kind of document a text is, by its name and, where that says little, by its content."""

from __future__ import annotations

import re

from chainrule.documents.likeness import is_inline_math
from chainrule.documents.lines import even_out
from chainrule.documents.plainlines import plain_formulas

KINDS = ("markdown", "tex", "notebook", "text")
_ENDINGS = {
    "md": "markdown", "markdown": "markdown", "mdx": "markdown", "qmd": "markdown",
    "rmd": "markdown", "tex": "tex", "ltx": "tex", "latex": "tex", "sty": "tex",
    "ipynb": "notebook",
}  # fmt: skip
_TEX = re.compile(
    r"^[ \t]*\\(?:documentclass|documentstyle|usepackage|begin\{document\}|(?:sub)?section\*?\{"
    r"|chapter\*?\{)",
    re.M,
)
_DISPLAY = re.compile(
    r"\$\$|\\\(|\\\[|\\begin\{(?:equation|align|gather|multline|eqnarray|cases|.?matrix)"
)
_DOLLAR = re.compile(r"\$([^$\n]{1,400})\$")
_HEADING = re.compile(r"^[ \t]{0,3}#{1,6}[ \t]", re.M)
_LOOKS = 200


def kind_of(name: str, source: str) -> str:
    """``"markdown"``, ``"tex"``, ``"notebook"`` or ``"text"``.

    Parameters
    ----------
    name
        The name of the file, or empty. An ending such as ``.txt`` leaves it to the content.
    source
        The text.
    """
    known = _ENDINGS.get(name.rpartition(".")[2].lower()) if "." in name else None
    if known:
        return known
    opening = source[:2000].lstrip("\ufeff \t\r\n")
    if opening.startswith("{") and '"cells"' in source and '"cell_type"' in source:
        return "notebook"
    work = even_out(source)
    if _TEX.search(work):
        return "tex"
    if _DISPLAY.search(work):
        return "markdown"
    for number, found in enumerate(_DOLLAR.finditer(work)):
        if number > _LOOKS:
            break
        if is_inline_math(found[1], work[found.end() : found.end() + 1]):
            return "markdown"
    # "# Problem 1" above formulas in the plain language is a title too, and read as such in text
    if _HEADING.search(work) and next(plain_formulas(work, 0, len(work)), None) is None:
        return "markdown"
    return "text"
