"""The price of a full billing period: the price may be for another span of time than the billing period."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.building import answer, billed, evergreen, recurring, subscription

ANNUAL = {"billing_period": "Annual"}


@pytest.mark.rule("2.2 Per_Billing_Period")
def test_a_price_per_billing_period_is_the_price_of_a_quarter() -> None:
    charge = recurring(300, "2024-01-01", billing_period="Quarter")
    assert billed(charge, "2024-04-01") == ["2024-01-01…2024-03-31 300.00", "2024-04-01…2024-06-30 300.00"]


@pytest.mark.rule("2.2 Per_Month")
@pytest.mark.parametrize(
    ("period", "line"),
    [
        ("Month", "2024-01-01…2024-01-31 100.00"),
        ("Quarter", "2024-01-01…2024-03-31 300.00"),
        ("Semi_Annual", "2024-01-01…2024-06-30 600.00"),
        ("Annual", "2024-01-01…2024-12-31 1200.00"),
        ("Eighteen_Months", "2024-01-01…2025-06-30 1800.00"),
        ("Two_Years", "2024-01-01…2025-12-31 2400.00"),
        ("Three_Years", "2024-01-01…2026-12-31 3600.00"),
        ("Five_Years", "2024-01-01…2028-12-31 6000.00"),
    ],
)
def test_100_per_month_times_the_months_of_the_period(period: str, line: str) -> None:
    charge = recurring(100, "2024-01-01", billing_period=period, list_price_base="Per_Month")
    assert billed(subscription(charge, end="2029-01-01"), "2024-01-01") == [line]


@pytest.mark.rule("2.2 Per_Month")
def test_100_per_month_in_periods_of_7_months_is_700() -> None:
    charge = recurring(
        100, "2024-01-01", billing_period="Specific Months", specific_billing_period=7, list_price_base="Per Month"
    )
    assert billed(charge, "2024-01-01") == ["2024-01-01…2024-07-31 700.00"]


@pytest.mark.rule("2.2 Per_Billing_Period")
def test_a_price_that_does_not_say_what_it_is_for_is_per_billing_period() -> None:
    charge = recurring(300, "2024-01-01", billing_period="Quarter", list_price_base=None)
    assert billed(charge, "2024-01-01") == ["2024-01-01…2024-03-31 300.00"]


@pytest.mark.rule("2.2 Per_Week")
@pytest.mark.parametrize(("option", "amount"), [("ChargeFullPeriod", "140.00"), (None, "120.00")])
def test_12_days_of_two_weeks_at_70_a_week_are_120_unless_stubs_cost_a_full_period(
    option: str | None, amount: str
) -> None:
    """
    Mon Jan 1   Wed Jan 3           Mon Jan 15
      |           [==== 12 days ====)
    """
    charge = recurring(
        70,
        "2024-01-03",
        billing_period="Specific_Weeks",
        specific_billing_period=2,
        billing_day="SubscriptionStartDay",
        billing_period_alignment="AlignToSubscriptionStart",
        list_price_base="Per_Week",
        proration_option=option,
    )
    assert billed(subscription(charge, start="2024-01-01"), "2024-01-03") == [f"2024-01-03…2024-01-14 {amount}"]


@pytest.mark.rule("2.2 Per_Week")
@pytest.mark.parametrize(("weeks", "last", "amount"), [(1, "2024-01-07", "100.00"), (12, "2024-03-24", "1200.00")])
def test_100_per_week_times_the_weeks_of_the_period(weeks: int, last: str, amount: str) -> None:
    charge = recurring(
        100,
        "2024-01-01",
        billing_period="Specific_Weeks",
        specific_billing_period=weeks,
        billing_day="ChargeTriggerDay",
        list_price_base="Per_Week",
    )
    assert billed(charge, "2024-01-01") == [f"2024-01-01…{last} {amount}"]


@pytest.mark.rule("2.2 Per_Week")
@pytest.mark.parametrize(
    ("period", "count", "line", "steps"),
    [
        ("Week", None, "2024-01-01…2024-01-07 70.00", []),
        ("Specific_Weeks", 2, "2024-01-01…2024-01-14 140.00", ["list-price-base: x Per_Week = 2"]),
        ("Specific_Days", 10, "2024-01-01…2024-01-10 100.00", ["list-price-base: x Per_Week = 1.428571428571…"]),
        ("Month", None, "2024-01-01…2024-01-31 310.00", ["list-price-base: length of the piece = 4.428571428571…"]),
    ],
)
def test_70_a_week_is_explained_by_the_1_or_2_weeks_or_the_10_or_31_days_of_the_period(
    period: str, count: int | None, line: str, steps: list[str]
) -> None:
    charge = recurring(
        70,
        "2024-01-01",
        billing_period=period,
        specific_billing_period=count,
        billing_day="DefaultFromCustomer" if period == "Month" else "ChargeTriggerDay",
        list_price_base="Per_Week",
    )
    assert billed(charge, "2024-01-01") == [line]
    (item,) = answer(charge, "2024-01-01", explain=True).items()
    assert item.trace is not None
    told = [each.split("  (")[0] for each in item.trace.lines() if each.startswith("list-price-base")]
    assert told == steps


@pytest.mark.rule("2.2 Per_Week in months")
def test_7_per_week_in_monthly_periods_is_a_dollar_a_day() -> None:
    charge = recurring(7, "2024-01-01", list_price_base="Per_Week")
    assert billed(charge, "2024-02-01") == ["2024-01-01…2024-01-31 31.00", "2024-02-01…2024-02-29 29.00"]


@pytest.mark.rule("2.2 cumulative rounding")
def test_21500_a_year_in_4_months_is_7166_67_then_14333_33_less_that_then_the_rest() -> None:
    """
    Every item is the rounded total so far, less what was billed before.

    total  7166.666…  14333.333…  21500
    item   7166.67    7166.66     7166.67
    """
    charge = recurring(
        21500, "2021-01-01", billing_period="Specific_Months", specific_billing_period=4, list_price_base="Per_Year"
    )
    assert billed(charge, "2021-12-31") == [
        "2021-01-01…2021-04-30 7166.67",
        "2021-05-01…2021-08-31 7166.66",
        "2021-09-01…2021-12-31 7166.67",
    ]


@pytest.mark.rule("2.2 cumulative rounding")
def test_100_a_year_in_4_months_is_33_33_then_33_34_then_33_33() -> None:
    charge = recurring(
        100, "2021-01-01", billing_period="Specific_Months", specific_billing_period=4, list_price_base="Per_Year"
    )
    assert [each.split()[1] for each in billed(charge, "2021-12-31")] == ["33.33", "33.34", "33.33"]


@pytest.mark.rule("2.2 cumulative rounding")
def test_billed_periods_count_in_the_cumulative_rounding() -> None:
    """As above, with the first period billed: the second is still 33.34."""
    charge = recurring(
        100,
        "2021-01-01",
        billing_period="Specific_Months",
        specific_billing_period=4,
        list_price_base="Per_Year",
        charged_through_date="2021-05-01",
    )
    assert [each.split()[1] for each in billed(charge, "2021-12-31")] == ["33.34", "33.33"]


@pytest.mark.rule("2.2 cumulative rounding")
@pytest.mark.parametrize(
    ("through", "amounts"),
    [(None, ["33.33", "33.34", "16.66"]), ("2021-05-01", ["33.34", "16.66"]), ("2021-09-01", ["16.66"])],
)
def test_the_last_shorter_period_makes_up_the_cent_too(through: str | None, amounts: list[str]) -> None:
    """
    100 a year in 4 months, for 10 months: 33.33…, 66.66… and 83.33… in all.
    """
    charge = recurring(
        100,
        "2021-01-01",
        billing_period="Specific_Months",
        specific_billing_period=4,
        list_price_base="Per_Year",
        charged_through_date=through,
    )
    ten_months = subscription(charge, end="2021-11-01")
    lines = billed(ten_months, "2021-12-31", rules={"proration_unit": "ProrateByMonthFirst"})
    assert [each.split()[1] for each in lines] == amounts


@pytest.mark.rule("2.2 cumulative rounding")
def test_a_cent_made_up_is_explained() -> None:
    charge = recurring(
        100, "2021-01-01", billing_period="Specific_Months", specific_billing_period=4, list_price_base="Per_Year"
    )
    texts = [list(item.trace.lines()) for item in answer(charge, "2021-05-01", explain=True).items() if item.trace]
    assert [len(lines) for lines in texts] == [3, 4]
    assert texts[1][2] == (
        "cumulative-rounding: due since the segment began - billed since then = 33.336666666666…  "
        "(Get started with annual list price)"
    )
    assert texts[1][3] == "rounding HALF_UP to 2 decimals: 33.336666666666… -> 33.34"


BY_DAY_OR_MONTH = pytest.mark.parametrize("unit", ["ProrateByMonthFirst", "ProrateByDay"])


@pytest.mark.rule("2.2 odd terms")
def test_ten_months_of_a_year_are_explained_as_months_though_days_are_prorated() -> None:
    charge = recurring(120, "2021-01-01", list_price_base="Per_Year", **ANNUAL)
    ten_months = subscription(charge, end="2021-11-01")
    (item,) = answer(ten_months, "2021-01-01", rules={"proration_unit": "ProrateByDay"}, explain=True).items()
    assert item.trace is not None
    months = " + ".join(["1"] * 10)
    assert list(item.trace.lines())[1].startswith(f"proration: ({months}) / 12 = 0.833333333333…")


@pytest.mark.rule("2.2 odd terms")
@BY_DAY_OR_MONTH
def test_70200_a_year_for_a_term_of_10_months_is_58500_even_where_days_count(unit: str) -> None:
    charge = recurring(70200, "2021-01-01", list_price_base="Per_Year", **ANNUAL)
    ten_months = subscription(charge, end="2021-11-01")
    assert billed(ten_months, "2021-01-01", rules={"proration_unit": unit}) == ["2021-01-01…2021-10-31 58500.00"]


@pytest.mark.rule("2.2 odd terms")
@pytest.mark.parametrize(("unit", "amount"), [("ProrateByMonthFirst", "1010.00"), ("ProrateByDay", "1009.32")])
def test_10_months_and_3_days_of_1200_a_year_count_by_the_tenants_unit(unit: str, amount: str) -> None:
    """(10 + 3/30) / 12 and 307/365 of 1200; a price per billing period counts days in any case: 304/365."""
    charge = recurring(1200, "2021-01-01", list_price_base="Per_Year", **ANNUAL)
    terms = subscription(charge, end="2021-11-04")
    assert billed(terms, "2021-01-01", rules={"proration_unit": unit}) == [f"2021-01-01…2021-11-03 {amount}"]
    ten_months = subscription(recurring(1200, "2021-01-01", **ANNUAL), end="2021-11-01")
    assert billed(ten_months, "2021-01-01") == ["2021-01-01…2021-10-31 999.45"]


@pytest.mark.rule("2.2 odd terms")
@BY_DAY_OR_MONTH
@pytest.mark.parametrize(
    ("price", "base"),
    [
        (100, {"list_price_base": "Per_Month"}),
        (1200, {"list_price_base": "Per_Year"}),
        (700, {"list_price_base": "Per_Specific_Months", "specific_list_price_base": 7}),
        (300, {"list_price_base": "Per_Validity_Period", "validity_period": "Quarter"}),
    ],
)
def test_whole_months_count_as_whole_for_every_price_that_is_for_months(
    price: int, base: dict[str, object], unit: str
) -> None:
    """
    100 a month, billed by the year that begins on Jan 1: ten months, a first part of two, and ten that are credited.

    Jan 1  Mar 1                      Nov 1  Jan 1
      |=========== 1000.00 =============)      |
      |                                 (= 200 =)
      |-- 200 --|======== -1000.00 ============)
    """
    by = {"rules": {"proration_unit": unit}}
    year = {"billing_period": "Annual", "billing_period_alignment": "AlignToSubscriptionStart", **base}
    ten = subscription(recurring(price, "2021-01-01", **year), end="2021-11-01")
    assert billed(ten, "2021-01-01", **by) == ["2021-01-01…2021-10-31 1000.00"]
    two = subscription(recurring(price, "2021-11-01", **year), start="2021-01-01")
    assert billed(two, "2021-12-31", **by) == ["2021-11-01…2021-12-31 200.00"]
    shortened = subscription(
        recurring(price, "2021-01-01", "2021-03-01", charged_through_date="2022-01-01", **year), end="2022-01-01"
    )
    assert billed(shortened, "2021-03-01", **by) == ["2021-03-01…2021-12-31 -1000.00"]


@pytest.mark.rule("2.2 odd terms")
def test_3_months_kept_of_a_billed_year_at_1200_are_300_so_900_are_credited() -> None:
    charge = recurring(
        1200, "2021-01-01", "2021-04-01", list_price_base="Per_Year", charged_through_date="2022-01-01", **ANNUAL
    )
    assert billed(subscription(charge, end="2022-01-01"), "2021-04-01") == ["2021-04-01…2021-12-31 -900.00"]


@pytest.mark.rule("2.2 Per_Specific_Months")
@BY_DAY_OR_MONTH
def test_5500_per_7_months_billed_every_4_months_is_4_7ths_and_3_7ths(unit: str) -> None:
    """
    Jan 1            May 1        Aug 1
      |-- 4/7: 3142.857 --|-- 3/7: the rest of 5500 --|
    """
    charge = recurring(
        5500,
        "2021-01-01",
        billing_period="Specific_Months",
        specific_billing_period=4,
        list_price_base="Per_Specific_Months",
        specific_list_price_base=7,
    )
    seven_months = subscription(charge, end="2021-08-01")
    assert billed(seven_months, "2021-07-31", rules={"proration_unit": unit}) == [
        "2021-01-01…2021-04-30 3142.86",
        "2021-05-01…2021-07-31 2357.14",
    ]


@pytest.mark.rule("2.2 Per_Validity_Period")
def test_10_per_quarter_billed_monthly_is_3_33_and_3_34_and_3_33() -> None:
    charge = recurring(10, "2024-01-01", list_price_base="Per_Validity_Period", validity_period="QUARTER")
    assert [each.split()[1] for each in billed(charge, "2024-05-01")] == ["3.33", "3.34", "3.33", "3.33", "3.34"]


@pytest.mark.rule("2.2 Per_Validity_Period")
def test_a_validity_period_that_is_the_term_is_as_long_as_the_term() -> None:
    """120 for a term of 6 months, billed monthly: 20 a month."""
    charge = recurring(120, "2024-01-01", list_price_base="Per_Validity_Period", validity_period="SUBSCRIPTION_TERM")
    assert billed(subscription(charge, end="2024-07-01"), "2024-02-01") == [
        "2024-01-01…2024-01-31 20.00",
        "2024-02-01…2024-02-29 20.00",
    ]


@pytest.mark.rule("2.2 leading partial period")
def test_a_segment_that_begins_with_a_stub_rounds_every_item_apart() -> None:
    """
    100 a year in months of 8.333…, bill day 1, from Jan 16: 16/31 of it, then 8.33 each: no item makes up a cent.
    """
    charge = recurring(100, "2021-01-16", list_price_base="Per_Year")
    assert [each.split()[1] for each in billed(charge, "2021-05-01")] == ["4.30", "8.33", "8.33", "8.33", "8.33"]


@pytest.mark.rule("2.2 Subscription_Term")
def test_a_term_of_6_months_at_100_is_600_and_its_renewal_of_12_is_1200() -> None:
    charge = recurring(100, "2024-05-01", billing_period="Subscription_Term", list_price_base="Per_Month")
    half_a_year = subscription(charge, end="2024-11-01")
    assert billed(half_a_year, "2024-11-01", renew="All") == [
        "2024-05-01…2024-10-31 600.00",
        "2024-11-01…2025-10-31 1200.00",
    ]


@pytest.mark.rule("2.2 Subscription_Term")
def test_a_charge_from_the_middle_of_the_term_pays_the_months_that_are_left() -> None:
    """
    May 1          Aug 16          Nov 1
      |---- term -----[== 16/31 + 2 ==)
    """
    charge = recurring(100, "2024-08-16", billing_period="Subscription_Term", list_price_base="Per_Month")
    half_a_year = subscription(charge, start="2024-05-01", end="2024-11-01")
    assert billed(half_a_year, "2024-11-01") == ["2024-08-16…2024-10-31 251.61"]


@pytest.mark.rule("2.2 Subscription_Term: odd terms")
@pytest.mark.parametrize(
    ("rules", "end", "amount"),
    [
        ({}, "2024-03-16", "248.39"),
        ({"days_in_month": "Assume30Days"}, "2024-03-16", "250.00"),
        ({"bill_recurring_partial_month": False}, "2024-03-16", "300.00"),
        ({}, "2024-01-15", "45.16"),  # 14/31
        ({}, "2024-03-01", "200.00"),
    ],
)
def test_two_months_and_15_days_at_100_are_200_and_15_31sts(rules: dict[str, object], end: str, amount: str) -> None:
    """
    Jan 1     Feb 1     Mar 1  Mar 16   Apr 1
      |-- 100 ---|-- 100 ---|-15/31-|......|       the term ends on Mar 16
    """
    charge = recurring(100, "2024-01-01", billing_period="Subscription_Term", list_price_base="Per_Month")
    (line,) = billed(subscription(charge, end=end), "2024-01-01", rules=rules)
    assert line.split()[1] == amount


@pytest.mark.rule("2.2 Subscription_Term")
def test_weeks_are_the_unit_of_a_term_whose_price_is_per_week() -> None:
    """A term of 25 days at 70 a week: 25/7 x 70."""
    charge = recurring(70, "2024-05-01", billing_period="Subscription_Term", list_price_base="Per_Week")
    assert billed(subscription(charge, end="2024-05-26"), "2024-05-01") == ["2024-05-01…2024-05-25 250.00"]


@pytest.mark.rule("2.2 Subscription_Term")
def test_an_evergreen_subscription_has_no_term_to_be_billed_by() -> None:
    charge = recurring(100, "2024-05-01", billing_period="Subscription_Term", list_price_base="Per_Month")
    result = answer(subscription(charge, term_type="EVERGREEN"), "2024-05-01", including_evergreen_subscription=True)
    assert [(error.code, error.field, error.charge_number) for error in result.errors] == [
        ("INVALID_PERIOD", "billingPeriod", "C-1")
    ]


@pytest.mark.rule("2.2 Subscription_Term")
def test_1200_a_year_for_a_term_of_6_months_is_600() -> None:
    charge = recurring(1200, "2024-05-01", billing_period="Subscription_Term", list_price_base="Per_Year")
    assert billed(subscription(charge, end="2024-11-01"), "2024-05-01") == ["2024-05-01…2024-10-31 600.00"]


@pytest.mark.rule("2.2 Per_Specific_Months")
@pytest.mark.parametrize(("months", "amount"), [(1, "100.00"), (200, "0.50")])
def test_100_per_1_to_200_months_billed_monthly(months: int, amount: str) -> None:
    charge = recurring(100, "2024-01-01", list_price_base="Per_Specific_Months", specific_list_price_base=months)
    assert billed(charge, "2024-01-01") == [f"2024-01-01…2024-01-31 {amount}"]


@pytest.mark.rule("2.2 Per_Validity_Period")
def test_a_validity_period_may_be_a_month_or_as_long_as_the_specific_billing_period() -> None:
    a_month = recurring(10, "2024-01-01", list_price_base="Per_Validity_Period", validity_period="MONTH")
    assert billed(a_month, "2024-01-01") == ["2024-01-01…2024-01-31 10.00"]
    two_months = replace(
        a_month, billing_period="Specific_Months", specific_billing_period=2, validity_period="SPECIFIC_MONTHS"
    )
    assert billed(two_months, "2024-01-01") == ["2024-01-01…2024-02-29 10.00"]


@pytest.mark.rule("2.2 Per_Validity_Period")
def test_an_evergreen_subscription_has_no_term_to_be_valid_for() -> None:
    charge = recurring(120, "2024-01-31", list_price_base="Per_Validity_Period", validity_period="SUBSCRIPTION_TERM")
    result = answer(evergreen(charge), "2024-01-31", bill_cycle_day=31, including_evergreen_subscription=True)
    assert [(error.code, error.field) for error in result.errors] == [("INVALID_VALIDITY_PERIOD", "validityPeriodType")]


@pytest.mark.parametrize("months", [0, 201, None])
def test_specific_months_of_a_list_price_are_1_to_200(months: int | None) -> None:
    charge = recurring(100, "2024-01-01", list_price_base="Per_Specific_Months", specific_list_price_base=months)
    assert [(error.code, error.field) for error in answer(charge, "2024-01-01").errors] == [
        ("INVALID_LIST_PRICE_BASE", "specificListPriceBase")
    ]


@pytest.mark.parametrize("base", ["Per_Month", "Per_Year", "Per_Specific_Months"])
def test_a_price_per_month_does_not_fit_a_week(base: str) -> None:
    charge = recurring(100, "2024-01-01", billing_period="Week", list_price_base=base, specific_list_price_base=3)
    assert [(error.code, error.field) for error in answer(charge, "2024-01-01").errors] == [
        ("UNSUPPORTED_LIST_PRICE_BASE", "listPriceBase")
    ]


@pytest.mark.rule("2.2 Per_Validity_Period")
def test_a_term_of_days_is_not_a_validity_period() -> None:
    charge = recurring(120, "2024-01-01", list_price_base="Per_Validity_Period", validity_period="SUBSCRIPTION_TERM")
    result = answer(subscription(charge, end="2024-07-15"), "2024-01-01")
    assert [(error.code, error.field) for error in result.errors] == [("INVALID_VALIDITY_PERIOD", "validityPeriodType")]
