"""The limit of calls under way at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol


class Gate(Protocol):
    """Counts the calls that are under way, over all processes."""

    @property
    def limit(self) -> int:
        """The most calls under way."""
        ...

    def enter(self) -> bool:
        """Take a place; False where none is free."""
        ...

    def leave(self) -> None:
        """Release a place."""
        ...

    def free(self) -> int:
        """How many places are free at the moment."""
        ...


class Once:
    """Runs a function, such as leaving a gate, at the first call from any thread, and never again."""

    def __init__(self, action: Callable[[], None]) -> None:
        self._action = [action]

    def __call__(self) -> None:
        """Run the function, unless it was run before."""
        try:
            action = self._action.pop()  # only one of two threads gets it
        except IndexError:
            return
        action()


class Held:
    """A body of an answer that calls `done` once: when the server closes it, or when its reader stalls."""

    def __init__(self, body: Iterable[bytes], done: Callable[[], None]) -> None:
        self._body = body
        self._done = Once(done)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        """Called by the server at the end, in every case."""
        self._done()

    def stalled(self) -> None:
        """Called by the server, from another thread, while the reader stalls, so that other calls do not wait."""
        self._done()
