"""Column types that mean the same on SQLite and on PostgreSQL."""

from __future__ import annotations

from sqlalchemy import Numeric, String
from sqlalchemy.types import TypeEngine


def text(length: int | None = None) -> TypeEngine[str]:
    """Text that sorts by code point, as in SQLite and in Python, so pages and partitions have one order everywhere."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


def exact() -> TypeEngine[str]:
    """An exact decimal: `numeric` where the database has one, else its plain text. Bound as text on either."""
    return String(60).with_variant(Numeric(), "postgresql")
