"""A client waits for its answer only: what a call reports comes after it, and is lost neither at a failure nor a stop.

client  |- call -|            |- next call -|
server           |= answer =|= report =|
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from http.client import HTTPConnection
from threading import Event
from typing import Any

import pytest

from soapsvc.server.listening import http
from soapsvc.server.listening.exchange import Exchange, Pace, Watch
from soapsvc.server.telling import told
from soapsvc.web.calls import CallRecord

Environ = dict[str, Any]


class Ended:
    """The body of an answer, which says when the server has closed it."""

    def __init__(self, pieces: Iterable[bytes], steps: list[str]) -> None:
        self._pieces = pieces
        self._steps = steps

    def __iter__(self) -> Iterable[bytes]:
        return iter(self._pieces)

    def close(self) -> None:
        self._steps.append("closed")


class Handle:
    """granian's handle of a request, which says when it gets the answer."""

    def __init__(self, steps: list[str]) -> None:
        self._steps = steps

    def response_bytes(self, status: int, _headers: object, _body: bytes) -> None:
        self._steps.append(f"answered {status}")

    def response_iter(self, status: int, _headers: object, body: Any) -> None:
        list(body)
        body.close()
        self._steps.append(f"answered {status}")


def steps_of(application: Callable[..., Any], steps: list[str]) -> list[str]:
    exchange = Exchange(told(application, lambda record: steps.append(f"reported {record.outcome}")), watch())
    exchange(Handle(steps), {"wsgi.input": None, "SERVER_PROTOCOL": "HTTP/1.1"})
    return steps


def watch() -> Watch:
    return Watch(Pace(), 1, lambda: None)


@pytest.mark.parametrize("length", [[("Content-Length", "1")], []], ids=["whole", "in pieces"])
def test_an_answer_is_closed_then_sent_then_reported(length: list[tuple[str, str]]) -> None:
    """The gate's place is free before the client can call again. In pieces, closing is after the last one."""
    steps: list[str] = []

    def application(_environ: Environ, start: Callable[..., None]) -> Any:
        start("200 OK", length)
        return Ended([b"."], steps)

    assert steps_of(application, steps) == ["closed", "answered 200", "reported ok"]


def test_a_failure_while_the_answer_is_made_is_reported_too() -> None:
    steps: list[str] = []

    def failing() -> Iterable[bytes]:
        yield b"."
        raise ZeroDivisionError

    def application(_environ: Environ, start: Callable[..., None]) -> Any:
        start("200 OK", [("Content-Length", "2")])
        return Ended(failing(), steps)

    assert steps_of(application, steps) == ["reported failed", "closed", "answered 500"]


def test_a_client_that_goes_away_is_reported_so() -> None:
    records: list[CallRecord] = []

    class Gone(Handle):
        def response_iter(self, _status: int, _headers: object, body: Any) -> None:
            next(body)
            body.close()

    def application(_environ: Environ, start: Callable[..., None]) -> Any:
        start("200 OK", [])
        return Ended([b".", b"."], [])

    exchange = Exchange(told(application, records.append), watch())
    exchange(Gone([]), {"wsgi.input": None, "SERVER_PROTOCOL": "HTTP/1.1"})
    assert [(each.code, each.reason) for each in records] == [("broken_off", "the reader went away, or was too slow")]


def test_a_report_that_fails_is_logged_and_the_answer_is_sent(caplog: pytest.LogCaptureFixture) -> None:
    steps: list[str] = []

    def observer(_record: CallRecord) -> None:
        raise ZeroDivisionError

    def application(_environ: Environ, start: Callable[..., None]) -> Any:
        start("200 OK", [("Content-Length", "1")])
        return Ended([b"."], steps)

    exchange = Exchange(told(application, observer), watch())
    exchange(Handle(steps), {"wsgi.input": None, "SERVER_PROTOCOL": "HTTP/1.1"})
    assert steps == ["closed", "answered 200"]
    (record,) = caplog.records
    assert (record.getMessage(), record.exc_info is not None) == ("a call could not be reported", True)


def test_a_server_that_stops_waits_for_the_reports_of_the_calls_that_it_has_answered() -> None:
    reported, stopping = [], Event()

    def observer(record: CallRecord) -> None:
        assert stopping.wait(20)
        time.sleep(0.05)
        reported.append(record.status)

    def application(_environ: Environ, start: Callable[..., None]) -> Any:
        start("200 OK", [("Content-Length", "1")])
        return Ended([b"."], [])

    listener = http.listening("127.0.0.1", 0, 20)
    address = listener.getsockname()
    running = http.begin(listener, Exchange(told(application, observer), watch()), 2)
    try:
        client = HTTPConnection(*address, timeout=20)
        client.request("GET", "/")
        assert client.getresponse().read() == b"."
        assert reported == []
        client.close()
    finally:
        stopping.set()
        running.stop()
    assert reported == [200]
