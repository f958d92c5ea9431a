"""Calls that are passed on and not compared: each is counted and logged."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from soapsvc.parity.shadowing.found import FoundWriter
from soapsvc.parity.shadowing.outcomes import LEFT_OUT

_LOG = logging.getLogger(__name__)
_SECONDS = 10.0
"""The log and the database get at most one entry in this time."""


class LeftOut:
    """Counts them; safe to share among threads. `told` gets the surface of each, `folder` the number in each hour."""

    def __init__(self, folder: Path, told: Callable[[str], None]) -> None:
        self._folder = folder
        self._told = told
        self._lock = threading.Lock()
        self._unsaid: Counter[str] = Counter()
        self._unwritten: Counter[tuple[datetime, str]] = Counter()
        self._say_at = self._write_at = monotonic()

    def add(self, surface: str, at: datetime, why: str) -> None:
        """Count a call that was answered at that instant and is not compared; returns at once."""
        with self._lock:
            self._unsaid[why] += 1
            self._unwritten[at.astimezone(UTC).replace(minute=0, second=0, microsecond=0), surface] += 1
        self._told(surface)
        self._say()

    def settle(self, *, at_once: bool = False) -> None:
        """Write the waiting counts to log and database, if it is time to, or `at_once`."""
        self._say(at_once=at_once)
        with self._lock:
            if not self._unwritten or (monotonic() < self._write_at and not at_once):
                return
            self._write_at = monotonic() + _SECONDS
            unwritten, self._unwritten = self._unwritten, Counter()
        try:
            with closing(FoundWriter(self._folder)) as notes:
                for (hour, surface), calls in unwritten.items():
                    notes.count(hour, surface, LEFT_OUT, calls)
        except (sqlite3.Error, OSError) as problem:
            _LOG.warning("shadow: the number of calls that were left out is not kept: %s", problem)

    def _say(self, *, at_once: bool = False) -> None:
        with self._lock:
            if not self._unsaid or (monotonic() < self._say_at and not at_once):
                return
            self._say_at = monotonic() + _SECONDS
            said, self._unsaid = self._unsaid, Counter()
        for why, calls in said.items():
            _LOG.warning("shadow: calls that were passed on and not compared: %d (%s)", calls, why)
