"""Choose how a part's results are stored.

A worker writes them with a `PartWriter`; `archive` makes the file for download.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

from soapsvc.runs.definition import StorageOption
from soapsvc.runs.sinks.csv_files import csv_writer
from soapsvc.runs.sinks.database import database_writer
from soapsvc.runs.sinks.parquet_files import parquet_writer
from soapsvc.runs.sinks.writer import PartWriter, Place

__all__ = ["PartWriter", "Place", "part_writer"]

_WRITERS = {
    StorageOption.CSV: csv_writer,
    StorageOption.PARQUET: parquet_writer,
    StorageOption.DATABASE: database_writer,
}


def part_writer(place: Place) -> AbstractContextManager[PartWriter]:
    """Opens the writer of one part. Raises MissingExtra where a package that it needs is not installed."""
    return _WRITERS[place.request.storage_option](place)
