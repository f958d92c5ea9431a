"""Every limit of the REST edge, with its default. An operator may change them; no other module holds such a number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class RestLimits:
    """The limits of one request; sizes in bytes. A default is the vendor's, where its documentation has one."""

    body_bytes: int = 2 * 1024 * 1024
    """The largest request body, after decompression."""
    preview_years: int = 20
    """The most years from the request to a target date."""
    accounts_per_call: int = 1000
    """The most accounts in one call for several accounts."""
    subscription_numbers: int = 1000
    """The most subscription numbers in one request."""
    next_invoices: int = 100
    """The most upcoming invoices in one request."""
    token_lifetime: timedelta = timedelta(hours=1)
    """How long an OAuth token is valid."""
    idempotency_key_length: int = 255
    replay: timedelta = timedelta(hours=24)
    """How long the answer to a request with an idempotency key is replayed."""
    async_result: timedelta = timedelta(hours=24)
    """How long the result of an asynchronous request is kept."""
    async_queue: int = 100
    """The most asynchronous requests that wait for their answer; further ones are refused."""
    lease: timedelta = timedelta(seconds=6)
    """How long a process may be silent before another process may take over its request."""
    patience: timedelta = timedelta(seconds=8)
    """How long a request with an idempotency key waits for the first one's answer; longer than a lease."""
    track_id_length: int = 64
    streamed_above: int = 64 * 1024
    """Answers above this size are sent in pieces, without Content-Length."""
    gzip_above: int = 1000
    """Answers above this size are compressed, when the client asks for it."""


DEFAULT = RestLimits()
