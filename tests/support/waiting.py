"""Time for tests of what waits: it passes only when somebody waits, and then at once."""

from __future__ import annotations

import threading


class Made:
    """Time that passes by waiting, and no otherwise; a wait without end would be for ever."""

    def __init__(self) -> None:
        self.time = 1000.0

    def now(self) -> float:
        return self.time

    def wait(self, changed: threading.Condition, seconds: float | None) -> None:
        assert seconds is not None, "nobody is there to give a place back"
        self.time += seconds
