"""Work with any kind of database: connections, locks, outages.

It offers connections, the lock of imports, column types with the same meaning on every database, and tests for outages.

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
