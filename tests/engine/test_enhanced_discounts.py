"""Enhanced discounts: the overlap of item and discount decides, not the item's start. Each case beside the classic one.

The charge runs from Jun 1 2023 to May 31 2024, as 1200 a year, 300 a quarter or 100 a month.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.building import (
    amount_off,
    billed,
    line,
    one_time,
    percent_off,
    recurring,
    sound,
    statement,
    subscription,
)
from tests.support.building import answer as answered

YEAR = recurring(1200, "2023-06-01", billing_period="Annual")
QUARTERS = recurring(300, "2023-06-01", billing_period="Quarter")
MONTHS = recurring(100, "2023-06-01")


def taken(charge: Any, discount: Any, target: str = "2024-05-31", **options: Any) -> list[str]:
    """The items of the discount."""
    terms = subscription(charge, discount, start="2023-06-01", end="2024-06-01")
    items = sound(answered(terms, target, **options)).items()
    return [line(item) for item in items if item.facts.processing_type == "Discount"]


def window(make: Any, value: object, start: str, end: str, enhanced: bool, **fields: Any) -> Any:
    stacked = {"is_stacked_discount": True} if make is percent_off and enhanced else {}
    return make(value, start, end, apply_to_billing_period_partially=enhanced, **stacked, **fields)


@pytest.mark.rule("8.5 annual item")
@pytest.mark.parametrize("make", [percent_off, amount_off])
@pytest.mark.parametrize(
    ("start", "end", "enhanced", "expected"),
    [
        ("2023-06-01", "2023-09-01", False, {percent_off: "-120.00", amount_off: "-10.00"}),
        ("2023-06-01", "2023-09-01", True, "2023-06-01…2023-08-31 -30.00"),
        ("2024-03-01", "2024-06-01", False, None),
        ("2024-03-01", "2024-06-01", True, "2024-03-01…2024-05-31 -30.00"),
    ],
)
def test_10_percent_or_10_a_month_for_three_months_of_1200_a_year(
    make: Any, start: str, end: str, enhanced: bool, expected: Any
) -> None:
    """
    Jun 1          Sep 1                       Mar 1           Jun 1
      |------------- 1200 ---------------------------------------|
      |-- discount --|                           |-- discount ----|
    """
    if isinstance(expected, dict):
        expected = f"2023-06-01…2024-05-31 {expected[make]}"
    found = taken(YEAR, window(make, 10, start, end, enhanced))
    assert found == ([expected] if expected else [])


@pytest.mark.rule("8.5 annual item")
@pytest.mark.parametrize(("enhanced", "amount"), [(False, "-15.00"), (True, "-60.00")])
def test_15_a_quarter_for_the_whole_year(enhanced: bool, amount: str) -> None:
    discount = window(amount_off, 15, "2023-06-01", "2024-06-01", enhanced, billing_period="Quarter")
    assert taken(YEAR, discount) == [f"2023-06-01…2024-05-31 {amount}"]


@pytest.mark.rule("8.5 monthly items")
@pytest.mark.parametrize(
    ("make", "value", "enhanced", "expected"),
    [
        (percent_off, 10, False, ["2023-07-01…2023-07-31 -10.00"]),
        (amount_off, 15, False, ["2023-07-01…2023-07-31 -15.00"]),
        (percent_off, 10, True, ["2023-06-16…2023-06-30 -5.00", "2023-07-01…2023-07-15 -4.84"]),
        (amount_off, 15, True, ["2023-06-16…2023-06-30 -7.50", "2023-07-01…2023-07-15 -7.26"]),
    ],
)
def test_from_the_middle_of_june_to_the_middle_of_july(
    make: Any, value: int, enhanced: bool, expected: list[str]
) -> None:
    """
    Jun 1   Jun 16   Jul 1    Jul 16   Aug 1
      |-------|- 15/30 --|- 15/31 --|------|
    """
    assert taken(MONTHS, window(make, value, "2023-06-16", "2023-07-16", enhanced)) == expected


@pytest.mark.rule("8.5 quarterly items")
@pytest.mark.parametrize(
    ("enhanced", "expected"),
    [
        (False, ["2023-09-01…2023-11-30 -15.00"]),
        (True, ["2023-06-16…2023-08-31 -37.50", "2023-09-01…2023-09-15 -7.50"]),
    ],
)
def test_15_a_month_from_the_middle_of_june_to_the_middle_of_september(enhanced: bool, expected: list[str]) -> None:
    """
    Jun 1   Jun 16   Jul 1     Aug 1     Sep 1    Sep 16
      |-------|- 7.50 --|-- 15 ---|-- 15 ---|- 7.50 -|     37.50 belong to the first quarter
    """
    assert taken(QUARTERS, window(amount_off, 15, "2023-06-16", "2023-09-16", enhanced)) == expected


@pytest.mark.rule("8.5 monthly items")
@pytest.mark.parametrize(
    ("enhanced", "expected"),
    [
        (False, ["2023-07-01…2023-07-31 -10.00"]),
        (True, ["2023-06-16…2023-06-30 -5.00", "2023-07-01…2023-07-31 -10.00"]),
    ],
)
def test_10_percent_from_the_middle_of_june_to_the_end_of_july(enhanced: bool, expected: list[str]) -> None:
    assert taken(MONTHS, window(percent_off, 10, "2023-06-16", "2023-08-01", enhanced)) == expected


@pytest.mark.rule("8.5 monthly items")
@pytest.mark.parametrize(("enhanced", "total"), [(False, 110), (True, 115)])
def test_10_a_month_from_the_middle_of_june_to_the_end_of_the_term(enhanced: bool, total: int) -> None:
    found = taken(MONTHS, window(amount_off, 10, "2023-06-16", "2024-06-01", enhanced))
    assert -sum(float(each.split()[1]) for each in found) == total
    assert len(found) == (12 if enhanced else 11)


@pytest.mark.rule("8.5 past the end of the term")
@pytest.mark.parametrize(
    ("make", "level", "past_end", "expected"),
    [
        (percent_off, "rateplan", True, ["2024-06-01…2024-06-30 100.00", "2024-06-01…2024-06-30 -10.00"]),
        (percent_off, "rateplan", False, ["2024-06-01…2024-06-15 50.00", "2024-06-01…2024-06-15 -5.00"]),
        (percent_off, "account", True, ["2024-06-01…2024-06-30 100.00", "2024-06-01…2024-06-15 -5.00"]),
        (amount_off, "rateplan", True, ["2024-06-01…2024-06-30 100.00", "2024-06-01…2024-06-15 -5.00"]),
    ],
)
def test_a_month_of_100_that_runs_15_days_past_the_term(
    make: Any, level: str, past_end: bool, expected: list[str]
) -> None:
    """10 % follow the item past Jun 16; an amount, or 10 % of the whole account, ends with the term."""
    discount = make(10, "2024-01-01", apply_to_billing_period_partially=True, discount_level=level)
    terms = subscription(recurring(100, "2024-01-01"), discount, end="2024-06-16")
    lines = billed(terms, "2024-06-15", rules={"invoice_past_end_of_term_auto_renew_off": past_end})
    assert lines[-2:] == expected


@pytest.mark.rule("8.5 past the end of the term")
def test_365_a_term_are_14_for_the_14_days_of_an_item_that_lie_in_the_last_term() -> None:
    """
    The term of a year ends on Jan 15 2026 and no further one is assumed; the item is billed whole.

    Jan 1          Jan 15        Feb 1
      |-- 14/365 ----|.............|
    """
    item = recurring(100, "2024-01-15", charged_through_date="2026-01-01")
    discount = amount_off(365, "2024-01-15", billing_period="Subscription_Term", apply_to_billing_period_partially=True)
    rules = {"invoice_past_end_of_term_auto_renew_off": True}
    assert billed(subscription(item, discount), "2026-01-05", renew="All", rules=rules) == [
        "2026-01-01…2026-01-31 100.00",
        "2026-01-01…2026-01-14 -14.00",
    ]


@pytest.mark.rule("8.5 months first")
def test_a_month_of_an_annual_item_is_a_twelfth_not_30_of_366_days() -> None:
    """By days it would be 1200 x 10 % x 30/366 = 9.84."""
    assert taken(YEAR, window(percent_off, 10, "2023-09-01", "2023-10-01", True)) == ["2023-09-01…2023-09-30 -10.00"]


@pytest.mark.rule("8.5 stacked")
@pytest.mark.parametrize("said", [True, False])
def test_each_percentage_is_of_the_whole_overlapped_amount(said: bool) -> None:
    """10 % of three months and 20 % of the year, both of the whole, whether they say so or not: 30 and 240."""
    options: dict[str, Any] = {"apply_to_billing_period_partially": True, "is_stacked_discount": said}
    first = percent_off(10, "2023-06-01", "2023-09-01", **options)
    second = percent_off(20, "2023-06-01", "2024-06-01", number="C-D2", **options)
    terms = subscription(YEAR, first, second)
    assert [each.split()[1] for each in billed(terms, "2023-06-01")] == ["1200.00", "-30.00", "-240.00"]


@pytest.mark.rule("8.5 balance")
def test_two_items_share_the_amount_of_a_period() -> None:
    """15 a month on items of 10 and 100: 10 and 5, then the same in July."""
    second = recurring(100, "2023-06-01", number="C-2")
    discount = window(amount_off, 15, "2023-06-01", "2024-06-01", True)
    terms = subscription(recurring(10, "2023-06-01"), second, discount)
    lines = [each.split()[1] for each in billed(terms, "2023-07-01")]
    assert lines == ["10.00", "-10.00", "10.00", "-10.00", "100.00", "-5.00", "100.00", "-5.00"]


@pytest.mark.rule("8.5 one-time items")
@pytest.mark.parametrize(
    ("end", "bill_cycle_day", "expected"),
    [
        ("2023-02-14", 14, "-5.00"),
        ("2023-02-14", 1, "-5.00"),
        ("2023-01-15", 14, "-0.16"),  # 5 x 1/31
        ("2023-01-15", 1, "-0.16"),
        ("2023-12-31", 1, "-5.00"),  # one period at most
    ],
)
def test_a_one_time_charge_of_100_and_5_a_month(end: str, bill_cycle_day: int, expected: str) -> None:
    once = one_time(100, "2023-01-14")
    discount = window(amount_off, 5, "2023-01-14", end, True)
    terms = subscription(once, discount, start="2023-01-14")
    assert billed(terms, "2023-01-14", bill_cycle_day=bill_cycle_day) == [
        "2023-01-14 100.00",
        f"2023-01-14…2023-01-14 {expected}",
    ]


@pytest.mark.rule("8.5 one-time items")
def test_a_one_time_charge_takes_the_whole_percentage() -> None:
    once = one_time(100, "2023-01-14")
    terms = subscription(once, window(percent_off, 5, "2023-01-01", "2023-01-15", True), start="2023-01-01")
    assert [each.split()[1] for each in billed(terms, "2023-01-14")] == ["100.00", "-5.00"]


@pytest.mark.rule("8.5 in weeks and days")
@pytest.mark.parametrize(("make", "value", "expected"), [(percent_off, 10, "-3.00"), (amount_off, 14, "-6.00")])
def test_in_weeks_the_overlap_is_measured_in_days(make: Any, value: int, expected: str) -> None:
    """
    70 a week; the discount covers 3 of its 7 days: 70 x 3/7 x 10 % = 3, or 14 x 3/7 = 6.
    """
    weekly = recurring(70, "2024-01-01", billing_period="Week", billing_day="ChargeTriggerDay")
    discount = make(
        value, "2024-01-01", "2024-01-04", billing_period="Week", billing_day="ChargeTriggerDay",
        apply_to_billing_period_partially=True,
    )  # fmt: skip
    terms = subscription(weekly, discount, end="2025-01-01")
    assert billed(terms, "2024-01-01") == ["2024-01-01…2024-01-07 70.00", f"2024-01-01…2024-01-03 {expected}"]


@pytest.mark.rule("8.5 one-time items")
def test_a_one_time_charge_and_a_discount_by_the_week() -> None:
    """14 a week, 3 days from the charge's day on: 6."""
    once = one_time(100, "2024-01-01")
    discount = amount_off(14, "2024-01-01", "2024-01-04", billing_period="Week", apply_to_billing_period_partially=True)
    terms = subscription(once, discount, end="2025-01-01")
    assert [each.split()[1] for each in billed(terms, "2024-01-01")] == ["100.00", "-6.00"]


@pytest.mark.rule("8.5 balance")
def test_two_items_share_what_a_stub_of_the_discount_has() -> None:
    """15 a month from Jun 16 on: 7.50 for June, on items of 5 and 100 that run from Jun 1."""
    second = recurring(100, "2023-06-01", number="C-2")
    discount = window(amount_off, 15, "2023-06-16", "2024-06-01", True)
    terms = subscription(recurring(5, "2023-06-01"), second, discount, start="2023-06-01")
    assert [each.split()[1] for each in billed(terms, "2023-06-01")] == ["5.00", "-5.00", "100.00", "-2.50"]


@pytest.mark.rule("8.5 monthly items")
def test_an_item_takes_the_part_of_a_period_that_it_covers() -> None:
    """The charge starts in the middle of June: 7.50 of June's 15."""
    discount = window(amount_off, 15, "2023-06-01", "2024-06-01", True)
    terms = subscription(recurring(100, "2023-06-16"), discount, start="2023-06-01")
    assert billed(terms, "2023-06-16") == ["2023-06-16…2023-06-30 50.00", "2023-06-16…2023-06-30 -7.50"]


@pytest.mark.rule("8.5 balance")
def test_a_quarter_that_uses_up_june_and_a_part_of_july_leaves_the_rest_to_others() -> None:
    """
    15 a month. A quarter of 20 takes June's 15 and 5 of July's; a monthly item of 100 finds 0, 10 and 15.
    """
    quarter = recurring(20, "2023-06-01", billing_period="Quarter", number="C-1")
    monthly = recurring(100, "2023-06-01", number="C-2")
    discount = window(amount_off, 15, "2023-06-01", "2024-06-01", True)
    terms = subscription(quarter, monthly, discount)
    lines = billed(terms, "2023-08-01")
    assert [each.split()[1] for each in lines] == ["20.00", "-20.00", "100.00", "100.00", "-10.00", "100.00", "-15.00"]


@pytest.mark.rule("8.5 balance")
@pytest.mark.parametrize("through", [None, "2024-02-01", "2024-03-01"])
def test_of_a_week_that_two_months_share_1_40_and_4_60_are_left_whatever_was_billed_before(through: str | None) -> None:
    """
    7 a week, two items of 24.80 a month, 2.40 each for Jan 29 to 31.

          Jan 29      Feb 1      Feb 5            Feb 26       Mar 1           Mar 25
    C-1     |- 2.40 ----|-- 2.20 ---|-- 3 x 7 ------|-- 1.60 ----|-- 1.40 … 21 ---|-- 2.40
    C-2     |- 2.40 ----|-- 0 ------|-- 0 ----------|-- 4 of 7 --|-- 0 -----------|-- 4.60
    """
    number = {"charged_through_date": through}
    charges = [recurring("24.80", "2024-01-29", number=name, **number) for name in ("C-1", "C-2")]
    discount = window(amount_off, 7, "2024-01-29", "2025-01-29", True, billing_period="Week", **number)
    lines = statement((*charges, discount), "2024-03-01")
    assert [each for each in lines if "2024-03-01" in each] == [
        "C-1 2024-03-01…2024-03-31 24.80",
        "C-D1 2024-03-01…2024-03-31 -24.80",
        "C-2 2024-03-01…2024-03-31 24.80",
        "C-D1 2024-03-01…2024-03-31 -4.60",
    ]


@pytest.mark.rule("8.5 balance")
def test_what_comes_back_of_several_months_is_there_for_others() -> None:
    """
    The quarter of 45 was billed, less 15 a month, and is given back from Jul 1: 30 come back, for July and for August.
    """
    through = {"charged_through_date": "2023-09-01"}
    quarter = recurring(45, "2023-06-01", "2023-07-01", billing_period="Quarter", number="C-1", **through)
    monthly = recurring(100, "2023-07-01", number="C-2")
    discount = window(amount_off, 15, "2023-06-01", "2024-06-01", True, **through)
    terms = subscription(quarter, monthly, discount, start="2023-06-01", end="2024-06-01")
    rules = {"proration_unit": "ProrateByMonthFirst"}
    assert [each.split()[1] for each in billed(terms, "2023-08-01", rules=rules)] == [
        "-30.00",
        "30.00",
        "100.00",
        "-15.00",
        "100.00",
        "-15.00",
    ]


@pytest.mark.rule("8.5 balance")
def test_the_same_where_the_discount_does_not_say_that_it_was_billed() -> None:
    """Then its balance counts as unused: June's 15 are there for the monthly item, and July's, which came back."""
    quarter = recurring(
        45, "2023-06-01", "2023-07-01", billing_period="Quarter", number="C-1", charged_through_date="2023-09-01"
    )
    others = (recurring(100, "2023-06-01", number="C-2"), window(amount_off, 15, "2023-06-01", "2024-06-01", True))
    terms = subscription(quarter, *others, start="2023-06-01", end="2024-06-01")
    lines = billed(terms, "2023-07-01", rules={"proration_unit": "ProrateByMonthFirst"})
    assert [each.split()[1] for each in lines] == ["-30.00", "30.00", "100.00", "-15.00", "100.00", "-15.00"]


@pytest.mark.rule("8.5 one-time items")
def test_a_month_is_a_third_of_what_a_quarter_gives() -> None:
    once = one_time(100, "2023-01-14")
    discount = window(amount_off, 15, "2023-01-14", "2023-02-14", True, billing_period="Quarter")
    terms = subscription(once, discount, start="2023-01-14")
    assert [each.split()[1] for each in billed(terms, "2023-01-14")] == ["100.00", "-5.00"]


@pytest.mark.rule("8.5 one-time items")
def test_a_quarter_gives_no_more_than_its_amount_however_long_it_lasts() -> None:
    once = one_time(100, "2023-01-14")
    discount = window(amount_off, 15, "2023-01-14", "2024-01-14", True, billing_period="Quarter")
    terms = subscription(once, discount, start="2023-01-14")
    assert [each.split()[1] for each in billed(terms, "2023-01-14")] == ["100.00", "-15.00"]


@pytest.mark.rule("8.5 one-time items")
def test_nor_does_a_week() -> None:
    once = one_time(100, "2024-01-01")
    discount = amount_off(14, "2024-01-01", "2024-02-01", billing_period="Week", apply_to_billing_period_partially=True)
    terms = subscription(once, discount, end="2025-01-01")
    assert [each.split()[1] for each in billed(terms, "2024-01-01")] == ["100.00", "-14.00"]


@pytest.mark.rule("8.5 balance")
def test_two_one_time_charges_of_one_day_share_the_amount() -> None:
    charges = (one_time(3, "2023-01-14", number="C-1"), one_time(100, "2023-01-14", number="C-2"))
    discount = window(amount_off, 5, "2023-01-14", "2023-02-14", True)
    terms = subscription(*charges, discount, start="2023-01-14")
    assert [each.split()[1] for each in billed(terms, "2023-01-14")] == ["3.00", "-3.00", "100.00", "-2.00"]


@pytest.mark.rule("8.5 months first")
def test_a_month_of_a_stub_of_two_months_and_16_of_31_days() -> None:
    """
    300 x (2 + 16/31)/12 = 62.90 for Jan 16 … Mar 31, less 10 % of March's share, 1 of 2 + 16/31 months.
    """
    stub = recurring(
        300, "2024-01-16", "2024-04-01", billing_period="Annual", billing_period_alignment="AlignToSubscriptionStart"
    )
    march = percent_off(
        10, "2024-03-01", "2024-04-01", apply_to_billing_period_partially=True, is_stacked_discount=True
    )
    terms = subscription(stub, march, start="2024-01-01", end="2025-01-01")
    rules = {"proration_unit": "ProrateByMonthFirst"}
    assert billed(terms, "2024-01-16", rules=rules) == ["2024-01-16…2024-03-31 62.90", "2024-03-01…2024-03-31 -2.50"]


@pytest.mark.rule("8.5 in weeks and days")
@pytest.mark.parametrize("make", [percent_off, amount_off])
def test_weeks_beside_the_window_are_not_touched(make: Any) -> None:
    weekly = recurring(70, "2024-01-01", billing_period="Week", billing_day="ChargeTriggerDay")
    discount = make(
        10, "2024-01-15", "2024-01-22", billing_period="Week", billing_day="ChargeTriggerDay",
        apply_to_billing_period_partially=True,
    )  # fmt: skip
    lines = billed(subscription(weekly, discount, end="2025-01-01"), "2024-01-31")
    assert [each[8:10] for each in lines] == ["01", "08", "15", "15", "22", "29"]
