"""Answers in the tenant's database: one process stores an answer, every process finds it, also after a crash.

The process that executes a request owns its row under a lease, which one of its threads renews while it works. A
killed process does not renew its lease: after a few seconds any other process may take the row over. Only the owner can
finish a row.

A small answer is in the row. A large one is stored in pieces while it is made, and read in pieces: it is never in
memory as a whole. It is complete when the row has the number of pieces; an interrupted answer never counts.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from soapsvc.clock import Clock
from soapsvc.randomness import random_hex
from soapsvc.rest.http import Reply
from soapsvc.rest.replays.pieces import Pieces, blocks, packed, unpacked
from soapsvc.tenant.database import log_failure
from soapsvc.tenant.store import Store

_LOG = logging.getLogger(__name__)
_RENEWALS = 3
"""How often a lease is renewed within its duration."""


class ClaimLost(Exception):
    """Another process has taken the request over, and answers it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to execute a request, until it is finished or the lease is lost."""

    id: str
    owner: str


@dataclass(frozen=True, slots=True)
class Row:
    """A stored request: `values` are the columns that its table has besides the common ones."""

    claim: Claim
    lease: int
    reply: Reply | None
    values: Mapping[str, Any]


class StoredReplies:
    """The rows of one of the tables in `soapsvc.rest.replays.tables`."""

    def __init__(self, store: Store, clock: Clock, table: Table, lease: timedelta, keep: timedelta) -> None:
        self._store = store
        self._clock = clock
        self._table = table
        self._lease = lease
        self._keep = int(keep.total_seconds())
        self._pieces = Pieces(store)
        self._changed = threading.Condition()
        self._held: set[Claim] = set()
        self._renewer: threading.Thread | None = None

    def claim(self, row_id: str, values: Mapping[str, object]) -> Claim | None:
        """Insert the row, with these further values, and own it; None where it exists already."""
        now = int(self._clock().timestamp())
        claim = Claim(row_id, random_hex(16))
        row = {**values, "id": row_id, "owner": claim.owner, "lease": self._until(), "expires": now + self._keep}
        try:
            with self._store.begin() as connection:
                connection.execute(delete(self._table).where(self._table.c.expires <= now))
                connection.execute(insert(self._table).values(row))
                purges = self._pieces.has_expired(connection, now)
        except IntegrityError:
            return None
        if purges:
            self._pieces.purge(now)
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
        return Row(Claim(row_id, row["owner"]), row["lease"], self._reply(values), values)

    def is_abandoned(self, row: Row) -> bool:
        """Whether the lease of a row without an answer has expired."""
        return row.reply is None and row.lease <= self._milliseconds()

    def take_over(self, row: Row) -> Claim | None:
        """Own a row without an answer whose lease has expired; None where it has not, or another process was faster."""
        if not self.is_abandoned(row):
            return None
        claim = Claim(row.claim.id, random_hex(16))
        taken = update(self._table).where(self._open(row.claim)).values(owner=claim.owner, lease=self._until())
        with self._store.begin() as connection:
            if connection.execute(taken).rowcount != 1:
                return None
            self._pieces.drop(connection, row.claim.owner)
        return claim

    def keep(self, claim: Claim, reply: Reply) -> Reply:
        """Store the answer while it is made, and return the stored answer.

        Raises ClaimLost where the claim is lost, and any error of making the answer. Then nothing is stored, and the
        row is unchanged.
        """
        try:
            source = blocks(reply.pieces)
            first, second = next(source, b""), next(source, None)
            if second is None:
                self._finish(claim, reply, body=packed(first))
                return Reply([first], reply.status, reply.media_type, reply.headers)
            count = 0
            for count, block in enumerate(chain((first, second), source), start=1):
                self._add(claim, count - 1, block)
            self._finish(claim, reply, pieces=count)
        except BaseException:
            self._drop(claim)
            raise
        finally:
            reply.close()
        return Reply(self._pieces.read(claim.owner, count), reply.status, reply.media_type, reply.headers)

    def give_up(self, claim: Claim) -> None:
        """Delete the row: the request was not executed. Where the deletion fails, the lease expires."""
        with suppress(SQLAlchemyError), self._store.begin() as connection:
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
                claims = list(self._held)
            if claims:
                self._renew_leases(claims)

    def _renew_leases(self, claims: list[Claim]) -> None:
        columns = self._table.c
        ids, owners = [claim.id for claim in claims], [claim.owner for claim in claims]
        late = update(self._table).where(columns.id.in_(ids), columns.owner.in_(owners), columns.status.is_(None))
        try:
            with self._store.begin() as connection:
                connection.execute(late.values(lease=self._until()))
        except SQLAlchemyError as error:
            log_failure(_LOG, error, "leases of %s cannot be renewed now", self._table.name)

    def _add(self, claim: Claim, number: int, block: bytes) -> None:
        """Store a piece, if the claim still holds, and renew the claim's lease."""
        expires = int(self._clock().timestamp()) + self._keep
        with self._store.begin() as connection:
            self._change(connection, claim, {"lease": self._until()})
            self._pieces.add(connection, claim.owner, number, block, expires)

    def _finish(self, claim: Claim, reply: Reply, **where: object) -> None:
        """Mark the answer as complete, with its place: from now on it is the answer."""
        headers = msgspec.json.encode({"Content-Type": reply.media_type, **reply.headers})
        with self._store.begin() as connection:
            self._change(connection, claim, {"status": int(reply.status), "headers": headers, **where})

    def _change(self, connection: Connection, claim: Claim, values: Mapping[str, object]) -> None:
        if connection.execute(update(self._table).where(self._open(claim)).values(values)).rowcount != 1:
            raise ClaimLost

    def _drop(self, claim: Claim) -> None:
        """Delete the pieces of an interrupted answer; where the deletion fails, they expire.

        Only while the row has no answer: a commit that seemed to fail may have completed the answer.
        """
        with suppress(SQLAlchemyError, ClaimLost), self._store.begin() as connection:
            self._change(connection, claim, {"lease": self._until()})
            self._pieces.drop(connection, claim.owner)

    def _reply(self, row: Mapping[str, Any]) -> Reply | None:
        if row["status"] is None:
            return None
        headers: dict[str, str] = msgspec.json.decode(row["headers"])
        count: int | None = row["pieces"]
        pieces = [unpacked(row["body"])] if count is None else self._pieces.read(row["owner"], count)
        return Reply(pieces, row["status"], headers.pop("Content-Type"), headers)

    def _open(self, claim: Claim) -> ColumnElement[bool]:
        columns = self._table.c
        return and_(columns.id == claim.id, columns.owner == claim.owner, columns.status.is_(None))

    def _milliseconds(self) -> int:
        return int(self._clock().timestamp() * 1000)

    def _until(self) -> int:
        return self._milliseconds() + int(self._lease.total_seconds() * 1000)
