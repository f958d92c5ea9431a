"""Late usage: records of a period that is billed already, where the tenant takes them.

|--- January, billed ---|--- February, due ---|
   ....  late                  .  .
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from soapsvc.engine.account import BillingRules, UsageRecord
from soapsvc.engine.usage import UsageIndex, UsageRow, UsageSetting, rate_late_usage
from tests.support import building
from tests.support.building import account, metered, recurring
from tests.support.rating import SUBSCRIPTION, day, line, months, priced, tiers, used

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


def half_of_january_billed(**fields: Any) -> list[str]:
    """The items of a charge from Jan 15 at 1, with 31 units in January billed and 31 late."""
    usual = {"proration_option": "TimeBasedProration", "charged_through_date": "2024-02-01"}
    usage = (used("01-20", 31, uom="Each", rbe_status="Processed"), used("01-21", 31, uom="Each"))
    charge = metered(1, "2024-01-15", **{**usual, **fields})
    return building.billed(account(charge, rules={"late_usage": True}, usage=usage), "2024-02-01")


@pytest.mark.rule("9.5 late usage: time-based proration")
def test_late_units_of_a_partial_month_cost_their_share_62_x_17_of_31_less_31_x_17_of_31() -> None:
    """
    Jan 1      Jan 15              Feb 1
      |- - - - - |== 31 billed, 17.00 ==|     17 of 31 days
                    31 late: 34.00 - 17.00
    """
    assert half_of_january_billed() == ["2024-01-15…2024-01-31 17.00"]
    assert half_of_january_billed(proration_option="NoProration") == ["2024-01-15…2024-01-31 31.00"]


@pytest.mark.rule("9.5 late usage: time-based proration")
def test_each_closed_period_has_its_own_share() -> None:
    """31 late units in 17 of 31 days are 17.00, 29 in the whole of February 29.00."""
    usage = (used("01-20", 31, uom="Each"), used("02-20", 29, uom="Each"))
    charge = metered(1, "2024-01-15", proration_option="TimeBasedProration", charged_through_date="2024-03-01")
    whole = account(charge, rules={"late_usage": True}, usage=usage)
    assert building.billed(whole, "2024-03-01") == ["2024-01-15…2024-01-31 17.00", "2024-02-01…2024-02-29 29.00"]


@pytest.mark.rule("9.5 late usage: time-based proration")
@pytest.mark.parametrize(("kind", "amount"), [("UNIT", "11.52"), ("CURRENCY", "7.00")])
def test_late_units_that_draw_on_funds_cost_their_share_too_21_x_17_of_31_or_17_minus_10(
    kind: str, amount: str
) -> None:
    """The fund holds 10 units, or 10 of money, and 31 units are late."""
    held = {"startDate": "2024-01-01", "totalBalance": 10, **({"uom": "Each"} if kind == "UNIT" else {})}
    told = {"prepaidOperationType": "drawdown", "prepaymentUnitType": kind, "prepaidBalanceFunds": [held]}
    assert half_of_january_billed(attributes=told) == [f"2024-01-15…2024-01-31 {amount}"]


def test_the_share_of_late_usage_is_explained() -> None:
    charge = priced("PerUnit", price=1, proration_option="TimeBasedProration")
    setting = UsageSetting(factors=[Fraction(17, 31)], processed=[billed("01-20", 31)])
    (row,) = rate_late_usage(
        charge, [(day("01-15"), day("02-01"))], [used("01-21", 31)], BillingRules(), explain=True, setting=setting
    )
    assert [step.formula for step in row.steps][1:] == [
        "62 x 17/31 of the billing period",
        "34 - 17 billed for the period",
    ]
