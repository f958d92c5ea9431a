"""The terms by which records are found: short numbers for the ids, numbers, names and statuses in a document.

A term only gives candidates: the reader of a record compares the values. So a term does not contain its field, and two
values may have the same term; values that differ only in case and separators always have. Terms replace an index on
each field that may hold an id: a row of a hundred charges has hundreds of ids.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any
from zlib import crc32

from sqlalchemy import Table

from soapsvc.tenant.formats import (
    DocumentPart,
    charge_parts,
    contact_parts,
    item_parts,
    product_charge_parts,
    product_plan_parts,
    product_tier_parts,
    rate_plan_parts,
    tier_parts,
    usage_facts,
    usage_id,
)
from soapsvc.tenant.reading import Document
from soapsvc.tenant.tables.schema import ACCOUNTS, DRAFTS, PRODUCTS, SUBSCRIPTIONS, USAGE

Row = Mapping[str, Any]

_CODES = {ACCOUNTS.name: 1, SUBSCRIPTIONS.name: 2, USAGE.name: 3, PRODUCTS.name: 4, DRAFTS.name: 5}
"""The prefix of a value before its checksum, so that the terms of different tables differ."""

_ACCOUNT = (
    *("name", "crmId", "defaultPaymentMethodId"),
    *("billToContactId", "billToId", "soldToContactId", "soldToId"),
)
_PLAN = ("productRatePlanId", "ratePlanName")
_CHARGE = ("number", "name", "originalChargeId", "productRatePlanChargeId")
_ITEM = (
    *("invoiceId", "subscriptionId", "subscriptionNumber", "subscriptionName", "chargeId", "ratePlanChargeId"),
    *("chargeNumber", "chargeName", "skuName", "productId", "productName", "productRatePlanChargeId"),
    *("appliedToItemId", "appliedToInvoiceItemId", "sku", "sKU", "productSku"),
)
_USAGE = ("subscription_id", "subscription_number", "charge_id", "charge_number", "rbe_status", "status")


def term(table: str, value: str) -> int:
    """The term of a value in a table of that name."""
    return _CODES[table] << 32 | _checksum(value)


def packed_terms(table: Table, row: Row, document: Document) -> bytes:
    """The packed terms of a row that holds `document`."""
    code = _CODES[table.name] << 32
    values = {value for value in _VALUES[table.name](row, document) if isinstance(value, str) and value}
    terms = sorted({code | _checksum(value) for value in values})
    return struct.pack(f"<{len(terms)}q", *terms)


def with_term(table: Table, packed: bytes, value: str) -> bytes:
    """The packed terms of a row and the term of one more value of it."""
    terms = sorted({*unpacked(packed), term(table.name, value)})
    return struct.pack(f"<{len(terms)}q", *terms)


def _checksum(value: str) -> int:
    return crc32(value.casefold().replace(" ", "").replace("_", "").replace("-", "").encode())


def unpacked(packed: bytes | None) -> tuple[int, ...]:
    """The terms that `packed_terms` made, ascending."""
    return struct.unpack(f"<{len(packed) // 8}q", packed) if packed else ()


def _account(row: Row, document: Document) -> Iterator[object]:
    yield from (row["id"], row["number"], row["status"])
    for section in (document, *(document.get(key) for key in ("basicInfo", "billingAndPayment", "metrics"))):
        if isinstance(section, Mapping):
            yield from map(section.get, _ACCOUNT)
    yield from (row.get("name_key") or "").split()
    for contact in contact_parts(row["id"], document).values():
        yield contact.id
        yield from (contact.document.get(key) for key in ("firstName", "lastName", "nickname", "nickName"))


def _subscription(row: Row, document: Document) -> Iterator[object]:
    yield from (row["id"], row["number"], row["account_id"])
    yield from (document.get(key) for key in ("status", "originalId", "previousSubscriptionId"))
    for plan in rate_plan_parts(row["number"], document):
        yield plan.id
        yield from (plan.document.get(key) for key in _PLAN)
        for charge in charge_parts(row["number"], plan.document):
            yield charge.id
            yield from (charge.document.get(key) for key in _CHARGE)
            yield from (tier.id for tier in tier_parts(charge.id, charge.document))


def _usage(row: Row, document: Document) -> Iterator[object]:
    facts = usage_facts(document)
    yield row["account_id"]
    yield from (facts.get(name) for name in _USAGE)
    yield usage_id(row["key"], document)


def _product(row: Row, document: Document) -> Iterator[object]:
    yield from (row["id"], document.get("name"), document.get("sku"))
    for plan in product_plan_parts(row["id"], document):
        yield from (plan.id, plan.document.get("name"))
        for charge in product_charge_parts(plan.document):
            yield from (charge.id, charge.document.get("name"))
            yield from (tier.id for tier in product_tier_parts(charge.id, charge.document))


def _draft(row: Row, document: Document) -> Iterator[object]:
    yield from (row["id"], row["account_id"])
    yield from (document.get(key) for key in ("invoiceNumber", "number", "status", "billRunId"))
    yield from chain.from_iterable(map(_item, item_parts(row["id"], document)))


def _item(item: DocumentPart) -> Iterator[object]:
    yield item.id
    yield from (item.document.get(key) for key in _ITEM)


_VALUES: Mapping[str, Callable[[Row, Document], Iterator[object]]] = {
    ACCOUNTS.name: _account,
    SUBSCRIPTIONS.name: _subscription,
    USAGE.name: _usage,
    PRODUCTS.name: _product,
    DRAFTS.name: _draft,
}
