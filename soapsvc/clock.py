"""The clock: the only module that reads the wall clock.

Everything else takes the instant, or a :data:`Clock`, as an argument, so that a preview can be computed for any moment
and repeated exactly.
"""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""A source of the current instant: an aware datetime."""


def system_clock() -> datetime:
    """Return the current instant in UTC, read from the wall clock."""
    return datetime.now(UTC)


def fixed_clock(instant: datetime) -> Clock:
    """Return a clock that always shows ``instant``.

    Raises ValueError if ``instant`` has no time zone: a naive instant means another moment on every machine.
    """
    if instant.utcoffset() is None:
        raise ValueError(f"a clock needs an instant with a time zone, not {instant.isoformat()}")
    return lambda: instant
