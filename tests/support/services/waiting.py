"""Time for tests of waiting: it passes only when a thread waits, and then at once."""

from __future__ import annotations

import threading


class Made:
    """Time that passes only by waiting; only another thread ends an endless wait."""

    def __init__(self) -> None:
        self.time = 1000.0

    def now(self) -> float:
        return self.time

    def wait(self, changed: threading.Condition, seconds: float | None) -> None:
        if seconds is not None:
            self.time += seconds
        else:
            assert changed.wait(30), "nobody gave a place back"
