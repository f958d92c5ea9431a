"""Suspensions and cancellations that are scheduled for a term that is only assumed."""

from __future__ import annotations

from typing import Any

import pytest

from soapsvc.engine.account import Charge, Subscription
from tests.support.building import (
    account,
    answer,
    billed,
    metered,
    one_time,
    percent_off,
    recurring,
    segments,
    statement,
    subscription,
    used,
)

PAST_END = {"invoice_past_end_of_term_auto_renew_on": True, "invoice_past_end_of_term_auto_renew_off": True}


def year(*charges: Charge, **fields: Any) -> Subscription:
    """A term of 2024, renewed by itself for 12 months."""
    return subscription(*charges, start="2024-01-01", end="2025-01-01", auto_renew=True, **fields)


def paused(*charges: Charge, start: str = "2025-02-01", end: str | None = "2025-04-01") -> Subscription:
    return year(*charges, scheduled_suspend_date=start, scheduled_resume_date=end)


def december(**fields: Any) -> Charge:
    """31 a month, billed to Dec 1."""
    return recurring(31, "2024-01-01", charged_through_date="2024-12-01", **fields)


@pytest.mark.rule("5 suspended in an assumed term")
@pytest.mark.parametrize("past_end", [False, True])
@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2025-02-01", "2025-04-01", ["2024-12", "2025-01", "2025-04"]),
        ("2025-01-01", "2025-03-01", ["2024-12", "2025-03", "2025-04"]),  # on the term's end
        ("2024-12-01", "2025-02-01", ["2025-02", "2025-03", "2025-04"]),  # across it
        ("2024-12-01", "2025-01-01", ["2025-01", "2025-02", "2025-03", "2025-04"]),  # up to it
        ("2025-01-01", None, ["2024-12"]),
        ("2025-02-01", None, ["2024-12", "2025-01"]),
    ],
)
def test_suspended_months_are_free_in_any_term(start: str, end: str | None, months: list[str], past_end: bool) -> None:
    """
    Dec 1      term's end    Feb 1                 Apr 1
      |-- billed --:-- billed --|      (paused)      |-- billed --
    """
    rules = PAST_END if past_end else None
    lines = billed(paused(december(), start=start, end=end), "2025-04-15", renew="All", rules=rules)
    assert [line[:7] for line in lines] == months
    assert {line.split()[1] for line in lines} == {"31.00"}


@pytest.mark.rule("5 suspended in an assumed term")
def test_a_pause_in_a_term_that_is_not_assumed_changes_nothing() -> None:
    assert billed(paused(december()), "2025-04-15") == ["2024-12-01…2024-12-31 31.00"]


@pytest.mark.rule("5 suspended in an assumed term")
@pytest.mark.parametrize(("end", "resumed"), [("2025-01-21", ["2025-01-21…2025-02-09 20.00"]), (None, [])])
def test_a_period_past_the_terms_end_stops_at_the_pause(end: str | None, resumed: list[str]) -> None:
    """Bill day 10; the period from Dec 10 crosses the term's end and ends with the pause of Jan 5: 26 of 31 days."""
    terms = paused(recurring(31, "2024-01-10", charged_through_date="2024-12-10"), start="2025-01-05", end=end)
    first = "2024-12-10…2025-01-04 26.00"
    assert billed(terms, "2025-01-31", rules=PAST_END, bill_cycle_day=10) == [first]
    assert billed(terms, "2025-01-31", rules=PAST_END, bill_cycle_day=10, renew="All") == [first, *resumed]


@pytest.mark.rule("5 suspended in an assumed term")
def test_only_the_last_segment_is_carried_into_the_pause() -> None:
    parts = segments(december(), recurring(62, "2025-01-01", "2025-01-01"))
    assert billed(paused(*parts), "2025-04-15", renew="All") == [
        "2024-12-01…2024-12-31 31.00",
        "2025-01-01…2025-01-31 62.00",
        "2025-04-01…2025-04-30 62.00",
    ]


@pytest.mark.rule("5 suspended in an assumed term")
@pytest.mark.parametrize(
    "charge",
    [
        december(removed=True),
        december(end_date_condition="Specific_End_Date", specific_end_date="2025-01-01"),
    ],
)
def test_a_charge_that_ends_before_the_pause_does_not_resume(charge: Charge) -> None:
    assert billed(paused(charge), "2025-12-31", renew="All") == ["2024-12-01…2024-12-31 31.00"]


@pytest.mark.rule("5 suspended in an assumed term")
@pytest.mark.parametrize(
    ("own_end", "last"), [("2025-01-21", "2025-01-01…2025-01-20 20.00"), ("2025-04-11", "2025-04-01…2025-04-10 10.33")]
)
def test_an_own_end_before_or_after_the_pause(own_end: str, last: str) -> None:
    own = {"end_date_condition": "Specific_End_Date", "specific_end_date": own_end}
    assert billed(paused(december(**own)), "2025-12-31", renew="All", rules=PAST_END)[-1] == last


@pytest.mark.rule("5 suspended in an assumed term")
def test_usage_and_discounts_pause_too() -> None:
    usage = metered(1, "2024-01-01", charged_through_date="2025-01-01")
    whole = account(
        paused(december(), usage, percent_off(50, "2024-01-01")),
        usage=(used("2025-01-10", 5), used("2025-02-10", 7), used("2025-04-10", 9)),
    )
    assert statement(whole, "2025-05-01", renew="All", exclude=frozenset({"Recurring"})) == [
        "C-U 2025-01-01…2025-01-31 5.00",
        "C-D1 2025-01-01…2025-01-31 -2.50",
        "C-U 2025-04-01…2025-04-30 9.00",
        "C-D1 2025-04-01…2025-04-30 -4.50",
    ]


@pytest.mark.rule("5 suspended in an assumed term")
def test_a_one_time_charge_on_the_last_day_of_the_term_is_billed_once() -> None:
    assert billed(paused(one_time(5, "2024-12-31")), "2025-05-01", renew="All") == ["2024-12-31 5.00"]


@pytest.mark.rule("5 cancelled: scheduled")
@pytest.mark.parametrize("past_end", [False, True])
@pytest.mark.parametrize(
    ("renew", "expected"),
    [
        (
            "All",
            ["2024-12-01…2024-12-31 31.00", "2025-01-01…2025-01-31 31.00", "2025-02-01…2025-02-14 15.50"],  # 14/28
        ),
        ("None", ["2024-12-01…2024-12-31 31.00"]),
    ],
)
def test_a_cancellation_scheduled_in_an_assumed_term_ends_the_subscription_there(
    renew: str, expected: list[str], past_end: bool
) -> None:
    terms = year(december(), scheduled_cancel_date="2025-02-15")
    assert billed(terms, "2026-12-31", renew=renew, rules=PAST_END if past_end else None) == expected


@pytest.mark.rule("5 cancelled: scheduled")
def test_a_cancellation_scheduled_in_the_third_term_lets_the_second_one_pass() -> None:
    terms = year(december(), scheduled_cancel_date="2026-01-16")
    lines = billed(terms, "2027-12-31", renew="All")
    assert (len(lines), lines[-1]) == (14, "2026-01-01…2026-01-15 15.00")


@pytest.mark.rule("5 cancelled: scheduled")
def test_time_billed_beyond_a_cancellation_in_an_assumed_term_is_credited_on_its_day() -> None:
    terms = year(recurring(31, "2024-01-01", charged_through_date="2025-04-01"), scheduled_cancel_date="2025-03-16")
    assert billed(terms, "2025-03-15", renew="All") == []
    assert billed(terms, "2025-03-16", renew="All") == ["2025-03-16…2025-03-31 -16.00"]


@pytest.mark.rule("5 cancelled: scheduled")
@pytest.mark.parametrize("renewal_setting", ["RENEW_WITH_SPECIFIC_TERM", "RENEW_TO_EVERGREEN"])
def test_a_subscription_that_is_cancelled_later_is_renewed_until_then(renewal_setting: str) -> None:
    terms = year(december(), scheduled_cancel_date="2025-02-01", renewal_setting=renewal_setting)
    result = answer(terms, "2025-12-31", renew="All", rules=PAST_END)
    assert [item.facts.transient for item in result.items()] == [True, True]
