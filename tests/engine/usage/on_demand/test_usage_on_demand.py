"""Usage that is rated before its period ends: what is used so far, less what was billed of it.

|---- January ------------------------------|
|--- window of January 10 ---)              what ran up before the target date
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from soapsvc.engine.account import BillingRules, Charge
from soapsvc.engine.usage import needs_history
from tests.support.rating import months, priced, problem, rated, rows_of, tiers, told, used

FIRST = (date(2024, 1, 1), date(2024, 1, 10))
SECOND = (date(2024, 1, 1), date(2024, 1, 20))


def on_demand(**fields: Any) -> Charge:
    """10 units at 4, the others at 1, rated as they come."""
    return priced("Tiered", tiers=tiers("0-10 4", "11- 1"), usage_record_rating_option="OnDemand", **fields)


@pytest.mark.rule("9.4 on demand")
def test_usage_before_the_target_date_is_billed_10_x_4_plus_2_x_1() -> None:
    records = [used("01-02", 7), used("01-09", 5), used("01-10", 100)]
    assert rated(on_demand(), *records, periods=[FIRST], open_end=True) == ["2024-01-01…2024-01-09 42 for 12 units"]


@pytest.mark.rule("9.4 on demand")
def test_the_amount_billed_in_the_period_is_deducted_45_minus_42() -> None:
    charge = on_demand(billed_amount_in_period=42, billed_quantity_in_period=12)
    records = [used("01-02", 7), used("01-09", 5), used("01-10", 3)]
    rows = rows_of(charge, records, [SECOND], open_end=True, explain=True)
    assert [(row.amount, row.quantity) for row in rows] == [(3, 3)]
    assert told(rows[0].steps)[1:] == ["usage.on_demand: 45 - 42 billed in the period = 3  (Rating by billing period)"]


def test_the_billed_amount_may_come_from_the_processed_records() -> None:
    records = [
        used("01-02", 7, rbe_status="Processed", sequence=1),
        used("01-09", 5, rbe_status="Processed", sequence=2),
        used("01-09", 3, rbe_status="Pending", sequence=3),
    ]
    assert rated(on_demand(), *records, periods=[SECOND], open_end=True) == ["2024-01-01…2024-01-19 3 for 3 units"]


@pytest.mark.rule("9.4 on demand: nothing new")
def test_without_new_usage_there_is_no_item() -> None:
    charge = on_demand(billed_amount_in_period=42, billed_quantity_in_period=12)
    assert rated(charge, used("01-02", 7), used("01-09", 5), periods=[SECOND], open_end=True) == []
    assert rated(on_demand(), periods=[FIRST], open_end=True) == []


def test_a_flat_fee_that_was_billed_without_usage_is_nothing_new() -> None:
    charge = priced("FlatFee", price=40, usage_record_rating_option="OnDemand")
    assert rated(charge) == ["2024-01-01…2024-01-31 40 for 0 units"]
    assert rated(replace(charge, billed_amount_in_period=Decimal(40))) == []


def test_units_above_a_closed_last_tier_are_warned_of_on_demand_too() -> None:
    charge = priced("Tiered", tiers=tiers("0-10 4"), usage_record_rating_option="OnDemand")
    (row,) = rows_of(charge, [used("01-02", 12)], [FIRST], open_end=True)
    assert (row.amount, [code for code, _ in row.warnings]) == (40, ["QUANTITY_ABOVE_LAST_TIER"])


def test_the_billed_amount_must_be_a_number() -> None:
    charge = on_demand(billed_amount_in_period="NaN")
    assert problem(lambda: rated(charge, used("01-02", 1), periods=[FIRST])) == ("BAD_NUMBER", "billedAmountInPeriod")


def test_a_correction_of_what_was_billed_is_new() -> None:
    charge = on_demand(billed_amount_in_period=42)
    assert rated(charge, used("01-02", 12), periods=[SECOND], open_end=True) == ["2024-01-01…2024-01-19 0 for 12 units"]


def test_the_ended_period_bills_the_rest_and_the_open_one_what_is_used_so_far() -> None:
    """January: 10 x 4 + 5 - 42 billed. February up to the 3rd: 2 x 4."""
    charge = on_demand(billed_amount_in_period=42, billed_quantity_in_period=12)
    records = [used("01-02", 12), used("01-30", 3), used("02-02", 2), used("02-03", 1)]
    periods = [*months(1), (date(2024, 2, 1), date(2024, 2, 3))]
    assert rated(charge, *records, periods=periods, open_end=True) == [
        "2024-01-01…2024-01-31 3 for 3 units",
        "2024-02-01…2024-02-02 8 for 2 units",
    ]


def test_an_ended_period_without_usage_has_its_item_on_demand_too() -> None:
    assert rated(on_demand()) == ["2024-01-01…2024-01-31 0 for 0 units"]


@pytest.mark.parametrize(
    ("charge", "rules", "expected"),
    [
        (on_demand(), BillingRules(), True),
        (priced("PerUnit"), BillingRules(), False),
        (priced("PerUnit"), BillingRules(late_usage=True), True),
        (priced("Overage", smoothing_model="Rollover"), BillingRules(), True),
        (priced("PerUnit", smoothing_model="Rollover"), BillingRules(), False),
    ],
)
def test_which_charges_need_their_billed_records_too(charge: Charge, rules: BillingRules, expected: bool) -> None:
    assert needs_history(charge, rules) is expected
