"""The names that there are, among which the nearest one to a mistyped name is looked for."""

from __future__ import annotations

from itertools import chain

from sqlalchemy import select

from soapsvc.tenant import Store
from soapsvc.tenant.tables import ACCOUNTS, alive

_AMONG = 5000
"""In a larger tenant the nearest name is looked for among so many accounts."""


def account_names(store: Store) -> list[str]:
    """Numbers, then ids, of the tenant's accounts."""
    columns = ACCOUNTS.c
    wanted = select(columns.number, columns.id).where(alive(ACCOUNTS, store.version())).order_by(columns.number)
    with store.reading() as connection:
        rows = connection.execute(wanted.limit(_AMONG)).all()
    return list(chain((row.number for row in rows), (row.id for row in rows)))


def names_of(store: Store, name: str) -> frozenset[str]:
    """Id and number of the account with this id or number; the name alone where there is none."""
    columns = ACCOUNTS.c
    wanted = select(columns.number, columns.id).where((columns.number == name) | (columns.id == name))
    with store.reading() as connection:
        rows = connection.execute(wanted.where(alive(ACCOUNTS, store.version()))).all()
    return frozenset(chain([name], *((row.number, row.id) for row in rows)))
