"""The order of items, and that nothing in the input's order changes it."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from soapsvc.engine.account import Charge, Tier
from soapsvc.engine.subscription.item_order import creation_time
from tests.support.building import account, answer, metered, one_time, recurring, statement, subscription, used

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


DRAWS = {"prepaidOperationType": "drawdown"}
FUND = {"startDate": "2024-01-01", "endDate": "2025-01-01", "totalBalance": 10, "uom": "Each"}


def units(*charges: Charge, used_each: int = 10, rules: dict[str, Any] | None = None, **fields: Any) -> list[str]:
    """January's items as `charge amount`, where each usage charge has used some units, whatever the charges' order."""
    usage = tuple(used("2024-01-05", used_each, charge_number=each.number) for each in charges if each.type == "Usage")
    orders = [
        statement(account(subscription(*order, **fields), usage=usage, rules=rules), "2024-02-01")
        for order in permutations(charges)
    ]
    assert all(order == orders[0] for order in orders)
    return [" ".join(line.split()[::2]) for line in orders[0] if "2024-02" not in line]


@pytest.mark.rule("9.6 drawdown: order of charges")
@pytest.mark.parametrize(
    ("dear", "expected"),
    [
        ({}, "C-B 50.00"),
        ({"version": 2}, "C-B 50.00"),
        ({"version": 1, "segment": 2}, "C-B 50.00"),
        ({"number": "C-0"}, "C-A 10.00"),
    ],
)
def test_of_10_prepaid_units_the_charge_with_the_smaller_version_segment_and_number_draws_10(
    dear: dict[str, Any], expected: str
) -> None:
    """C-A costs 1 a unit, the other charge 5; each used 10 units."""
    cheap = metered(1, "2024-01-01", number="C-A", attributes=DRAWS)
    other = metered(5, "2024-01-01", **{"number": "C-B", "attributes": DRAWS, **dear})
    assert units(cheap, other, attributes={"prepaidBalanceFunds": [FUND]}) == [expected]


@pytest.mark.rule("9.6 drawdown: order of charges")
@pytest.mark.parametrize(("version", "expected"), [(1, "C-B 50.00"), (2, "C-A 10.00")])
def test_an_older_charge_draws_first_and_the_items_keep_their_own_order(version: int, expected: str) -> None:
    """Of 15 units used each, one charge is billed 5 and the other all 15."""
    cheap = metered(1, "2024-01-01", number="C-A", attributes=DRAWS, version=version)
    other = metered(5, "2024-01-01", number="C-B", attributes=DRAWS, version=1)
    left = {1: ["C-A 5.00", "C-B 75.00"], 2: ["C-A 15.00", "C-B 25.00"]}[version]
    listed = {"prepaidBalanceFunds": [FUND]}
    assert units(cheap, other, attributes=listed) == [expected]
    assert units(cheap, other, used_each=15, attributes=listed) == left


@pytest.mark.rule("9.6 minimum commitment")
def test_usage_of_10_and_50_is_divided_at_30_where_the_second_charge_reaches_it() -> None:
    cheap = metered(1, "2024-01-01", number="C-A", attributes={"chargeFunction": "CreditCommitment"})
    dear = metered(5, "2024-01-01", number="C-B", attributes={"chargeFunction": "CreditCommitment"})
    true_up = recurring(30, "2024-01-01", number="C-T", attributes={"chargeFunction": "CommitmentTrueUp"})
    found = units(cheap, dear, true_up, rules={"commitment_true_up": True})
    assert found == ["C-A 10.00", "C-B 20.00", "C-B 30.00", "C-T 0.00"]


@pytest.mark.rule("9.6 drawdown: order of funds")
def test_of_funds_that_start_together_those_of_the_smaller_charge_number_are_used_first() -> None:
    """
    Jan 1    Feb 1    Mar 1
      |-- 10 --|               of C-A, used for January's 10
      |------- 10 ------|      of C-B, kept for February's
    """
    short = {**DRAWS, "prepaidBalanceFunds": [{**FUND, "endDate": "2024-02-01"}]}
    long = {**DRAWS, "prepaidBalanceFunds": [FUND]}
    charges = [
        metered(1, "2024-01-01", number="C-A", attributes=short),
        metered(1, "2024-01-01", number="C-B", attributes=long),
    ]
    usage = tuple(used(day, 10, charge_number="C-A") for day in ("2024-01-05", "2024-02-05"))
    for order in (charges, charges[::-1]):
        apart = [subscription(each, subscription_number=f"A-{each.number}") for each in order]
        for parts in ([subscription(*order)], apart):
            assert statement(account(*parts, usage=usage), "2024-03-01") == []
