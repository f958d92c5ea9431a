"""CSV files: UTF-8, comma, quotes where needed, lines that end in LF; no cell of text is a spreadsheet formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from soapsvc.runs.folder import Folder
from soapsvc.runs.items import Row
from soapsvc.runs.sinks.columns import item_fields
from soapsvc.runs.sinks.writer import PartWriter, Place, failure_file, item_file
from soapsvc.tenant import Store

SUFFIX = ".csv"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the start of a formula: the signs, their full-width forms, white space before them."""


@lru_cache(maxsize=65536)
def formula_safe(text: str) -> str:
    """The text, after an apostrophe where a spreadsheet would run it as a formula (OWASP: "CSV injection")."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA_STARTS) else text


def csv_line(cells: Iterable[str]) -> bytes:
    """One line of a CSV file."""
    text = io.StringIO()
    _writer(text).writerow(cells)
    return text.getvalue().encode()


class Table:
    """A CSV file without header while it is written; `size` is its bytes once it is closed."""

    def __init__(self, text: io.TextIOBase) -> None:
        self.write = _writer(text).writerows
        self.size = 0


@contextmanager
def open_table(folder: Folder, name: str) -> Iterator[Table]:
    """A new file in `folder`: whole at the end of the context, or not there after an exception."""
    with folder.write(name) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        table = Table(text)
        try:
            yield table
            text.flush()
            table.size = file.tell()
        finally:
            text.detach()


class CsvWriter:
    """Writes a part to two CSV files."""

    def __init__(self, items: Table, failures: Table, fields: Sequence[str]) -> None:
        self._items = items
        self._failures = failures
        self.fields = fields

    def clean(self, text: str) -> str:
        return formula_safe(text)

    def put(self, rows: Sequence[Row]) -> None:
        self._items.write(rows)

    def fail(self, rows: Sequence[Row]) -> None:
        self._failures.write(rows)

    def end_accounts(self, store: Store, after_id: str, last_id: str | None) -> None:
        """Nothing: every row has been written."""

    def sizes(self) -> dict[str, int]:
        return {"size": self._items.size, "failed_size": self._failures.size}

    def store(self, connection: Connection) -> None:
        """Nothing: the results are in files."""


@contextmanager
def csv_writer(place: Place) -> Iterator[PartWriter]:
    """Writes a part's items, and its failed accounts, to a CSV file each."""
    folder = place.folder
    with (
        open_table(folder, failure_file(place.part)) as failures,
        open_table(folder, item_file(place.part, SUFFIX)) as items,
    ):
        yield CsvWriter(items, failures, item_fields(place.request.credit_memos))


def _writer(text: io.TextIOBase) -> Any:
    return csv.writer(text, lineterminator="\n")
