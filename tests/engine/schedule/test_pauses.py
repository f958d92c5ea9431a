"""Suspensions and resumptions: what is billed up to them, inside and after, and what is credited.

Source: "Considerations of suspend a subscription", unless a test names another.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from soapsvc.engine.account import Charge, Subscription
from tests.support.building import (
    account,
    amount_off,
    answer,
    billed,
    metered,
    one_time,
    percent_off,
    recurring,
    segments,
    sound,
    statement,
    subscription,
    used,
)

SPRING = {"scheduled_suspend_date": "2024-04-01", "scheduled_resume_date": "2024-06-01"}
"""No service in April and May."""


def paused(*charges: Charge, **fields: Any) -> Subscription:
    """A subscription from Jan 1 2024 for a year, suspended from Apr 1 to Jun 1 unless `fields` say otherwise."""
    return subscription(*charges, **{"start": "2024-01-01", **SPRING, **fields})


@pytest.mark.rule("5 suspended: billed beyond it")
def test_a_billed_year_is_credited_from_the_suspension_and_billed_anew_from_the_resumption() -> None:
    """
    1200 a year, billed; no service in April and May: the vendor's invoice has -900 and +700, not one item of -200.

    Jan 1        Apr 1        Jun 1                    Jan 1
      |-- kept ----|--------------- -900 ----------------|
                                |-------- +700 ----------|
    """
    year = recurring(1200, "2024-01-01", billing_period="Annual", charged_through_date="2025-01-01")
    months = {"proration_unit": "ProrateByMonthFirst"}
    expected = ["2024-04-01…2024-12-31 -900.00", "2024-06-01…2024-12-31 700.00"]
    assert billed(paused(year), "2024-06-01", rules=months) == expected
    assert billed(paused(year), "2024-05-31", rules=months) == expected[:1]


@pytest.mark.rule("5 suspended: billed beyond it")
def test_a_pause_that_the_export_splits_and_one_that_it_does_not_are_billed_alike() -> None:
    year = {"billing_period": "Annual"}
    split = (
        recurring(1200, "2024-01-01", "2024-04-01", charged_through_date="2025-01-01", **year),
        recurring(1200, "2024-06-01", "2025-01-01", **year),
    )
    whole = recurring(1200, "2024-01-01", charged_through_date="2025-01-01", **year)
    assert billed(paused(whole), "2024-12-31") == billed(subscription(*segments(*split)), "2024-12-31")


@pytest.mark.rule("5 suspended: billed beyond it")
@pytest.mark.parametrize(
    ("through", "target", "warned"),
    [
        ("2025-01-01", "2024-06-01", True),
        ("2024-06-02", "2024-06-01", True),
        ("2024-06-01", "2024-06-01", False),  # billed before the pause was known: after it, more than that is billed
        ("2025-01-01", "2024-03-31", False),  # nothing of the pause is due
        (None, "2024-06-01", False),
    ],
)
def test_one_segment_leaves_open_whether_the_pause_was_invoiced(through: str | None, target: str, warned: bool) -> None:
    """
    Jan 1        Apr 1        Jun 1       charged through
      |------------|  (paused)  |---------------|          from before Apr 1, or from after Jun 1?
    """
    usage = metered(1, "2024-01-01", charged_through_date=through)
    result = sound(answer(paused(recurring(100, "2024-01-01", charged_through_date=through), usage), target))
    notes = [(note.kind, note.charge_number) for note in result.notes if note.code == "PAUSE_NOT_SPLIT"]
    assert notes == [("warning", "C-1")] * warned


@pytest.mark.rule("5 suspended: billed beyond it")
def test_a_segment_that_ends_with_the_suspension_shows_that_its_credit_is_open() -> None:
    year = {"billing_period": "Annual", "model": "FlatFee"}
    before = recurring(1200, "2024-01-01", "2024-04-01", charged_through_date="2025-01-01", **year)
    result = answer(paused(*segments(before, recurring(1200, "2024-06-01", **year))), "2024-06-01")
    assert [item.amount for item in sound(result).items()] == [Decimal("-901.64"), Decimal("701.64")]
    assert not result.notes


@pytest.mark.rule("5 suspended: billed beyond it")
def test_every_month_billed_beyond_a_suspension_is_credited_separately() -> None:
    """
    31 a month from the 10th, billed to Jul 10, no service from May 15 to Jun 12.

    May 10   May 15       Jun 10  Jun 13       Jul 10
      |-- 31 --|-- -26 ------|------- -31 -------|-- 31 --
                                     |--- 27.90 -|
    """
    month = recurring(31, "2024-05-10", charged_through_date="2024-07-10")
    stops = {"scheduled_suspend_date": "2024-05-15", "scheduled_resume_date": "2024-06-13"}
    assert billed(subscription(month, status="Suspended", **stops), "2024-07-10", bill_cycle_day=10) == [
        "2024-05-15…2024-06-09 -26.00",
        "2024-06-10…2024-07-09 -31.00",
        "2024-06-13…2024-07-09 27.90",
        "2024-07-10…2024-08-09 31.00",
    ]


@pytest.mark.rule("5 suspended: billed beyond it")
@pytest.mark.parametrize(
    ("discount", "expected"),
    [
        (
            percent_off(10, "2024-01-01", charged_through_date="2025-01-01"),
            ["C-1 -900.00", "C-D1 90.00", "C-1 700.00", "C-D1 -70.00"],
        ),
        (
            amount_off(120, "2024-01-01", billing_period="Annual", charged_through_date="2025-01-01"),
            ["C-1 -900.00", "C-1 700.00", "C-D1 -70.00"],  # 300 are kept and absorb 120; the new balance is 120 x 7/12
        ),
    ],
)
def test_the_discount_of_a_billed_year_is_credited_and_taken_off_anew(discount: Charge, expected: list[str]) -> None:
    year = recurring(1200, "2024-01-01", billing_period="Annual", charged_through_date="2025-01-01")
    months = {"proration_unit": "ProrateByMonthFirst"}
    lines = statement(paused(year, discount), "2024-06-01", rules=months)
    assert [f"{line.split()[0]} {line.split()[-1]}" for line in lines] == expected


@pytest.mark.rule("5 suspended: usage")
def test_usage_in_the_pause_is_free_and_billed_usage_is_not_billed_again() -> None:
    """2 per unit, one unit on the 20th of each month, billed to Jul 1: nothing is credited, and July is next."""
    records = tuple(used(f"2024-{month:02}-20", 1) for month in range(1, 9))
    never = metered(2, "2024-01-01")
    before = metered(2, "2024-01-01", charged_through_date="2024-07-01")
    inside = metered(2, "2024-01-01", charged_through_date="2024-05-01")

    def amounts(charge: Charge) -> list[str]:
        return [line[:7] + line[-5:] for line in billed(account(paused(charge), usage=records), "2024-09-01")]

    assert amounts(never) == [f"2024-{month:02} 2.00" for month in (1, 2, 3, 6, 7, 8)]
    assert amounts(before) == [f"2024-{month:02} 2.00" for month in (7, 8)]
    assert amounts(inside) == [f"2024-{month:02} 2.00" for month in (6, 7, 8)]


@pytest.mark.rule("5 suspended: usage")
def test_usage_billed_beyond_a_segment_that_ends_with_the_pause_is_not_billed_by_the_next_one() -> None:
    """One item for a whole year; the first segment has its date, the second has none."""
    parts = segments(metered(2, "2024-01-01", charged_through_date="2025-01-01"), metered(2, "2024-06-01"))
    assert billed(account(paused(*parts), usage=(used("2024-07-20", 1),)), "2025-01-01") == []


@pytest.mark.rule("5 suspended: one-time")
@pytest.mark.parametrize("resumption", ["2024-05-01", "2024-04-16", None])
@pytest.mark.parametrize("day", ["2024-04-01", "2024-04-15"])
def test_a_one_time_charge_within_the_pause_is_not_billed_nor_after_it(day: str, resumption: str | None) -> None:
    """Also one on the day of the suspension: that day is without service."""
    terms = paused(one_time(99, day), scheduled_resume_date=resumption)
    result = answer(terms, "2024-12-31")
    assert not list(result.items())
    assert [(note.kind, note.code, note.charge_number) for note in result.notes] == [("reason", "SUSPENDED", "C-O")]
    until = f" to {resumption}" if resumption else ""
    assert result.notes[0].message == f"Charge C-O starts on {day}, but is suspended from 2024-04-01{until}."


@pytest.mark.rule("5 suspended: one-time")
def test_the_reason_of_a_one_time_charge_on_the_day_of_the_resumption_is_its_day() -> None:
    (reason,) = answer(paused(one_time(99, "2024-06-01")), "2024-05-31").notes
    assert (reason.code, reason.message[-55:]) == (
        "STARTS_LATER",
        "starts on 2024-06-01, after the target date 2024-05-31.",
    )


@pytest.mark.rule("5 suspended: one-time")
@pytest.mark.parametrize("day", ["2024-03-31", "2024-06-01"])
def test_a_one_time_charge_outside_the_pause_is_billed(day: str) -> None:
    assert billed(paused(one_time(99, day)), "2024-12-31") == [f"{day} 99.00"]


@pytest.mark.rule("5 suspended: one-time")
@pytest.mark.parametrize(("rule", "expected"), [(False, []), (True, ["2024-04-15 -99.00"])])
def test_a_one_time_charge_billed_within_the_pause_is_credited_only_by_its_own_rule(
    rule: bool, expected: list[str]
) -> None:
    setup = one_time(99, "2024-04-15", charged_through_date="2024-04-16")
    assert billed(paused(setup), "2024-12-31", rules={"credit_one_time": rule}) == expected


@pytest.mark.rule("5 suspended: stubs")
def test_the_stubs_of_a_pause_are_those_of_a_plan_removed_and_added_on_those_days() -> None:
    """
    30 a month on day 30, no service from Jul 1 to Sep 28; without partial months the first is billed whole, and the
    second not at all.

    May 30          Jun 30 Jul 1                 Sep 29 Sep 30
      |----- 30 ------|-1.00-|      (paused)       |-0.97-|----- 30 -----
      |----- 30 ------|------- 30 -------|                |----- 30 -----
    """
    stops = {"scheduled_suspend_date": "2024-07-01", "scheduled_resume_date": "2024-09-29", "start": "2024-05-30"}
    month = recurring(30, "2024-05-30")
    assert billed(paused(month, **stops), "2024-09-30", bill_cycle_day=30) == [
        "2024-05-30…2024-06-29 30.00",
        "2024-06-30…2024-06-30 1.00",
        "2024-09-29…2024-09-29 0.97",
        "2024-09-30…2024-10-29 30.00",
    ]
    whole = {"bill_recurring_partial_month": False}
    assert billed(paused(month, **stops), "2024-09-30", bill_cycle_day=30, rules=whole) == [
        "2024-05-30…2024-06-29 30.00",
        "2024-06-30…2024-07-29 30.00",
        "2024-09-30…2024-10-29 30.00",
    ]


def whole_or_split(period: dict[str, Any], through: str | None) -> tuple[Subscription, Subscription]:
    """A charge that is suspended from Apr 11 to Jun 20, and one that is removed on Apr 11 and added anew on Jun 20."""
    common = {"billing_period_alignment": "AlignToSubscriptionStart", **period}
    stops = {"scheduled_suspend_date": "2024-04-11", "scheduled_resume_date": "2024-06-20"}
    charge = recurring(91, "2024-01-01", charged_through_date=through, **common)
    removed = recurring(91, "2024-01-01", "2024-04-11", charged_through_date=through, **common)
    added = recurring(91, "2024-06-20", number="C-2", **common)
    return paused(charge, **stops), subscription(removed, added, start="2024-01-01")


@pytest.mark.rule("5 suspended: stubs")
@pytest.mark.parametrize("through", [None, "2024-04-01", "2024-08-05", "2025-01-01"])
@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"bill_recurring_partial_month": False},
        {"bill_recurring_partial_month": False, "prorate_recurring_partial_period": False},
        {"bill_recurring_partial_week": False},
    ],
)
@pytest.mark.parametrize("timing", ["IN_ADVANCE", "IN_ARREARS"])
@pytest.mark.parametrize(
    "period",
    [
        {"billing_period": "Month"},
        {"billing_period": "Quarter"},
        {"billing_period": "Annual"},
        {"billing_period": "Annual", "list_price_base": "Per_Month"},
        {"billing_period": "Week", "billing_day": "SpecificDayofWeek/monday"},
        {"billing_period": "Specific_Weeks", "specific_billing_period": 3, "billing_day": "SpecificDayofWeek/monday"},
    ],
)
def test_a_pause_costs_what_removing_and_adding_costs(
    period: dict[str, Any], timing: str, rules: dict[str, Any], through: str | None
) -> None:
    """
    Jan 1        Apr 11              Jun 20               Jan 1
      |------------|     (paused)      |--------------------|      =     |-- removed --|     |-- added --|
    """
    suspended, changed = whole_or_split({**period, "billing_timing": timing}, through)
    for target in ("2024-03-15", "2024-04-11", "2024-06-19", "2024-06-20", "2024-07-31", "2025-01-01"):
        assert billed(suspended, target, rules=rules) == billed(changed, target, rules=rules)


@pytest.mark.rule("5 suspended")
@pytest.mark.parametrize("target", ["2024-04-01", "2024-05-31"])
@pytest.mark.parametrize("resumption", ["2024-06-01", None])
def test_a_reason_names_a_charge_whose_first_day_is_in_the_pause(target: str, resumption: str | None) -> None:
    month = recurring(30, "2024-01-01", charged_through_date="2024-04-01")
    result = answer(paused(month, scheduled_resume_date=resumption), target)
    until = f" to {resumption}" if resumption else ""
    assert [(note.code, note.message) for note in result.notes] == [
        ("SUSPENDED", f"Charge C-1 of subscription A-S1 is suspended from 2024-04-01{until}.")
    ]


@pytest.mark.rule("5 suspended")
def test_a_charge_that_starts_within_the_pause_says_so_until_the_resumption() -> None:
    """A discount beside it needs no words: it has no items of its own."""
    terms = paused(recurring(30, "2024-05-01"), percent_off(10, "2024-05-01"))
    codes = [(note.code, note.charge_number) for note in answer(terms, "2024-05-15").notes]
    assert codes == [("SUSPENDED", "C-1"), ("DISCOUNT_ALONE", "C-D1")]
    assert not answer(terms, "2024-06-01").notes


@pytest.mark.rule("5 suspended: stubs")
def test_a_change_on_the_first_day_does_not_hide_that_the_charge_starts_there() -> None:
    """A segment of no length, then one from the same day: Jan 15 … 31 is a first stub, and not billed."""
    parts = segments(recurring(10, "2024-01-15", "2024-01-15"), recurring(20, "2024-01-15"))
    terms = subscription(*parts, start="2024-01-15")
    assert billed(terms, "2024-02-01", rules={"bill_recurring_partial_month": False}) == ["2024-02-01…2024-02-29 20.00"]


@pytest.mark.rule("5 suspended: stubs")
def test_usage_of_a_stub_after_a_pause_follows_the_rule_on_usage() -> None:
    """No usage of partial months: the units of Jun 20 … 30 are not billed, those up to Apr 10 are."""
    records = tuple(used(day, 1) for day in ("2024-04-05", "2024-06-25", "2024-07-05"))
    stops = {"scheduled_suspend_date": "2024-04-11", "scheduled_resume_date": "2024-06-20"}
    metering = account(
        paused(metered(2, "2024-04-01"), **stops), usage=records, rules={"bill_usage_partial_month": False}
    )
    assert billed(metering, "2024-08-01") == ["2024-04-01…2024-04-10 2.00", "2024-07-01…2024-07-31 2.00"]
