"""The queue of asynchronous requests: so many wait at a time, no more are accepted, and none is lost."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy.exc import OperationalError

from soapsvc.rest.http import QUICKSTART, Call, Reply, RestLimits, Scope, TooManyRequests
from soapsvc.rest.replays import ASYNC_REQUESTS, Deferred, StoredReplies
from soapsvc.server import Options, application
from soapsvc.server.counting import InFlight
from soapsvc.tenant import Store, User
from tests.rest.client import Rest
from tests.rest.conftest import MovableClock

LIMITS = RestLimits()
NUMBER = "A00000014"
SCOPE = Scope(User("1", "user", "", "", frozenset()))
ASK = Call("POST", "/", {"account_id": "A1"}, {}, {"async": "true"}, "r", body=b"{}", scope=SCOPE)


class Service:
    """An operation that answers when it is told to, or fails as often as it is told to, behind a queue of places."""

    def __init__(self, store: Store, clock: MovableClock, places: int) -> None:
        self.may_answer = threading.Event()
        self.failures: list[Exception] = []
        self.queue = InFlight(places)
        answers = StoredReplies(store, clock, ASYNC_REQUESTS, LIMITS.lease, LIMITS.async_result)
        self.deferred = Deferred(self.answer, str, lambda _: None, QUICKSTART, answers, "/async_requests", self.queue)

    def answer(self, _call: Call) -> Reply:
        assert self.may_answer.wait(30)
        return Reply(self.pieces())

    def pieces(self) -> Iterator[bytes]:
        yield b'{"answered": '
        if self.failures:
            raise self.failures.pop()
        yield b"true}"

    def ask(self) -> Call:
        """Ask, and return the call that fetches the answer."""
        location = self.deferred(ASK).headers["Location"]
        return Call("GET", "/", {"request_id": location.rpartition("/")[2]}, {}, {}, "r", scope=SCOPE)

    def fetched(self, fetch: Call) -> bytes:
        return b"".join(self.deferred.result(fetch).pieces)

    def finish(self) -> None:
        """Let all be answered that were asked so far."""
        self.may_answer.set()
        self.deferred._threads.shutdown()
        del self.deferred.__dict__["_threads"]


@pytest.fixture
def service(store: Store, clock: MovableClock) -> Service:
    return Service(store, clock, places=3)


def test_requests_beyond_the_last_place_are_refused_until_a_place_is_free(service: Service) -> None:
    """Two are answered at a time, the third waits, the fourth gets Retry-After."""
    accepted = [service.ask() for _ in range(3)]
    with pytest.raises(TooManyRequests) as refused:
        service.ask()
    assert refused.value.headers == {"Retry-After": "5"}
    service.finish()
    assert [b'"response":{"answered": true}' in service.fetched(fetch) for fetch in accepted] == [True] * 3
    assert service.queue.free() == 3
    service.ask()
    service.finish()


def test_one_that_was_left_behind_waits_for_a_place(service: Service, store: Store, clock: MovableClock) -> None:
    """A process was killed with a request in its queue; the heir's is full when it is asked for the answer."""
    dead = Service(store, clock, places=1)
    dead.may_answer.set()
    dead.failures.append(OperationalError("INSERT", {}, ConnectionError("gone")))
    orphan = dead.ask()
    dead.finish()
    clock.now += LIMITS.lease
    for _ in range(3):
        service.ask()
    assert b"processing" in service.fetched(orphan)
    service.finish()
    assert b"processing" in service.fetched(orphan)
    service.finish()
    assert b'"response":{"answered": true}' in service.fetched(orphan)


def test_an_answer_that_fails_while_it_is_made_is_a_failure_to_be_fetched(service: Service) -> None:
    service.failures.append(ZeroDivisionError("a bug with a secret in it"))
    fetch = service.ask()
    service.finish()
    told = service.fetched(fetch)
    assert b'"status":"failed","status_code":500,"response":{"type":"api_error"' in told
    assert b"secret" not in told


def test_a_database_that_fails_an_answer_costs_a_line_of_log_and_time(
    service: Service, clock: MovableClock, caplog: pytest.LogCaptureFixture
) -> None:
    """The request was accepted, so it does not fail: the next poll gets its answer."""
    service.failures.append(OperationalError("INSERT", {}, ConnectionError("database or disk is full")))
    caplog.set_level(logging.WARNING)
    fetch = service.ask()
    service.finish()
    assert [record.getMessage().partition(": ")[2] for record in caplog.records] == [
        "the tenant store does not answer: database or disk is full"
    ]
    assert caplog.records[0].exc_info is None
    assert b"processing" in service.fetched(fetch)
    clock.now += LIMITS.lease
    service.fetched(fetch)
    service.finish()
    assert b'"response":{"answered": true}' in service.fetched(fetch)


def test_over_http_the_refusal_is_429_and_is_not_kept_for_its_idempotency_key(
    store: Store, clock: MovableClock, token: str
) -> None:
    full = Rest(application(store, Options(rest_limits=RestLimits(async_queue=0)), clock), token)
    roomy = Rest(application(store, Options(), clock), token)
    headers = {"async": "true", "Idempotency-Key": "queued"}
    refused = full.account_preview(NUMBER, headers=headers, target_date="2014-06-01")
    assert (refused.status, refused.headers["retry-after"]) == (429, "5")
    assert (refused.json["type"], refused.json["retryable"]) == ("rate_limit_error", True)
    assert full.account_preview(NUMBER, target_date="2014-06-01").status == 200, "only asynchronous ones are refused"
    assert roomy.account_preview(NUMBER, headers=headers, target_date="2014-06-01").status == 202
