"""Whether the database can be read now, without caches of this process and its connections."""

from __future__ import annotations

import sqlite3
from functools import partial

from sqlalchemy import Engine, NullPool, create_engine, select

from soapsvc.tenant.database import file_of
from soapsvc.tenant.tables import METADATA, STATE

_BUSY_SECONDS = 5


class Health:
    """Reads from the database of an engine.

    An open SQLite connection answers from memory after its file was overwritten or removed. So a new connection reads
    the first row of every table. Damage elsewhere in the file shows only when that part is read.
    """

    def __init__(self, engine: Engine) -> None:
        path = file_of(engine.url)
        if path is None or str(path).startswith("file:"):
            self._reader, tables = engine, [STATE]
        else:
            address = f"{path.absolute().as_uri()}?mode=rw"  # never created again
            anew = partial(sqlite3.connect, address, timeout=_BUSY_SECONDS, uri=True)
            self._reader, tables = create_engine("sqlite://", creator=anew, poolclass=NullPool), METADATA.sorted_tables
        self._statements = [select(table).limit(1) for table in tables]

    def check(self) -> None:
        """Raise SQLAlchemyError where the database does not answer, is damaged, or has been removed."""
        with self._reader.connect() as connection:
            for statement in self._statements:
                connection.execute(statement).first()
