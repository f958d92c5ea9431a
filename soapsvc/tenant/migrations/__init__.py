"""Bring the tables of a store up to date when it is opened: Alembic's versions, one after the other.

A new SQLite store starts from a stored script with the result of all versions.

Several processes may open a new store at once: one of them migrates, the others wait for it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from soapsvc.tenant.database import StoreError
from soapsvc.tenant.migrations.new_store import make_tables

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

HEAD = "0011_run_pace"
"""The version that this code requires."""

_FOLDER = Path(__file__).resolve().parent
_LOCK = 0x736F617073766301
"""The key of PostgreSQL's advisory lock: any number that no other program takes."""


class StoreTooNew(StoreError):
    """The store was migrated by a later release; this one does not know its tables."""


def migrate(engine: Engine) -> None:
    """Bring the store's tables up to date. Raises StoreTooNew where a later release has migrated it."""
    with engine.connect() as connection:
        if _version(connection) == HEAD:
            return
        connection.rollback()
        _lock(connection)
        try:
            version = _version(connection)  # the former holder of the lock may have migrated already
            if version != HEAD and not make_tables(connection, HEAD):
                _upgrade(connection, version)
            connection.commit()
        except BaseException:
            connection.rollback()
            raise


def migrations_problem(connection: Connection) -> str | None:
    """Why this release cannot use the tables of an open store; None where they have its version."""
    version = _version(connection)
    return (
        None
        if version == HEAD
        else (f"the database has tables of version {version}; this release needs version {HEAD}")
    )


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _lock(connection: Connection) -> None:
    """Keep other processes out until the end of the transaction."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN EXCLUSIVE")
    elif connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _upgrade(connection: Connection, version: str | None) -> None:
    from alembic.config import Config  # noqa: PLC0415 - slow to import, and seldom needed
    from alembic.runtime.environment import EnvironmentContext  # noqa: PLC0415

    scripts = _scripts()
    config = Config(attributes={"connection": connection})
    if version is not None and version not in {script.revision for script in scripts.walk_revisions()}:
        raise StoreTooNew(
            f"the database has tables of version {version}, which is newer than this release's {HEAD}: "
            "install the newer release"
        )
    with EnvironmentContext(config, scripts, fn=lambda now, _: scripts._upgrade_revs(HEAD, now)):  # noqa: SLF001 - as Alembic's manual says
        scripts.run_env()


@cache
def _scripts() -> ScriptDirectory:
    """Alembic's script directory, made once, because each one loads all versions again."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - slow to import, and seldom needed

    return ScriptDirectory(_FOLDER)
