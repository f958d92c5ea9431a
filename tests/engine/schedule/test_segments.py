"""The segments of a charge: where each ends, what was removed, and what is billed once where one takes over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
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
    statement,
    subscription,
    used,
)

TERM_END = "2025-01-01"
QUARTER = {"billing_period": "Quarter"}
NO_MONTHS = {"bill_recurring_partial_month": False}
NO_PERIODS = {**NO_MONTHS, "prorate_recurring_partial_period": False}
PAST_END = {"invoice_past_end_of_term_auto_renew_on": True, "invoice_past_end_of_term_auto_renew_off": True}


def year(*charges: Charge, **fields: Any) -> Subscription:
    """A term of 2024, renewed by itself for 12 months."""
    return subscription(*charges, start="2024-01-01", end=TERM_END, **{"auto_renew": True, **fields})


@pytest.mark.rule("4.3 segments at the term's end")
@pytest.mark.parametrize("past_end", [False, True])
@pytest.mark.parametrize("renew", ["All", "Autorenew"])
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            "2025-01-01",
            [
                "2024-12-01…2024-12-31 100.00",
                "2025-01-01…2025-01-31 200.00",
                "2025-02-01…2025-02-28 200.00",
                "2025-03-01…2025-03-31 200.00",
            ],
        ),
        (
            "2025-02-15",
            [
                "2024-12-01…2024-12-31 100.00",
                "2025-01-01…2025-01-31 100.00",
                "2025-02-01…2025-02-14 50.00",
                "2025-02-15…2025-02-28 100.00",
                "2025-03-01…2025-03-31 200.00",
            ],
        ),
    ],
)
def test_a_price_change_on_the_terms_end_or_after_it(
    change: str, expected: list[str], renew: str, past_end: bool
) -> None:
    """
    100 a month, then 200; only the last segment runs on with the renewed term.

        Dec 1      term's end                Feb 15
          |-- 100 ----|-- 100 or 200 ----------|-- 200 …
    """
    rules = PAST_END if past_end else None
    parts = segments(recurring(100, "2024-01-01", charged_through_date="2024-12-01"), recurring(200, change, change))
    assert billed(year(*parts), "2025-03-01", renew=renew, rules=rules) == expected


@pytest.mark.rule("4.3 segments at the term's end")
@pytest.mark.parametrize(
    ("past_end", "expected"),
    [
        (False, ["2024-12-10…2024-12-31 70.97"]),  # 100 x 22/31
        (True, ["2024-12-10…2025-01-06 90.32"]),  # 100 x 28/31
    ],
)
def test_a_period_past_the_term_ends_with_its_segment(past_end: bool, expected: list[str]) -> None:
    """
    Bill day 10, no renewal: the period from Dec 10 crosses the term's end, and another price is to follow on Jan 7.
    """
    parts = segments(recurring(100, "2024-01-10", charged_through_date="2024-12-10"), recurring(200, "2025-01-07"))
    rules = PAST_END if past_end else None
    assert billed(year(*parts), "2025-03-01", rules=rules, bill_cycle_day=10) == expected


@pytest.mark.rule("4.3 segments at the term's end")
def test_a_price_change_within_the_period_that_crosses_the_terms_end() -> None:
    """
    Bill day 17; 10 a month to the term's end, Jan 1, then 20: 10 x 15/31 and 20 x 16/31.
    """
    usual = {"billing_day": "SpecificDayofMonth(17th)"}
    parts = segments(
        recurring(10, "2024-01-17", charged_through_date="2024-12-17", **usual),
        recurring(20, TERM_END, TERM_END, **usual),
    )
    assert billed(year(*parts), "2025-01-17", renew="All", rules=PAST_END) == [
        "2024-12-17…2024-12-31 4.84",
        "2025-01-01…2025-01-16 10.32",
        "2025-01-17…2025-02-16 20.00",
    ]


@pytest.mark.rule("4.3 segments at the term's end")
@pytest.mark.parametrize("change", ["2025-01-01", "2025-02-01"])
def test_usage_at_two_prices(change: str) -> None:
    parts = segments(metered(1, "2024-01-01", charged_through_date="2025-01-01"), metered(2, change, change))
    whole = account(year(*parts), usage=(used("2025-01-10", 5), used("2025-02-10", 7)))
    prices = (2, 2) if change == "2025-01-01" else (1, 2)
    assert billed(whole, "2025-03-01", renew="All") == [
        f"2025-01-01…2025-01-31 {5 * prices[0]}.00",
        f"2025-02-01…2025-02-28 {7 * prices[1]}.00",
    ]


@pytest.mark.rule("4.3 segments at the term's end")
def test_a_fixed_period_at_two_prices() -> None:
    """Fourteen months from Jan 1 2024; the price changes on the term's end, which caps what is stored."""
    fixed = {"end_date_condition": "Fixed_Period", "up_to_periods": 14, "up_to_periods_type": "Months"}
    parts = segments(
        recurring(100, "2024-01-01", charged_through_date="2024-12-01", **fixed),
        recurring(200, TERM_END, TERM_END, **fixed),
    )
    assert billed(year(*parts), "2025-12-31", renew="All", rules=PAST_END) == [
        "2024-12-01…2024-12-31 100.00",
        "2025-01-01…2025-01-31 200.00",
        "2025-02-01…2025-02-28 200.00",
    ]


@pytest.mark.rule("4.3 segments at the term's end")
@pytest.mark.parametrize(
    ("change", "reductions"),
    [("2025-01-01", ["-10.00", "-20.00", "-20.00"]), ("2025-02-01", ["-10.00", "-10.00", "-20.00"])],
)
@pytest.mark.parametrize("fixed", [False, True])
def test_a_discount_has_one_segment_at_a_time(change: str, reductions: list[str], fixed: bool) -> None:
    """10 % (or 10.00), from the change on 20 %, of 100 a month; never 10 % and 20 % of the rest."""
    off = amount_off if fixed else percent_off
    charge = recurring(100, "2024-01-01", charged_through_date="2024-12-01")
    parts = segments(off(10, "2024-01-01", charged_through_date="2024-12-01"), off(20, change, change))
    lines = statement(year(charge, *parts), "2025-02-01", renew="All")
    assert [line.split()[-1] for line in lines if line.startswith("C-D1")] == reductions


@pytest.mark.rule("8.2 window")
def test_segments_of_a_discount_that_overlap_are_refused() -> None:
    parts = (
        percent_off(10, "2024-01-01", "2024-04-01", segment=1),
        percent_off(20, "2024-03-01", "2024-06-01", segment=2),
    )
    result = answer(year(recurring(100, "2024-01-01"), *parts), "2024-03-01")
    assert [(error.code, error.field, error.charge_number) for error in result.errors] == [
        ("PERIODS_OVERLAP", "effectiveStartDate", "C-D1")
    ]


@pytest.mark.rule("4.3 segments")
def test_a_segment_without_a_stored_end_ends_where_the_next_one_starts() -> None:
    first = replace(recurring(100, "2024-01-01", segment=1), effective_end_date=None)
    endless = replace(year(), charges=(first, recurring(200, "2024-02-15", TERM_END, segment=2, id="C-1-2")))
    assert billed(endless, "2024-03-01") == [
        "2024-01-01…2024-01-31 100.00",
        "2024-02-01…2024-02-14 48.28",
        "2024-02-15…2024-02-29 103.45",
        "2024-03-01…2024-03-31 200.00",
    ]


@pytest.mark.rule("4.3 segments")
@pytest.mark.parametrize("renew", ["None", "All"])
def test_a_segment_of_no_length_within_the_term_ends_nothing_and_renews_nothing(renew: str) -> None:
    """Ended on Jun 1, on which a last segment of no length was added."""
    parts = (
        recurring(100, "2024-01-01", "2024-06-01", segment=1, charged_through_date="2024-05-01"),
        recurring(200, "2024-06-01", "2024-06-01", segment=2, id="C-1-2"),
    )
    assert billed(year(*parts), "2025-03-01", renew=renew, rules=PAST_END) == ["2024-05-01…2024-05-31 100.00"]


# --- removed -----------------------------------------------------------------------------------------------------


@pytest.mark.rule("5 removed")
@pytest.mark.parametrize(
    ("removed", "expected"),
    [
        (False, ["C-1 2025-01-01…2025-01-31 100.00", "C-D1 2025-01-01…2025-01-31 -50.00"]),
        (True, []),
    ],
)
def test_a_plan_that_was_removed_on_the_terms_end_is_not_renewed(removed: bool, expected: list[str]) -> None:
    charge = recurring(100, "2024-01-01", charged_through_date=TERM_END, removed=removed)
    discount = percent_off(50, "2024-01-01", removed=removed)
    assert statement(year(charge, discount), "2025-01-01", renew="All", rules=PAST_END) == expected


@pytest.mark.rule("5 removed")
@pytest.mark.parametrize("begun", [False, True], ids=["a term to come", "the current term"])
@pytest.mark.parametrize(
    ("partial_month", "last"), [(True, "2025-03-01…2025-03-14 45.16"), (False, "2025-03-01…2025-03-31 100.00")]
)
def test_a_price_that_was_added_and_removed_on_one_day_leaves_the_stub_before_it(
    begun: bool, partial_month: bool, last: str
) -> None:
    """
    100 a month, in arrears; on Mar 15 a price of 200 and the removal of the plan. The stub is that of the charge's end.

    Jan 1 2025              Mar 1      Mar 15
      |-------- 100 … --------|-- 45.16 --|        or to Apr 1, where the tenant bills no partial months
    """
    parts = (
        recurring(100, "2024-01-01", "2025-03-15", segment=1, removed=True, charged_through_date="2025-03-01"),
        recurring(200, "2025-03-15", "2025-03-15", segment=2, id="C-1-2", removed=True),
    )
    terms = {"term_start_date": "2025-01-01", "term_end_date": "2026-01-01"} if begun else {}
    rules = {"bill_recurring_partial_month": partial_month}
    parts = tuple(replace(part, billing_timing="IN_ARREARS") for part in parts)
    assert billed(year(*parts, **terms), "2025-04-01", renew="All", rules=rules) == [last]


@pytest.mark.rule("5 removed")
def test_a_discount_that_was_removed_on_the_terms_end_reduces_no_item_of_the_next_term() -> None:
    charge = recurring(100, "2024-01-01", charged_through_date="2024-12-01")
    discount = percent_off(50, "2024-01-01", removed=True)
    assert statement(year(charge, discount), "2025-01-01", renew="All", rules=PAST_END) == [
        "C-1 2024-12-01…2024-12-31 100.00",
        "C-D1 2024-12-01…2024-12-31 -50.00",
        "C-1 2025-01-01…2025-01-31 100.00",
    ]


@pytest.mark.rule("5 removed")
@pytest.mark.parametrize("renew", ["None", "All"])
def test_a_removed_plans_last_period_ends_with_it(renew: str) -> None:
    """Bill day 10: nothing runs past the term's end, on which it was removed; time billed beyond is credited."""
    charge = recurring(31, "2024-01-10", removed=True, charged_through_date="2024-12-10")
    assert billed(year(charge), "2025-02-01", rules=PAST_END, bill_cycle_day=10, renew=renew) == [
        "2024-12-10…2024-12-31 22.00"
    ]
    beyond = replace(charge, charged_through_date=date(2025, 1, 10))
    assert billed(year(beyond), "2025-02-01", rules=PAST_END, bill_cycle_day=10, renew=renew) == [
        "2025-01-01…2025-01-09 -9.00"
    ]


@pytest.mark.rule("5 removed")
@pytest.mark.parametrize(
    ("end", "removed", "items"),
    [
        ("2024-03-11", False, 1),  # some exports give a one-time charge no length
        ("2024-03-11", True, 0),
        ("2024-03-12", True, 1),  # removed after its day: dates decide
    ],
)
def test_a_one_time_charge_that_was_removed_before_its_day_was_over_is_not_billed(
    end: str, removed: bool, items: int
) -> None:
    fee = replace(one_time(150, "2024-03-11", removed=removed), effective_end_date=date.fromisoformat(end))
    assert len(billed(year(fee), "2024-12-31")) == items


@pytest.mark.rule("5 removed")
@pytest.mark.parametrize(
    ("charge", "why"),
    [
        (
            recurring(100, "2024-01-01", TERM_END, charged_through_date=TERM_END, removed=True),
            "was removed on 2025-01-01, to which it is billed",
        ),
        (
            replace(one_time(150, "2024-03-11", removed=True), effective_end_date=date(2024, 3, 11)),
            "was removed on 2024-03-11, before it was billed",
        ),
    ],
)
def test_the_reason_says_that_a_plan_was_removed(charge: Charge, why: str) -> None:
    result = answer(year(charge), "2025-01-01", renew="All")
    assert not list(result.items())
    assert [(note.code, note.charge_number) for note in result.notes] == [("REMOVED", charge.number)]
    assert why in result.notes[0].message


# --- billed again ------------------------------------------------------------------------------------------------


@pytest.mark.rule("7.4 what is kept is not billed again")
@pytest.mark.parametrize("target", ["2024-02-14", "2024-02-29"])
def test_a_month_kept_in_full_is_not_billed_again_at_the_new_price(target: str) -> None:
    """
    Without partial months nothing of February is credited, and 200 a month begins on Mar 1.

        Feb 1       Feb 14       Mar 1
          |-- 100, billed ---------|-- 200 …
    """
    parts = segments(recurring(100, "2024-01-01", charged_through_date="2024-03-01"), recurring(200, "2024-02-14"))
    assert billed(year(*parts), target, rules=NO_MONTHS) == []
    assert billed(year(*parts), "2024-03-01", rules=NO_MONTHS) == ["2024-03-01…2024-03-31 200.00"]


@pytest.mark.rule("7.4 what is kept is not billed again")
@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (NO_MONTHS, ["2024-03-01…2024-03-31 -102.20", "2024-03-01…2024-03-31 204.40", "2024-04-01…2024-06-30 600.00"]),
        (NO_PERIODS, ["2024-04-01…2024-06-30 600.00"]),
    ],
)
def test_300_a_quarter_to_600_in_february_credits_and_bills_the_same_months(
    rules: dict[str, Any], expected: list[str]
) -> None:
    """
    By day: 300 less 300 x 60/91 is 102.20, 600 x 31/91 is 204.40; without partial periods the billed quarter stays.

        Jan 1          Feb 14   Mar 1        Apr 1
          |-- 300, billed --------|-- months --|-- 600 …
    """
    parts = segments(
        recurring(300, "2024-01-01", charged_through_date="2024-04-01", **QUARTER),
        recurring(600, "2024-02-14", **QUARTER),
    )
    assert billed(year(*parts), "2024-04-01", rules=rules) == expected


@pytest.mark.rule("7.4 what is kept is not billed again")
@pytest.mark.parametrize("rules", [{}, NO_MONTHS, NO_PERIODS])
@pytest.mark.parametrize("period", ["Month", "Quarter", "Annual"])
def test_a_change_costs_what_removing_and_adding_costs(rules: dict[str, Any], period: str) -> None:
    usual = {"billing_period": period, "billing_period_alignment": "AlignToSubscriptionStart"}
    through = {"Month": "2024-03-01", "Quarter": "2024-04-01", "Annual": "2025-01-01"}[period]
    former = recurring(100, "2024-01-01", "2024-02-14", charged_through_date=through, **usual)
    changed = segments(former, recurring(200, "2024-02-14", **usual))
    replaced = (replace(former, removed=True), recurring(200, "2024-02-14", number="C-2", **usual))
    for target in ("2024-02-14", "2024-03-01", "2024-06-30", "2024-12-31"):
        assert billed(year(*changed), target, rules=rules) == billed(year(*replaced), target, rules=rules)


@pytest.mark.rule("7.4 what is kept is not billed again")
def test_three_prices_in_a_month_that_was_billed_whole() -> None:
    """The second of Feb 14 and the third of Feb 20 both wait for Mar 1, to which February is kept."""
    parts = segments(
        recurring(100, "2024-01-01", charged_through_date="2024-03-01"),
        recurring(200, "2024-02-14"),
        recurring(300, "2024-02-20"),
    )
    assert billed(year(*parts), "2024-03-01", rules=NO_MONTHS) == ["2024-03-01…2024-03-31 300.00"]


# --- a stub rule once per charge ---------------------------------------------------------------------------------

TERM_ALIGNED = {"billing_period": "Quarter", "billing_period_alignment": "AlignToTermStart"}


def renewed_every_4_months(charge: Charge, **fields: Any) -> Subscription:
    return subscription(charge, start="2024-01-01", end="2024-05-01", renewal_term=4, **fields)


@pytest.mark.rule("7.4 one leading stub per charge")
def test_the_stub_between_two_terms_grids_is_not_a_leading_stub() -> None:
    """
    Jan 1        Apr 1  May 1      Jul 1  Aug 1
      |-- quarter -|-- quarter -------|-stub-|-- quarter --     300 x 31/92 by day
    """
    assert billed(
        renewed_every_4_months(recurring(300, "2024-01-01", **TERM_ALIGNED)),
        "2024-09-01",
        renew="All",
        rules=NO_PERIODS,
    ) == [
        "2024-01-01…2024-03-31 300.00",
        "2024-04-01…2024-06-30 300.00",
        "2024-07-01…2024-07-31 101.09",  # 300 x 31/92
        "2024-08-01…2024-10-31 300.00",
    ]


@pytest.mark.rule("7.4 one leading stub per charge")
def test_the_usage_of_the_stub_between_two_terms_grids_is_billed() -> None:
    usage = tuple(used(f"2024-{month:02d}-10", month) for month in range(1, 11))
    whole = account(
        renewed_every_4_months(metered(1, "2024-01-01", **TERM_ALIGNED)),
        usage=usage,
        rules={"bill_usage_partial_month": False},
    )
    assert billed(whole, "2024-11-01", renew="All") == [
        "2024-01-01…2024-03-31 6.00",
        "2024-04-01…2024-06-30 15.00",
        "2024-07-01…2024-07-31 7.00",
        "2024-08-01…2024-10-31 27.00",
    ]


@pytest.mark.rule("7.4 one leading stub per charge")
@pytest.mark.parametrize("rules", [NO_MONTHS, NO_PERIODS])
@pytest.mark.parametrize("first_end", ["2024-01-15", "2024-01-20"])
def test_the_leading_stub_of_a_charge_is_skipped_with_any_segments(rules: dict[str, Any], first_end: str) -> None:
    """
    The charge starts on Jan 15; its price changes at once, or on Jan 20: it is billed from Feb 1 on.
    """
    parts = segments(recurring(100, "2024-01-15", first_end), recurring(200, first_end))
    assert billed(year(*parts), "2024-02-01", rules=rules) == ["2024-02-01…2024-02-29 200.00"]


@pytest.mark.rule("7.4 one leading stub per charge")
def test_the_leading_stub_of_a_usage_charge_is_skipped_with_any_segments() -> None:
    parts = segments(metered(1, "2024-01-15"), metered(2, "2024-01-20"))
    usage = (used("2024-01-16", 5), used("2024-01-25", 7), used("2024-02-10", 9))
    whole = account(year(*parts), usage=usage, rules={"bill_usage_partial_month": False})
    assert billed(whole, "2024-03-01") == ["2024-02-01…2024-02-29 18.00"]


@pytest.mark.rule("7.4 one leading stub per charge")
def test_the_start_of_a_last_segment_without_the_others_is_not_a_leading_stub() -> None:
    """Its charge was triggered on Jan 1, so that the price change of Feb 15 is none either."""
    last = recurring(29, "2024-02-15", segment=2, trigger_date="2024-01-01")
    assert billed(year(last), "2024-02-15", rules=NO_MONTHS) == ["2024-02-15…2024-02-29 15.00"]


# --- due by the dates that an item has in the end ---------------------------------------------------------------


@pytest.mark.rule("4.1 stubs")
@pytest.mark.parametrize(
    ("target", "expected"), [("2024-01-16", []), ("2024-01-31", []), ("2024-02-01", ["2024-02-01…2024-03-31 197.80"])]
)
def test_a_leading_stub_of_whole_months_is_due_where_these_start(target: str, expected: list[str]) -> None:
    """
    Jan 1  Jan 16   Feb 1                 Apr 1
      :......|(none)--|-- 300 x 60/91 -------|
    """
    charge = recurring(300, "2024-01-16", billing_period_alignment="AlignToSubscriptionStart", **QUARTER)
    assert billed(year(charge), target, rules=NO_MONTHS) == expected


@pytest.mark.rule("4.1 stubs")
@pytest.mark.parametrize(
    ("target", "expected"),
    [("2024-03-10", []), ("2024-03-31", []), ("2024-04-01", ["2024-03-01…2024-03-31 100.00"])],
)
def test_in_arrears_a_trailing_stub_that_is_widened_is_due_after_the_month(target: str, expected: list[str]) -> None:
    charge = recurring(100, "2024-01-01", billing_timing="IN_ARREARS", charged_through_date="2024-03-01")
    assert billed(subscription(charge, end="2024-03-10"), target, rules=NO_MONTHS) == expected


@pytest.mark.rule("4.1 stubs")
def test_on_demand_usage_of_a_stub_that_is_not_billed_is_not_billed_early_either() -> None:
    charge = metered(2, "2024-01-15", usage_record_rating_option="OnDemand")
    whole = account(year(charge), usage=(used("2024-01-16", 5),), rules={"bill_usage_partial_month": False})
    assert billed(whole, "2024-01-20") == []


# --- past the end of the term ------------------------------------------------------------------------------------


@pytest.mark.rule("6 Invoice Past End-of-Term")
@pytest.mark.parametrize(
    ("past_end", "renew", "last"),
    [
        (True, "None", "2024-07-13…2025-02-20 992.78"),  # 1624.95 x 223/365
        (True, "All", "2024-07-13…2025-02-20 992.78"),
        (False, "None", "2024-07-13…2024-10-27 476.36"),  # x 107/365
    ],
)
def test_a_year_that_crosses_the_terms_end_stops_at_the_charges_own_end(past_end: bool, renew: str, last: str) -> None:
    """
    Jul 13               Oct 28                   Feb 21        Jul 13
      |-- year ------------:------------------------|.............:      bill day 13
                     term's end            specificEndDate
    """
    charge = recurring(
        "1624.95",
        "2024-07-03",
        "2024-10-28",
        billing_period="Annual",
        end_date_condition="Specific_End_Date",
        specific_end_date="2025-02-21",
    )
    terms = subscription(charge, start="2024-06-28", end="2024-10-28", renewal_term=4)
    rules = PAST_END if past_end else None
    assert billed(terms, "2024-08-14", rules=rules, renew=renew, bill_cycle_day=13)[-1] == last


@pytest.mark.rule("6 Invoice Past End-of-Term")
@pytest.mark.parametrize("target", ["2024-07-13", "2024-11-30", "2025-12-31"])
def test_an_own_end_in_an_assumed_term_is_the_same_for_every_target(target: str) -> None:
    fixed = {"end_date_condition": "Fixed_Period", "up_to_periods": 7, "up_to_periods_type": "Months"}
    charge = recurring(1200, "2024-07-13", "2024-10-28", billing_period="Annual", **fixed)
    terms = subscription(charge, start="2024-06-28", end="2024-10-28", renewal_term=4)
    assert billed(terms, target, rules=PAST_END, renew="All", bill_cycle_day=13) == ["2024-07-13…2025-02-12 706.85"]


@pytest.mark.rule("6 Invoice Past End-of-Term")
@pytest.mark.parametrize(
    ("renew", "credit"), [("All", "2025-02-21…2025-07-12 -142.00"), ("None", "2024-10-28…2025-07-12 -258.00")]
)
def test_time_billed_past_the_charges_own_end_is_credited(renew: str, credit: str) -> None:
    """From its own end in the renewed term, or from the term's end where nothing renews it."""
    charge = recurring(
        365,
        "2024-07-13",
        "2024-10-28",
        billing_period="Annual",
        end_date_condition="Specific_End_Date",
        specific_end_date="2025-02-21",
        charged_through_date="2025-07-13",
    )
    terms = subscription(charge, start="2024-06-28", end="2024-10-28")
    assert billed(terms, "2025-02-21", rules=PAST_END, bill_cycle_day=13, renew=renew) == [credit]


@pytest.mark.rule("8.5 enhanced")
@pytest.mark.parametrize(
    ("own_end", "expected"),
    [
        (None, "C-D1 2024-07-13…2025-07-12 -120.00"),
        ("2025-01-13", "C-D1 2024-07-13…2025-01-12 -60.00"),
    ],
)
def test_an_enhanced_percentage_follows_an_item_past_the_term_to_its_own_end(
    own_end: str | None, expected: str
) -> None:
    """1200 a year that runs past the term's end, Oct 28; 10 % of it, or of the six months to Jan 13."""
    own = {"end_date_condition": "Specific_End_Date", "specific_end_date": own_end} if own_end else {}
    charge = recurring(1200, "2024-07-13", "2024-10-28", billing_period="Annual")
    discount = percent_off(10, "2024-07-13", "2024-10-28", apply_to_billing_period_partially=True, **own)
    terms = subscription(charge, discount, start="2024-06-28", end="2024-10-28")
    assert statement(terms, "2024-07-13", rules=PAST_END, bill_cycle_day=13)[-1] == expected


@pytest.mark.rule("4.3 segments at the term's end")
def test_a_segment_that_the_renewal_extends_has_no_stub_before_it_at_any_target() -> None:
    """The price changes on the term's end, Jun 9: without partial months that is no stub, before the renewal either."""
    parts = segments(recurring(365, "2021-09-01", billing_period="Annual"), recurring(730, "2022-06-09", "2022-06-09"))
    terms = subscription(*parts, start="2021-09-01", end="2022-06-09", auto_renew=True)
    assert billed(terms, "2022-04-21", renew="All", rules=NO_MONTHS) == ["2021-09-01…2022-06-08 281.00"]


@pytest.mark.rule("7.4 partial weeks")
def test_the_rule_on_weeks_does_not_touch_the_stub_of_a_month() -> None:
    rules = {"bill_recurring_partial_week": False}
    assert billed(year(recurring(31, "2024-01-15")), "2024-01-15", rules=rules) == ["2024-01-15…2024-01-31 17.00"]


@pytest.mark.rule("8.4 balance: what was billed")
def test_a_first_stub_that_is_not_billed_has_used_no_balance() -> None:
    """Without partial months nothing of January was billed, though it says to the 20th: 5 of February are left."""
    charge = recurring(31, "2024-01-15", charged_through_date="2024-01-20")
    discount = amount_off(5, "2024-01-01", charged_through_date="2024-01-20")
    assert statement(year(charge, discount), "2024-02-01", rules=NO_MONTHS)[-2:] == [
        "C-1 2024-02-01…2024-02-29 31.00",
        "C-D1 2024-02-01…2024-02-29 -5.00",
    ]
