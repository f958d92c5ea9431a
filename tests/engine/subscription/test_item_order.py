"""The order of items, and that nothing in the input's order changes it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from soapsvc.engine.account import Tier
from soapsvc.engine.subscription.item_order import creation_time
from tests.support.building import answer, one_time, recurring, statement, subscription

EARLY = "8a128f5e9f01fcf4019f1af23ad97f52"
LATE = "8a128f5e9f01fcf4019f1af23ada7f52"


@pytest.mark.rule("0 order of items")
@pytest.mark.parametrize(
    ("identifier", "time"),
    [
        (EARLY, 0x019F1AF23AD9),
        (EARLY.upper(), 0x019F1AF23AD9),
        ("a1b2", 0),
        (EARLY + "00", 0),
        ("g" * 32, 0),
        ("", 0),
    ],
)
def test_an_id_carries_the_milliseconds_of_its_creation(identifier: str, time: int) -> None:
    assert creation_time(identifier) == time


@pytest.mark.rule("0 order of items")
def test_one_time_then_usage_then_recurring() -> None:
    usage = recurring(1, "2024-01-01", number="C-0", type="Usage", billing_timing=None)
    charges = (recurring(10, "2024-01-01", number="C-1"), usage, one_time(5, "2024-01-01", number="C-9"))
    numbers = [line.split()[0] for line in statement(charges, "2024-02-01")]
    assert numbers == ["C-9", "C-0", "C-1", "C-1"]


@pytest.mark.rule("0 order of items")
def test_older_charges_come_first_then_smaller_numbers() -> None:
    charges = (
        recurring(10, "2024-01-01", number="C-1", id=LATE),
        recurring(10, "2024-01-01", number="C-3", id=EARLY),
        recurring(10, "2024-01-01", number="C-2", id=EARLY),
    )
    assert [line.split()[0] for line in statement(charges, "2024-01-01")] == ["C-2", "C-3", "C-1"]


@pytest.mark.rule("0 order of items")
def test_all_items_of_a_charge_stay_together_by_date() -> None:
    charges = (recurring(10, "2024-01-01", number="C-2"), recurring(10, "2024-01-01", number="C-1"))
    assert [line[:14] for line in statement(charges, "2024-02-01")] == [
        "C-1 2024-01-01",
        "C-1 2024-02-01",
        "C-2 2024-01-01",
        "C-2 2024-02-01",
    ]


@pytest.mark.rule("0 item facts")
def test_an_item_shows_facts_of_its_charge_and_rate_plan() -> None:
    charge = recurring(
        10,
        "2024-01-01",
        id="segment",
        original_charge_id="first segment",
        name="Plan",
        description="A plan",
        uom="Each",
        product_name="Paper",
        product_sku="SKU-1",
    )
    result = answer(subscription(charge, id="sub"), "2024-01-01")
    (item,) = result.items()
    facts = item.facts
    assert (facts.subscription_id, facts.subscription_number, facts.charge_number) == ("sub", "A-S1", "C-1")
    assert (facts.charge_id, facts.rate_plan_charge_id) == ("first segment", "segment")
    assert (facts.charge_name, facts.charge_description, facts.unit_of_measure) == ("Plan", "A plan", "Each")
    assert (facts.product_name, facts.product_sku) == ("Paper", "SKU-1")
    assert (facts.charge_type, facts.processing_type, item.quantity) == ("Recurring", "Charge", 1)


@pytest.mark.rule("0 item facts")
def test_unknown_values_are_empty() -> None:
    (item,) = answer(recurring(10, "2024-01-01", id="segment"), "2024-01-01").items()
    facts = item.facts
    assert facts.charge_id == "segment"
    assert {facts.charge_name, facts.charge_description, facts.unit_of_measure, facts.product_name} == {""}
    assert item.number_of_deliveries == 0


def test_a_warning_is_a_sentence_that_names_charge_and_subscription() -> None:
    tiers = (Tier(Decimal(0), Decimal(10), Decimal(5)),)
    charge = recurring(None, "2024-01-01", model="Volume", quantity=7, tiers=tiers)
    (note,) = answer(charge, "2024-01-01").notes
    assert (note.subscription_number, note.charge_number) == ("A-S1", "C-1")
    assert note.message.startswith("Charge C-1 of subscription A-S1: The quantity 7 exceeds the last tier")
