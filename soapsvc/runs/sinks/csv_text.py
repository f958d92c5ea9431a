"""Texts as cells of a CSV file: quoted where needed, and never a spreadsheet formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence

from soapsvc.wire import Texts

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""The start of a formula in a spreadsheet: the signs, their full-width forms, white space in front of them."""
_is_plain = re.compile(r'[0-9A-Za-z][^",\r\n]*').fullmatch
_PLAIN = r'(?:[0-9A-Za-z][^",\r\n\0]*+)?+'
_are_plain = re.compile(rf"{_PLAIN}(?:\0{_PLAIN})*+").fullmatch
_KEPT = 16384


def formula_safe(text: str) -> str:
    """The text, after an apostrophe where a spreadsheet would run it as a formula (OWASP: "CSV injection")."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA_STARTS) else text


def csv_line(cells: Iterable[str | None]) -> str:
    """One line of a CSV file, of cells that are not formulas: comma, quotes where needed, LF at its end."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def _cell(text: str) -> str:
    if not text or _is_plain(text):
        return text
    return csv_line([formula_safe(text)]).removesuffix("\n")


def csv_cells(texts: Sequence[str]) -> Sequence[str]:
    """Texts as cells of a line. Most lines have only plain texts, which one test finds."""
    return texts if _are_plain("\0".join(texts)) else [csv_cell(text) for text in texts]


csv_cell: Callable[[str], str] = Texts(_cell, _KEPT).__getitem__
"""A text as one cell of a line."""
