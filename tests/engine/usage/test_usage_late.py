"""Late usage: records of a period that is billed already, where the tenant takes them.

|--- January, billed ---|--- February, due ---|
   ....  late                  .  .
"""

from __future__ import annotations

from typing import Any

import pytest

from soapsvc.engine.account import BillingRules, UsageRecord
from soapsvc.engine.usage import UsageIndex, UsageRow, UsageSetting, rate_late_usage
from tests.support import building
from tests.support.building import account, recurring
from tests.support.rating import SUBSCRIPTION, line, months, priced, tiers, used

CHARGE = priced("Volume", tiers=tiers("0-50 4", "51- 3"))


def late(*records: UsageRecord, **options: Any) -> list[UsageRow]:
    """The rows of late records of two closed months."""
    index = UsageIndex(records)
    setting = UsageSetting(processed=index.of_charge(CHARGE, SUBSCRIPTION, processed=True))
    unbilled = index.of_charge(CHARGE, SUBSCRIPTION)
    return rate_late_usage(CHARGE, months(2), unbilled, BillingRules(), setting=setting, **options)


def billed(start: str, quantity: int) -> UsageRecord:
    """A record that a bill run has taken."""
    return used(start, quantity, rbe_status="Processed")


@pytest.mark.rule("9.5 late usage")
def test_the_closed_period_is_rated_again_60_x_3_minus_40_x_4() -> None:
    rows = late(billed("01-05", 40), used("01-06", 20), explain=True)
    assert [line(row) for row in rows] == ["2024-01-01…2024-01-31 20 for 20 units"]
    assert [step.formula for step in rows[0].steps] == ["60 x 3", "180 - 160 billed for the period"]


def test_periods_without_late_records_have_no_item() -> None:
    rows = late(billed("01-05", 40), billed("02-05", 10), used("02-06", 5), used("03-01", 7))
    assert [line(row) for row in rows] == ["2024-02-01…2024-02-29 20 for 5 units"]


def test_late_records_of_a_period_that_had_none_cost_their_whole_fee() -> None:
    rows = late(used("01-06", 20))
    assert [line(row) for row in rows] == ["2024-01-01…2024-01-31 80 for 20 units"]
    assert rows[0].steps == ()


def test_late_units_may_make_a_period_cheaper_51_x_3_minus_50_x_4() -> None:
    rows = late(billed("01-05", 50), used("01-06", 1))
    assert [line(row) for row in rows] == ["2024-01-01…2024-01-31 -47 for 1 units"]


def january_billed(**rules: bool) -> list[str]:
    """The items of a monthly charge that is billed through January, with 20 late and 30 new units."""
    charge = recurring(
        None,
        "2024-01-01",
        type="Usage",
        model="Volume",
        uom="GB",
        tiers=tiers("0-50 4", "51- 3"),
        charged_through_date="2024-02-01",
    )
    usage = (used("01-03", 40, rbe_status="Processed"), used("01-30", 20), used("02-02", 30))
    return building.billed(account(charge, rules=rules, usage=usage), "2024-03-01")


@pytest.mark.rule("9.5 late usage")
def test_a_preview_takes_late_usage_60_x_3_less_40_x_4_before_the_due_period() -> None:
    assert january_billed(late_usage=True) == ["2024-01-01…2024-01-31 20.00", "2024-02-01…2024-02-29 120.00"]


@pytest.mark.rule("9.5 late usage")
def test_without_the_rule_a_billed_period_takes_no_late_usage() -> None:
    assert january_billed() == ["2024-02-01…2024-02-29 120.00"]
