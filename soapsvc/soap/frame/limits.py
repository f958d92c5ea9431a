"""Every limit of the SOAP edge, with its default. An operator may change them; no other module holds such a number."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from soapsvc.web.guessing import GuessLimits


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one message, one session and one server; sizes in bytes.

    The XML limits are those of the large Java SOAP stacks (depth 100, 50,000 children, 500 attributes); requests per
    call and concurrent calls are the vendor's documented ones.
    """

    requests_per_call: int | None = None
    """Requests of one billingPreview; None leaves it to the tenant's settings."""
    body_bytes: int = 2 * 1024 * 1024
    """The largest message, after decompression."""
    depth: int = 100
    elements: int = 50_000
    """Elements in a whole message; this also limits the children of one element."""
    attributes: int = 500
    """Attributes and namespace declarations of one element, each."""
    name_length: int = 1024
    """Characters in a qualified name, its namespace included."""
    concurrency: int = 40
    """Calls under way at once, over all worker processes."""
    retry_after: timedelta = timedelta(seconds=120)
    """The Retry-After of a call over the concurrency limit."""
    outage: timedelta = timedelta(seconds=5)
    """The Retry-After of a call while the tenant store does not answer."""
    target_horizon: timedelta = timedelta(days=366 * 50)
    """The longest time from today to a TargetDate, so that one call cannot ask for unbounded work."""
    token_length: int = 512
    """The longest session token."""
    guesses: GuessLimits = field(default_factory=GuessLimits)
    """The number of wrong logins without a delay, and the delay of further ones; REST has the same."""
    streamed_above: int = 64 * 1024
    """Answers above this size are sent in pieces, without Content-Length."""
    gzip_above: int = 1024
    """Answers above this size are compressed, when the client asks for it."""


MAX_SESSION_LIFETIME = timedelta(hours=8)

DEFAULT = Limits()
