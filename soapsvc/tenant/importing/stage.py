"""The private database in which an import gathers its records; it is deleted with the import."""

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
"""Its data need not survive a crash; 64 MiB are in memory, the rest in a file."""


_ENGINE = create_engine("sqlite://", creator=lambda: sqlite3.connect(""), poolclass=NullPool)
"""Every connection has a database of its own. They share the engine, which caches compiled statements: compiling takes
longer than the rest of a small import."""


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
    """The records of a store in one of its states, read in short transactions."""

    def __init__(self, connection: Connection, state: int) -> None:
        self._connection = connection
        self.state = state

    def rows(self, statement: Select[Any]) -> list[Any]:
        """The rows of a statement over records; the caller has limited it to rows that are alive at `state`."""
        if self.state == 0:
            return []  # nothing was ever imported
        with self._connection.begin():
            return list(self._connection.execute(statement).all())
