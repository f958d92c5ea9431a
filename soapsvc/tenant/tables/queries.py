"""The statements that read accounts: one round trip brings all rows of an account, or of a page of accounts.

Each reads one state of the tenant, also during an import.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Table,
    bindparam,
    cast,
    insert,
    literal_column,
    null,
    select,
    union_all,
    update,
)
from sqlalchemy.types import BigInteger, Integer, String

from soapsvc.tenant.tables.schema import ACCOUNTS, DRAFTS, STATE, SUBSCRIPTIONS, USAGE

VERSION_NAME = "version"
AggregateRow = tuple[str, int, bytes]
"""Owner, part, blob."""

ACCOUNT_PART, SUBSCRIPTION_PART, USAGE_PART, DRAFT_PART = range(4)

VERSION = select(STATE.c.number).where(STATE.c.name == VERSION_NAME)
_STATE: BindParameter[int] = bindparam("state")


def alive(table: FromClause, state: int | BindParameter[int]) -> ColumnElement[bool]:
    """Whether a row of a table of records is one of that state."""
    return (table.c.since <= state) & (table.c.until > state)


ACCOUNT_ID = select(ACCOUNTS.c.id).where(ACCOUNTS.c.number == bindparam("number"), alive(ACCOUNTS, _STATE))


def read_number(connection: Connection, name: str) -> int:
    """The number of that name; 0 where it was never written."""
    return int(connection.execute(select(STATE.c.number).where(STATE.c.name == name)).scalar() or 0)


def write_number(connection: Connection, name: str, number: int) -> None:
    """Keep a number under a name."""
    if connection.execute(update(STATE).where(STATE.c.name == name).values(number=number)).rowcount == 0:
        connection.execute(insert(STATE).values(name=name, number=number))


@dataclass(frozen=True, slots=True)
class Selection:
    """The accounts of a run; None does not filter. `first_id` and `last_id` (inclusive) bound a partition."""

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


def _aggregate(account: ColumnElement[bool], owned: dict[Table, ColumnElement[bool]]) -> Select[Any]:
    """Rows (owner, part, blob) of the accounts of one state, in the order of the engine's model."""
    rows = union_all(
        select(
            ACCOUNTS.c.id.label("owner"),
            _part(ACCOUNT_PART),
            ACCOUNTS.c.blob.label("blob"),
            cast(null(), String).label("first"),
            cast(null(), String).label("second"),
            cast(null(), BigInteger).label("third"),
        ).where(account, alive(ACCOUNTS, _STATE)),
        select(
            SUBSCRIPTIONS.c.owner_id,
            _part(SUBSCRIPTION_PART),
            SUBSCRIPTIONS.c.blob,
            SUBSCRIPTIONS.c.number,
            cast(null(), String),
            cast(null(), BigInteger),
        ).where(owned[SUBSCRIPTIONS], SUBSCRIPTIONS.c.is_latest == 1, alive(SUBSCRIPTIONS, _STATE)),
        select(
            USAGE.c.account_id,
            _part(USAGE_PART),
            USAGE.c.blob,
            USAGE.c.start_date,
            USAGE.c.source,
            USAGE.c.position,
        ).where(owned[USAGE], alive(USAGE, _STATE)),
        select(
            DRAFTS.c.account_id,
            _part(DRAFT_PART),
            DRAFTS.c.blob,
            DRAFTS.c.id,
            cast(null(), String),
            cast(null(), BigInteger),
        ).where(owned[DRAFTS], alive(DRAFTS, _STATE)),
    ).subquery()
    columns = rows.c
    return select(columns.owner, columns.part, columns.blob).order_by(
        columns.owner, columns.part, columns.first, columns.second, columns.third
    )


def _part(part: int) -> ColumnElement[int]:
    return literal_column(str(part), Integer).label("part")


_ID: BindParameter[str] = bindparam("id")
USAGE_OF = (
    select(USAGE.c.account_id, USAGE.c.blob)
    .where(USAGE.c.account_id.in_(bindparam("ids", expanding=True)), alive(USAGE, _STATE))
    .order_by(USAGE.c.account_id, USAGE.c.start_date, USAGE.c.source, USAGE.c.position)
)
ONE_ACCOUNT = _aggregate(
    ACCOUNTS.c.id == _ID,
    {
        SUBSCRIPTIONS: SUBSCRIPTIONS.c.owner_id == _ID,
        USAGE: USAGE.c.account_id == _ID,
        DRAFTS: DRAFTS.c.account_id == _ID,
    },
)
_IDS: BindParameter[str] = bindparam("ids", expanding=True)
SEVERAL_ACCOUNTS = _aggregate(
    ACCOUNTS.c.id.in_(_IDS),
    {
        SUBSCRIPTIONS: SUBSCRIPTIONS.c.owner_id.in_(_IDS),
        USAGE: USAGE.c.account_id.in_(_IDS),
        DRAFTS: DRAFTS.c.account_id.in_(_IDS),
    },
)
