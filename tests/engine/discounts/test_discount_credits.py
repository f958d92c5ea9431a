"""The credit of a discount when the charge that it reduced is credited."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from soapsvc.engine.account import Charge, TakenOff
from tests.support.building import (
    amount_off,
    billed,
    one_time,
    percent_off,
    recurring,
    segments,
    statement,
    subscription,
)

MONTH_FIRST = {"proration_unit": "ProrateByMonthFirst"}


def cut_short(end: str, discounts: list[Any], price: object = 1200, **rules: Any) -> list[str]:
    """1200 billed for all of 2024, ended on `end`: the amounts credited."""
    annual = recurring(price, "2024-01-01", end, billing_period="Annual", charged_through_date="2025-01-01")
    terms = subscription(annual, *discounts, start="2024-01-01", end="2025-01-01")
    return [" ".join(each.split()[::2]) for each in statement(terms, "2024-12-31", rules={**MONTH_FIRST, **rules})]


def coupon(amount: object, end: str, **fields: Any) -> Any:
    """An amount a year that ended with the charge."""
    return amount_off(
        amount, "2024-01-01", end, billing_period="Annual", original_effective_end_date="2025-01-01", **fields
    )


def off(percentage: object, end: str, **fields: Any) -> Any:
    return percent_off(percentage, "2024-01-01", end, original_effective_end_date="2025-01-01", **fields)


@pytest.mark.rule("8.7 percentage")
def test_half_of_1000_is_500_less_41_67_for_the_month_that_is_kept() -> None:
    assert cut_short("2024-02-01", [off(50, "2024-02-01")], 1000) == ["C-1 -916.67", "C-D1 458.33"]


@pytest.mark.rule("8.7 percentage")
@pytest.mark.parametrize(
    ("base", "method", "credit", "discount"),
    [
        ("Rounded", "CreditPeriod", "-530.67", "277.34"),  # 693.34 - 416.00
        ("UnRounded", "CreditPeriod", "-530.67", "277.33"),  # 530.666… x 52.26131 %
        ("Rounded", "TotalMinusCharged", "-530.67", "277.34"),
        ("UnRounded", "TotalMinusCharged", "-530.67", "277.33"),
    ],
)
def test_4_of_10_days_at_3980_a_month_and_52_26131_percent(base: str, method: str, credit: str, discount: str) -> None:
    charge = recurring(3980, "2018-06-21", "2018-06-27", charged_through_date="2018-07-01")
    reduction = percent_off("52.26131", "2018-06-21", "2018-06-27", original_effective_end_date="2019-06-21")
    rules = {"days_in_month": "Assume30Days", "percent_discount_base": base, "credit_method": method}
    assert billed(subscription(charge, reduction, end="2018-06-27"), "2018-06-30", rules=rules) == [
        f"2018-06-27…2018-06-30 {credit}",
        f"2018-06-27…2018-06-30 {discount}",
    ]


@pytest.mark.rule("8.7 percentage")
@pytest.mark.parametrize(("price", "credit", "discount"), [("100.01", "-50.00", "25.00"), ("0.80", "-0.40", "0.20")])
def test_without_rounding_in_between_half_of_the_credit_is_rounded_once(price: str, credit: str, discount: str) -> None:
    """50.005 were taken off 100.01 and 25.0025 of it are kept: 25.0025, not 50.01 - 25.00."""
    charge = recurring(price, "2024-04-01", "2024-04-16", charged_through_date="2024-05-01")
    half = percent_off(50, "2024-04-01", "2024-04-16", original_effective_end_date="2025-04-01")
    rules = {"percent_discount_base": "UnRounded"}
    assert billed(subscription(charge, half, end="2024-04-16"), "2024-04-30", rules=rules) == [
        f"2024-04-16…2024-04-30 {credit}",
        f"2024-04-16…2024-04-30 {discount}",
    ]


def set_up_removed_on_its_day() -> Charge:
    """A one-time charge of 100 on Jan 16, billed, whose plan is removed on that day."""
    fee = one_time(100, "2024-01-16", charged_through_date="2024-01-17", removed=True)
    return replace(fee, effective_end_date=fee.effective_start_date)


@pytest.mark.rule("8.7 enhanced")
def test_a_credited_one_time_charge_returns_the_months_discount() -> None:
    fee = set_up_removed_on_its_day()
    coupon_of_20 = amount_off(20, "2024-01-01", "2024-02-01", apply_to_billing_period_partially=True)
    terms = subscription(fee, coupon_of_20, start="2024-01-01")
    lines = statement(terms, "2024-01-31", rules={"credit_one_time": True})
    assert [" ".join(each.split()[::2]) for each in lines] == ["C-O -100.00", "C-D1 20.00"]


@pytest.mark.rule("8.7 fixed amount")
@pytest.mark.parametrize("prorated", [False, True])
def test_a_credited_one_time_charge_returns_the_whole_coupon(prorated: bool) -> None:
    fee = set_up_removed_on_its_day()
    rules = {"credit_one_time": True, "credit_prorated_fixed_discount": prorated}
    lines = statement(subscription(fee, amount_off(20, "2024-01-01")), "2024-01-31", rules=rules)
    assert [" ".join(each.split()[::2]) for each in lines] == ["C-O -100.00", "C-D1 20.00"]


@pytest.mark.rule("8.7 several discounts")
def test_several_discounts_are_applied_to_the_billed_and_to_the_kept_amount() -> None:
    """1200 less 10 % (120) less 20 % of 1080 (216); of the 400 kept: 40 and 72; credited 80 and 144."""
    discounts = [off(10, "2024-05-01"), off(20, "2024-05-01", number="C-D2")]
    assert cut_short("2024-05-01", discounts) == ["C-1 -800.00", "C-D1 80.00", "C-D2 144.00"]


@pytest.mark.rule("8.7 fixed amount")
@pytest.mark.parametrize(
    ("amount", "end", "prorated", "expected"),
    [
        (720, "2024-04-01", False, ["C-1 -900.00", "C-D1 420.00"]),  # 300 kept take up 300
        (720, "2024-04-01", True, ["C-1 -900.00", "C-D1 540.00"]),  # 720 x 9/12
        (720, "2024-09-01", False, ["C-1 -400.00"]),  # 800 kept take up all of it
        (720, "2024-09-01", True, ["C-1 -400.00", "C-D1 240.00"]),  # 720 x 4/12
        (1200, "2024-09-01", False, ["C-1 -400.00", "C-D1 400.00"]),
        (1200, "2024-09-01", True, ["C-1 -400.00", "C-D1 400.00"]),
        (720, "2024-01-01", False, ["C-1 -1200.00", "C-D1 720.00"]),  # all comes back
        (720, "2024-01-01", True, ["C-1 -1200.00", "C-D1 720.00"]),
        (1200, "2024-01-01", False, ["C-1 -1200.00", "C-D1 1200.00"]),
        (1200, "2024-01-01", True, ["C-1 -1200.00", "C-D1 1200.00"]),
    ],
)
def test_720_or_1200_off_1200_a_year_that_is_cut_short(
    amount: int, end: str, prorated: bool, expected: list[str]
) -> None:
    discounts = [coupon(amount, end)]
    assert cut_short(end, discounts, credit_prorated_fixed_discount=prorated) == expected


@pytest.mark.rule("8.7 fixed amount")
@pytest.mark.parametrize(("prorated", "charged"), [(False, "-120.00"), (True, "-360.00")])
def test_the_credited_part_of_a_coupon_is_available_to_the_next_segment(prorated: bool, charged: str) -> None:
    """
    1200 less 720 were billed; from Jul 1 the price is 2400. Without proration the 600 kept keep 600 of the coupon: 120
    are credited, and 120 go to the new segment. With proration 360 are credited and go there. The coupon stays 720.
    """
    annual = {"billing_period": "Annual"}
    parts = segments(
        recurring(1200, "2024-01-01", charged_through_date="2025-01-01", **annual),
        recurring(2400, "2024-07-01", **annual),
    )
    yearly = amount_off(720, "2024-01-01", charged_through_date="2025-01-01", **annual)
    rules = {**MONTH_FIRST, "credit_prorated_fixed_discount": prorated}
    lines = statement(subscription(*parts, yearly), "2024-07-01", rules=rules)
    assert [" ".join(each.split()[::2]) for each in lines] == [
        "C-1 -600.00",
        f"C-D1 {charged.removeprefix('-')}",
        "C-1 1200.00",
        f"C-D1 {charged}",
    ]


@pytest.mark.rule("8.7 fixed amount")
def test_the_same_where_the_discount_does_not_say_that_it_was_billed() -> None:
    annual = {"billing_period": "Annual"}
    parts = segments(
        recurring(1200, "2024-01-01", charged_through_date="2025-01-01", **annual),
        recurring(2400, "2024-07-01", **annual),
    )
    lines = statement(subscription(*parts, amount_off(720, "2024-01-01", **annual)), "2024-07-01", rules=MONTH_FIRST)
    assert [each.split()[2] for each in lines] == ["-600.00", "120.00", "1200.00", "-120.00"]


@pytest.mark.rule("8.7 fixed amount")
def test_a_share_of_a_common_coupon_is_credited_as_it_was_billed() -> None:
    """
    100 off items of 10, 60 and 60 were -10, -60 and -30; the third charge is cancelled from its start: 30 are credited.
    """
    through = {"charged_through_date": "2024-02-01"}
    terms = subscription(
        recurring(10, "2024-01-01", number="C-1", **through),
        recurring(60, "2024-01-01", number="C-2", **through),
        recurring(60, "2024-01-01", "2024-01-01", number="C-3", **through),
        amount_off(100, "2024-01-01", **through),
    )
    assert [" ".join(each.split()[::2]) for each in statement(terms, "2024-01-31")] == ["C-3 -60.00", "C-D1 30.00"]


@pytest.mark.rule("8.7 fixed amount")
@pytest.mark.parametrize(("cancelled", "expected"), [("C-1", ["60.00"]), ("C-2", ["40.00"])])
def test_100_a_quarter_went_to_two_charges_of_60_month_by_month_so_60_or_40_are_credited(
    cancelled: str, expected: list[str]
) -> None:
    """
        C-1 60   |-- Jan: 60 off --|-- Feb:  0 off --|
        C-2 60   |-- Jan: 40 off --|-- Feb:  0 off --|

    No record says which items used the balance: items that start earlier are assumed to have used it first. If the
    first charge had gone before the second, February would have the other 40.
    """
    through = {"charged_through_date": "2024-03-01"}
    charges = [
        recurring(60, "2024-01-01", "2024-01-01" if number == cancelled else None, number=number, **through)
        for number in ("C-1", "C-2")
    ]
    terms = subscription(*charges, amount_off(100, "2024-01-01", billing_period="Quarter", **through))
    lines = [each for each in statement(terms, "2024-02-29") if each.startswith("C-D1")]
    assert [each.split()[2] for each in lines] == expected
    assert [each.split()[1] for each in lines] == ["2024-01-01…2024-01-31"]


@pytest.mark.rule("8.7 fixed amount")
def test_30_of_100_that_a_record_names_are_credited_though_the_discount_does_not_say_that_it_was_billed() -> None:
    """The other 70 went to an item of another charge."""
    terms = subscription(
        recurring(60, "2024-01-01", "2024-01-01", charged_through_date="2024-02-01"),
        amount_off(
            100,
            "2024-01-01",
            taken_off=(
                TakenOff("C-0-1", date(2024, 1, 1), Decimal(70)),
                TakenOff("C-1-1", date(2024, 1, 1), Decimal(30)),
            ),
        ),
    )
    assert [" ".join(each.split()[::2]) for each in statement(terms, "2024-01-31")] == ["C-1 -60.00", "C-D1 30.00"]


@pytest.mark.rule("8.7 fixed amount")
def test_all_months_of_a_charge_are_credited_before_others_use_the_balance_90_and_then_10() -> None:
    """100 for the quarter were 60 in January and 40 in February, for a charge that never was."""
    through = {"charged_through_date": "2024-03-01"}
    terms = subscription(
        recurring(60, "2024-01-01", "2024-01-01", **through),
        recurring(90, "2024-01-01", number="C-2"),
        amount_off(100, "2024-01-01", billing_period="Quarter", **through),
    )
    assert [" ".join(each.split()[::2]) for each in statement(terms, "2024-02-29")] == [
        "C-1 -60.00",
        "C-D1 60.00",
        "C-1 -60.00",
        "C-D1 40.00",
        "C-2 90.00",
        "C-D1 -90.00",
        "C-2 90.00",
        "C-D1 -10.00",
    ]


@pytest.mark.rule("8.7 enhanced")
@pytest.mark.parametrize(
    ("discount", "back"),
    [
        (off(10, "2024-05-01", apply_to_billing_period_partially=True, is_stacked_discount=True), "80.00"),
        (
            amount_off(
                10,
                "2024-01-01",
                "2024-05-01",
                apply_to_billing_period_partially=True,
                original_effective_end_date="2025-01-01",
            ),
            "80.00",
        ),
    ],
)
def test_an_enhanced_discount_is_credited_for_the_credited_months(discount: Any, back: str) -> None:
    """120 off the year, by 10 % or 10 a month; 40 stay with the four months kept."""
    assert cut_short("2024-05-01", [discount]) == ["C-1 -800.00", f"C-D1 {back}"]


@pytest.mark.rule("8.7 credits")
def test_a_discount_that_began_after_the_billed_item_did_not_reduce_it() -> None:
    later = percent_off(50, "2024-02-01", "2024-05-01", original_effective_end_date="2025-01-01")
    assert cut_short("2024-05-01", [later]) == ["C-1 -800.00"]


@pytest.mark.rule("8.7 credits")
def test_a_discount_removed_alone_creates_no_item() -> None:
    """The charge stays billed to the end of the year; the discount ended on May 1."""
    annual = recurring(1200, "2024-01-01", billing_period="Annual", charged_through_date="2025-01-01")
    assert billed(subscription(annual, off(50, "2024-05-01")), "2024-12-31") == []


@pytest.mark.rule("8.7 credits")
def test_a_credited_negative_charge_had_no_discount() -> None:
    assert cut_short("2024-05-01", [off(50, "2024-05-01")], -1200) == ["C-1 800.00"]


@pytest.mark.rule("8.7 credits")
@pytest.mark.parametrize("discount", [percent_off(10, "2024-01-01"), amount_off(10, "2024-01-01")])
def test_the_credit_of_minus_100_is_51_61_for_16_of_31_days_and_no_discount_reduces_it(discount: Charge) -> None:
    charge = recurring(-100, "2024-01-01", "2024-01-16", charged_through_date="2024-02-01")
    assert statement([charge, discount], "2024-01-31") == ["C-1 2024-01-16…2024-01-31 51.61"]


@pytest.mark.rule("8.7 fixed amount")
def test_the_credit_of_a_negative_charge_leaves_all_10_of_a_coupon_to_the_next_charge() -> None:
    charges = (
        recurring(-100, "2024-01-01", "2024-01-16", charged_through_date="2024-02-01"),
        recurring(100, "2024-01-16", number="C-2"),
        amount_off(10, "2024-01-01"),
    )
    assert [" ".join(each.split()[::2]) for each in statement(charges, "2024-01-31")] == [
        "C-1 51.61",
        "C-2 51.61",
        "C-D1 -10.00",
    ]


@pytest.mark.rule("8.7 credits")
def test_a_credited_one_time_charge_of_minus_100_is_100_without_a_discount() -> None:
    fee = replace(set_up_removed_on_its_day(), price=Decimal(-100))
    terms = subscription(fee, percent_off(10, "2024-01-01"), start="2024-01-01")
    lines = statement(terms, "2024-01-31", rules={"credit_one_time": True})
    assert [" ".join(each.split()[::2]) for each in lines] == ["C-O 100.00"]


@pytest.mark.rule("8.7 percentage")
@pytest.mark.parametrize("base", ["Rounded", "UnRounded"])
def test_without_a_kept_part_the_whole_discount_is_credited(base: str) -> None:
    assert cut_short("2024-01-01", [off(50, "2024-01-01")], percent_discount_base=base) == [
        "C-1 -1200.00",
        "C-D1 600.00",
    ]


@pytest.mark.rule("8.7 enhanced")
@pytest.mark.parametrize("prorated", [False, True])
def test_the_rule_on_fixed_amounts_does_not_touch_enhanced_ones(prorated: bool) -> None:
    """10 a month from January to March, all of them kept when the year is cut to four months: nothing is credited."""
    early = amount_off(10, "2024-01-01", "2024-04-01", apply_to_billing_period_partially=True)
    lines = cut_short("2024-05-01", [early], credit_prorated_fixed_discount=prorated)
    assert lines == ["C-1 -800.00"]


@pytest.mark.rule("8.7 CreditPeriod")
@pytest.mark.parametrize(("method", "returned"), [("CreditPeriod", "1.72"), ("TotalMinusCharged", "1.73")])
def test_a_discount_of_5_00_on_24_99_is_credited_for_10_of_29_days(method: str, returned: str) -> None:
    """
    24.99 at 20 %: charge and discount ended on Mar 1, billed to Mar 11. 5.00 x 10/29 = 1.724; 5.00 - 3.27 = 1.73.

    Feb 11                  Mar 1        Mar 11
      |-- 19 of 29 days ------|-- 10 of 29 --|
    """
    through = {"charged_through_date": "2020-03-11"}
    charges = (
        recurring("24.99", "2020-01-11", "2020-03-01", **through),
        percent_off(20, "2020-01-11", "2020-03-01", **through),
    )
    rules = {"credit_method": method}
    assert billed(subscription(*charges), "2020-03-01", rules=rules, bill_cycle_day=11) == [
        "2020-03-01…2020-03-10 -8.62",
        f"2020-03-01…2020-03-10 {returned}",
    ]


@pytest.mark.rule("8.7 CreditPeriod")
@pytest.mark.parametrize("base", ["Rounded", "UnRounded"])
def test_11_12ths_of_a_discount_of_500_off_1000_a_year_are_credited(base: str) -> None:
    rules = {"credit_method": "CreditPeriod", "percent_discount_base": base}
    assert cut_short("2024-02-01", [off(50, "2024-02-01")], 1000, **rules) == ["C-1 -916.67", "C-D1 458.33"]


@pytest.mark.rule("8.7 CreditPeriod")
def test_15_of_30_days_of_charge_and_discount_are_credited_though_31_days_were_billed() -> None:
    """31 in January, 50 %: of months of 30 days 15/30 are credited; 16/30 are kept, and less those it would be 7.23."""
    charge = recurring(31, "2024-01-01", "2024-01-17", charged_through_date="2024-02-01")
    half = percent_off(50, "2024-01-01", "2024-01-17", original_effective_end_date="2025-01-01")
    rules = {"credit_method": "CreditPeriod", "days_in_month": "Assume30Days"}
    lines = billed(subscription(charge, half, end="2025-01-01"), "2024-01-31", rules=rules)
    assert [each.split()[1] for each in lines] == ["-15.50", "7.75"]


@pytest.mark.rule("8.7 CreditPeriod")
@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("2024-01-21", ["C-1 -11.00", "C-D1 5.50"]),  # the discount's last 11 of 16 days: 8 x 11/16
        ("2024-01-11", ["C-1 -21.00", "C-D1 8.00"]),  # all of its days
    ],
)
def test_an_enhanced_percentage_is_credited_for_its_own_days(end: str, expected: list[str]) -> None:
    """
    31 in January, less 50 % from Jan 16 on: 8.

    Jan 1           Jan 16              Feb 1
      |---------------|== 50 % of 16 =====|
    """
    charge = recurring(31, "2024-01-01", end, charged_through_date="2024-02-01")
    half = percent_off(50, "2024-01-16", charged_through_date="2024-02-01", apply_to_billing_period_partially=True)
    terms = subscription(charge, half, start="2024-01-01")
    lines = statement(terms, "2024-01-31", rules={"credit_method": "CreditPeriod"})
    assert [" ".join(each.split()[::2]) for each in lines] == expected


@pytest.mark.rule("8.7 CreditPeriod")
def test_an_enhanced_percentage_on_days_that_are_kept_gives_nothing_back() -> None:
    charge = recurring(31, "2024-01-01", "2024-01-21", charged_through_date="2024-02-01")
    early = percent_off(50, "2024-01-01", "2024-01-11", apply_to_billing_period_partially=True)
    terms = subscription(charge, early, start="2024-01-01")
    assert statement(terms, "2024-01-31", rules={"credit_method": "CreditPeriod"}) == [
        "C-1 2024-01-21…2024-01-31 -11.00"
    ]


@pytest.mark.rule("8.7 CreditPeriod")
def test_fixed_amounts_are_credited_as_under_the_other_method() -> None:
    assert cut_short("2024-04-01", [coupon(720, "2024-04-01")], credit_method="CreditPeriod") == [
        "C-1 -900.00",
        "C-D1 420.00",
    ]


PREPAID = {
    "chargeFunction": "Prepayment",
    "prepaidTotalQuantity": "120",
    "creditOption": "ConsumptionBased",
    "prepaidBalanceFunds": [{"startDate": "2024-01-01", "totalBalance": "30"}],
}


@pytest.mark.rule("8.7 percentage")
@pytest.mark.parametrize("end", ["2024-01-01", "2024-07-01"])
@pytest.mark.parametrize("method", ["TotalMinusCharged", "CreditPeriod"])
@pytest.mark.parametrize("enhanced", [False, True])
def test_10_percent_on_a_prepayment_of_120_are_credited_for_the_30_units_left_whenever_it_is_removed(
    end: str, method: str, enhanced: bool
) -> None:
    """
        2024-01-01        07-01             2025-01-01
            |------ 120 less 12 was billed -----|
            X  or          X                       removed: 90 of 120 units are used, so 90 less 9 are kept

    30 and 3 come back. Though no time is kept when the prepayment is removed from its start, the used units are.
    """
    prepayment = recurring(
        120, "2024-01-01", end, billing_period="Annual", charged_through_date="2025-01-01", attributes=PREPAID
    )
    tenth = off(10, end, apply_to_billing_period_partially=enhanced)
    terms = subscription(prepayment, tenth, start="2024-01-01", end="2025-01-01")
    lines = statement(terms, "2024-12-31", rules={"credit_method": method})
    assert [" ".join(each.split()[::2]) for each in lines] == ["C-1 -30.00", "C-D1 3.00"]


@pytest.mark.rule("8.7 fixed amount")
@pytest.mark.parametrize("end", ["2024-01-01", "2024-07-01"])
@pytest.mark.parametrize(("prorated", "expected"), [(False, []), (True, ["C-D1 3.00"])])
def test_12_off_a_prepayment_of_120_stay_with_the_90_used_or_are_credited_for_a_quarter(
    end: str, prorated: bool, expected: list[str]
) -> None:
    prepayment = recurring(
        120, "2024-01-01", end, billing_period="Annual", charged_through_date="2025-01-01", attributes=PREPAID
    )
    terms = subscription(prepayment, coupon(12, end), start="2024-01-01", end="2025-01-01")
    lines = statement(terms, "2024-12-31", rules={"credit_prorated_fixed_discount": prorated})
    assert [" ".join(each.split()[::2]) for each in lines] == ["C-1 -30.00", *expected]
