"""Which records belong to which charge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from soapsvc.engine.account import Charge, Subscription, UsageRecord
from soapsvc.engine.usage import UsageIndex
from tests.support.building import account, metered, segments, statement
from tests.support.rating import SUBSCRIPTION, priced, used

CHARGE = priced("PerUnit", original_charge_id="orig-1")
OTHER = Subscription("sub-2", "A-S2", attributes={"originalId": "sub-2-first"})


def unbilled_of(
    charge: Charge, records: Sequence[UsageRecord], subscription: Subscription = SUBSCRIPTION
) -> list[UsageRecord]:
    """The unbilled records of a charge, in order."""
    return UsageIndex(records).of_charge(charge, subscription)


def belongs(**fields: Any) -> bool:
    """Whether a record with these fields is the charge's."""
    return len(unbilled_of(CHARGE, [used("01-05", 1, **fields)])) == 1


@pytest.mark.rule("9.1 which records")
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"charge_number": "C-1"}, True),
        ({"charge_number": "C-2"}, False),
        ({"charge_id": "c1"}, True),
        ({"charge_id": "orig-1"}, True),
        ({"charge_id": "c2"}, False),
        ({"charge_number": "C-1", "subscription_number": "A-S9"}, True),  # the charge decides
        ({"subscription_number": "A-S1"}, True),
        ({"subscription_id": "sub-1"}, True),
        ({"subscription_number": "A-S2"}, False),
        ({}, True),  # every charge of the account with this unit
    ],
)
def test_the_most_exact_reference_of_a_record_decides(fields: dict[str, Any], expected: bool) -> None:
    assert belongs(**fields) is expected


@pytest.mark.rule("9.1 unit of measure")
@pytest.mark.parametrize("reference", [{"charge_number": "C-1"}, {"subscription_number": "A-S1"}, {}])
def test_the_unit_must_be_that_of_the_charge(reference: dict[str, Any]) -> None:
    assert belongs(**reference)
    assert not belongs(**reference, uom="Each")


def test_a_record_without_unit_belongs_to_the_charge_that_it_names() -> None:
    assert belongs(charge_number="C-1", uom=None)
    assert not belongs(subscription_number="A-S1", uom=None)


def test_a_usage_flat_fee_without_a_unit_counts_each() -> None:
    charge = priced("FlatFee", uom=None)
    records = [used("01-05", 1, uom="Each"), used("01-05", 2, uom="GB")]
    assert [record.quantity for record in unbilled_of(charge, records)] == [1]


def test_a_subscription_is_found_by_the_id_of_its_first_version_too() -> None:
    records = [used("01-05", 1, subscription_id="sub-2-first")]
    assert unbilled_of(CHARGE, records, OTHER) == records


@pytest.mark.rule("9.1 unprocessed records")
@pytest.mark.parametrize(
    ("status", "billed"),
    [(None, False), ("Pending", False), ("Importing", False), ("Processed", True), ("PROCESSED", True)],
)
def test_billed_records_are_kept_apart(status: str | None, billed: bool) -> None:
    index = UsageIndex([used("01-05", 1, rbe_status=status)])
    found = [len(index.of_charge(CHARGE, SUBSCRIPTION, processed=processed)) for processed in (False, True)]
    assert found == ([0, 1] if billed else [1, 0])


def test_records_of_all_references_come_in_order_of_date_then_creation() -> None:
    records = [
        used("01-09", 4, sequence=1),
        used("01-05", 3, sequence=9, subscription_number="A-S1"),
        used("01-05", 2, sequence=2, charge_number="C-1"),
        used("01-01", 1, sequence=8),
    ]
    index = UsageIndex(records)
    assert [record.quantity for record in index.of_charge(CHARGE, SUBSCRIPTION)] == [1, 2, 3, 4]


def test_a_record_that_two_references_lead_to_counts_once() -> None:
    charge = priced("PerUnit", original_charge_id="c1")
    assert len(unbilled_of(charge, [used("01-05", 1, charge_id="c1")])) == 1


@pytest.mark.rule("9.1 which records")
@pytest.mark.parametrize("reference", [{"charge_id": "C-U-1"}, {"charge_id": "C-U-2"}, {"charge_number": "C-U"}])
@pytest.mark.parametrize("by_original_id", [False, True])
def test_the_id_of_any_segment_names_the_charge_on_every_day_10_x_1_then_10_x_2(
    reference: dict[str, Any], by_original_id: bool
) -> None:
    """
    Jan 1                Feb 1                Mar 1
      |-- 10 units at 1 ---|-- 10 units at 2 ---|      the records of both name one segment
    """
    original = {"original_charge_id": "C-U-1"} if by_original_id else {}
    charge = segments(metered(1, "2024-01-01", **original), metered(2, "2024-02-01", **original))
    usage = tuple(used(day, 10, uom="Each", **reference) for day in ("01-05", "02-05"))
    assert statement(account(*charge, usage=usage), "2024-03-01") == [
        "C-U 2024-01-01…2024-01-31 10.00",
        "C-U 2024-02-01…2024-02-29 20.00",
    ]
