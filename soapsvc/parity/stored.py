"""An account's data from a tenant store, as the documents that a recording has with an answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from soapsvc.parity.accounts import Catalog
from soapsvc.parity.recording import AccountData
from soapsvc.tenant.formats import usage_facts, with_plain_dates
from soapsvc.tenant.reading import Document, mapping, parse_json
from soapsvc.tenant.store import Store, catalog_prices, foreign_accounts
from soapsvc.tenant.tables import (
    ACCOUNTS,
    CATALOG,
    DRAFTS,
    SUBSCRIPTIONS,
    USAGE,
    alive,
    unpack_subscriptions,
    unpack_usage,
)


def stored_data(store: Store, account_id: str, state: int | None = None) -> AccountData | None:
    """The data of the account with this id, in that state (by default the current one); None if it does not exist."""
    seen = store.version() if state is None else state
    with store.reading() as connection:
        found = connection.execute(
            select(ACCOUNTS.c.document).where(ACCOUNTS.c.id == account_id, alive(ACCOUNTS, seen))
        ).scalar()
        if found is None:
            return None
        own = SUBSCRIPTIONS.c
        rows = connection.execute(
            select(own.document, own.blob)
            .where(own.owner_id == account_id, own.is_latest == 1, alive(SUBSCRIPTIONS, seen))
            .order_by(own.number)
        ).all()
        subscriptions = unpack_subscriptions([row.blob for row in rows])
        users = sorted({account_id, *foreign_accounts(account_id, subscriptions)})
        products = {charge.product_rate_plan_charge_id for each in subscriptions for charge in each.charges} - {None}
        return AccountData(
            _document(found),
            tuple(_document(row.document) for row in rows),
            tuple(_usage(connection, users, seen)),
            tuple(_catalog(connection, sorted(map(str, products)), seen)),
            tuple(_drafts(connection, account_id, seen)),
        )


def stored_catalog(store: Store) -> Catalog:
    """The current prices of the tenant's catalogue."""
    with store.reading() as connection:
        return catalog_prices(connection, store.version())


def _usage(connection: Connection, users: Sequence[str], state: int) -> Iterable[Document]:
    columns = USAGE.c
    rows = connection.execute(
        select(columns.document, columns.blob, columns.started)
        .where(columns.account_id.in_(users), alive(USAGE, state))
        .order_by(columns.start_date, columns.source, columns.position)
    ).all()
    for row, record in zip(rows, unpack_usage([row.blob for row in rows]), strict=True):
        document = with_plain_dates(_document(row.document), datetime.fromisoformat(row.started), record.end_date)
        yield document if "file_name" in usage_facts(document) else {**document, "fileName": record.file_name}


def _catalog(connection: Connection, charges: Sequence[str], state: int) -> Iterable[Document]:
    """The catalogue's charges of these subscriptions, as one product."""
    columns = CATALOG.c
    wanted = select(columns.id, columns.document).where(columns.id.in_(charges), alive(CATALOG, state))
    found: dict[str, Any] = {row.id: _document(row.document) for row in connection.execute(wanted.order_by(columns.id))}
    if found:
        yield {"productRatePlans": [{"productRatePlanCharges": list(found.values())}]}


def _drafts(connection: Connection, account_id: str, state: int) -> Iterable[Document]:
    columns = DRAFTS.c
    wanted = select(columns.type, columns.document).where(columns.account_id == account_id, alive(DRAFTS, state))
    for row in connection.execute(wanted.order_by(columns.id)):
        yield {**_document(row.document), "documentType": row.type}


def _document(raw: bytes) -> Document:
    document = dict(mapping(parse_json(raw)))
    document.pop("success", None)
    return document
