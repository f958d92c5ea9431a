"""Where an import gathers its records: a private database, which nobody else sees and which is gone with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Select, StaticPool, create_engine

from soapsvc.tenant.tables import METADATA, RECORDS

_PRAGMAS = ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE", "cache_size=-65536")
"""Nothing of it outlives the import, so nothing need survive a crash; 64 MiB are kept in memory, the rest in a file."""


@contextmanager
def new_stage() -> Iterator[Connection]:
    """A database with the store's tables of records, all empty, in a temporary file that SQLite removes."""
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(""), poolclass=StaticPool)
    try:
        with engine.connect() as connection:
            for pragma in _PRAGMAS:
                connection.exec_driver_sql(f"PRAGMA {pragma}")
            METADATA.create_all(connection, tables=RECORDS)
            yield connection
    finally:
        engine.dispose()


class Live:
    """The records of a store as of one of its states; each look at them is short, so that nobody waits for it."""

    def __init__(self, connection: Connection, state: int) -> None:
        self._connection = connection
        self.state = state

    def rows(self, statement: Select[Any]) -> list[Any]:
        """The rows of a statement over records; the caller has narrowed it to those alive at `state`."""
        if self.state == 0:
            return []  # nothing was ever imported
        with self._connection.begin():
            return list(self._connection.execute(statement).all())
