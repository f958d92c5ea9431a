"""The calendar against python-dateutil, and proration against counting days one by one."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, timedelta
from fractions import Fraction

from dateutil.relativedelta import relativedelta
from dateutil.rrule import WEEKLY, rrule
from hypothesis import assume, given
from hypothesis import strategies as st

from soapsvc.engine.schedule import (
    BillingGrid,
    DayGrid,
    DaysInMonth,
    ListGrid,
    Piece,
    ProrationRules,
    ProrationUnit,
    add_months,
    factor,
)
from soapsvc.engine.schedule.calendar import MonthGrid, first_bill_day, first_weekday
from soapsvc.engine.schedule.proration import days_30_360

days = st.dates(date(1990, 1, 1), date(2090, 12, 31))
bill_days = st.integers(1, 31)


@given(days, st.integers(-1000, 1000))
def test_adding_months_clips_to_the_end_of_the_month(day: date, months: int) -> None:
    assert add_months(day, months) == day + relativedelta(months=months)


@given(days, bill_days)
def test_the_first_bill_day_on_or_after_a_date(day: date, bill_day: int) -> None:
    in_this_month = day + relativedelta(day=bill_day)
    expected = in_this_month if in_this_month >= day else day + relativedelta(months=1, day=bill_day)
    assert first_bill_day(day, bill_day) == expected


@given(days, st.integers(0, 6))
def test_the_first_weekday_on_or_after_a_date(day: date, weekday: int) -> None:
    (expected,) = rrule(WEEKLY, count=1, byweekday=weekday, dtstart=day)
    assert first_weekday(day, weekday) == expected.date()


@given(days, bill_days, st.integers(1, 60), st.integers(-20, 20))
def test_month_boundaries_are_counted_from_the_anchor_and_never_drift(
    day: date, bill_day: int, months: int, count: int
) -> None:
    anchor = first_bill_day(day, bill_day)
    grid = MonthGrid(anchor, months, bill_day)
    expected = anchor + relativedelta(months=months * count, day=bill_day)
    assume(date(1910, 1, 1) < expected < date(2190, 1, 1))
    index = grid.index(anchor)
    assert grid.boundary(index) == anchor
    assert grid.boundary(index + count) == expected


@given(days, st.integers(1, 200), st.integers(0, 50))
def test_week_boundaries_recur_from_the_anchor(anchor: date, weeks: int, count: int) -> None:
    grid = DayGrid(anchor, 7 * weeks)
    expected = rrule(WEEKLY, interval=weeks, count=count + 1, dtstart=anchor)[count].date()
    assert grid.boundary(count) == expected
    assert grid.index(expected) == count
    assert grid.index(expected - timedelta(1)) == count - 1


@given(days, bill_days, st.integers(1, 24), days)
def test_every_day_lies_in_the_one_period_that_the_grid_says(
    anchor: date, bill_day: int, months: int, day: date
) -> None:
    for grid in (MonthGrid(first_bill_day(anchor, bill_day), months, bill_day), DayGrid(anchor, months)):
        start, end = grid.holding(day)
        assert start <= day < end
        index = grid.index(day)
        assert list(grid.boundaries(index, index + 3)) == [grid.boundary(index + step) for step in range(3)]
        assert grid.boundary(index + 1) == end


@given(st.sets(days, min_size=2, max_size=6), days)
def test_a_list_of_dates_is_a_grid_between_its_ends(dates: set[date], day: date) -> None:
    ordered = sorted(dates)
    grid = ListGrid(ordered)
    assume(ordered[0] <= day < ordered[-1])
    assert grid.index(day) == bisect_right(ordered, day) - 1
    start, end = grid.holding(day)
    assert start <= day < end
    assert list(grid.boundaries(0, len(ordered))) == ordered


@st.composite
def pieces(draw: st.DrawFn) -> tuple[Piece, BillingGrid]:
    """A part of a full period of one to twelve months."""
    months = draw(st.integers(1, 12))
    bill_day = draw(bill_days)
    grid = MonthGrid(first_bill_day(draw(days), bill_day), months, bill_day)
    start, end = grid.holding(draw(days))
    first = draw(st.integers(0, (end - start).days - 1))
    length = draw(st.integers(1, (end - start).days - first))
    piece = Piece(start + timedelta(first), start + timedelta(first + length), start, end)
    return piece, BillingGrid(grid, months, 0)


def by(unit: ProrationUnit, days_in_month: DaysInMonth = DaysInMonth.USE_ACTUAL_DAYS) -> ProrationRules:
    return ProrationRules(True, True, True, days_in_month, unit)


@given(pieces())
def test_month_first_each_day_weighs_one_over_the_days_of_its_bill_cycle_month(
    found: tuple[Piece, BillingGrid],
) -> None:
    piece, billing = found
    assert isinstance(billing.grid, MonthGrid)
    single = MonthGrid(piece.period_start, 1, billing.grid.bill_day)
    share = Fraction(0)
    for offset in range((piece.end - piece.start).days):
        start, end = single.holding(piece.start + timedelta(offset))
        share += Fraction(1, (end - start).days)
    assert factor(piece, billing, by(ProrationUnit.MONTH_FIRST)) == share / billing.months


@given(pieces())
def test_by_day_each_day_of_a_longer_period_weighs_the_same(found: tuple[Piece, BillingGrid]) -> None:
    piece, billing = found
    assume(billing.months > 1)
    whole = (piece.period_end - piece.period_start).days
    assert factor(piece, billing, by(ProrationUnit.DAY)) == Fraction((piece.end - piece.start).days, whole)


@given(pieces(), st.sampled_from(DaysInMonth), st.sampled_from(ProrationUnit))
def test_a_part_costs_something_and_never_more_than_the_whole(
    found: tuple[Piece, BillingGrid], days_in_month: DaysInMonth, unit: ProrationUnit
) -> None:
    piece, billing = found
    share = factor(piece, billing, by(unit, days_in_month))
    assert 0 <= share <= 1
    assert piece.whole is (piece.start == piece.period_start and piece.end == piece.period_end)
    assert share == 1 or not piece.whole


@given(days, st.integers(1, 800))
def test_under_30_360_a_year_has_360_days_and_a_month_30(day: date, length: int) -> None:
    end = day + timedelta(length)
    assert days_30_360(day, end) >= 0
    first = day.replace(day=1)
    assert days_30_360(first, first + relativedelta(months=1)) == 30
    assert days_30_360(first, first + relativedelta(years=1)) == 360
    assert days_30_360(first, first + relativedelta(months=3)) == 90
