"""The credit of discounts that were added, changed, removed or paused after the credited item was billed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from soapsvc.engine.account import Account, Charge, Subscription, TakenOff
from soapsvc.engine.lifecycle import advance, bill
from soapsvc.engine.preview import preview
from soapsvc.engine.result import PreviewRequest
from tests.support.building import (
    AS_OF,
    Billable,
    account,
    amount_off,
    metered,
    percent_off,
    recurring,
    segments,
    statement,
    subscription,
)

TO_APRIL: dict[str, Any] = {"charged_through_date": "2024-04-01"}
TO_FEBRUARY: dict[str, Any] = {"charged_through_date": "2024-02-01"}
MARCH = PreviewRequest(date(2024, 3, 1))
PAUSE: dict[str, Any] = {"scheduled_suspend_date": "2024-02-01", "scheduled_resume_date": "2024-03-01"}
PARTIALLY: dict[str, Any] = {"apply_to_billing_period_partially": True, "is_stacked_discount": True}


def items(what: Billable, target: str, **options: Any) -> list[str]:
    """Each item with its month: `C-1 Feb -100.00`."""
    found = [each.split() for each in statement(what, target, **options)]
    return [f"{number} {date.fromisoformat(days[:10]):%b} {amount}" for number, days, amount in found]


def year(*charges: Charge, **fields: Any) -> Subscription:
    return subscription(*charges, start="2024-01-01", end="2025-01-01", **fields)


def doubled(**fields: Any) -> tuple[Charge, ...]:
    """100 a month, billed to April; 200 from February on."""
    return segments(recurring(100, "2024-01-01", **TO_APRIL), recurring(200, "2024-02-01", **fields))


def billed_in_full(*parts: Subscription) -> Account:
    """The subscriptions after a bill run for March; then the first one is suspended in February."""
    whole = account(*parts, bill_cycle_day=1)
    first, *others = bill(whole, MARCH, preview(whole, MARCH, AS_OF)).subscriptions
    first = replace(first, scheduled_suspend_date=date(2024, 2, 1), scheduled_resume_date=date(2024, 3, 1))
    return replace(whole, subscriptions=(first, *others))


CREDITED = ["C-1 Feb -100.00", "C-D1 Feb 10.00", "C-1 Mar -100.00", "C-D1 Mar 10.00"]
MARCH_AGAIN = ["C-1 Mar 100.00", "C-D1 Mar -10.00"]


@pytest.mark.rule("8.7 percentage")
@pytest.mark.parametrize("method", ["TotalMinusCharged", "CreditPeriod"])
@pytest.mark.parametrize("how", [{}, PARTIALLY])
@pytest.mark.parametrize("through", ["2024-04-01", None])
def test_10_percent_of_100_are_credited_once_after_a_pause(method: str, how: dict[str, Any], through: Any) -> None:
    """
    Jan 1            Feb 1            Mar 1            Apr 1
      |--- billed -----|--- billed -----|--- billed -----|
                       |    (paused)    |--- once more --|

    So it is where nothing says when the discount was billed.
    """
    tenth = percent_off(10, "2024-01-01", charged_through_date=through, **how)
    terms = year(recurring(100, "2024-01-01", **TO_APRIL), tenth, **PAUSE)
    assert items(terms, "2024-03-01", rules={"credit_method": method}) == CREDITED + MARCH_AGAIN


@pytest.mark.rule("8.7 percentage")
@pytest.mark.parametrize("how", [{}, PARTIALLY])
def test_10_percent_of_100_are_credited_once_after_a_pause_that_has_split_charge_and_discount(
    how: dict[str, Any],
) -> None:
    charge = segments(recurring(100, "2024-01-01", "2024-02-01", **TO_APRIL), recurring(100, "2024-03-01"))
    tenth = segments(
        percent_off(10, "2024-01-01", "2024-02-01", **TO_APRIL, **how), percent_off(10, "2024-03-01", **how)
    )
    assert items(year(*charge, *tenth), "2024-03-01") == CREDITED + MARCH_AGAIN


@pytest.mark.rule("8.7 percentage")
@pytest.mark.parametrize("split", [False, True])
def test_after_a_bill_run_10_percent_of_100_are_credited_once_and_when_half_of_march_is_left_5_16(split: bool) -> None:
    """March is billed, credited for the pause, billed again, and cancelled from Mar 16 on: 10.00 less 4.84 are kept."""
    whole = billed_in_full(year(recurring(100, "2024-01-01"), percent_off(10, "2024-01-01")))
    whole = advance(whole, date(2024, 3, 1)) if split else whole
    assert items(whole, "2024-03-01") == CREDITED + MARCH_AGAIN
    if split:
        whole = bill(whole, MARCH, preview(whole, MARCH, AS_OF))
        ended = replace(whole.subscriptions[0], scheduled_cancel_date=date(2024, 3, 16))
        assert items(replace(whole, subscriptions=(ended,)), "2024-03-31") == ["C-1 Mar -51.61", "C-D1 Mar 5.16"]


@pytest.mark.rule("8.7 percentage")
@pytest.mark.parametrize("through", ["2024-04-01", None])
def test_10_percent_was_taken_off_100_and_20_percent_is_taken_off_200(through: Any) -> None:
    """Price and percentage change on Feb 1. What was billed at 10 % is credited at 10 %."""
    share = segments(percent_off(10, "2024-01-01", charged_through_date=through), percent_off(20, "2024-02-01"))
    assert items(year(*doubled(), *share), "2024-02-29") == [*CREDITED, "C-1 Feb 200.00", "C-D1 Feb -40.00"]


@pytest.mark.rule("8.7 percentage")
def test_10_percent_is_credited_though_another_discount_of_20_percent_took_its_place() -> None:
    former = percent_off(10, "2024-01-01", "2024-02-01", removed=True, **TO_APRIL)
    latter = percent_off(20, "2024-02-01", number="C-D2")
    assert items(year(*doubled(), former, latter), "2024-02-29") == [*CREDITED, "C-1 Feb 200.00", "C-D2 Feb -40.00"]


@pytest.mark.rule("8.7 credits")
@pytest.mark.parametrize("how", [{}, PARTIALLY])
@pytest.mark.parametrize("discount", [percent_off, amount_off])
def test_a_discount_of_20_that_is_added_with_the_change_of_the_charge_is_not_credited(
    discount: Any, how: dict[str, Any]
) -> None:
    taken = "40.00" if discount is percent_off else "20.00"
    assert items(year(*doubled(), discount(20, "2024-02-01", **how)), "2024-02-29") == [
        "C-1 Feb -100.00",
        "C-1 Mar -100.00",
        "C-1 Feb 200.00",
        f"C-D1 Feb -{taken}",
    ]


@pytest.mark.rule("8.7 enhanced")
def test_10_percent_up_to_jan_15_and_20_percent_from_then_on_are_both_credited() -> None:
    """
    31 in January: 10 % of 15 days are 1.50, and 20 % of 16 days are 3.20. From Jan 21 on, 2.20 of them are credited.

    Jan 1           Jan 16   Jan 21       Feb 1
      |---- 10 % -----|------ 20 % ---------|
                               |= credited =|
    """
    charge = recurring(31, "2024-01-01", "2024-01-21", **TO_FEBRUARY)
    share = segments(
        percent_off(10, "2024-01-01", charged_through_date="2024-01-16", **PARTIALLY),
        percent_off(20, "2024-01-16", **TO_FEBRUARY, **PARTIALLY),
    )
    assert items(year(charge, *share), "2024-01-31") == ["C-1 Jan -11.00", "C-D1 Jan 2.20"]


@pytest.mark.rule("8.7 percentage")
def test_a_month_is_credited_at_the_10_percent_it_was_billed_at_and_the_next_at_20_percent() -> None:
    """
    The percentage alone changes on Feb 1, when the charge is billed to April. Both end on Mar 1.

    Jan 1            Feb 1            Mar 1            Apr 1            May 1
      |---- 10 % ------|---- 10 % ------|==== 10 % ======|==== 20 % ======|
    """
    charge = recurring(100, "2024-01-01", "2024-03-01", charged_through_date="2024-05-01")
    share = segments(
        percent_off(10, "2024-01-01", **TO_APRIL),
        percent_off(20, "2024-02-01", "2024-03-01", charged_through_date="2024-05-01"),
    )
    assert items(year(charge, *share), "2024-03-31") == [
        "C-1 Mar -100.00",
        "C-D1 Mar 10.00",
        "C-1 Apr -100.00",
        "C-D1 Apr 20.00",
    ]


@pytest.mark.rule("8.7 percentage")
@pytest.mark.parametrize("how", [{}, PARTIALLY])
def test_20_percent_that_held_only_while_10_percent_was_billed_already_is_never_credited(how: dict[str, Any]) -> None:
    """
    The charge is billed to April when the percentage changes on Feb 1, and again on Mar 1. April is billed at 30 %.

    Jan 1            Feb 1            Mar 1            Apr 1            May 1
      |---- 10 % ------|---- 10 % ------|---- 10 % ------|---- 30 % ------|
                                                |= 5.16 =|===== 30.00 ====|
    """
    charge = recurring(100, "2024-01-01", "2024-03-16", charged_through_date="2024-05-01")
    share = segments(
        percent_off(10, "2024-01-01", **TO_APRIL, **how),
        percent_off(20, "2024-02-01", **how),
        percent_off(30, "2024-03-01", "2024-03-16", charged_through_date="2024-05-01", **how),
    )
    assert items(year(charge, *share), "2024-03-31") == [
        "C-1 Mar -51.61",
        "C-D1 Mar 5.16",
        "C-1 Apr -100.00",
        "C-D1 Apr 30.00",
    ]


@pytest.mark.rule("8.7 percentage")
@pytest.mark.parametrize("through", ["2024-04-01", None])
def test_a_segment_that_began_with_the_20_percent_was_never_reduced_by_the_10_percent_before(through: Any) -> None:
    """
    Price and percentage changed on Feb 1, and both were billed anew to April. Both end on Mar 1.

    Jan 1            Feb 1            Mar 1            Apr 1
      |---- 10 % ------|---- 20 % ------|==== 20 % ======|
    """
    charge = segments(
        recurring(100, "2024-01-01", **TO_FEBRUARY), recurring(200, "2024-02-01", "2024-03-01", **TO_APRIL)
    )
    share = segments(
        percent_off(10, "2024-01-01", charged_through_date=through),
        percent_off(20, "2024-02-01", "2024-03-01", **TO_APRIL),
    )
    assert items(year(*charge, *share), "2024-03-31") == ["C-1 Mar -200.00", "C-D1 Mar 40.00"]


@pytest.mark.rule("8.7 percentage")
def test_10_percent_was_taken_off_a_charge_though_it_was_20_percent_afterwards_from_before_the_charge_on() -> None:
    """
    The charge was billed for February at 10 %. Then the percentage changed from Jan 16 on, and the charge on Feb 1.

    Jan 1      Jan 16     Feb 1                    Mar 1
      |-- 10 % ---|-- 20 % ---|===== 100 at 10 % =====|
    """
    charge = segments(
        recurring(100, "2024-02-01", "2024-02-01", charged_through_date="2024-03-01"), recurring(200, "2024-02-01")
    )
    share = segments(percent_off(10, "2024-01-01", charged_through_date="2024-03-01"), percent_off(20, "2024-01-16"))
    assert items(year(*charge, *share), "2024-02-29") == [*CREDITED[:2], "C-1 Feb 200.00", "C-D1 Feb -40.00"]


@pytest.mark.rule("8.7 credits")
def test_a_discount_that_ended_before_the_month_was_billed_is_not_credited() -> None:
    """It was removed on Feb 1, when the charge was billed to April; April was billed without it."""
    charge = recurring(100, "2024-01-01", "2024-03-01", charged_through_date="2024-05-01")
    tenth = percent_off(10, "2024-01-01", "2024-02-01", original_effective_end_date="2025-01-01", **TO_APRIL)
    assert items(year(charge, tenth), "2024-03-31") == ["C-1 Mar -100.00", "C-D1 Mar 10.00", "C-1 Apr -100.00"]


@pytest.mark.rule("8.7 several discounts")
@pytest.mark.parametrize("coupon_elsewhere", [False, True])
def test_of_two_discounts_the_billed_one_is_credited_5_16_whatever_other_subscriptions_have(
    coupon_elsewhere: bool,
) -> None:
    """10 % off 100 are 10.00; 4.84 of them stay with the 15 days of January that are kept."""
    terms = subscription(
        recurring(100, "2024-01-01", "2024-01-16", **TO_FEBRUARY),
        percent_off(10, "2024-01-01"),
        percent_off(10, "2024-01-01", number="C-D2", **TO_FEBRUARY),
    )
    other = subscription(recurring(1, "2024-01-01", number="C-9"), subscription_number="A-S9")
    coupon = subscription(
        recurring(1, "2024-01-01", number="C-9"), amount_off(1, "2024-01-01", number="C-D9"), subscription_number="A-S9"
    )
    whole = account(terms, coupon if coupon_elsewhere else other, bill_cycle_day=1)
    assert items(whole, "2024-01-16")[:2] == ["C-1 Jan -51.61", "C-D2 Jan 5.16"]


@pytest.mark.rule("8.7 fixed amount")
@pytest.mark.parametrize("split", [False, True])
def test_a_recorded_coupon_of_30_is_credited_and_used_again_after_the_pause(split: bool) -> None:
    """
    Jan 1            Feb 1            Mar 1            Apr 1
      |----- 100 ------|----- 100 ------|----- 100 ------|     30 off each
                       |    (paused)    |----- 100 ------|     30 off
    """
    whole = billed_in_full(year(recurring(100, "2024-01-01"), amount_off(30, "2024-01-01")))
    assert items(advance(whole, date(2024, 3, 1)) if split else whole, "2024-03-01") == [
        "C-1 Feb -100.00",
        "C-D1 Feb 30.00",
        "C-1 Mar -100.00",
        "C-D1 Mar 30.00",
        "C-1 Mar 100.00",
        "C-D1 Mar -30.00",
    ]


@pytest.mark.rule("8.7 fixed amount")
@pytest.mark.parametrize("split", [False, True])
def test_of_a_coupon_of_30_the_20_of_a_charge_without_a_pause_stay_used_and_10_come_back(split: bool) -> None:
    """The coupon of the account took 10 off the suspended 10 a month, and 20 off 100 of another subscription."""
    whole = billed_in_full(
        year(recurring(10, "2024-01-01"), amount_off(30, "2024-01-01", discount_level="account")),
        year(recurring(100, "2024-01-01", number="C-2"), subscription_number="A-S2"),
    )
    found = items(advance(whole, date(2024, 3, 1)) if split else whole, "2024-03-01")
    assert found[2:] == ["C-1 Mar -10.00", "C-D1 Mar 10.00", "C-1 Mar 10.00", "C-D1 Mar -10.00"]
    later = recurring(100, "2024-03-01", number="C-3", version=2)
    others = [replace(each, charges=(*each.charges, later)) for each in whole.subscriptions[1:]]
    used_up = replace(whole, subscriptions=(whole.subscriptions[0], *others))
    assert items(used_up, "2024-03-01")[-1] == "C-3 Mar 100.00"


@pytest.mark.rule("8.7 fixed amount")
def test_of_a_coupon_of_30_the_20_of_usage_stay_used_after_a_pause_as_usage_is_not_credited() -> None:
    taken = (TakenOff("C-1-1", date(2024, 3, 1), Decimal(10)), TakenOff("C-U-1", date(2024, 3, 1), Decimal(20)))
    terms = year(
        recurring(10, "2024-01-01", **TO_APRIL),
        metered(1, "2024-01-01", **TO_APRIL),
        recurring(100, "2024-03-01", number="C-3", version=2),
        amount_off(30, "2024-01-01", taken_off=taken, **TO_APRIL),
        **PAUSE,
    )
    assert items(terms, "2024-03-01")[1:] == [
        "C-1 Mar -10.00",
        "C-D1 Mar 10.00",
        "C-1 Mar 10.00",
        "C-D1 Mar -10.00",
        "C-3 Mar 100.00",
    ]
