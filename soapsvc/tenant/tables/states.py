"""Delete rows that belong only to superseded states of the tenant, when no call can still read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, func, select, tuple_, update

from soapsvc.tenant.tables.postings import remove_postings
from soapsvc.tenant.tables.queries import VERSION_NAME, read_number, write_number
from soapsvc.tenant.tables.schema import LOCATORS, RECORDS, STATES

OLDEST = "oldest"
"""The name in `state` of the number of the oldest state that is still complete."""
_AT_ONCE = 250


def drop_states(connection: Connection, *, in_use: Iterable[int], superseded_before: datetime) -> int:
    """Delete the rows that belong only to states no longer needed, in short transactions; returns their number.

    Needed are the tenant's current state, states superseded after that instant, those `in_use`, and those in which a
    query may continue.
    """
    with connection.begin():
        oldest, now = read_number(connection, OLDEST), read_number(connection, VERSION_NAME)
        younger = select(STATES.c.number).where(STATES.c.imported >= int(superseded_before.timestamp()))
        recent = connection.execute(younger.order_by(STATES.c.number).limit(1)).scalar()
        going_on = select(func.min(LOCATORS.c.state)).where(LOCATORS.c.expires > int(superseded_before.timestamp()))
        queried = connection.execute(going_on).scalar()
    # A recent import has superseded the state before it.
    needed = min(
        [now, *in_use, *([recent - 1] if recent is not None else []), *([queried] if queried is not None else [])]
    )
    if needed <= oldest:
        return 0
    with connection.begin():
        write_number(connection, OLDEST, needed)
        connection.execute(update(STATES).where(STATES.c.number < needed).values(settings=None))
    dropped = 0
    for table in RECORDS:
        for rows in found(connection, table, table.c.until <= needed):
            with connection.begin():
                dropped += remove_rows(connection, table, rows)
    return dropped


def remove_rows(connection: Connection, table: Table, identities: Sequence[tuple[Any, ...]]) -> int:
    """Delete rows of a table of records, and where their terms occur; returns how many rows."""
    these = identity(table).in_(identities)
    if "terms" in table.c:
        found = select(*table.primary_key.columns, table.c.terms).where(these)
        remove_postings(connection, connection.execute(found).all())
    return connection.execute(delete(table).where(these)).rowcount


def identity(table: Table) -> Any:
    """The columns that identify a row: the record's key and the state that it is there since."""
    return tuple_(*table.primary_key.columns)


def found(connection: Connection, table: Table, condition: ColumnElement[bool]) -> Iterator[list[tuple[Any, ...]]]:
    """The identities of the rows that match a condition, some at a time, in short transactions."""
    columns = list(table.primary_key.columns)
    wanted = select(*columns).where(condition).order_by(*columns).limit(_AT_ONCE)
    page: list[tuple[Any, ...]] = []
    while True:
        further = wanted.where(identity(table) > tuple_(*page[-1])) if page else wanted
        with connection.begin():
            page = [tuple(row) for row in connection.execute(further)]
        if not page:
            return
        yield page
