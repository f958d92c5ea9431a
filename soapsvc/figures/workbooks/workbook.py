"""Workbooks for spreadsheets: real dates and numbers, fixed heads, filters. Rows are written as they come.

A text is always a text, never a formula, whatever it begins with. A number has the digits of its Decimal. A spreadsheet
computes with fifteen digits, so a longer number is written as a text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, BinaryIO

from soapsvc.figures.table import Cell

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_048_576
"""The most rows of a sheet; further rows go into another sheet."""
_DIGITS = 15
_LONGEST_TEXT = 32_767
_NARROW, _WIDE = 10, 60


class Book:
    """A workbook that is being written, sheet after sheet."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._head = workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self._day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        self._month = workbook.add_format({"num_format": "yyyy-mm"})
        self._numbers: dict[int, Format] = {}

    def add(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, months: bool = False) -> int:
        """Add a sheet with a head and rows, and further sheets if the rows do not fit; returns the number of rows.

        With `months`, days are shown as months.
        """
        sheet = self.open(name, columns, months=months)
        for row in rows:
            sheet.put(row)
        sheet.close()
        return sheet.count

    def open(self, name: str, columns: Sequence[str], *, months: bool = False) -> Sheet:
        """Add a sheet whose rows are added one by one, while other sheets are open too."""
        return Sheet(self, name, columns, self._month if months else self._day)

    def new_sheet(self, name: str, columns: Sequence[str]) -> Worksheet:
        """A sheet with its head."""
        sheet = self._workbook.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for column, title in enumerate(columns):
            is_text = any(word in title for word in ("Name", "Reason", "Explanation", "Message", "Description"))
            width = _WIDE if title in {"Explanation", "Reasons", "Message"} else 24 if is_text else len(title) + 4
            sheet.set_column(column, column, max(_NARROW, width))
            sheet.write_string(0, column, title, self._head)
        return sheet

    def put(self, sheet: Worksheet, row: int, column: int, cell: Cell, day: Format) -> None:
        """Write one cell."""
        if isinstance(cell, date):
            sheet.write_datetime(row, column, cell, day)
        elif isinstance(cell, int):
            sheet.write_number(row, column, cell)
        elif isinstance(cell, Decimal):
            if len(cell.as_tuple().digits) > _DIGITS:
                sheet.write_string(row, column, f"{cell:f}")
            else:
                sheet.write_number(row, column, cell, self._number(cell))
        elif cell:
            sheet.write_string(row, column, cell[:_LONGEST_TEXT])

    def _number(self, value: Decimal) -> Format:
        """A number format with as many decimals as the value: all amounts of a currency have equally many."""
        exponent = value.as_tuple().exponent
        decimals = max(0, -exponent) if isinstance(exponent, int) else 0
        if decimals not in self._numbers:
            pattern = f"#,##0.{'0' * decimals}" if decimals else "#,##0"
            self._numbers[decimals] = self._workbook.add_format({"num_format": pattern})
        return self._numbers[decimals]


class Sheet:
    """A sheet that is being written, and the sheets that continue it when it is full."""

    def __init__(self, book: Book, name: str, columns: Sequence[str], day: Format) -> None:
        self._book, self._name, self._columns, self._day = book, name, columns, day
        self._sheets, self._position, self.count = 1, 0, 0
        self._sheet = book.new_sheet(name, columns)

    def put(self, row: Sequence[Cell]) -> None:
        """Write the next row."""
        if self._position == MOST_ROWS - 1:
            self.close()
            self._sheets, self._position = self._sheets + 1, 0
            self._sheet = self._book.new_sheet(f"{self._name} {self._sheets}", self._columns)
        self._position += 1
        self.count += 1
        for column, cell in enumerate(row):
            self._book.put(self._sheet, self._position, column, cell, self._day)

    def close(self) -> None:
        """Add filters over all written rows to the head."""
        self._sheet.autofilter(0, 0, self._position, len(self._columns) - 1)


@contextmanager
def new_book(target: BinaryIO) -> Iterator[Book]:
    """A workbook, written to `target` at the end of the context. Rows wait in files, so memory does not grow."""
    from xlsxwriter import Workbook  # noqa: PLC0415 - whoever writes no workbook does not load it

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    workbook = Workbook(target, options)
    yield Book(workbook)
    workbook.close()
