"""Idempotency keys: one execution, the same answer for a day."""

from __future__ import annotations

import threading
from datetime import timedelta
from http import HTTPStatus

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from soapsvc.rest.http import Reply, RestLimits
from soapsvc.rest.replays import IDEMPOTENCY_KEYS, Idempotency, StoredReplies
from soapsvc.rest.replays.stored_replies import ClaimLost
from soapsvc.server import Options, application
from soapsvc.server.counting import InFlight
from soapsvc.tenant import Store, UserEntry
from tests.rest.client import Rest
from tests.rest.conftest import NOW, MovableClock

FIELDS = {"accountNumber": "A00000014", "targetDate": "2014-06-01"}
LIMITS = RestLimits()


def keyed(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


def test_a_repetition_gets_the_same_answer(rest: Rest, clock: MovableClock) -> None:
    """Item ids are random and the charge date is the clock's: only a replay can be equal."""
    first = rest.preview(headers={**keyed("a"), "Zuora-Track-Id": "first"}, **FIELDS)
    clock.now += timedelta(hours=23, minutes=59)
    again = rest.preview(headers={**keyed("a"), "Zuora-Track-Id": "second"}, **FIELDS)
    assert again.body == first.body
    for name in ("content-type", "zuora-request-id", "zuora-track-id"):
        assert again.headers[name] == first.headers[name]


def test_without_a_key_each_request_is_executed(rest: Rest) -> None:
    assert rest.preview(**FIELDS).body != rest.preview(**FIELDS).body


def test_after_a_day_it_is_executed_again(rest: Rest, clock: MovableClock) -> None:
    first = rest.preview(headers=keyed("b"), **FIELDS)
    clock.now += timedelta(hours=24)
    assert rest.preview(headers=keyed("b"), **FIELDS).body != first.body


def test_it_survives_a_restart(rest: Rest, store: Store, clock: MovableClock) -> None:
    first = rest.preview(headers=keyed("c"), **FIELDS)
    restarted = Rest(application(Store.open(store.url), Options(), clock), rest.token)
    assert restarted.preview(headers=keyed("c"), **FIELDS).body == first.body


def test_a_failure_is_replayed_like_a_success(rest: Rest) -> None:
    first = rest.account_preview("nobody", target_date="2014-06-01", headers=keyed("d"))
    again = rest.account_preview("nobody", target_date="2014-06-01", headers=keyed("d"))
    assert (first.status, again.status) == (404, 404)
    assert again.headers["zuora-request-id"] == first.headers["zuora-request-id"]


def test_a_large_answer_is_replayed_and_compressed_for_who_asks(rest: Rest) -> None:
    fields = {"accountNumber": "A00001001", "targetDate": "2029-06-01"}
    first = rest.preview(headers=keyed("e"), **fields)
    again = rest.preview(headers={**keyed("e"), "Accept-Encoding": "gzip"}, **fields)
    assert again.headers["content-encoding"] == "gzip"
    assert again.body == first.body


@pytest.mark.parametrize(
    "other",
    [
        lambda rest, headers: rest.preview(headers=headers, accountNumber="A00000015", targetDate="2014-06-01"),
        lambda rest, headers: rest.preview(headers=headers, query="?explain=true", **FIELDS),
        lambda rest, headers: rest.preview(headers={**headers, "Zuora-Org-Ids": "x"}, **FIELDS),
        lambda rest, headers: rest.account_preview("A00000014", headers=headers, target_date="2014-06-01"),
    ],
    ids=["another body", "another query", "another organization", "another URL"],
)
def test_the_key_of_another_request(rest: Rest, other: object, request: pytest.FixtureRequest) -> None:
    headers = keyed(request.node.callspec.id.replace(" ", "-"))
    assert rest.preview(headers=headers, **FIELDS).status == 200
    reply = other(rest, headers)  # type: ignore[operator]
    assert reply.status == 422
    assert "idempotency key was used for a request with another URL" in reply.body.decode()


def test_users_do_not_share_keys(rest: Rest, store: Store) -> None:
    store.put_user(UserEntry("other", password="x"))
    other = Rest(rest.application, store.create_session("other", int(NOW.timestamp()) + 900))
    assert rest.preview(headers=keyed("f"), **FIELDS).body != other.preview(headers=keyed("f"), **FIELDS).body


@pytest.mark.parametrize("key", ["", "k" * 256, "caf\xe9", "a b"])
def test_a_key_against_the_rules(rest: Rest, key: str) -> None:
    reply = rest.preview(headers=keyed(key), **FIELDS)
    assert (reply.status, reply.json["message"]) == (
        400,
        "Idempotency-Key must have 1 to 255 visible US-ASCII characters.",
    )


def test_a_request_that_found_no_place_may_come_again(store: Store, clock: MovableClock, token: str) -> None:
    gate = InFlight(1)
    rest = Rest(application(store, Options(), clock, gate), token)
    assert gate.enter()
    assert rest.preview(headers=keyed("g"), **FIELDS).status == 429
    gate.leave()
    assert rest.preview(headers=keyed("g"), **FIELDS).status == 200


def test_a_request_that_the_store_failed_may_come_again(rest: Rest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store answers for the key, and not for the account: the 503 is not what a day of repetitions get."""

    def fail(*_: object, **__: object) -> None:
        raise OperationalError("SELECT", {}, ConnectionError("too many connections"))

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("soapsvc.rest.operations.billing_preview.visible_account", fail)
        assert rest.preview(headers=keyed("failed"), **FIELDS).status == 503
    assert rest.preview(headers=keyed("failed"), **FIELDS).status == 200


class TestInFlight:
    """Requests with one key at the same time, on a clock that sleeping moves."""

    @pytest.fixture
    def keys(self, store: Store, clock: MovableClock) -> StoredReplies:
        return StoredReplies(store, clock, IDEMPOTENCY_KEYS, LIMITS.lease, LIMITS.replay)

    @pytest.fixture
    def idempotency(self, keys: StoredReplies, clock: MovableClock) -> Idempotency:
        return Idempotency(keys, LIMITS.patience, clock.sleep)

    def executed(self, idempotency: Idempotency, key: str, answer: bytes = b"mine") -> bytes:
        return b"".join(idempotency.execute("user", key, b"request", lambda: Reply([answer])).pieces)

    def test_a_request_that_was_not_executed_leaves_its_key_free(self, idempotency: Idempotency) -> None:
        def interrupted() -> Reply:
            raise InterruptedError

        with pytest.raises(InterruptedError):
            idempotency.execute("user", "interrupted", b"request", interrupted)
        assert self.executed(idempotency, "interrupted") == b"mine"

    def test_a_killed_process_keeps_its_key_for_no_longer_than_its_lease(
        self, keys: StoredReplies, clock: MovableClock
    ) -> None:
        """The lease is not renewed, as after kill -9. If the process is alive after all, it is too late."""
        dead = keys.claim("row", {"fingerprint": "x"})
        row = keys.find("row")
        assert dead is not None
        assert row is not None
        clock.now += LIMITS.lease - timedelta(milliseconds=1)
        assert keys.take_over(row) is None
        clock.now += timedelta(milliseconds=1)
        assert keys.take_over(row) is not None
        assert keys.take_over(row) is None, "only one may take it over"
        with pytest.raises(ClaimLost):
            keys.keep(dead, Reply([b"late"]))
        found = keys.find("row")
        assert found is not None
        assert found.reply is None

    def test_a_waiting_request_gets_the_first_answer(self, idempotency: Idempotency, store: Store) -> None:
        started, may_end = threading.Event(), threading.Event()

        def slow() -> Reply:
            started.set()
            assert may_end.wait(10)
            return Reply([b"first"])

        def sleep_until_it_has_ended(_: float) -> None:
            may_end.set()
            first.join(10)

        patient = Idempotency(idempotency.answers, LIMITS.patience, sleep_until_it_has_ended)
        first = threading.Thread(target=lambda: idempotency.execute("user", "slow", b"request", slow))
        first.start()
        assert started.wait(10)
        answer = self.executed(patient, "slow")
        first.join(10)
        assert answer == b"first"

    def test_a_request_that_waits_too_long_gets_409(self, rest: Rest, store: Store, clock: MovableClock) -> None:
        """The first request never ends and its lease is always renewed: 409 after the patience, as the vendor says."""
        keys = StoredReplies(store, clock, IDEMPOTENCY_KEYS, timedelta(days=1), LIMITS.replay)
        idempotency = Idempotency(keys, LIMITS.patience, clock.sleep)
        started, may_end = threading.Event(), threading.Event()

        def endless() -> Reply:
            started.set()
            assert may_end.wait(10)
            return Reply([b""], HTTPStatus.OK)

        first = threading.Thread(target=lambda: idempotency.execute("user", "endless", b"request", endless))
        first.start()
        assert started.wait(10)
        before = clock.now
        try:
            with pytest.raises(Exception, match="still being processed") as caught:
                self.executed(idempotency, "endless")
        finally:
            may_end.set()
            first.join(10)
        assert caught.value.status == HTTPStatus.CONFLICT  # type: ignore[attr-defined]
        assert LIMITS.patience <= clock.now - before < LIMITS.patience + timedelta(seconds=1)

    def test_a_lease_is_shorter_than_the_patience(self) -> None:
        assert LIMITS.lease < LIMITS.patience


def test_rows_that_have_expired_are_forgotten(rest: Rest, store: Store, clock: MovableClock) -> None:
    rest.preview(headers=keyed("h"), **FIELDS)
    clock.now += timedelta(hours=25)
    rest.preview(headers=keyed("i"), **FIELDS)
    with store.begin() as connection:
        old = (
            select(func.count())
            .select_from(IDEMPOTENCY_KEYS)
            .where(IDEMPOTENCY_KEYS.c.expires <= int(clock.now.timestamp()))
        )
        assert connection.execute(old).scalar_one() == 0
