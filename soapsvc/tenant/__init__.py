"""The tenant: accounts with their subscriptions and usage, rules and users, read from the vendor's formats and stored.

The rooms, from the bottom: `database` (connections, locks, outages), `reading` (files, JSON, single values), `formats`
(the vendor's formats and `tenant.toml`), `tables` (tables, packed records, statements, states), `migrations`, `users`
(a module), `store` (one account at a time, and what a user may see), `importing`. A room imports only the doors of the
rooms below it.
"""

from __future__ import annotations

from pathlib import Path

from soapsvc.tenant.database import NoDatabase, StoreError
from soapsvc.tenant.formats import TenantSettings, UserEntry
from soapsvc.tenant.importing import Changes, ImportReport, Progress, import_tenant
from soapsvc.tenant.reading import ImportProblem, ImportRefused
from soapsvc.tenant.store import Store
from soapsvc.tenant.tables import Selection
from soapsvc.tenant.users import User

__all__ = [
    "Changes",
    "ImportProblem",
    "ImportRefused",
    "ImportReport",
    "NoDatabase",
    "Progress",
    "Selection",
    "Store",
    "StoreError",
    "TenantSettings",
    "User",
    "UserEntry",
    "import_tenant",
    "open_tenant",
]


def open_tenant(folder: Path) -> Store:
    """A temporary store with the tenant directory `folder`, removed with this process. Raises ImportRefused."""
    store = Store.temporary()
    import_tenant(store, folder)
    return store
