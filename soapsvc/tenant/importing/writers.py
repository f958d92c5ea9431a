"""How each kind of imported document is gathered, a batch at a time: with the ids of the records that it names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

from soapsvc.tenant.formats import date_order_of
from soapsvc.tenant.importing.products import put_products
from soapsvc.tenant.importing.records import (
    DRAFT_TYPES,
    OwnedRow,
    ProductRows,
    Reading,
    SubscriptionRow,
    UsageRow,
    account_row,
    draft_row,
    product_rows,
    subscription_row,
    usage_row,
)
from soapsvc.tenant.importing.work import Import, Row
from soapsvc.tenant.reading import FieldProblem, Source
from soapsvc.tenant.tables import (
    ACCOUNTS,
    CATALOG,
    DRAFTS,
    SUBSCRIPTIONS,
    USAGE,
    alive,
    pack,
    unpack_subscriptions,
    with_term,
)

_JSON = (".json", ".jsonl")
_USAGE_WRAPPERS = ("usage", "usages", "records")


@dataclass(frozen=True, slots=True)
class Kind:
    """One folder of a tenant directory: how its files look, how documents are taken, what `begin`s a file.

    `read` makes the record of a document, without the database. `write` gathers a batch of records.
    """

    folder: str
    suffixes: tuple[str, ...]
    wrappers: tuple[str, ...]
    read: Callable[[Source, Reading], Any]
    write: Callable[[Import, Sequence[tuple[Source, Any]]], None]
    begin: Callable[[Import, str, Path], None] | None = None


def _write_accounts(work: Import, records: Sequence[tuple[Source, Row]]) -> None:
    rows = [(source, {**row, "document": bytes(source.raw)}) for source, row in records]
    work.counts["accounts"] += work.put(ACCOUNTS, "account", rows)


def _write_subscriptions(work: Import, records: Sequence[tuple[Source, SubscriptionRow]]) -> None:
    accounts = work.accounts(ref for _, record in records for ref in (record.account, record.owner))
    rows: list[tuple[Source, Row]] = []
    for source, record in records:
        try:
            account_id = work.account_of(record.account, accounts)
            owner_id = work.account_of(record.owner, accounts)
        except FieldProblem as problem:
            work.report(source.problem(problem))
            continue
        row = _owned(SUBSCRIPTIONS, source, record.row, account_id) | {"owner_id": owner_id}
        if account_id != record.packed_for:
            (subscription,) = unpack_subscriptions([row["blob"]])
            row["blob"] = pack(replace(subscription, account_id=account_id))
        rows.append((source, row))
    work.counts["subscriptions"] += work.put(SUBSCRIPTIONS, "subscription", rows)
    work.counts["charges"] += sum(row["charges"] for _, row in rows)


def _begin_usage(work: Import, file: str, path: Path) -> None:
    """Remove records that an earlier import read from the file of this name and that the file no longer has."""
    work.date_order = work.settings.usage_date_order or date_order_of(path, _USAGE_WRAPPERS)
    work.files.add(file)


def _write_usage(work: Import, records: Sequence[tuple[Source, UsageRow]]) -> None:
    accounts = work.accounts(record.account for _, record in records)
    named = {record.subscription for _, record in records if record.subscription is not None}
    subscriptions = _parties_of_subscriptions(work, named)
    rows: list[tuple[Source, Row]] = []
    for source, record in records:
        key = record.subscription
        parties = subscriptions.get(key) if key is not None else None
        try:
            account_id = _using_account(work, record, accounts, parties)
        except FieldProblem as problem:
            work.report(source.problem(problem))
            continue
        if key is not None and parties is None:
            lost = FieldProblem("", f"names subscription {key}, which does not exist: this usage is not billed")
            work.warn(source.problem(lost))
        rows.append((source, _owned(USAGE, source, record.row, account_id)))
    work.counts["usage records"] += work.put(USAGE, "usage record", rows)


def _using_account(work: Import, record: UsageRow, accounts: Mapping[str, str], parties: tuple[str, str] | None) -> str:
    """The account of the usage: that of the subscription, also where the record names the paying account."""
    if parties is None:
        return work.account_of(record.account, accounts)
    if record.account and (named := work.account_of(record.account, accounts)) not in parties:
        raise FieldProblem("", f"names subscription {record.subscription}, which does not belong to account {named}")
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


def _write_catalog(work: Import, records: Sequence[tuple[Source, ProductRows]]) -> None:
    put_products(work, [(source, record.product) for source, record in records])
    rows = [(source, row) for source, record in records for row in record.prices]
    work.counts["catalogue prices"] += work.put(CATALOG, "product rate plan charge", rows)


def _write_drafts(work: Import, records: Sequence[tuple[Source, OwnedRow]]) -> None:
    accounts = work.accounts(record.account for _, record in records)
    rows: list[tuple[Source, Row]] = []
    for source, record in records:
        try:
            account_id = work.account_of(record.account, accounts)
        except FieldProblem as problem:
            work.report(source.problem(problem))
            continue
        rows.append((source, _owned(DRAFTS, source, record.row, account_id)))
    work.counts["drafts"] += work.put(DRAFTS, "draft", rows)


def _owned(table: Table, source: Source, row: Row, account_id: str) -> Row:
    """The row with its document and its account, by which it is found as well."""
    terms = with_term(table, row["terms"], account_id)
    return {**row, "account_id": account_id, "document": bytes(source.raw), "terms": terms}


KINDS = (
    Kind("accounts", _JSON, ("accounts", "records"), account_row, _write_accounts),
    Kind("subscriptions", _JSON, ("subscriptions", "records"), subscription_row, _write_subscriptions),
    Kind("usage", (*_JSON, ".csv"), _USAGE_WRAPPERS, usage_row, _write_usage, _begin_usage),
    Kind("catalog", _JSON, ("products", "records"), product_rows, _write_catalog),
    Kind("drafts", _JSON, (*DRAFT_TYPES, "records"), draft_row, _write_drafts),
)
"""The folders of a tenant directory in the order in which they are read: first the accounts, which the others name."""
