"""Segments whose export has no first start: the first segment, or the trigger date, anchors the periods of all."""

from __future__ import annotations

from typing import Any

import pytest

from soapsvc.engine.account import Charge, Subscription
from tests.support.building import billed, recurring, subscription


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
