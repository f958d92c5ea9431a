"""Which subscriptions are billed at all, when charges begin, and what ends them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from soapsvc.engine.account import StatusSpan
from tests.support.building import (
    account,
    answer,
    billed,
    evergreen,
    numbered,
    one_time,
    recurring,
    segments,
    sound,
    subscription,
)


def codes(what: object, target: str, **options: object) -> list[str]:
    return [note.code for note in answer(what, target, **options).notes]  # type: ignore[arg-type]


@pytest.mark.rule("5 statuses")
@pytest.mark.parametrize(
    ("status", "items"),
    [
        ("Active", 2),
        ("Draft", 0),
        ("Pending Activation", 2),
        ("PendingAcceptance", 2),
        ("Expired", 0),
        ("OutOfTerm", 2),  # a backlog is still billed
    ],
)
def test_which_statuses_are_billed(status: str, items: int) -> None:
    result = answer(subscription(recurring(10, "2024-01-01"), status=status), "2024-02-01")
    assert len(result) == items
    assert [note.code for note in result.notes] == ([] if items else ["STATUS_NOT_BILLED"])


@pytest.mark.rule("5 statuses")
@pytest.mark.parametrize(
    ("status", "fields", "until", "warnings"),
    [
        ("Cancelled", {}, None, ["CANCELLATION_UNDATED"]),
        ("Canceled", {}, None, ["CANCELLATION_UNDATED"]),
        ("Cancelled", {}, "2024-03-01", []),  # the charge has an end of its own
        ("Cancelled", {"subscription_end_date": "2024-03-01"}, None, []),
        ("Suspended", {}, None, ["SUSPENSION_UNDATED"]),
        ("Suspended", {}, "2024-03-01", []),
        ("Suspended", {"scheduled_suspend_date": "2024-03-01"}, None, []),
        ("Suspended", {"status_history": (StatusSpan("Suspended", date(2024, 3, 1)),)}, None, []),
        ("Suspended", {"status_history": (StatusSpan("Active", date(2024, 1, 1)),)}, None, ["SUSPENSION_UNDATED"]),
    ],
)
def test_a_suspension_or_cancellation_without_a_date_has_a_warning_and_billing_continues(
    status: str, fields: dict[str, Any], until: str | None, warnings: list[str]
) -> None:
    terms = subscription(recurring(10, "2024-01-01", until), end="2025-01-01", status=status, **fields)
    result = answer(terms, "2024-02-01")
    assert len(result) == 2
    assert [(note.kind, note.code) for note in result.notes] == [("warning", code) for code in warnings]


@pytest.mark.rule("5 pending")
def test_a_pending_subscription_is_billed_charge_by_charge_as_their_dates_are_known() -> None:
    """10 a month from the contract's start; what waits for the activation gives nothing, and says why.

    Sources: the vendor's support in its community; "Catch-up bill run".
    """
    waiting = replace(recurring(30, "2024-01-01", number="C-2"), effective_start_date=None)
    result = answer(
        subscription(recurring(10, "2024-01-01"), waiting, one_time(5, "2024-01-15"), status="Pending Activation"),
        "2024-02-01",
    )
    assert [numbered(item) for item in sound(result).items()] == [
        "C-O 2024-01-15 5.00",
        "C-1 2024-01-01…2024-01-31 10.00",
        "C-1 2024-02-01…2024-02-29 10.00",
    ]
    assert [(note.code, note.charge_number) for note in result.notes] == [("UNKNOWN_TRIGGER_DATE", "C-2")]


@pytest.mark.rule("5 pending")
@pytest.mark.parametrize("start", [date(2024, 1, 1), None])
def test_a_term_that_has_not_begun_holds_back_only_what_is_billed_by_it(start: date | None) -> None:
    """No term dates before the activation: a month needs none, a charge for the term or aligned to it does."""
    charges = (
        recurring(10, "2024-01-01", number="C-1"),
        recurring(10, "2024-01-01", number="C-2", billing_period="Subscription_Term", list_price_base="Per_Month"),
        recurring(10, "2024-01-01", number="C-3", billing_period_alignment="AlignToTermStart"),
        recurring(10, "2024-01-01", number="C-4", billing_day="TermEndDay"),
    )
    pending = replace(
        subscription(*charges, status="PendingAcceptance"),
        term_start_date=None,
        term_end_date=None,
        subscription_start_date=start,
        charges=tuple(replace(charge, effective_end_date=None) for charge in charges),
    )
    result = sound(answer(pending, "2026-01-01", renew="All"))
    assert {item.facts.charge_number for item in result.items()} == {"C-1"}
    assert len(result) == 25
    assert [(note.code, note.charge_number) for note in result.notes] == [
        ("TERM_NOT_BEGUN", number) for number in ("C-2", "C-3", "C-4")
    ]
    assert answer(replace(pending, status="Active"), "2024-01-01").errors[0].code == "MISSING_DATE"


@pytest.mark.rule("5 pending")
@pytest.mark.parametrize("of_kind", [subscription, evergreen])
def test_a_pending_subscription_with_known_terms_or_without_terms_waits_for_none(of_kind: Any) -> None:
    charge = recurring(10, "2024-01-01", billing_period_alignment="AlignToTermStart")
    pending = of_kind(charge, status="Pending Activation")
    assert billed(pending, "2024-02-01", including_evergreen_subscription=True) == [
        "2024-01-01…2024-01-31 10.00",
        "2024-02-01…2024-02-29 10.00",
    ]


@pytest.mark.rule("5 pending")
def test_an_evergreen_subscription_is_left_out_while_it_is_pending_too() -> None:
    pending = evergreen(recurring(10, "2024-01-01"), status="Pending Activation")
    assert codes(pending, "2024-01-01") == ["EVERGREEN_LEFT_OUT"]
    assert len(billed(pending, "2024-02-01", including_evergreen_subscription=True)) == 2


@pytest.mark.rule("5 pending")
def test_a_pending_subscription_ends_where_its_cancellation_is_scheduled() -> None:
    pending = subscription(recurring(31, "2024-01-01"), status="Pending Activation", scheduled_cancel_date="2024-01-11")
    assert billed(pending, "2024-03-01") == ["2024-01-01…2024-01-10 10.00"]


@pytest.mark.rule("5 cancelled")
def test_a_cancelled_subscription_is_billed_to_the_day_before_its_cancellation() -> None:
    charge = recurring(31, "2024-01-01", "2024-03-01", charged_through_date="2024-02-01")
    assert billed(subscription(charge, end="2024-03-01", status="Cancelled"), "2024-06-30") == [
        "2024-02-01…2024-02-29 31.00"
    ]


@pytest.mark.rule("5 cancelled")
@pytest.mark.parametrize("renew", ["All", "Autorenew"])
def test_a_cancelled_subscription_is_never_assumed_renewed(renew: str) -> None:
    charge = recurring(31, "2024-01-01")
    cancelled = subscription(charge, end="2024-03-01", status="Cancelled", auto_renew=True)
    assert len(billed(cancelled, "2024-06-30", renew=renew)) == 2


@pytest.mark.rule("5 cancelled")
def test_the_subscription_end_date_stops_a_cancelled_subscription_whose_term_runs_on() -> None:
    charge = recurring(31, "2024-01-01", "2025-01-01")
    cancelled = subscription(charge, end="2025-01-01", status="Cancelled", subscription_end_date="2024-02-11")
    assert billed(cancelled, "2024-06-30") == ["2024-01-01…2024-01-31 31.00", "2024-02-01…2024-02-10 10.69"]


@pytest.mark.rule("5 cancelled")
def test_a_cancelled_evergreen_subscription_ends_with_its_charges() -> None:
    charge = recurring(31, "2024-01-01", "2024-02-11")
    cancelled = evergreen(charge, status="Cancelled")
    assert billed(cancelled, "2024-06-30", including_evergreen_subscription=True) == [
        "2024-01-01…2024-01-31 31.00",
        "2024-02-01…2024-02-10 10.69",
    ]


@pytest.mark.rule("5 cancelled: scheduled")
@pytest.mark.parametrize(
    ("scheduled", "expected"),
    [
        ("2024-02-11", ["2024-01-01…2024-01-31 31.00", "2024-02-01…2024-02-10 10.69"]),  # 31 x 10/29
        ("2024-03-01", ["2024-01-01…2024-01-31 31.00", "2024-02-01…2024-02-29 31.00"]),
        ("2024-03-02", ["2024-01-01…2024-01-31 31.00", "2024-02-01…2024-02-29 31.00", "2024-03-01…2024-03-01 1.00"]),
    ],
)
def test_an_active_subscription_ends_where_its_cancellation_is_scheduled_and_is_not_renewed(
    scheduled: str, expected: list[str]
) -> None:
    """The term ends on Mar 1; a cancellation after it is of the renewed term."""
    charge = recurring(31, "2024-01-01")
    terms = subscription(charge, end="2024-03-01", auto_renew=True, scheduled_cancel_date=scheduled)
    assert billed(terms, "2024-03-31", renew="All") == expected


@pytest.mark.rule("5 cancelled: scheduled")
def test_time_billed_beyond_a_scheduled_cancellation_is_credited_on_its_day() -> None:
    charge = recurring(31, "2024-01-01", charged_through_date="2024-04-01")
    terms = subscription(charge, scheduled_cancel_date="2024-03-16")
    assert billed(terms, "2024-03-15") == []
    assert billed(terms, "2024-03-16") == ["2024-03-16…2024-03-31 -16.00"]


@pytest.mark.rule("5 cancelled: scheduled")
def test_a_draft_with_a_cancellation_stays_a_draft_and_an_evergreen_subscription_stays_left_out() -> None:
    charge = recurring(31, "2024-01-01")
    assert codes(subscription(charge, status="Draft", scheduled_cancel_date="2024-02-11"), "2024-02-01") == [
        "STATUS_NOT_BILLED"
    ]
    without_end = evergreen(charge, scheduled_cancel_date="2024-01-11")
    assert codes(without_end, "2024-02-01") == ["EVERGREEN_LEFT_OUT"]
    assert billed(without_end, "2024-02-01", including_evergreen_subscription=True) == ["2024-01-01…2024-01-10 10.00"]


@pytest.mark.rule("5 suspended")
def test_a_suspended_subscription_is_billed_to_the_suspension() -> None:
    """
    Bill cycle day 10, suspended on May 15: 30 x 5/31.

    Apr 10         May 10  May 15
      |---- 30 ------|-4.84-|  (suspended)
    """
    charge = recurring(30, "2024-04-10")
    suspended = subscription(charge, status="Suspended", scheduled_suspend_date="2024-05-15")
    assert billed(suspended, "2024-07-31", bill_cycle_day=10) == [
        "2024-04-10…2024-05-09 30.00",
        "2024-05-10…2024-05-14 4.84",
    ]


@pytest.mark.rule("5 suspended")
def test_the_status_history_knows_the_suspension_better_than_the_schedule() -> None:
    charge = recurring(30, "2024-04-10")
    spans = (
        StatusSpan("Active", recurring(1, "2024-04-10").effective_start_date),  # type: ignore[arg-type]
        StatusSpan("Suspended", recurring(1, "2024-05-15").effective_start_date),  # type: ignore[arg-type]
    )
    suspended = subscription(charge, status="Suspended", status_history=spans)
    assert billed(suspended, "2024-07-31", bill_cycle_day=10)[-1] == "2024-05-10…2024-05-14 4.84"


@pytest.mark.rule("5 suspended")
def test_a_resumed_subscription_bills_a_stub_before_the_gap_and_one_after_it() -> None:
    """
    May 10 May 15            Jun 13     Jul 10
      |-5/31-|   (suspended)   |- 27/30 --|-- 30 --
    """
    parts = (
        recurring(30, "2024-05-10", "2024-05-15", segment=1),
        recurring(30, "2024-06-13", segment=2, id="C-1-2"),
    )
    assert billed(parts, "2024-07-10", bill_cycle_day=10) == [
        "2024-05-10…2024-05-14 4.84",
        "2024-06-13…2024-07-09 27.00",
        "2024-07-10…2024-08-09 30.00",
    ]


@pytest.mark.rule("5 suspended")
@pytest.mark.parametrize("status", ["Suspended", "Active"])
def test_a_scheduled_resumption_is_billed_from_its_day(status: str) -> None:
    """The same, in an export whose charge is still one segment: billing stops on May 15 and continues on Jun 13."""
    paused = subscription(
        recurring(30, "2024-05-10"),
        status=status,
        scheduled_suspend_date="2024-05-15",
        scheduled_resume_date="2024-06-13",
    )
    assert billed(paused, "2024-07-10", bill_cycle_day=10) == [
        "2024-05-10…2024-05-14 4.84",
        "2024-06-13…2024-07-09 27.00",
        "2024-07-10…2024-08-09 30.00",
    ]


@pytest.mark.rule("5 suspended")
def test_segments_after_the_resumption_and_before_the_suspension_stay_as_they_are() -> None:
    parts = (
        recurring(30, "2024-04-10", "2024-05-10", segment=1),
        recurring(30, "2024-06-13", segment=2, id="C-1-2"),
    )
    paused = subscription(
        *parts, status="Suspended", scheduled_suspend_date="2024-05-15", scheduled_resume_date="2024-06-13"
    )
    assert billed(paused, "2024-06-13", bill_cycle_day=10) == [
        "2024-04-10…2024-05-09 30.00",
        "2024-06-13…2024-07-09 27.00",
    ]


@pytest.mark.rule("5 suspended")
@pytest.mark.parametrize(
    ("resume", "expected"), [(None, []), ("2024-06-13", ["2024-06-13…2024-07-09 27.00"]), ("2024-05-01", [])]
)
def test_a_charge_that_starts_within_the_pause_waits_for_its_end(resume: str | None, expected: list[str]) -> None:
    """A resumption before the suspension is none."""
    paused = subscription(
        recurring(30, "2024-05-20"),
        start="2024-05-10",
        status="Suspended",
        scheduled_suspend_date="2024-05-15",
        scheduled_resume_date=resume,
    )
    assert billed(paused, "2024-06-15", bill_cycle_day=10) == expected


@pytest.mark.rule("5 suspended")
def test_a_charge_that_ends_within_the_pause_does_not_resume() -> None:
    paused = subscription(
        recurring(30, "2024-05-10", "2024-06-10"),
        start="2024-05-10",
        end="2025-05-10",
        status="Suspended",
        scheduled_suspend_date="2024-05-15",
        scheduled_resume_date="2024-06-13",
    )
    assert billed(paused, "2024-12-31", bill_cycle_day=10) == ["2024-05-10…2024-05-14 4.84"]


@pytest.mark.rule("5 suspended")
def test_a_subscription_that_resumes_is_renewed() -> None:
    paused = subscription(
        recurring(30, "2024-01-01", charged_through_date="2024-12-01"),
        status="Suspended",
        scheduled_suspend_date="2024-12-01",
        scheduled_resume_date="2025-02-01",
    )
    assert billed(paused, "2025-02-01", renew="All") == ["2025-02-01…2025-02-28 30.00"]


@pytest.mark.rule("5 suspended")
def test_a_suspension_of_unknown_date_changes_nothing() -> None:
    assert len(billed(subscription(recurring(30, "2024-01-01"), status="Suspended"), "2024-03-01")) == 3


@pytest.mark.rule("5 suspended")
def test_a_suspended_subscription_is_not_assumed_renewed() -> None:
    charge = recurring(30, "2024-01-01")
    suspended = subscription(
        charge, end="2024-03-01", status="Suspended", scheduled_suspend_date="2024-02-11", auto_renew=True
    )
    assert billed(suspended, "2024-12-31", renew="All") == [
        "2024-01-01…2024-01-31 30.00",
        "2024-02-01…2024-02-10 10.34",
    ]


@pytest.mark.rule("5 suspended")
def test_time_billed_beyond_the_suspension_is_credited() -> None:
    """May 10 … Jun 9 was billed; suspended on May 15: 26 of 31 days are credited."""
    charge = recurring(31, "2024-04-10", charged_through_date="2024-06-10")
    suspended = subscription(charge, status="Suspended", scheduled_suspend_date="2024-05-15")
    assert billed(suspended, "2024-05-15", bill_cycle_day=10) == ["2024-05-15…2024-06-09 -26.00"]


@pytest.mark.rule("5 unknown trigger date")
def test_a_charge_whose_trigger_date_is_unknown_is_not_billable_and_says_so() -> None:
    pending = replace(recurring(10, "2024-01-01", number="C-2"), effective_start_date=None)
    result = answer((recurring(10, "2024-01-01"), pending), "2024-01-01")
    assert [item.facts.charge_number for item in result.items()] == ["C-1"]
    assert [(note.code, note.charge_number) for note in result.notes] == [("UNKNOWN_TRIGGER_DATE", "C-2")]


@pytest.mark.rule("5 unknown trigger date")
@pytest.mark.parametrize(
    "event", ["ContractEffective", "ServiceActivation", "CustomerAcceptance", "SpecificDate", None]
)
def test_once_the_start_is_known_the_trigger_event_does_not_matter(event: str | None) -> None:
    assert len(billed(recurring(10, "2024-01-01", trigger_event=event), "2024-01-01")) == 1


@pytest.mark.rule("6 evergreen")
@pytest.mark.parametrize(("included", "items"), [(False, 0), (True, 1)])
def test_an_evergreen_subscription_is_left_out_by_default(included: bool, items: int) -> None:
    charge = recurring(10, "2024-01-01", charged_through_date="2024-06-01")
    result = answer(evergreen(charge), "2024-06-30", including_evergreen_subscription=included)
    assert len(result) == items
    assert [note.code for note in result.notes] == ([] if items else ["EVERGREEN_LEFT_OUT"])


@pytest.mark.rule("5 Subscription_End")
def test_an_active_subscription_past_its_term_bills_nothing_more() -> None:
    charge = recurring(10, "2023-01-01", charged_through_date="2024-01-01")
    result = answer(charge, "2024-06-30")
    assert not list(result.items())
    assert [note.code for note in result.notes] == ["TERM_ENDED"]


@pytest.mark.rule("5 Fixed_Period")
@pytest.mark.parametrize(
    ("unit", "count", "last"),
    [
        ("Days", 45, "2026-10-15"),
        ("Weeks", 5, "2026-10-05"),
        ("Months", 3, "2026-11-30"),
        ("Years", 1, "2027-08-31"),
        ("Billing_Periods", 2, "2026-10-31"),
        (None, 2, "2026-10-31"),
    ],
)
def test_a_fixed_period_counts_from_the_trigger_date(unit: str | None, count: int, last: str) -> None:
    charge = recurring(
        10, "2026-09-01", end_date_condition="Fixed_Period", up_to_periods=count, up_to_periods_type=unit
    )
    long_term = subscription(charge, end="2029-01-01")
    assert billed(long_term, "2028-12-31")[-1].split()[0].endswith(last)


@pytest.mark.rule("5 Fixed_Period")
@pytest.mark.parametrize(
    ("period", "specific", "last"),
    [
        ("Week", None, "2026-09-14"),
        ("Specific_Weeks", 3, "2026-10-12"),
        ("Specific_Days", 10, "2026-09-20"),
        ("Specific_Months", 2, "2026-12-31"),
    ],
)
def test_a_fixed_period_of_two_billing_periods_of_weeks_days_or_months(
    period: str, specific: int | None, last: str
) -> None:
    charge = recurring(
        10, "2026-09-01", end_date_condition="Fixed_Period", up_to_periods=2, up_to_periods_type="Billing_Periods",
        billing_period=period, specific_billing_period=specific,
    )  # fmt: skip
    assert billed(subscription(charge, end="2029-01-01"), "2028-12-31")[-1].split()[0].endswith(last)


@pytest.mark.rule("5 Fixed_Period")
@pytest.mark.parametrize(
    ("term_end", "stored_end", "renew", "last"),
    [
        ("2027-01-01", "2026-12-01", "None", "2026-11-30"),
        ("2026-11-01", "2026-11-01", "None", "2026-10-31"),
        ("2026-11-01", "2026-11-01", "All", "2026-11-30"),
    ],
)
def test_three_months_from_sep_1_are_capped_by_the_term_and_uncapped_by_its_renewal(
    term_end: str, stored_end: str, renew: str, last: str
) -> None:
    """
    Sep 1      Oct 1      Nov 1      Dec 1
      |---------- three months --------|
      |-- term to Nov 1 -----|-- assumed renewal --
    """
    charge = recurring(
        10, "2026-09-01", stored_end, end_date_condition="Fixed_Period", up_to_periods=3, up_to_periods_type="Months"
    )
    terms = subscription(charge, start="2025-11-01", end=term_end)
    assert billed(terms, "2027-06-01", renew=renew)[-1] == f"{last[:8]}01…{last} 10.00"


@pytest.mark.rule("5 Fixed_Period")
def test_the_segments_of_a_fixed_period_end_together() -> None:
    """Six months from Jan 1, the price changed on Mar 1: the second segment ends on Jul 1, not on Sep 1."""
    fixed = {"end_date_condition": "Fixed_Period", "up_to_periods": 6, "up_to_periods_type": "Months"}
    parts = segments(recurring(10, "2024-01-01", **fixed), recurring(20, "2024-03-01", "2024-07-01", **fixed))
    assert billed(parts, "2024-12-31")[-1] == "2024-06-01…2024-06-30 20.00"


@pytest.mark.rule("5 Fixed_Period")
def test_a_last_segment_that_comes_alone_counts_from_the_trigger_date() -> None:
    """Twelve months from Jan 1; the segment of Jul 1 does not run on into the renewed term."""
    fixed = {"end_date_condition": "Fixed_Period", "up_to_periods": 12, "up_to_periods_type": "Months"}
    last = recurring(20, "2024-07-01", segment=2, trigger_date="2024-01-01", **fixed)
    terms = subscription(last, start="2024-01-01")
    assert billed(terms, "2025-12-31", renew="All")[-1] == "2024-12-01…2024-12-31 20.00"


@pytest.mark.rule("5 Fixed_Period")
@pytest.mark.parametrize("renew", ["None", "All"])
def test_a_fixed_period_of_one_term_is_the_term(renew: str) -> None:
    charge = recurring(
        100,
        "2024-01-01",
        billing_period="Subscription_Term",
        list_price_base="Per_Month",
        end_date_condition="Fixed_Period",
        up_to_periods=1,
    )
    assert billed(subscription(charge, end="2024-07-01"), "2024-08-01", renew=renew) == ["2024-01-01…2024-06-30 600.00"]


@pytest.mark.rule("5 Specific_End_Date")
@pytest.mark.parametrize(
    ("stored", "specific", "last"),
    [
        ("2024-11-17", "2024-11-17", "2024-11-16"),  # the stored end, exclusive, is what counts
        ("2024-11-17", None, "2024-11-16"),
        (None, "2024-11-17", "2024-11-16"),
        ("2025-01-01", "2025-03-10", "2024-12-31"),  # capped by the term
    ],
)
def test_a_charge_with_an_end_date_of_its_own(stored: str | None, specific: str | None, last: str) -> None:
    charge = recurring(10, "2024-01-01", stored, end_date_condition="Specific_End_Date", specific_end_date=specific)
    assert billed(subscription(charge, end="2025-01-01"), "2025-12-31")[-1].split()[0].endswith(last)


@pytest.mark.rule("5 Specific_End_Date")
def test_a_specific_end_date_behind_the_term_is_reached_when_the_term_is_renewed() -> None:
    charge = recurring(
        31, "2024-01-01", "2025-01-01", end_date_condition="Specific_End_Date", specific_end_date="2025-03-11"
    )
    assert billed(charge, "2025-12-31", renew="All")[-1] == "2025-03-01…2025-03-10 10.00"


@pytest.mark.rule("5 statuses")
def test_a_removed_charge_is_billed_to_its_end_and_not_renewed() -> None:
    """Only its dates decide: it ended on Mar 1, before the term; neither term nor renewals bring it back."""
    removed = recurring(10, "2024-01-01", "2024-03-01", removed=True)
    assert len(billed(removed, "2026-01-01", renew="All")) == 2


@pytest.mark.rule("5 statuses")
def test_every_subscription_left_out_says_why() -> None:
    both = account(
        subscription(recurring(10, "2024-01-01"), status="Draft", subscription_number="A-1"),
        evergreen(one_time(10, "2024-01-01"), subscription_number="A-2"),
    )
    result = answer(both, "2024-01-01")
    assert [(note.kind, note.code, note.subscription_number) for note in result.notes] == [
        ("reason", "STATUS_NOT_BILLED", "A-1"),
        ("reason", "EVERGREEN_LEFT_OUT", "A-2"),
    ]


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"end_date_condition": "Someday"}, "UNKNOWN_VALUE", "endDateCondition"),
        ({"end_date_condition": "Fixed_Period"}, "MISSING_VALUE", "upToPeriods"),
        (
            {"end_date_condition": "Fixed_Period", "up_to_periods": 1, "up_to_periods_type": "Fortnights"},
            "UNKNOWN_VALUE",
            "upToPeriodsType",
        ),
    ],
)
def test_an_end_that_cannot_be_read_names_the_field(fields: dict[str, Any], code: str, field: str) -> None:
    result = answer(recurring(10, "2024-01-01", **fields), "2024-01-01")
    assert [(error.code, error.field, error.charge_number) for error in result.errors] == [(code, field, "C-1")]


def test_a_termed_subscription_needs_its_term_end() -> None:
    endless = subscription(recurring(10, "2024-01-01", "2025-01-01"), term_end_date=None)
    result = answer(endless, "2024-01-01")
    assert [(error.code, error.field, error.subscription_number) for error in result.errors] == [
        ("MISSING_DATE", "termEndDate", "A-S1")
    ]


@pytest.mark.rule("5 suspended")
def test_a_resumed_charge_keeps_its_anchor() -> None:
    """Bill day is the day of the first segment, the 5th, from the trigger date; paused Nov 10 … Nov 20."""
    charge = recurring(30, "2023-10-15", segment=3, trigger_date="2023-10-05", billing_day="ChargeTriggerDay")
    paused = subscription(
        charge, status="Suspended", scheduled_suspend_date="2023-11-10", scheduled_resume_date="2023-11-20"
    )
    assert [each.split()[0] for each in billed(paused, "2023-12-05")] == [
        "2023-10-15…2023-11-04",
        "2023-11-05…2023-11-09",
        "2023-11-20…2023-12-04",
        "2023-12-05…2024-01-04",
    ]


@pytest.mark.rule("5 suspended")
@pytest.mark.parametrize(
    ("start", "end", "spans"),
    [
        ("2024-01-01", "2024-02-01", ["2024-01-01…2024-01-31"]),  # ends as the pause starts
        ("2024-01-01", "2024-03-01", ["2024-01-01…2024-01-31"]),  # ends as the pause ends
        ("2024-03-01", "2024-04-01", ["2024-03-01…2024-03-31"]),  # starts as the pause ends
        ("2024-02-01", "2024-04-01", ["2024-03-01…2024-03-31"]),  # starts as the pause starts
    ],
)
def test_the_days_on_which_a_pause_starts_and_ends(start: str, end: str, spans: list[str]) -> None:
    """Paused from Feb 1 to Mar 1."""
    paused = subscription(
        recurring(30, start, end),
        start="2024-01-01",
        status="Suspended",
        scheduled_suspend_date="2024-02-01",
        scheduled_resume_date="2024-03-01",
    )
    assert [each.split()[0] for each in billed(paused, "2024-12-31")] == spans


@pytest.mark.rule("5 suspended")
def test_a_charge_that_is_not_billable_yet_stays_so_in_a_pause() -> None:
    pending = replace(recurring(10, "2024-01-01"), effective_start_date=None)
    paused = subscription(
        recurring(10, "2024-01-01", number="C-2"), pending, status="Suspended", scheduled_suspend_date="2024-02-01"
    )
    result = answer(paused, "2024-03-01")
    assert [item.facts.charge_number for item in result.items()] == ["C-2"]
    assert [note.code for note in result.notes] == ["UNKNOWN_TRIGGER_DATE"]


@pytest.mark.rule("5 cancelled")
@pytest.mark.parametrize("status", ["Cancelled", "Canceled"])
def test_a_cancellation_is_one_in_either_spelling(status: str) -> None:
    terms = subscription(recurring(31, "2024-01-01"), status=status, subscription_end_date="2024-01-16")
    assert billed(terms, "2024-01-31") == ["2024-01-01…2024-01-15 15.00"]
