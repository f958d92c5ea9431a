"""How amounts, days and made-up ids look on every wire: SOAP, JSON and CSV alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from soapsvc.randomness import random_bytes

Value = TypeVar("Value")

_DAY = timedelta(days=1)
ID_BYTES = 16
"""An id is as many bytes, shown as hex digits."""


class Texts(dict[Value, str]):
    """The texts of values, each made at its first mention, and forgotten once they are `most`.

    A known one costs a third of what `lru_cache` takes, which counts where every item asks four times.
    """

    def __init__(self, make: Callable[[Value], str], most: int) -> None:
        super().__init__()
        self._make = make
        self._most = most

    def __missing__(self, value: Value) -> str:
        text = self._make(value)
        if len(self) >= self._most:
            self.clear()
        self[value] = text
        return text


def _plain(value: Decimal) -> str:
    plain = str(value)
    if "E" in plain:
        plain = f"{value:f}"
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return plain if plain != "-0" else "0"


def _day_before(end: date) -> str:
    return (end - _DAY).isoformat()


decimal_text: Callable[[Decimal], str] = Texts(_plain, 1024).__getitem__
"""The shortest plain decimal: `10`, `-112.5`, `0`; never an exponent, never a negative zero."""


def decimal_texts(values: Sequence[Decimal]) -> list[str]:
    """The texts of a column, in which neighbours are often the same object: seeing that costs less than a look-up."""
    if values and values[0] is values[-1] and values.count(values[0]) == len(values):
        return [decimal_text(values[0])] * len(values)
    texts = []
    last, text = None, ""
    for value in values:
        if value is not last:
            last, text = value, decimal_text(value)
        texts.append(text)
    return texts


first_day: Callable[[date], str] = Texts(date.isoformat, 32768).__getitem__
"""The first day of a service period `[start, …)`."""

last_day: Callable[[date], str] = Texts(_day_before, 32768).__getitem__
"""The last day of a service period `[…, end)`: on the wire ends are inclusive."""


def instant_text(instant: datetime) -> str:
    """An instant as v1 JSON and CSV spell it, in the zone that it carries: `2024-07-09 17:06:58`."""
    return instant.strftime("%Y-%m-%d %H:%M:%S")


def ids_of(data: bytes) -> list[str]:
    """Ids of 32 hex digits, one for each 16 bytes."""
    return data.hex(",", ID_BYTES).split(",") if data else []


def fresh_ids(count: int) -> list[str]:
    """As many new ids, from one draw of randomness."""
    return ids_of(random_bytes(ID_BYTES * count))


class ThrowAwayIds(dict[str, str]):
    """Own ids to the ids shown for them in one answer: made up at the first mention, the same at every further one.

    The vendor shows such ids for subscriptions whose renewal was assumed ("observed previews: response").
    """

    def __missing__(self, own: str) -> str:
        (self[own],) = shown = fresh_ids(1)
        return shown[0]
