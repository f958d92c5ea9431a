"""New, empty databases for tests: a SQLite file, or a database on the PostgreSQL server of SOAPSVC_TEST_POSTGRESQL.

`make test-postgres` starts such a server and sets the variable; the same tests then run against it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from secrets import token_hex

from sqlalchemy import create_engine, make_url, text

from soapsvc.tenant import Store

SERVER = "SOAPSVC_TEST_POSTGRESQL"


@contextmanager
def new_database(folder: Path) -> Iterator[str]:
    """The URL of an empty database, which is removed afterwards."""
    server = os.environ.get(SERVER)
    if not server:
        yield f"sqlite:///{folder / 'tenant.sqlite'}"
        return
    name = f"test_{token_hex(8)}"
    administration = create_engine(server, isolation_level="AUTOCOMMIT")
    with administration.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with administration.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        administration.dispose()


class TemporaryStores(ExitStack):
    """Replaces `Store.temporary` on a PostgreSQL server; the stores are removed at the end of this context."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def make(self) -> Store:
        """A new, empty store."""
        store = Store.open(self.enter_context(new_database(self._folder)))
        self.callback(store.close)
        return store
