"""The clock: the only module that reads the wall clock.

Everything else takes the instant, or a :data:`Clock`, as an argument, so that a preview can be computed for any moment
and repeated exactly.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock

Clock = Callable[[], datetime]
"""A source of the current instant: an aware datetime."""


def system_clock() -> datetime:
    """Return the current instant in UTC, read from the wall clock."""
    return datetime.now(UTC)


def fixed_clock(instant: datetime) -> Clock:
    """Return a clock that always shows ``instant``.

    Raises ValueError if ``instant`` has no time zone: a naive instant means a different moment on each machine.
    """
    if instant.utcoffset() is None:
        raise ValueError(f"a clock needs an instant with a time zone, not {instant.isoformat()}")
    return lambda: instant


class MovableClock:
    """A clock that can be set. It stands still, or runs on from the set time. Threads may share it.

    It may be set to any instant, also to an earlier one.
    """

    def __init__(self, instant: datetime | None = None, *, frozen: bool = False, real: Clock = system_clock) -> None:
        """Start with the time of `real`, or with the given time."""
        self._real = real
        self._ahead = timedelta()
        self._stands_at: datetime | None = None
        self._lock = Lock()
        if instant is not None or frozen:
            self.set(instant, frozen=frozen)

    def __call__(self) -> datetime:
        """The clock's current instant, in UTC."""
        return self._stands_at or self._real() + self._ahead

    @property
    def frozen(self) -> bool:
        """Whether the clock stands still."""
        return self._stands_at is not None

    def set(self, instant: datetime | None = None, *, frozen: bool | None = None) -> datetime:
        """Set the clock to an instant, and freeze it or let it run. None leaves either as it is.

        Returns the instant. Raises ValueError if the instant has no time zone.
        """
        if instant is not None:
            fixed_clock(instant)
        with self._lock:
            return self._set((instant or self()).astimezone(UTC), frozen)

    def advance(self, by: timedelta) -> datetime:
        """Move the clock, backwards if `by` is negative; returns the instant.

        Raises OverflowError outside the years 1 to 9999.
        """
        with self._lock:
            return self._set(self() + by, None)

    def _set(self, instant: datetime, frozen: bool | None) -> datetime:
        stands = self.frozen if frozen is None else frozen
        self._ahead = instant - self._real()
        self._stands_at = instant if stands else None
        return instant
