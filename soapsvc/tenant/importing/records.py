"""Read one imported document into the columns of its row: pure functions, which reading processes call as well.

A row lacks its document, which the importer has, and the ids of other records that it names: `writers` finds them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from soapsvc.tenant.formats import (
    DateOrder,
    DocumentType,
    catalog_charges,
    read_account,
    read_draft,
    read_subscription,
    read_usage,
)
from soapsvc.tenant.importing.work import Row, started_columns
from soapsvc.tenant.reading import AccountRef, Document, Source
from soapsvc.tenant.tables import (
    ACCOUNTS,
    DRAFTS,
    SUBSCRIPTIONS,
    USAGE,
    name_key,
    pack,
    pack_account,
    packed_terms,
)

DRAFT_TYPES: Mapping[str, DocumentType] = {"invoices": "invoice", "creditMemos": "creditMemo"}
"""The type of the documents in a list, by the key of the list."""

_encode = msgspec.json.Encoder(decimal_format="number").encode


class Reading(NamedTuple):
    """How the documents of a file are read: the tenant's time zone, and the order of dates with slashes if known."""

    zone: ZoneInfo
    date_order: DateOrder | None = None


class OwnedRow(NamedTuple):
    """A row with the account that it belongs to, as the document names it."""

    row: Row
    account: AccountRef


class SubscriptionRow(NamedTuple):
    """A subscription's row, with its account and the account that is invoiced.

    The packed subscription belongs to the account with the id `packed_for`.
    """

    row: Row
    account: AccountRef
    owner: AccountRef
    packed_for: str


class UsageRow(NamedTuple):
    """A usage record's row, with the account that it names and the id or number of its subscription."""

    row: Row
    account: AccountRef
    subscription: str | None


class ProductRows(NamedTuple):
    """A product, and the rows of its catalogue prices."""

    product: Document
    prices: list[Row]


def account_row(source: Source, reading: Reading) -> Row:  # noqa: ARG001 - every kind is read with the same arguments
    """An account's row. Raises FieldProblem, as the others do."""
    name, document = PurePosixPath(source.file).stem, source.document()
    record = read_account(document, f"{name}-{source.position + 1}" if source.place else name)
    account = record.account
    row = {
        "id": account.id,
        "number": account.account_number,
        "batch": account.batch,
        "status": account.status,
        "organization_id": account.organization_id or "",
        "organization_name": record.organization_name,
        "name_key": name_key(account.name),
        "currency": account.currency[:40],
        "blob": pack_account(account),
    }
    return {**row, "terms": packed_terms(ACCOUNTS, row, document)}


def subscription_row(source: Source, reading: Reading) -> SubscriptionRow:  # noqa: ARG001
    """A subscription's row."""
    document = source.document()
    record = read_subscription(document)
    account_id = record.account.id or ""
    subscription = replace(record.subscription, account_id=account_id)
    row = {
        "key": f"{subscription.subscription_number} version {record.version}",
        "id": subscription.id,
        "number": subscription.subscription_number,
        "version": record.version,
        "account_id": "",
        "is_latest": 1,
        "charges": len(subscription.charges),
        "updated": record.updated,
        "blob": pack(subscription),
    }
    terms = packed_terms(SUBSCRIPTIONS, row, document)
    return SubscriptionRow({**row, "terms": terms}, record.account, record.owner, account_id)


def usage_row(source: Source, reading: Reading) -> UsageRow:
    """A usage record's row."""
    name, document = PurePosixPath(source.file).name, source.document()
    entry = read_usage(document, reading.zone, name, source.position, reading.date_order)
    row = {
        "key": entry.identity or f"in {source.file} at {source.position}",
        "account_id": "",
        **started_columns(entry.started),
        "position": source.position,
        "blob": pack(entry.record),
    }
    named = entry.record.subscription_number or entry.record.subscription_id
    return UsageRow({**row, "terms": packed_terms(USAGE, row, document)}, entry.account, named)


def product_rows(source: Source, reading: Reading) -> ProductRows:  # noqa: ARG001
    """A product, and the rows of its catalogue prices."""
    product = source.document()
    rows = [
        {
            "key": f"{charge.id} {charge.currency or ''}".strip(),
            "id": charge.id,
            "currency": charge.currency or "",
            "blob": pack(charge),
            "document": _encode(document),
        }
        for document, priced in catalog_charges(product)
        for charge in priced
    ]
    return ProductRows(product, rows)


def draft_row(source: Source, reading: Reading) -> OwnedRow:  # noqa: ARG001
    """The row of a draft document."""
    document = source.document()
    record = read_draft(document, DRAFT_TYPES.get(source.key or ""))
    row = {"id": record.id, "account_id": "", "type": record.type, "blob": pack(record.items)}
    return OwnedRow({**row, "terms": packed_terms(DRAFTS, row, document)}, record.account)
