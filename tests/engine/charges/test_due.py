"""Due periods at a target date, and billed periods."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.support.building import (
    account,
    answer,
    billed,
    one_time,
    percent_off,
    recurring,
    segments,
    statement,
    subscription,
)

QUARTER = {"billing_period": "Quarter"}
ARREARS = {"billing_timing": "IN_ARREARS"}


@pytest.mark.rule("4.1 in advance")
@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("2024-03-31", []),
        ("2024-04-01", ["2024-04-01…2024-06-30 300.00"]),
        ("2024-06-30", ["2024-04-01…2024-06-30 300.00"]),
        ("2024-07-01", ["2024-04-01…2024-06-30 300.00", "2024-07-01…2024-09-30 300.00"]),
    ],
)
def test_in_advance_a_quarter_is_due_from_its_first_day(target: str, expected: list[str]) -> None:
    assert billed(recurring(300, "2024-04-01", **QUARTER), target) == expected


@pytest.mark.rule("4.1 in arrears")
@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("2024-06-30", []),
        ("2024-07-01", ["2024-04-01…2024-06-30 300.00"]),
        ("2024-09-30", ["2024-04-01…2024-06-30 300.00"]),
        ("2024-10-01", ["2024-04-01…2024-06-30 300.00", "2024-07-01…2024-09-30 300.00"]),
    ],
)
def test_in_arrears_a_quarter_is_due_on_the_day_after_its_last(target: str, expected: list[str]) -> None:
    assert billed(recurring(300, "2024-04-01", **QUARTER, **ARREARS), target) == expected


@pytest.mark.rule("4.1 in arrears")
@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("2024-04-30", []),
        ("2024-05-01", ["2024-04-15…2024-04-30 16.00"]),
        ("2024-05-15", ["2024-04-15…2024-04-30 16.00"]),
        ("2024-05-16", ["2024-04-15…2024-04-30 16.00", "2024-05-01…2024-05-15 14.52"]),
    ],
)
def test_stubs_in_arrears_are_due_each_after_its_own_last_day(target: str, expected: list[str]) -> None:
    """
    Apr 15     May 1      May 16
      |- 16/30 --|- 15/31 --|
    """
    assert billed(subscription(recurring(30, "2024-04-15", **ARREARS), end="2024-05-16"), target) == expected


@pytest.mark.rule("4.1 in arrears")
@pytest.mark.parametrize(("target", "items"), [("2012-04-14", 0), ("2012-04-15", 1)])
def test_a_charge_cancelled_on_apr_15_is_due_in_arrears_on_that_day(target: str, items: int) -> None:
    charge = recurring(30, "2012-01-01", "2012-04-15", charged_through_date="2012-04-01", **ARREARS)
    cancelled = subscription(charge, end="2012-04-15", status="Cancelled")
    assert billed(cancelled, target) == ["2012-04-01…2012-04-14 14.00"][:items]


@pytest.mark.rule("4.1 one-time")
@pytest.mark.parametrize(("target", "items"), [("2024-03-10", 0), ("2024-03-11", 1), ("2024-12-31", 1)])
def test_a_one_time_charge_is_due_on_its_day(target: str, items: int) -> None:
    once = one_time(150, "2024-03-11")
    assert billed(subscription(once, start="2024-01-01"), target) == ["2024-03-11 150.00"][:items]


@pytest.mark.rule("4.1 one-time")
@pytest.mark.parametrize("through", ["2024-03-11", "2024-03-12"])
def test_a_one_time_charge_is_billed_once(through: str) -> None:
    assert billed(one_time(150, "2024-03-11", charged_through_date=through), "2024-12-31") == []


@pytest.mark.rule("4.1 one-time")
def test_a_one_time_charge_of_a_zero_length_segment_is_billed_on_its_day() -> None:
    """Some exports give it effectiveEndDate = effectiveStartDate."""
    charge = one_time(150, "2024-03-11")
    same_day = replace(charge, effective_end_date=charge.effective_start_date)
    assert billed(subscription(same_day, start="2024-01-01"), "2024-03-11") == ["2024-03-11 150.00"]


@pytest.mark.rule("4.1 one-time")
def test_a_one_time_charge_after_the_cancellation_is_not_billed() -> None:
    charge = one_time(150, "2024-05-01")
    cancelled = subscription(charge, start="2024-01-01", end="2024-04-01", status="Cancelled")
    assert billed(cancelled, "2024-12-31") == []


@pytest.mark.rule("4.2 charged through")
def test_billing_continues_at_the_charged_through_date() -> None:
    charge = recurring(10, "2012-05-01", charged_through_date="2012-06-01")
    assert billed(charge, "2012-06-01") == ["2012-06-01…2012-06-30 10.00"]


@pytest.mark.rule("4.2 charged through")
def test_a_backlog_is_billed_from_the_first_period_never_billed() -> None:
    assert [line[:10] for line in billed(recurring(10, "2023-11-01"), "2024-02-01")] == [
        "2023-11-01",
        "2023-12-01",
        "2024-01-01",
        "2024-02-01",
    ]


@pytest.mark.rule("4.2 charged through")
def test_the_processed_through_date_decides_nothing() -> None:
    charge = recurring(10, "2024-01-01", charged_through_date="2024-02-01", processed_through_date="2024-06-01")
    assert [line[:10] for line in billed(charge, "2024-03-01")] == ["2024-02-01", "2024-03-01"]


@pytest.mark.rule("4.2 exclusive ends")
def test_an_effective_end_is_the_first_day_without_service() -> None:
    charge = recurring(31, "2024-01-01", "2024-02-15")
    assert billed(charge, "2024-12-31") == ["2024-01-01…2024-01-31 31.00", "2024-02-01…2024-02-14 14.97"]  # 31 x 14/29


@pytest.mark.rule("4.2 exclusive ends")
def test_a_charge_that_ends_where_it_starts_bills_nothing() -> None:
    assert billed(recurring(31, "2024-01-15", "2024-01-15"), "2024-12-31") == []


@pytest.mark.rule("4.3 segments")
def test_two_segments_share_a_semi_annual_grid_and_a_discount_of_20_percent() -> None:
    """
    100 a month to Jul 1 2022, then 200; semi-annual periods on the 10th; shares in months of the grid.

    Jan 1  Jan 10     Jul 10     Jan 10       Jul 1  Jul 10
     |-9/31-|-- 600 ---|-- 600 ---|-- 5 + 21/30 -|9/30-|-- 1200 …
    """
    usual = {
        "billing_period": "Semi_Annual",
        "billing_day": "SpecificDayofMonth(10th)",
        "list_price_base": "Per_Month",
    }
    ramp = segments(recurring(100, "2021-01-01", **usual), recurring(200, "2022-07-01", "2024-01-01", **usual))
    discount = percent_off(20, "2021-01-01", number="C-2")
    three_years = subscription(*ramp, discount, end="2024-01-01")
    month_first = {"proration_unit": "ProrateByMonthFirst"}
    assert statement(three_years, "2023-12-31", rules=month_first) == [
        "C-1 2021-01-01…2021-01-09 29.03",
        "C-2 2021-01-01…2021-01-09 -5.81",
        "C-1 2021-01-10…2021-07-09 600.00",
        "C-2 2021-01-10…2021-07-09 -120.00",
        "C-1 2021-07-10…2022-01-09 600.00",
        "C-2 2021-07-10…2022-01-09 -120.00",
        "C-1 2022-01-10…2022-06-30 570.00",
        "C-2 2022-01-10…2022-06-30 -114.00",
        "C-1 2022-07-01…2022-07-09 60.00",
        "C-2 2022-07-01…2022-07-09 -12.00",
        "C-1 2022-07-10…2023-01-09 1200.00",
        "C-2 2022-07-10…2023-01-09 -240.00",
        "C-1 2023-01-10…2023-07-09 1200.00",
        "C-2 2023-01-10…2023-07-09 -240.00",
        "C-1 2023-07-10…2023-12-31 1141.94",  # 1200 x (5 + 22/31)/6
        "C-2 2023-07-10…2023-12-31 -228.39",
    ]


@pytest.mark.rule("4.3 segments")
def test_a_quantity_changed_in_the_middle_of_march_bills_14_days_of_10_and_17_days_of_13() -> None:
    parts = segments(
        recurring(5, "2024-01-01", model="PerUnit", quantity=10, charged_through_date="2024-03-01"),
        recurring(5, "2024-03-15", model="PerUnit", quantity=13),
    )
    assert billed(parts, "2024-04-01") == [
        "2024-03-01…2024-03-14 22.58",
        "2024-03-15…2024-03-31 35.65",
        "2024-04-01…2024-04-30 65.00",
    ]


@pytest.mark.rule("4.3 segments")
def test_later_segments_keep_the_trigger_day_of_the_first() -> None:
    """
    Oct 1          Oct 15         Nov 1
      |- 10 x 14/31 -|- 20 x 17/31 -|-- 20 --
    """
    parts = segments(
        recurring(10, "2023-10-01", billing_day="ChargeTriggerDay"),
        recurring(20, "2023-10-15", billing_day="ChargeTriggerDay"),
    )
    assert billed(parts, "2023-11-01") == [
        "2023-10-01…2023-10-14 4.52",
        "2023-10-15…2023-10-31 10.97",
        "2023-11-01…2023-11-30 20.00",
    ]


@pytest.mark.rule("4.3 last segment only")
@pytest.mark.parametrize(
    ("fields", "second"),
    [
        ({"segment": 3, "original_effective_start_date": "2023-10-01"}, "2023-11-01"),
        ({"segment": 2, "trigger_date": "2023-10-05"}, "2023-11-05"),
        ({"segment": 3}, "2023-11-15"),
        ({"segment": 1, "trigger_date": "2023-10-05"}, "2023-11-15"),
        ({"trigger_date": "2023-10-05"}, "2023-11-15"),
    ],
)
def test_the_anchor_of_a_segment_that_comes_alone(fields: dict[str, Any], second: str) -> None:
    """First segment's start, else the trigger date, else the segment's own start, Oct 15."""
    charge = recurring(20, "2023-10-15", billing_day="ChargeTriggerDay", **fields)
    assert [line[:10] for line in billed(charge, "2023-11-30")] == ["2023-10-15", second]


@pytest.mark.rule("4.3 segments")
def test_segments_come_in_the_order_of_time_whatever_the_document_says() -> None:
    first, second = segments(recurring(10, "2024-01-01"), recurring(20, "2024-02-01"))
    assert billed((second, first), "2024-02-01") == billed((first, second), "2024-02-01")


@pytest.mark.rule("4.3 segments")
def test_a_segment_of_no_length_yields_nothing() -> None:
    parts = (
        recurring(10, "2024-01-01", "2024-02-01", segment=1),
        recurring(15, "2024-02-01", "2024-02-01", segment=2, id="C-1-2"),
        recurring(20, "2024-02-01", segment=3, id="C-1-3"),
    )
    assert billed(parts, "2024-02-01") == ["2024-01-01…2024-01-31 10.00", "2024-02-01…2024-02-29 20.00"]


@pytest.mark.rule("4.3 segments")
def test_segments_that_overlap_are_refused() -> None:
    parts = (
        recurring(10, "2024-01-01", "2024-04-01", segment=1),
        recurring(20, "2024-03-01", segment=2, id="C-1-2"),
    )
    assert [(error.code, error.field, error.charge_number) for error in answer(parts, "2024-06-01").errors] == [
        ("PERIODS_OVERLAP", "effectiveStartDate", "C-1")
    ]


@pytest.mark.rule("4.1 excluded types")
@pytest.mark.parametrize(
    ("exclude", "numbers"),
    [
        (set(), ["C-O", "C-D1", "C-1", "C-D1"]),
        ({"OneTime"}, ["C-1", "C-D1"]),
        ({"Recurring"}, ["C-O", "C-D1"]),
        ({"OneTime", "Recurring"}, []),
    ],
)
def test_an_excluded_charge_takes_its_discounts_along(exclude: set[str], numbers: list[str]) -> None:
    """A discount is itself recurring, but goes only with the charge that it reduces."""
    charges = (one_time(100, "2024-01-01"), recurring(10, "2024-01-01"), percent_off(10, "2024-01-01"))
    lines = statement(charges, "2024-01-01", exclude=frozenset(exclude))
    assert [line.split()[0] for line in lines] == numbers


@pytest.mark.rule("4.1 whole account")
def test_all_subscriptions_of_the_account_are_billed_in_the_order_of_their_numbers() -> None:
    second = subscription(recurring(20, "2024-01-01"), subscription_number="A-S00000002")
    first = subscription(recurring(10, "2024-01-01"), subscription_number="A-S00000001")
    assert billed(account(second, first), "2024-01-01") == [
        "2024-01-01…2024-01-31 10.00",
        "2024-01-01…2024-01-31 20.00",
    ]


@pytest.mark.rule("4.1 whole account")
def test_one_subscription_of_the_account_may_be_chosen() -> None:
    second = subscription(recurring(20, "2024-01-01"), subscription_number="A-S00000002")
    first = subscription(recurring(10, "2024-01-01"), subscription_number="A-S00000001")
    lines = billed(account(second, first), "2024-01-01", subscription_numbers=frozenset({"A-S00000002"}))
    assert lines == ["2024-01-01…2024-01-31 20.00"]


@pytest.mark.rule("2.1 Subscription_Term")
def test_a_charge_billed_by_the_term_that_starts_after_the_term_is_not_due() -> None:
    """This holds for every setting of stubs, because no term includes the charge yet."""
    later = recurring(90, "2024-09-01", "2024-12-01", billing_period="Subscription_Term", list_price_base="Per_Month")
    terms = subscription(later, start="2024-01-01", end="2024-07-01")
    for rules in ({}, {"bill_recurring_partial_month": False, "prorate_recurring_partial_period": False}):
        assert billed(terms, "2024-10-01", rules=rules) == []
