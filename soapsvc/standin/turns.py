"""Calls run in parallel; a replacement of the tenant waits until no call is under way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

_PATIENCE_SECONDS = 2.0
"""How long a change waits for calls under way, so that a client that does not read its answer cannot block it."""


class Turns:
    """Counts the calls under way.

    `generation` counts the changes: a call of an older generation belongs to a tenant that was replaced.
    """

    def __init__(self, patience: float = _PATIENCE_SECONDS) -> None:
        self._patience = patience
        self._changed = Condition()
        self._calls = 0
        self._alone = False
        self.generation = 0

    def enter(self) -> int:
        """Begin a call; returns its generation. Waits while a change is being made."""
        with self._changed:
            self._changed.wait_for(lambda: not self._alone)
            self._calls += 1
            return self.generation

    def leave(self, generation: int) -> None:
        """End a call."""
        with self._changed:
            if generation == self.generation:  # calls of an older generation are no longer counted
                self._calls -= 1
                self._changed.notify_all()

    def pause(self, generation: int, seconds: float) -> bool:
        """Wait `seconds` of real time; False, and sooner, if the tenant is replaced meanwhile."""
        if seconds <= 0:
            return generation == self.generation
        with self._changed:
            return not self._changed.wait_for(lambda: self.generation != generation, seconds)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait for the calls under way, block new ones, and run alone; then a new generation begins."""
        with self._changed:
            self._changed.wait_for(lambda: not self._alone)
            self._alone = True
            self._changed.wait_for(lambda: self._calls == 0, self._patience)
        try:
            yield
        finally:
            with self._changed:
                self.generation += 1
                self._calls = 0
                self._alone = False
                self._changed.notify_all()
