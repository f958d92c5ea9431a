"""How much of each billing preview run has been counted, over all worker processes."""

from __future__ import annotations

from hashlib import blake2b

from soapsvc.runs.planning import MOST_RUNS
from soapsvc.server.counting.shared import SharedNumbers

_KEY, _ACCOUNTS, _ITEMS, _WIDTH = range(4)


class RunCounts:
    """What was counted of the runs that are executed here, shared by the processes that are forked from the maker.

    One process at a time executes a run, and writes down how much of it is counted. Where that process dies, the next
    one counts on from there: what was computed between the last count and the death is counted once, and nothing twice.
    """

    def __init__(self, slots: int = 1) -> None:
        self._numbers = SharedNumbers(_WIDTH * MOST_RUNS, slots)
        self._next = 0

    def use_slot(self, slot: int) -> None:
        """Say, after a fork, which slot is this process's."""
        self._numbers.use_row(slot)

    def advance(self, run_id: str, accounts: int, items: int, *, is_over: bool) -> tuple[int, int]:
        """How many accounts and items of a run are new, of so many that are done; from now on they are counted.

        A run that was begun elsewhere, or before this service was started, counts from what it had when it was first
        seen here. One that `is_over` is forgotten.
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
        """Where a run is noted, by whichever process."""
        keys = self._numbers.values[_KEY::_WIDTH].tolist()
        return [_WIDTH * position for position, each in enumerate(keys) if each == key]

    def _keep(self, key: int, accounts: int, items: int) -> int:
        """Note what is counted of a run in a place of this process; returns where."""
        values, own = self._numbers.values, range(self._numbers.own(0), self._numbers.own(_WIDTH * MOST_RUNS), _WIDTH)
        found = next((at for at in own if values[at + _KEY] == key), None)
        if found is None:
            found = next((at for at in own if values[at + _KEY] == 0), None)
        if found is None:  # runs that others have taken over and ended: the place of the one that came first
            found = own[self._next % MOST_RUNS]
            self._next += 1
            values[found + _KEY] = 0
        values[found + _ACCOUNTS], values[found + _ITEMS] = accounts, items
        values[found + _KEY] = key  # last: nobody sees it with the numbers of another run
        return found


def _key_of(run_id: str) -> int:
    """A number for the id of a run, never 0."""
    return int.from_bytes(blake2b(run_id.encode(), digest_size=7).digest()) | 1 << 56
