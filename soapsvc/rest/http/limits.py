"""Every limit of the REST edge, with its default; an operator may change them, nothing else carries such a number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class RestLimits:
    """What one request may use; sizes in bytes. Defaults are the vendor's documented ones where it documents one."""

    body_bytes: int = 2 * 1024 * 1024
    """The largest request body, after decompression."""
    preview_years: int = 20
    """How many years after the request a target date may be."""
    accounts_per_call: int = 1000
    """Accounts in one call that asks for several."""
    subscription_numbers: int = 1000
    """Subscription numbers that one request may be narrowed to."""
    next_invoices: int = 100
    """The most invoices that one request may look ahead."""
    token_lifetime: timedelta = timedelta(hours=1)
    """How long an OAuth token is good."""
    idempotency_key_length: int = 255
    replay: timedelta = timedelta(hours=24)
    """How long the answer to a request with an idempotency key is replayed."""
    async_result: timedelta = timedelta(hours=24)
    """How long the result of an asynchronous request is kept."""
    async_queue: int = 100
    """Asynchronous requests that wait for their answer at one time; beyond them none is accepted."""
    lease: timedelta = timedelta(seconds=6)
    """How long a process may be silent before another may take over what it was executing."""
    patience: timedelta = timedelta(seconds=8)
    """How long a request with an idempotency key waits for the first one's answer; longer than a lease."""
    track_id_length: int = 64
    streamed_above: int = 64 * 1024
    """Answers above this size are sent in pieces, without Content-Length."""
    gzip_above: int = 1000
    """Answers above this size are compressed, when the client asks for it."""


DEFAULT = RestLimits()
