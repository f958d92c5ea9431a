"""Read usage records, from the vendor's API or from its upload file, into the engine's model.

Keys are compared without case and separators, so `StartDateTime`, `startDateTime` and `STARTDATE` are one. A start with
an offset is converted to the tenant's time zone, whose date decides the billing period ("Usage file format"). The
upload file writes US dates (MM/DD/YYYY) and, in its ID columns, numbers as well as ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from soapsvc.engine.account import UsageRecord, squeeze
from soapsvc.tenant.formats.usage_dates import DateOrder, is_slashed, local_day, local_moment, order_of
from soapsvc.tenant.reading import AccountRef, Document, FieldProblem, at, each, first, number, text

PRODUCT_CHARGE = "productRatePlanChargeId"
"""The name in a record's `fields` of the product rate plan charge that it was rated for."""

_PRODUCT_CHARGE_KEY = squeeze(PRODUCT_CHARGE)
_NAMES = {
    "accountid": "account_id",
    "accountnumber": "account_number",
    "subscriptionid": "subscription_id",
    "subscriptionnumber": "subscription_number",
    "chargeid": "charge_id",
    "chargenumber": "charge_number",
    "startdatetime": "start",
    "startdate": "start",
    "enddatetime": "end",
    "enddate": "end",
    "uom": "uom",
    "unitofmeasure": "uom",
    "quantity": "quantity",
    "qty": "quantity",
    "rbestatus": "rbe_status",
    "status": "status",
    "billedcharges": "billed_charges",
    "filename": "file_name",
    "groupid": "group_id",
    "uniquekey": "unique_key",
    "id": "id",
}
_DATES = frozenset(key for key, name in _NAMES.items() if name in ("start", "end"))


@dataclass(frozen=True, slots=True)
class UsageEntry:
    """A usage record as imported, with the account that it names and its own key or id, if any.

    `started` is the instant of its start by the tenant's clock.
    """

    record: UsageRecord
    started: datetime
    identity: str | None
    account: AccountRef


def read_usage(
    document: Document, zone: ZoneInfo, file_name: str, position: int, order: DateOrder | None
) -> UsageEntry:
    """One usage record of any spelling; `position` is its place in its file, `file_name` replaces a missing one.

    `order` is the order of its dates with slashes, None where unknown. Raises FieldProblem.
    """
    values, spelling, fields = _told(document)
    start = _required(values, spelling, "start", "STARTDATE")
    quantity = _required(values, spelling, "quantity", "QTY")
    unique_key = first(values, "unique_key")
    started = at(spelling["start"], lambda value: local_moment(value, zone, order), start)
    record = UsageRecord(
        start_date=started.date(),
        quantity=at(spelling["quantity"], number, quantity),
        uom=first(values, "uom"),
        charge_number=first(values, "charge_number"),
        charge_id=first(values, "charge_id"),
        subscription_number=first(values, "subscription_number"),
        subscription_id=first(values, "subscription_id"),
        end_date=at(spelling["end"], lambda value: local_day(value, zone, order), values["end"])
        if "end" in values
        else None,
        file_name=first(values, "file_name") or file_name,
        group_id=first(values, "group_id"),
        unique_key=unique_key,
        rbe_status=first(values, "rbe_status", "status"),
        billed_charges=at("billedCharges", each(text), values["billed_charges"])
        if "billed_charges" in values
        else None,
        sequence=position,
        fields=fields,
    )
    identity = f"key {unique_key}" if unique_key else (f"id {first(values, 'id')}" if "id" in values else None)
    account = AccountRef(first(values, "account_id"), first(values, "account_number"))
    return UsageEntry(record, started, identity, account)


def _told(document: Document) -> tuple[dict[str, object], dict[str, str], dict[str, object]]:
    """A record's values by the name in the model, the record's own spelling of each name, and all other fields."""
    values: dict[str, object] = {}
    spelling: dict[str, str] = {}
    fields: dict[str, object] = {}
    for key, value in document.items():
        if value is None or value == "":
            continue
        squeezed = _squeezed(key)
        name = _NAMES.get(squeezed)
        if name is None:
            fields[PRODUCT_CHARGE if squeezed == _PRODUCT_CHARGE_KEY else key] = value
        else:
            values[name] = value
            spelling[name] = key
    return values, spelling, fields


def usage_facts(document: Document) -> dict[str, object]:
    """The values of a usage record of any spelling, by the name in the model; blank ones are left out."""
    return {
        name: value
        for key, value in document.items()
        if value is not None and value != "" and (name := _NAMES.get(_squeezed(key))) is not None
    }


def redated(record: UsageRecord, started: datetime, document: Document, zone: ZoneInfo) -> tuple[UsageRecord, datetime]:
    """A record that was read before from `document`, and its start, in another zone; dates with slashes stay."""
    moments: dict[str, datetime] = {"start": started}
    for key, value in document.items():
        name = _NAMES.get(_squeezed(key))
        if name in ("start", "end") and value and not is_slashed(value):
            moments[name] = local_moment(value, zone, None)
    end: date | None = moments["end"].date() if "end" in moments else record.end_date
    return replace(record, start_date=moments["start"].date(), end_date=end), moments["start"]


def with_plain_dates(document: Document, started: datetime, end: date | None) -> Document:
    """The document of a record that starts at `started`, with unambiguous dates instead of dates with slashes."""
    plain: dict[str, object] = {"start": started.isoformat(), "end": end.isoformat() if end is not None else None}
    return {
        key: plain[name] if (name := _NAMES.get(_squeezed(key))) in ("start", "end") and is_slashed(value) else value
        for key, value in document.items()
    }


def date_order_of(path: Path, wrappers: Sequence[str]) -> DateOrder | None:
    """The order of the dates with slashes in a usage file, if one of them decides it; see `order_of`."""
    return order_of(path, wrappers, _DATES)


def _required(values: dict[str, object], spelling: dict[str, str], name: str, column: str) -> object:
    if name not in values:
        raise FieldProblem(spelling.get(name, column), "is missing")
    return values[name]


@lru_cache(maxsize=4096)
def _squeezed(key: str) -> str:
    return squeeze(key)
