"""Time billed beyond the end is credited: one negative item per billed period."""

from __future__ import annotations

from typing import Any

import pytest

from soapsvc.engine.account import DeliverySchedule
from tests.support.building import (
    answer,
    billed,
    evergreen,
    line,
    recurring,
    segments,
    sound,
    statement,
    subscription,
)

ANNUAL = {"billing_period": "Annual", "model": "PerUnit"}
MONTH_FIRST = {"proration_unit": "ProrateByMonthFirst"}


@pytest.mark.rule("7.5 credits")
@pytest.mark.parametrize(("quantity", "charged"), [(11, "55.45"), (9, "45.37")])
def test_10_units_become_11_or_9_in_the_middle_of_a_billed_year(quantity: int, charged: str) -> None:
    """
    Jan 1                  Jul 1                  Jan 1
      |--------- 10 x 10 = 100, billed -------------|
                             |-- -100 x 184/365 ----|
                             |-- 110 x 184/365 -----|
    """
    parts = segments(
        recurring(10, "2021-01-01", quantity=10, charged_through_date="2022-01-01", **ANNUAL),
        recurring(10, "2021-07-01", quantity=quantity, **ANNUAL),
    )
    items = list(answer(parts, "2021-07-01").items())
    assert [(line(item), f"{item.quantity:f}") for item in items] == [
        ("2021-07-01…2021-12-31 -50.41", "10"),
        (f"2021-07-01…2021-12-31 {charged}", str(quantity)),
    ]


@pytest.mark.rule("7.5 credits")
def test_13_seats_become_15_with_18_of_28_days_left() -> None:
    usual = {"model": "PerUnit", "billing_day": "SpecificDayofMonth(15th)", "name": "Seats"}
    parts = segments(
        recurring(21, "2025-12-15", quantity=13, charged_through_date="2026-03-15", **usual),
        recurring(21, "2026-02-25", quantity=15, **usual),
    )
    items = list(answer(parts, "2026-02-25").items())
    assert [(line(item), item.charge_name) for item in items] == [
        ("2026-02-25…2026-03-14 -175.50", "Seats -- Proration Credit"),
        ("2026-02-25…2026-03-14 202.50", "Seats -- Proration"),
    ]


@pytest.mark.rule("7.5 credits")
@pytest.mark.parametrize(
    ("price", "before", "after", "credit", "charged"),
    [
        (2134990, 43, 52, "-67975514.95", "82202948.31"),
        (8962200, 5, 6, "-33179729.51", "39815675.41"),
    ],
)
def test_271_of_366_days_are_left_of_a_leap_year(
    price: int, before: int, after: int, credit: str, charged: str
) -> None:
    usual = {**ANNUAL, "billing_day": "ChargeTriggerDay"}
    parts = segments(
        recurring(price, "2024-01-22", quantity=before, charged_through_date="2025-01-22", **usual),
        recurring(price, "2024-04-26", quantity=after, **usual),
    )
    lines = billed(subscription(*parts, end="2025-01-22"), "2024-04-26", rules={"credit_method": "CreditPeriod"})
    assert [each.split()[1] for each in lines] == [credit, charged]


@pytest.mark.rule("7.5 credit method")
@pytest.mark.parametrize(
    ("method", "rounding", "credit"),
    [
        ("TotalMinusCharged", {"decimals": 0, "rounding_mode": "UP"}, "-43"),  # 100 - up(56.67)
        ("CreditPeriod", {"decimals": 0, "rounding_mode": "UP"}, "-44"),  # up(43.33)
        ("TotalMinusCharged", {}, "-43.33"),  # 100 - 56.67
        ("CreditPeriod", {}, "-43.33"),
    ],
)
def test_a_quarter_of_100_cancelled_after_51_of_90_days(method: str, rounding: dict[str, Any], credit: str) -> None:
    charge = recurring(100, "2023-01-01", "2023-02-21", billing_period="Quarter", charged_through_date="2023-04-01")
    cancelled = subscription(charge, end="2023-02-21", status="Cancelled")
    rules = {"credit_method": method, **rounding}
    assert billed(cancelled, "2023-02-21", rules=rules) == [f"2023-02-21…2023-03-31 {credit}"]


@pytest.mark.rule("7.5 credits of whole months and periods")
@pytest.mark.parametrize(
    ("partial_month", "partial_period", "expected"),
    [
        (True, True, ["2014-10-15…2014-12-31 -254.84"]),  # 300 - 100 x 14/31
        (False, True, ["2014-11-01…2014-12-31 -200.00"]),
        (False, False, []),
    ],
)
def test_a_quarter_cancelled_on_oct_15(partial_month: bool, partial_period: bool, expected: list[str]) -> None:
    """
    Oct 1  Oct 15    Nov 1               Jan 1
      |-kept-|-- ? ----|-- credited --------|
    """
    charge = recurring(
        300,
        "2014-10-01",
        "2014-10-15",
        billing_period="Quarter",
        billing_period_alignment="AlignToSubscriptionStart",
        charged_through_date="2015-01-01",
    )
    cancelled = subscription(charge, end="2014-10-15", status="Cancelled")
    rules = {
        **MONTH_FIRST,
        "bill_recurring_partial_month": partial_month,
        "prorate_recurring_partial_period": partial_period,
    }
    assert billed(cancelled, "2014-10-15", rules=rules) == expected


@pytest.mark.rule("7.5 credits of whole months and periods")
@pytest.mark.parametrize(
    ("partial_month", "partial_period", "expected"),
    [
        (True, True, ["2021-02-20…2021-05-31 -332.14"]),  # 400 - 100 x 19/28
        (False, True, ["2021-03-01…2021-05-31 -300.00"]),
        (False, False, []),
    ],
)
def test_a_term_billed_at_once_credits_the_days_that_its_last_stub_does_not_keep(
    partial_month: bool, partial_period: bool, expected: list[str]
) -> None:
    """
    Feb 1  Feb 20  Mar 1                     Jun 1
      |-kept-|-- ? --|------- credited ---------|
    """
    charge = recurring(
        100,
        "2021-02-01",
        "2021-02-20",
        billing_period="Subscription_Term",
        list_price_base="Per_Month",
        charged_through_date="2021-06-01",
    )
    rules = {"bill_recurring_partial_month": partial_month, "prorate_recurring_partial_period": partial_period}
    assert billed(subscription(charge, end="2021-06-01"), "2021-06-01", rules=rules) == expected


@pytest.mark.rule("7.5 credits of whole months and periods")
@pytest.mark.parametrize(
    ("partial_period", "expected"),
    [
        (True, ["2024-09-01…2024-09-30 -100.00", "2024-10-01…2024-12-31 -300.00"]),
        (False, ["2024-10-01…2024-12-31 -300.00"]),
    ],
)
def test_quarters_before_the_end_are_kept_and_those_after_it_credited(
    partial_period: bool, expected: list[str]
) -> None:
    """
    Three quarters from Apr 1 were billed; the charge ends on Aug 15, and only whole months are credited.

    Apr 1          Jul 1   Aug 15 Sep 1  Oct 1          Jan 1
      |-- kept ------|-- kept ------|-100 --|---- 300 ----|
    """
    charge = recurring(300, "2024-04-01", "2024-08-15", billing_period="Quarter", charged_through_date="2025-01-01")
    rules = {
        **MONTH_FIRST,
        "bill_recurring_partial_month": False,
        "prorate_recurring_partial_period": partial_period,
    }
    assert billed(subscription(charge, end="2025-04-01"), "2024-08-15", rules=rules) == expected


@pytest.mark.rule("7.5 credits")
def test_every_billed_period_is_credited_by_its_own_item() -> None:
    """
    Billed to Apr 1, ended on Jan 16: 15 of 31 days of January are kept.
    """
    charge = recurring(31, "2024-01-01", "2024-01-16", charged_through_date="2024-04-01", name="Plan")
    items = list(answer(subscription(charge, end="2025-01-01"), "2024-01-16").items())
    assert [(line(item), item.charge_name) for item in items] == [
        ("2024-01-16…2024-01-31 -16.00", "Plan -- Proration Credit"),
        ("2024-02-01…2024-02-29 -31.00", "Plan -- Credit"),
        ("2024-03-01…2024-03-31 -31.00", "Plan -- Credit"),
    ]


@pytest.mark.rule("7.5 credits")
@pytest.mark.parametrize(("target", "items"), [("2024-01-15", 0), ("2024-01-16", 3), ("2024-06-30", 3)])
def test_a_credit_is_due_on_the_day_from_which_it_is_given(target: str, items: int) -> None:
    charge = recurring(31, "2024-01-01", "2024-01-16", charged_through_date="2024-04-01")
    assert len(billed(subscription(charge, end="2025-01-01"), target)) == items


@pytest.mark.rule("7.5 credits")
def test_a_cancellation_from_the_start_credits_the_first_stub_too() -> None:
    """From Jan 16, billed to Mar 1: 16/31 and a month; cancelled from its start."""
    charge = recurring(31, "2024-01-16", "2024-01-16", charged_through_date="2024-03-01")
    cancelled = subscription(charge, end="2024-01-16", status="Cancelled")
    assert billed(cancelled, "2024-01-16") == ["2024-01-16…2024-01-31 -16.00", "2024-02-01…2024-02-29 -31.00"]


@pytest.mark.rule("7.5 credits")
def test_an_unbilled_first_stub_is_not_credited() -> None:
    """Without partial months the stub Jan 16 … Jan 31 was not billed."""
    charge = recurring(31, "2024-01-16", "2024-01-16", charged_through_date="2024-03-01")
    cancelled = subscription(charge, end="2024-01-16", status="Cancelled")
    rules = {"bill_recurring_partial_month": False}
    assert billed(cancelled, "2024-02-01", rules=rules) == ["2024-02-01…2024-02-29 -31.00"]


@pytest.mark.rule("7.5 credits")
def test_a_charge_that_bills_full_periods_is_never_credited() -> None:
    charge = recurring(
        31, "2024-01-01", "2024-01-16", charged_through_date="2024-04-01", proration_option="ChargeFullPeriod"
    )
    assert billed(subscription(charge, end="2025-01-01"), "2024-06-30") == []


@pytest.mark.rule("7.5 credits")
@pytest.mark.parametrize("partial_month", [True, False])
def test_full_periods_of_31_billed_to_feb_1_keep_nothing_from_the_62_that_follow_on_jan_16(partial_month: bool) -> None:
    """
    Neither half of January is prorated: the second price is billed in full from its first day on.

    Jan 1          Jan 16         Feb 1         Mar 1
      |--- 31, billed :--------------|
                      |----- 62 -----|----- 62 -----|
    """
    full = {"proration_option": "ChargeFullPeriod"}
    parts = segments(
        recurring(31, "2024-01-01", charged_through_date="2024-02-01", **full), recurring(62, "2024-01-16", **full)
    )
    assert billed(parts, "2024-02-01", rules={"bill_recurring_partial_month": partial_month}) == [
        "2024-01-16…2024-01-31 62.00",
        "2024-02-01…2024-02-29 62.00",
    ]


@pytest.mark.rule("7.5 credits")
def test_cumulative_rounding_credits_the_billed_amounts() -> None:
    """21500 a year in 4 months was billed as 7166.67, 7166.66, 7166.67; the last two are credited."""
    charge = recurring(
        21500,
        "2021-01-01",
        "2021-05-01",
        billing_period="Specific_Months",
        specific_billing_period=4,
        list_price_base="Per_Year",
        charged_through_date="2022-01-01",
    )
    assert billed(subscription(charge, end="2022-01-01"), "2021-05-01") == [
        "2021-05-01…2021-08-31 -7166.66",
        "2021-09-01…2021-12-31 -7166.67",
    ]


@pytest.mark.rule("7.5 credits")
@pytest.mark.parametrize("base", ["Per_Billing_Period", "Per_Year"])
def test_a_leading_stub_that_the_tenant_does_not_bill_gives_nothing_back(base: str) -> None:
    """
    Jan 16       Jan 20            Feb 1
      |------------|  (charged through) |
    """
    charge = recurring(120, "2024-01-16", "2024-01-20", list_price_base=base, charged_through_date="2024-02-01")
    rules = {"bill_recurring_partial_month": False, "prorate_recurring_partial_period": False}
    assert billed(subscription(charge, end="2025-01-16"), "2024-03-01", rules=rules) == []


@pytest.mark.rule("7.5 credits")
@pytest.mark.parametrize("status", ["Cancelled", "Active"])
def test_a_term_billed_at_once_is_credited_by_its_months(status: str) -> None:
    """A term of 12 months at 100 was billed whole and is cut to 3: 9 months are credited."""
    charge = recurring(
        100,
        "2024-01-01",
        "2024-04-01",
        billing_period="Subscription_Term",
        list_price_base="Per_Month",
        charged_through_date="2025-01-01",
    )
    cut_short = subscription(charge, end="2024-04-01", status=status)
    assert billed(cut_short, "2024-04-01") == ["2024-04-01…2024-12-31 -900.00"]


@pytest.mark.rule("7.5 credits")
def test_deliveries_that_will_not_be_made_are_credited() -> None:
    """5 a Sunday in January 2024 (7, 14, 21, 28), ended on the 15th: two are left. The quantity of deliveries is 1."""
    charge = recurring(
        5,
        "2024-01-01",
        "2024-01-15",
        model="Delivery",
        delivery_schedule=DeliverySchedule(sunday=True),
        quantity=3,
        charged_through_date="2024-02-01",
    )
    (item,) = sound(answer(subscription(charge, end="2025-01-01"), "2024-01-15")).items()
    assert (line(item), item.quantity, item.number_of_deliveries) == ("2024-01-15…2024-01-31 -10.00", 1, 2)


@pytest.mark.rule("7.5 names: other suffix rule")
@pytest.mark.parametrize(
    ("rules", "names"),
    [
        ({}, ["Plan -- Proration Credit", "Plan -- Credit"]),
        ({"use_system_default_suffix_for_credit_items": False}, ["Plan -- Proration", "Plan"]),
        ({"proration_suffixes": False}, ["Plan", "Plan"]),
    ],
)
def test_partial_and_full_credits_have_their_suffixes(rules: dict[str, Any], names: list[str]) -> None:
    """
    Jan 1       Jan 16      Feb 1              Mar 1
      |-- kept ---|== part ===|===== whole ======|     billed to Mar 1
    """
    charge = recurring(31, "2024-01-01", "2024-01-16", name="Plan", charged_through_date="2024-03-01")
    items = sound(answer(subscription(charge, end="2025-01-01"), "2024-01-16", rules=rules)).items()
    assert [item.charge_name for item in items] == names


@pytest.mark.rule("7.5 credits")
def test_weeks_are_credited_by_days() -> None:
    charge = recurring(70, "2024-01-01", "2024-01-05", billing_period="Week", charged_through_date="2024-01-15")
    assert billed(subscription(charge, end="2025-01-01"), "2024-01-05") == [
        "2024-01-05…2024-01-07 -30.00",
        "2024-01-08…2024-01-14 -70.00",
    ]


@pytest.mark.rule("7.5 credits")
@pytest.mark.parametrize(
    ("through", "expected"),
    [
        (None, ["2024-01-15…2024-01-17 3.00", "2024-01-18…2024-01-21 8.00", "2024-01-22…2024-01-28 14.00"]),
        ("2024-01-22", ["2024-01-18…2024-01-21 -4.00", "2024-01-18…2024-01-21 8.00", "2024-01-22…2024-01-28 14.00"]),
    ],
)
def test_without_partial_weeks_a_change_in_a_week_costs_11_whether_7_of_it_were_billed_or_not(
    through: str | None, expected: list[str]
) -> None:
    """
    Mon 15      Thu 18       Mon 22              Mon 29
      |--- 7 -----|---- 14 ----|------- 14 --------|      7 x 3/7 + 14 x 4/7
    """
    weekly: dict[str, Any] = {"billing_period": "Week", "billing_day": "SpecificDayofWeek/monday"}
    before = recurring(7, "2024-01-15", charged_through_date=through, **weekly)
    changed = subscription(*segments(before, recurring(14, "2024-01-18", **weekly)), end="2025-01-15")
    assert billed(changed, "2024-01-22", rules={"bill_recurring_partial_week": False}) == expected


@pytest.mark.rule("7.5 credits")
def test_a_free_charge_gives_nothing_back() -> None:
    charge = recurring(0, "2024-01-01", "2024-01-16", charged_through_date="2024-02-01")
    assert billed(subscription(charge, end="2025-01-01"), "2024-06-30") == ["2024-01-16…2024-01-31 0.00"]


@pytest.mark.rule("7.5 credits")
def test_a_price_lowered_from_100_to_50_after_three_months_were_billed() -> None:
    parts = segments(
        recurring(100, "2024-01-01", charged_through_date="2024-04-01"),
        recurring(50, "2024-02-01"),
    )
    assert billed(parts, "2024-03-31") == [
        "2024-02-01…2024-02-29 -100.00",
        "2024-03-01…2024-03-31 -100.00",
        "2024-02-01…2024-02-29 50.00",
        "2024-03-01…2024-03-31 50.00",
    ]


@pytest.mark.rule("7.5 credits")
def test_a_credit_already_given_is_not_given_again() -> None:
    """After the credit was billed, the charged-through date is the segment's end again."""
    charge = recurring(31, "2024-01-01", "2024-01-16", charged_through_date="2024-01-16")
    assert billed(subscription(charge, end="2025-01-01"), "2024-06-30") == []


@pytest.mark.rule("7.5 credits")
def test_an_evergreen_charge_removed_in_a_billed_month_gives_the_rest_back() -> None:
    charge = recurring(30, "2024-01-01", "2024-06-11", charged_through_date="2024-07-01")
    lines = statement(evergreen(charge), "2024-06-30", including_evergreen_subscription=True)
    assert lines == ["C-1 2024-06-11…2024-06-30 -20.00"]


PREPAID = {"chargeFunction": "Prepayment", "prepaidTotalQuantity": "120"}


@pytest.mark.rule("7.5 prepayments")
@pytest.mark.parametrize(
    ("further", "expected"),
    [
        ({}, "-60.49"),  # 120 x 184/365
        ({"creditOption": "TimeBased"}, "-60.49"),
        ({"creditOption": "FullCreditBack"}, "-120.00"),
        (
            {
                "creditOption": "ConsumptionBased",
                "prepaidBalanceFunds": [{"startDate": "2022-01-01", "totalBalance": "30"}],
            },
            "-30.00",
        ),
    ],
)
def test_a_prepayment_of_120_removed_after_half_a_year_with_30_units_left(
    further: dict[str, Any], expected: str
) -> None:
    charge = recurring(
        120,
        "2022-01-01",
        "2022-07-01",
        billing_period="Annual",
        charged_through_date="2023-01-01",
        attributes={**PREPAID, **further},
    )
    assert billed(subscription(charge, end="2023-01-01"), "2022-07-01") == [f"2022-07-01…2022-12-31 {expected}"]


@pytest.mark.rule("7.5 prepayments")
@pytest.mark.parametrize(
    ("end", "option", "expected"),
    [
        ("2022-01-01", "TimeBased", "-10.01"),
        ("2022-01-01", "FullCreditBack", "-10.01"),
        ("2022-07-01", "FullCreditBack", "-10.01"),
        ("2022-07-01", "TimeBased", "-5.05"),  # 10.01 x 184/365 = 5.046…
    ],
)
def test_of_a_prepayment_at_10_005_the_10_01_that_were_paid_are_credited(end: str, option: str, expected: str) -> None:
    charge = recurring(
        "10.005",
        "2022-01-01",
        end,
        billing_period="Annual",
        charged_through_date="2023-01-01",
        attributes={**PREPAID, "creditOption": option},
    )
    terms = subscription(charge, start="2022-01-01", end="2023-01-01")
    assert billed(terms, "2022-12-31") == [f"{end}…2022-12-31 {expected}"]


@pytest.mark.rule("7.5 prepayments")
@pytest.mark.parametrize(
    ("attributes", "code", "field"),
    [
        ({**PREPAID, "creditOption": "Maybe"}, "UNKNOWN_VALUE", "creditOption"),
        ({**PREPAID, "creditOption": "ConsumptionBased"}, "MISSING_VALUE", "prepaidBalanceFunds"),
        (
            {"prepaidOperationType": "topup", "creditOption": "ConsumptionBased"},
            "MISSING_VALUE",
            "prepaidTotalQuantity",
        ),
    ],
)
def test_a_prepayment_whose_credit_cannot_be_computed(attributes: dict[str, Any], code: str, field: str) -> None:
    charge = recurring(
        120,
        "2022-01-01",
        "2022-07-01",
        billing_period="Annual",
        charged_through_date="2023-01-01",
        attributes=attributes,
    )
    result = answer(subscription(charge, end="2023-01-01"), "2022-07-01")
    assert [(error.code, error.field, error.charge_number) for error in result.errors] == [(code, field, "C-1")]


def test_an_unknown_credit_method_is_named() -> None:
    charge = recurring(30, "2024-01-01", "2024-01-11", charged_through_date="2024-02-01")
    result = answer(subscription(charge, end="2025-01-01"), "2024-02-01", rules={"credit_method": "Guess"})
    assert [(error.code, error.field) for error in result.errors] == [("UNKNOWN_VALUE", "billing_rules.creditMethod")]


@pytest.mark.rule("7.5 credit method")
@pytest.mark.parametrize("method", ["TotalMinusCharged", "CreditPeriod"])
def test_a_whole_period_is_credited_as_billed_by_either_method(method: str) -> None:
    charge = recurring(
        100,
        "2021-01-01",
        "2021-05-01",
        billing_period="Specific_Months",
        specific_billing_period=4,
        list_price_base="Per_Year",
        charged_through_date="2021-09-01",
    )
    lines = billed(subscription(charge, end="2022-01-01"), "2021-05-01", rules={"credit_method": method})
    assert lines == ["2021-05-01…2021-08-31 -33.34"]


@pytest.mark.rule("7.5 prepayments")
@pytest.mark.parametrize("method", ["TotalMinusCharged", "CreditPeriod"])
def test_the_credit_of_a_prepayment_knows_no_method(method: str) -> None:
    charge = recurring(
        120, "2022-01-01", "2022-07-01", billing_period="Annual", charged_through_date="2023-01-01", attributes=PREPAID
    )
    lines = billed(subscription(charge, end="2023-01-01"), "2022-07-01", rules={"credit_method": method})
    assert [each.split()[1] for each in lines] == ["-60.49"]
