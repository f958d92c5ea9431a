"""Many records on one charge: 100,000 are read in one pass, with memory that neither periods nor records make grow."""

from __future__ import annotations

import tracemalloc
from datetime import date, timedelta
from decimal import Decimal

import pytest

from soapsvc.engine.account import BillingRules, Charge, UsageRecord
from soapsvc.engine.usage import Period, rate_usage
from tests.support.rating import months, priced, tiers

COUNT = 100_000
START = date(2024, 1, 1)


class Counted(list[UsageRecord]):
    """A list that counts how often one of its records is read."""

    reads = 0

    def __getitem__(self, position: object) -> UsageRecord:  # type: ignore[override]
        self.reads += 1
        return super().__getitem__(position)  # type: ignore[call-overload,no-any-return]


@pytest.fixture(scope="module")
def records() -> list[UsageRecord]:
    return [
        UsageRecord(START + timedelta(number * 366 // COUNT), Decimal(number % 37), "GB", "C-1", sequence=number)
        for number in range(COUNT)
    ]


def days() -> list[Period]:
    """Every day of 2024 as a period of its own."""
    return [(START + timedelta(number), START + timedelta(number + 1)) for number in range(366)]


def peak(charge: Charge, periods: list[Period], records: list[UsageRecord]) -> int:
    """The most memory that rating takes at a time, its result included."""
    tracemalloc.start()
    try:
        rate_usage(charge, periods, records, BillingRules())
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.rule("9.1 100,000 records")
@pytest.mark.parametrize("group", ["ByBillingPeriod", "ByUsageRecord", "ByUsageStartDate"])
def test_every_record_is_read_once(records: list[UsageRecord], group: str) -> None:
    counted = Counted(records)
    charge = priced("Tiered", tiers=tiers("0-10 2", "11- 1"), rating_group=group)
    rows = rate_usage(charge, months(12), counted, BillingRules())
    assert sum(row.quantity for row in rows) == sum(record.quantity for record in records)
    assert counted.reads - COUNT < 24 * 20  # finding the bounds of twelve periods reads a few records more


@pytest.mark.parametrize("group", ["ByBillingPeriod", "ByUsageRecord"])
def test_memory_depends_on_neither_records_nor_periods(records: list[UsageRecord], group: str) -> None:
    charge = priced("Volume", tiers=tiers("0-10 2", "11- 1"), rating_group=group)
    one, many = [(START, date(2025, 1, 1))], days()
    some = records[:: COUNT // 10_000]
    alone = peak(charge, one, some)
    assert alone < 100_000  # bytes, where these records take millions
    assert peak(charge, many, some) - alone < 366 * 1000  # the rows of the result, and no more
