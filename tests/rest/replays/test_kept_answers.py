"""Answers that are kept for replay: in pieces while they are made, whole or not at all, for every process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, func, select
from sqlalchemy.exc import OperationalError

from soapsvc.resources import fixtures_dir
from soapsvc.rest.http import Reply, RestLimits
from soapsvc.rest.replays import IDEMPOTENCY_KEYS, Idempotency, StoredReplies
from soapsvc.rest.replays.pieces import PIECE_BYTES, PieceMissing
from soapsvc.rest.replays.stored_replies import Claim
from soapsvc.rest.replays.tables import ANSWER_PIECES
from soapsvc.server import application
from soapsvc.tenant import Store, import_tenant
from tests.rest.client import Rest
from tests.rest.conftest import DEMO, NOW, MovableClock

LIMITS = RestLimits()
COUNT = 5
KEY = {"Idempotency-Key": "k"}
MANY = {"accounts": [{"accountNumber": "A00001001"}] * 20, "targetDate": "2029-06-01"}


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with closing(Store.open(database)) as opened:
        yield opened


@pytest.fixture
def keys(store: Store, clock: MovableClock) -> StoredReplies:
    return StoredReplies(store, clock, IDEMPOTENCY_KEYS, LIMITS.lease, LIMITS.replay)


@pytest.fixture
def idempotency(keys: StoredReplies, clock: MovableClock) -> Idempotency:
    return Idempotency(keys, LIMITS.patience, clock.sleep)


def pieces(letters: str = "abcde") -> Iterator[bytes]:
    """An answer that is kept in as many pieces as it has letters."""
    yield from (letter.encode() * PIECE_BYTES for letter in letters)


def broken_off() -> Iterator[bytes]:
    """An answer that cannot be made beyond its third piece."""
    yield from pieces("abc")
    raise InterruptedError


def executed(idempotency: Idempotency, made: Callable[[], Iterator[bytes]] = pieces) -> bytes:
    return b"".join(idempotency.execute("user", "key", b"request", lambda: Reply(made())).pieces)


def kept(store: Store, table: Any = ANSWER_PIECES) -> int:
    with store.begin() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


@contextmanager
def full_disk(store: Store) -> Iterator[None]:
    """The database may grow by one piece or so, and no further."""

    def limit(connection: Any, _record: object) -> None:
        used = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {used + 40}")

    if not store.url.startswith("sqlite"):
        pytest.skip("only SQLite can be told how far it may grow")
    store.close()
    event.listen(Engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(Engine, "connect", limit)
        store.close()


def random_pieces() -> Iterator[bytes]:
    """Pieces that do not get smaller by compression."""
    yield from (os.urandom(PIECE_BYTES) for _ in range(COUNT))


def test_a_large_answer_is_replayed_byte_for_byte_from_pieces(idempotency: Idempotency, store: Store) -> None:
    first = executed(idempotency)
    assert first == b"".join(pieces())
    assert kept(store) == COUNT
    assert executed(idempotency, broken_off) == first, "what is replayed is not executed"


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES])
@pytest.mark.parametrize("part", [1000, PIECE_BYTES, 4 * PIECE_BYTES])
def test_answers_around_the_size_of_a_piece(idempotency: Idempotency, size: int, part: int) -> None:
    answer = bytes(each % 251 for each in range(size))
    parts = [answer[start : start + part] for start in range(0, size, part)]
    assert executed(idempotency, lambda: iter(parts)) == answer
    assert executed(idempotency, broken_off) == answer


def test_an_answer_that_is_broken_off_leaves_nothing(idempotency: Idempotency, store: Store) -> None:
    with pytest.raises(InterruptedError):
        executed(idempotency, broken_off)
    assert (kept(store), kept(store, IDEMPOTENCY_KEYS)) == (0, 0)
    assert executed(idempotency) == b"".join(pieces())


def test_a_full_disk_in_the_middle_of_an_answer_leaves_nothing_that_is_replayed(
    idempotency: Idempotency, store: Store, clock: MovableClock
) -> None:
    with full_disk(store), pytest.raises(OperationalError, match="full"):
        executed(idempotency, random_pieces)
    clock.now += LIMITS.lease
    assert executed(idempotency) == b"".join(pieces())
    assert kept(store) == COUNT


def test_the_pieces_of_a_killed_process_are_deleted_when_its_key_is_taken_over(
    keys: StoredReplies, idempotency: Idempotency, store: Store, clock: MovableClock
) -> None:
    """The process is gone in the middle: it neither finishes its answer nor cleans up."""
    assert executed(idempotency) == b"".join(pieces())
    with store.begin() as connection:
        connection.execute(IDEMPOTENCY_KEYS.update().values(status=None, headers=None, pieces=None))
        connection.execute(ANSWER_PIECES.delete().where(ANSWER_PIECES.c.number >= COUNT - 2))
    clock.now += LIMITS.lease
    assert executed(idempotency, lambda: pieces("vwxyz")) == b"".join(pieces("vwxyz"))
    assert kept(store) == COUNT


def test_a_process_that_loses_its_claim_returns_the_answer_of_the_new_owner(
    keys: StoredReplies, idempotency: Idempotency, store: Store, clock: MovableClock
) -> None:
    """lease    |--- first ---|
    pieces     a     b        :     c: refused
    heir                      |-- vwxyz --|
    """

    def overtaken() -> Iterator[bytes]:
        yield from pieces("ab")
        with store.begin() as connection:
            row_id = connection.execute(select(IDEMPOTENCY_KEYS.c.id)).scalar_one()
        clock.now += LIMITS.lease
        row = keys.find(row_id)
        assert row is not None
        heir = keys.take_over(row)
        assert heir is not None
        keys.keep(heir, Reply(pieces("vwxyz")))
        yield from pieces("cde")

    assert executed(idempotency, overtaken) == b"".join(pieces("vwxyz"))
    assert kept(store) == COUNT


def test_a_commit_whose_success_is_not_heard_of_leaves_the_answer_whole(
    keys: StoredReplies, idempotency: Idempotency, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection is lost when the answer has become whole: its pieces are not taken for those of a broken one."""
    change = StoredReplies._change

    def lost(self: StoredReplies, connection: Connection, claim: Claim, values: dict[str, object]) -> None:
        change(self, connection, claim, values)
        if "status" in values:
            connection.commit()
            raise OperationalError("COMMIT", {}, ConnectionError("the server closed the connection"))

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(StoredReplies, "_change", lost)
        with pytest.raises(OperationalError):
            executed(idempotency)
    assert executed(idempotency, broken_off) == b"".join(pieces())


def test_expired_pieces_are_deleted_but_not_while_a_client_reads_them(
    idempotency: Idempotency, store: Store, clock: MovableClock
) -> None:
    """A replay that began in the last second of the day has an hour more."""
    executed(idempotency)
    clock.now += LIMITS.replay - timedelta(seconds=1)
    reader = iter(idempotency.execute("user", "key", b"request", lambda: Reply(broken_off())).pieces)
    assert next(reader) == b"a" * PIECE_BYTES
    clock.now += timedelta(seconds=2)
    idempotency.execute("user", "another", b"request", lambda: Reply([b"small"]))
    assert kept(store, IDEMPOTENCY_KEYS) == 1
    assert next(reader) == b"b" * PIECE_BYTES
    clock.now += timedelta(hours=1)
    idempotency.execute("user", "a third", b"request", lambda: Reply([b"small"]))
    assert kept(store) == 0
    with pytest.raises(PieceMissing):  # never ended as if it were whole
        next(reader)


def test_more_expired_pieces_than_a_transaction_deletes(
    idempotency: Idempotency, store: Store, clock: MovableClock
) -> None:
    row = {"answer": "old", "expires": 0, "body": b""}
    with store.begin() as connection:
        connection.execute(ANSWER_PIECES.insert(), [{**row, "number": number} for number in range(250)])
    executed(idempotency)
    assert kept(store) == COUNT


class TestOverHttp:
    """Two services with a store of their own each, on one database."""

    @pytest.fixture
    def token(self, store: Store) -> str:
        import_tenant(store, fixtures_dir())
        store.put_user(DEMO)
        return store.create_session(DEMO.username, int((NOW + timedelta(days=3)).timestamp()))

    @pytest.fixture
    def both(self, database: str, token: str, clock: MovableClock) -> Iterator[list[Rest]]:
        stores = [Store.open(database) for _ in range(2)]
        yield [Rest(application(each, None, clock), token) for each in stores]
        for each in stores:
            each.close()

    @pytest.mark.parametrize("accept", ["application/json", "application/x-ndjson"])
    def test_an_answer_stored_by_one_process_is_replayed_by_another(
        self, both: list[Rest], store: Store, accept: str
    ) -> None:
        headers = {**KEY, "Accept": accept}
        first, again = (rest.preview(headers=headers, **MANY) for rest in both)
        assert (again.status, again.headers["zuora-request-id"]) == (200, first.headers["zuora-request-id"])
        assert again.body == first.body
        assert len(first.body) > 4 * PIECE_BYTES
        assert kept(store) > 1
