"""How many calls are under way, over all worker processes."""

from __future__ import annotations

from soapsvc.server.counting.shared import SharedNumbers

_UNDER_WAY, _REFUSED = range(2)


class InFlight:
    """A count that the processes forked from its maker share; each keeps its own part in a slot of its own.

    A process counts a call before it looks whether there was a place. So the limit is kept, but two calls that come at
    once for the last place may both be refused. The maker clears the slot of a dead worker with `forget`.
    """

    def __init__(self, limit: int, slots: int = 1) -> None:
        self.limit = limit
        self._numbers = SharedNumbers(2, slots)

    def use_slot(self, slot: int) -> None:
        """Say, after a fork, which slot is this process's."""
        self._numbers.use_row(slot)

    def enter(self) -> bool:
        """Count one call more; False, and not counted, where the limit is reached."""
        numbers = self._numbers
        with numbers.threads:
            numbers.values[numbers.own(_UNDER_WAY)] += 1
            if sum(numbers.column(_UNDER_WAY)) <= self.limit:
                return True
            numbers.values[numbers.own(_UNDER_WAY)] -= 1
            numbers.values[numbers.own(_REFUSED)] += 1
            return False

    def leave(self) -> None:
        """Count one call less."""
        with self._numbers.threads:
            self._numbers.values[self._numbers.own(_UNDER_WAY)] -= 1

    def free(self) -> int:
        """How many calls more could be counted now."""
        return max(self.limit - sum(self._numbers.column(_UNDER_WAY)), 0)

    def refused(self) -> int:
        """How many calls were refused so far."""
        return sum(self._numbers.column(_REFUSED))

    def forget(self, slot: int) -> None:
        """Forget the calls of a process that is no more; those that it refused stay counted."""
        self._numbers.column(_UNDER_WAY)[slot] = 0
