"""How amounts, days and made-up ids look on every wire: SOAP, JSON and CSV alike."""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

_DAY = timedelta(days=1)
_ID_DIGITS = 32


@lru_cache(maxsize=16384)
def decimal_text(value: Decimal) -> str:
    """The shortest plain decimal: `10`, `-112.5`, `0`; never an exponent, never a negative zero."""
    plain = f"{value:f}"
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return plain if plain != "-0" else "0"


@lru_cache(maxsize=32768)
def first_day(start: date) -> str:
    """The first day of a service period `[start, …)`."""
    return start.isoformat()


@lru_cache(maxsize=32768)
def last_day(end: date) -> str:
    """The last day of a service period `[…, end)`: on the wire ends are inclusive."""
    return (end - _DAY).isoformat()


def instant_text(instant: datetime) -> str:
    """An instant as v1 JSON and CSV spell it, in the zone that it carries: `2024-07-09 17:06:58`."""
    return instant.strftime("%Y-%m-%d %H:%M:%S")


def fresh_ids(count: int) -> list[str]:
    """As many new ids of 32 hex digits, from one draw of randomness."""
    digits = os.urandom(_ID_DIGITS // 2 * count).hex()
    return [digits[start : start + _ID_DIGITS] for start in range(0, len(digits), _ID_DIGITS)]


class ThrowAwayIds(dict[str, str]):
    """Own ids to the ids shown for them in one answer: made up at the first mention, the same at every further one.

    The vendor shows such ids for subscriptions whose renewal was assumed ("observed previews: response").
    """

    def __missing__(self, own: str) -> str:
        (self[own],) = shown = fresh_ids(1)
        return shown[0]
