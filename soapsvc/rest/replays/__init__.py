"""Stored answers: for idempotency keys, and for requests that are answered later.

It offers the tables in which answers are kept, the answers themselves, idempotency keys, and asynchronous requests.

Read `tables`, `pieces` (large answers), `stored_replies` (stored by one process, found by all), then their users:
`idempotency` and `deferred`. How long a stored answer lives is a limit (`soapsvc.rest.http.limits`).
"""

from soapsvc.rest.replays.deferred import Deferred
from soapsvc.rest.replays.idempotency import Idempotency
from soapsvc.rest.replays.stored_replies import StoredReplies
from soapsvc.rest.replays.tables import ASYNC_REQUESTS, IDEMPOTENCY_KEYS

__all__ = [
    "ASYNC_REQUESTS",
    "IDEMPOTENCY_KEYS",
    "Deferred",
    "Idempotency",
    "StoredReplies",
]
