"""The imported documents of one state of the tenant: one by its key, or a page of an account's documents.

This module does not check rights: `access` does, and the edges come through it. Each statement finds its rows by an
index, and reads a page's documents only after it has found the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, bindparam, select

from soapsvc.tenant.tables import ACCOUNTS, DRAFTS, PRODUCTS, SUBSCRIPTIONS, USAGE, alive, unpack_account, unpack_usage

_STATE = bindparam("state", type_=SUBSCRIPTIONS.c.since.type)
_KEY = bindparam("key", type_=ACCOUNTS.c.id.type)
_SKIPPED = bindparam("skipped", type_=SUBSCRIPTIONS.c.version.type)
_MOST = bindparam("most", type_=SUBSCRIPTIONS.c.version.type)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class AccountDocument:
    """An account's document, with its id and number and the fields that decide who may see it."""

    id: str
    number: str
    organization_id: str | None
    entity_id: str | None
    document: bytes


@dataclass(frozen=True, slots=True)
class SubscriptionDocument:
    """The document of a subscription's version, with its account and the id of the invoiced account."""

    payer_id: str
    account: AccountDocument
    document: bytes


@dataclass(frozen=True, slots=True)
class UsageDocument:
    """A usage record's document; `started` is the instant of its start, `YYYY-MM-DD HH:MM:SS` by the tenant's clock."""

    started: str
    document: bytes


_OWN = (
    ACCOUNTS.c.id.label("account_id"),
    ACCOUNTS.c.number.label("account_number"),
    ACCOUNTS.c.organization_id,
    ACCOUNTS.c.blob.label("account_blob"),
    ACCOUNTS.c.document.label("account_document"),
)
ACCOUNT = {
    "id": select(*_OWN).where(ACCOUNTS.c.id == _KEY, alive(ACCOUNTS, _STATE)),
    "number": select(*_OWN).where(ACCOUNTS.c.number == _KEY, alive(ACCOUNTS, _STATE)),
}
"""An account by its id or its number."""


def _subscription(fits: ColumnElement[bool]) -> Select[Any]:
    own = (SUBSCRIPTIONS.c.owner_id, SUBSCRIPTIONS.c.document)
    found = select(*own, *_OWN).join_from(SUBSCRIPTIONS, ACCOUNTS, ACCOUNTS.c.id == SUBSCRIPTIONS.c.account_id)
    these = (fits, alive(SUBSCRIPTIONS, _STATE), alive(ACCOUNTS, _STATE))
    return found.where(*these).order_by(SUBSCRIPTIONS.c.version.desc()).limit(1)


SUBSCRIPTION = {
    "id": _subscription(SUBSCRIPTIONS.c.id == _KEY),
    "number": _subscription((SUBSCRIPTIONS.c.number == _KEY) & (SUBSCRIPTIONS.c.is_latest == 1)),
}
"""A subscription by the id of a version, or its newest version by its number, with the account that it belongs to."""


def _page(key: Column[str], *fits: ColumnElement[bool]) -> Select[Any]:
    """The keys of a page of rows; the caller adds the order."""
    return select(key).where(*fits, alive(key.table, _STATE)).limit(_MOST).offset(_SKIPPED)


SUBSCRIPTIONS_OF = _page(
    SUBSCRIPTIONS.c.key, SUBSCRIPTIONS.c.account_id == _KEY, SUBSCRIPTIONS.c.is_latest == 1
).order_by(SUBSCRIPTIONS.c.updated.desc(), SUBSCRIPTIONS.c.number)
"""The subscriptions of an account, the last changed first."""
USAGE_OF = _page(USAGE.c.key, USAGE.c.account_id == _KEY).order_by(
    USAGE.c.started.desc(), USAGE.c.source, USAGE.c.position
)
"""The usage records of an account, the latest start first; those of one instant in the order of their files."""
PRODUCTS_BY_PLACE = _page(PRODUCTS.c.id).order_by(PRODUCTS.c.source, PRODUCTS.c.position)
"""The products of the catalogue in the order of their files."""
PRODUCT = select(PRODUCTS.c.document).where(PRODUCTS.c.id == _KEY, alive(PRODUCTS, _STATE))
"""A product by its id."""
INVOICES_OF = (
    select(DRAFTS.c.document)
    .where(DRAFTS.c.account_id == _KEY, DRAFTS.c.type == "invoice", alive(DRAFTS, _STATE))
    .order_by(DRAFTS.c.id)
)
"""The imported invoices of an account."""
USAGE_SINCE = (
    select(USAGE.c.key, USAGE.c.started, USAGE.c.blob)
    .where(
        USAGE.c.account_id == _KEY,
        USAGE.c.started >= bindparam("first", type_=USAGE.c.started.type),
        alive(USAGE, _STATE),
    )
    .order_by(USAGE.c.started)
)
"""The usage records of an account that started at an instant or later."""


def by_keys(key: Column[str], keys: Sequence[str], state: int, *columns: ColumnElement[Any]) -> Select[Any]:
    """Key, document and other columns of the rows with some keys."""
    return select(key.label("the_key"), key.table.c.document, *columns).where(key.in_(keys), alive(key.table, state))


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list: the number of records before it, and its size."""

    skipped: int
    size: int


@dataclass(frozen=True, slots=True)
class Documents:
    """Reads documents of one state."""

    connection: Connection
    state: int

    def account(self, by: str, key: str, belongs: ColumnElement[bool]) -> AccountDocument | None:
        """The account of that id or number (`by`) that `belongs` where the caller may look."""
        row = self._one(ACCOUNT[by].where(belongs), key)
        return None if row is None else _account(row)

    def subscription(self, by: str, key: str, belongs: ColumnElement[bool]) -> SubscriptionDocument | None:
        """The subscription of that id or number (`by`) whose account `belongs` where the caller may look."""
        row = self._one(SUBSCRIPTION[by].where(belongs), key)
        return None if row is None else SubscriptionDocument(row.owner_id, _account(row), row.document)

    def product(self, product_id: str) -> bytes | None:
        """The product of that id."""
        row = self._one(PRODUCT, product_id)
        return None if row is None else row.document

    def subscriptions(self, account: AccountDocument, page: Page) -> tuple[list[SubscriptionDocument], bool]:
        """A page of an account's subscriptions, and whether there are more."""
        keys, more = self._keys(SUBSCRIPTIONS_OF, page, account.id)
        rows = self._rows(SUBSCRIPTIONS.c.key, keys, SUBSCRIPTIONS.c.owner_id)
        return [SubscriptionDocument(row.owner_id, account, row.document) for row in rows], more

    def usage(self, account: AccountDocument, page: Page) -> tuple[list[UsageDocument], bool]:
        """A page of an account's usage records, and whether there are more."""
        keys, more = self._keys(USAGE_OF, page, account.id)
        rows = self._rows(USAGE.c.key, keys, USAGE.c.started)
        return [UsageDocument(row.started, row.document) for row in rows], more

    def products(self, page: Page) -> tuple[list[tuple[str, bytes]], bool]:
        """A page of the catalogue's products, each with its id, and whether there are more."""
        keys, more = self._keys(PRODUCTS_BY_PLACE, page)
        return [(row.the_key, row.document) for row in self._rows(PRODUCTS.c.id, keys)], more

    def invoices(self, account: AccountDocument) -> list[bytes]:
        """The imported invoices of an account."""
        given = {"key": account.id, "state": self.state}
        return list(self.connection.execute(INVOICES_OF, given).scalars())

    def quantities(self, account: AccountDocument, first: str) -> Iterator[tuple[str, str | None, Any]]:
        """Start, unit of measure and quantity of each usage record that started at `first` or later."""
        given = {"key": account.id, "state": self.state, "first": first}
        found = self.connection.execute(USAGE_SINCE, given, execution_options={"yield_per": _AT_ONCE})
        for rows in found.partitions():
            records = unpack_usage([row.blob for row in rows])
            yield from ((row.started, record.uom, record.quantity) for row, record in zip(rows, records, strict=True))

    def _one(self, statement: Select[Any], key: str) -> Any:
        return self.connection.execute(statement, {"key": key, "state": self.state}).first()

    def _keys(self, statement: Select[Any], page: Page, key: str | None = None) -> tuple[list[str], bool]:
        given = {"state": self.state, "skipped": page.skipped, "most": page.size + 1}
        own = {} if key is None else {"key": key}
        keys = list(self.connection.execute(statement, given | own).scalars())
        return keys[: page.size], len(keys) > page.size

    def _rows(self, key: Column[str], keys: Sequence[str], *columns: ColumnElement[Any]) -> list[Any]:
        """The rows that `by_keys` selects, in the order of the keys."""
        found = {row.the_key: row for row in self.connection.execute(by_keys(key, keys, self.state, *columns))}
        return [found[each] for each in keys]


def _account(row: Any) -> AccountDocument:
    entity = unpack_account(row.account_blob).get("entity_id")
    own = (row.account_id, row.account_number, row.organization_id or None, entity)
    return AccountDocument(*own, row.account_document)
