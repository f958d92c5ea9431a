"""The number of deliveries of a schedule in a span of time, by arithmetic instead of a loop over days.

Source: "Delivery pricing" (weekly schedules). Our reading: days of a month or year work the same way, and day 31 of a
shorter month is its last day.
"""

from __future__ import annotations

from datetime import date

from soapsvc.engine.account import DeliverySchedule, squeeze
from soapsvc.engine.errors import RatingError
from soapsvc.engine.schedule.calendar import days_in_month

_FIELD = "subscriptionChargeDeliverySchedule"


def deliveries(schedule: DeliverySchedule, start: date, end: date) -> int:
    """The number of deliveries in `[start, end)`; 0 for an empty or reversed span.

    Raises RatingError: UNKNOWN_VALUE for a frequency, MISSING_VALUE for a schedule without days, INVALID_VALUE
    for a day or month that does not exist.
    """
    if end <= start:
        return 0
    frequency = squeeze(schedule.frequency)
    if frequency == "weekly":
        return _weekly(schedule, start, end)
    if frequency == "monthly":
        return _months_before(schedule, end) - _months_before(schedule, start)
    if frequency == "yearly":
        return _years_before(schedule, end) - _years_before(schedule, start)
    message = f"The delivery frequency is {schedule.frequency!r}; known values: Weekly, Monthly, Yearly."
    raise RatingError("UNKNOWN_VALUE", message, f"{_FIELD}.frequency")


def _weekly(schedule: DeliverySchedule, start: date, end: date) -> int:
    chosen = (
        schedule.monday,
        schedule.tuesday,
        schedule.wednesday,
        schedule.thursday,
        schedule.friday,
        schedule.saturday,
        schedule.sunday,
    )
    if not any(chosen):
        raise RatingError("MISSING_VALUE", "The weekly delivery schedule names no day of the week.", _FIELD)
    weeks, rest = divmod((end - start).days, 7)
    first = start.weekday()
    return weeks * sum(chosen) + sum(chosen[(first + offset) % 7] for offset in range(rest))


def _months_before(schedule: DeliverySchedule, day: date) -> int:
    """The number of monthly deliveries before `day`, counted from a fixed origin."""
    return day.year * 12 + day.month + (day.day > _day_in(schedule, day.year, day.month))


def _years_before(schedule: DeliverySchedule, day: date) -> int:
    """The number of yearly deliveries before `day`, counted from a fixed origin."""
    month = schedule.month_of_year
    if month is None or not 1 <= month <= 12:
        raise _bad_number(month, "monthOfYear", 12)
    return day.year + (day > date(day.year, month, _day_in(schedule, day.year, month)))


def _day_in(schedule: DeliverySchedule, year: int, month: int) -> int:
    day = schedule.day_of_month
    if day is None or not 1 <= day <= 31:
        raise _bad_number(day, "dayOfMonth", 31)
    return min(day, days_in_month(year, month))


def _bad_number(value: int | None, name: str, largest: int) -> RatingError:
    if value is None:
        return RatingError("MISSING_VALUE", f"The delivery schedule has no {name}.", f"{_FIELD}.{name}")
    return RatingError("INVALID_VALUE", f"{name} is {value}; it must be 1 to {largest}.", f"{_FIELD}.{name}")
