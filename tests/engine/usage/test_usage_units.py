"""Quantities of usage in a unit of measure that has decimals of its own: each record is rounded before it is rated."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from soapsvc.engine.account import Tier, UnitOfMeasure, UsageRecord
from soapsvc.engine.result import PreviewResult
from tests.support.building import account, answer, line, metered, sound, subscription, used

HOURS_UP = UnitOfMeasure("Hour", 0)
HOURS_DOWN = UnitOfMeasure("Hour", 0, "DOWN")
QUARTERS_OF_AN_HOUR = (("2024-01-10", "1.25"), ("2024-01-11", "0.25"), ("2024-01-12", 3))


def previewed(
    units: tuple[UnitOfMeasure, ...], records: Any = QUARTERS_OF_AN_HOUR, explain: bool = False, **charge: Any
) -> PreviewResult:
    """January 2024 at 10 an hour, unless the charge says otherwise."""
    hourly = metered(charge.pop("price", 10), "2024-01-01", uom="Hour", **charge)
    usage = tuple(record if isinstance(record, UsageRecord) else used(*record, uom="Hour") for record in records)
    whole = account(subscription(hourly), usage=usage, units_of_measure=units, rules={"late_usage": True})
    return answer(whole, "2024-02-01", explain=explain)


def rated(*units: UnitOfMeasure, **options: Any) -> list[str]:
    """`first day … last day amount quantity` of each item."""
    return [f"{line(item)} {item.quantity:f}" for item in sound(previewed(units, **options)).items()]


@pytest.mark.rule("9.2 decimals of a unit of measure")
@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ((), "45.00 4.50"),
        ((UnitOfMeasure("Each", 0),), "45.00 4.50"),
        ((HOURS_UP,), "60.00 6"),  # 2 + 1 + 3
        ((HOURS_DOWN,), "40.00 4"),  # 1 + 0 + 3
        ((UnitOfMeasure("Hour", 1),), "46.00 4.6"),  # 1.3 + 0.3 + 3
        ((UnitOfMeasure("Hour", 1, "HALF_UP"),), "46.00 4.6"),
        ((UnitOfMeasure("Hour", 2),), "45.00 4.50"),
    ],
)
def test_1_25_and_0_25_and_3_hours_at_10(units: tuple[UnitOfMeasure, ...], expected: str) -> None:
    assert rated(*units) == [f"2024-01-01…2024-01-31 {expected}"]


@pytest.mark.rule("9.2 decimals of a unit of measure")
def test_returned_usage_is_rounded_by_magnitude_3_less_2_hours() -> None:
    assert rated(HOURS_UP, records=(("2024-01-10", 3), ("2024-01-11", "-1.5"))) == ["2024-01-01…2024-01-31 10.00 1"]


@pytest.mark.rule("9.2 decimals of a unit of measure")
def test_a_record_without_a_unit_is_in_that_of_the_charge_it_names() -> None:
    unnamed = used("2024-01-10", "1.25", uom=None, charge_number="C-U")
    assert rated(HOURS_UP, records=(unnamed,)) == ["2024-01-01…2024-01-31 20.00 2"]


@pytest.mark.rule("9.2 decimals of a unit of measure")
def test_the_rounded_quantity_chooses_the_tier_10_and_a_bit_are_11_at_4() -> None:
    """Up to 10 hours at 5, beyond at 4: 10.2 hours are 11, so 44."""
    tiers = (Tier(Decimal(0), Decimal(5), Decimal(10)), Tier(Decimal("10.1"), Decimal(4)))
    volume: dict[str, Any] = {"price": None, "model": "Volume", "tiers": tiers, "records": (("2024-01-10", "10.2"),)}
    assert rated(HOURS_UP, **volume) == ["2024-01-01…2024-01-31 44.00 11"]
    assert rated(HOURS_DOWN, **volume) == ["2024-01-01…2024-01-31 50.00 10"]


@pytest.mark.rule("9.5 late usage")
def test_billed_and_late_records_are_rounded_alike_2_hours_and_2_more() -> None:
    records = (used("2024-01-10", "1.5", uom="Hour", rbe_status="Processed"), ("2024-01-11", "1.5"))
    lines = rated(HOURS_UP, records=records, charged_through_date="2024-02-01")
    assert lines == ["2024-01-01…2024-01-31 20.00 2"]


@pytest.mark.rule("explain: usage")
def test_an_explanation_says_by_what_the_records_were_rounded() -> None:
    (item,) = sound(previewed((HOURS_UP,), explain=True)).items()
    assert item.trace is not None
    assert next(item.trace.lines()) == (
        "usage.unit_of_measure: the records' quantities, each rounded UP to 0 decimals = 6  [unitOfMeasure=Hour]"
        "  (Customization of units of measure)"
    )


@pytest.mark.rule("wrong data: unit of measure")
def test_an_unknown_rounding_is_an_error_of_the_charge() -> None:
    (error,) = previewed((UnitOfMeasure("Hour", 0, "SIDEWAYS"),)).errors
    assert (error.code, error.charge_number, error.field) == ("UNKNOWN_VALUE", "C-U", "unit_of_measure.rounding_mode")
    assert error.message == (
        "Subscription A-S1: charge C-U: rounding_mode is 'SIDEWAYS'; known values: HALF_UP, UP, DOWN."
    )


@pytest.mark.rule("wrong data: unit of measure")
def test_a_quantity_that_is_not_a_number_cannot_be_rounded() -> None:
    (error,) = previewed((HOURS_UP,), records=(("2024-01-10", "NaN"),)).errors
    assert (error.code, error.charge_number, error.field) == ("BAD_NUMBER", "C-U", "quantity")
