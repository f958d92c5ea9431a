"""Write many rows at once, in the fastest way of each database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table

from soapsvc.tenant.database import batched

_BATCH = 5000


def insert_rows(
    connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[tuple[str | int | None, ...]]
) -> None:
    """Insert rows, given as tuples in the order of `columns`; texts stand for dates and decimals too."""
    names = ", ".join(columns)
    if connection.dialect.driver == "psycopg":
        cursor: Any = connection.connection.cursor()
        with cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    marks = ", ".join("?" * len(columns))
    statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608 - names from our own tables
    for batch in batched(rows, _BATCH):
        connection.exec_driver_sql(statement, batch)
