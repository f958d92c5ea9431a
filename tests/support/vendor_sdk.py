"""A client of the vendor's Python SDK, logged in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def sdk_client(client_id: str, secret: str, url: str) -> Iterator[Any]:
    """The client, without its thread for new tokens: it sleeps for most of an hour, and whoever stops it waits."""
    from zuora_sdk import Configuration  # noqa: PLC0415 - slow to import
    from zuora_sdk.zuora_client import ZuoraClient  # noqa: PLC0415

    client = ZuoraClient(client_id, secret, None, Configuration(host=url))
    client.initialize()
    client._stop_refresh.set()
    client._refresh_timer = None
    yield client
