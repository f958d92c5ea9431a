"""A hash of a store's whole content except sessions, so that tests can check that nothing was changed."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import select

from soapsvc.tenant import Store
from soapsvc.tenant.tables import METADATA, RECORDS, SESSIONS, SINCE, STATE, STATES, UNTIL, alive


def store_hash(store: Store, *, counters: bool = True) -> str:
    """The hash of every row of every table; without `counters`, of the present content, without state numbers."""
    digest, version = sha256(), store.version()
    with store.begin() as connection:
        for table in METADATA.sorted_tables:
            if table is SESSIONS or (table is STATE and not counters):
                continue
            counting = {SINCE, UNTIL} if table in RECORDS else {"number", "imported"} if table is STATES else set()
            columns = [column for column in table.columns if counters or column.name not in counting]
            rows = select(*columns).order_by(*table.primary_key.columns)
            if not counters and table in RECORDS:
                rows = rows.where(alive(table, version))
            elif not counters and table is STATES:
                rows = rows.where(STATES.c.number == version)
            for row in connection.execute(rows):
                digest.update(repr((table.name, *row)).encode())
    return digest.hexdigest()
