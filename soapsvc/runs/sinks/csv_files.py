"""CSV files: UTF-8, comma, quotes where needed, lines that end in LF; deflated, so that parts are joined by copying."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import BinaryIO

from sqlalchemy import Connection

from soapsvc.engine.result import PreviewResult
from soapsvc.runs.results import Row
from soapsvc.runs.sinks.csv_lines import CsvLines
from soapsvc.runs.sinks.csv_text import csv_cell
from soapsvc.runs.sinks.writer import PartWriter, Place, failure_file, item_file
from soapsvc.runs.storage import Folder, PieceWriter
from soapsvc.tenant import Store
from soapsvc.wire import instant_text

SUFFIX = ".csv.deflated"
_WAITING = 500
"""The most lines that wait to be compressed, plus those of one charge."""


class Table:
    """A CSV file without header while it is written; `size` is its bytes once it is closed, 0 without lines."""

    def __init__(self, opened: Callable[[], BinaryIO]) -> None:
        self._opened = opened
        self._waiting: list[str] = []
        self._piece: PieceWriter | None = None
        self.size = 0

    def write(self, lines: Sequence[str]) -> None:
        """Add lines."""
        self._waiting += lines
        if len(self._waiting) >= _WAITING:
            self._flush()

    def end(self) -> None:
        """Write the waiting lines."""
        if self._waiting:
            self._flush()
        if self._piece is not None:
            self._piece.end()
            self.size = self._piece.size

    def _flush(self) -> None:
        if self._piece is None:
            self._piece = PieceWriter(self._opened())
        self._piece.write("".join(self._waiting).encode())
        self._waiting.clear()


@contextmanager
def open_table(folder: Folder, name: str) -> Iterator[Table]:
    """A file in `folder`: complete at the end of the context if it has a line; no file after an exception."""
    with ExitStack() as files:
        table = Table(lambda: files.enter_context(folder.write(name)))
        yield table
        table.end()


class CsvWriter:
    """Writes a part to two CSV files."""

    def __init__(self, place: Place, items: Table, failures: Table) -> None:
        self._seed = place.seed
        self._charge_date = instant_text(place.as_of)
        self._credit_memos = place.request.credit_memos
        self._items = items
        self._failures = failures

    def put(self, result: PreviewResult) -> int:
        items = 0
        for lines in CsvLines(result, self._seed, self._charge_date, credit_memos=self._credit_memos):
            self._items.write(lines)
            items += len(lines)
        return items

    def fail(self, rows: Sequence[Row]) -> None:
        self._failures.write(list(map(failure_line, rows)))

    def end_accounts(self, store: Store, after_id: str, last_id: str | None) -> None:
        """Nothing: every line has been written."""

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
        yield CsvWriter(place, items, failures)


def failure_line(row: Row) -> str:
    """A line about an account that could not be previewed."""
    return f"{','.join(csv_cell(cell or '') for cell in row)}\n"
