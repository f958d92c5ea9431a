"""Smoothed overage in a whole preview: 10 units included a month, 1 for each above, over three months.

|-- leading part --|-- month --|-- month --|-- month --| … up to the end of a price, or of the charge
"""

from __future__ import annotations

from typing import Any

import pytest

from soapsvc.engine.account import Charge, UsageRecord
from tests.support.building import account, billed, metered, segments, subscription, used


def smoothed(start: str, until: str | None = None, price: object = 1, **fields: Any) -> Charge:
    """The overage of windows that are billed when they end, unless `fields` say otherwise."""
    usual = {
        "model": "Overage",
        "included_units": 10,
        "overage_price": price,
        "smoothing_model": "RollingWindow",
        "overage_calculation_option": "EndOfSmoothingPeriod",
        "number_of_periods": 3,
    }
    return metered(None, start, until, **{**usual, **fields})


def monthly(*units: int) -> tuple[UsageRecord, ...]:
    """A record on the 5th of each month of 2024; the first one on Jan 20."""
    return tuple(
        used(f"2024-{month:02}-{20 if month == 1 else 5:02}", quantity) for month, quantity in enumerate(units, start=1)
    )


@pytest.mark.rule("1.3 leading partial period")
@pytest.mark.parametrize("days", ["UseActualDays", "Assume30Days"])
@pytest.mark.parametrize("option", [None, "ChargeFullPeriod", "NoProration", "TimeBasedProration"])
def test_30_of_31_days_roll_no_units_over_whatever_share_of_the_price_they_are_15_minus_10(
    option: str | None, days: str
) -> None:
    """
    Jan 1 2                       Feb 1                 Mar 1
        |- 2 units, a part: 30/30 -|----- 15 units -------|      the 8 unused units of January do not serve February
    """
    charge = smoothed("2024-01-02", smoothing_model="Rollover", proration_option=option)
    whole = account(charge, rules={"days_in_month": days}, usage=monthly(2, 15))
    assert billed(whole, "2024-03-01") == ["2024-02-01…2024-02-29 5.00"]


@pytest.mark.rule("1.3 leading partial period")
def test_a_full_first_month_does_2_and_15_are_within_20() -> None:
    whole = account(smoothed("2024-01-01", smoothing_model="Rollover"), usage=monthly(2, 15))
    assert billed(whole, "2024-03-01") == []


CHANGE = ["2024-01-01…2024-02-29 20.00", "2024-03-01…2024-05-31 60.00"]
"""
Jan 1       Mar 1             Jun 1
  |- at 1 -----|---- at 2 ------|      20 units a month
     40 - 20     (60 - 30) x 2
"""


@pytest.mark.rule("1.3 rolling window, end of smoothing period")
def test_a_short_window_is_settled_where_a_price_ends_20_and_30_x_2() -> None:
    changed = segments(smoothed("2024-01-01"), smoothed("2024-03-01", price=2))
    whole = account(subscription(*changed, end="2025-01-01"), usage=monthly(20, 20, 20, 20, 20))
    assert billed(whole, "2024-06-01") == CHANGE
    assert billed(whole, "2024-02-29") == []  # the last period of the price has not ended


@pytest.mark.rule("1.3 rolling window, end of smoothing period")
def test_an_assumed_renewal_at_the_double_price_settles_it_too() -> None:
    rise = {"price_change_option": "SpecificPercentageValue", "price_increase_percentage": 100}
    terms = subscription(smoothed("2024-01-01", **rise), end="2024-03-01")
    whole = account(terms, usage=monthly(20, 20, 20, 20, 20))
    assert billed(whole, "2024-06-01", renew="All") == CHANGE


def test_a_renewal_at_the_same_price_does_not_60_minus_30() -> None:
    whole = account(subscription(smoothed("2024-01-01"), end="2024-03-01"), usage=monthly(20, 20, 20, 20, 20))
    assert billed(whole, "2024-06-01", renew="All") == ["2024-01-01…2024-03-31 30.00"]


@pytest.mark.rule("1.3 rolling window, end of smoothing period")
def test_a_price_that_ends_within_a_month_has_that_part_in_its_window_60_minus_3_x_10() -> None:
    """
    Jan 1                   Mar 1     Mar 15    Apr 1
      |-------- 20 + 20 ------|-- 20 ----|          the window of three periods is full: 30.00
                                         |-- 14 --|   a leading part at the new price: (14 - 10) x 2
    """
    changed = segments(smoothed("2024-01-01"), smoothed("2024-03-15", price=2))
    usage = (*monthly(20, 20, 20), used("2024-03-20", 14))
    whole = account(subscription(*changed, end="2025-01-01"), usage=usage)
    assert billed(whole, "2024-04-01") == ["2024-01-01…2024-03-14 30.00", "2024-03-15…2024-03-31 8.00"]


@pytest.mark.rule("1.3 rolling window, end of smoothing period")
def test_what_was_settled_with_a_bill_up_to_the_end_of_the_price_is_not_billed_again() -> None:
    changed = segments(smoothed("2024-01-01", charged_through_date="2024-03-01"), smoothed("2024-03-01", price=2))
    whole = account(subscription(*changed, end="2025-01-01"), usage=monthly(20, 20, 20, 20, 20))
    assert billed(whole, "2024-06-01") == CHANGE[1:]


PAST_THE_TERM = "invoice_past_end_of_term_auto_renew_off"


@pytest.mark.rule("1.3 rolling window, end of smoothing period")
@pytest.mark.parametrize("target", ["2024-06-01", "2025-01-01"])
@pytest.mark.parametrize(("past", "last"), [(False, "2024-05-14"), (True, "2024-05-31")])
def test_a_short_window_is_settled_where_the_last_period_is_billed_past_the_term_40_minus_2_x_10(
    past: bool, last: str, target: str
) -> None:
    """
    Jan 1        Apr 1        May 1   May 15     Jun 1
      |- 60 - 30 --|---- 20 ----|-- 20 --|- - - - -|      the term ends on May 15
                   |======== 40 - 20 ==============|
    """
    charge = smoothed("2024-01-01", "2024-05-15")
    terms = subscription(charge, end="2024-05-15")
    whole = account(terms, rules={PAST_THE_TERM: past}, usage=monthly(20, 20, 20, 20, 20))
    assert billed(whole, target) == ["2024-01-01…2024-03-31 30.00", f"2024-04-01…{last} 20.00"]


@pytest.mark.rule("1.3 rolling window, end of smoothing period")
def test_it_is_not_settled_before_that_period_has_ended_nor_twice() -> None:
    usage = monthly(20, 20, 20, 20, 20)
    for through, target in ((None, "2024-05-31"), ("2024-06-01", "2024-07-01")):
        charge = smoothed("2024-01-01", "2024-05-15", charged_through_date=through)
        whole = account(subscription(charge, end="2024-05-15"), rules={PAST_THE_TERM: True}, usage=usage)
        assert billed(whole, target) == ([] if through else ["2024-01-01…2024-03-31 30.00"])


@pytest.mark.parametrize(("target", "settled"), [("2024-05-15", False), ("2024-05-20", False), ("2024-06-01", True)])
def test_on_demand_the_open_period_past_the_term_does_not_settle_the_window_either(target: str, settled: bool) -> None:
    charge = smoothed("2024-01-01", "2024-05-15", usage_record_rating_option="OnDemand")
    whole = account(
        subscription(charge, end="2024-05-15"), rules={PAST_THE_TERM: True}, usage=monthly(20, 20, 20, 20, 20)
    )
    expected = ["2024-01-01…2024-03-31 30.00", "2024-04-01…2024-05-31 20.00"]
    assert billed(whole, target) == expected[: 1 + settled]
