"""The number of requests in the current minute, hour and day, over all worker processes."""

from __future__ import annotations

from collections.abc import Sequence

from soapsvc.server.counting.shared import SharedNumbers
from soapsvc.web.quotas import VENDOR_WINDOWS, Quota, Window


class SharedRates:
    """The start of each window and its requests, shared by the processes that are forked from the maker.

    A request is counted before the limit is checked. So the limit is kept, but two simultaneous requests for the last
    place may both be refused.
    """

    def __init__(self, windows: Sequence[Window] = VENDOR_WINDOWS, slots: int = 1) -> None:
        self._windows = windows
        self._numbers = SharedNumbers(2 * len(windows), slots)

    def use_slot(self, slot: int) -> None:
        """Set this process's slot, after a fork. The counts of a dead process in that slot continue."""
        self._numbers.use_row(slot)

    def clear(self) -> None:
        """Reset all counts. No request may be under way."""
        for index in range(len(self._numbers.values)):
            self._numbers.values[index] = 0

    def take(self, now: int) -> Quota:
        """Count a request at `now` (seconds since 1970), unless a window is used up."""
        with self._numbers.threads:
            for index, window in enumerate(self._windows):
                self._count(index, now - now % window.seconds)
            left = [self._left(index, window, now) for index, window in enumerate(self._windows)]
            exceeded = min(left) < 0
            if exceeded:
                for index in range(len(left)):
                    self._numbers.values[self._numbers.own(2 * index + 1)] -= 1
                    left[index] += 1
        remaining, nearest = min(zip(left, self._windows, strict=True), key=lambda pair: pair[0] / pair[1].limit)
        reset = nearest.seconds - now % nearest.seconds
        return Quota(self._windows, nearest, max(remaining, 0), reset, exceeded)

    def _count(self, index: int, began: int) -> None:
        """Count a request of this process in a window; an expired window starts again."""
        values, own = self._numbers.values, self._numbers.own(2 * index)
        if values[own] != began:
            # In this order no other process sees the old requests in the new window.
            values[own + 1], values[own] = 0, began
        values[own + 1] += 1

    def _left(self, index: int, window: Window, now: int) -> int:
        """How many requests of a window are left, those of all processes counted."""
        began = now - now % window.seconds
        counts = zip(self._numbers.column(2 * index), self._numbers.column(2 * index + 1), strict=True)
        return window.limit - sum(requests for since, requests in counts if since == began)
