"""Connections to the database of a store: SQLite with a write-ahead log, any other as SQLAlchemy reaches it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import URL, Engine, create_engine, event, inspect
from sqlalchemy.engine import make_url

_BUSY_SECONDS = 30
_MEMORY = frozenset({None, "", ":memory:"})


class NoDatabase(RuntimeError):
    """There is no database at a URL, or none that a tenant was ever imported into."""

    def __init__(self, url: URL) -> None:
        shown = url.render_as_string(hide_password=True)
        super().__init__(
            f"there is no tenant's database at {shown}; `soapsvc import DIR --database {shown}` makes one from a folder"
        )


def connected(url: str, *, create: bool = True) -> Engine:
    """An engine for the database at a SQLAlchemy URL; without `create`, for one that already has a store's tables.

    Raises NoDatabase, and then has made nothing: no file either. Raises sqlalchemy.exc.ArgumentError for what is no
    URL, and OperationalError where nothing answers.
    """
    parsed = make_url(url)
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


def _is_absent(url: URL) -> bool:
    """Whether opening the URL would make a new SQLite database."""
    if url.get_backend_name() != "sqlite":
        return False
    if url.database is None or url.database in _MEMORY:
        return True
    path = Path(url.database)
    return not url.database.startswith("file:") and path.parent.is_dir() and _is_empty(path)


def _is_empty(path: Path) -> bool:
    """Whether there is no file, or one without a byte."""
    return not path.exists() or (path.is_file() and path.stat().st_size == 0)


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "temp_store=MEMORY"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
