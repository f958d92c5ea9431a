"""A tenant's database that does not answer for a while."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine, make_url, text

from soapsvc.tenant import Store
from tests.support.stores.databases import SERVER


@contextmanager
def cut_off(store: Store, database: str) -> Iterator[None]:
    """Make the database unreachable: SQLite's file is replaced, PostgreSQL ends connections and accepts none."""
    url = make_url(database)
    if url.get_backend_name() == "sqlite":
        with _no_database_in(store, Path(str(url.database))):
            yield
        return
    with administration() as connection:
        connection.execute(text(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS false"))
        end = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
        connection.execute(end, {"name": url.database})
        try:
            yield
        finally:
            connection.execute(text(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS true"))


@contextmanager
def administration() -> Iterator[Connection]:
    """A connection to the tests' PostgreSQL server, outside every test's database."""
    engine = create_engine(os.environ[SERVER], isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def _no_database_in(store: Store, file: Path) -> Iterator[None]:
    store.close()  # with the last connection, the log is written into the file
    whole = file.read_bytes()
    file.write_bytes(b"no database " * 1000)
    try:
        yield
    finally:
        store.close()
        file.write_bytes(whole)
