"""The input and the output of meters: the records of a span with their units, and their cost."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from soapsvc.engine.account import (
    ZERO,
    RatingGroup,
    UsageRecord,
)
from soapsvc.engine.money import EXACT
from soapsvc.engine.pricing import (
    RatingWarning,
)
from soapsvc.engine.trace import Step


class Measured(NamedTuple):
    """The exact cost of a span's records, and the quantity that an item shows."""

    amount: Fraction
    quantity: Decimal
    steps: tuple[Step, ...] = ()
    warnings: tuple[RatingWarning, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """The records at the positions of `span`, each with its units to be rated: all of them, or `units` by position."""

    records: Sequence[UsageRecord]
    span: range
    units: Sequence[Decimal] | None = None

    def __iter__(self) -> Iterator[tuple[UsageRecord, Decimal]]:
        for offset, position in enumerate(self.span):
            record = self.records[position]
            yield record, record.quantity if self.units is None else self.units[offset]


Meter: TypeAlias = Callable[[Reading], Measured]
Fee: TypeAlias = Callable[[Decimal], Decimal]
Group: TypeAlias = Callable[[UsageRecord], Hashable]


def totals_by(reading: Reading, group: Group) -> dict[Hashable, Decimal]:
    """The units of each group, in the order of each group's first record."""
    totals: dict[Hashable, Decimal] = {}
    for record, units in reading:
        name = group(record)
        totals[name] = EXACT.add(totals.get(name, ZERO), units)
    return totals


def whole_period(_record: UsageRecord) -> Hashable:
    """The one group of all records of a period."""
    return None


def start_date_of(record: UsageRecord) -> date:
    """The day on which a record starts."""
    return record.start_date


def _upload(record: UsageRecord) -> Hashable:
    return record.file_name


def _group_id(record: UsageRecord) -> Hashable:
    return record.group_id


RATING_GROUPS: Mapping[RatingGroup, Group | None] = MappingProxyType(
    {
        RatingGroup.BY_BILLING_PERIOD: whole_period,
        RatingGroup.BY_USAGE_START_DATE: start_date_of,
        RatingGroup.BY_USAGE_RECORD: None,
        RatingGroup.BY_USAGE_UPLOAD: _upload,
        RatingGroup.BY_GROUP_ID: _group_id,
    }
)
"""Which records are rated together, by `ratingGroup`; None: each by itself ("Example scenario for usage rating in
group").
"""
