"""Where billing periods lie: lengths, bill days, short months, alignment, and a bill cycle day that was changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from soapsvc.engine.account import Charge
from soapsvc.engine.errors import RatingError
from soapsvc.engine.schedule import DayGrid, ListGrid, add_months, start_of
from soapsvc.engine.schedule.calendar import Grid, MonthGrid
from tests.support.building import account, amount_off, answer, billed, evergreen, one_time, recurring, subscription
from tests.support.rating import problem

MONTH_FIRST = {"proration_unit": "ProrateByMonthFirst"}


def spans(lines: list[str]) -> list[str]:
    return [line.split()[0] for line in lines]


@pytest.mark.rule("2.1 period lengths")
@pytest.mark.parametrize(
    ("period", "boundaries"),
    [
        ("Month", ["2024-01-01…2024-01-31", "2024-02-01…2024-02-29"]),
        ("Quarter", ["2024-01-01…2024-03-31", "2024-04-01…2024-06-30"]),
        ("Semi_Annual", ["2024-01-01…2024-06-30", "2024-07-01…2024-12-31"]),
        ("Annual", ["2024-01-01…2024-12-31", "2025-01-01…2025-12-31"]),
        ("Eighteen_Months", ["2024-01-01…2025-06-30", "2025-07-01…2026-12-31"]),
        ("Two_Years", ["2024-01-01…2025-12-31", "2026-01-01…2027-12-31"]),
        ("Three_Years", ["2024-01-01…2026-12-31", "2027-01-01…2029-12-31"]),
        ("Five_Years", ["2024-01-01…2028-12-31", "2029-01-01…2033-12-31"]),
        ("Week", ["2024-01-01…2024-01-07", "2024-01-08…2024-01-14"]),
    ],
)
def test_two_full_periods(period: str, boundaries: list[str]) -> None:
    charge = recurring(10, "2024-01-01", billing_period=period)
    second = boundaries[1][:10]
    assert spans(billed(subscription(charge, end="2044-01-01"), second)) == boundaries


@pytest.mark.rule("2.1 period lengths")
@pytest.mark.parametrize(
    ("period", "count", "boundaries"),
    [
        ("Specific_Months", 5, ["2024-01-01…2024-05-31", "2024-06-01…2024-10-31"]),
        ("Specific_Weeks", 3, ["2024-01-01…2024-01-21", "2024-01-22…2024-02-11"]),
        ("Specific_Days", 10, ["2024-01-01…2024-01-10", "2024-01-11…2024-01-20"]),
    ],
)
def test_two_full_periods_of_a_specific_length(period: str, count: int, boundaries: list[str]) -> None:
    charge = recurring(10, "2024-01-01", billing_period=period, specific_billing_period=count)
    assert spans(billed(charge, boundaries[1][:10])) == boundaries


@pytest.mark.rule("2.1 period lengths")
@pytest.mark.parametrize("spelling", ["Semi_Annual", "Semi-Annual", "semi annual", "SemiAnnual"])
def test_the_spelling_of_a_period_does_not_matter(spelling: str) -> None:
    charge = recurring(10, "2024-01-01", billing_period=spelling)
    assert billed(charge, "2024-01-01") == ["2024-01-01…2024-06-30 10.00"]


@pytest.mark.rule("2.1 Specific_Days")
def test_a_stub_of_specific_days_is_5_of_10_days() -> None:
    """
    Jan 5       Jan 15      Jan 25 Jan 30
      |-- 10 d --|-- 10 d --|-5 d-|            specific days have no bill day
    """
    charge = recurring(50, "2024-01-05", billing_period="Specific_Days", specific_billing_period=10)
    assert billed(subscription(charge, end="2024-01-30"), "2024-02-01") == [
        "2024-01-05…2024-01-14 50.00",
        "2024-01-15…2024-01-24 50.00",
        "2024-01-25…2024-01-29 25.00",
    ]


@pytest.mark.rule("2.1 Specific_Days")
def test_specific_days_follow_the_alignment_alone() -> None:
    """The grid counts from the subscription's start, Jan 1: … Jan 11, Jan 21; the charge starts on Jan 5."""
    charge = recurring(
        50,
        "2024-01-05",
        billing_period="Specific_Days",
        specific_billing_period=10,
        billing_period_alignment="AlignToSubscriptionStart",
    )
    assert billed(subscription(charge, start="2024-01-01"), "2024-01-11") == [
        "2024-01-05…2024-01-10 30.00",
        "2024-01-11…2024-01-20 50.00",
    ]


@pytest.mark.rule("3.1 bill day")
@pytest.mark.parametrize(
    ("billing_day", "second"),
    [
        ("DefaultFromCustomer", "2024-02-07"),
        ("SpecificDayofMonth(20th)", "2024-01-20"),
        ("SpecificDayofMonth/31", "2024-01-31"),
        ("SpecificDayofMonth(first)", "2024-02-01"),
        ("SpecificDayofMonth(End of Month)", "2024-01-31"),
        ("SpecificDayofMonth(end of the month)", "2024-01-31"),
        ("SpecificDayofMonth(20th of the month)", "2024-01-20"),
        ("SpecificDayofMonth(first of the month)", "2024-02-01"),
        ("SpecificDayofMonth(last day of the month)", "2024-01-31"),
        ("SubscriptionStartDay", "2024-01-12"),
        ("ChargeTriggerDay", "2024-02-10"),
        ("TermStartDay", "2024-01-15"),
    ],
)
def test_the_day_on_which_periods_start(billing_day: str, second: str) -> None:
    """
    Bill cycle day 7; subscription from Jan 12 2023, term from the 15th, charge from Jan 10 2024.
    """
    charge = recurring(31, "2024-01-10", billing_day=billing_day)
    terms = subscription(
        charge,
        start="2023-01-15",
        end="2025-01-15",
        subscription_start_date="2023-01-12",
        contract_effective_date="2023-01-12",
    )
    assert [line[:10] for line in billed(terms, "2024-02-29", bill_cycle_day=7)][:2] == ["2024-01-10", second]


@pytest.mark.rule("3.1 bill day")
@pytest.mark.parametrize(
    ("word", "day"),
    [("first", 1), ("second", 2), ("third", 3), ("tenth", 10), ("twenty-first", 21), ("thirtieth", 30), ("22nd", 22)],
)
def test_a_specific_day_is_a_number_or_an_ordinal(word: str, day: int) -> None:
    charge = recurring(31, "2024-01-01", billing_day=f"SpecificDayofMonth({word})")
    assert f"2024-03-{day:02}" in [line[:10] for line in billed(charge, "2024-03-31")]


@pytest.mark.rule("3.1 bill day of a week")
@pytest.mark.parametrize(
    ("billing_day", "second"),
    [
        ("SpecificDayofWeek/monday", "2024-01-08"),
        ("SpecificDayofWeek/Sun", "2024-01-07"),
        ("SubscriptionStartDay", "2024-01-05"),  # a Friday
        ("TermStartDay", "2024-01-06"),  # a Saturday
        ("ChargeTriggerDay", "2024-01-10"),
        ("DefaultFromCustomer", "2024-01-10"),
    ],
)
def test_the_weekday_on_which_weeks_start(billing_day: str, second: str) -> None:
    """Subscription from Fri Dec 1 2023, term from Sat Dec 2, charge from Wed Jan 3 2024."""
    charge = recurring(70, "2024-01-03", billing_period="Week", billing_day=billing_day)
    weekly = subscription(charge, start="2023-12-02", subscription_start_date="2023-12-01")
    assert [line[:10] for line in billed(weekly, "2024-01-10")][:2] == ["2024-01-03", second]


@pytest.mark.rule("3.1 auto-set bill cycle day")
def test_an_account_without_a_bill_cycle_day_takes_that_of_its_first_recurring_charge() -> None:
    """The one-time charge of Jan 3 does not count; the first recurring one starts on the 12th."""
    charges = (
        one_time(5, "2024-01-03"),
        recurring(10, "2024-01-20", number="C-2"),
        recurring(10, "2024-01-12", number="C-1"),
    )
    assert billed(charges, "2024-01-31", bill_cycle_day=0) == [
        "2024-01-03 5.00",
        "2024-01-12…2024-02-11 10.00",
        "2024-01-20…2024-02-11 7.42",  # 23/31
    ]


@pytest.mark.rule("3.1 auto-set bill cycle day")
def test_an_account_without_recurring_charges_has_no_day_to_bill_usage_on() -> None:
    usage = Charge("C-U-1", "C-U", "Usage", "FlatFee", price=recurring(1, "2024-01-01").price, billing_period="Month",
                   effective_start_date=recurring(1, "2024-01-01").effective_start_date)  # fmt: skip
    result = answer(usage, "2024-02-01", bill_cycle_day=0)
    assert [(error.code, error.field) for error in result.errors] == [("INVALID_BILL_CYCLE_DAY", "billCycleDay")]


@pytest.mark.rule("3.2 short months")
def test_bill_day_31_is_the_last_day_of_every_month() -> None:
    charge = recurring(31, "2022-01-31")
    assert spans(billed(charge, "2022-04-30", bill_cycle_day=31)) == [
        "2022-01-31…2022-02-27",
        "2022-02-28…2022-03-30",
        "2022-03-31…2022-04-29",
        "2022-04-30…2022-05-30",
    ]


@pytest.mark.rule("3.2 short months")
def test_bill_day_30_is_back_on_the_30th_after_february() -> None:
    charge = recurring(30, "2026-01-30", billing_day="ChargeTriggerDay")
    assert spans(billed(charge, "2026-03-30")) == [
        "2026-01-30…2026-02-27",
        "2026-02-28…2026-03-29",
        "2026-03-30…2026-04-29",
    ]


@pytest.mark.rule("3.2 short months")
def test_the_anchor_survives_a_charged_through_date_at_the_end_of_february() -> None:
    charge = recurring(30, "2026-01-31", billing_day="ChargeTriggerDay", charged_through_date="2026-02-28")
    assert spans(billed(charge, "2026-03-31")) == ["2026-02-28…2026-03-30", "2026-03-31…2026-04-29"]


@pytest.mark.rule("3.2 short months")
def test_a_leap_day_anniversary_is_feb_28_in_other_years_and_feb_29_again() -> None:
    charge = recurring(12, "2024-02-29", billing_period="Annual", billing_day="ChargeTriggerDay")
    years = subscription(charge, end="2030-02-28")
    assert [line[:10] for line in billed(years, "2028-12-31")] == [
        "2024-02-29",
        "2025-02-28",
        "2026-02-28",
        "2027-02-28",
        "2028-02-29",
    ]


@pytest.mark.rule("3.3 AlignToCharge")
def test_aligned_to_the_charge_a_quarter_starts_on_the_first_bill_day() -> None:
    """
    Oct 20  Nov 1                 Feb 1
      |-stub-|------- quarter -------|
    """
    charge = recurring(300, "2023-10-20", billing_period="Quarter")
    assert billed(charge, "2023-11-01", rules=MONTH_FIRST) == [
        "2023-10-20…2023-10-31 38.71",  # 300/3 x 12/31
        "2023-11-01…2024-01-31 300.00",
    ]


@pytest.mark.rule("3.3 AlignToCharge")
def test_aligned_to_the_charge_a_week_starts_on_the_first_monday() -> None:
    charge = recurring(70, "2021-10-12", billing_period="Week", billing_day="SpecificDayofWeek/monday")
    assert billed(charge, "2021-10-18") == ["2021-10-12…2021-10-17 60.00", "2021-10-18…2021-10-24 70.00"]


@pytest.mark.rule("3.3 AlignToSubscriptionStart")
def test_aligned_to_the_subscription_all_charges_share_its_quarters() -> None:
    """
    Jun 15  Jul 1         Oct 1   Oct 20   Jan 1
      |-stub-|-- quarter --|-- quarter -----|--     charge A
                              [== stub =====|--     charge B
    """
    aligned = {"billing_period": "Quarter", "billing_period_alignment": "AlignToSubscriptionStart"}
    first = recurring(300, "2011-06-15", number="C-A", **aligned)
    second = recurring(300, "2011-10-20", number="C-B", **aligned)
    assert billed((first, second), "2012-01-01", rules=MONTH_FIRST) == [
        "2011-06-15…2011-06-30 53.33",
        "2011-07-01…2011-09-30 300.00",
        "2011-10-01…2011-12-31 300.00",
        "2012-01-01…2012-03-31 300.00",
        "2011-10-20…2011-12-31 238.71",  # 100 x (12/31 + 2)
        "2012-01-01…2012-03-31 300.00",
    ]


@pytest.mark.rule("3.3 AlignToSubscriptionStart")
def test_aligned_to_the_subscription_four_weeks_start_on_its_weekday() -> None:
    """Subscription from Mon Jan 1, charge from Thu Jan 4: 25 of 28 days, then four weeks from Mon Jan 29."""
    charge = recurring(
        280,
        "2018-01-04",
        billing_period="Specific_Weeks",
        specific_billing_period=4,
        billing_day="SubscriptionStartDay",
        billing_period_alignment="AlignToSubscriptionStart",
    )
    assert billed(subscription(charge, start="2018-01-01"), "2018-01-29") == [
        "2018-01-04…2018-01-28 250.00",
        "2018-01-29…2018-02-25 280.00",
    ]


@pytest.mark.rule("3.3 AlignToTermStart")
@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (
            "2018-01-01",
            ["2018-01-01…2018-01-31 100.00", "2018-02-01…2018-04-30 300.00", "2018-05-01…2018-07-31 300.00"],
        ),
        ("2018-02-01", ["2018-02-01…2018-04-30 300.00", "2018-05-01…2018-07-31 300.00"]),
    ],
)
def test_aligned_to_the_term_the_current_term_anchors_the_grid_backwards(start: str, expected: list[str]) -> None:
    """
    Jan 1  Feb 1      May 1      Aug 1     Nov 1 = start of the current term
      |-stub-|- quarter -|- quarter -|- quarter -|
    """
    charge = recurring(
        300,
        start,
        billing_period="Quarter",
        billing_day="SubscriptionStartDay",
        billing_period_alignment="AlignToTermStart",
    )
    renewed = subscription(charge, start="2018-11-01", end="2019-02-01", subscription_start_date="2018-01-01")
    assert billed(renewed, "2018-05-01", rules=MONTH_FIRST) == expected


@pytest.mark.rule("3.3 AlignToTermStart")
def test_aligned_to_the_term_two_weeks_start_on_the_first_monday_of_the_term() -> None:
    """The term starts on Thu Feb 1 2018; Mon Feb 5 anchors: … Jan 8, Jan 22, Feb 5."""
    charge = recurring(
        140,
        "2018-01-01",
        billing_period="Specific_Weeks",
        specific_billing_period=2,
        billing_day="SpecificDayofWeek/monday",
        billing_period_alignment="AlignToTermStart",
    )
    terms = subscription(charge, start="2018-02-01", end="2019-02-01", subscription_start_date="2018-01-01")
    assert billed(terms, "2018-02-05") == [
        "2018-01-01…2018-01-07 70.00",
        "2018-01-08…2018-01-21 140.00",
        "2018-01-22…2018-02-04 140.00",
        "2018-02-05…2018-02-18 140.00",
    ]


@pytest.mark.rule("3.3 AlignToTermEnd")
def test_aligned_to_the_end_of_the_term_the_grid_is_counted_backwards() -> None:
    """
    Jan 10     Feb 15        May 15        Aug 15 = end of the term
      |- stub -|-- quarter --|-- quarter --|
    """
    charge = recurring(
        300, "2024-01-10", billing_period="Quarter", billing_day="TermEndDay", billing_period_alignment="AlignToTermEnd"
    )
    terms = subscription(charge, end="2024-08-15")
    assert billed(terms, "2024-08-01", rules=MONTH_FIRST) == [
        "2024-01-10…2024-02-14 116.13",  # 100 x (5/31 + 1)
        "2024-02-15…2024-05-14 300.00",
        "2024-05-15…2024-08-14 300.00",
    ]


@pytest.mark.rule("3.3 alignment")
@pytest.mark.parametrize(
    "alignment", ["AlignToCharge", "AlignToSubscriptionStart", "AlignToTermStart", "AlignToTermEnd"]
)
def test_a_grid_of_single_months_is_the_same_for_every_alignment(alignment: str) -> None:
    charge = recurring(31, "2024-03-09", billing_period_alignment=alignment)
    terms = subscription(charge, start="2024-02-05", end="2025-02-05", subscription_start_date="2023-02-05")
    assert billed(terms, "2024-05-01", bill_cycle_day=20) == [
        "2024-03-09…2024-03-19 11.76",  # 31 x 11/29
        "2024-03-20…2024-04-19 31.00",
        "2024-04-20…2024-05-19 31.00",
    ]


@pytest.mark.rule("3.3 alignment under assumed renewals")
def test_a_renewed_term_of_4_months_anchors_its_own_quarters() -> None:
    """
    The term Jan 1 … May 1 is renewed for 4 months. A period runs on whole over the end of its term; the next term's
    grid (May 1, Aug 1) takes over where it ends.

    Jan 1        Apr 1  May 1      Jul 1 Aug 1
      |- quarter -|- quarter --------|stub|- quarter …
    """
    charge = recurring(90, "2024-01-01", billing_period="Quarter", billing_period_alignment="AlignToTermStart")
    terms = subscription(charge, end="2024-05-01", renewal_term=4, auto_renew=True)
    straddling = {"invoice_past_end_of_term_auto_renew_on": True, **MONTH_FIRST}
    assert billed(terms, "2024-08-01", renew="All", rules=straddling) == [
        "2024-01-01…2024-03-31 90.00",
        "2024-04-01…2024-06-30 90.00",
        "2024-07-01…2024-07-31 30.00",
        "2024-08-01…2024-10-31 90.00",
    ]


@pytest.mark.rule("3.4 changed bill cycle day")
def test_after_a_change_to_day_15_the_month_from_the_charged_through_date_has_29_days() -> None:
    """
    Billed to Feb 1 under bill cycle day 1, then changed to 15: 50 x 14/29 = 24.1379…

    Feb 1      Feb 15            Mar 15
      |- 14/29 -|------ month ------|
    """
    charge = recurring(5, "2024-01-01", model="PerUnit", quantity=10, charged_through_date="2024-02-01")
    assert billed(charge, "2024-02-15", bill_cycle_day=15) == [
        "2024-02-01…2024-02-14 24.14",
        "2024-02-15…2024-03-14 50.00",
    ]


@pytest.mark.rule("3.4 changed bill cycle day")
@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (15, ["2024-01-20…2024-02-14 25.16", "2024-02-15…2024-03-14 30.00"]),  # 30 x 26/31
        (25, ["2024-01-20…2024-01-24 4.84", "2024-01-25…2024-02-24 30.00"]),  # 30 x 5/31
    ],
)
def test_billing_up_to_the_20th_continues_to_the_next_new_bill_day(day: int, expected: list[str]) -> None:
    charge = recurring(30, "2023-12-20", charged_through_date="2024-01-20")
    assert billed(charge, "2024-02-15", bill_cycle_day=day) == expected


@pytest.mark.rule("3.4 changed bill cycle day")
@pytest.mark.parametrize(("unit", "stub"), [("ProrateByDay", "29.67"), ("ProrateByMonthFirst", "30.00")])
def test_the_stub_of_a_quarter_is_divided_by_the_quarter_of_the_new_bill_day(unit: str, stub: str) -> None:
    """
    300 a quarter, billed to Jul 1 under day 1, then changed to 10: 9 of 91 days; of months 9/30 of 100.

    Apr 10                Jul 1     Jul 10               Oct 10                Jan 1
      |....................|- 9/91 --|------- 300 ---------|---- 83/92 ----------:
    """
    quarters = recurring(300, "2020-01-01", billing_period="Quarter", charged_through_date="2020-07-01")
    lines = billed(quarters, "2020-12-31", bill_cycle_day=10, rules={"proration_unit": unit})
    assert lines[:2] == [f"2020-07-01…2020-07-09 {stub}", "2020-07-10…2020-10-09 300.00"]
    if unit == "ProrateByDay":
        assert lines[2] == "2020-10-10…2020-12-31 270.65"


@pytest.mark.rule("3.4 changed bill cycle day")
def test_a_stub_after_a_price_change_does_not_count_as_a_changed_bill_cycle_day() -> None:
    """
    The second segment starts on Mar 15 inside a bill cycle month of 31 days and was billed through Apr 1.
    """
    charge = recurring(31, "2024-03-15", original_effective_start_date="2024-01-01", segment=2)
    assert billed(charge, "2024-03-15") == ["2024-03-15…2024-03-31 17.00"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"billing_period": "Fortnight"}, "billingPeriod"),
        ({"billing_period": None}, "billingPeriod"),
        ({"billing_period": "Specific_Months", "specific_billing_period": 0}, "specificBillingPeriod"),
        ({"billing_period": "Specific_Days"}, "specificBillingPeriod"),
        ({"billing_day": "Whenever"}, "billingDay"),
        ({"billing_day": "SpecificDayofMonth(thirty-second)"}, "billingDay"),
        ({"billing_day": "SpecificDayofMonth(32)"}, "billingDay"),
        ({"billing_day": "SpecificDayofWeek/someday", "billing_period": "Week"}, "billingDay"),
        ({"billing_day": "SpecificDayofWeek", "billing_period": "Week"}, "billingDay"),
        ({"billing_day": "SpecificDayofWeek/monday"}, "billingDay"),
        ({"billing_period_alignment": "AlignToMoon"}, "billingPeriodAlignment"),
    ],
)
def test_a_grid_that_cannot_be_read_names_the_field(fields: dict[str, Any], field: str) -> None:
    result = answer(recurring(10, "2024-01-01", **fields), "2024-01-01")
    assert [(error.field, error.charge_number) for error in result.errors] == [(field, "C-1")]
    assert not list(result.items())


def test_a_subscription_without_a_start_cannot_be_aligned_to_it() -> None:
    charge = recurring(10, "2024-01-01", billing_day="SubscriptionStartDay")
    undated = subscription(charge, subscription_start_date=None, contract_effective_date=None)
    assert [error.field for error in answer(undated, "2024-01-01").errors] == ["subscriptionStartDate"]


@pytest.mark.parametrize("day", [-1, 32])
def test_a_bill_cycle_day_outside_the_month_is_refused(day: int) -> None:
    result = answer(recurring(10, "2024-01-01"), "2024-01-01", bill_cycle_day=day)
    assert [(error.code, error.field) for error in result.errors] == [("INVALID_BILL_CYCLE_DAY", "billCycleDay")]


@pytest.mark.rule("3.1 bill day")
def test_a_discount_does_not_set_the_bill_cycle_day() -> None:
    """A discount is recurring by type but bills nothing of its own: the first charge that does sets the day."""
    charges = (amount_off(1, "2024-01-05"), recurring(10, "2024-01-12"))
    assert [line[:10] for line in billed(account(*charges, bill_cycle_day=0), "2024-02-12")] == [
        "2024-01-12",
        "2024-01-12",
        "2024-02-12",
        "2024-02-12",
    ]


@pytest.mark.rule("3.1 bill day")
def test_an_evergreen_subscription_is_billed_on_the_bill_cycle_day_without_end() -> None:
    charge = recurring(10, "2024-01-01")
    lines = billed(evergreen(charge), "2054-01-01", including_evergreen_subscription=True)
    assert len(lines) == 30 * 12 + 1
    assert lines[-1] == "2054-01-01…2054-01-31 10.00"


@pytest.mark.rule("3.3 AlignToTermEnd")
@pytest.mark.parametrize(
    "fields",
    [
        {"billing_period_alignment": "AlignToTermEnd"},
        {"billing_day": "TermEndDay"},
        {"billing_day": "TermEndDay", "billing_period": "Week"},
    ],
)
def test_a_grid_cannot_hang_on_the_end_of_a_term_without_end(fields: dict[str, Any]) -> None:
    endless = evergreen(recurring(10, "2024-01-01", **fields))
    result = answer(endless, "2024-01-01", including_evergreen_subscription=True)
    assert [(error.code, error.field) for error in result.errors] == [("MISSING_DATE", "termEndDate")]


@pytest.mark.rule("3.3 AlignToTermStart")
@pytest.mark.parametrize("fields", [{"billing_period_alignment": "AlignToTermStart"}, {"billing_day": "TermStartDay"}])
def test_nor_on_the_start_of_one_that_is_unknown(fields: dict[str, Any]) -> None:
    endless = evergreen(recurring(10, "2024-01-01", **fields), term_start_date=None, subscription_start_date=None)
    result = answer(endless, "2024-01-01", including_evergreen_subscription=True)
    assert [(error.code, error.field) for error in result.errors] == [("MISSING_DATE", "termStartDate")]


@pytest.mark.rule("3.3 alignment under assumed renewals")
def test_a_renewed_term_that_begins_on_another_day_moves_the_bill_day_although_both_are_the_last_of_february() -> None:
    """
    The first term begins on the 31st, the renewed one on Jan 29 2025. Feb 28 is the bill day of both, Mar 29 only of
    the second. Between the grids 28 of the 30 days from Jan 29 are left: 31 · 28/30.

        Dec 31 ······ Jan 31 ······ Feb 28 ······ Mar 29 ······ Apr 29
                 Jan 29: renewed
    """
    charge = recurring(31, "2024-01-31", billing_day="TermStartDay", charged_through_date="2024-12-31")
    terms = subscription(charge, start="2024-01-31", end="2025-01-29", auto_renew=True)
    assert billed(terms, "2025-04-01", renew="All") == [
        "2024-12-31…2025-01-30 31.00",
        "2025-01-31…2025-02-27 28.93",
        "2025-02-28…2025-03-28 31.00",
        "2025-03-29…2025-04-28 31.00",
    ]


@pytest.mark.rule("3.3 alignment under assumed renewals")
def test_in_arrears_the_stub_between_two_grids_waits_for_its_end() -> None:
    """
    As above, in arrears: the quarter Apr 1 … Jun 30 crosses the renewal of May 1; the stub to Aug 1 is due on that day.
    """
    charge = recurring(
        90,
        "2024-01-01",
        billing_period="Quarter",
        billing_period_alignment="AlignToTermStart",
        billing_timing="IN_ARREARS",
    )
    terms = subscription(charge, end="2024-05-01", renewal_term=4, auto_renew=True)
    straddling = {"invoice_past_end_of_term_auto_renew_on": True, **MONTH_FIRST}
    whole = ["2024-01-01…2024-03-31 90.00", "2024-04-01…2024-06-30 90.00"]
    assert billed(terms, "2024-07-31", renew="All", rules=straddling) == whole
    assert billed(terms, "2024-08-01", renew="All", rules=straddling) == [*whole, "2024-07-01…2024-07-31 30.00"]


@pytest.mark.rule("6 RENEW_TO_EVERGREEN")
def test_on_the_day_of_its_renewal_a_subscription_is_evergreen() -> None:
    terms = subscription(recurring(30, "2024-01-01"), end="2024-05-01", renewal_setting="RENEW_TO_EVERGREEN")
    assert billed(terms, "2024-04-30", renew="All")[-1] == "2024-04-01…2024-04-30 30.00"
    assert billed(terms, "2024-05-01", renew="All")[-1] == "2024-05-01…2024-05-31 30.00"


@pytest.mark.rule("5 Fixed_Period")
@pytest.mark.parametrize(
    ("renew", "target", "straddling", "last"),
    [
        ("None", "2024-06-30", False, "2024-06-01…2024-06-15 15.00"),
        ("None", "2024-06-30", True, "2024-06-01…2024-06-30 30.00"),
        ("All", "2024-07-01", False, "2024-07-01…2024-07-15 14.52"),
        ("All", "2024-07-01", True, "2024-07-01…2024-07-31 30.00"),
    ],
)
def test_a_fixed_period_longer_than_the_terms_ends_with_them_unless_periods_may_run_past(
    renew: str, target: str, straddling: bool, last: str
) -> None:
    """
    The term ends on Jun 16, or is renewed for a month to Jul 16; the period is of a year from Jan 16.
    """
    fixed = {"end_date_condition": "Fixed_Period", "up_to_periods": 12, "up_to_periods_type": "Months"}
    terms = subscription(recurring(30, "2024-01-16", **fixed), end="2024-06-16", renewal_term=1)
    rules = {"invoice_past_end_of_term_auto_renew_off": straddling}
    assert billed(terms, target, renew=renew, rules=rules)[-1] == last


def quarters(target: str, *, straddling: bool = False, start: str = "2024-01-01", **fields: Any) -> list[str]:
    """90 a quarter on the grid of the term's start; terms of 4 months from Jan 1, all renewed."""
    aligned = {"billing_period_alignment": "AlignToTermStart", **fields}
    charge = recurring(90, start, billing_period="Quarter", **aligned)
    terms = subscription(
        charge,
        start="2024-01-01",
        end="2024-05-01",
        subscription_start_date="2023-09-01",
        renewal_term=4,
        auto_renew=True,
    )
    rules = {"invoice_past_end_of_term_auto_renew_on": straddling, **MONTH_FIRST}
    return billed(terms, target, renew="All", rules=rules)


TO_NOVEMBER = [
    "2024-01-01…2024-03-31 90.00",
    "2024-04-01…2024-06-30 90.00",
    "2024-07-01…2024-07-31 30.00",
    "2024-08-01…2024-10-31 90.00",
    "2024-11-01…2024-11-30 30.00",
]


@pytest.mark.rule("3.3 alignment under assumed renewals")
@pytest.mark.parametrize(
    ("straddling", "last"), [(True, "2024-12-01…2025-02-28 90.00"), (False, "2024-12-01…2024-12-31 30.00")]
)
def test_each_of_three_terms_of_4_months_has_its_own_quarters(straddling: bool, last: str) -> None:
    """
    Terms from Jan 1, May 1 and Sep 1: quarters from Jan and Apr 1, from Aug 1, from Dec 1; two stubs between.
    """
    assert quarters("2024-07-01", straddling=straddling) == TO_NOVEMBER[:3]
    assert quarters("2024-12-01", straddling=straddling) == [*TO_NOVEMBER, last]


@pytest.mark.rule("3.3 alignment under assumed renewals")
def test_a_charge_that_ends_on_dec_15_ends_there_whatever_the_target() -> None:
    """14/31 of a third of 90 = 13.548…"""
    ends = {"end_date_condition": "Specific_End_Date", "specific_end_date": "2024-12-15"}
    assert quarters("2024-12-31", **ends) == [*TO_NOVEMBER, "2024-12-01…2024-12-14 13.55"]


@pytest.mark.rule("3.3 alignment under assumed renewals")
@pytest.mark.parametrize("straddling", [True, False])
@pytest.mark.parametrize("target", ["2024-12-01", "2025-01-15"])
def test_a_charge_that_ends_with_the_third_term_ends_there_whatever_the_target(target: str, straddling: bool) -> None:
    """Whether a fourth term is assumed or not, the charge is over on Jan 1."""
    ends = {"end_date_condition": "Specific_End_Date", "specific_end_date": "2025-01-01"}
    lines = quarters(target, straddling=straddling, **ends)
    assert lines == [*TO_NOVEMBER, "2024-12-01…2024-12-31 30.00"]


@pytest.mark.rule("3.3 alignment under assumed renewals")
def test_before_the_first_term_its_own_grid_holds() -> None:
    assert quarters("2024-06-30", start="2023-12-01") == ["2023-12-01…2023-12-31 30.00", *TO_NOVEMBER[:2]]


@pytest.mark.rule("3.3 alignment under assumed renewals")
def test_billing_continues_after_the_renewal_with_the_new_terms_quarters() -> None:
    assert quarters("2024-05-01", charged_through_date="2024-05-01") == ["2024-05-01…2024-07-31 90.00"]


@pytest.mark.rule("3.3 alignment under assumed renewals")
def test_the_bill_day_of_a_renewed_terms_quarters_may_be_that_of_the_subscription() -> None:
    assert quarters("2024-07-01", straddling=True, billing_day="SubscriptionStartDay") == TO_NOVEMBER[:3]


@pytest.mark.rule("3.3 alignment under assumed renewals")
def test_quarters_that_end_with_their_term_begin_with_a_stub_each_time() -> None:
    """
    Jan 1  Feb 1           May 1  Jun 1           Sep 1
      |stub|--- quarter ---|stub|--- quarter ---|
    """
    assert quarters("2024-06-01", billing_period_alignment="AlignToTermEnd") == [
        "2024-01-01…2024-01-31 30.00",
        "2024-02-01…2024-04-30 90.00",
        "2024-05-01…2024-05-31 30.00",
        "2024-06-01…2024-08-31 90.00",
    ]


@pytest.mark.rule("3.3 alignment under assumed renewals")
@pytest.mark.parametrize(
    ("billing_day", "alignment", "expected"),
    [
        ("TermStartDay", "AlignToTermStart", ["2024-01-10…2024-04-09 90.00", "2024-04-10…2024-07-09 90.00"]),
        ("TermStartDay", "AlignToCharge", ["2024-01-10…2024-04-09 90.00", "2024-04-10…2024-07-09 90.00"]),
        ("TermEndDay", "AlignToTermEnd", ["2024-01-10…2024-01-24 14.52", "2024-01-25…2024-04-24 90.00"]),
    ],
)
def test_the_days_of_a_terms_start_and_end_move_with_its_renewal(
    billing_day: str, alignment: str, expected: list[str]
) -> None:
    """
    A term from Jan 10 to Apr 25, renewed by 4 months at a time: to Aug 25, Dec 25. The former grid holds for the period
    that crosses the renewal, then the new one, whose bill day is that of the new term.

    Jan 10            Apr 10 Apr 25       Jul 10 Jul 25
      |---- quarter -----|---- quarter -------|stub|---- quarter, from the 25th on …
    """
    charge = recurring(
        90,
        "2024-01-10",
        billing_period="Quarter",
        billing_day=billing_day,
        billing_period_alignment=alignment,
    )
    terms = subscription(charge, end="2024-04-25", renewal_term=4, auto_renew=True)
    past_end = {"invoice_past_end_of_term_auto_renew_on": True, **MONTH_FIRST}
    lines = billed(terms, "2024-08-24", renew="All", rules=past_end)
    assert lines[:2] == expected
    if billing_day == "TermStartDay":
        assert lines[2:] == ["2024-07-10…2024-07-24 15.00", "2024-07-25…2024-10-24 90.00"]
    else:
        assert lines[2:] == ["2024-04-25…2024-05-24 30.00", "2024-05-25…2024-08-24 90.00"]


@pytest.mark.rule("3.3 AlignToTermStart")
def test_a_term_renewed_to_evergreen_keeps_its_grid() -> None:
    charge = recurring(90, "2024-01-01", billing_period="Quarter", billing_period_alignment="AlignToTermStart")
    terms = subscription(charge, end="2024-05-01", renewal_setting="RENEW_TO_EVERGREEN")
    assert billed(terms, "2024-07-01", renew="All") == [
        "2024-01-01…2024-03-31 90.00",
        "2024-04-01…2024-06-30 90.00",
        "2024-07-01…2024-09-30 90.00",
    ]


@pytest.mark.parametrize(
    ("grid", "day", "index"),
    [
        (MonthGrid(date(2024, 1, 1), 1, 1), date(1899, 12, 31), -1),
        (MonthGrid(date(2024, 1, 1), 1, 1), date(2199, 12, 31), 300 * 12),
        (MonthGrid(date(2024, 1, 1), 1, 1), date(2200, 1, 1), 300 * 12),
        (MonthGrid(date(2024, 1, 15), 1, 15), date(1900, 1, 14), -1),
        (ListGrid([date(2024, 1, 1), date(2024, 7, 1)]), date(2023, 12, 31), -1),
        (ListGrid([date(2024, 1, 1), date(2024, 7, 1)]), date(2024, 7, 1), 2),
    ],
)
def test_no_period_lies_outside_a_list_grid(grid: Grid, day: date, index: int) -> None:
    with pytest.raises(RatingError, match=rf"^{day} lies outside the dates that can be billed"):
        grid.index(day)
    with pytest.raises(RatingError, match=r"^A date lies outside the dates that can be billed"):
        grid.boundary(index)


@pytest.mark.parametrize(
    ("grid", "day", "period"),
    [
        (MonthGrid(date(2024, 1, 1), 1, 1), date(1900, 1, 31), (date(1900, 1, 1), date(1900, 2, 1))),
        (MonthGrid(date(2024, 1, 1), 1, 1), date(2199, 11, 30), (date(2199, 11, 1), date(2199, 12, 1))),
        (ListGrid([date(2024, 1, 1), date(2024, 7, 1)]), date(2024, 1, 1), (date(2024, 1, 1), date(2024, 7, 1))),
        (ListGrid([date(2024, 1, 1), date(2024, 7, 1)]), date(2024, 6, 30), (date(2024, 1, 1), date(2024, 7, 1))),
    ],
)
def test_the_first_and_the_last_period_of_a_grid_are_periods(grid: Grid, day: date, period: tuple[date, date]) -> None:
    assert grid.holding(day) == period


def test_the_calendar_is_january_1900_to_december_2199() -> None:
    assert add_months(date(1900, 2, 15), -1) == date(1900, 1, 15)
    assert add_months(date(2199, 11, 15), 1) == date(2199, 12, 15)
    for day, months in ((date(1900, 1, 15), -1), (date(2199, 12, 15), 1)):
        with pytest.raises(RatingError, match=r"^A date lies outside"):
            add_months(day, months)


@pytest.mark.parametrize(
    ("grid", "days"),
    [
        (MonthGrid(date(2024, 1, 31), 3, 31), "2024-01-31 2024-02-29 2024-03-31 2024-04-30"),
        (ListGrid([date(2024, 1, 10), date(2024, 4, 10)]), "2024-01-10 2024-02-10 2024-03-10 2024-04-10"),
        (ListGrid([date(2199, 10, 5), date(2199, 12, 20)]), "2199-10-05 2199-11-05 2199-12-05 2199-12-20"),
    ],
)
def test_the_months_of_a_period_start_on_its_bill_day_and_end_with_it(grid: Grid, days: str) -> None:
    expected = [date.fromisoformat(day) for day in days.split()]
    assert list(grid.month_starts(*grid.holding(expected[1]))) == expected


def test_days_have_no_months_and_end_where_dates_end() -> None:
    assert DayGrid(date(2024, 1, 1), 7).month_starts(date(2024, 1, 1), date(2024, 1, 8)) == ()
    with pytest.raises(RatingError, match="lies outside the dates that can be billed"):
        DayGrid(date(2024, 1, 1), 7).boundary(10**9)


def test_a_charge_without_a_start_has_no_grid() -> None:
    undated = replace(recurring(10, "2024-01-01"), effective_start_date=None)
    assert problem(lambda: start_of(undated)) == ("MISSING_DATE", "effectiveStartDate")


@pytest.mark.rule("3.1 bill day of a week")
def test_the_weekday_of_the_charge_counts_under_any_alignment() -> None:
    """Subscription from Mon Jan 1, charge from Wed Jan 10: two weeks each from Wed Jan 3 on."""
    charge = recurring(
        70,
        "2024-01-10",
        billing_period="Specific_Weeks",
        specific_billing_period=2,
        billing_day="ChargeTriggerDay",
        billing_period_alignment="AlignToSubscriptionStart",
    )
    terms = subscription(charge, start="2024-01-01")
    assert [each[:10] for each in billed(terms, "2024-01-31")] == ["2024-01-10", "2024-01-17", "2024-01-31"]


@pytest.mark.rule("3.1 bill day")
def test_a_subscription_starts_with_its_contract_where_it_does_not_say() -> None:
    charge = recurring(31, "2024-01-10", billing_day="SubscriptionStartDay")
    terms = subscription(charge, subscription_start_date=None, contract_effective_date="2023-12-05")
    assert [each[:10] for each in billed(terms, "2024-02-05")] == ["2024-01-10", "2024-02-05"]
