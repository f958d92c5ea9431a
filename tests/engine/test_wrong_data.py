"""Data that cannot be rated: a typed error that names subscription, charge and field, never a wrong or missing item."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from soapsvc.engine.account import BillingPeriod, ChargeType, Tier
from soapsvc.engine.charges import ChargeRows, Rows, check, facts_of
from soapsvc.engine.errors import RatingError
from soapsvc.engine.schedule import BillingGrid, ServicePeriods, Span, due_periods, period_months
from soapsvc.engine.schedule.billing_periods import period_days
from soapsvc.engine.schedule.calendar import MonthGrid
from soapsvc.engine.schedule.terms import renewed_end
from tests.support.building import (
    account,
    amount_off,
    answer,
    billed,
    evergreen,
    metered,
    one_time,
    percent_off,
    recurring,
    segments,
    subscription,
)
from tests.support.rating import error_of, problem

TARGET = "2024-01-31"


def refused(charge: Any, target: str | date = TARGET, **options: Any) -> tuple[str, str | None]:
    """(code, field) of the one error of an account that also has a sound charge; it is named, and nothing is billed."""
    sound = subscription(recurring(1, "2024-01-01", number="C-0"), subscription_number="A-S0")
    wrong = charge if hasattr(charge, "charges") else subscription(charge)
    result = answer(account(sound, wrong), target, **options)
    assert list(result.items()) == []
    assert not result.success
    (error,) = result.errors
    assert error.subscription_number == "A-S1"
    assert error.message.startswith("Subscription A-S1:")
    if error.charge_number is not None:
        assert error.message.startswith(f"Subscription A-S1: charge {error.charge_number}: ")
    assert error.message.endswith(".")
    return error.code, error.field


@pytest.mark.rule("0 wrong data")
@pytest.mark.parametrize(
    ("charge", "options", "field"),
    [
        (recurring(1, "2024-01-01", proration_option="Foo"), {}, "prorationOption"),
        (metered(1, "2024-01-01", "2024-01-31", proration_option="Foo"), {}, "prorationOption"),
        (recurring(1, "2024-01-01", price_change_option="Cheaper"), {}, "priceChangeOption"),
        (subscription(recurring(1, "2024-01-01"), renewal_setting="RENEW"), {"renew": "All"}, "renewalSetting"),
        (recurring(1, "2024-01-01", tax_mode="Included", tax_rate="20"), {}, "taxMode"),
    ],
)
def test_an_unknown_option_is_refused_by_its_name(charge: Any, options: dict[str, Any], field: str) -> None:
    assert refused(charge, **options) == ("UNKNOWN_VALUE", field)


@pytest.mark.rule("0 wrong data")
def test_a_type_of_term_that_is_not_known_is_refused() -> None:
    terms = replace(subscription(recurring(1, "2024-01-01")), term_type="FOREVER")
    assert refused(terms) == ("UNKNOWN_VALUE", "termType")


@pytest.mark.rule("0 wrong data")
@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ("stacked_discount_class", "billing_rules.stackedDiscountClass"),
        ("percent_discount_base", "billing_rules.percentDiscountBase"),
        ("credit_method", "billing_rules.creditMethod"),
    ],
)
def test_a_rule_on_discounts_that_is_not_known_is_refused(rule: str, field: str) -> None:
    charges = (recurring(1, "2024-01-01"), percent_off(10, "2024-01-01"))
    (error,) = answer(charges, TARGET, rules={rule: "Perhaps"}).errors
    assert (error.code, error.field) == ("UNKNOWN_VALUE", field)


@pytest.mark.rule("0 wrong data")
@pytest.mark.parametrize(
    ("charge", "error"),
    [
        (recurring(None, "2024-01-01"), ("MISSING_PRICE", "price")),
        (recurring(1, "2024-01-01", model="PerUnit"), ("MISSING_QUANTITY", "quantity")),
        (recurring(None, "2024-01-01", model="Volume", quantity=1), ("MISSING_TIERS", "tiers")),
        (recurring(1, "2024-01-01", model="Sixpence"), ("UNKNOWN_VALUE", "model")),
        (recurring(1, "2024-01-01", type="Sometimes"), ("UNKNOWN_VALUE", "type")),
        (recurring(1, "2024-01-01", billing_timing="LATER"), ("UNKNOWN_VALUE", "billingTiming")),
        (recurring(1, "2024-01-01", list_price_base="Per_Moon"), ("UNKNOWN_VALUE", "listPriceBase")),
        (recurring(1, "2024-01-01", billing_period="Specific_Weeks", specific_billing_period=-1),
         ("INVALID_PERIOD", "specificBillingPeriod")),
        (recurring(1, "2024-01-01", model="Delivery"), ("MISSING_VALUE", "subscriptionChargeDeliverySchedule")),
        (recurring(1, "2024-01-01", list_price_base="Per_Validity_Period"), ("UNKNOWN_VALUE", "validityPeriodType")),
        (recurring(1, "2024-01-01", list_price_base="Per_Validity_Period", validity_period="Week"),
         ("INVALID_VALIDITY_PERIOD", "validityPeriodType")),
        (recurring(1, "2024-01-01", billing_day="Whenever"), ("UNKNOWN_VALUE", "billingDay")),
        (recurring(1, "2024-01-01", billing_day="SpecificDayofMonth/fortieth"), ("UNKNOWN_VALUE", "billingDay")),
        (recurring(1, "2024-01-01", billing_period="Week", billing_day="SpecificDayofWeek/Someday"),
         ("UNKNOWN_VALUE", "billingDay")),
        (recurring(1, "2024-01-01", end_date_condition="Fixed_Period", up_to_periods=2,
                   up_to_periods_type="Billing_Periods", billing_period=None), ("UNKNOWN_VALUE", "billingPeriod")),
        (one_time(None, "2024-01-01"), ("MISSING_PRICE", "price")),
        (one_time(1, "2024-01-01", model="Tiered"), ("MISSING_QUANTITY", "quantity")),
        (recurring(1, "2024-01-01", proration_option="CustomizeProrationOptionOverrides", days_in_month="Some"),
         ("UNKNOWN_VALUE", "daysInMonth")),
        (recurring(1, "2024-01-01", proration_option="CustomizeProrationOptionOverrides", proration_unit="Some"),
         ("UNKNOWN_VALUE", "prorationUnit")),
    ],
    ids=lambda value: None if not isinstance(value, tuple) else "-".join(map(str, value)),
)  # fmt: skip
def test_a_charge_that_cannot_be_rated(charge: Any, error: tuple[str, str]) -> None:
    assert refused(charge) == error


@pytest.mark.rule("0 wrong data")
@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1E+5000"])
@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda value: recurring(value, "2024-01-01"), "price"),
        (lambda value: recurring(1, "2024-01-01", model="PerUnit", quantity=value), "quantity"),
        (lambda value: one_time(value, "2024-01-01"), "price"),
        (lambda value: recurring(1, "2024-01-01", tax_rate=value), "taxRate"),
    ],
)
def test_broken_numbers(make: Any, field: str, value: str) -> None:
    assert refused(make(value)) == ("BAD_NUMBER", field)


@pytest.mark.rule("0 wrong data")
@pytest.mark.parametrize("value", ["NaN", "Infinity", "1E+5000"])
@pytest.mark.parametrize(("make", "field"), [(percent_off, "discountPercentage"), (amount_off, "discountAmount")])
def test_a_discount_that_is_not_a_number_is_refused(make: Any, field: str, value: str) -> None:
    charges = subscription(recurring(1, "2024-01-01"), make(value, "2024-01-01"))
    assert refused(charges) == ("BAD_NUMBER", field)


@pytest.mark.rule("0 wrong data")
@pytest.mark.parametrize("value", ["NaN", "Infinity", "1E+5000", "1E-5000"])
def test_a_price_increase_that_is_not_a_number_is_refused(value: str) -> None:
    charge = recurring(
        1,
        "2023-01-01",
        price_change_option="SpecificPercentageValue",
        price_increase_percentage=value,
        charged_through_date="2024-01-01",
    )
    assert refused(charge, renew="All") == ("BAD_NUMBER", "priceIncreasePercentage")


@pytest.mark.rule("0 wrong data")
@pytest.mark.parametrize(
    "tiers",
    [
        (Tier(Decimal("NaN"), Decimal(1)),),
        (Tier(Decimal(0), Decimal("NaN")),),
        (Tier(Decimal(0), Decimal(1), Decimal("Infinity")),),
    ],
)
def test_a_tier_that_is_not_a_number_is_refused(tiers: tuple[Tier, ...]) -> None:
    code, _ = refused(recurring(None, "2024-01-01", model="Volume", quantity=1, tiers=tiers))
    assert code in {"BAD_NUMBER", "TIER_GAP", "TIER_REVERSED"}


@pytest.mark.rule("0 wrong data")
@pytest.mark.parametrize("model", ["Volume", "Tiered"])
def test_a_quantity_whose_fee_needs_more_digits_than_there_are_is_refused(model: str) -> None:
    """500 digits of price and one of quantity are more than the 400 of an exact number."""
    charge = recurring(None, "2024-01-01", model=model, quantity=1, tiers=(Tier(Decimal(0), Decimal("1" * 500)),))
    assert refused(charge) == ("BAD_NUMBER", "quantity")


@pytest.mark.rule("0 wrong data")
def test_a_trillion_units_are_billed_exactly() -> None:
    charge = recurring("0.07", "2024-01-01", model="PerUnit", quantity=10**12)
    assert billed(charge, "2024-01-01") == ["2024-01-01…2024-01-31 70000000000.00"]


@pytest.mark.rule("0 wrong data")
@pytest.mark.parametrize("price", [10**24 + 1, "-1E25"])
def test_an_amount_beyond_reason_is_refused(price: Any) -> None:
    assert refused(recurring(price, "2024-01-01")) == ("AMOUNT_TOO_LARGE", "price")


@pytest.mark.rule("0 wrong data")
def test_reversed_dates_bill_nothing() -> None:
    """A segment or a term that ends before it starts has no service."""
    reversed_charge = recurring(10, "2024-06-01", "2024-01-01")
    assert billed(subscription(reversed_charge, start="2024-01-01"), "2024-12-31") == []
    reversed_term = subscription(recurring(10, "2024-06-01"), start="2024-06-01", end="2024-01-01")
    assert billed(reversed_term, "2024-12-31") == []


@pytest.mark.rule("0 wrong data")
@pytest.mark.parametrize(
    ("dates", "target"),
    [
        ({"start": "0001-01-01", "end": "2024-06-01"}, "2024-01-31"),
        ({"start": "1850-05-05", "end": "2024-06-01"}, "2024-01-31"),
    ],
)
@pytest.mark.parametrize("period", ["Month", "Annual"])
def test_a_service_before_1900_is_refused(dates: dict[str, str], target: str, period: str) -> None:
    charge = recurring(10, dates["start"], billing_period=period)
    assert refused(subscription(charge, **dates), target)[0] == "DATE_OUT_OF_RANGE"


@pytest.mark.rule("0 wrong data")
@pytest.mark.parametrize("period", ["Month", "Annual", "Week", "Specific_Days"])
def test_two_hundred_years_are_billed_or_refused_but_never_crash(period: str) -> None:
    """From 1990 to 2190, month by month or day by day; more than 100000 periods are none of a bill."""
    charge = recurring(1, "1990-01-01", billing_period=period, specific_billing_period=1)
    result = answer(subscription(charge, end="2190-01-01"), "2189-12-31")
    expected = {"Month": 2400, "Annual": 200, "Week": 10436, "Specific_Days": 73049}
    assert result.errors == ()
    assert len(result) == expected[period]


@pytest.mark.rule("0 wrong data")
@pytest.mark.parametrize("period", ["Month", "Annual", "Week", "Subscription_Term"])
@pytest.mark.parametrize("last", [date(2200, 1, 1), date(2999, 12, 31), date.max])
def test_dates_beyond_the_calendar_are_refused(period: str, last: date) -> None:
    charge = recurring(1, date(2199, 6, 1), last, billing_period=period, list_price_base="Per_Billing_Period")
    terms = subscription(charge, end=last)
    result = answer(terms, date.max)
    assert {error.code for error in result.errors} <= {"DATE_OUT_OF_RANGE"}
    assert all(item.service_end <= date(2200, 1, 1) for item in result.items())


@pytest.mark.rule("0 wrong data")
@pytest.mark.parametrize(
    ("start", "target", "named"),
    [
        ("1850-05-05", "2024-01-31", "1850-05-05"),
        ("2199-12-01", "2299-12-31", "2299-12-31"),
        ("1900-01-01", "2299-12-31", "2299-12-31"),
    ],
)
def test_the_day_outside_the_calendar_is_named(start: str, target: str, named: str) -> None:
    weekly = recurring(10, start, billing_period="Week", billing_day="ChargeTriggerDay")
    (error,) = answer(subscription(weekly, end="2300-01-01"), target).errors
    assert f" {named} lies outside the dates that can be billed" in error.message


@pytest.mark.rule("0 wrong data")
def test_the_last_days_of_the_calendar_are_billed_day_by_day() -> None:
    daily = recurring(1, "2199-12-29", billing_period="Specific_Days", specific_billing_period=1)
    assert [line.split("…")[0] for line in billed(subscription(daily, end="2200-01-01"), "2199-12-31")] == [
        "2199-12-29",
        "2199-12-30",
        "2199-12-31",
    ]


@pytest.mark.rule("0 wrong data")
def test_the_limit_of_periods_counts_only_due_ones_also_on_an_old_grid() -> None:
    """The grid has 91311 days before the charge begins (250 years with 61 leap days); three are due."""
    aligned = {"billing_period_alignment": "AlignToSubscriptionStart"}
    daily = recurring(1, "2150-01-01", billing_period="Specific_Days", specific_billing_period=1, **aligned)
    assert len(billed(subscription(daily, start="1900-01-01", end="2151-01-01"), "2150-01-03")) == 3


@pytest.mark.rule("0 wrong data")
def test_a_span_without_a_day_has_no_periods() -> None:
    month = BillingGrid(MonthGrid(date(2024, 1, 1), 1, 1), 1, 0)
    assert due_periods(
        Span(date(2024, 1, 16), date(2024, 1, 16)), month, date(2024, 3, 1), in_arrears=False
    ) == ServicePeriods((), ())


@pytest.mark.rule("0 wrong data")
def test_an_impossible_bill_day_is_quoted() -> None:
    (error,) = answer(recurring(1, "2024-01-01", billing_day="SpecificDayofMonth/fortieth"), TARGET).errors
    assert "billingDay is 'SpecificDayofMonth/fortieth', which names no day from 1 to 31." in error.message


@pytest.mark.rule("0 wrong data")
@pytest.mark.parametrize("renew", ["None", "All"])
def test_the_last_day_of_the_calendar_is_a_target_like_any_other(renew: str) -> None:
    charge = recurring(1, "2024-01-01")
    result = answer(charge, date.max, renew=renew)
    assert result.success or [error.code for error in result.errors] == ["DATE_OUT_OF_RANGE"]
    forever = answer(evergreen(charge), date.max, including_evergreen_subscription=True)
    assert forever.success or [error.code for error in forever.errors] == ["DATE_OUT_OF_RANGE"]


@pytest.mark.rule("0 wrong data")
@pytest.mark.parametrize("unit", ["Day", "Week", "Month", "Year"])
@pytest.mark.parametrize("count", [10**4, 10**9, 10**18])
def test_a_renewal_term_of_eons_is_refused(unit: str, count: int) -> None:
    eon = subscription(recurring(1, "2023-01-01"), end="2024-01-01", renewal_term=count, renewal_term_period_type=unit)
    result = answer(eon, "2024-01-31", renew="All")
    if result.success:  # 10000 days or weeks end within the calendar
        assert (unit, count) in {("Day", 10**4), ("Week", 10**4)}
    else:
        assert [(error.code, error.field) for error in result.errors] == [("DATE_OUT_OF_RANGE", "renewalTerm")]


@pytest.mark.rule("0 wrong data")
def test_a_renewal_of_10000_months_from_an_earlier_month_end_is_refused_too() -> None:
    terms = subscription(
        recurring(1, "2023-01-31"), end="2024-02-29", renewal_term=10_000, attributes={"renewedFrom": "2024-01-31"}
    )
    assert refused(terms, "2024-02-29", renew="All") == ("DATE_OUT_OF_RANGE", "renewalTerm")


@pytest.mark.rule("0 wrong data")
def test_the_days_that_a_renewal_left_must_be_dates() -> None:
    renewed = subscription(recurring(1, "2023-01-31"), attributes={"renewedFrom": "January"})
    assert refused(renewed, "2024-01-31", renew="All") == ("BAD_DATE", "renewedFrom")
    by_terms = {"billing_period": "Subscription_Term", "list_price_base": "Per_Month"}
    charge = recurring(1, "2024-01-01", attributes={"firstTermFrom": "January"}, **by_terms)
    assert refused(charge) == ("BAD_DATE", "firstTermFrom")


@pytest.mark.rule("0 wrong data")
@pytest.mark.parametrize("unit", ["Days", "Weeks", "Months", "Years", "Billing_Periods"])
@pytest.mark.parametrize("count", [10**9, -(10**9)])
def test_a_fixed_period_of_eons_is_refused(unit: str, count: int) -> None:
    charge = recurring(1, "2024-01-01", end_date_condition="Fixed_Period", up_to_periods=count, up_to_periods_type=unit)
    assert refused(charge) == ("DATE_OUT_OF_RANGE", "upToPeriods")


@pytest.mark.rule("0 wrong data")
@pytest.mark.parametrize("period", ["Specific_Months", "Specific_Weeks", "Specific_Days"])
def test_a_billing_period_of_eons_is_refused(period: str) -> None:
    charge = recurring(1, "2024-01-01", billing_period=period, specific_billing_period=10**9)
    assert refused(charge) == ("INVALID_PERIOD", "specificBillingPeriod")


@pytest.mark.rule("0 wrong data")
@pytest.mark.parametrize(
    ("period", "most"), [("Specific_Months", 3600), ("Specific_Weeks", 15653), ("Specific_Days", 109572)]
)
def test_a_billing_period_is_as_long_as_the_calendar_at_most(period: str, most: int) -> None:
    """300 years are 3600 months; their 109573 days are 109572 from the first to the last, 15653 weeks."""
    assert specific(period, most) == most
    message = f"specificBillingPeriod is {most + 1}, it must be 1 to {most}."
    assert error_of(lambda: specific(period, most + 1)) == ("INVALID_PERIOD", "specificBillingPeriod", message)


def specific(period: str, count: int) -> int:
    """How many of its units a billing period has."""
    kind = BillingPeriod(period)
    return period_months(kind, count) or period_days(kind, count) // (7 if "Week" in period else 1)


@pytest.mark.rule("0 wrong data")
@pytest.mark.parametrize(
    ("charge", "fields", "field"),
    [
        (
            recurring(1, "2024-01-01", billing_period_alignment="AlignToSubscriptionStart"),
            {"subscription_start_date": None, "contract_effective_date": None},
            "subscriptionStartDate",
        ),
        (
            recurring(1, "2024-01-01", billing_period="Week", billing_day="TermStartDay"),
            {"term_start_date": None, "subscription_start_date": None, "term_type": "EVERGREEN"},
            "termStartDate",
        ),
    ],
)
def test_billing_periods_that_hang_on_a_date_need_it(charge: Any, fields: dict[str, Any], field: str) -> None:
    whole = replace(subscription(charge), **fields)
    result = answer(whole, TARGET, including_evergreen_subscription=True)
    assert [(error.code, error.field) for error in result.errors] == [("MISSING_DATE", field)]


@pytest.mark.rule("0 wrong data")
def test_a_term_is_renewed_ten_thousand_times_at_most() -> None:
    daily = subscription(recurring(1, "2024-01-01"), renewal_term=1, renewal_term_period_type="Day")
    assert renewed_end(daily, date(2024, 1, 1), 10_000) == date(2051, 5, 19)  # 27 years of 9862 days, and 138 days
    assert problem(lambda: renewed_end(daily, date(2024, 1, 1), 10_001)) == ("TOO_MANY_RENEWALS", "renewalTerm")


@pytest.mark.rule("0 wrong data")
@pytest.mark.parametrize("day", ["1900-01-01", "2199-12-31"])
def test_the_first_and_the_last_day_of_the_calendar_can_be_billed(day: str) -> None:
    year = int(day[:4])
    fee = subscription(one_time(5, day), start=f"{year}-01-01", end=f"{year + 1}-01-01")
    assert billed(fee, day) == [f"{day} 5.00"]


@pytest.mark.rule("0 wrong data")
def test_a_one_time_charge_on_the_last_day_of_all_days_is_refused() -> None:
    result = answer(subscription(one_time(1, "9999-12-30"), start="2024-01-01", end="9999-12-31"), date.max)
    assert [(error.code, error.field) for error in result.errors] == [("DATE_OUT_OF_RANGE", "effectiveStartDate")]
    assert "9999-12-30 lies outside the dates that can be billed" in result.errors[0].message


@pytest.mark.rule("0 wrong data")
def test_a_charged_through_date_of_eons_is_refused() -> None:
    """It would be credited back to the end of the term, month by month."""
    charge = recurring(1, "2024-01-01", "2024-06-01", charged_through_date=date.max)
    assert refused(subscription(charge, end="2025-01-01"), "2024-12-31")[0] == "DATE_OUT_OF_RANGE"


@pytest.mark.rule("0 wrong data")
def test_all_problems_are_reported_at_once() -> None:
    charges = (recurring(None, "2024-01-01", number="C-1"), recurring(1, "2024-01-01", number="C-2", model="?"))
    result = answer(charges, TARGET)
    assert [(error.charge_number, error.field) for error in result.errors] == [("C-1", "price"), ("C-2", "model")]


@pytest.mark.rule("0 wrong data")
@pytest.mark.parametrize(
    "charge",
    [
        recurring(None, "2024-02-01"),
        recurring(None, "2024-01-01", charged_through_date="2024-02-01"),
        recurring(None, "2024-01-01", "2024-01-01"),
    ],
    ids=["starts later", "billed", "without length"],
)
def test_a_charge_that_is_not_billed_needs_no_price(charge: Any) -> None:
    sound = recurring(1, "2024-01-01", number="C-0")
    assert billed(subscription(sound, charge), TARGET) == ["2024-01-01…2024-01-31 1.00"]


@pytest.mark.rule("0 wrong data")
def test_a_charge_in_a_draft_subscription_is_not_looked_at() -> None:
    draft = subscription(recurring(None, "2024-01-01", model="?"), status="Draft", subscription_number="A-S0")
    sound = subscription(recurring(1, "2024-01-01"))
    assert billed(account(draft, sound), TARGET) == ["2024-01-01…2024-01-31 1.00"]


@pytest.mark.rule("0 wrong data")
def test_an_error_in_a_subscription_outside_the_request_has_no_effect() -> None:
    wrong = subscription(recurring(None, "2024-01-01"), subscription_number="A-S0")
    sound = subscription(recurring(1, "2024-01-01"))
    lines = billed(account(wrong, sound), TARGET, subscription_numbers=frozenset({"A-S1"}))
    assert lines == ["2024-01-01…2024-01-31 1.00"]


@pytest.mark.rule("0 wrong data")
@pytest.mark.parametrize(
    ("rules", "field"),
    [({"decimals": 2, "rounding_increment": "NaN"}, "billing_rules.roundingIncrement")],
)
def test_a_rule_that_is_not_a_number_is_refused(rules: dict[str, Any], field: str) -> None:
    result = answer(recurring(1, "2024-01-01"), TARGET, rules=rules)
    assert [(error.code, error.field) for error in result.errors] == [("BAD_NUMBER", field)]


@pytest.mark.rule("0 wrong data")
def test_three_hundred_years_of_days_are_refused() -> None:
    daily = recurring(1, "1900-01-01", billing_period="Specific_Days", specific_billing_period=1)
    assert refused(subscription(daily, end="2199-12-31"), date(2199, 12, 31)) == ("TOO_MANY_PERIODS", "billingPeriod")


@pytest.mark.rule("0 wrong data")
def test_more_than_100000_periods_are_refused() -> None:
    """In advance, the 100,000th day from 1900-01-01 on is 2173-10-15."""
    daily = recurring(1, "1900-01-01", billing_period="Specific_Days", specific_billing_period=1)
    last = date(1900, 1, 1) + timedelta(99_999)
    assert last == date(2173, 10, 15)
    assert len(list(answer(subscription(daily, end="2199-12-31"), last).items())) == 100_000
    assert refused(subscription(daily, end="2199-12-31"), last + timedelta(1)) == ("TOO_MANY_PERIODS", "billingPeriod")


def rows_of(charge: Any, *periods: tuple[str, str]) -> ChargeRows:
    starts, ends = ([date.fromisoformat(day) for day in days] for days in zip(*periods, strict=True))
    amounts = [Decimal(1)] * len(periods)
    facts = facts_of(charge, subscription(charge), ChargeType.RECURRING, transient=False)
    rows = Rows(charge, facts, starts, ends, amounts, [Fraction(1)] * len(periods), amounts)
    return ChargeRows(charge.number, ChargeType.RECURRING, 0, [rows])


@pytest.mark.rule("0 invariants")
@pytest.mark.parametrize(
    ("periods", "code"),
    [
        ([("2024-01-01", "2024-02-01"), ("2024-02-02", "2024-03-01")], "PERIODS_NOT_CONTIGUOUS"),
        ([("2024-01-01", "2024-02-01"), ("2024-01-31", "2024-03-01")], "PERIODS_NOT_CONTIGUOUS"),
        ([("2023-12-01", "2024-01-01")], "BILLED_TWICE"),
    ],
)
def test_a_defect_that_would_bill_a_gap_or_a_day_twice_fails_loudly(periods: Any, code: str) -> None:
    charge = recurring(1, "2023-01-01", charged_through_date="2024-01-01")
    with pytest.raises(RatingError) as caught:
        check(rows_of(charge, *periods))
    assert caught.value.code == code


@pytest.mark.rule("0 invariants")
@pytest.mark.parametrize(
    ("first", "latter", "code"),
    [
        # the first segment is stored to end on Mar 1
        (("2024-01-01", "2024-02-15"), ("2024-03-01", "2024-04-01"), "PERIODS_NOT_CONTIGUOUS"),
        (("2024-01-01", "2024-03-01"), ("2024-03-15", "2024-04-01"), "PERIODS_NOT_CONTIGUOUS"),
        (("2024-01-01", "2024-03-01"), ("2024-02-15", "2024-04-01"), "PERIODS_OVERLAP"),
    ],
)
def test_parts_of_a_charge_that_would_leave_out_a_day_or_bill_it_twice_fail_loudly(
    first: tuple[str, str], latter: tuple[str, str], code: str
) -> None:
    parts = segments(recurring(1, "2024-01-01"), recurring(2, "2024-03-01"))
    whole, following = (rows_of(part, period) for part, period in zip(parts, (first, latter), strict=True))
    whole.parts += following.parts
    with pytest.raises(RatingError) as caught:
        check(whole)
    assert caught.value.code == code


@pytest.mark.rule("0 invariants")
def test_billed_time_and_time_without_a_segment_are_not_a_gap() -> None:
    """Feb 15 … Mar 1 has no segment; Apr 1 … May 1 was billed."""
    parts = (
        recurring(1, "2024-01-01", "2024-02-15", segment=1),
        recurring(1, "2024-03-01", "2024-04-01", segment=2),
        recurring(1, "2024-04-01", segment=3, charged_through_date="2024-05-01"),
    )
    periods = (("2024-01-01", "2024-02-15"), ("2024-03-01", "2024-04-01"), ("2024-05-01", "2024-06-01"))
    whole, *others = (rows_of(part, period) for part, period in zip(parts, periods, strict=True))
    for each in others:
        whole.parts += each.parts
    check(whole)


@pytest.mark.rule("0 invariants")
def test_periods_that_follow_one_another_pass() -> None:
    charge = recurring(1, "2023-01-01", charged_through_date="2024-01-01")
    check(rows_of(charge, ("2024-01-01", "2024-02-01"), ("2024-02-01", "2024-03-01")))


@pytest.mark.rule("0 wrong data")
def test_a_usage_charge_without_a_known_billing_period_is_refused() -> None:
    result = answer(metered(1, "2024-01-01", billing_period="Fortnight"), "2024-01-31")
    assert [(error.code, error.field) for error in result.errors] == [("UNKNOWN_VALUE", "billingPeriod")]
