"""Frees a request for which granian has started no thread, though more threads are allowed.

granian starts a thread when its queue is longer than its count of idle threads. A thread that has just taken a request
is still in that count for a moment. A request that arrives in this moment gets no thread. It waits until a thread is
free or another request arrives: beside slow clients only, for as long as they may take.

    thread 1   |- idle -|= slow client =============================|
    request              |. . . no thread . .|= answered =|
    nudge                                    |-|

So a worker whose calls are under way, and in which none has begun for a moment, sends itself a request. granian then
looks at its queue again, and starts the thread. Once a nudge is answered nobody waits, so the next one is due when
another call has begun, or after a second: a thread that ends after 30 s without work is also counted for a moment.
"""

from __future__ import annotations

import secrets
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection, HTTPSConnection
from typing import Any

Exchanged = Callable[[Any, dict[str, Any]], None]
"""Answers a request, from granian's handle of it and the first entries of a WSGI environment."""

_TICK_SECONDS = 0.1
_PAUSE_SECONDS = 1.0
"""The time between two nudges while no call begins."""
_ANSWER_SECONDS = 0.3
_STEP_SECONDS = 0.002
_TRIES = 16
"""How often a nudge is repeated when other processes on the same socket get it."""
_PATH = f"/{secrets.token_urlsafe(24)}"
"""Known to the processes that are forked from this one, and to no client."""
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read, not listened on


class Nudged:
    """Calls `exchange` for each request, and nudges the server on `address` that calls this object.

    It sends no nudge while `most` calls are under way: granian may start no more threads.
    """

    def __init__(self, exchange: Exchanged, address: tuple[str, int], most: int, *, with_tls: bool) -> None:
        self._exchange = exchange
        self._address = address
        self._most = most
        self._tls = _unverified() if with_tls else None
        self._name = secrets.token_hex(16).encode()
        self._under_way: set[object] = set()
        self._newest: object = None
        self._ended = threading.Event()

    def start(self) -> None:
        """Start the thread that looks for calls without a thread."""
        threading.Thread(target=self._look, name="nudges", daemon=True).start()

    def end(self) -> None:
        """Send no more nudges."""
        self._ended.set()

    def finish(self, seconds: float) -> None:
        """Wait, at most so long, for the work that calls still do after their answer is sent."""
        end = time.monotonic() + seconds
        while self._under_way and time.monotonic() < end:
            time.sleep(_STEP_SECONDS)

    def __call__(self, protocol: Any, scope: dict[str, Any]) -> None:
        """Answer a request."""
        if scope["PATH_INFO"] == _PATH:
            protocol.response_bytes(200, [("Connection", "close")], self._name)
            return
        call = self._newest = object()
        self._under_way.add(call)
        try:
            self._exchange(protocol, scope)
        finally:
            self._under_way.discard(call)

    def _look(self) -> None:
        seen: object = None
        due = 0.0
        while not self._ended.wait(_TICK_SECONDS):
            newest, now = self._newest, time.monotonic()
            if newest is not seen:
                seen, due = newest, now
            elif 0 < len(self._under_way) < self._most and now >= due and self.nudge():
                due = now + _PAUSE_SECONDS

    def nudge(self) -> bool:
        """Let granian look at its queue; True if it has answered, which proves that no earlier request waits."""
        for _ in range(_TRIES):
            answering = None if self._ended.is_set() else self._answering()
            if answering in {self._name, None}:
                return answering is not None
        return False

    def _answering(self) -> bytes | None:
        """The name of the process that answers; empty if it has no free thread, None if there is no server to ask."""
        try:
            with closing(self._connection()) as connection:
                connection.request("GET", _PATH)
                return connection.getresponse().read()
        except TimeoutError:
            return b""
        except Exception:  # noqa: BLE001 - also one of a test that forbids sockets: the thread must go on
            return None

    def _connection(self) -> HTTPConnection:
        host, port = self._address
        host = _ANY_ADDRESS.get(host, host)
        if self._tls is None:
            return HTTPConnection(host, port, timeout=_ANSWER_SECONDS)
        return HTTPSConnection(host, port, timeout=_ANSWER_SECONDS, context=self._tls)


def _unverified() -> ssl.SSLContext:
    """For nudges: the certificate is for the clients' name of the service, and a nudge tells nothing worth hiding."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
