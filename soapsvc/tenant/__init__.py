"""The tenant: accounts and all that is billed to them, rules and users, read from the vendor's formats and kept."""

from __future__ import annotations

from pathlib import Path

from soapsvc.tenant.engines import NoDatabase, StoreError
from soapsvc.tenant.importing import Changes, ImportReport, Progress, import_tenant
from soapsvc.tenant.problems import ImportProblem, ImportRefused
from soapsvc.tenant.queries import Selection
from soapsvc.tenant.settings import TenantSettings, UserEntry
from soapsvc.tenant.store import Store
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
    """A store of its own for the tenant directory `folder`, gone with this process. Raises ImportRefused."""
    store = Store.temporary()
    import_tenant(store, folder)
    return store
