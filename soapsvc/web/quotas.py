"""The limits of requests per span of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Window:
    """At most `limit` requests in each span of `seconds`; spans follow each other without overlap."""

    limit: int
    seconds: int


VENDOR_WINDOWS = (Window(50_000, 60), Window(2_250_000, 3600), Window(27_000_000, 86_400))
"""The vendor's limits of a production tenant ("Rate limits")."""


@dataclass(frozen=True, slots=True)
class Quota:
    """The state of the tenant's most used window: requests left, seconds until it ends."""

    windows: Sequence[Window]
    nearest: Window
    remaining: int
    reset: int
    exceeded: bool

    def headers(self) -> dict[str, str]:
        """The quota as RateLimit headers."""
        policy = ", ".join(f"{window.limit};w={window.seconds}" for window in self.windows)
        return {
            "RateLimit-Limit": f"{self.nearest.limit}, {policy}",
            "RateLimit-Remaining": f"{self.remaining}",
            "RateLimit-Reset": f"{self.reset}",
        }


class Rates(Protocol):
    """Counts requests over all processes."""

    def take(self, now: int) -> Quota:
        """Count a request at `now` (seconds since 1970), unless a window is used up."""
        ...
