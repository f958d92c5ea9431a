"""Where an import gathers its records: a private database, which nobody else sees and which is gone with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import Connection, NullPool, Select, create_engine
from sqlalchemy.schema import CreateIndex, CreateTable

from soapsvc.tenant.tables import RECORDS

_PRAGMAS = ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE", "cache_size=-65536")
"""Nothing of it outlives the import, so nothing need survive a crash; 64 MiB are kept in memory, the rest in a file."""


_ENGINE = create_engine("sqlite://", creator=lambda: sqlite3.connect(""), poolclass=NullPool)
"""Every connection is a database of its own. They share the engine, which keeps statements compiled: to compile them
takes longer than all else that a small import does."""


@cache
def _tables() -> tuple[str, ...]:
    """The statements that make the tables."""
    made = (
        [CreateTable(table) for table in RECORDS],
        [CreateIndex(index) for table in RECORDS for index in table.indexes],
    )
    return tuple(str(each.compile(_ENGINE)) for several in made for each in several)


@contextmanager
def new_stage() -> Iterator[Connection]:
    """A database with the store's tables of records, all empty, in a temporary file that SQLite removes."""
    with _ENGINE.connect() as connection:
        for statement in (*(f"PRAGMA {pragma}" for pragma in _PRAGMAS), *_tables()):
            connection.exec_driver_sql(statement)
        yield connection


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
