"""How much of each billing preview run has been counted, over all worker processes."""

from __future__ import annotations

from hashlib import blake2b

from soapsvc.runs.planning import MOST_RUNS
from soapsvc.server.counting.shared import SharedNumbers

_KEY, _ACCOUNTS, _ITEMS, _WIDTH = range(4)


class RunCounts:
    """The counted part of the runs that are executed here, shared by the processes that are forked from the maker.

    One process at a time executes a run, and stores how much of it is counted. If that process dies, the next one
    continues from there, so nothing is counted twice or lost.
    """

    def __init__(self, slots: int = 1) -> None:
        self._numbers = SharedNumbers(_WIDTH * MOST_RUNS, slots)
        self._next = 0

    def use_slot(self, slot: int) -> None:
        """Set this process's slot, after a fork."""
        self._numbers.use_row(slot)

    def advance(self, run_id: str, accounts: int, items: int, *, is_over: bool) -> tuple[int, int]:
        """How many of a run's finished accounts and items are new; from now on they are counted.

        A run that was begun elsewhere, or before this service was started, counts from the numbers that it had when it
        was first seen here. A run that `is_over` is removed.
        """
        key = _key_of(run_id)
        values = self._numbers.values
        with self._numbers.threads:
            places = self._places(key)
            first = (accounts, items) if accounts else (0, 0)
            counted = max(((values[at + _ACCOUNTS], values[at + _ITEMS]) for at in places), default=first)
            kept = None if is_over else self._keep(key, max(accounts, counted[0]), max(items, counted[1]))
            for at in places:
                if at != kept:
                    values[at + _KEY] = 0
        return max(accounts - counted[0], 0), max(items - counted[1], 0)

    def _places(self, key: int) -> list[int]:
        """The places of a run, in the rows of all processes."""
        keys = self._numbers.values[_KEY::_WIDTH].tolist()
        return [_WIDTH * position for position, each in enumerate(keys) if each == key]

    def _keep(self, key: int, accounts: int, items: int) -> int:
        """Store the counted part of a run in a place of this process; returns the place."""
        values, own = self._numbers.values, range(self._numbers.own(0), self._numbers.own(_WIDTH * MOST_RUNS), _WIDTH)
        found = next((at for at in own if values[at + _KEY] == key), None)
        if found is None:
            found = next((at for at in own if values[at + _KEY] == 0), None)
        if found is None:  # all are used by runs that others have taken over and ended: reuse the oldest place
            found = own[self._next % MOST_RUNS]
            self._next += 1
            values[found + _KEY] = 0
        values[found + _ACCOUNTS], values[found + _ITEMS] = accounts, items
        values[found + _KEY] = key  # written last, so that no process sees it with the numbers of another run
        return found


def _key_of(run_id: str) -> int:
    """A number for the id of a run, never 0."""
    return int.from_bytes(blake2b(run_id.encode(), digest_size=7).digest()) | 1 << 56
