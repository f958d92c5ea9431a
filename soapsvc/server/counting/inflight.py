"""The number of calls under way, over all worker processes."""

from __future__ import annotations

from soapsvc.server.counting.shared import SharedNumbers

_UNDER_WAY, _REFUSED = range(2)


class InFlight:
    """A count that the processes forked from its maker share; each keeps its own part in a slot of its own.

    A process counts a call before it checks for a free place. So the limit is kept, but two simultaneous calls for the
    last place may both be refused. The maker clears the slot of a dead worker with `forget`.
    """

    def __init__(self, limit: int, slots: int = 1) -> None:
        self.limit = limit
        self._numbers = SharedNumbers(2, slots)

    def use_slot(self, slot: int) -> None:
        """Set this process's slot, after a fork."""
        self._numbers.use_row(slot)

    def enter(self) -> bool:
        """Count one more call; False, without counting it, where the limit is reached."""
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
        """How many more calls fit at the moment."""
        return max(self.limit - sum(self._numbers.column(_UNDER_WAY)), 0)

    def refused(self) -> int:
        """How many calls were refused so far."""
        return sum(self._numbers.column(_REFUSED))

    def forget(self, slot: int) -> None:
        """Clear the calls of a dead process; those that it refused stay counted."""
        self._numbers.column(_UNDER_WAY)[slot] = 0
