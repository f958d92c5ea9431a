"""Connections to the database of a store: SQLite with a write-ahead log, any other as SQLAlchemy reaches it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

_BUSY_SECONDS = 30
_BUSY_PAUSE = 0.02  # seconds
_CONNECT_SECONDS = 10
_MEMORY = frozenset({None, "", ":memory:"})


class StoreError(RuntimeError):
    """The reason why a store cannot be opened, as a sentence for the operator: NoDatabase, WrongUrl, StoreTooNew."""


class WrongUrl(StoreError):
    """The URL does not lead to a supported kind of database; `why` ends the sentence."""

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}; a database is sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME")


class NoDatabase(StoreError):
    """There is no database at the URL, or one without an imported tenant."""

    def __init__(self, url: URL) -> None:
        shown = url.render_as_string(hide_password=True)
        super().__init__(
            f"there is no tenant's database at {shown}; `soapsvc import DIR --database {shown}` makes one from a folder"
        )


def connected(url: str, *, create: bool = True) -> Engine:
    """An engine for the database at a SQLAlchemy URL; without `create`, for one that already has a store's tables.

    Raises NoDatabase without creating a file. Raises WrongUrl for a text that is not the URL of a supported
    database, and sqlalchemy.exc.OperationalError where no database answers.
    """
    parsed = _parsed(url)
    if not create and _is_absent(parsed):
        raise NoDatabase(parsed)
    engine = _engine(parsed)
    try:
        if not create and not inspect(engine).has_table("alembic_version"):
            raise NoDatabase(parsed)
    except BaseException:
        engine.dispose()
        raise
    return engine


def time_statements(engine: Engine, told: Callable[[float], None]) -> None:
    """Report every statement of an engine when it ends, with the seconds that it took."""

    def before(connection: Connection, *_: object) -> None:
        connection.info["soapsvc_began"] = time.perf_counter()

    def after(connection: Connection, *_: object) -> None:
        told(time.perf_counter() - connection.info["soapsvc_began"])

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)


def file_of(url: URL) -> Path | None:
    """The file of an SQLite database; None for one in memory, and for every other database."""
    if url.get_backend_name() != "sqlite" or url.database is None or url.database in _MEMORY:
        return None
    return Path(url.database)


def _parsed(url: str) -> URL:
    """The URL in its parts, if this installation has a driver for it.

    Errors do not show the URL: it may hold a password.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise WrongUrl("the database's URL cannot be read") from error
    try:
        parsed.get_dialect().import_dbapi()
    except NoSuchModuleError as error:
        raise WrongUrl(f"{parsed.drivername!r} is not a supported kind of database") from error
    except ImportError as error:
        raise WrongUrl(
            f"{parsed.drivername!r} needs the package {error.name!r}, which is missing: install it"
        ) from error
    return parsed


def _is_absent(url: URL) -> bool:
    """Whether opening the URL would make a new SQLite database."""
    if url.get_backend_name() != "sqlite":
        return False
    path = file_of(url)
    return path is None or (not str(path).startswith("file:") and path.parent.is_dir() and _is_empty(path))


def _is_empty(path: Path) -> bool:
    """Whether there is no file, or one without a byte."""
    return not path.exists() or (path.is_file() and path.stat().st_size == 0)


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        is_limited = "connect_timeout" in url.query or url.get_driver_name() != "psycopg"
        limits = {} if is_limited else {"connect_timeout": _CONNECT_SECONDS}
        return create_engine(url, pool_pre_ping=True, connect_args=limits)
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    cursor = connection.cursor()
    _use_wal(cursor)
    for pragma in ("synchronous=NORMAL", "temp_store=MEMORY"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _use_wal(cursor: sqlite3.Cursor) -> None:
    """Switch on the write-ahead log. SQLite itself then does not wait for another writer."""
    end = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= end:
                raise
            time.sleep(_BUSY_PAUSE)
        else:
            return
