"""Every limit of the SOAP edge, with its default; an operator may change them, nothing else carries such a number."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from soapsvc.web.guessing import GuessLimits


@dataclass(frozen=True, slots=True)
class Limits:
    """What one message, one session and one server may use; sizes in bytes.

    The XML limits are those of the large Java SOAP stacks (depth 100, 50,000 children, 500 attributes); requests per
    call and concurrent calls are the vendor's documented ones.
    """

    requests_per_call: int | None = None
    """Requests of one billingPreview; None leaves it to the tenant's settings."""
    body_bytes: int = 2 * 1024 * 1024
    """The largest message, after decompression."""
    depth: int = 100
    elements: int = 50_000
    """Elements in a whole message, and so children of one element too."""
    attributes: int = 500
    """Attributes and namespace declarations of one element, each."""
    name_length: int = 1024
    """Characters in a qualified name, its namespace included."""
    concurrency: int = 40
    """Calls under way at once, over all worker processes."""
    retry_after: timedelta = timedelta(seconds=120)
    """What a call over the concurrency limit is told to wait."""
    outage: timedelta = timedelta(seconds=5)
    """What a call is told to wait while the tenant store does not answer."""
    target_horizon: timedelta = timedelta(days=366 * 50)
    """How far after today a TargetDate may be, so that one call cannot ask for unbounded work."""
    token_length: int = 512
    """The longest session token."""
    guesses: GuessLimits = field(default_factory=GuessLimits)
    """How many wrong logins cost nothing, and how long the next ones wait; they hold for REST as well."""
    streamed_above: int = 64 * 1024
    """Answers above this size are sent in pieces, without Content-Length."""
    gzip_above: int = 1024
    """Answers above this size are compressed, when the client asks for it."""


MAX_SESSION_LIFETIME = timedelta(hours=8)

DEFAULT = Limits()
