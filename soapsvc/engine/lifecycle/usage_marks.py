"""The traces of billing on usage: Processed records, and charged-through dates of usage charges.

    due         |--- period ---|--- period ---|- open, on demand -)      records in them become Processed
    charged through ------------------------------------------------>    also over periods without an item

A record that names no charge may belong to several. It is Processed for the charges that have billed it, and unbilled
for the others. Sources: "Rate usage charges", "Usage file format" (RbeStatus); billing by charge is our reading.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from soapsvc.engine.account import ZERO, Account, Charge, ChargeType, Subscription, UsageRecord, squeeze
from soapsvc.engine.charges import UsageRead
from soapsvc.engine.money import EXACT
from soapsvc.engine.subscription import SubscriptionRows
from soapsvc.engine.usage import UsageIndex, span_of

_USAGE = squeeze(ChargeType.USAGE)
_PROCESSED = "Processed"

SegmentId = tuple[str, str]


@dataclass(slots=True)
class SegmentRead:
    """How far a usage segment was read, and the amount billed in its last period where that period is still open."""

    through: date
    open_since: date | None = None
    amount: Decimal = ZERO
    quantity: Decimal = ZERO

    def after(self, charge: Charge) -> Charge:
        """The segment after billing; the amount stored for its open period is kept, or removed when the period ends."""
        through = max(self.through, charge.charged_through_date or date.min)
        complete = charge.usage_is_complete or charge.charged_through_date is None
        after = replace(
            charge, charged_through_date=through, processed_through_date=through, usage_is_complete=complete
        )
        if charge.billed_amount_in_period is None:
            return after
        if self.open_since is None:
            return replace(after, billed_amount_in_period=None, billed_quantity_in_period=None)
        former = charge.charged_through_date
        goes_on = former is not None and former > self.open_since
        amount = charge.billed_amount_in_period if goes_on else ZERO
        quantity = (charge.billed_quantity_in_period or ZERO) if goes_on else ZERO
        return replace(
            after,
            billed_amount_in_period=EXACT.add(amount, self.amount),
            billed_quantity_in_period=EXACT.add(quantity, self.quantity),
        )


@dataclass(slots=True)
class UsageMarks:
    """How far usage segments were read, and which charges billed which records (by the record's `id()`)."""

    segments: dict[SegmentId, SegmentRead] = field(default_factory=dict)
    billed_by: dict[int, set[str]] = field(default_factory=dict)
    charges_of: dict[int, set[str]] = field(default_factory=dict)

    def marked(self, records: Sequence[UsageRecord]) -> Sequence[UsageRecord]:
        """The records; billed ones have the status Processed."""
        if not self.billed_by:
            return records
        return tuple(self._marked(record) for record in records)

    def _marked(self, record: UsageRecord) -> UsageRecord:
        billed = self.billed_by.get(id(record))
        if billed is None:
            return record
        billed = billed | set(record.billed_charges or ())
        waits = self.charges_of[id(record)] - billed
        return replace(record, rbe_status=_PROCESSED, billed_charges=tuple(sorted(billed)) if waits else None)


def marks_of(account: Account, rated: Sequence[SubscriptionRows]) -> UsageMarks:
    """The usage that a preview of the account read. `rated` holds all its subscriptions."""
    marks = UsageMarks()
    if not any(each.usage for each in rated):
        return marks
    index = UsageIndex(account.usage, subscriptions=account.subscriptions)
    for each in rated:
        for read in each.usage:
            _mark(read, each, index, marks)
    for subscription, charge in _usage_charges(account):
        for record in index.of_charge(charge, subscription):
            if id(record) in marks.billed_by:
                marks.charges_of.setdefault(id(record), set()).add(charge.number)
    return marks


def _usage_charges(account: Account) -> Iterator[tuple[Subscription, Charge]]:
    for subscription in account.subscriptions:
        for charge in subscription.charges:
            if squeeze(charge.type) == _USAGE:
                yield subscription, charge


def _mark(read: UsageRead, rated: SubscriptionRows, index: UsageIndex, marks: UsageMarks) -> None:
    charge = read.charge
    records = index.of_charge(charge, rated.subscription)
    for period in (*read.due, *read.late):
        for position in span_of(records, *period):
            marks.billed_by.setdefault(id(records[position]), set()).add(charge.number)
    if not read.due:
        return
    start, end = read.due[-1]
    found = SegmentRead(end, start if read.is_open else None)
    for rows in (rows for each in rated.charges for rows in each.parts if rows.charge.id == charge.id):
        for row_start, amount, quantity in zip(rows.starts, rows.amounts, rows.quantities, strict=True):
            if row_start == start:
                found.amount = EXACT.add(found.amount, amount)
                found.quantity = EXACT.add(found.quantity, quantity)
    marks.segments[rated.subscription.subscription_number, charge.id] = found
