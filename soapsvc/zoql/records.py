"""The objects inside stored documents, as records whose fields can be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Table

from soapsvc.engine.account import squeeze
from soapsvc.tenant.formats import (
    charge_parts,
    contact_parts,
    is_slashed,
    item_parts,
    product_charge_parts,
    product_plan_parts,
    product_tier_parts,
    rate_plan_parts,
    tax_parts,
    tier_parts,
    usage_id,
)
from soapsvc.tenant.reading import Document, mapping, parse_json
from soapsvc.tenant.tables import ACCOUNTS, DRAFTS, PRODUCTS, SUBSCRIPTIONS, USAGE, unpack_usage
from soapsvc.zoql.catalogue import Record

Row = Mapping[str, Any]
Split = Callable[[Row, Document], Iterator[Record]]

_SECTIONS = ("metrics", "billingAndPayment", "basicInfo")
_squeezed = lru_cache(maxsize=4096)(squeeze)


@dataclass(frozen=True, slots=True)
class Stored:
    """The storage of an object: its table, the columns that are read, and how a row's records are made.

    `is_row`: every row is one object, so that fields of `row` need no document.
    """

    table: Table
    columns: tuple[str, ...]
    split: Split
    is_row: bool = False

    def records(self, row: Row, *, with_document: bool = True) -> Iterator[Record]:
        """The objects of a row, in the order of its document."""
        if not with_document:
            return iter(({"row": row},))
        return self.split(row, mapping(parse_json(row["document"])))


def _account(row: Row, document: Document) -> Iterator[Record]:
    account = dict(document)
    for section in _SECTIONS:
        if isinstance(found := document.get(section), Mapping):
            account.update({key: value for key, value in found.items() if value is not None})
    tax = document.get("taxInfo")
    contacts: dict[str, object] = {place: part.id for place, part in contact_parts(row["id"], document).items()}
    contacts.setdefault("billToContact", account.get("billToContactId") or account.get("billToId"))
    contacts.setdefault("soldToContact", account.get("soldToContactId") or account.get("soldToId"))
    yield {"row": row, "account": account, "tax": tax if isinstance(tax, Mapping) else account, "contacts": contacts}


def _contacts(row: Row, document: Document) -> Iterator[Record]:
    by_id = {part.id: part for part in reversed(contact_parts(row["id"], document).values())}
    for part in reversed(by_id.values()):
        yield {"row": row, "ids": {"id": part.id}, "contact": part.document}


def _subscription(row: Row, document: Document) -> Iterator[Record]:
    yield {"row": row, "subscription": document}


def _every_rate_plan(row: Row, document: Document) -> Iterator[Record]:
    for plan in rate_plan_parts(row["number"], document):
        yield {"row": row, "ids": {"id": plan.id}, "plan": plan.document}


def _rate_plans(row: Row, document: Document) -> Iterator[Record]:
    for record in _every_rate_plan(row, document):
        if str(record["plan"].get("lastChangeType")).casefold() != "remove":
            yield record


def _charges(row: Row, document: Document) -> Iterator[Record]:
    for plan in rate_plan_parts(row["number"], document):
        for charge in charge_parts(row["number"], plan.document):
            yield {"row": row, "ids": {"id": charge.id, "plan": plan.id}, "charge": charge.document}


def _tiers(row: Row, document: Document) -> Iterator[Record]:
    for plan in rate_plan_parts(row["number"], document):
        for charge in charge_parts(row["number"], plan.document):
            for tier in tier_parts(charge.id, charge.document):
                yield {"row": row, "ids": {"id": tier.id, "charge": charge.id}, "tier": tier.document}


def _usage(row: Row, document: Document) -> Iterator[Record]:
    usage: dict[str, object] = {_squeezed(key): value for key, value in document.items() if value not in (None, "")}
    for key in ("startdatetime", "startdate"):
        if is_slashed(usage.get(key)):
            usage[key] = row["started"]
    for key in ("enddatetime", "enddate"):
        if is_slashed(usage.get(key)):
            (record,) = unpack_usage([row["blob"]])
            usage[key] = record.end_date
    yield {"row": row, "ids": {"id": usage_id(row["key"], document)}, "usage": usage}


def _product(row: Row, document: Document) -> Iterator[Record]:
    yield {"row": row, "product": document}


def _product_rate_plans(row: Row, document: Document) -> Iterator[Record]:
    for plan in product_plan_parts(row["id"], document):
        yield {"row": row, "ids": {"id": plan.id}, "plan": plan.document}


def _product_charges(row: Row, document: Document) -> Iterator[Record]:
    for plan in product_plan_parts(row["id"], document):
        for charge in product_charge_parts(plan.document):
            yield {"row": row, "ids": {"id": charge.id, "plan": plan.id}, "charge": _with_accounts(charge.document)}


def _with_accounts(charge: Document) -> Document:
    """A charge with the accounting codes of its financeInformation, under their SOAP names."""
    finance = charge.get("financeInformation")
    if not isinstance(finance, Mapping):
        return charge
    return {
        "deferredRevenueAccount": finance.get("deferredRevenueAccountingCode"),
        "recognizedRevenueAccount": finance.get("recognizedRevenueAccountingCode"),
        **charge,
    }


def _product_tiers(row: Row, document: Document) -> Iterator[Record]:
    for plan in product_plan_parts(row["id"], document):
        for charge in product_charge_parts(plan.document):
            for tier in product_tier_parts(charge.id, charge.document):
                yield {"row": row, "ids": {"id": tier.id, "charge": charge.id}, "tier": tier.document}


def _invoice(row: Row, document: Document) -> Iterator[Record]:
    if row["type"] != "creditMemo":
        yield {"row": row, "invoice": document}


def _invoice_items(row: Row, document: Document) -> Iterator[Record]:
    if row["type"] != "creditMemo":
        for item in item_parts(row["id"], document):
            yield {"row": row, "ids": {"id": item.id}, "item": item.document}


def _taxation_items(row: Row, document: Document) -> Iterator[Record]:
    for record in _invoice_items(row, document):
        item = record["ids"]["id"]
        for tax in tax_parts(str(item), record["item"]):
            yield {"row": row, "ids": {"id": tax.id, "item": item}, "tax": tax.document}


_IN_SUBSCRIPTION = ("id", "number", "account_id", "version")
_IN_USAGE = ("account_id", "started", "blob")
_IN_DRAFT = ("account_id", "type")

STORED: Mapping[str, Stored] = {
    "Account": Stored(ACCOUNTS, ("number", "batch", "status"), _account, is_row=True),
    "Contact": Stored(ACCOUNTS, (), _contacts),
    "Subscription": Stored(SUBSCRIPTIONS, _IN_SUBSCRIPTION, _subscription, is_row=True),
    "RatePlan": Stored(SUBSCRIPTIONS, _IN_SUBSCRIPTION, _rate_plans),
    "RatePlanCharge": Stored(SUBSCRIPTIONS, _IN_SUBSCRIPTION, _charges),
    "RatePlanChargeTier": Stored(SUBSCRIPTIONS, _IN_SUBSCRIPTION, _tiers),
    "Usage": Stored(USAGE, _IN_USAGE, _usage, is_row=True),
    "Product": Stored(PRODUCTS, (), _product, is_row=True),
    "ProductRatePlan": Stored(PRODUCTS, (), _product_rate_plans),
    "ProductRatePlanCharge": Stored(PRODUCTS, (), _product_charges),
    "ProductRatePlanChargeTier": Stored(PRODUCTS, (), _product_tiers),
    "Invoice": Stored(DRAFTS, _IN_DRAFT, _invoice),
    "InvoiceItem": Stored(DRAFTS, _IN_DRAFT, _invoice_items),
    "TaxationItem": Stored(DRAFTS, _IN_DRAFT, _taxation_items),
}
"""The objects that are stored with the tenant, by name; other objects are made from settings and runs."""
EXPORTED: Mapping[str, Stored] = {**STORED, "RatePlan": Stored(SUBSCRIPTIONS, _IN_SUBSCRIPTION, _every_rate_plan)}
"""The same for exports: queries leave out removed rate plans, exports do not."""
