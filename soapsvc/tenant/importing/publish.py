"""Write a state of the tenant into the store, in short transactions, so that logins and runs do not wait.

The rows belong to a state with a number that the store has not reached, so no reader sees them. The last transaction
raises the number, and all rows are visible at once. If the process dies before, the next import deletes its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress

from sqlalchemy import Connection, and_, insert, update
from sqlalchemy.exc import SQLAlchemyError

from soapsvc.tenant.importing.differences import Batch, key_of
from soapsvc.tenant.tables import (
    FOREVER,
    RECORDS,
    VERSION_NAME,
    found,
    identity,
    new_postings,
    read_number,
    remove_rows,
    write_number,
    write_postings,
)

_UNFINISHED = "unfinished"
"""The name in `state` of the number of a state that is being written."""


def publish(connection: Connection, state: int, batches: Iterable[Batch], last: Callable[[Connection], None]) -> None:
    """Write the differences from the state before `state`, then `last` and the state's number in one transaction."""
    _sweep(connection, state - 1)
    with connection.begin():
        write_number(connection, _UNFINISHED, state)
    try:
        with new_postings() as postings:
            for batch in batches:
                _write(connection, state, batch)
                for row in batch.begun:
                    postings.add(row[key_of(batch.table).name], state, row.get("terms"))
            write_postings(connection, postings)
        with connection.begin():
            last(connection)
            write_number(connection, VERSION_NAME, state)
            write_number(connection, _UNFINISHED, 0)
    except BaseException:
        with suppress(SQLAlchemyError):  # if the database does not answer, the next import deletes the rows
            _sweep(connection, state - 1)
        raise


def _write(connection: Connection, state: int, batch: Batch) -> None:
    columns = batch.table.c
    with connection.begin():
        if batch.ended:
            these = key_of(batch.table).in_(batch.ended) & (columns.until == FOREVER)
            connection.execute(update(batch.table).where(these).values(until=state))
        if batch.begun:
            # One statement for all rows of the same columns, because it locks the store while it runs.
            begun = [{**row, "since": state, "until": FOREVER} for row in batch.begun]
            connection.execute(insert(batch.table), begun)


def _sweep(connection: Connection, reached: int) -> None:
    """Delete rows of a state that was never reached, if an interrupted import has left any."""
    with connection.begin():
        left = read_number(connection, _UNFINISHED)
    if not left:
        return
    for table in RECORDS:
        columns = table.c
        for keys in found(connection, table, columns.since > reached):
            with connection.begin():
                remove_rows(connection, table, keys)
        ended = and_(columns.until > reached, columns.until != FOREVER)
        for keys in found(connection, table, ended):
            with connection.begin():
                connection.execute(update(table).where(identity(table).in_(keys)).values(until=FOREVER))
    with connection.begin():
        write_number(connection, _UNFINISHED, 0)
