"""Whether the database can be read now, past everything that this process and its connections remember of it."""

from __future__ import annotations

import sqlite3
from functools import partial

from sqlalchemy import Engine, NullPool, create_engine, select

from soapsvc.tenant.engines import file_of
from soapsvc.tenant.schema import METADATA, STATE

_BUSY_SECONDS = 5


def check(engine: Engine) -> None:
    """Read from the database; raises SQLAlchemyError where it does not answer, is damaged, or is not there any more.

    An open SQLite connection answers from its memory after its file was overwritten or removed. So a new one reads the
    first row of every table. Damage elsewhere in the file shows when it is read.
    """
    path = file_of(engine.url)
    if path is None or str(path).startswith("file:"):
        tables, reader = [STATE], engine
    else:
        address = f"{path.absolute().as_uri()}?mode=rw"  # never made anew
        anew = partial(sqlite3.connect, address, timeout=_BUSY_SECONDS, uri=True)
        tables, reader = METADATA.sorted_tables, create_engine("sqlite://", creator=anew, poolclass=NullPool)
    with reader.connect() as connection:
        for table in tables:
            connection.execute(select(table).limit(1)).first()
