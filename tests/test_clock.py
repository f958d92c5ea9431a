"""The clock is an argument: aware, and fixed where a test or a demonstration needs it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from soapsvc.clock import fixed_clock, system_clock


def test_the_system_clock_gives_aware_instants_in_ascending_order() -> None:
    first, second = system_clock(), system_clock()
    assert first.tzinfo is UTC
    assert first <= second


def test_a_fixed_clock_always_shows_its_instant() -> None:
    instant = datetime(2014, 5, 28, 18, 34, 49, tzinfo=timezone(timedelta(hours=8)))
    clock = fixed_clock(instant)
    assert [clock(), clock()] == [instant, instant]


def test_a_fixed_clock_refuses_an_instant_without_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone, not 2014-05-28T00:00:00"):
        fixed_clock(datetime(2014, 5, 28))  # noqa: DTZ001 - the mistake that is refused
