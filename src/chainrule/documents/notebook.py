"""Jupyter notebooks: the Markdown cells in order, with their numbers."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from chainrule.documents.lines import position
from chainrule.errors import ParseError


class Cell(NamedTuple):
    """The text of one Markdown cell and its number among all cells, from 0."""

    number: int
    text: str


def markdown_cells(source: str) -> list[Cell]:
    """Read a notebook.

    Raises
    ------
    ParseError
        The text is not JSON (the message gives line and column), or not a notebook.
    """
    shift = 1 if source.startswith("\ufeff") else 0
    try:
        data = json.loads(source[shift:])
    except json.JSONDecodeError as error:
        at = error.pos + shift
        line, column = position(source, at)
        raise ParseError(
            f"this is not a notebook: line {line}, column {column}: {error.msg}",
            source=source, at=at,
        ) from None  # fmt: skip
    except (RecursionError, ValueError):
        raise ParseError(
            "this is not a notebook: line 1, column 1: too deeply nested, or a number too long",
            source=source, at=0,
        ) from None  # fmt: skip
    cells = _cells_of(data)
    if cells is None:
        raise ParseError(
            "this is not a notebook: line 1, column 1: there is no list of cells",
            source=source, at=0,
        )  # fmt: skip
    found: list[Cell] = []
    for number, cell in enumerate(cells):
        if isinstance(cell, dict) and cell.get("cell_type") == "markdown":
            text = cell.get("source", "")
            if isinstance(text, list):
                text = "".join(piece for piece in text if isinstance(piece, str))
            if isinstance(text, str):
                found.append(Cell(number, text))
    return found


def _cells_of(data: Any) -> list[Any] | None:
    if not isinstance(data, dict):
        return None
    cells = data.get("cells")
    if cells is None and isinstance(data.get("worksheets"), list):  # before format 4
        sheets = [s["cells"] for s in data["worksheets"] if isinstance(s, dict) and "cells" in s]
        cells = [cell for sheet in sheets if isinstance(sheet, list) for cell in sheet]
    return cells if isinstance(cells, list) else None
