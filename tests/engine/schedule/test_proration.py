"""The price of a part of a period, and which parts are billed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from soapsvc.engine.schedule.proration import days_30_360
from tests.support.building import answer, billed, recurring, segments, sound, subscription

ACTUAL, THIRTY, STRICT = "UseActualDays", "Assume30Days", "Assume30DaysStrict"


def rules(days: str = ACTUAL, month_first: bool = False, **further: Any) -> dict[str, Any]:
    return {
        "days_in_month": days,
        "proration_unit": "ProrateByMonthFirst" if month_first else "ProrateByDay",
        **further,
    }


@pytest.mark.rule("7.2 single month")
@pytest.mark.parametrize(
    ("start", "end", "actual", "thirty", "strict"),
    [
        ("2021-01-27", "2021-02-01", "5.00", "5.17", "4.13"),  # 5/31, 5/30, 4/30 of 31
        ("2021-02-27", "2021-03-01", "2.21", "2.07", "4.13"),  # 2/28, 2/30, 4/30
        ("2021-04-21", "2021-04-30", "9.30", "9.30", "9.30"),  # 9/30 each
        ("2021-07-01", "2021-07-10", "9.00", "9.30", "9.30"),  # 9/31, 9/30, 9/30
        ("2020-02-01", "2020-03-01", "31.00", "31.00", "31.00"),  # a whole month
    ],
)
def test_31_a_month_for_a_part_of_a_month(start: str, end: str, actual: str, thirty: str, strict: str) -> None:
    charge = recurring(31, start, end)
    for days, amount in ((ACTUAL, actual), (THIRTY, thirty), (STRICT, strict)):
        assert [line.split()[1] for line in billed(charge, end, rules=rules(days))] == [amount], days


@pytest.mark.rule("7.2 single month")
@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("2021-01-27", "2021-01-31", 4),
        ("2021-02-27", "2021-02-28", 4),
        ("2020-02-01", "2020-02-29", 30),
        ("2021-04-21", "2021-04-29", 9),
        ("2021-01-31", "2021-01-31", 1),
        ("2021-01-16", "2021-03-31", 75),
        ("2020-12-20", "2021-01-10", 21),
        ("2021-03-01", "2021-03-30", 30),
    ],
)
def test_days_when_every_month_has_30(first: str, last: str, days: int) -> None:
    end = date.fromordinal(date.fromisoformat(last).toordinal() + 1)
    assert days_30_360(date.fromisoformat(first), end) == days


@pytest.mark.rule("7.2 bill cycle month")
def test_the_denominator_is_the_bill_cycle_month_not_the_calendar_month() -> None:
    """
    Bill day 17: Dec 1 … Dec 16 lies in the month from Nov 17, which has 30 days, not in a December of 31.

    Nov 17     Dec 1       Dec 17
      |----------|-- 16/30 --|
    """
    parts = segments(
        recurring("11.99", "2024-11-17", billing_day="SpecificDayofMonth(17th)"),
        recurring("14.99", "2024-12-01", billing_day="SpecificDayofMonth(17th)"),
    )
    assert [line.split()[1] for line in billed(parts, "2024-12-01")] == ["5.60", "7.99"]


@pytest.mark.rule("7.2 bill cycle month")
def test_50_a_month_on_the_16th_has_stubs_of_15_of_31_and_13_of_28_days() -> None:
    """
    Dec 16   Jan 1      Jan 16      Feb 16     Mar 1   Mar 16
      :........|- 15/31 --|--- 50 ----|- 13/28 --|.......:
    """
    charge = recurring(5, "2021-01-01", model="PerUnit", quantity=10, billing_day="SpecificDayofMonth(16th)")
    assert billed(subscription(charge, end="2021-03-01"), "2021-03-01") == [
        "2021-01-01…2021-01-15 24.19",
        "2021-01-16…2021-02-15 50.00",
        "2021-02-16…2021-02-28 23.21",
    ]


@pytest.mark.rule("7.2 denominator switch")
@pytest.mark.parametrize(("denominator", "amount"), [("BillCycleMonth", "22.58"), ("PieceMonth", "24.14")])
def test_a_leading_stub_may_be_measured_by_the_month_that_begins_with_it(denominator: str, amount: str) -> None:
    """
    50 a month on the 15th from Feb 1 2024: 14 of 31 days of the month from Jan 15, or 14 of 29 of that from Feb 1.
    """
    charge = recurring(50, "2024-02-01", billing_day="SpecificDayofMonth(15th)")
    lines = billed(charge, "2024-02-15", rules=rules(partial_month_denominator=denominator))
    assert lines == [f"2024-02-01…2024-02-14 {amount}", "2024-02-15…2024-03-14 50.00"]


@pytest.mark.rule("7.2 denominator switch")
def test_the_month_that_begins_with_a_piece_counts_whole_months_first() -> None:
    """A quarter's stub Jan 16 … Mar 31 from its own start: two months to Mar 16, and 16 of 31 days."""
    charge = recurring(300, "2018-01-16", billing_period="Quarter", billing_period_alignment="AlignToSubscriptionStart")
    terms = subscription(charge, start="2018-01-01")
    piece_month = rules(month_first=True, partial_month_denominator="PieceMonth")
    assert billed(terms, "2018-01-16", rules=piece_month) == ["2018-01-16…2018-03-31 251.61"]


@pytest.mark.rule("7.2 month first")
@pytest.mark.parametrize(("days", "amount"), [(THIRTY, "253.33"), (ACTUAL, "251.61"), (STRICT, "250.00")])
def test_two_months_and_16_days_of_a_quarter_at_100_a_month(days: str, amount: str) -> None:
    """
    Jan 1   Jan 16    Feb 1     Mar 1     Apr 1
      :.......|- 16 d --|-- 100 --|-- 100 --|     16/30, 16/31, and 15/30 by 30/360
    """
    charge = recurring(
        100,
        "2018-01-16",
        model="PerUnit",
        quantity=1,
        billing_period="Quarter",
        billing_period_alignment="AlignToSubscriptionStart",
        list_price_base="Per_Month",
    )
    terms = subscription(charge, start="2018-01-01")
    assert billed(terms, "2018-02-01", rules=rules(days, month_first=True)) == [f"2018-01-16…2018-03-31 {amount}"]


@pytest.mark.rule("7.2 month first and by day")
@pytest.mark.parametrize(
    ("days", "month_first", "amount"),
    [
        (THIRTY, True, "560.00"),  # 5 months and 18/30
        (ACTUAL, True, "558.06"),  # 5 months and 18/31
        (STRICT, True, "556.67"),  # 5 months and 17/30
        (THIRTY, False, "570.00"),  # 171/360
        (ACTUAL, False, "562.19"),  # 171/365
        (STRICT, False, "556.67"),  # 167/360
    ],
)
def test_1200_a_year_from_jul_14_to_the_end_of_the_year(days: str, month_first: bool, amount: str) -> None:
    charge = recurring(
        1200,
        "2018-07-14",
        model="PerUnit",
        quantity=1,
        billing_period="Annual",
        billing_day="SubscriptionStartDay",
        billing_period_alignment="AlignToTermStart",
    )
    terms = subscription(charge, start="2018-01-01")
    assert billed(terms, "2018-12-31", rules=rules(days, month_first)) == [f"2018-07-14…2018-12-31 {amount}"]


@pytest.mark.rule("7.2 month first")
def test_a_piece_that_touches_neither_end_of_its_quarter_sums_its_months() -> None:
    """
    Jan 1  Jan 20     Feb 1     Mar 1  Mar 11    Apr 1
      :......|- 12/31 --|-- 1 ----|- 10/31 -|......:
    """
    parts = segments(
        recurring(0, "2018-01-01", billing_period="Quarter"),
        recurring(300, "2018-01-20", billing_period="Quarter"),
        recurring(0, "2018-03-11", billing_period="Quarter"),
    )
    lines = billed(parts, "2018-03-11", rules=rules(month_first=True))
    assert lines[1] == "2018-01-20…2018-03-10 170.97"


@pytest.mark.rule("7.2 never above the full price")
def test_91_days_of_a_quarter_of_90_days_cost_the_quarter() -> None:
    charge = recurring(300, "2018-07-02", billing_period="Quarter", billing_period_alignment="AlignToSubscriptionStart")
    terms = subscription(charge, start="2018-07-01")
    assert billed(terms, "2018-07-02", rules=rules(THIRTY)) == ["2018-07-02…2018-09-30 300.00"]


@pytest.mark.rule("7.2 single month")
@pytest.mark.parametrize(("days", "amount"), [(ACTUAL, "45.16"), (THIRTY, "46.67")])
def test_100_a_month_on_the_15th_begins_with_14_days(days: str, amount: str) -> None:
    charge = recurring(100, "2018-01-01", billing_day="SpecificDayofMonth(15th)", list_price_base="Per_Month")
    assert billed(charge, "2018-02-14", rules=rules(days)) == [
        f"2018-01-01…2018-01-14 {amount}",
        "2018-01-15…2018-02-14 100.00",
    ]


@pytest.mark.rule("7.2 single month")
def test_1000_a_month_from_may_23_to_sep_30_is_4290_32() -> None:
    """9/31 x 1000 + 4 x 1000."""
    lines = billed(subscription(recurring(1000, "2019-05-23"), end="2019-10-01"), "2019-12-31")
    assert [line.split()[1] for line in lines] == ["290.32", "1000.00", "1000.00", "1000.00", "1000.00"]


@pytest.mark.rule("7.2 weeks")
@pytest.mark.parametrize(
    ("past_end", "last"), [(False, "2018-01-31…2018-02-04 71.43"), (True, "2018-01-31…2018-02-06 100.00")]
)
def test_100_a_week_on_wednesdays_for_five_weeks_from_a_monday(past_end: bool, last: str) -> None:
    """
    Mon 1  Wed 3     Wed 10   Wed 17   Wed 24   Wed 31   Mon 5 Feb
      |-2/7-|-- 100 --|- 100 --|- 100 --|- 100 --|- 5/7 --:
    """
    charge = recurring(100, "2018-01-01", billing_period="Week", billing_day="SpecificDayofWeek/wednesday")
    lines = billed(
        subscription(charge, end="2018-02-05"),
        "2018-01-31",
        rules=rules(invoice_past_end_of_term_auto_renew_off=past_end),
    )
    assert [line.split()[1] for line in lines[:5]] == ["28.57", "100.00", "100.00", "100.00", "100.00"]
    assert lines[5:] == [last]


MONTHLY = subscription(recurring(30, "2018-11-10"), end="2019-03-21")
QUARTERLY = subscription(recurring(90, "2018-07-15", billing_period="Quarter"), end="2019-03-16")

MONTH_WHOLE = [
    "2018-12-01…2018-12-31 30.00",
    "2019-01-01…2019-01-31 30.00",
    "2019-02-01…2019-02-28 30.00",
    "2019-03-01…2019-03-31 30.00",
]
QUARTER_WHOLE = ["2018-08-01…2018-10-31 90.00", "2018-11-01…2019-01-31 90.00"]


@pytest.mark.rule("7.4 which stubs are billed")
@pytest.mark.parametrize(
    ("partial_month", "partial_period", "expected"),
    [
        (
            True,
            True,
            [
                "2018-11-10…2018-11-30 21.00",  # 21/30
                *MONTH_WHOLE[:3],
                "2019-03-01…2019-03-20 19.35",  # 20/31
            ],
        ),
        (False, True, MONTH_WHOLE),
        (False, False, MONTH_WHOLE),
    ],
)
def test_stubs_of_months(partial_month: bool, partial_period: bool, expected: list[str]) -> None:
    """
    Nov 10   Dec 1     Jan 1     Feb 1     Mar 1   Mar 21  Apr 1
      |- stub -|-- 30 ---|-- 30 ---|-- 30 ---|- stub -|.....:

    Without partial months the first stub is not billed, and the last one becomes its whole month.
    """
    switches = {"bill_recurring_partial_month": partial_month, "prorate_recurring_partial_period": partial_period}
    assert billed(MONTHLY, "2019-03-31", rules=rules(**switches)) == expected


@pytest.mark.rule("7.4 which stubs are billed")
@pytest.mark.parametrize(
    ("partial_month", "partial_period", "expected"),
    [
        (
            True,
            True,
            [
                "2018-07-15…2018-07-31 16.45",  # 30 x 17/31
                *QUARTER_WHOLE,
                "2019-02-01…2019-03-15 44.52",  # 30 x (1 + 15/31)
            ],
        ),
        (False, True, [*QUARTER_WHOLE, "2019-02-01…2019-03-31 60.00"]),
        (False, False, [*QUARTER_WHOLE, "2019-02-01…2019-04-30 90.00"]),
    ],
)
def test_stubs_of_quarters(partial_month: bool, partial_period: bool, expected: list[str]) -> None:
    """
    Jul 15  Aug 1         Nov 1         Feb 1          Mar 16   May 1
      |- stub -|-- quarter --|-- quarter --|-- stub -------|......:

    The last stub becomes its whole months, or the whole quarter.
    """
    switches = {"bill_recurring_partial_month": partial_month, "prorate_recurring_partial_period": partial_period}
    assert billed(QUARTERLY, "2019-04-30", rules=rules(month_first=True, **switches)) == expected


@pytest.mark.rule("7.4 leading stub with whole months")
@pytest.mark.parametrize(
    ("partial_period", "expected"),
    [
        (True, ["2018-02-01…2018-03-31 200.00", "2018-04-01…2018-06-30 300.00"]),
        (False, ["2018-04-01…2018-06-30 300.00"]),
    ],
)
def test_a_first_stub_of_two_months_and_16_days_bills_the_two_months(partial_period: bool, expected: list[str]) -> None:
    """
    Jan 1  Jan 16   Feb 1                 Apr 1
      :......|(none)--|-- 100 ---|-- 100 --|-- 300 …
    """
    charge = recurring(300, "2018-01-16", billing_period="Quarter", billing_period_alignment="AlignToSubscriptionStart")
    terms = subscription(charge, start="2018-01-01")
    switches = {"bill_recurring_partial_month": False, "prorate_recurring_partial_period": partial_period}
    assert billed(terms, "2018-04-01", rules=rules(month_first=True, **switches)) == expected


@pytest.mark.rule("7.4 which stubs are billed")
def test_a_charge_inside_one_month_has_no_stub_worth_billing() -> None:
    """It starts and ends inside January: without partial months, its first stub is not billed."""
    charge = recurring(31, "2024-01-10", "2024-01-20")
    assert billed(charge, "2024-12-31", rules=rules(bill_recurring_partial_month=False)) == []


@pytest.mark.rule("7.4 which stubs are billed")
def test_a_price_change_makes_no_stub() -> None:
    """
    Without partial months: the price change on Mar 15 inside the charge still splits March by days.
    """
    parts = segments(recurring(31, "2024-03-01"), recurring(62, "2024-03-15"))
    assert billed(parts, "2024-03-31", rules=rules(bill_recurring_partial_month=False)) == [
        "2024-03-01…2024-03-14 14.00",
        "2024-03-15…2024-03-31 34.00",
    ]


@pytest.mark.rule("7.4 partial weeks")
@pytest.mark.parametrize(
    ("partial_week", "expected"),
    [
        (
            True,
            [
                "2018-01-01…2018-01-02 28.57",
                "2018-01-03…2018-01-09 100.00",
                "2018-01-10…2018-01-16 100.00",
                "2018-01-17…2018-01-23 100.00",
                "2018-01-24…2018-01-28 71.43",
            ],
        ),
        (
            False,
            [
                "2018-01-03…2018-01-09 100.00",
                "2018-01-10…2018-01-16 100.00",
                "2018-01-17…2018-01-23 100.00",
            ],
        ),
    ],
)
def test_partial_weeks_are_billed_or_dropped_at_both_ends(partial_week: bool, expected: list[str]) -> None:
    charge = recurring(100, "2018-01-01", billing_period="Week", billing_day="SpecificDayofWeek/wednesday")
    terms = subscription(charge, end="2018-01-29")
    assert billed(terms, "2018-01-31", rules=rules(bill_recurring_partial_week=partial_week)) == expected


@pytest.mark.rule("7.4 partial weeks")
def test_the_rule_on_weeks_does_not_touch_specific_days() -> None:
    charge = recurring(50, "2024-01-05", billing_period="Specific_Days", specific_billing_period=10)
    lines = billed(subscription(charge, end="2024-01-30"), "2024-02-01", rules=rules(bill_recurring_partial_week=False))
    assert lines[-1] == "2024-01-25…2024-01-29 25.00"


@pytest.mark.rule("7.4 partial weeks")
@pytest.mark.parametrize(
    ("period", "length", "last"),
    [
        ("Specific_Days", 20, "2024-03-01…2024-03-04 20.00"),
        ("Specific_Days", 21, "2024-03-04…2024-03-04 4.76"),
        ("Specific_Days", 7, "2024-03-04…2024-03-04 14.29"),
        ("Specific_Weeks", 3, "2024-02-12…2024-03-03 100.00"),
        ("Week", None, "2024-02-26…2024-03-03 100.00"),
    ],
)
def test_21_days_are_days_and_no_weeks_whose_last_part_would_be_dropped(
    period: str, length: int | None, last: str
) -> None:
    """100 for each period from Monday January 1 to March 5, without partial weeks: 100 x 4/20, x 1/21, x 1/7."""
    charge = recurring(100, "2024-01-01", "2024-03-05", billing_period=period, specific_billing_period=length)
    assert billed(charge, "2024-12-31", rules=rules(bill_recurring_partial_week=False))[-1] == last


@pytest.mark.rule("7.4 partial weeks")
@pytest.mark.parametrize(
    ("period", "length", "first"),
    [
        ("Specific_Days", 10, "2024-01-08…2024-01-10 30.00"),
        ("Specific_Days", 14, "2024-01-08…2024-01-14 50.00"),
        ("Specific_Weeks", 2, "2024-01-15…2024-01-28 100.00"),
    ],
)
def test_a_first_stub_of_14_days_is_billed_too(period: str, length: int, first: str) -> None:
    """Periods lie from January 1 on; the charge begins on January 8: 100 x 3/10, 100 x 7/14."""
    charge = recurring(
        100, "2024-01-08", billing_period=period, specific_billing_period=length,
        billing_period_alignment="AlignToSubscriptionStart",
    )  # fmt: skip
    terms = subscription(charge, start="2024-01-01")
    assert billed(terms, "2024-01-31", rules=rules(bill_recurring_partial_week=False))[0] == first


@pytest.mark.rule("7.1 charge overrides")
def test_a_charge_may_bill_full_periods_for_its_stubs() -> None:
    """ChargeFullPeriod: the stub from Jan 16 costs a whole month, and keeps its name."""
    charge = recurring(
        30, "2024-01-16", billing_period_alignment="AlignToTermStart", proration_option="ChargeFullPeriod", name="Plan"
    )
    assert billed(charge, "2024-02-01", rules=rules(bill_recurring_partial_month=False)) == [
        "2024-01-16…2024-01-31 30.00",
        "2024-02-01…2024-02-29 30.00",
    ]


@pytest.mark.rule("7.1 charge overrides")
@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({}, "2018-01-16…2018-03-31 250.00"),  # the tenant's: 300 x 75/90
        ({"proration_unit": "ProrateByMonthFirst"}, "2018-01-16…2018-03-31 251.61"),
        ({"days_in_month": THIRTY}, "2018-01-16…2018-03-31 250.00"),
        ({"proration_unit": "ProrateByMonthFirst", "days_in_month": THIRTY}, "2018-01-16…2018-03-31 253.33"),
        ({"is_prorate_partial_month": False}, "2018-02-01…2018-03-31 196.67"),  # 300 x 59/90
        ({"is_prorate_partial_month": True}, "2018-01-16…2018-03-31 250.00"),
    ],
)
def test_a_charge_may_have_proration_rules_of_its_own(overrides: dict[str, Any], expected: str) -> None:
    charge = recurring(
        300,
        "2018-01-16",
        billing_period="Quarter",
        billing_period_alignment="AlignToSubscriptionStart",
        proration_option="CustomizeProrationOptionOverrides",
        **overrides,
    )
    assert billed(subscription(charge, start="2018-01-01"), "2018-02-01") == [expected]


@pytest.mark.rule("7.1 charge overrides")
def test_overrides_count_only_where_the_charge_says_that_it_has_some() -> None:
    charge = recurring(31, "2024-01-16", days_in_month=THIRTY, proration_option="DefaultFromTenantSetting")
    assert billed(charge, "2024-01-16") == ["2024-01-16…2024-01-31 16.00"]


@pytest.mark.rule("7.1 prepayments")
def test_a_prepayment_is_never_prorated() -> None:
    charge = recurring(30, "2024-01-16", attributes={"chargeFunction": "Prepayment"})
    assert billed(charge, "2024-01-16") == ["2024-01-16…2024-01-31 30.00"]


@pytest.mark.rule("7.5 names")
@pytest.mark.parametrize(("suffixes", "names"), [(True, ["Plan -- Proration", "Plan"]), (False, ["Plan", "Plan"])])
def test_a_prorated_item_has_the_suffix_proration(suffixes: bool, names: list[str]) -> None:
    charge = recurring(31, "2024-01-16", name="Plan")
    items = answer(charge, "2024-02-01", rules=rules(proration_suffixes=suffixes)).items()
    assert [item.charge_name for item in items] == names


@pytest.mark.parametrize(
    ("rule", "value", "field"),
    [
        ("days_in_month", "Assume31Days", "billing_rules.daysInMonth"),
        ("proration_unit", "ProrateByMoon", "billing_rules.prorationUnit"),
        ("partial_month_denominator", "Whatever", "billing_rules.partialMonthDenominator"),
    ],
)
def test_an_unknown_rule_is_named(rule: str, value: str, field: str) -> None:
    result = answer(recurring(10, "2024-01-16"), "2024-01-16", rules={rule: value})
    assert [(error.code, error.field) for error in result.errors] == [("UNKNOWN_VALUE", field)]


@pytest.mark.rule("7.4 which stubs are billed")
def test_a_last_stub_that_ends_with_a_month_stays_as_it_is() -> None:
    """
    A quarter from Feb 1 that ends on Apr 1: two whole months, nothing to widen.
    """
    charge = recurring(90, "2024-02-01", billing_period="Quarter")
    lines = billed(
        subscription(charge, end="2024-04-01"),
        "2024-02-01",
        rules=rules(month_first=True, bill_recurring_partial_month=False),
    )
    assert lines == ["2024-02-01…2024-03-31 60.00"]


@pytest.mark.rule("7.1 prepayments")
@pytest.mark.parametrize(
    ("base", "price", "amount"),
    [("Per_Month", 2000, "12000.00"), ("Per_Year", 24000, "12000.00"), ("Per_Week", 700, "18200.00")],
)
@pytest.mark.parametrize("until", ["2024-05-01", "2024-04-01"])
def test_a_prepayment_for_the_term_costs_the_whole_term_wherever_in_it_it_begins_or_ends(
    base: str, price: int, amount: str, until: str
) -> None:
    """
    2000 a month for a term of six months, from its fourth month on: a billed invoice has 12000. 182 days are 26 weeks.

    Nov 1 2023          Feb 1 2024        May 1
      |....................[==== 6 x 2000 ===)
    """
    charge = recurring(
        price,
        "2024-02-01",
        until,
        billing_period="Subscription_Term",
        list_price_base=base,
        billing_day="TermStartDay",
        billing_period_alignment="AlignToTermStart",
        attributes={"chargeFunction": "Prepayment"},
    )
    terms = subscription(charge, start="2023-11-01", end="2024-05-01")
    (item,) = sound(answer(terms, "2024-02-01", explain=True)).items()
    assert f"{item.amount:f}" == amount
    assert item.trace is not None
    assert f"{item.trace.steps[-1].value * price}" == amount.removesuffix(".00")


@pytest.mark.rule("7.1 prepayments")
@pytest.mark.parametrize("attributes", [{"chargeFunction": "Prepayment"}, {"prepaidOperationType": "topup"}])
def test_weeks_of_a_month_are_not_cut_for_a_prepayment_either(attributes: dict[str, str]) -> None:
    """7 a week, billed monthly from Jan 16 on: the 31 days of January."""
    charge = recurring(7, "2024-01-16", list_price_base="Per_Week", attributes=attributes)
    assert billed(charge, "2024-01-31") == ["2024-01-16…2024-01-31 31.00"]


@pytest.mark.rule("7.1 prepayments")
def test_that_a_prepayment_is_not_prorated_is_explained() -> None:
    charge = recurring(30, "2024-01-16", attributes={"chargeFunction": "Prepayment"})
    (item,) = answer(charge, "2024-01-16", explain=True).items()
    assert item.trace is not None
    assert list(item.trace.lines())[1] == "proration: a prepayment is not prorated = 1  (Prepayment charge)"


@pytest.mark.rule("7.4 which stubs are billed")
def test_a_month_in_which_the_price_changes_has_two_parts_under_any_rule_on_stubs() -> None:
    """
    Jan 1              Jan 16            Feb 1
      |-- 15/31 of 31 ---|-- 16/31 of 62 --|
    """
    parts = segments(recurring(31, "2024-01-01"), recurring(62, "2024-01-16"))
    drop_stubs = rules(bill_recurring_partial_month=False, prorate_recurring_partial_period=False)
    assert billed(subscription(*parts), "2024-01-16", rules=drop_stubs) == [
        "2024-01-01…2024-01-15 15.00",
        "2024-01-16…2024-01-31 32.00",
    ]


@pytest.mark.rule("7.5 credits")
def test_the_credit_is_the_billed_half_month_though_the_rules_would_widen_it() -> None:
    charge = recurring(31, "2024-01-01", "2024-01-01", charged_through_date="2024-01-16")
    widen = rules(bill_recurring_partial_month=False)
    assert billed(subscription(charge, end="2025-01-01"), "2024-01-16", rules=widen) == ["2024-01-01…2024-01-15 -15.00"]


@pytest.mark.rule("7.5 credits")
def test_a_later_segment_is_credited_its_first_half_month_too() -> None:
    """Billed: 15 to Jan 16 and 32 from then on. The second segment is removed; the rules would drop a stub."""
    parts = segments(
        recurring(31, "2024-01-01", charged_through_date="2024-01-16"),
        recurring(62, "2024-01-16", "2024-01-16", charged_through_date="2024-02-01"),
    )
    drop_stubs = rules(bill_recurring_partial_month=False, prorate_recurring_partial_period=False)
    assert billed(subscription(*parts, end="2025-01-01"), "2024-01-31", rules=drop_stubs) == [
        "2024-01-16…2024-01-31 -32.00"
    ]


@pytest.mark.rule("7.5 names")
def test_a_stub_that_costs_a_full_period_is_not_named_a_proration() -> None:
    charge = recurring(31, "2024-01-16", name="Plan", proration_option="ChargeFullPeriod")
    items = answer(charge, "2024-02-01", rules=rules(proration_suffixes=True)).items()
    assert [(item.charge_name, item.amount) for item in items] == [("Plan", 31), ("Plan", 31)]


@pytest.mark.rule("7.1 charge overrides")
@pytest.mark.parametrize("option", ["CustomizeProrationOptionOverrides", "CustomizeProrationOptionsOverrides"])
def test_a_charge_of_its_own_rules_16_of_30_days_in_either_spelling(option: str) -> None:
    charge = recurring(30, "2024-01-16", proration_option=option, days_in_month=THIRTY)
    assert billed(charge, "2024-01-16", rules=rules()) == ["2024-01-16…2024-01-31 16.00"]


@pytest.mark.rule("7.4 which stubs are billed")
def test_a_charge_that_is_billed_to_its_start_has_not_been_billed_so_its_stub_is_dropped() -> None:
    charge = recurring(31, "2024-01-16", charged_through_date="2024-01-16")
    drop_stubs = rules(bill_recurring_partial_month=False, prorate_recurring_partial_period=False)
    assert billed(charge, "2024-02-01", rules=drop_stubs) == ["2024-02-01…2024-02-29 31.00"]
