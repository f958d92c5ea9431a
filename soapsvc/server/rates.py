"""How many requests came in the current minute, hour and day, over all worker processes."""

from __future__ import annotations

from collections.abc import Sequence

from soapsvc.server.shared import SharedNumbers
from soapsvc.web.rates import VENDOR_WINDOWS, Quota, Window


class SharedRates:
    """When each window began and its requests since, shared by the processes that are forked from the maker."""

    def __init__(self, windows: Sequence[Window] = VENDOR_WINDOWS) -> None:
        self._windows = windows
        self._shared = SharedNumbers(2 * len(windows))

    def forked(self) -> None:
        """Say, after a fork, that this is a new process."""
        self._shared.forked()

    def clear(self) -> None:
        """Begin to count anew."""
        with self._shared.locked():
            for index in range(2 * len(self._windows)):
                self._shared.values[index] = 0

    def take(self, now: int) -> Quota:
        """Count a request at `now` (seconds since 1970), unless a window is used up."""
        with self._shared.locked():
            left = [self._left(index, window, now) for index, window in enumerate(self._windows)]
            exceeded = min(left) <= 0
            if not exceeded:
                for index in range(len(left)):
                    self._shared.values[2 * index + 1] += 1
                    left[index] -= 1
        remaining, nearest = min(zip(left, self._windows, strict=True), key=lambda pair: pair[0] / pair[1].limit)
        reset = nearest.seconds - now % nearest.seconds
        return Quota(self._windows, nearest, max(remaining, 0), reset, exceeded)

    def _left(self, index: int, window: Window, now: int) -> int:
        """The requests left in a window, which begins anew where its time is over."""
        began = now - now % window.seconds
        if self._shared.values[2 * index] != began:
            self._shared.values[2 * index], self._shared.values[2 * index + 1] = began, 0
        return window.limit - self._shared.values[2 * index + 1]
