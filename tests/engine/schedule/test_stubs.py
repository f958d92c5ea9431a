"""Stubs where a charge starts and ends, where its terms start, and at a charged-through date inside a period."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.building import answer, billed, recurring, subscription

NO_PARTIAL_MONTH = {"bill_recurring_partial_month": False, "proration_unit": "ProrateByMonthFirst"}
NO_PARTIAL_PERIOD = {**NO_PARTIAL_MONTH, "prorate_recurring_partial_period": False}
BY_TERMS = {"billing_period": "Subscription_Term", "list_price_base": "Per_Month"}


@pytest.mark.rule("7.4 which stubs are billed")
@pytest.mark.parametrize(
    ("rules", "last"),
    [(NO_PARTIAL_MONTH, "2019-02-01…2019-03-31 60.00"), (NO_PARTIAL_PERIOD, "2019-02-01…2019-04-30 90.00")],
)
def test_on_its_first_day_a_last_stub_of_43_days_is_2_months_at_30_or_the_quarter_at_90(
    rules: dict[str, Any], last: str
) -> None:
    """
    Nov 1         Feb 1          Mar 16    May 1
      |-- billed ---|-- stub -------|.........:
                    ^ target
    """
    quarters = recurring(90, "2018-11-01", billing_period="Quarter", charged_through_date="2019-02-01")
    assert billed(subscription(quarters, end="2019-03-16"), "2019-02-01", rules=rules) == [last]


@pytest.mark.rule("6 Invoice Past End-of-Term")
def test_a_quarter_billed_past_the_term_is_90_and_not_the_60_of_its_months_in_the_term() -> None:
    """
    Nov 1         Feb 1      Mar 16 end of the term   May 1
      |-- quarter --|-------- quarter --:---------------|
    """
    quarters = recurring(90, "2018-11-01", billing_period="Quarter")
    past_end = {**NO_PARTIAL_MONTH, "invoice_past_end_of_term_auto_renew_off": True}
    lines = billed(subscription(quarters, end="2019-03-16"), "2019-04-30", rules=past_end)
    assert lines[-1] == "2019-02-01…2019-04-30 90.00"


@pytest.mark.rule("7.4 partial weeks")
@pytest.mark.parametrize(
    ("end", "last"),
    [
        ("2018-01-30", "2018-01-17…2018-01-23 100.00"),
        ("2018-01-31", "2018-01-24…2018-01-30 100.00"),
        ("2018-02-01", "2018-01-24…2018-01-30 100.00"),
    ],
    ids=["after 6 days", "after 7 days", "after 8 days"],
)
def test_a_last_week_of_6_days_is_dropped_one_of_7_days_costs_100_and_an_8th_day_nothing(end: str, last: str) -> None:
    """
    Wed 17    Wed 24    Tue 30   Wed 31   Thu 1 Feb
      |-- 100 --|---------:--------|--------:
    """
    weeks = recurring(100, "2018-01-03", billing_period="Week", billing_day="SpecificDayofWeek/wednesday")
    rules = {"bill_recurring_partial_week": False}
    assert billed(subscription(weeks, end=end), "2018-02-15", rules=rules)[-1] == last


@pytest.mark.rule("7.4 leading stub with whole months")
def test_a_charge_from_mar_10_in_a_renewed_term_at_100_a_month_bills_9_whole_months() -> None:
    """
    Jan 1 2024         Jan 1 2025    Mar 10   Apr 1             Jan 1 2026
      |-- current term ---|-- renewal --:(none)--|------ 900 -------|
    """
    later = recurring(100, "2025-03-10", **BY_TERMS)
    terms = subscription(later, start="2024-01-01", end="2025-01-01")
    lines = billed(terms, "2025-04-01", rules=NO_PARTIAL_MONTH, renew="All")
    assert lines == ["2025-04-01…2025-12-31 900.00"]


@pytest.mark.rule("2.1 Subscription_Term")
@pytest.mark.parametrize("start", ["2024-06-30", "2024-07-01", "2024-07-02"])
@pytest.mark.parametrize("target", ["2023-12-31", "2024-07-02"])
def test_a_charge_of_its_last_day_or_later_bills_nothing_by_a_term_without_partial_months(
    start: str, target: str
) -> None:
    """
    Jan 1                 Jun 30  Jul 1  Jul 2
      |------- term --------:------|------:
    """
    later = recurring(90, start, "2024-12-01", **BY_TERMS)
    terms = subscription(later, start="2024-01-01", end="2024-07-01")
    result = answer(terms, target, rules=NO_PARTIAL_MONTH)
    assert (result.success, list(result.items())) == (True, [])


@pytest.mark.rule("3.3 AlignToTermStart")
@pytest.mark.parametrize(
    ("rules", "last"),
    [
        ({"proration_unit": "ProrateByMonthFirst"}, "2025-09-01…2025-10-15 44.52"),  # 30 x (1 + 15/31)
        (NO_PARTIAL_MONTH, "2025-09-01…2025-10-31 60.00"),
        (NO_PARTIAL_PERIOD, "2025-09-01…2025-11-30 90.00"),
    ],
)
def test_the_last_stub_on_a_renewed_terms_own_quarters_is_44_52_or_its_months_60_or_its_quarter_90(
    rules: dict[str, Any], last: str
) -> None:
    """
    Term to Jun 1 2025, in quarters from Jan 1; its renewal has quarters from Jun 1. The charge ends on Oct 16.

    Apr 1      Jun 1  Jul 1        Sep 1         Oct 16   Dec 1
      |--- 90 ---:------|-- 2/3 90 --|--- stub -----|.......:
    """
    quarters = recurring(
        90,
        "2025-01-01",
        "2025-10-16",
        billing_period="Quarter",
        billing_period_alignment="AlignToTermStart",
        end_date_condition="Specific_End_Date",
        specific_end_date="2025-10-16",
        charged_through_date="2025-04-01",
    )
    terms = subscription(quarters, start="2025-01-01", end="2025-06-01")
    assert billed(terms, "2025-12-31", rules=rules, renew="All") == [
        "2025-04-01…2025-06-30 90.00",
        "2025-07-01…2025-08-31 60.00",
        last,
    ]


@pytest.mark.rule("3.4 changed bill cycle day")
@pytest.mark.parametrize(
    ("through", "expected"),
    [
        (
            "2025-02-01",
            [
                "2025-02-01…2025-02-14 465.00",
                "2025-02-15…2025-03-14 930.00",
                "2025-03-15…2025-04-14 930.00",
                "2025-04-15…2025-04-15 30.00",
            ],
        ),
        ("2025-04-10", ["2025-04-10…2025-04-15 186.00"]),
        ("2025-04-15", ["2025-04-15…2025-04-15 30.00"]),
    ],
    ids=["14 of 28 days", "6 of 30 days", "1 of 31 days"],
)
def test_930_a_month_by_the_month_from_the_charged_through_date_but_not_where_the_terms_day_changes(
    through: str, expected: list[str]
) -> None:
    """
    Months on the day on which the term starts: 15, and 16 from the second renewal on, as renewals have 60 days.

    term of day 15                                  Mar 16, renewed: day 16
      Feb 1      Feb 15          Mar 15             |           Apr 15  Apr 16
        |- 14/28 -|----- 930 -----|----- 930 -------:-------------|- 1/31 -|--

    The day from Apr 15 is a stub between two grids, so it is measured by the month from Mar 16. Billed to Apr 10, six
    days are left up to Apr 16; the month from Apr 10 has 30.
    """
    months = recurring(930, "2024-01-15", billing_day="TermStartDay", charged_through_date=through)
    terms = subscription(months, renewal_term=60, renewal_term_period_type="Day")
    assert billed(terms, "2025-04-15", renew="All") == expected
