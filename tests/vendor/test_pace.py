"""Calls against limits, with a time that passes only while a thread waits."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from soapsvc.clock import fixed_clock
from soapsvc.vendor.pace import Pace, retry_after
from tests.support.services.waiting import Made

NOON = datetime(2024, 7, 9, 12, 0, 0, tzinfo=UTC)


def calls(pace: Pace, time: Made, count: int, headers: Mapping[str, str], status: int = 200) -> list[float]:
    """Make calls one after another; gives when each began."""
    began = []
    for _ in range(count):
        with pace.place():
            began.append(time.now())
            pace.heard(status, headers)
    return began


def most_within(began: list[float], seconds: float) -> int:
    return max(sum(start <= other < start + seconds for other in began) for start in began)


def test_no_span_has_more_than_nine_tenths_of_the_announced_rate() -> None:
    time = Made()
    headers = {"ratelimit-limit": "100, 100;w=60, 250;w=3600"}
    began = calls(Pace(4, time), time, 500, headers)
    assert most_within(began, 60) == 90  # 9/10 x 100
    assert most_within(began, 3600) == 225  # 9/10 x 250


def test_near_the_end_of_what_is_left_everybody_waits_until_there_is_more() -> None:
    time = Made()
    pace = Pace(4, time)
    began = calls(pace, time, 2, {"ratelimit-remaining": "1", "ratelimit-reset": "17"})
    assert began == [1000, 1017]


def test_retry_after_holds_everybody() -> None:
    time = Made()
    began = calls(Pace(4, time), time, 2, {"retry-after": "120"}, status=429)
    assert began == [1000, 1120]


@pytest.mark.parametrize(
    ("given", "seconds"),
    [("120", 120), ("Tue, 09 Jul 2024 12:00:30 GMT", 30), ("Tue, 09 Jul 2024 11:00:00 GMT", 0), ("soon", None)],
)
def test_retry_after_is_a_number_or_a_date(given: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": given}, fixed_clock(NOON)) == seconds
    assert retry_after({}, fixed_clock(NOON)) is None


class Places:
    """The number of calls that may be under way: enters until no further call fits."""

    def __init__(self, most: int) -> None:
        self.pace = Pace(most, self)  # type: ignore[arg-type]

    def now(self) -> float:
        return 0.0

    def wait(self, changed: threading.Condition, seconds: float | None) -> None:
        raise TimeoutError

    def free(self) -> int:
        count = 0
        with suppress(TimeoutError):
            while count < 1000:
                self.pace.enter()
                count += 1
        for _ in range(count):
            self.pace.leave()
        return count


def test_one_call_finds_out_the_limits_before_others_begin() -> None:
    places = Places(10)
    assert places.free() == 1
    places.pace.heard(200, {})
    assert places.free() == 10


def test_one_place_of_the_tenants_is_left_to_others() -> None:
    places = Places(10)
    places.pace.heard(200, {"concurrency-limit-limit": "5"})
    assert places.free() == 4


def test_fewer_are_under_way_after_a_refusal_and_one_more_after_fifty_calls_that_went_well() -> None:
    places = Places(10)
    places.pace.heard(200, {})
    places.pace.heard(429, {})
    assert places.free() == 5
    for _ in range(50):
        places.pace.heard(200, {})
    assert places.free() == 6
