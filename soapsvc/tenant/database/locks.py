"""One import at a time: imports in other processes and on other machines wait.

A process that dies releases the lock.
"""

from __future__ import annotations

import fcntl
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from soapsvc.tenant.database.engines import file_of

_KEY = 0x736F617073766302
"""The key of PostgreSQL's advisory lock: another one than that of migrations."""
_POLL_SECONDS = 0.1
_LOG = logging.getLogger(__name__)


class ImportUnderWay(RuntimeError):
    """An import holds the lock, and the caller does not want to wait."""


@contextmanager
def import_lock(engine: Engine, *, wait: bool = True) -> Iterator[Connection]:
    """Keeps other imports out; gives the connection that has to write, since the lock may end with it.

    Waits for an import that is under way, or raises ImportUnderWay without `wait`.
    """
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            with _advisory_lock(connection, wait=wait):
                yield connection
        elif (path := file_of(engine.url)) is not None:
            with _file_lock(path.with_name(f"{path.name}.import-lock"), wait=wait):
                yield connection
        else:
            yield connection


@contextmanager
def _advisory_lock(connection: Connection, *, wait: bool) -> Iterator[None]:
    """A lock of the session: it ends with the connection, so a killed process does not block others."""

    def taken() -> bool:
        with connection.begin():
            return bool(connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _KEY}).scalar())

    _take(taken, wait=wait)
    try:
        yield
    finally:
        with suppress(SQLAlchemyError):  # a connection that is lost has no lock
            connection.rollback()
            with connection.begin():
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _KEY})


@contextmanager
def _file_lock(path: Path, *, wait: bool) -> Iterator[None]:
    """A lock on a separate file: SQLite's own lock must stay free for other writers."""

    def taken() -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    with path.open("wb") as file:
        _take(taken, wait=wait)
        yield


def _take(taken: Callable[[], bool], *, wait: bool) -> None:
    if taken():
        return
    if not wait:
        raise ImportUnderWay
    _LOG.warning("another import is under way; this one begins when that one has ended")
    while not taken():
        time.sleep(_POLL_SECONDS)
