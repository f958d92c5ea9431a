"""A request for which granian starts no thread does not wait for the calls that came before it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from soapsvc.server.listening import http
from soapsvc.server.listening.nudge import Exchanged, Nudged
from tests.server.listening.test_tls import issued

THREADS = 256
SERVERS, CLIENTS = 60, 24
GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"


class Held:
    """Calls that hold their threads until they are released."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.release = threading.Event()

    def __call__(self, protocol: Any, _scope: dict[str, Any]) -> None:
        release = self.release
        self.begun.release()
        release.wait()
        protocol.response_bytes(200, [], b".")


@contextmanager
def serving(
    exchange: Exchanged, host: str = "127.0.0.1", tls: tuple[str, str] | None = None
) -> Iterator[tuple[http.Running, tuple[str, int]]]:
    """A server of this process that calls `exchange`, and its address."""
    listener = http.listening(host, 0, 20)
    address = listener.getsockname()[:2]
    running = http.begin(listener, exchange, THREADS, tls)
    try:
        yield running, address
    finally:
        running.stop()


def test_each_of_the_calls_that_come_at_once_begins_whatever_the_others_wait_for() -> None:
    """2, 3, ... 24 at once, for sixty servers: without nudges, about one in 200 such rounds leaves a call waiting.

    granian has the threads of the round before, so that the last call needs a new one.
    """
    for _ in range(SERVERS):
        held = Held()
        with ExitStack() as stack:
            _, address = stack.enter_context(serving(held))
            stack.callback(lambda held=held: held.release.set())
            clients = [stack.enter_context(socket.create_connection(address))]
            while len(clients) < CLIENTS:
                clients.append(stack.enter_context(socket.create_connection(address)))
                for client in clients:
                    client.sendall(GET)
                assert all(held.begun.acquire(timeout=20) for _ in clients)
                before, held.release = held.release, threading.Event()
                before.set()
                for client in clients:
                    assert answer(client).endswith(b".")


def answer(client: socket.socket) -> bytes:
    """An answer of one byte, with its head."""
    received = b""
    while b"\r\n\r\n" not in received[:-1]:
        received += client.recv(4096)
    return received


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::1", "::"])  # noqa: S104 - it is the point
@pytest.mark.parametrize("with_tls", [False, True])
def test_a_nudge_reaches_the_server_on_any_address_with_tls_or_without(
    host: str, with_tls: bool, tmp_path: Path
) -> None:
    certificate, key = issued(trustme.CA(), tmp_path)
    with serving(Held(), host, (str(certificate), str(key)) if with_tls else None) as (running, _):
        assert running.nudges.nudge()


def test_a_nudge_that_other_processes_get_or_that_nobody_answers_is_given_up() -> None:
    with serving(Held()) as (_, address):
        other = Nudged(Held(), address, THREADS, with_tls=False)
        assert not other.nudge()
    assert not other.nudge()
