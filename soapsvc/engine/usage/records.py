"""Which usage records belong to which charge, how their quantities are rounded, and which lie in a period.

Sources: "Usage file format", "Rate usage charges", "Customization of units of measure".
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from heapq import merge

from soapsvc.engine.account import ZERO, Charge, ChargeModel, Subscription, UnitOfMeasure, UsageRecord, parse
from soapsvc.engine.errors import RatingError
from soapsvc.engine.money import EXACT, Rounding, exact, unit_rounding

MAX_RECORDS = 200_000
"""The greatest number of records of one charge in one billing period ("Rate usage charges")."""

_FLAT_FEE_UOM = "Each"
_BILLED = "processed"

_Key = tuple[str, str | None, str | None]


class UsageIndex:
    """The usage records of an account, indexed by charge: made once per account, used once per charge.

    A record that names a charge, by its number or by the id of any of its segments, belongs to that charge, on any day:
    `subscriptions` have all the segments. A record that names only a subscription belongs to that
    subscription's charges with its unit of measure; any other record, to all charges of the account with its unit. The
    quantity of a record in one of `units` is rounded by the rule of the unit.
    """

    def __init__(
        self,
        records: Sequence[UsageRecord],
        units: Iterable[UnitOfMeasure] = (),
        subscriptions: Iterable[Subscription] = (),
    ) -> None:
        self._units = {unit.name: unit for unit in units}
        self._found: dict[_Key, list[UsageRecord]] = {}
        by_id = any(record.charge_id and not record.charge_number for record in records)
        numbers = _numbers(subscriptions) if by_id else {}
        for record in sorted(records, key=record_order):
            self._found.setdefault(_key(record, numbers), []).append(record)

    def of_charge(self, charge: Charge, subscription: Subscription, *, processed: bool = False) -> list[UsageRecord]:
        """The charge's records in order: those not billed yet, or with `processed` the billed ones.

        Raises RatingError for a quantity that cannot be rounded.
        """
        uom = _uom(charge)
        keys: list[_Key] = [("charge", name, None) for name in _charge_names(charge)]
        keys += [("subscription", name, uom) for name in _subscription_names(subscription)]
        keys.append(("account", None, uom))
        found = [self._found[key] for key in dict.fromkeys(keys) if key in self._found]
        records = (
            found[0] if len(found) == 1 else sorted((record for part in found for record in part), key=record_order)
        )
        own = [record for record in records if _billed(record, charge) is processed and _same_uom(record, uom)]
        unit = self.unit_of(charge)
        if unit is None:
            return own
        rounding = unit_rounding(unit)
        return [_rounded(record, rounding) for record in own]

    def unit_of(self, charge: Charge) -> UnitOfMeasure | None:
        """The unit by which the quantities of a charge's records are rounded, None where they are not rounded."""
        return self._units.get(_uom(charge) or "")


def used_in(records: Sequence[UsageRecord], start: date, end: date) -> Decimal:
    """The units of all records that start in `[start, end)`."""
    used = ZERO
    for position in span_of(records, start, end):
        used = EXACT.add(used, records[position].quantity)
    return used


def record_order(record: UsageRecord) -> tuple[date, int]:
    """The order of rating: by start date, then by creation."""
    return record.start_date, record.sequence


def joined(billed: Sequence[UsageRecord], unbilled: Sequence[UsageRecord]) -> Sequence[UsageRecord]:
    """The two lists of records merged in order of start date; each list must be in that order."""
    return list(merge(billed, unbilled, key=record_order)) if billed else unbilled


def span_of(records: Sequence[UsageRecord], start: date, end: date) -> range:
    """The positions of the records that start in `[start, end)`; `records` are in order of their start dates.

    Raises RatingError TOO_MANY_RECORDS beyond MAX_RECORDS.
    """
    first = bisect_left(records, start, key=_start)
    last = bisect_left(records, end, lo=first, key=_start)
    if last - first > MAX_RECORDS:
        message = (
            f"{last - first:,} usage records start in the period from {start}; at most {MAX_RECORDS:,} are allowed."
        )
        raise RatingError("TOO_MANY_RECORDS", message, "usage")
    return range(first, last)


def _start(record: UsageRecord) -> date:
    return record.start_date


def _numbers(subscriptions: Iterable[Subscription]) -> dict[str, str]:
    """The charge numbers by the ids of all segments, each with its original id."""
    charges = [charge for subscription in subscriptions for charge in subscription.charges]
    return {name: charge.number for charge in charges for name in (charge.id, charge.original_charge_id) if name}


def _key(record: UsageRecord, numbers: Mapping[str, str]) -> _Key:
    if record.charge_number:
        return ("charge", record.charge_number, None)
    if record.charge_id:
        return ("charge", numbers.get(record.charge_id, record.charge_id), None)
    subscription = record.subscription_number or record.subscription_id
    return ("subscription", subscription, record.uom) if subscription else ("account", None, record.uom)


def _charge_names(charge: Charge) -> list[str]:
    return [name for name in (charge.number, charge.id, charge.original_charge_id) if name]


def _subscription_names(subscription: Subscription) -> list[str]:
    original = subscription.attributes.get("originalId")
    return [str(name) for name in (subscription.subscription_number, subscription.id, original) if name]


def _uom(charge: Charge) -> str | None:
    if charge.uom is None and parse(ChargeModel, charge.model, "model") is ChargeModel.FLAT_FEE:
        return _FLAT_FEE_UOM
    return charge.uom


def _billed(record: UsageRecord, charge: Charge) -> bool:
    if record.rbe_status is None or record.rbe_status.casefold() != _BILLED:
        return False
    return record.billed_charges is None or charge.number in record.billed_charges


def _rounded(record: UsageRecord, rounding: Rounding) -> UsageRecord:
    units = rounding(exact(record.quantity, "quantity"))
    return record if units == record.quantity else replace(record, quantity=units)


def _same_uom(record: UsageRecord, uom: str | None) -> bool:
    return record.uom is None or uom is None or record.uom == uom
