"""The tables of a new SQLite store, as the migrations make them; `make new-store` writes them into the package."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

from sqlalchemy import create_engine

from soapsvc.tenant import migrations
from soapsvc.tenant.migrations.new_store import END, MARK, SCRIPT

_LATER = ("CREATE INDEX", "CREATE VIEW")
_OF_TRANSACTIONS = {"BEGIN TRANSACTION;", "COMMIT;"}


def script() -> str:
    """The file's right content: statements with the same result as the migrations, without blanks at ends of lines."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "new.sqlite"
        engine = create_engine(f"sqlite:///{path}")
        with patch.object(migrations, "make_tables", return_value=False):
            migrations.migrate(engine)
        engine.dispose()
        with closing(sqlite3.connect(path)) as connection:
            return f"{MARK}{migrations.HEAD}\n" + "".join(_statements(connection))


def _statements(connection: sqlite3.Connection) -> list[str]:
    """Tables with their rows, then indexes and views: the migrations have no fixed order for these."""
    found = [_tidy(each) for each in connection.iterdump() if each not in _OF_TRANSACTIONS]
    return sorted(found, key=lambda each: (each.startswith(_LATER), each if each.startswith(_LATER) else ""))


def _tidy(statement: str) -> str:
    lines = (line.rstrip() for line in statement.removesuffix(";").splitlines())
    return "\n".join(line for line in lines if line) + END


if __name__ == "__main__":
    SCRIPT.write_text(script(), encoding="utf-8")
