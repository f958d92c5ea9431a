"""Deliveries in a span of time: counted by arithmetic, checked against walking the days."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soapsvc.engine.account import DeliverySchedule
from soapsvc.engine.schedule import deliveries
from tests.support.building import answer, recurring, sound
from tests.support.rating import day, error_of, problem

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WORKDAYS = DeliverySchedule(monday=True, tuesday=True, wednesday=True, thursday=True, friday=True)


def count(schedule: DeliverySchedule, start: str, end: str) -> int:
    """The deliveries in [start, end)."""
    return deliveries(schedule, day(start), day(end))


@pytest.mark.rule("1.2 delivery")
@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2024-03-04", "2024-03-25", 15),  # three weeks from a Monday: 3 x 5
        ("2024-03-08", "2024-03-12", 2),  # Friday to Monday: Fri, Mon
        ("2024-03-09", "2024-03-11", 0),  # a weekend
        ("2024-03-04", "2024-03-04", 0),
        ("2024-03-05", "2024-03-04", 0),
    ],
)
def test_workdays_are_counted_over_whole_and_broken_weeks(start: str, end: str, expected: int) -> None:
    assert count(WORKDAYS, start, end) == expected


def test_a_weekly_paper_on_saturdays_comes_52_times_in_2023() -> None:
    assert count(DeliverySchedule(saturday=True), "2023-01-01", "2024-01-01") == 52


@pytest.mark.parametrize(
    ("day_of_month", "start", "end", "expected"),
    [
        (15, "2024-01-15", "2024-04-15", 3),  # Jan 15, Feb 15, Mar 15
        (15, "2024-01-16", "2024-04-16", 3),  # Feb 15, Mar 15, Apr 15
        (15, "2024-01-15", "2024-04-16", 4),  # Jan 15 to Apr 15
        (15, "2024-01-16", "2024-04-15", 2),  # Feb 15, Mar 15
        (15, "2023-11-20", "2024-02-20", 3),  # Dec 15, Jan 15, Feb 15
        (1, "2024-01-01", "2024-03-01", 2),  # Jan 1, Feb 1
        (31, "2024-02-01", "2024-03-01", 1),  # Feb 29
        (31, "2023-01-31", "2023-05-01", 4),  # Jan 31, Feb 28, Mar 31, Apr 30
    ],
)
def test_a_monthly_delivery_falls_on_the_last_day_of_a_month_that_is_too_short(
    day_of_month: int, start: str, end: str, expected: int
) -> None:
    assert count(DeliverySchedule("Monthly", day_of_month=day_of_month), start, end) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [("2023-02-28", "2023-03-01", 1), ("2024-02-28", "2024-02-29", 0), ("2020-02-29", "2026-02-28", 6)],
)
def test_a_yearly_delivery_on_february_29_comes_every_year(start: str, end: str, expected: int) -> None:
    assert count(DeliverySchedule("yearly", day_of_month=29, month_of_year=2), start, end) == expected


@pytest.mark.parametrize(
    ("month", "day_of_month", "start", "end", "expected"),
    [
        (1, 1, "2024-01-01", "2025-01-01", 1),
        (1, 1, "2024-01-02", "2025-01-01", 0),
        (12, 31, "2023-12-31", "2024-12-31", 1),
        (12, 31, "2023-12-31", "2025-01-01", 2),
    ],
)
def test_a_yearly_delivery_on_the_first_or_last_day_of_the_year(
    month: int, day_of_month: int, start: str, end: str, expected: int
) -> None:
    schedule = DeliverySchedule("Yearly", day_of_month=day_of_month, month_of_year=month)
    assert count(schedule, start, end) == expected


def test_an_empty_span_has_no_deliveries_of_any_schedule() -> None:
    assert count(DeliverySchedule(), "2024-01-01", "2024-01-01") == 0


def test_two_hundred_years_take_little_work() -> None:
    assert deliveries(DeliverySchedule(sunday=True), date(1900, 1, 1), date(2100, 1, 1)) == 10435


@pytest.mark.rule("wrong data: delivery")
@pytest.mark.parametrize(
    ("schedule", "code", "name"),
    [
        (DeliverySchedule(), "MISSING_VALUE", ""),
        (DeliverySchedule("Hourly"), "UNKNOWN_VALUE", ".frequency"),
        (DeliverySchedule("Monthly"), "MISSING_VALUE", ".dayOfMonth"),
        (DeliverySchedule("Monthly", day_of_month=32), "INVALID_VALUE", ".dayOfMonth"),
        (DeliverySchedule("Yearly", day_of_month=1), "MISSING_VALUE", ".monthOfYear"),
        (DeliverySchedule("Yearly", day_of_month=1, month_of_year=13), "INVALID_VALUE", ".monthOfYear"),
    ],
)
def test_a_schedule_that_names_no_days_is_refused(schedule: DeliverySchedule, code: str, name: str) -> None:
    expected = (code, f"subscriptionChargeDeliverySchedule{name}")
    assert problem(lambda: count(schedule, "2024-01-01", "2024-02-01")) == expected


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        (DeliverySchedule("Monthly", day_of_month=0), "dayOfMonth is 0; it must be 1 to 31."),
        (DeliverySchedule("Yearly", day_of_month=1, month_of_year=13), "monthOfYear is 13; it must be 1 to 12."),
    ],
)
def test_a_bad_day_or_month_error_names_the_allowed_values(schedule: DeliverySchedule, message: str) -> None:
    assert error_of(lambda: count(schedule, "2024-01-01", "2024-02-01"))[2] == message


@pytest.mark.rule("1.2 delivery")
def test_four_sundays_at_5_are_20_with_quantity_1_and_4_deliveries() -> None:
    sundays = recurring(5, "2024-01-01", model="Delivery", delivery_schedule=DeliverySchedule(sunday=True), quantity=7)
    (item,) = sound(answer(sundays, "2024-01-01")).items()
    assert (item.amount, item.quantity, item.number_of_deliveries) == (20, 1, 4)


DATES = st.dates(date(1999, 1, 1), date(2031, 1, 1))
SCHEDULES = st.one_of(
    st.sets(st.sampled_from(DAYS), min_size=1).map(lambda names: DeliverySchedule(**dict.fromkeys(names, True))),
    st.integers(1, 31).map(lambda number: DeliverySchedule("Monthly", day_of_month=number)),
    st.tuples(st.integers(1, 31), st.integers(1, 12)).map(
        lambda pair: DeliverySchedule("Yearly", day_of_month=pair[0], month_of_year=pair[1])
    ),
)


def _delivers(schedule: DeliverySchedule, on: date) -> bool:
    if schedule.frequency == "Weekly":
        return bool(getattr(schedule, DAYS[on.weekday()]))
    last = monthrange(on.year, on.month)[1]
    falls = on.day == min(schedule.day_of_month or 0, last)
    return falls and (schedule.frequency == "Monthly" or on.month == schedule.month_of_year)


@pytest.mark.rule("property: delivery")
@given(SCHEDULES, DATES, st.integers(0, 800))
def test_the_count_is_that_of_walking_the_days(schedule: DeliverySchedule, start: date, length: int) -> None:
    walked = sum(_delivers(schedule, start + timedelta(number)) for number in range(length))
    assert deliveries(schedule, start, start + timedelta(length)) == walked


@given(SCHEDULES, st.lists(DATES, min_size=3, max_size=3).map(sorted))
def test_a_span_split_anywhere_has_the_same_deliveries(schedule: DeliverySchedule, dates: list[Any]) -> None:
    start, middle, end = dates
    parts = deliveries(schedule, start, middle) + deliveries(schedule, middle, end)
    assert parts == deliveries(schedule, start, end)
