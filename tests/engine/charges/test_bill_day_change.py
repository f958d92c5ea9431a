"""On-demand usage after the account's bill cycle day has changed: no period begins in what is billed.

Jan 1                          Jan 18   Jan 20
  |--- open period, billed to here --|-----|         bill cycle day 20; 15 units were billed: 10 x 2 + 5 x 3
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from soapsvc.engine.account import Account, Charge, Tier, UsageRecord
from soapsvc.engine.result import PreviewResult
from tests.support.building import account, answer, line, metered, sound, subscription, used

TIERS = (
    Tier(Decimal(0), Decimal(2), Decimal(10)),
    Tier(Decimal(11), Decimal(3), Decimal(20)),
    Tier(Decimal(21), Decimal(5)),
)
BILLED = used("2024-01-05", 15, rbe_status="Processed")

pytestmark = pytest.mark.rule("3.4 on demand: bill cycle day changed")


def tiered(start: str = "2024-01-01", through: str = "2024-01-18", **fields: Any) -> Charge:
    return metered(
        None, start, model="Tiered", tiers=TIERS, charged_through_date=through,
        **{"usage_record_rating_option": "OnDemand", **fields},
    )  # fmt: skip


def owned(charge: Charge, *records: UsageRecord, day: int, former: object = 20, **fields: Any) -> Account:
    told = {} if former is None else {"formerBillCycleDay": former}
    return account(subscription(charge, **fields), usage=records, bill_cycle_day=day, attributes=told)


def previewed(whole: Account, target: str) -> PreviewResult:
    return sound(answer(whole, target))


def rated(whole: Account, target: str) -> list[str]:
    return [f"{line(item)} {item.quantity:f}" for item in previewed(whole, target).items()]


@pytest.mark.parametrize(
    ("day", "used_on", "target", "expected"),
    [
        (15, "2024-01-19", "2024-01-20", ["2024-01-01…2024-01-19 15.00 5"]),  # the page: 15
        (25, "2024-01-24", "2024-01-25", ["2024-01-20…2024-01-24 10.00 5"]),  # the page: 10
        (25, "2024-01-19", "2024-01-25", ["2024-01-01…2024-01-19 15.00 5", "2024-01-20…2024-01-24 0.00 0"]),
        (19, "2024-01-19", "2024-01-25", ["2024-01-19…2024-01-24 10.00 5"]),
        (18, "2024-01-19", "2024-01-25", ["2024-01-18…2024-01-24 10.00 5"]),
        (17, "2024-01-19", "2024-01-25", ["2024-01-01…2024-01-19 15.00 5"]),
        (20, "2024-01-19", "2024-01-20", ["2024-01-01…2024-01-19 15.00 5"]),
    ],
)
def test_the_open_period_ends_on_day_20_unless_the_new_day_lies_before_it_and_not_in_what_is_billed(
    day: int, used_on: str, target: str, expected: list[str]
) -> None:
    assert rated(owned(tiered(), BILLED, used(used_on, 5), day=day), target) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (15, ["2024-01-20…2024-02-14 8.00 4", "2024-02-15…2024-03-14 2.00 1"]),
        (25, ["2024-01-20…2024-01-24 0.00 0", "2024-01-25…2024-02-24 8.00 4", "2024-02-25…2024-03-19 2.00 1"]),
    ],
)
def test_the_new_day_holds_from_the_end_of_the_open_period_on(day: int, expected: list[str]) -> None:
    """
    billed to Jan 20     now 15: Jan 20 … Feb 15, Feb 15 … Mar 15     now 25: Jan 20 … Jan 25, Jan 25 … Feb 25
    """
    charge = tiered(through="2024-01-20")
    records = (BILLED, used("2024-02-10", 4), used("2024-03-01", 1))
    assert rated(owned(charge, *records, day=day), "2024-03-20")[: len(expected)] == expected


def test_a_charge_that_is_older_than_its_open_period_keeps_its_former_periods() -> None:
    """
    Nov 25  Dec 20                  Jan 18  Jan 20
      |-------|-- 15 billed, 5 new ----|------|        bill cycle day 20, now 15; late records of November are closed
    """
    charge = tiered("2023-11-25")
    records = (used("2023-12-01", 7), BILLED, used("2024-01-19", 5))
    assert rated(owned(charge, *records, day=15), "2024-01-25") == ["2023-12-20…2024-01-19 15.00 5"]


def test_the_periods_of_a_renewed_term_follow_on_its_own_grid() -> None:
    """
    quarters aligned to a term of 4 months that is renewed; billed to Apr 25, when the bill cycle day became the 25th
    Apr 20    Apr 25                  Jul 25   Aug 25       target Sep 1
      |-- open --|------- quarter ------|- stub -|-- quarter, nothing used    quarters of the second term: Aug 25 …
    """
    charge = tiered(through="2024-04-25", billing_period="Quarter", billing_period_alignment="AlignToTermStart")
    whole = owned(charge, used("2024-04-26", 5), day=25, end="2024-05-01", renewal_term=4)
    items = sound(answer(whole, "2024-09-01", renew="All")).items()
    assert [line(item) for item in items] == ["2024-04-25…2024-07-24 10.00", "2024-07-25…2024-08-24 0.00"]


@pytest.mark.parametrize(
    ("fields", "warned"),
    [
        ({}, True),
        ({"through": "2024-01-20"}, False),
        ({"through": "2023-12-31"}, False),
        ({"billing_day": "ChargeTriggerDay"}, False),
        ({"billing_period": "Week"}, False),
        ({"usage_record_rating_option": None, "through": "2024-01-20"}, False),
    ],
)
def test_a_charge_billed_within_a_period_without_the_former_day_has_a_warning(
    fields: dict[str, Any], warned: bool
) -> None:
    notes = previewed(owned(tiered(**fields), BILLED, day=20, former=None), "2024-01-25").notes
    assert [note.code for note in notes if note.kind == "warning"] == ["FORMER_BILL_DAY_UNKNOWN"] * warned


def test_the_former_day_of_an_account_without_a_change_is_the_present_one() -> None:
    notes = previewed(owned(tiered(), BILLED, day=20, former="20"), "2024-01-25").notes
    assert not [note for note in notes if note.kind == "warning"]


@pytest.mark.parametrize(
    ("former", "code"),
    [
        ("0", "INVALID_BILL_CYCLE_DAY"),
        (32, "INVALID_BILL_CYCLE_DAY"),
        ("1.5", "INVALID_BILL_CYCLE_DAY"),
        ("x", "BAD_NUMBER"),
    ],
)
def test_a_former_day_must_be_one_of_31(former: object, code: str) -> None:
    result = answer(owned(tiered(), BILLED, day=20, former=former), "2024-01-25")
    assert [(error.code, error.field) for error in result.errors] == [(code, "formerBillCycleDay")]
