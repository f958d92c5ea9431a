"""A hash of all that a store holds, sessions apart, so that tests can say that nothing was changed."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import select

from soapsvc.tenant import Store
from soapsvc.tenant.schema import METADATA, SESSIONS

_COUNTERS = {"import_number"}


def store_hash(store: Store, *, counters: bool = True) -> str:
    """The hash of every row of every table; without `counters`, of what was imported alone, whichever time it was."""
    digest = sha256()
    with store.begin() as connection:
        for table in METADATA.sorted_tables:
            if table is SESSIONS:
                continue
            columns = [column for column in table.columns if counters or column.name not in _COUNTERS]
            for row in connection.execute(select(*columns).order_by(*table.primary_key.columns)):
                if counters or row[0] != "version":
                    digest.update(repr((table.name, *row)).encode())
    return digest.hexdigest()
