"""How many calls are under way, over all worker processes."""

from __future__ import annotations

from soapsvc.server.shared import SharedNumbers


class InFlight:
    """A count that the processes forked from its maker share; each keeps its own part in a slot of its own.

    The maker clears the slot of a dead worker with `forget`.
    """

    def __init__(self, limit: int, slots: int = 1) -> None:
        self.limit = limit
        self._shared = SharedNumbers(slots + 1)
        self._slots = slots
        self._slot = 0

    def use_slot(self, slot: int) -> None:
        """Say, after a fork, which slot is this process's."""
        self._slot = slot
        self._shared.forked()

    def enter(self) -> bool:
        """Count one call more; False, and not counted, where the limit is reached."""
        with self._shared.locked():
            if sum(self._shared.values[: self._slots]) >= self.limit:
                self._shared.values[self._slots] += 1
                return False
            self._shared.values[self._slot] += 1
            return True

    def leave(self) -> None:
        """Count one call less. No other process writes our slot, so that only our own threads are held off."""
        with self._shared.threads:
            self._shared.values[self._slot] -= 1

    def free(self) -> int:
        """How many calls more could be counted now."""
        return max(self.limit - sum(self._shared.values[: self._slots]), 0)

    def refused(self) -> int:
        """How many calls were refused so far."""
        return self._shared.values[self._slots]

    def forget(self, slot: int) -> None:
        """Clear the slot of a process that is no more."""
        with self._shared.locked():
            self._shared.values[slot] = 0
