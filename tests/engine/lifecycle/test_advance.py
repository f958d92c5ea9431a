"""Time passing: terms that renew, suspensions and cancellations that take effect, and what is billed afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from soapsvc.engine.account import Account, CatalogCharge, StatusSpan, Subscription
from soapsvc.engine.lifecycle import advance
from tests.support.building import (
    account,
    amount_off,
    answer,
    billed,
    evergreen,
    one_time,
    percent_off,
    recurring,
    segments,
    subscription,
)

RULE = pytest.mark.rule("12 time that passes")
TERM = {"start": "2024-01-01", "end": "2024-04-01", "auto_renew": True, "renewal_term": 3}


def on(day: str, *parts: Any, **fields: Any) -> Subscription:
    """The only subscription of an account on a day."""
    (found,) = advance(account(*parts, **fields), date.fromisoformat(day)).subscriptions
    return found


def term(found: Subscription) -> tuple[str, str]:
    return f"{found.term_start_date}", f"{found.term_end_date}"


@RULE
@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2024-03-31", ("2024-01-01", "2024-04-01")),
        ("2024-04-01", ("2024-04-01", "2024-07-01")),
        ("2024-12-31", ("2024-10-01", "2025-01-01")),
    ],
)
def test_a_subscription_is_in_the_term_that_holds_the_day(day: str, expected: object) -> None:
    found = on(day, subscription(recurring(30, "2024-01-01"), subscription_end_date="2024-04-01", **TERM))
    assert term(found) == expected
    assert f"{found.subscription_end_date}" == expected[1]  # type: ignore[index]
    assert f"{found.charges[0].effective_end_date}" == expected[1]  # type: ignore[index]


@RULE
def test_without_renewal_the_term_ends() -> None:
    whole = account(subscription(recurring(30, "2024-01-01"), **{**TERM, "auto_renew": False}))
    assert advance(whole, date(2024, 12, 31)) == whole


@RULE
def test_a_day_that_has_passed_changes_nothing() -> None:
    whole = account(subscription(recurring(30, "2024-01-01"), **TERM))
    once = advance(whole, date(2024, 5, 1))
    assert advance(once, date(2024, 1, 1)) == once
    assert advance(once, date(2024, 5, 1)) == once


@RULE
def test_renewals_one_by_one_do_not_drift_at_the_end_of_a_month() -> None:
    """Jan 31, Feb 29, Mar 31: as one preview counts them."""
    whole = account(subscription(recurring(30, "2023-12-31"), start="2023-12-31", end="2024-01-31",
                                 auto_renew=True, renewal_term=1))  # fmt: skip
    ends = []
    for day in ("2024-01-31", "2024-02-29", "2024-03-31"):
        whole = advance(whole, date.fromisoformat(day))
        ends.append(term(whole.subscriptions[0])[1])
    assert ends == ["2024-02-29", "2024-03-31", "2024-04-30"]


@RULE
def test_a_term_that_was_changed_since_counts_from_its_own_end() -> None:
    """Renewed from Jan 31 on, then given the end Mar 15 by hand."""
    changed = subscription(recurring(30, "2024-01-01"), start="2024-01-01", end="2024-03-15", auto_renew=True,
                           renewal_term=1, attributes={"renewedFrom": "2024-01-31"})  # fmt: skip
    assert term(on("2024-03-15", changed)) == ("2024-03-15", "2024-04-15")


@RULE
def test_charges_that_end_by_themselves_are_uncapped_others_that_ended_stay() -> None:
    """
    Jan 1            Apr 1            Jul 1
      |--- term ---------|--- renewal ----|
      |-- 5 months -------------|                 capped at the term end until it is renewed
      |-- removed on Feb 1 |   |-- removed on the term end
    """
    five = recurring(1, "2024-01-01", end_date_condition="Fixed_Period", up_to_periods=5, up_to_periods_type="Months")
    removed = recurring(2, "2024-01-01", "2024-02-01", number="C-2")
    at_end = recurring(3, "2024-01-01", "2024-04-01", number="C-3", removed=True)
    once = one_time(4, "2024-03-31")
    pending = replace(recurring(5, "2024-01-01", "2024-04-01", number="C-5"), effective_start_date=None)
    found = on("2024-04-01", subscription(five, removed, at_end, once, pending, **TERM))
    assert [f"{each.effective_end_date}" for each in found.charges] == [
        "2024-06-01", "2024-02-01", "2024-04-01", "2024-04-01", "2024-04-01",
    ]  # fmt: skip


@RULE
def test_only_the_last_segment_continues() -> None:
    parts = segments(recurring(30, "2024-01-01"), recurring(60, "2024-02-01"))
    found = on("2024-04-01", subscription(*parts, **TERM))
    assert [f"{each.effective_end_date}" for each in found.charges] == ["2024-02-01", "2024-07-01"]


@RULE
def test_a_price_change_makes_a_segment_of_each_term() -> None:
    """
    Jan 1           Apr 1          Jul 1          Oct 1
      |--- 100 ------|--- 110 ------|--- 121 -----|
    """
    dearer = recurring(100, "2024-01-01", id="8a128f5e9f01fcf4019f1af23ad97f52", charged_through_date="2024-04-01",
                       price_change_option="SpecificPercentageValue", price_increase_percentage=10)  # fmt: skip
    whole = account(subscription(dearer, **TERM))
    found = on("2024-08-01", *whole.subscriptions)
    first, second, third = found.charges
    assert [(f"{each.price:f}", f"{each.effective_end_date}", each.segment) for each in found.charges] == [
        ("100", "2024-04-01", None), ("110.00", "2024-07-01", 2), ("121.0000", "2024-10-01", 3),
    ]  # fmt: skip
    assert [f"{each.charged_through_date}" for each in found.charges] == ["2024-04-01", "None", "None"]
    assert {each.original_charge_id for each in (second, third)} == {first.id}
    assert [each.id[16:28] for each in (second, third)] == [first.id[16:28]] * 2, "their place in the order of items"
    assert len({first.id, second.id, third.id}) == 3
    assert billed(replace(whole, subscriptions=(found,)), "2024-09-01") == billed(whole, "2024-09-01", renew="All")


@RULE
def test_the_catalogue_gives_the_price_of_the_new_term() -> None:
    latest = recurring(
        30, "2024-01-01", product_rate_plan_charge_id="P", price_change_option="UseLatestProductCatalogPricing"
    )
    catalog = {"P": CatalogCharge("P", type="Recurring", model="FlatFee", billing_period="Month", price=Decimal(40))}
    found = on("2024-04-01", subscription(latest, **TERM), catalog=catalog)
    assert [(each.id, each.price) for each in found.charges] == [("C-1-1", 30), ("C-1-1-20240401", 40)]


@RULE
def test_percentages_change_fixed_amounts_stay() -> None:
    change = {"price_change_option": "SpecificPercentageValue", "price_increase_percentage": 2}
    coupons = percent_off(50, "2024-01-01", **change), amount_off(5, "2024-01-01", number="C-D2", **change)
    found = on("2024-04-01", subscription(*coupons, **TERM))
    assert [each.discount_percentage for each in found.charges] == [50, Decimal("51.00"), None]


@RULE
def test_renewed_to_evergreen_a_subscription_has_no_end() -> None:
    """A charge billed by the term has ended with it; a charge with its own end ends there."""
    charges = (
        recurring(30, "2024-01-01"),
        recurring(99, "2024-01-01", number="C-T", billing_period="Subscription_Term"),
        recurring(
            1, "2024-01-01", number="C-S", end_date_condition="Specific_End_Date", specific_end_date="2025-06-01"
        ),
    )
    whole = account(subscription(*charges, renewal_setting="RENEW_TO_EVERGREEN", **TERM))
    found = on("2024-05-01", *whole.subscriptions)
    assert (found.term_type, found.term_end_date, f"{found.term_start_date}") == ("EVERGREEN", None, "2024-01-01")
    assert [f"{each.effective_end_date}" for each in found.charges] == ["None", "2024-04-01", "2025-06-01"]
    later = replace(whole, subscriptions=(found,))
    assert billed(later, "2024-06-01", including_evergreen_subscription=True) == billed(
        whole, "2024-06-01", renew="All"
    )


@RULE
def test_a_charge_billed_by_terms_keeps_the_end_of_its_last_term() -> None:
    """
    Jan 1       Apr 1       Jul 1       Oct 1
      |- billed -|- billed --|--- due ---|      in arrears, two renewals later
    """
    by_term = recurring(90, "2024-01-01", "2024-10-01", billing_period="Subscription_Term", billing_timing="IN_ARREARS",
                        charged_through_date="2024-04-01")  # fmt: skip
    whole = account(subscription(by_term, start="2024-07-01", end="2024-10-01", auto_renew=True, renewal_term=3))
    assert billed(whole, "2024-07-01") == ["2024-04-01…2024-06-30 90.00"]


@RULE
def test_a_suspension_splits_the_charges_that_it_meets() -> None:
    """
    Jan 1      Feb 10    Feb 20        Apr 1
      |-- 1 ------|  paused  |-- 2 -----|       each has a charged-through date of its own
    """
    paused = {"scheduled_suspend_date": "2024-02-10", "scheduled_resume_date": "2024-02-20"}
    whole = account(subscription(recurring(30, "2024-01-01"), **TERM, **paused))
    found = on("2024-01-05", *whole.subscriptions)
    assert [(each.id, f"{each.effective_start_date}", f"{each.effective_end_date}") for each in found.charges] == [
        ("C-1-1", "2024-01-01", "2024-02-10"), ("C-1-1-20240220", "2024-02-20", "2024-04-01"),
    ]  # fmt: skip
    assert found.status == "Active"
    assert billed(replace(whole, subscriptions=(found,)), "2024-03-01") == billed(whole, "2024-03-01")
    assert on("2024-01-05", found) == found


@RULE
def test_a_suspension_holds_until_the_resumption() -> None:
    paused = {"scheduled_suspend_date": "2024-02-10", "scheduled_resume_date": "2024-02-20"}
    held = on("2024-02-10", subscription(recurring(30, "2024-01-01"), **TERM, **paused))
    suspended = StatusSpan("Suspended", date(2024, 2, 10), date(2024, 2, 20))
    assert (held.status, held.status_history) == ("Suspended", (suspended,))
    resumed = on("2024-02-20", held)
    assert (resumed.status, resumed.scheduled_suspend_date, resumed.scheduled_resume_date) == ("Active", None, None)
    assert resumed.status_history == (suspended, StatusSpan("Active", date(2024, 2, 20)))


@RULE
def test_an_open_suspension_is_not_renewed() -> None:
    found = on("2024-08-01", subscription(recurring(30, "2024-01-01"), scheduled_suspend_date="2024-03-01", **TERM))
    assert (found.status, term(found)) == ("Suspended", ("2024-01-01", "2024-04-01"))
    assert found.status_history == (StatusSpan("Suspended", date(2024, 3, 1)),)


@RULE
def test_a_suspension_in_a_term_to_come_splits_charges_when_that_has_begun() -> None:
    paused = {"scheduled_suspend_date": "2024-05-10", "scheduled_resume_date": "2024-05-20"}
    whole = account(subscription(recurring(30, "2024-01-01"), **TERM, **paused))
    assert len(on("2024-03-31", *whole.subscriptions).charges) == 1
    assert len(on("2024-04-01", *whole.subscriptions).charges) == 2
    assert len(on("2024-04-01", evergreen(recurring(30, "2024-01-01"), **paused)).charges) == 2


@RULE
@pytest.mark.parametrize(
    ("day", "expected"),
    [("2024-02-09", ("Active", "2024-04-01")), ("2024-02-10", ("Cancelled", "2024-04-01"))],
)
def test_a_cancellation_takes_effect_on_its_day(day: str, expected: object) -> None:
    found = on(day, subscription(recurring(30, "2024-01-01"), scheduled_cancel_date="2024-02-10", **TERM))
    assert (found.status, f"{found.term_end_date}") == expected


@RULE
def test_a_cancelled_subscription_is_not_renewed() -> None:
    found = on("2024-08-01", subscription(recurring(30, "2024-01-01"), scheduled_cancel_date="2024-04-01", **TERM))
    assert (found.status, term(found)) == ("Cancelled", ("2024-01-01", "2024-04-01"))


@RULE
def test_drafts_and_what_cannot_be_read_stay_as_they_are() -> None:
    draft = account(subscription(recurring(30, "2024-01-01"), status="Draft", **TERM))
    unreadable = account(subscription(recurring(30, "2024-01-01"), renewal_setting="SOMETIMES", **TERM))
    for whole in (draft, unreadable):
        assert advance(whole, date(2024, 8, 1)) == whole


@RULE
def test_rules_of_each_currency_are_its_own() -> None:
    parts = [
        subscription(recurring(30, "2024-01-01"), subscription_number=name, currency=currency, **TERM)
        for name, currency in (("A-S1", "USD"), ("A-S2", "EUR"))
    ]
    later: Account = advance(account(*parts), date(2024, 4, 1))
    assert [term(each)[1] for each in later.subscriptions] == ["2024-07-01", "2024-07-01"]
    assert not answer(later, "2024-04-01").errors


@RULE
@pytest.mark.parametrize("passed", ["2024-02-01", "2024-03-01"])
def test_a_renewal_remembers_of_which_part_of_a_term_a_charge_was_the_price(passed: str) -> None:
    """
    100 for a term, in arrears, from Jan 8: 24 of 31 days, whether the term is still running or was renewed meanwhile.

    Jan 1   Jan 8                Feb 1                Mar 1
      |-------[--- 77.42 -----------)---- 100 -----------|
    """
    charge = recurring(100, "2024-01-08", billing_period="Subscription_Term", billing_timing="IN_ADVANCE")
    charge = replace(charge, billing_timing="IN_ARREARS", list_price_base="Per_Billing_Period")
    whole = account(subscription(charge, start="2024-01-01", end="2024-02-01", auto_renew=True, renewal_term=1))
    expected = ["2024-01-08…2024-01-31 77.42", "2024-02-01…2024-02-29 100.00"]
    assert billed(whole, "2024-03-01", renew="Autorenew") == expected
    assert billed(advance(whole, date(2024, 2, 1)), "2024-03-01", renew="Autorenew") == expected
