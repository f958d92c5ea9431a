"""Processes that this process starts for computing: they end with it, and leave Ctrl-C to it."""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import parent_process
from multiprocessing.connection import wait

_ALLOCATIONS = 20_000
"""The number of new objects after which such a process looks for garbage in cycles."""


@contextmanager
def deaf_to_interrupts() -> Iterator[None]:
    """Processes that are started within never get Ctrl-C, which a terminal sends to the whole process group.

    The parent decides whether work continues. A new process inherits blocked signals.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def die_with_parent() -> None:
    """End this process when its parent ends: a killed parent leaves no worker behind."""
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_exit_after, args=(parent.sentinel,), daemon=True).start()


def collect_rarely() -> None:
    """Look for garbage in cycles rarely, and not among the modules.

    Previews leave almost no cycles. With the usual thresholds the collector takes 7 % of a run's time.
    """
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, 10, 10)


def _exit_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
