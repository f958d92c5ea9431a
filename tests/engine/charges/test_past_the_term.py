"""Time billed past the end of a term that is not renewed is credited on the next bill day.

Source: "Billing Rules - Billing Document", and a billed invoice.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from soapsvc.engine.account import Subscription
from soapsvc.engine.documents import upcoming_invoices
from soapsvc.engine.preview import preview
from soapsvc.engine.result import PreviewRequest
from tests.support.building import account, answer, billed, percent_off, recurring, segments, statement, subscription

RULE = "6 past end of term: credit"
PAST_END_ON = {"invoice_past_end_of_term_auto_renew_on": True}
EITHER_WAY = pytest.mark.parametrize("past_end", [True, False])


def rules(past_end: bool, **further: Any) -> dict[str, Any]:
    return {"invoice_past_end_of_term_auto_renew_off": past_end, **further}


@pytest.mark.rule(RULE)
@EITHER_WAY
def test_58_08_of_100_a_year_are_credited_from_the_end_of_a_term_of_5_months(past_end: bool) -> None:
    """
    As billed: 212 of 365 days.

    Mar 23 2018     Aug 23, end of the term          Mar 23 2019
      |----- kept -----|-------------- -58.08 -----------|
    """
    year = recurring(100, "2018-03-23", billing_period="Annual", charged_through_date="2019-03-23")
    terms = subscription(year, end="2018-08-23")
    options: dict[str, Any] = {"rules": rules(past_end), "bill_cycle_day": 23}
    assert billed(terms, "2018-08-24", **options) == ["2018-08-23…2019-03-22 -58.08"]
    assert billed(terms, "2018-08-22", **options) == []


@pytest.mark.rule(RULE)
@EITHER_WAY
def test_a_month_of_1200_a_year_is_credited(past_end: bool) -> None:
    """A year from Feb 1 2024 in a term to Jan 1 2025, counted in months."""
    year = recurring(1200, "2024-02-01", billing_period="Annual", charged_through_date="2025-02-01")
    terms = subscription(year, end="2025-01-01")
    by_month = rules(past_end, proration_unit="ProrateByMonthFirst")
    assert billed(terms, "2025-02-01", rules=by_month) == ["2025-01-01…2025-01-31 -100.00"]


def half_a_month(**fields: Any) -> Subscription:
    """30 a month on day 15, billed to Mar 15; the term ends on Mar 1."""
    month = recurring(30, "2022-03-15", charged_through_date="2023-03-15", **fields)
    return subscription(month, start="2022-03-01", end="2023-03-01")


@pytest.mark.rule(RULE)
@EITHER_WAY
def test_the_credit_waits_for_the_next_bill_day_where_the_tenant_bills_past_the_term(past_end: bool) -> None:
    """
    30 a month on day 15; a renewal would be billed on Mar 15. Where the tenant does not bill past the term, the term
    was cut short, and the credit comes at once, as in "How discounts work with prorated credits".

    Feb 15      Mar 1 end of the term     Mar 15
      |-- kept ---|-------- -15.00 ---------|
    """
    options: dict[str, Any] = {"rules": rules(past_end), "bill_cycle_day": 15}
    back = ["2023-03-01…2023-03-14 -15.00"]
    assert billed(half_a_month(), "2023-03-01", **options) == ([] if past_end else back)
    assert billed(half_a_month(), "2023-03-14", **options) == ([] if past_end else back)
    assert billed(half_a_month(), "2023-03-15", **options) == back


@pytest.mark.rule(RULE)
@pytest.mark.parametrize(("renew", "auto_renew", "back"), [("All", False, False), ("Autorenew", False, True)])
def test_with_an_assumed_renewal_nothing_is_credited(renew: str, auto_renew: bool, back: bool) -> None:
    lines = billed(half_a_month(), "2023-03-15", renew=renew, rules=rules(True), bill_cycle_day=15)
    assert ("2023-03-01…2023-03-14 -15.00" in lines) is back


@pytest.mark.rule(RULE)
@pytest.mark.parametrize("end", [None, "2023-03-10"])
def test_15_past_the_term_come_back_for_a_removed_plan_that_does_not_end_with_it(end: str | None) -> None:
    """
    30 a month on day 15. The removal has no date, or one after the term.

    Feb 15      Mar 1 end of the term   Mar 10   Mar 15, billed to here
      |-- kept ---|------------ -15.00 ----:-------|
    """
    removed = half_a_month(removed=True)
    terms = replace(removed, charges=(replace(removed.charges[0], effective_end_date=end and date.fromisoformat(end)),))
    options: dict[str, Any] = {"rules": rules(True), "bill_cycle_day": 15}
    assert billed(terms, "2023-03-14", **options) == []
    assert billed(terms, "2023-03-15", **options) == ["2023-03-01…2023-03-14 -15.00"]


@pytest.mark.rule(RULE)
def test_a_full_period_is_never_credited() -> None:
    full = half_a_month(proration_option="ChargeFullPeriod")
    assert billed(full, "2023-12-31", rules=rules(True), bill_cycle_day=15) == []


@pytest.mark.rule(RULE)
def test_its_discount_is_credited_with_it() -> None:
    half = percent_off(50, "2022-03-15", charged_through_date="2023-03-15")
    month = recurring(30, "2022-03-15", charged_through_date="2023-03-15")
    terms = subscription(month, half, start="2022-03-01", end="2023-03-01")
    assert statement(terms, "2023-03-15", rules=rules(True), bill_cycle_day=15) == [
        "C-1 2023-03-01…2023-03-14 -15.00",
        "C-D1 2023-03-01…2023-03-14 7.50",
    ]


TERM = {"billing_period": "Subscription_Term", "list_price_base": "Per_Month"}
DAYS = {"billing_period": "Specific_Days", "specific_billing_period": 10}
MONDAYS = {"billing_day": "SpecificDayofWeek/monday"}


@pytest.mark.rule(RULE)
@pytest.mark.parametrize(
    ("period", "through", "before", "due"),
    [
        ({"billing_period": "Week", **MONDAYS}, "2024-03-18", "2024-03-17", "2024-03-18"),
        (
            {"billing_period": "Specific_Weeks", "specific_billing_period": 3, **MONDAYS},
            "2024-03-25",
            "2024-03-17",
            "2024-03-18",
        ),
        (DAYS, "2024-03-21", "2024-03-12", "2024-03-13"),
        ({"billing_period": "Quarter"}, "2024-04-01", "2024-03-31", "2024-04-01"),
        (
            {"billing_period": "Subscription_Term", "list_price_base": "Per_Month"},
            "2024-04-01",
            "2024-03-12",
            "2024-03-13",
        ),
    ],
)
def test_weeks_wait_for_their_weekday_and_days_and_terms_for_nothing(
    period: dict[str, Any], through: str, before: str, due: str
) -> None:
    """The term ends on Wednesday, Mar 13. A bill run every day would have the credit on the day that it waits for."""
    charge = recurring(100, "2024-01-01", charged_through_date=through, **period)
    whole = account(subscription(charge, end="2024-03-13"), rules=rules(True))
    assert billed(whole, before) == []
    result = preview(whole, PreviewRequest(date(2024, 4, 30)), datetime(2024, 1, 1, tzinfo=UTC))
    (invoice,) = upcoming_invoices(whole, result)
    assert f"{invoice.day}" == due
    (item,) = result.items()
    assert (f"{item.service_start}", item.amount < 0) == ("2024-03-13", True)


@pytest.mark.rule(RULE)
@pytest.mark.parametrize(
    "ended",
    [
        {"charge": {"removed": True}},
        {"terms": {"status": "Cancelled", "subscription_end_date": "2023-03-01"}},
        {"terms": {"status": "Cancelled"}},
    ],
    ids=["removed", "cancelled", "cancelled without a date"],
)
def test_a_charge_that_ends_on_that_day_for_another_reason_is_credited_at_once(
    ended: dict[str, dict[str, Any]],
) -> None:
    month = recurring(30, "2022-03-15", charged_through_date="2023-03-15", **ended.get("charge", {}))
    terms = subscription(month, start="2022-03-01", end="2023-03-01", **ended.get("terms", {}))
    assert billed(terms, "2023-03-01", rules=rules(True), bill_cycle_day=15) == ["2023-03-01…2023-03-14 -15.00"]


@pytest.mark.rule(RULE)
def test_a_new_price_from_the_end_of_the_term_on_credits_the_old_one_at_once() -> None:
    parts = segments(
        recurring(30, "2022-03-15", "2023-03-01", charged_through_date="2023-03-15"),
        recurring(60, "2023-03-01", "2024-03-01"),
    )
    terms = subscription(*parts, start="2022-03-01", end="2023-03-01", auto_renew=True)
    lines = billed(terms, "2023-03-01", rules=PAST_END_ON, bill_cycle_day=15, renew="All")
    assert lines[0] == "2023-03-01…2023-03-14 -15.00"


@pytest.mark.rule("11 upcoming invoices")
def test_credited_whole_months_of_a_quarter_are_on_the_invoice_of_the_cancellation() -> None:
    """Cancelled on Oct 15, without partial months: Nov and Dec are credited, and are due on Oct 15."""
    quarter = recurring(300, "2024-10-01", billing_period="Quarter", charged_through_date="2025-01-01")
    cancelled = subscription(quarter, status="Cancelled", subscription_end_date="2024-10-15")
    whole = account(cancelled, rules={"bill_recurring_partial_month": False})
    assert billed(whole, "2024-10-14") == []
    result = preview(whole, PreviewRequest(date(2024, 10, 15)), datetime(2024, 1, 1, tzinfo=UTC))
    assert [f"{item.service_start}" for item in result.items()] == ["2024-11-01"]
    assert [f"{invoice.day}" for invoice in upcoming_invoices(whole, result)] == ["2024-10-15"]
    assert answer(whole, "2024-10-15").success


@pytest.mark.rule("0 an empty preview says why")
@pytest.mark.parametrize(
    ("terms", "target", "code", "message"),
    [
        (
            half_a_month(),
            "2023-03-14",
            "TERM_ENDED",
            (
                "is billed to 2023-03-15, past the end of the term, 2023-03-01; "
                "the time after it is credited on the next bill day, unless the term is renewed"
            ),
        ),
        (
            subscription(recurring(30, "2023-01-15", "2023-03-10", charged_through_date="2023-03-15")),
            "2023-03-09",
            "CREDIT_TO_COME",
            "ends on 2023-03-10 but is billed through 2023-03-15: the rest is credited then",
        ),
        (
            subscription(
                recurring(
                    30,
                    "2023-01-15",
                    "2023-03-10",
                    charged_through_date="2023-03-15",
                    proration_option="ChargeFullPeriod",
                )
            ),
            "2023-03-20",
            "FULLY_BILLED",
            "ended on 2023-03-10 and is billed to 2023-03-15; the billing rules credit nothing of it",
        ),
    ],
)
def test_a_reason_says_why_time_billed_beyond_the_end_is_not_credited(
    terms: Subscription, target: str, code: str, message: str
) -> None:
    result = answer(terms, target, rules=rules(True), bill_cycle_day=15)
    assert [(note.code, note.message) for note in result.notes] == [
        (code, f"Charge C-1 of subscription A-S1 {message}.")
    ]
