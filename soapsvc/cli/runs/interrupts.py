"""Ctrl-C: the first one asks for an orderly stop, the second one stops at once."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def first_interrupt(ask_to_stop: Callable[[], None]) -> Iterator[None]:
    """Within the context, the first Ctrl-C calls `ask_to_stop`, and the second one has its usual effect."""

    def interrupted(_signal: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, before)
        ask_to_stop()

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
