"""The rows in which terms occur: written in the order of the terms, so an index of millions grows page after page."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert

from soapsvc.tenant.database import batched
from soapsvc.tenant.tables.schema import POSTINGS, SINCE
from soapsvc.tenant.tables.terms import unpacked

_AT_ONCE = 5_000
_PRAGMAS = ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE", "cache_size=-65536")
_COLUMNS = ("term", "key", SINCE)
_NO_MORE = object()
_REMOVE = delete(POSTINGS).where(
    POSTINGS.c.term == bindparam("the_term"),
    POSTINGS.c.key == bindparam("the_key"),
    POSTINGS.c.since == bindparam("the_since"),
)


class Postings:
    """Collects the occurrences of terms in any order, and writes them in the order of the terms."""

    def __init__(self, spool: sqlite3.Connection) -> None:
        self._spool = spool
        for pragma in _PRAGMAS:
            spool.execute(f"PRAGMA {pragma}")
        spool.execute("BEGIN")  # the spool is one transaction that is never committed: it ends with the connection
        spool.execute("CREATE TABLE postings (term INTEGER, key TEXT, since INTEGER)")

    def add(self, key: str, since: int, packed: bytes | None) -> None:
        """A row that begins at `since` has these terms."""
        rows = [(term, key, since) for term in unpacked(packed)]
        self._spool.executemany("INSERT INTO postings VALUES (?, ?, ?)", rows)

    def write(self, connection: Connection) -> Iterator[None]:
        """Write all of them, some at each step."""
        statement = insert(POSTINGS)
        compiled = statement.compile(dialect=connection.dialect)
        rows = self._spool.execute("SELECT term, key, since FROM postings ORDER BY term, key, since")
        for some in batched(rows, _AT_ONCE):
            if compiled.positional:
                # Rows as the driver takes them: millions of dictionaries cost more than the insertion itself.
                connection.exec_driver_sql(str(compiled), some)
            else:
                connection.execute(statement, [dict(zip(_COLUMNS, row, strict=True)) for row in some])
            yield


@contextmanager
def new_postings() -> Iterator[Postings]:
    """Gathers postings in memory, and in a file where there are many, which is gone afterwards."""
    with closing(sqlite3.connect("", isolation_level=None)) as spool:
        yield Postings(spool)


def write_postings(connection: Connection, postings: Postings) -> None:
    """Write them in short transactions."""
    steps = postings.write(connection)
    while True:
        with connection.begin():
            if next(steps, _NO_MORE) is _NO_MORE:
                return


def remove_postings(connection: Connection, rows: Iterable[Any]) -> None:
    """Delete the occurrences of the terms of rows (key, since, packed terms)."""
    gone: list[Mapping[str, Any]] = [
        {"the_term": term, "the_key": key, "the_since": since}
        for key, since, packed in rows
        for term in unpacked(packed)
    ]
    if gone:
        connection.execute(_REMOVE, gone)
