"""Discounts: which charges and items they reduce, in which order, and by how much."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from soapsvc.engine.account import DiscountApplyDetail
from tests.support.building import (
    account,
    amount_off,
    answer,
    billed,
    line,
    one_time,
    percent_off,
    recurring,
    segments,
    sound,
    statement,
    subscription,
)

JAN = "2024-01-01…2024-01-31"


def january(*charges: Any, **rules: Any) -> list[str]:
    """The amounts of Jan 2024, as `number amount`."""
    return [" ".join(each.split()[::2]) for each in statement(charges, "2024-01-01", rules=rules)]


def charge(price: object = 100, number: str = "C-1", **fields: Any) -> Any:
    return recurring(price, "2024-01-01", number=number, **fields)


def off(percentage: object, number: str = "C-D1", **fields: Any) -> Any:
    return percent_off(percentage, "2024-01-01", number=number, **fields)


def coupon(amount: object, number: str = "C-D1", **fields: Any) -> Any:
    return amount_off(amount, "2024-01-01", number=number, **fields)


@pytest.mark.rule("8.1 level")
@pytest.mark.parametrize(
    ("level", "reduced"),
    [
        ("rateplan", ["C-1"]),
        (None, ["C-1"]),
        ("subscription", ["C-1", "C-2"]),
        ("account", ["C-1", "C-2", "C-3"]),
        ("Account", ["C-1", "C-2", "C-3"]),
    ],
)
def test_the_level_decides_which_charges_a_discount_reduces(level: str | None, reduced: list[str]) -> None:
    """
    Subscription A-1: plan with the discount and C-1, another plan with C-2. Subscription A-2: C-3.
    """
    first = subscription(
        charge(number="C-1"),
        charge(number="C-2", rate_plan_id="other plan"),
        off(10, discount_level=level),
        subscription_number="A-1",
    )
    second = subscription(charge(number="C-3", rate_plan_id="third plan"), subscription_number="A-2")
    lines = [each.split()[0] for each in statement(account(first, second), "2024-01-01")]
    assert [lines[position - 1] for position, number in enumerate(lines) if number == "C-D1"] == reduced


@pytest.mark.rule("8.1 level")
def test_a_discount_on_the_account_counts_when_only_another_subscription_is_asked_for() -> None:
    first = subscription(off(10, discount_level="account"), subscription_number="A-1")
    second = subscription(charge(), subscription_number="A-2")
    lines = statement(account(first, second), "2024-01-01", subscription_numbers=frozenset({"A-2"}))
    assert lines == [f"C-1 {JAN} 100.00", f"C-D1 {JAN} -10.00"]


@pytest.mark.rule("8.1 level")
def test_a_suspended_subscription_keeps_its_discounts() -> None:
    suspended = subscription(
        charge(31), off(10, discount_level="subscription"), status="Suspended", scheduled_suspend_date="2024-01-16"
    )
    assert billed(suspended, "2024-03-01") == ["2024-01-01…2024-01-15 15.00", "2024-01-01…2024-01-15 -1.50"]


@pytest.mark.rule("8.1 charge types")
@pytest.mark.parametrize(
    ("types", "reduced"),
    [
        ("ONETIME", ["C-O"]),
        ("RECURRING", ["C-1"]),
        ("USAGE", []),
        ("ONETIMERECURRING", ["C-O", "C-1"]),
        ("ONETIMERECURRINGUSAGE", ["C-O", "C-1"]),
        ("Recurring, One-Time", ["C-O", "C-1"]),
        (None, ["C-O", "C-1"]),
    ],
)
def test_a_discount_may_be_limited_to_charge_types(types: str | None, reduced: list[str]) -> None:
    lines = january(one_time(50, "2024-01-01"), charge(), off(10, apply_discount_to=types))
    numbers = [each.split()[0] for each in lines]
    assert [numbers[position - 1] for position, number in enumerate(numbers) if number == "C-D1"] == reduced


@pytest.mark.rule("8.1 listed charges")
@pytest.mark.parametrize(
    ("detail", "reduced"),
    [
        (DiscountApplyDetail(applied_product_rate_plan_charge_id="charge 2"), ["C-2"]),
        (DiscountApplyDetail(applied_product_rate_plan_id="product plan"), ["C-1"]),
        (DiscountApplyDetail(applied_product_rate_plan_charge_id="charge 9"), []),
    ],
)
def test_a_discount_may_be_limited_to_listed_charges(detail: DiscountApplyDetail, reduced: list[str]) -> None:
    lines = january(
        charge(number="C-1", product_rate_plan_charge_id="charge 1", product_rate_plan_id="product plan"),
        charge(number="C-2", product_rate_plan_charge_id="charge 2", product_rate_plan_id="other product plan"),
        off(10, discount_level="subscription", discount_apply_details=(detail,)),
    )
    numbers = [each.split()[0] for each in lines]
    assert [numbers[position - 1] for position, number in enumerate(numbers) if number == "C-D1"] == reduced


@pytest.mark.rule("8.1 positive amounts")
def test_negative_and_free_items_are_not_discounted() -> None:
    assert january(charge(-100), charge(0, "C-2"), off(10)) == ["C-1 -100.00", "C-2 0.00"]


@pytest.mark.rule("8.1 never below zero")
@pytest.mark.parametrize(
    ("discounts", "taken"),
    [
        ([off(60, is_stacked_discount=True), off(60, "C-D2", is_stacked_discount=True)], ["-60.00", "-40.00"]),
        ([coupon(130)], ["-100.00"]),
        ([off(100), coupon(5, "C-D2")], ["-100.00"]),
        ([off(150)], ["-100.00"]),
    ],
)
def test_a_discounted_item_is_never_below_zero(discounts: list[Any], taken: list[str]) -> None:
    assert [each.split()[1] for each in january(charge(), *discounts)] == ["100.00", *taken]


@pytest.mark.rule("8.1 never below zero")
@pytest.mark.parametrize("percent_discount_base", ["Rounded", "UnRounded"])
def test_the_explanation_of_60_percent_of_100_after_60_percent_of_100_ends_at_the_40_left(
    percent_discount_base: str,
) -> None:
    discounts = [off(60, number, is_stacked_discount=True) for number in ("C-D1", "C-D2")]
    rules = {"percent_discount_base": percent_discount_base}
    result = answer((charge(), *discounts), "2024-01-01", rules=rules, explain=True)
    assert [int(item.trace.unrounded) for item in result.items() if item.trace is not None] == [100, -60, -40]


@pytest.mark.rule("8.1 never below zero")
@pytest.mark.parametrize(("price", "percentage"), [("0.01", 10), ("100", 0)])
def test_a_discount_of_zero_has_no_item(price: str, percentage: int) -> None:
    assert len(january(charge(price), off(percentage))) == 1


@pytest.mark.rule("8.2 which items")
@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2024-01-01", "2024-03-01", ["01", "02"]),
        ("2024-01-02", "2024-03-02", ["02", "03"]),
        ("2024-02-29", "2024-03-01", []),
        ("2024-02-01", "2024-02-02", ["02"]),
    ],
)
def test_a_discount_covers_whole_items_that_start_in_its_window(start: str, end: str, months: list[str]) -> None:
    lines = statement((charge(), percent_off(10, start, end)), "2024-04-01")
    assert [each for each in lines if each.startswith("C-D1")] == [
        each.replace("C-1", "C-D1").replace("100.00", "-10.00")
        for each in lines
        if each.startswith("C-1") and each[9:11] in months
    ]


@pytest.mark.rule("8.2 which items")
def test_35_percent_that_end_two_weeks_before_an_annual_item_take_all_of_52_15() -> None:
    """
    Oct 19 2023                              Oct 3     Oct 18 2024
      |-- item 149.00 ---------------------------------------|
      |-- discount ----------------------------|
    """
    annual = recurring(149, "2023-10-19", billing_period="Annual", billing_day="ChargeTriggerDay")
    assert billed((annual, percent_off(35, "2023-10-19", "2024-10-03")), "2023-10-19") == [
        "2023-10-19…2024-10-18 149.00",
        "2023-10-19…2024-10-18 -52.15",
    ]


@pytest.mark.rule("8.2 which items")
@pytest.mark.parametrize("renew", ["None", "All"])
def test_a_discount_for_three_months_ends_after_them(renew: str) -> None:
    three_months = percent_off(
        25, "2024-01-01", "2024-04-01", end_date_condition="Fixed_Period", up_to_periods=3, up_to_periods_type="Months"
    )
    lines = statement((charge(), three_months), "2025-02-01", renew=renew)
    assert [each[5:12] for each in lines if each.startswith("C-D1")] == ["2024-01", "2024-02", "2024-03"]


@pytest.mark.rule("8.2 which items")
def test_a_discount_to_the_end_of_the_term_is_renewed_with_it() -> None:
    lines = statement((charge(charged_through_date="2024-12-01"), off(10)), "2025-02-01", renew="All")
    assert [each.split()[0] for each in lines] == ["C-1", "C-D1"] * 3


@pytest.mark.rule("8.2 which items")
def test_an_account_discount_ends_with_its_own_term_even_where_periods_may_run_past_it() -> None:
    """Its subscription ended on Feb 1; that its periods may run past the term does not prolong the discount."""
    ended = subscription(
        off(10, discount_level="account"), end="2024-02-01", auto_renew=True, subscription_number="A-1"
    )
    other = subscription(charge(), subscription_number="A-2")
    lines = statement(account(ended, other, rules={"invoice_past_end_of_term_auto_renew_on": True}), "2024-02-01")
    assert [each.split()[0] for each in lines] == ["C-1", "C-D1", "C-1"]


@pytest.mark.rule("8.3 order")
def test_rate_plan_before_subscription_before_account_100_then_180_then_216() -> None:
    """1000: 10 % is 100, 20 % of 900 is 180, 30 % of 720 is 216; the charge numbers do not matter."""
    assert january(
        charge(1000),
        off(30, "C-D1", discount_level="account"),
        off(20, "C-D2", discount_level="subscription"),
        off(10, "C-D3", discount_level="rateplan"),
    ) == ["C-1 1000.00", "C-D3 -100.00", "C-D2 -180.00", "C-D1 -216.00"]


@pytest.mark.rule("8.3 order")
def test_percentages_come_before_fixed_amounts() -> None:
    assert january(charge(), coupon(50, "C-D1"), off(10, "C-D2", discount_level="account")) == [
        "C-1 100.00",
        "C-D2 -10.00",
        "C-D1 -50.00",
    ]


@pytest.mark.rule("8.3 order")
def test_classes_come_first_and_those_without_a_class_last() -> None:
    lines = january(
        charge(1000),
        off(10, "C-D1"),
        off(10, "C-D2", discount_class="Loyalty"),
        coupon(100, "C-D3", discount_class_order=1),
        off(10, "C-D4", discount_class_order=2),
    )
    assert lines == ["C-1 1000.00", "C-D3 -100.00", "C-D4 -90.00", "C-D2 -81.00", "C-D1 -72.90"]


@pytest.mark.rule("8.3 order")
def test_among_equals_the_smaller_charge_number_comes_first() -> None:
    lines = january(charge(), off(50, "C-00000009"), off(10, "C-00000010"))
    assert lines == ["C-1 100.00", "C-00000009 -50.00", "C-00000010 -5.00"]


@pytest.mark.rule("8.3 stacked")
@pytest.mark.parametrize(
    ("stacked", "percentages", "taken"),
    [
        (False, [5, 10, 15], ["-5.00", "-9.50", "-12.83"]),  # 27.33
        (True, [5, 10, 15], ["-5.00", "-10.00", "-15.00"]),  # 30
        (False, [30, 20], ["-30.00", "-14.00"]),  # 44
        (True, [30, 20], ["-30.00", "-20.00"]),  # 50
    ],
)
def test_stacked_percentages_are_shares_of_the_whole_others_of_the_rest(
    stacked: bool, percentages: list[int], taken: list[str]
) -> None:
    discounts = [
        off(percentage, f"C-D{number}", is_stacked_discount=stacked) for number, percentage in enumerate(percentages)
    ]
    assert [each.split()[1] for each in january(charge(), *discounts)] == ["100.00", *taken]


@pytest.mark.rule("8.3 stacked and not")
def test_in_a_mixture_stacked_percentages_are_shares_of_the_whole_and_others_of_the_rest() -> None:
    """100: 10 % of the whole, 50 % of 90, 10 % of the whole."""
    lines = january(
        charge(),
        off(10, "C-D1", is_stacked_discount=True),
        off(50, "C-D2"),
        off(10, "C-D3", is_stacked_discount=True),
    )
    assert lines == ["C-1 100.00", "C-D1 -10.00", "C-D2 -45.00", "C-D3 -10.00"]


@pytest.mark.rule("8.3 classes followed")
def test_inside_each_class_stacked_percentages_then_others_then_fixed_amounts() -> None:
    """
    class 1: 8 % of 10000 = 800, then 500                                  leaves 8700
    class 2: 10 % and 5 % of 8700 = 870 and 435, then 5 % of 7395 = 369.75   leaves 7025.25
    no class: 20 % and 30 % of 7025.25 = 1405.05 and 2107.58, then 1000      leaves 2512.62
    """
    lines = january(
        charge(10000),
        off(8, "C-D1", discount_class_order=1),
        coupon(500, "C-D2", discount_class_order=1),
        off(10, "C-D3", discount_class_order=2, is_stacked_discount=True),
        off(5, "C-D4", discount_class_order=2),
        off(5, "C-D5", discount_class_order=2, is_stacked_discount=True),
        off(20, "C-D6", is_stacked_discount=True),
        off(30, "C-D7", is_stacked_discount=True),
        coupon(1000, "C-D8"),
        stacked_discount_class="Follow",
    )
    assert lines == [
        "C-1 10000.00",
        "C-D1 -800.00",
        "C-D2 -500.00",
        "C-D3 -870.00",
        "C-D4 -369.75",
        "C-D5 -435.00",
        "C-D6 -1405.05",
        "C-D7 -2107.58",
        "C-D8 -1000.00",
    ]


@pytest.mark.rule("8.3 rounding")
def test_each_discount_is_rounded_and_the_next_is_of_what_is_left() -> None:
    """24.99: 25 % is 6.2475, so 6.25; 25 % of 18.74 is 4.685, so 4.69."""
    assert january(charge("24.99"), off(25, "C-D1"), off(25, "C-D2")) == ["C-1 24.99", "C-D1 -6.25", "C-D2 -4.69"]


@pytest.mark.rule("8.4 balance: past the end of the term")
@pytest.mark.parametrize(("past_end", "amounts"), [(True, ["100.00", "-5.00"]), (False, ["50.00", "-5.00"])])
@pytest.mark.parametrize("through", [None, "2024-06-01"])
def test_a_balance_of_10_is_5_for_half_a_month_though_the_item_is_billed_whole(
    past_end: bool, amounts: list[str], through: str | None
) -> None:
    """
    The rule for billing past the end of the term does not apply to fixed amounts.

    Jun 1          Jun 16         Jul 1
      |--- item -----:..............|      the term ends on Jun 16
      |-- balance ---|
    """
    charges = (
        recurring(100, "2024-01-01", charged_through_date=through),
        amount_off(10, "2024-01-01", charged_through_date=through),
    )
    rules = {"invoice_past_end_of_term_auto_renew_off": past_end}
    lines = billed(subscription(*charges, end="2024-06-16"), "2024-06-15", rules=rules)
    assert [each.split()[1] for each in lines][-2:] == amounts


@pytest.mark.rule("8.4 balance: past the end of the term")
def test_of_a_balance_of_5_for_half_a_month_4_were_used_when_the_month_was_billed_whole() -> None:
    """The term ends on Jun 16; C-1 was billed past it, to Jul 1, and its discount too. C-2 finds 1."""
    through = {"charged_through_date": "2024-07-01"}
    charges = (
        recurring(4, "2024-01-01", **through),
        amount_off(10, "2024-01-01", **through),
        recurring(100, "2024-06-01", number="C-2"),
    )
    rules = {"invoice_past_end_of_term_auto_renew_off": True}
    assert statement(subscription(*charges, end="2024-06-16"), "2024-06-15", rules=rules) == [
        "C-2 2024-06-01…2024-06-30 100.00",
        "C-D1 2024-06-01…2024-06-30 -1.00",
    ]


@pytest.mark.rule("8.6 percentage base")
@pytest.mark.parametrize(("base", "taken"), [("Rounded", "-693.34"), ("UnRounded", "-693.33")])
def test_52_26131_percent_of_a_third_of_3980(base: str, taken: str) -> None:
    """1326.67 x 52.26131 % = 693.335…; 1326.666… x 52.26131 % = 693.333…"""
    ten_days = (recurring(3980, "2018-06-21", "2018-07-01"), percent_off("52.26131", "2018-06-21", "2018-07-01"))
    rules = {"days_in_month": "Assume30Days", "percent_discount_base": base}
    assert billed(ten_days, "2018-06-30", rules=rules) == [
        "2018-06-21…2018-06-30 1326.67",
        f"2018-06-21…2018-06-30 {taken}",
    ]


@pytest.mark.rule("8.6 percentage base")
def test_a_yen_taken_off_the_hundredth_that_was_rounded_up_leaves_no_base_below_zero() -> None:
    """0.01 is 1 yen, rounded up; of the 1 that is taken off, 0.99 exceed the exact amount: no base for 50 %."""
    charges = (
        recurring("0.01", "2024-01-01"),
        amount_off(1, "2024-01-01", discount_class_order=1),
        percent_off(50, "2024-01-01", number="C-D2"),
    )
    rules = {"percent_discount_base": "UnRounded", "rounding_mode": "UP", "decimals": 0}
    assert statement(charges, "2024-01-01", rules=rules) == [f"C-1 {JAN} 1", f"C-D1 {JAN} -1"]


@pytest.mark.rule("8.6 shape")
def test_a_discount_item_follows_its_item_and_carries_its_own_names() -> None:
    charges = (
        recurring(10, "2024-01-01", name="Plan", product_name="Paper", uom="Each"),
        percent_off(50, "2024-01-01", name="Half off", product_name="Offers"),
    )
    paper, offer = answer(charges, "2024-01-01").items()
    assert (offer.row, offer.applied_to) == (1, paper.row)
    assert (offer.facts.charge_name, offer.facts.product_name, offer.facts.charge_number) == (
        "Half off",
        "Offers",
        "C-D1",
    )
    assert (offer.facts.processing_type, offer.facts.charge_type, offer.quantity) == ("Discount", "Recurring", 1)
    assert (paper.applied_to, paper.facts.processing_type) == (None, "Charge")
    assert line(offer) == f"{JAN} -5.00"


@pytest.mark.rule("8.4 balance")
def test_100_a_month_for_items_of_10_and_60_and_60_takes_10_and_60_and_30() -> None:
    lines = january(charge(10, "C-1"), charge(60, "C-2"), charge(60, "C-3"), coupon(100, discount_level="account"))
    assert lines == ["C-1 10.00", "C-D1 -10.00", "C-2 60.00", "C-D1 -60.00", "C-3 60.00", "C-D1 -30.00"]


@pytest.mark.rule("8.4 balance")
def test_the_rest_of_a_balance_lapses_with_its_period() -> None:
    """100 a month on 60 a month: 60 in January, 60 in February, never 80."""
    lines = statement((charge(60), coupon(100)), "2024-02-01")
    assert [each.split()[2] for each in lines] == ["60.00", "-60.00", "60.00", "-60.00"]


@pytest.mark.rule("8.4 balance")
def test_a_balance_for_a_year_is_used_up_month_by_month() -> None:
    """120 a year on 50 a month: 50, 50, 20, nothing."""
    lines = statement((charge(50), coupon(120, billing_period="Annual")), "2024-04-01")
    assert [each.split()[2] for each in lines if each.startswith("C-D1")] == ["-50.00", "-50.00", "-20.00"]


@pytest.mark.rule("8.4 balance")
def test_of_two_charges_the_first_uses_a_balance_for_a_year_before_the_second() -> None:
    """120 a year on 50 and 40 a month, two months on one invoice: 50, 50, and the 20 that are left."""
    charges = (charge(50, "C-1"), charge(40, "C-2"), coupon(120, billing_period="Annual"))
    lines = [" ".join(each.split()[::2]) for each in statement(charges, "2024-02-01")]
    assert lines == ["C-1 50.00", "C-D1 -50.00", "C-1 50.00", "C-D1 -50.00", "C-2 40.00", "C-D1 -20.00", "C-2 40.00"]


def taken_by(whole: Any, target: str) -> dict[str, Decimal]:
    """The fixed amounts that are deducted from each charge due on the target."""
    found = {}
    for item in sound(answer(whole, target)).items():
        if item.applied_to is None:
            number = item.facts.charge_number
            found[number] = Decimal(0)
        else:
            found[number] -= item.amount
    return found


@pytest.mark.rule("8.4 balance: order")
def test_a_coupon_of_10_goes_to_the_charge_of_version_1_though_that_of_version_2_comes_first() -> None:
    charges = (charge(15, "C-1", version=2), charge(10, "C-2", version=1), coupon(10))
    assert taken_by(charges, "2024-01-01") == {"C-1": 0, "C-2": 10}


@pytest.mark.rule("8.4 balance: order")
def test_a_coupon_of_25_on_bronze_then_support_then_overage_then_the_recurring_charge_and_not_on_storage() -> None:
    """
    The page's five charges, all billed for February: by version, segment, effective start, charge number.

               version  segment  start  number
    Bronze  5        1        1  Jan 1  C-700         5
    Support 10       1        2  Jan 1  C-650        10
    Overage 5        1        2  Feb 1  C-559         5
    Rec.    5        1        2  Feb 1  C-562         5
    Storage 15       2        1  Jan 1  C-100         0
    """
    billed_once = {"charged_through_date": "2024-02-01"}
    charges = (
        charge(15, "C-100", version=2, **billed_once),
        charge(10, "C-650", version=1, segment=2, **billed_once),
        recurring(5, "2024-02-01", number="C-562", version=1, segment=2),
        recurring(5, "2024-02-01", number="C-559", version=1, segment=2),
        charge(5, "C-700", version=1, segment=1, **billed_once),
        amount_off(25, "2024-02-01", number="C-D1"),
    )
    taken = {"C-700": 5, "C-650": 10, "C-559": 5, "C-562": 5, "C-100": 0}
    assert taken_by(subscription(*charges), "2024-02-01") == taken


@pytest.mark.rule("8.4 balance: order")
def test_subscriptions_and_one_time_charges_take_their_turn_by_the_same_order() -> None:
    """
    An account's 30: C-1 of the second subscription (version 1) before the one-time C-2 of the first (version 1, a day
    later) before the first's C-0 (version 2).
    """
    first = subscription(
        charge(20, "C-0", version=2),
        one_time(20, "2024-01-02", number="C-2", version=1),
        coupon(30, discount_level="account"),
        subscription_number="A-1",
    )
    second = subscription(charge(20, "C-1", version=1), subscription_number="A-2")
    assert taken_by(account(first, second), "2024-01-02") == {"C-0": 0, "C-2": 10, "C-1": 20}


@pytest.mark.rule("8.4 balance: order")
def test_a_credited_balance_is_available_to_an_earlier_charge_too() -> None:
    """
    50 a quarter went to C-2 of 60, which ended before it began: 50 come back, and C-1, of a smaller number, takes them.
    """
    through = {"charged_through_date": "2024-04-01"}
    charges = (
        recurring(90, "2024-01-01", number="C-1"),
        recurring(60, "2024-01-01", "2024-01-01", number="C-2", billing_period="Quarter", **through),
        coupon(50, billing_period="Quarter", **through),
    )
    lines = [" ".join(each.split()[::2]) for each in statement(subscription(*charges), "2024-01-01")]
    assert lines == ["C-1 90.00", "C-D1 -50.00", "C-2 -60.00", "C-D1 50.00"]


@pytest.mark.rule("8.4 balance: what was billed")
@pytest.mark.parametrize(
    ("through", "taken"), [("2024-02-01", ["-50.00", "-20.00"]), ("2024-03-01", ["-20.00"]), ("2024-04-01", [])]
)
def test_billed_items_have_used_the_balance_too(through: str, taken: list[str]) -> None:
    """As above, billed to Feb 1, Mar 1, Apr 1: the rest of the year's 120 is 70, 20, 0."""
    charges = (
        charge(50, charged_through_date=through),
        coupon(120, billing_period="Annual", charged_through_date=through),
    )
    lines = statement(charges, "2024-04-01")
    assert [each.split()[2] for each in lines if each.startswith("C-D1")] == taken


@pytest.mark.rule("8.4 balance: what was billed")
def test_a_one_time_item_has_used_the_balance_too() -> None:
    """100 a month: 70 were billed on Jan 1, so 30 are left for January's 60; February has 100 again."""
    charges = (
        one_time(70, "2024-01-01", charged_through_date="2024-01-01"),
        charge(60),
        coupon(100, charged_through_date="2024-01-02"),
    )
    lines = statement(charges, "2024-02-01")
    assert [each.split()[2] for each in lines if each.startswith("C-D1")] == ["-30.00", "-60.00"]


@pytest.mark.rule("8.4 balance: what was billed")
def test_a_discount_that_was_never_billed_has_its_whole_balance() -> None:
    """It was added for January when January was billed already: "discounts for past periods" take no part in those."""
    charges = (charge(50, charged_through_date="2024-02-01"), coupon(120, billing_period="Annual"))
    lines = statement(charges, "2024-03-01")
    assert [each.split()[2] for each in lines if each.startswith("C-D1")] == ["-50.00", "-50.00"]


@pytest.mark.rule("8.4 balance: stubs")
def test_the_balance_of_a_first_stub_is_prorated() -> None:
    """31 a month from Jan 16: 16 in January."""
    charges = (recurring(100, "2024-01-16"), amount_off(31, "2024-01-16"))
    assert [each.split()[1] for each in billed(charges, "2024-02-01")] == ["51.61", "-16.00", "100.00", "-31.00"]


@pytest.mark.rule("8.4 balance: stubs")
@pytest.mark.parametrize(("until", "amount"), [("2024-01-17", "51.61"), (None, "100.00")])
def test_the_balance_of_a_last_stub_is_prorated_whether_the_item_ends_with_it_or_not(
    until: str | None, amount: str
) -> None:
    charges = (recurring(100, "2024-01-01", until), amount_off(31, "2024-01-01", "2024-01-17"))
    assert [each.split()[1] for each in billed(charges, "2024-01-01")] == [amount, "-16.00"]


@pytest.mark.rule("8.4 balance: stubs")
def test_weeks_of_july_share_10_x_9_31_and_then_20_x_22_31_in_any_order() -> None:
    """
    5 a week from Monday Jun 3; 10 a month to Jul 10, then 20 a month: July has 2.90 + 14.19 = 17.09.

    Jul 1     Jul 8     Jul 10    Jul 15    Jul 22    Jul 29
      |- 2.90 --|- 0 ----------------|-- 5 -----|-- 5 -----|- 4.19 -|
      |------- 10 x 9/31 --|------------ 20 x 22/31 -----------------|
    """
    weekly = recurring(5, "2024-06-03", billing_period="Week", billing_day="ChargeTriggerDay")
    coupons = segments(amount_off(10, "2024-06-03", "2024-07-10"), amount_off(20, "2024-07-10"))
    lines = statement(subscription(weekly, *coupons), "2024-07-31")
    july = [Decimal(each.split()[2]) for each in lines if each.startswith("C-D1 2024-07")]
    assert [f"{each}" for each in july] == ["-2.90", "-5.00", "-5.00", "-4.19"]
    assert sum(july) == Decimal("-17.09")


@pytest.mark.rule("8.4 balance: stubs")
def test_10_a_year_that_ends_after_207_of_366_days_are_5_66_once() -> None:
    """Jul 1 2023 to Jan 24 2024 on 100 a month: the first month takes all of it."""
    charges = (recurring(100, "2023-07-01"), amount_off(10, "2023-07-01", "2024-01-24", billing_period="Annual"))
    lines = statement(subscription(*charges), "2024-06-01")
    assert [each for each in lines if each.startswith("C-D1")] == ["C-D1 2023-07-01…2023-07-31 -5.66"]


@pytest.mark.rule("8.4 balance: past the end of the term")
@pytest.mark.parametrize(("renew", "taken"), [("None", "-16.45"), ("All", "-30.00")])
def test_30_a_month_are_16_45_for_17_of_31_days_unless_the_term_is_renewed(renew: str, taken: str) -> None:
    """
    The item of 100 a month runs past the end of the term on Aug 18; its coupon does not.

    Aug 1             Aug 18         Sep 1
      |-- 30 x 17/31 ----:.............|
    """
    through = {"charged_through_date": "2024-08-01"}
    charges = (recurring(100, "2024-02-18", **through), amount_off(30, "2024-02-18", **through))
    terms = subscription(*charges, end="2024-08-18", auto_renew=True)
    rules = {"invoice_past_end_of_term_auto_renew_on": True}
    lines = billed(terms, "2024-08-18", rules=rules, renew=renew)
    assert lines == ["2024-08-01…2024-08-31 100.00", f"2024-08-01…2024-08-31 {taken}"]


@pytest.mark.rule("8.4 balance: stubs")
def test_120_a_year_from_aug_23_against_a_year_from_aug_20_is_11_months_and_28_days() -> None:
    """
    Months first, months of 30 days: 10 x (11 + 28/30) = 119.33.
    """
    charges = (
        recurring(1000, "2022-08-23", billing_period="Annual", billing_day="SpecificDayofMonth(20)",
                  billing_period_alignment="AlignToSubscriptionStart"),
        amount_off(120, "2022-08-23", billing_period="Annual", billing_day="SpecificDayofMonth(20)",
                   billing_period_alignment="AlignToSubscriptionStart"),
    )  # fmt: skip
    terms = subscription(*charges, start="2022-08-20", end="2025-08-20")
    rules = {"days_in_month": "Assume30Days", "proration_unit": "ProrateByMonthFirst"}
    assert [each.split()[1] for each in billed(terms, "2022-08-23", rules=rules)] == ["994.44", "-119.33"]


@pytest.mark.rule("8.4 balance")
@pytest.mark.parametrize(("period", "amount", "taken"), [("Month", 10, "-10.00"), ("Quarter", 15, "-15.00")])
def test_an_annual_item_takes_the_balance_of_the_one_period_in_which_it_starts(
    period: str, amount: int, taken: str
) -> None:
    annual = charge(1200, billing_period="Annual")
    assert january(annual, coupon(amount, billing_period=period)) == ["C-1 1200.00", f"C-D1 {taken}"]


@pytest.mark.rule("8.4 balance")
def test_a_coupon_without_a_billing_period_reduces_each_item_that_starts_on_another_day() -> None:
    lines = statement((charge(60), charge(60, "C-2"), coupon(100, billing_period=None)), "2024-02-01")
    assert [each.split()[2] for each in lines if each.startswith("C-D1")] == ["-60.00", "-60.00", "-40.00", "-40.00"]


@pytest.mark.rule("8.2 which items")
def test_a_discount_whose_start_is_unknown_reduces_nothing() -> None:
    assert january(charge(), replace(off(10), effective_start_date=None)) == ["C-1 100.00"]


@pytest.mark.parametrize(
    ("discount", "code", "field"),
    [
        (off(None), "MISSING_VALUE", "discountPercentage"),
        (coupon(None), "MISSING_VALUE", "discountAmount"),
        (off(10, billing_period="Fortnight"), "UNKNOWN_VALUE", "billingPeriod"),
        (off(10, discount_level="Invoice"), "UNKNOWN_VALUE", "discountLevel"),
        (off(10, apply_discount_to="EVERYTHING"), "UNKNOWN_VALUE", "applyDiscountTo"),
        (off(10, apply_discount_to="RECURRINGS"), "UNKNOWN_VALUE", "applyDiscountTo"),
        (off(-10), "BAD_VALUE", "discountPercentage"),
        (coupon(-10), "BAD_VALUE", "discountAmount"),
        (coupon(-10, apply_to_billing_period_partially=True), "BAD_VALUE", "discountAmount"),
    ],
)
def test_a_discount_that_cannot_be_read_is_named(discount: Any, code: str, field: str) -> None:
    result = answer((charge(), discount), "2024-01-01")
    (error,) = result.errors
    assert (error.code, error.field, error.subscription_number, error.charge_number) == (code, field, "A-S1", "C-D1")
    assert error.message.startswith("Subscription A-S1: charge C-D1: ")
    assert not list(result.items())


@pytest.mark.rule("8.6 percentage base")
@pytest.mark.parametrize("stacked_discount_class", ["Ignore", "Follow"])
def test_unrounded_percentages_in_a_row_are_of_the_exact_rest(stacked_discount_class: str) -> None:
    """
    100/3 less half is 50/3; half of that is 25/3 = 8.333…; rounded at each step it would be 33.33, 16.67, 8.33.
    Two thirds of a cent decide at the third: 25/6 = 4.1666… against half of 8.33, 4.165.
    """
    third = recurring(100, "2024-01-01", "2024-01-11", billing_period="Month", name="Plan")
    discounts = [percent_off(50, "2024-01-01", "2024-01-11", number=f"C-D{number}") for number in range(3)]
    rules = {
        "days_in_month": "Assume30Days",
        "percent_discount_base": "UnRounded",
        "stacked_discount_class": stacked_discount_class,
    }
    lines = billed((third, *discounts), "2024-01-01", rules=rules)
    assert [each.split()[1] for each in lines] == ["33.33", "-16.67", "-8.33", "-4.17"]


@pytest.mark.rule("8.6 percentage base")
@pytest.mark.parametrize("stacked_discount_class", ["Ignore", "Follow"])
def test_unrounded_half_of_half_of_1_is_25_cents(stacked_discount_class: str) -> None:
    rules = {"percent_discount_base": "UnRounded", "stacked_discount_class": stacked_discount_class}
    assert january(charge(1), off(50), off(50, "C-D2"), **rules) == ["C-1 1.00", "C-D1 -0.50", "C-D2 -0.25"]


@pytest.mark.rule("8.4 balance: what was billed")
def test_a_first_stub_that_was_not_billed_used_nothing() -> None:
    """
    90 a year on 31 a month from Jan 16, without partial months: only February was billed; 59 are left.
    """
    charges = (
        recurring(31, "2024-01-16", charged_through_date="2024-03-01"),
        amount_off(90, "2024-01-01", billing_period="Annual", charged_through_date="2024-03-01"),
    )
    lines = statement(charges, "2024-05-01", rules={"bill_recurring_partial_month": False})
    assert [each.split()[2] for each in lines if each.startswith("C-D1")] == ["-31.00", "-28.00"]


@pytest.mark.rule("8.4 balance: what was billed")
def test_billed_periods_are_priced_by_their_list_price_base_and_stubs() -> None:
    """
    10 a month in quarters, billed from Jan 16 (16/31 of a month) to May 1: 5.16 and 30 of a balance of 50 are gone.
    """
    charges = (
        recurring(
            10, "2024-01-16", billing_period="Quarter", list_price_base="Per_Month", charged_through_date="2024-05-01"
        ),
        amount_off(50, "2024-01-01", billing_period="Annual", charged_through_date="2024-05-01"),
    )
    lines = statement(charges, "2024-05-01", rules={"proration_unit": "ProrateByMonthFirst"})
    assert [each.split()[2] for each in lines] == ["30.00", "-14.84"]


@pytest.mark.rule("8.4 balance: what was billed")
def test_cents_count() -> None:
    charges = (
        charge("0.50", charged_through_date="2024-02-01"),
        coupon("0.80", billing_period="Annual", charged_through_date="2024-02-01"),
    )
    assert [each.split()[2] for each in statement(charges, "2024-02-01")] == ["0.50", "-0.30"]


@pytest.mark.rule("8.4 balance: what was billed")
def test_a_negative_item_that_was_billed_gave_nothing_to_the_balance() -> None:
    """100 for the quarter went to January's 200; -50 were billed beside them."""
    through = {"charged_through_date": "2024-02-01"}
    charges = (
        charge(-50, "C-1", **through),
        charge(200, "C-2", **through),
        coupon(100, billing_period="Quarter", **through),
    )
    lines = [" ".join(each.split()[::2]) for each in statement(charges, "2024-02-01")]
    assert lines == ["C-1 -50.00", "C-2 200.00"]


@pytest.mark.rule("8.4 balance: what was billed")
def test_a_negative_item_that_was_billed_gave_nothing_back_of_the_60_used_before_it() -> None:
    """100 for the quarter: 60 went to January's 60, and 40 are left for February, though -50 were billed between."""
    charges = (
        charge(60, "C-1", charged_through_date="2024-02-01"),
        charge(-50, "C-2", charged_through_date="2024-02-01"),
        coupon(100, billing_period="Quarter", charged_through_date="2024-02-01"),
    )
    lines = [" ".join(each.split()[::2]) for each in statement(charges, "2024-02-01")]
    assert lines == ["C-1 60.00", "C-D1 -40.00", "C-2 -50.00"]


def test_equal_items_have_the_discount_of_their_own_time() -> None:
    """10 % of 100 in January, 20 % in February."""
    january = percent_off(10, "2024-01-01", "2024-02-01", number="C-D1")
    february = percent_off(20, "2024-02-01", "2024-03-01", number="C-D2")
    lines = statement([charge(), january, february], "2024-02-01")
    assert [" ".join(each.split()[::2]) for each in lines] == [
        "C-1 100.00",
        "C-D1 -10.00",
        "C-1 100.00",
        "C-D2 -20.00",
    ]


@pytest.mark.rule("8.6 percentage base")
def test_items_that_are_10_when_rounded_have_the_discount_of_what_they_are_exactly() -> None:
    """50.05 % of 10.0049 is 5.00745…, of 9.9951 it is 5.00254…"""
    charges = (charge("10.0049", "C-1"), charge("9.9951", "C-2"), off("50.05"))
    assert january(*charges, percent_discount_base="UnRounded") == [
        "C-1 10.00",
        "C-D1 -5.01",
        "C-2 10.00",
        "C-D1 -5.00",
    ]


@pytest.mark.rule("8.6 percentage base")
def test_months_of_a_quarterly_price_have_the_discount_of_what_they_are_exactly() -> None:
    """
    10 a quarter, billed monthly: the whole amount due, less the billed amount; the discount is 3.45 % of it.

    exact     10/3     20/3 - 3.33   10 - 6.67   10/3
    amount    3.33     3.34          3.33        3.33
    discount  0.115    0.1151…       0.1148…     0.115
    """
    charges = (charge(10, list_price_base="Per_Validity_Period", validity_period="QUARTER"), off("3.45"))
    lines = statement(charges, "2024-04-01", rules={"percent_discount_base": "UnRounded"})
    assert [each.split()[2] for each in lines] == ["3.33", "-0.12", "3.34", "-0.12", "3.33", "-0.11", "3.33", "-0.12"]


STUBS = {"bill_recurring_partial_month": False}


@pytest.mark.rule("8.4 balance: what was billed")
def test_of_100_for_a_quarter_15_and_32_were_used_when_the_price_changed_in_january() -> None:
    """
    Jan 1        Jan 16        Feb 1                         Mar 1
      |-- 15 ------|-- 32 -------|-- 62: the 53 that are left --|
    """
    parts = segments(
        recurring(31, "2024-01-01", charged_through_date="2024-01-16"),
        recurring(62, "2024-01-16", charged_through_date="2024-02-01"),
    )
    shared = coupon(100, billing_period="Quarter", charged_through_date="2024-02-01")
    rules = {**STUBS, "prorate_recurring_partial_period": False}
    lines = statement(subscription(*parts, shared), "2024-02-01", rules=rules)
    assert [each.split()[2] for each in lines] == ["62.00", "-53.00"]


@pytest.mark.rule("8.4 balance: what was billed")
def test_of_40_for_a_quarter_15_were_used_by_half_a_month_that_the_rules_would_widen() -> None:
    """
    Jan 1        Jan 16        Feb 1                        Mar 1
      |-- 15 ------|-- 16 -------|-- 31: the 9 that are left --|
    """
    half_billed = charge(31, charged_through_date="2024-01-16")
    shared = coupon(40, billing_period="Quarter", charged_through_date="2024-01-16")
    lines = statement((half_billed, shared), "2024-02-01", rules=STUBS)
    assert [each.split()[2] for each in lines] == ["16.00", "-16.00", "31.00", "-9.00"]


@pytest.mark.rule("8.4 balance: what was billed")
def test_of_40_a_year_33_33_were_used_by_a_third_of_100_a_year() -> None:
    third = charge(
        100, billing_period="Specific_Months", specific_billing_period=4, list_price_base="Per_Year",
        charged_through_date="2024-05-01",
    )  # fmt: skip
    yearly = coupon(40, billing_period="Annual", charged_through_date="2024-05-01")
    lines = statement((third, yearly), "2024-05-01")
    assert [each.split()[2] for each in lines] == ["33.34", "-6.67"]
