"""Parquet files: typed columns under the names of the store's view, for tools that read columns. An extension."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, BinaryIO

from sqlalchemy import Connection

from soapsvc.engine.result import PreviewResult
from soapsvc.runs.definition import DATE_FIELDS, EXACT_FIELDS, INSTANT_FIELDS, RunRequest, needed
from soapsvc.runs.results import Row, item_rows
from soapsvc.runs.sinks.columns import item_fields
from soapsvc.runs.sinks.csv_files import Table, failure_line, open_table
from soapsvc.runs.sinks.writer import PartWriter, Place, failure_file, item_file
from soapsvc.tenant import Store

SUFFIX = ".parquet"
_ROWS_AT_ONCE = 10_000
_DIGITS, _DECIMALS = 38, 9
"""The widest decimal of 128 bits; amounts and quantities have nine decimals at most."""


class ParquetWriter:
    """Writes a part's items to a Parquet file and its failed accounts to a CSV file."""

    def __init__(self, place: Place, items: Any, failures: Table) -> None:
        self._seed = place.seed
        self._fields = item_fields(place.request.credit_memos)
        self._items = items
        self._failures = failures
        self._rows: list[Row] = []
        self.size = 0

    def put(self, result: PreviewResult) -> int:
        items = 0
        for rows in item_rows(result, self._seed, self._fields):
            self._rows.extend(rows)
            items += len(rows)
            if len(self._rows) >= _ROWS_AT_ONCE:
                self.flush()
        return items

    def flush(self) -> None:
        """Write the waiting rows."""
        if not self._rows:
            return
        arrow = needed("pyarrow", extra="parquet")
        columns = zip(self._fields, zip(*self._rows, strict=True), strict=True)
        arrays = [
            arrow.array(map(_reader(name), column), type=type_)
            for (name, column), type_ in zip(columns, self._items.schema.types, strict=True)
        ]
        self._items.write_table(arrow.Table.from_arrays(arrays, schema=self._items.schema))
        self._rows.clear()

    def fail(self, rows: Sequence[Row]) -> None:
        self._failures.write(list(map(failure_line, rows)))

    def end_accounts(self, store: Store, after_id: str, last_id: str | None) -> None:
        """Nothing: every row has been added."""

    def sizes(self) -> dict[str, int]:
        return {"size": self.size, "failed_size": self._failures.size}

    def store(self, connection: Connection) -> None:
        """Nothing: the results are in files."""


@contextmanager
def parquet_writer(place: Place) -> Iterator[PartWriter]:
    """Writes a part's items to a Parquet file. Raises MissingExtra where pyarrow is not installed."""
    folder = place.folder
    with (
        open_table(folder, failure_file(place.part)) as failures,
        folder.write(item_file(place.part, SUFFIX)) as file,
    ):
        with open_parquet(file, place.request) as items:
            writer = ParquetWriter(place, items, failures)
            yield writer
            writer.flush()
        writer.size = file.tell()


def open_parquet(file: BinaryIO | IO[bytes], request: RunRequest) -> Any:
    """A writer of a Parquet file with the columns of a run's items."""
    arrow, parquet = needed("pyarrow", extra="parquet"), needed("pyarrow.parquet", extra="parquet")
    types = {
        **dict.fromkeys(EXACT_FIELDS, arrow.decimal128(_DIGITS, _DECIMALS)),
        **dict.fromkeys(DATE_FIELDS, arrow.date32()),
        **dict.fromkeys(INSTANT_FIELDS, arrow.timestamp("ms")),
    }
    schema = arrow.schema([(name, types.get(name, arrow.string())) for name in item_fields(request.credit_memos)])
    return parquet.ParquetWriter(file, schema, compression="zstd")


def copy_rows(source: BinaryIO, target: Any) -> None:
    """Append the rows of one Parquet file to another, some at a time."""
    for batch in needed("pyarrow.parquet", extra="parquet").ParquetFile(source).iter_batches(_ROWS_AT_ONCE):
        target.write_batch(batch)


def _reader(field: str) -> Any:
    """Turns a field's text into a value of its type."""
    read = Decimal if field in EXACT_FIELDS else date.fromisoformat if field in DATE_FIELDS else None
    if field in INSTANT_FIELDS:
        read = datetime.fromisoformat
    return (lambda text: None if text is None else read(text)) if read is not None else (lambda text: text)
