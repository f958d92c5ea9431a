"""Answers kept in the tenant's database: given by one process, found by all, and by the next one after a crash.

Who executes a request owns its row under a lease, which a thread of the process renews while it works. A process that
is killed renews nothing: after a few seconds any other may take the row over. Nobody can finish a row that is not his.
"""

from __future__ import annotations

import logging
import secrets
import threading
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Table, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from soapsvc.clock import Clock
from soapsvc.rest.request import Reply
from soapsvc.tenant.outage import log_failure
from soapsvc.tenant.store import Store

_LOG = logging.getLogger(__name__)
_COMPRESSION_LEVEL = 1
_RENEWALS = 3
"""How often a lease is renewed within its length."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to execute a request, until it is finished or the lease is lost."""

    id: str
    owner: str


@dataclass(frozen=True, slots=True)
class Row:
    """A remembered request: `values` are the columns that its table has beyond the common ones."""

    claim: Claim
    lease: int
    reply: Reply | None
    values: Mapping[str, Any]


class Remembered:
    """The rows of one of the tables in `soapsvc.rest.schema`."""

    def __init__(self, store: Store, clock: Clock, table: Table, lease: timedelta, keep: timedelta) -> None:
        self._store = store
        self._clock = clock
        self._table = table
        self._lease = lease
        self._keep = int(keep.total_seconds())
        self._changed = threading.Condition()
        self._held: set[Claim] = set()
        self._renewer: threading.Thread | None = None

    def claim(self, row_id: str, values: Mapping[str, object]) -> Claim | None:
        """Make the row, with these further values, and own it; None where there is one already."""
        now = int(self._clock().timestamp())
        claim = Claim(row_id, secrets.token_hex(16))
        row = {**values, "id": row_id, "owner": claim.owner, "lease": self._until(), "expires": now + self._keep}
        try:
            with self._store.begin() as connection:
                connection.execute(delete(self._table).where(self._table.c.expires <= now))
                connection.execute(insert(self._table).values(row))
        except IntegrityError:
            return None
        return claim

    def find(self, row_id: str) -> Row | None:
        """The row, unless it has expired."""
        columns = self._table.c
        alive = select(self._table).where(columns.id == row_id, columns.expires > int(self._clock().timestamp()))
        with self._store.begin() as connection:
            row = connection.execute(alive).mappings().one_or_none()
        if row is None:
            return None
        values = {str(name): value for name, value in row.items()}
        return Row(Claim(row_id, row["owner"]), row["lease"], _reply(values), values)

    def take_over(self, row: Row) -> Claim | None:
        """Own a row without an answer whose lease has run out; None where it has not, or somebody else was faster."""
        if row.lease > self._milliseconds():
            return None
        claim = Claim(row.claim.id, secrets.token_hex(16))
        taken = update(self._table).where(self._open(row.claim)).values(owner=claim.owner, lease=self._until())
        with self._store.begin() as connection:
            return claim if connection.execute(taken).rowcount == 1 else None

    def finish(self, claim: Claim, reply: Reply, body: bytes) -> None:
        """Keep the answer, if the claim still holds."""
        answer = {
            "status": int(reply.status),
            "headers": msgspec.json.encode({"Content-Type": reply.media_type, **reply.headers}),
            "body": zlib.compress(body, _COMPRESSION_LEVEL),
        }
        with self._store.begin() as connection:
            connection.execute(update(self._table).where(self._open(claim)).values(answer))

    def give_up(self, claim: Claim) -> None:
        """Forget the row: the request was not executed."""
        with self._store.begin() as connection:
            connection.execute(delete(self._table).where(self._open(claim)))

    @contextmanager
    def renewed(self, claim: Claim) -> Iterator[None]:
        """Renew the claim's lease for as long as the work within lasts."""
        with self._changed:
            self._held.add(claim)
            if self._renewer is None:
                self._renewer = threading.Thread(target=self._renew, name=f"leases of {self._table.name}", daemon=True)
                self._renewer.start()
            self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._held.discard(claim)

    def _renew(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._held))
                self._changed.wait_for(lambda: not self._held, self._lease.total_seconds() / _RENEWALS)
                owners = [claim.owner for claim in self._held]
            if owners:
                self._renew_leases(owners)

    def _renew_leases(self, owners: list[str]) -> None:
        columns = self._table.c
        late = update(self._table).where(columns.owner.in_(owners), columns.status.is_(None))
        try:
            with self._store.begin() as connection:
                connection.execute(late.values(lease=self._until()))
        except SQLAlchemyError as error:
            log_failure(_LOG, error, "leases of %s cannot be renewed now", self._table.name)

    def _open(self, claim: Claim) -> ColumnElement[bool]:
        columns = self._table.c
        return and_(columns.id == claim.id, columns.owner == claim.owner, columns.status.is_(None))

    def _milliseconds(self) -> int:
        return int(self._clock().timestamp() * 1000)

    def _until(self) -> int:
        return self._milliseconds() + int(self._lease.total_seconds() * 1000)


def _reply(row: Mapping[str, Any]) -> Reply | None:
    if row["status"] is None:
        return None
    headers: dict[str, str] = msgspec.json.decode(row["headers"])
    return Reply([zlib.decompress(row["body"])], row["status"], headers.pop("Content-Type"), headers)
