"""How many calls may be under way at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol


class Gate(Protocol):
    """Counts the calls that are under way, over all processes."""

    @property
    def limit(self) -> int:
        """How many there may be."""
        ...

    def enter(self) -> bool:
        """Take a place; False where none is free."""
        ...

    def leave(self) -> None:
        """Give the place back."""
        ...

    def free(self) -> int:
        """How many places are free at the moment."""
        ...


class Once:
    """Does something once, whoever asks for it first, from whichever thread; such as to leave a gate."""

    def __init__(self, action: Callable[[], None]) -> None:
        self._action = [action]

    def __call__(self) -> None:
        """Do it, if that was not asked for yet."""
        try:
            action = self._action.pop()  # of two threads one gets it
        except IndexError:
            return
        action()


class Held:
    """A body of an answer that calls `done`, once: when the server closes it, or when its reader stops reading."""

    def __init__(self, body: Iterable[bytes], done: Callable[[], None]) -> None:
        self._body = body
        self._done = Once(done)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        """Called by the server at the end, whatever the end was."""
        self._done()

    def stalled(self) -> None:
        """Called by the server, from another thread, while the reader takes nothing: nobody is to wait for it."""
        self._done()
