"""Segments whose export has no first start: the first segment, or the trigger date, anchors the periods of all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from soapsvc.engine.account import Charge, Subscription
from soapsvc.engine.lifecycle import advance
from tests.support.building import account, billed, recurring, subscription


@pytest.mark.rule("4.3 segments")
@pytest.mark.parametrize("reversed_order", [False, True])
def test_the_bill_day_is_that_of_the_earliest_segment_in_any_order(reversed_order: bool) -> None:
    """
    Jan 10        Feb 10   Feb 20   Mar 10
      |----- 31 -----|- 10.69 -|- 40.62 --|      31 x 10/29, then 62 x 19/29: the bill day stays 10
    """
    first = recurring(31, "2024-01-10", "2024-02-20", billing_day="ChargeTriggerDay")
    second = recurring(62, "2024-02-20", billing_day="ChargeTriggerDay", id="C-1-2")
    parts = (second, first) if reversed_order else (first, second)
    assert billed(subscription(*parts, start="2024-01-10"), "2024-02-20") == [
        "2024-01-10…2024-02-09 31.00",
        "2024-02-10…2024-02-19 10.69",
        "2024-02-20…2024-03-09 40.62",
    ]


def later(price: int, start: str, until: str | None, segment: int, **fields: Any) -> Charge:
    """A later segment of a charge that is billed on the day on which it was triggered."""
    days = {"billing_day": "ChargeTriggerDay", **fields}
    return recurring(price, start, until, id=f"C-1-{segment}", segment=segment, **days)


def without_the_first(**fields: Any) -> Subscription:
    """Segment 2 at 100 from Feb 10, segment 3 at 200 from Mar 10; the charge began on Jan 31, with segment 1."""
    second, third = later(100, "2024-02-10", "2024-03-10", 2, **fields), later(200, "2024-03-10", None, 3, **fields)
    return subscription(second, third, start="2024-01-31", end="2025-01-31")


@pytest.mark.rule("4.3 segments")
def test_without_the_first_segment_the_trigger_date_anchors_later_ones_100_x_19_of_29_then_10_of_31() -> None:
    """
    Jan 31    Feb 10   Feb 29     Mar 10          Mar 31
      |.........|- 65.52 -|- 32.26 -|--- 135.48 ----|-- 200
    """
    assert billed(without_the_first(trigger_date="2024-01-31"), "2024-03-31") == [
        "2024-02-10…2024-02-28 65.52",
        "2024-02-29…2024-03-09 32.26",
        "2024-03-10…2024-03-30 135.48",
        "2024-03-31…2024-04-29 200.00",
    ]


@pytest.mark.rule("4.3 segments")
def test_two_later_segments_have_the_bill_day_of_the_last_one_alone_200_x_21_of_31() -> None:
    third = later(200, "2024-03-10", None, 3, trigger_date="2024-01-31")
    alone = billed(subscription(third, start="2024-01-31", end="2025-01-31"), "2024-03-31")
    assert alone == ["2024-03-10…2024-03-30 135.48", "2024-03-31…2024-04-29 200.00"]
    assert billed(without_the_first(trigger_date="2024-01-31"), "2024-03-31")[2:] == alone


@pytest.mark.rule("4.3 segments")
def test_without_a_trigger_date_the_earliest_known_segment_anchors() -> None:
    assert billed(without_the_first(), "2024-03-10") == ["2024-02-10…2024-03-09 100.00", "2024-03-10…2024-04-09 200.00"]


@pytest.mark.rule("4.3 segments")
def test_the_start_of_the_first_segment_wins_over_trigger_dates() -> None:
    first = recurring(100, "2024-01-10", "2024-02-10", billing_day="ChargeTriggerDay", segment=1)
    second = later(200, "2024-02-10", None, 2, trigger_date="2024-01-05")
    assert billed(subscription(first, second, start="2024-01-10"), "2024-02-10") == [
        "2024-01-10…2024-02-09 100.00",
        "2024-02-10…2024-03-09 200.00",
    ]


RENEWED = {"price_change_option": "SpecificPercentageValue", "price_increase_percentage": 10}


@pytest.mark.rule("12 time that passes")
@pytest.mark.parametrize("trigger", [None, "2024-01-31"])
def test_a_renewal_that_has_happened_keeps_the_bill_day_of_the_charge(trigger: str | None) -> None:
    """The new segment at 220 is billed on the days on which it is billed while the renewal is only assumed."""
    fields = {"trigger_date": trigger, **RENEWED}
    before = replace(without_the_first(**fields), auto_renew=True)
    after = advance(account(before), date(2025, 2, 1))
    assumed, happened = (
        [each for each in billed(whole, "2025-03-15", renew="All") if each >= "2025-01-31"]
        for whole in (account(before), after)
    )
    assert happened == assumed
    day = "2025-02-09 70.97" if trigger is None else "2025-02-27 220.00"
    assert happened[0] == f"2025-01-31…{day}"


@pytest.mark.rule("4.3 segments")
@pytest.mark.parametrize("numbers", [(1, 2), (2, 3)])
def test_a_suspension_of_the_last_segment_moves_no_bill_day_before_it(numbers: tuple[int, int]) -> None:
    """
    Feb 10      Mar 10   Mar 15      Apr 10 … Jun 20 suspended
      |-- 100 ----|- 16.13 -|- 167.74 -|            100 x 5/31, then 200 x 26/31: the bill day stays 10
    """
    earlier = later(100, "2024-02-10", "2024-03-15", numbers[0])
    last = later(200, "2024-03-15", None, numbers[1])
    suspended = subscription(earlier, last, start="2024-01-31", end="2025-01-31", scheduled_suspend_date="2024-06-20")
    assert billed(suspended, "2024-04-01") == [
        "2024-02-10…2024-03-09 100.00",
        "2024-03-10…2024-03-14 16.13",
        "2024-03-15…2024-04-09 167.74",
    ]
