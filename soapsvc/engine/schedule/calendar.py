"""Calendar arithmetic: months with a bill day, and the grids of full billing periods.

A grid is an endless row of boundaries; full periods are `[boundary(k), boundary(k + 1))`. Months are counted from an
anchor and clipped once to the month's last day, so a bill day of 31 gives Feb 28 and then Mar 31 again: no drift
("Customer account dates: Bill cycle day"; observed previews: periods). Dates run from 1900 to 2199; the vendor's end
in 2100.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

from soapsvc.engine.errors import RatingError

FIRST_YEAR = 1900
LAST_YEAR = 2199
MONTHS = (LAST_YEAR - FIRST_YEAR + 1) * 12
FIRST_DATE = date(FIRST_YEAR, 1, 1)
FOREVER = date(LAST_YEAR, 12, 31)
"""The end of what has no end: later than any billed date."""


def days_in_month(year: int, month: int) -> int:
    """The number of days of a calendar month."""
    return monthrange(year, month)[1]


def month_index(day: date) -> int:
    """Months since January 1900."""
    return (day.year - FIRST_YEAR) * 12 + day.month - 1


def clamped(index: int, bill_day: int) -> date:
    """The bill day in the month `index` months after January 1900, clipped to the month's last day.

    Raises RatingError DATE_OUT_OF_RANGE for a month before 1900 or after 2199.
    """
    if not 0 <= index < MONTHS:
        raise out_of_calendar()
    return bill_days(bill_day)[index]


def add_months(day: date, months: int, bill_day: int | None = None) -> date:
    """`day` moved by whole months, on `bill_day` (default: its own day), clipped to the month's last day."""
    return clamped(month_index(day) + months, bill_day or day.day)


@lru_cache(maxsize=4096)
def moved(day: date, months: int, days: int, field: str) -> date:
    """`day` moved by whole months and days. Raises RatingError DATE_OUT_OF_RANGE for `field`."""
    try:
        return add_months(day, months) + timedelta(days)
    except (RatingError, OverflowError):
        raise out_of_calendar(field=field) from None


@lru_cache(maxsize=31)
def bill_days(bill_day: int) -> tuple[date, ...]:
    """The bill day of every month from January 1900 to December 2199, clipped; position = `month_index`."""
    return tuple(
        date(year, month, min(bill_day, days_in_month(year, month)))
        for year in range(FIRST_YEAR, LAST_YEAR + 1)
        for month in range(1, 13)
    )


@lru_cache(maxsize=2048)
def _boundaries(bill_day: int, months: int, phase: int) -> tuple[date, ...]:
    return bill_days(bill_day)[phase::months]


def first_bill_day(base: date, bill_day: int) -> date:
    """The first date on or after `base` whose day is the bill day (clipped): where the first full period starts."""
    here = clamped(month_index(base), bill_day)
    return here if here >= base else clamped(month_index(base) + 1, bill_day)


def first_weekday(base: date, weekday: int) -> date:
    """The first date on or after `base` on a weekday (Monday = 0)."""
    return base + timedelta((weekday - base.weekday()) % 7)


class Grid(ABC):
    """An endless row of period boundaries."""

    @abstractmethod
    def index(self, day: date) -> int:
        """The number of the period that holds `day`: boundary(index) <= day < boundary(index + 1)."""

    @abstractmethod
    def boundary(self, index: int) -> date:
        """The start of period `index`."""

    @abstractmethod
    def boundaries(self, first: int, last: int) -> Sequence[date]:
        """The boundaries first … last - 1."""

    @abstractmethod
    def month_starts(self, start: date, end: date) -> Sequence[date]:
        """The starts of the months inside the full period [start, end], with `end` itself; empty for day grids."""

    def holding(self, day: date) -> tuple[date, date]:
        """The full period that holds `day`."""
        index = self.index(day)
        return self.boundary(index), self.boundary(index + 1)


class MonthGrid(Grid):
    """Periods of whole months on a bill day."""

    def __init__(self, anchor: date, months: int, bill_day: int) -> None:
        """`anchor` lies on the bill day (clipped); `months` >= 1; `bill_day` 1 to 31."""
        self.bill_day = bill_day
        self._months = months
        self._phase = month_index(anchor) % months
        self._table = _boundaries(bill_day, months, self._phase)

    def index(self, day: date) -> int:
        table = self._table
        found = (month_index(day) - self._phase) // self._months
        if 0 <= found < len(table) and table[found] > day:  # the bill day of its month is later
            found -= 1
        if found < 0 or found + 1 >= len(table):
            raise out_of_calendar(day)
        return found

    def boundary(self, index: int) -> date:
        if not 0 <= index < len(self._table):
            raise out_of_calendar()
        return self._table[index]

    def boundaries(self, first: int, last: int) -> Sequence[date]:
        return self._table[first:last]

    def month_starts(self, start: date, end: date) -> Sequence[date]:
        return bill_days(self.bill_day)[month_index(start) : month_index(end) + 1]


class DayGrid(Grid):
    """Periods of whole days (weeks, specific days) from an anchor."""

    def __init__(self, anchor: date, days: int) -> None:
        self.anchor = anchor
        self.days = days

    def index(self, day: date) -> int:
        return (day - self.anchor).days // self.days

    def boundary(self, index: int) -> date:
        try:
            return self.anchor + timedelta(index * self.days)
        except OverflowError:
            raise out_of_calendar() from None

    def boundaries(self, first: int, last: int) -> Sequence[date]:
        return [self.boundary(index) for index in range(first, last)]

    def month_starts(self, start: date, end: date) -> Sequence[date]:
        return ()


class ListGrid(Grid):
    """Periods between given dates, such as terms; there are no periods outside the dates."""

    def __init__(self, dates: Sequence[date]) -> None:
        """`dates` ascend; n dates make n - 1 periods."""
        self.dates = dates

    def index(self, day: date) -> int:
        found = bisect_right(self.dates, day) - 1
        if found < 0 or found + 1 >= len(self.dates):
            raise out_of_calendar(day)
        return found

    def boundary(self, index: int) -> date:
        if not 0 <= index < len(self.dates):
            raise out_of_calendar()
        return self.dates[index]

    def boundaries(self, first: int, last: int) -> Sequence[date]:
        return self.dates[first:last]

    def month_starts(self, start: date, end: date) -> Sequence[date]:
        count = month_index(end) - month_index(start)
        starts = [add_months(start, months) for months in range(count + 1)]
        return [day for day in starts if day < end] + [end]


def out_of_calendar(day: date | None = None, field: str | None = None) -> RatingError:
    """The error for a date outside the billed years 1900 to 2199; the date may not exist in a calendar."""
    return RatingError(
        "DATE_OUT_OF_RANGE",
        f"{day or 'A date'} lies outside the dates that can be billed ({FIRST_DATE} to {FOREVER}).",
        field,
    )
