"""The statements that read accounts: one round trip brings all rows of an account, or of a page of accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Insert,
    Select,
    bindparam,
    cast,
    insert,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import BigInteger, Integer, String

from soapsvc.tenant.schema import ACCOUNTS, DRAFTS, STATE, SUBSCRIPTIONS, USAGE

SETTINGS = "settings"
VERSION_NAME = "version"
AggregateRow = tuple[str, int, int | None, bytes]
"""Owner, part, number, blob."""

ACCOUNT_PART, SUBSCRIPTION_PART, USAGE_PART, DRAFT_PART = range(4)

VERSION = select(STATE.c.number).where(STATE.c.name == VERSION_NAME)
ACCOUNT_ID = select(ACCOUNTS.c.id).where(ACCOUNTS.c.number == bindparam("number"))


@dataclass(frozen=True, slots=True)
class Selection:
    """Which accounts a run is for; None asks for nothing. `first_id` and `last_id` (inclusive) bound a partition."""

    batches: frozenset[str] | None = None
    organization_ids: frozenset[str] | None = None
    organization_names: frozenset[str] | None = None
    statuses: frozenset[str] | None = None
    first_id: str | None = None
    last_id: str | None = None

    def apply(self, statement: Select[Any]) -> Select[Any]:
        """Narrow a statement over accounts to this selection. An organization fits by its id or by its name."""
        columns = ACCOUNTS.c
        if self.batches is not None:
            statement = statement.where(columns.batch.in_(sorted(self.batches)))
        if self.statuses is not None:
            statement = statement.where(columns.status.in_(sorted(self.statuses)))
        if self.organization_ids is not None or self.organization_names is not None:
            statement = statement.where(
                columns.organization_id.in_(sorted(self.organization_ids or ()))
                | columns.organization_name.in_(sorted(self.organization_names or ()))
            )
        if self.first_id is not None:
            statement = statement.where(columns.id >= self.first_id)
        if self.last_id is not None:
            statement = statement.where(columns.id <= self.last_id)
        return statement


def _aggregate(account: ColumnElement[bool], owned: dict[str, ColumnElement[bool]]) -> Select[Any]:
    """Rows (owner, part, number, blob) of accounts, in the order of the engine's model.

    The number is the store's version in an account's own row.
    """
    version = VERSION.scalar_subquery()
    rows = union_all(
        select(
            ACCOUNTS.c.id.label("owner"),
            _part(ACCOUNT_PART),
            version.label("number"),
            ACCOUNTS.c.blob.label("blob"),
            cast(null(), String).label("first"),
            cast(null(), String).label("second"),
            cast(null(), BigInteger).label("third"),
        ).where(account),
        select(
            SUBSCRIPTIONS.c.owner_id,
            _part(SUBSCRIPTION_PART),
            cast(null(), BigInteger),
            SUBSCRIPTIONS.c.blob,
            SUBSCRIPTIONS.c.number,
            cast(null(), String),
            cast(null(), BigInteger),
        ).where(owned["subscriptions"], SUBSCRIPTIONS.c.is_latest == 1),
        select(
            USAGE.c.account_id,
            _part(USAGE_PART),
            cast(null(), BigInteger),
            USAGE.c.blob,
            USAGE.c.start_date,
            USAGE.c.source,
            USAGE.c.position,
        ).where(owned["usage"]),
        select(
            DRAFTS.c.account_id,
            _part(DRAFT_PART),
            cast(null(), BigInteger),
            DRAFTS.c.blob,
            DRAFTS.c.id,
            cast(null(), String),
            cast(null(), BigInteger),
        ).where(owned["drafts"]),
    ).subquery()
    columns = rows.c
    return select(columns.owner, columns.part, columns.number, columns.blob).order_by(
        columns.owner, columns.part, columns.first, columns.second, columns.third
    )


def first_version(dialect: str) -> Insert:
    """Makes the version's row, at 0, unless there is one; a transaction that is making it is waited for."""
    row = {"name": VERSION_NAME, "number": 0}
    if dialect == "postgresql":
        return postgresql.insert(STATE).values(row).on_conflict_do_nothing()
    if dialect == "sqlite":
        return sqlite.insert(STATE).values(row).on_conflict_do_nothing()
    return insert(STATE).values(row)


def _part(part: int) -> ColumnElement[int]:
    return literal_column(str(part), Integer).label("part")


_ID: BindParameter[str] = bindparam("id")
USAGE_OF = (
    select(USAGE.c.account_id, USAGE.c.blob)
    .where(USAGE.c.account_id.in_(bindparam("ids", expanding=True)))
    .order_by(USAGE.c.account_id, USAGE.c.start_date, USAGE.c.source, USAGE.c.position)
)
ONE_ACCOUNT = _aggregate(
    ACCOUNTS.c.id == _ID,
    {
        "subscriptions": SUBSCRIPTIONS.c.owner_id == _ID,
        "usage": USAGE.c.account_id == _ID,
        "drafts": DRAFTS.c.account_id == _ID,
    },
)
_IDS: BindParameter[str] = bindparam("ids", expanding=True)
SEVERAL_ACCOUNTS = _aggregate(
    ACCOUNTS.c.id.in_(_IDS),
    {
        "subscriptions": SUBSCRIPTIONS.c.owner_id.in_(_IDS),
        "usage": USAGE.c.account_id.in_(_IDS),
        "drafts": DRAFTS.c.account_id.in_(_IDS),
    },
)
