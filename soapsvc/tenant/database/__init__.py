"""A database of any kind: connected to, locked, and known to be away.

It offers connections, the lock of imports, column types that mean the same everywhere, and what an outage looks like.

Read `engines` (connections), `locks` (one import at a time: others wait), `outages`, `columns`, `batches`.
"""

from soapsvc.tenant.database.batches import batched
from soapsvc.tenant.database.columns import exact, text
from soapsvc.tenant.database.engines import NoDatabase, StoreError, WrongUrl, connected, file_of, time_statements
from soapsvc.tenant.database.locks import ImportUnderWay, import_lock
from soapsvc.tenant.database.outages import log_failure, outage, reason

__all__ = [
    "ImportUnderWay",
    "NoDatabase",
    "StoreError",
    "WrongUrl",
    "batched",
    "connected",
    "exact",
    "file_of",
    "import_lock",
    "log_failure",
    "outage",
    "reason",
    "text",
    "time_statements",
]
