"""Enhanced discounts: the overlap of item and discount decides, not the item's start. Each case beside the classic one.

The charge runs from Jun 1 2023 to May 31 2024, as 1200 a year, 300 a quarter or 100 a month.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from soapsvc.engine.account import DiscountApplyDetail
from tests.support.building import (
    account,
    amount_off,
    billed,
    evergreen,
    line,
    one_time,
    percent_off,
    recurring,
    segments,
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
    ("make", "value", "enhanced", "billing_day", "expected"),
    [
        (percent_off, 10, False, "DefaultFromCustomer", ["2023-07-01…2023-07-31 -10.00"]),
        (amount_off, 15, False, "ChargeTriggerDay", ["2023-07-01…2023-07-31 -15.00"]),
        (amount_off, 15, False, "DefaultFromCustomer", ["2023-07-01…2023-07-31 -7.26"]),
        (percent_off, 10, True, "DefaultFromCustomer", ["2023-06-16…2023-06-30 -5.00", "2023-07-01…2023-07-15 -4.84"]),
        (amount_off, 15, True, "DefaultFromCustomer", ["2023-06-16…2023-06-30 -7.50", "2023-07-01…2023-07-15 -7.26"]),
    ],
)
def test_from_the_middle_of_june_to_the_middle_of_july(
    make: Any, value: int, enhanced: bool, billing_day: str, expected: list[str]
) -> None:
    """
    Jun 1   Jun 16   Jul 1    Jul 16   Aug 1
      |-------|- 15/30 --|- 15/31 --|------|

    The page's classic 15 are those of a whole month, from the 16th on; a balance from the 1st on is 15 x 15/31 in July.
    """
    discount = window(make, value, "2023-06-16", "2023-07-16", enhanced, billing_day=billing_day)
    assert taken(MONTHS, discount) == expected


@pytest.mark.rule("8.5 quarterly items")
@pytest.mark.parametrize(
    ("enhanced", "billing_day", "expected"),
    [
        (False, "ChargeTriggerDay", ["2023-09-01…2023-11-30 -15.00"]),
        (True, "DefaultFromCustomer", ["2023-06-16…2023-08-31 -37.50", "2023-09-01…2023-09-15 -7.50"]),
    ],
)
def test_15_a_month_from_the_middle_of_june_to_the_middle_of_september(
    enhanced: bool, billing_day: str, expected: list[str]
) -> None:
    """
    Jun 1   Jun 16   Jul 1     Aug 1     Sep 1    Sep 16
      |-------|- 7.50 --|-- 15 ---|-- 15 ---|- 7.50 -|     37.50 belong to the first quarter
    """
    discount = window(amount_off, 15, "2023-06-16", "2023-09-16", enhanced, billing_day=billing_day)
    assert taken(QUARTERS, discount) == expected


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


@pytest.mark.rule("8.5 monthly items")
def test_an_item_takes_the_part_of_a_period_that_it_covers() -> None:
    """The charge starts in the middle of June: 7.50 of June's 15."""
    discount = window(amount_off, 15, "2023-06-01", "2024-06-01", True)
    terms = subscription(recurring(100, "2023-06-16"), discount, start="2023-06-01")
    assert billed(terms, "2023-06-16") == ["2023-06-16…2023-06-30 50.00", "2023-06-16…2023-06-30 -7.50"]


@pytest.mark.rule("8.5 one-time items")
def test_a_month_is_a_third_of_what_a_quarter_gives() -> None:
    once = one_time(100, "2023-01-14")
    discount = window(amount_off, 15, "2023-01-14", "2023-02-14", True, billing_period="Quarter")
    terms = subscription(once, discount, start="2023-01-14")
    assert [each.split()[1] for each in billed(terms, "2023-01-14")] == ["100.00", "-5.00"]


@pytest.mark.rule("8.5 one-time items")
def test_a_quarter_gives_at_most_its_amount_at_any_length() -> None:
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
def test_weeks_outside_the_window_are_unchanged(make: Any) -> None:
    weekly = recurring(70, "2024-01-01", billing_period="Week", billing_day="ChargeTriggerDay")
    discount = make(
        10, "2024-01-15", "2024-01-22", billing_period="Week", billing_day="ChargeTriggerDay",
        apply_to_billing_period_partially=True,
    )  # fmt: skip
    lines = billed(subscription(weekly, discount, end="2025-01-01"), "2024-01-31")
    assert [each[8:10] for each in lines] == ["01", "08", "15", "15", "22", "29"]


ONE = "8.5 one charge"


@pytest.mark.rule(ONE)
def test_an_amount_reduces_only_the_first_charge_by_version_with_a_warning() -> None:
    """15 a month on C-1 of 10 (version 2) and C-2 of 100 (version 1): C-2, each month, and no balance is shared."""
    charges = (recurring(10, "2023-06-01", version=2), recurring(100, "2023-06-01", number="C-2", version=1))
    terms = subscription(*charges, window(amount_off, 15, "2023-06-01", "2024-06-01", True))
    result = sound(answered(terms, "2023-07-01"))
    assert [f"{item.facts.charge_number} {item.amount}" for item in result.items()] == [
        "C-1 10.00", "C-1 10.00", "C-2 100.00", "C-D1 -15.00", "C-2 100.00", "C-D1 -15.00",
    ]  # fmt: skip
    (note,) = result.notes
    assert (note.kind, note.code, note.charge_number) == ("warning", "DISCOUNT_ON_ONE_CHARGE", "C-D1")
    assert "it reduces C-2 of A-S1" in note.message
    assert note.message.endswith("To choose another one, list it in discountApplyDetails.")


@pytest.mark.rule(ONE)
def test_where_the_charge_is_listed_it_is_that_one_without_a_word() -> None:
    charges = (
        recurring(10, "2023-06-01", product_rate_plan_charge_id="ten"),
        recurring(100, "2023-06-01", number="C-2", product_rate_plan_charge_id="hundred"),
    )
    listed = (DiscountApplyDetail(applied_product_rate_plan_charge_id="hundred"),)
    discount = window(amount_off, 15, "2023-06-01", "2024-06-01", True, discount_apply_details=listed)
    result = sound(answered(subscription(*charges, discount), "2023-06-01"))
    assert [f"{item.facts.charge_number} {item.amount}" for item in result.items()] == [
        "C-1 10.00", "C-2 100.00", "C-D1 -15.00",
    ]  # fmt: skip
    assert result.notes == ()


@pytest.mark.rule(ONE)
def test_charges_that_the_discount_never_meets_are_not_counted() -> None:
    """
    C-0 ended before the discount began, C-1 begins after it, C-4 is of another subscription; the percentage beside it
    has no such limit.
    """
    charges = (
        recurring(7, "2023-01-01", "2023-03-01", number="C-0", charged_through_date="2023-03-01"),
        recurring(8, "2023-09-01", number="C-1"),
        recurring(100, "2023-01-01", number="C-2", charged_through_date="2023-06-01"),
        replace(recurring(9, "2023-01-01", number="C-3"), effective_start_date=None),
        percent_off(50, "2023-01-01", number="C-D2"),
        window(amount_off, 15, "2023-06-01", "2023-08-01", True),
    )
    other = subscription(recurring(1, "2023-06-01", number="C-4"), subscription_number="A-S0")
    result = sound(answered(account(other, subscription(*charges, start="2023-01-01")), "2023-06-01"))
    assert [f"{item.facts.charge_number} {item.amount}" for item in result.items()] == [
        "C-4 1.00", "C-2 100.00", "C-D2 -50.00", "C-D1 -15.00",
    ]  # fmt: skip
    assert [note.code for note in result.notes if note.kind == "warning"] == []


@pytest.mark.rule(ONE)
def test_an_amount_that_meets_no_charge_reduces_none() -> None:
    discount = window(amount_off, 15, "2023-06-01", "2023-07-01", True)
    terms = subscription(recurring(100, "2023-07-01"), discount, start="2023-06-01")
    assert billed(terms, "2023-07-01") == ["2023-07-01…2023-07-31 100.00"]


@pytest.mark.rule(ONE)
@pytest.mark.parametrize(
    ("status", "reduced", "warnings"),
    [
        ("Draft", ["C-D1 -15.00"], []),
        ("Expired", ["C-D1 -15.00"], []),
        ("Active", [], ["DISCOUNT_ON_ONE_CHARGE"]),
    ],
)
def test_15_off_the_account_pass_over_the_charge_of_a_subscription_that_is_not_billed(
    status: str, reduced: list[str], warnings: list[str]
) -> None:
    """A draft and an expired version never have items; C-1 of an active one is only left out of this answer."""
    first = evergreen(recurring(100, "2023-06-01"), status=status, subscription_number="A-S1")
    amount = amount_off(15, "2023-06-01", apply_to_billing_period_partially=True, discount_level="account")
    second = subscription(recurring(100, "2023-06-01", number="C-2"), amount, subscription_number="A-S2")
    result = sound(answered(account(first, second), "2023-06-01"))
    assert [f"{item.facts.charge_number} {item.amount}" for item in result.items()] == ["C-2 100.00", *reduced]
    assert [note.code for note in result.notes if note.kind == "warning"] == warnings


@pytest.mark.rule(ONE)
def test_an_amount_of_the_account_reduces_one_charge_of_all_subscriptions() -> None:
    first = subscription(
        recurring(100, "2023-06-01", number="C-2"),
        window(amount_off, 15, "2023-06-01", "2024-06-01", True, discount_level="account"),
        subscription_number="A-1",
    )
    second = subscription(recurring(100, "2023-06-01", number="C-1"), subscription_number="A-2")
    lines = statement(account(first, second), "2023-06-01")
    assert [" ".join(each.split()[::2]) for each in lines] == ["C-2 100.00", "C-1 100.00", "C-D1 -15.00"]


@pytest.mark.rule(ONE)
def test_a_credited_quarter_restores_its_part_of_two_months_balances() -> None:
    """
    The quarter of 45 was billed, less 15 a month, and is 15 a month from Jul 1: 30 are credited, for July and August.
    """
    through = {"charged_through_date": "2023-09-01"}
    parts = segments(
        recurring(45, "2023-06-01", "2023-07-01", billing_period="Quarter", **through), recurring(100, "2023-07-01")
    )
    discount = window(amount_off, 15, "2023-06-01", "2024-06-01", True, **through)
    terms = subscription(*parts, discount, start="2023-06-01", end="2024-06-01")
    rules = {"proration_unit": "ProrateByMonthFirst"}
    assert [each.split()[1] for each in billed(terms, "2023-08-01", rules=rules)] == [
        "-30.00", "30.00", "100.00", "-15.00", "100.00", "-15.00",
    ]  # fmt: skip


@pytest.mark.rule("8.5 one-time items")
def test_a_one_time_charge_takes_the_period_in_which_its_day_lies() -> None:
    """
    15.50 a month from Jan 1 to Mar 11; the charge of Mar 4 takes March's 10 of 31 days, not the 7 from it on.

    Jan 1       Feb 1       Mar 1  Mar 4  Mar 11
      |-- 15 -----|-- 15 -----|------*------|
    """
    discount = window(amount_off, "15.50", "2023-01-01", "2023-03-11", True)
    terms = subscription(one_time(100, "2023-03-04"), discount, start="2023-01-01")
    assert billed(terms, "2023-03-04") == ["2023-03-04 100.00", "2023-03-04…2023-03-04 -5.00"]
