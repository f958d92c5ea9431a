"""The CSV file of a run by its definition, slow and obvious: rows of harmless cells, written by `csv.writer`."""

from __future__ import annotations

import csv
import io

from soapsvc.engine.result import PreviewResult
from soapsvc.runs.definition import EXACT_FIELDS
from soapsvc.runs.results import item_rows
from soapsvc.runs.sinks.columns import item_fields

FORMULA_STARTS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"


def reference_lines(result: PreviewResult, seed: str, *, credit_memos: bool) -> str:
    """All lines of an account's items."""
    fields = item_fields(credit_memos)
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    for rows in item_rows(result, seed, fields):
        for row in rows:
            cells = zip(fields, row, strict=True)
            lines.writerow(cell if cell is None or name in EXACT_FIELDS else harmless(cell) for name, cell in cells)
    return text.getvalue()


def harmless(cell: str) -> str:
    """A text, after an apostrophe if a spreadsheet would run it as a formula."""
    stripped = cell.lstrip(" ")
    return f"'{cell}" if stripped and stripped[0] in FORMULA_STARTS else cell
