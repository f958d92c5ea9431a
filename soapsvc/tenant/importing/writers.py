"""How each kind of imported document is read and gathered, a batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import msgspec
from sqlalchemy import Table, select

from soapsvc.engine.account import CatalogCharge
from soapsvc.tenant.formats import (
    AccountRecord,
    DocumentType,
    DraftRecord,
    SubscriptionRecord,
    UsageEntry,
    catalog_charges,
    date_order_of,
    read_account,
    read_draft,
    read_subscription,
    read_usage,
)
from soapsvc.tenant.importing.products import put_products
from soapsvc.tenant.importing.work import Import, Row, started_columns
from soapsvc.tenant.reading import Document, FieldProblem, Source
from soapsvc.tenant.tables import (
    ACCOUNTS,
    CATALOG,
    DRAFTS,
    SUBSCRIPTIONS,
    USAGE,
    alive,
    name_key,
    pack,
    pack_account,
    packed_terms,
)

_JSON = (".json", ".jsonl")
_DRAFT_TYPES: Mapping[str, DocumentType] = {"invoices": "invoice", "creditMemos": "creditMemo"}
_USAGE_WRAPPERS = ("usage", "usages", "records")
_encode = msgspec.json.Encoder(decimal_format="number").encode


@dataclass(frozen=True, slots=True)
class Kind:
    """One folder of a tenant directory: how its files look, how a batch is gathered, what `begin`s a file."""

    folder: str
    suffixes: tuple[str, ...]
    wrappers: tuple[str, ...]
    write: Callable[[Import, Sequence[Source]], None]
    begin: Callable[[Import, str, Path], None] | None = None


def _write_accounts(work: Import, sources: Sequence[Source]) -> None:
    def read(source: Source) -> tuple[AccountRecord, Document]:
        name, document = PurePosixPath(source.file).stem, source.document()
        return read_account(document, f"{name}-{source.position + 1}" if source.place else name), document

    rows: list[tuple[Source, Row]] = []
    for source, (record, document) in work.read(sources, read):
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
            "document": bytes(source.raw),
        }
        rows.append((source, _with_terms(ACCOUNTS, row, document)))
    work.counts["accounts"] += work.put(ACCOUNTS, "account", rows)


def _write_subscriptions(work: Import, sources: Sequence[Source]) -> None:
    def read(source: Source) -> tuple[SubscriptionRecord, Document]:
        document = source.document()
        return read_subscription(document), document

    records = list(work.read(sources, read))
    accounts = work.accounts(ref for _, (record, _) in records for ref in (record.account, record.owner))
    rows: list[tuple[Source, Row]] = []
    for source, (record, document) in records:
        try:
            account_id = work.account_of(record.account, accounts)
            owner_id = work.account_of(record.owner, accounts)
        except FieldProblem as problem:
            work.report(source.problem(problem))
            continue
        subscription = replace(record.subscription, account_id=account_id)
        row = {
            "key": f"{subscription.subscription_number} version {record.version}",
            "id": subscription.id,
            "number": subscription.subscription_number,
            "version": record.version,
            "account_id": account_id,
            "owner_id": owner_id,
            "is_latest": 1,
            "charges": len(subscription.charges),
            "updated": record.updated,
            "blob": pack(subscription),
            "document": bytes(source.raw),
        }
        rows.append((source, _with_terms(SUBSCRIPTIONS, row, document)))
    work.counts["subscriptions"] += work.put(SUBSCRIPTIONS, "subscription", rows)
    work.counts["charges"] += sum(row["charges"] for _, row in rows)


def _begin_usage(work: Import, file: str, path: Path) -> None:
    """Remove records that an earlier import read from the file of this name and that the file no longer has."""
    work.date_order = work.settings.usage_date_order or date_order_of(path, _USAGE_WRAPPERS)
    work.files.add(file)


def _write_usage(work: Import, sources: Sequence[Source]) -> None:
    def read(source: Source) -> tuple[UsageEntry, Document]:
        name, document = PurePosixPath(source.file).name, source.document()
        return read_usage(document, work.zone, name, source.position, work.date_order), document

    records = list(work.read(sources, read))
    accounts = work.accounts(entry.account for _, (entry, _) in records)
    named = {key for _, (entry, _) in records if (key := _subscription_key(entry)) is not None}
    subscriptions = _parties_of_subscriptions(work, named)
    rows: list[tuple[Source, Row]] = []
    for source, (entry, document) in records:
        key = _subscription_key(entry)
        parties = subscriptions.get(key) if key is not None else None
        try:
            account_id = _using_account(work, entry, accounts, parties)
        except FieldProblem as problem:
            work.report(source.problem(problem))
            continue
        if key is not None and parties is None:
            lost = FieldProblem("", f"names subscription {key}, which does not exist: this usage is not billed")
            work.warn(source.problem(lost))
        row = {
            "key": entry.identity or f"in {source.file} at {source.position}",
            "account_id": account_id,
            **started_columns(entry.started),
            "position": source.position,
            "blob": pack(entry.record),
            "document": bytes(source.raw),
        }
        rows.append((source, _with_terms(USAGE, row, document)))
    work.counts["usage records"] += work.put(USAGE, "usage record", rows)


def _subscription_key(entry: UsageEntry) -> str | None:
    return entry.record.subscription_number or entry.record.subscription_id


def _using_account(
    work: Import, entry: UsageEntry, accounts: Mapping[str, str], parties: tuple[str, str] | None
) -> str:
    """The account of the usage: that of the subscription, also where the record names the paying account."""
    if parties is None:
        return work.account_of(entry.account, accounts)
    if entry.account and (named := work.account_of(entry.account, accounts)) not in parties:
        raise FieldProblem(
            "", f"names subscription {_subscription_key(entry)}, which does not belong to account {named}"
        )
    return parties[0]


def _parties_of_subscriptions(work: Import, keys: set[str]) -> dict[str, tuple[str, str]]:
    """The owning and the paying accounts of the subscriptions with these ids or numbers."""
    if not keys:
        return {}
    columns = SUBSCRIPTIONS.c
    found = select(columns.key, columns.id, columns.number, columns.account_id, columns.owner_id).where(
        columns.id.in_(keys) | columns.number.in_(keys)
    )
    there = work.base.rows(found.where(alive(SUBSCRIPTIONS, work.base.state)))
    rows = [*work.not_gathered(SUBSCRIPTIONS, there), *work.stage.execute(found)]
    return {key: (row.account_id, row.owner_id) for row in rows for key in (row.id, row.number)}


def _write_catalog(work: Import, sources: Sequence[Source]) -> None:
    def read(source: Source) -> tuple[Document, list[tuple[Document, tuple[CatalogCharge, ...]]]]:
        product = source.document()
        return product, list(catalog_charges(product))

    products: list[tuple[Source, Document]] = []
    rows: list[tuple[Source, Row]] = []
    for source, (product, charges) in work.read(sources, read):
        products.append((source, product))
        for document, priced in charges:
            for charge in priced:
                row = {
                    "key": f"{charge.id} {charge.currency or ''}".strip(),
                    "id": charge.id,
                    "currency": charge.currency or "",
                    "blob": pack(charge),
                    "document": _encode(document),
                }
                rows.append((source, row))
    put_products(work, products)
    work.counts["catalogue prices"] += work.put(CATALOG, "product rate plan charge", rows)


def _write_drafts(work: Import, sources: Sequence[Source]) -> None:
    def read(source: Source) -> tuple[DraftRecord, Document]:
        document = source.document()
        return read_draft(document, _DRAFT_TYPES.get(source.key or "")), document

    records = list(work.read(sources, read))
    accounts = work.accounts(record.account for _, (record, _) in records)
    rows: list[tuple[Source, Row]] = []
    for source, (record, document) in records:
        try:
            account_id = work.account_of(record.account, accounts)
        except FieldProblem as problem:
            work.report(source.problem(problem))
            continue
        row = {
            "id": record.id,
            "account_id": account_id,
            "type": record.type,
            "blob": pack(record.items),
            "document": bytes(source.raw),
        }
        rows.append((source, _with_terms(DRAFTS, row, document)))
    work.counts["drafts"] += work.put(DRAFTS, "draft", rows)


def _with_terms(table: Table, row: Row, document: Document) -> Row:
    return {**row, "terms": packed_terms(table, row, document)}


KINDS = (
    Kind("accounts", _JSON, ("accounts", "records"), _write_accounts),
    Kind("subscriptions", _JSON, ("subscriptions", "records"), _write_subscriptions),
    Kind("usage", (*_JSON, ".csv"), _USAGE_WRAPPERS, _write_usage, _begin_usage),
    Kind("catalog", _JSON, ("products", "records"), _write_catalog),
    Kind("drafts", _JSON, (*_DRAFT_TYPES, "records"), _write_drafts),
)
"""The folders of a tenant directory in the order in which they are read: first the accounts, which the others name."""
