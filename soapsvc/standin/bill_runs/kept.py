"""An account's original records, to be written again with changes: one file for each kind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, or_, select

from soapsvc.engine.account import UsageRecord
from soapsvc.standin.seeds.documents import encoded
from soapsvc.tenant.reading import derived_id, parse_json
from soapsvc.tenant.tables import ACCOUNTS, DRAFTS, SUBSCRIPTIONS, USAGE, alive, unpack_usage

Document = dict[str, Any]


@dataclass(slots=True)
class KeptUsage:
    """A usage record: the original, and as read."""

    document: Document
    record: UsageRecord


@dataclass(slots=True)
class Kept:
    """The records of an account, and the subscriptions of other accounts that it is invoiced for, by number."""

    account_id: str
    account: Document
    subscriptions: dict[str, Document] = field(default_factory=dict)
    """The newest versions, which are billed."""
    former: list[Document] = field(default_factory=list)
    """Older versions, and subscriptions that others are invoiced for."""
    usage: list[KeptUsage] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)

    def write(self, folder: Path) -> None:
        """Write the records out as files of a tenant directory."""
        name = f"account-{derived_id('file', self.account_id)}.json"
        kinds = {
            "accounts": [self.account],
            "subscriptions": [*self.former, *self.subscriptions.values()],
            "usage": [each.document for each in self.usage],
            "drafts": self.documents,
        }
        for kind, records in kinds.items():
            if records:
                (folder / kind).mkdir(exist_ok=True)
                (folder / kind / name).write_bytes(encoded(records))


def kept_of(connection: Connection, state: int, account_id: str) -> Kept:
    """The records of an account in one state of the tenant."""
    own = select(ACCOUNTS.c.document).where(ACCOUNTS.c.id == account_id, alive(ACCOUNTS, state))
    kept = Kept(account_id, _read(connection.execute(own).scalar_one()))
    subscriptions = select(SUBSCRIPTIONS).where(
        or_(SUBSCRIPTIONS.c.account_id == account_id, SUBSCRIPTIONS.c.owner_id == account_id),
        alive(SUBSCRIPTIONS, state),
    )
    for row in connection.execute(subscriptions.order_by(SUBSCRIPTIONS.c.source, SUBSCRIPTIONS.c.key)):
        if row.is_latest and row.owner_id == account_id:
            kept.subscriptions[row.number] = _read(row.document)
        elif row.account_id == account_id:
            kept.former.append(_read(row.document))
    kept.usage = list(_usage(connection, state, account_id))
    documents = select(DRAFTS).where(DRAFTS.c.account_id == account_id, alive(DRAFTS, state)).order_by(DRAFTS.c.id)
    kept.documents = [{**_read(row.document), "documentType": row.type} for row in connection.execute(documents)]
    return kept


def _usage(connection: Connection, state: int, account_id: str) -> Iterable[KeptUsage]:
    """The usage records in the order of their files, which is that of their creation."""
    wanted = select(USAGE).where(USAGE.c.account_id == account_id, alive(USAGE, state))
    rows = connection.execute(wanted.order_by(USAGE.c.source, USAGE.c.position)).all()
    records = unpack_usage([row.blob for row in rows])
    return (KeptUsage(_read(row.document), record) for row, record in zip(rows, records, strict=True))


def _read(document: bytes) -> Document:
    found = parse_json(document)
    return dict(found) if isinstance(found, dict) else {}
