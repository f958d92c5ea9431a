"""The tables of a new SQLite store, as all migrations together make them.

Importing Alembic and running all versions takes longer than all other work for a new store.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import Connection

SCRIPT = Path(__file__).resolve().parent / "new_sqlite.sql"
"""The statements. Its first line is a comment with the version that they make; `make new-store` writes it."""
MARK = "-- "
END = ";\n"
"""The beginning of the first line, and the end of a statement."""


def make_tables(connection: Connection, head: str) -> bool:
    """Make all tables of version `head` in a database that has none; False where that is left to migrations."""
    if connection.dialect.name != "sqlite" or connection.exec_driver_sql("SELECT 1 FROM sqlite_master").first():
        return False
    version, statements = _script()
    if version != head:
        return False
    for statement in statements:
        connection.exec_driver_sql(statement)
    return True


@cache
def _script() -> tuple[str, list[str]]:
    first, _, rest = SCRIPT.read_text(encoding="utf-8").partition("\n")
    return first.removeprefix(MARK), [each for each in rest.split(END) if each]
