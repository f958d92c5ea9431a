"""The known names, for the search of the nearest one to a mistyped name."""

from __future__ import annotations

from itertools import chain

from sqlalchemy import select

from soapsvc.tenant import Store
from soapsvc.tenant.tables import ACCOUNTS, alive

_AMONG = 5000
"""The most accounts that are searched for the nearest name."""


def account_names(store: Store) -> list[str]:
    """Numbers, then ids, of the tenant's accounts."""
    columns = ACCOUNTS.c
    wanted = select(columns.number, columns.id).where(alive(ACCOUNTS, store.version())).order_by(columns.number)
    with store.reading() as connection:
        rows = connection.execute(wanted.limit(_AMONG)).all()
    return list(chain((row.number for row in rows), (row.id for row in rows)))


def names_of(store: Store, name: str) -> frozenset[str]:
    """Id and number of the account with this id or number; only the given name where it does not exist."""
    columns = ACCOUNTS.c
    wanted = select(columns.number, columns.id).where((columns.number == name) | (columns.id == name))
    with store.reading() as connection:
        rows = connection.execute(wanted.where(alive(ACCOUNTS, store.version()))).all()
    return frozenset(chain([name], *((row.number, row.id) for row in rows)))
