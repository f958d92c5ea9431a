"""Waiting for something that other threads or processes do."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(reached: Callable[[], object], what: str, *, tries: int = 400) -> None:
    """Wait until a condition holds, asked for twenty times a second."""
    for _ in range(tries):
        if reached():
            return
        time.sleep(0.05)
    raise AssertionError(f"{what} never came about")
