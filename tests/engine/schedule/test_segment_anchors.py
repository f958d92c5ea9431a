"""Segments whose export has no first start: the earliest of them anchors the periods of all, in the order of time."""

from __future__ import annotations

import pytest

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
