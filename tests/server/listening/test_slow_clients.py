"""Clients that do not send, or do not read: they hold nothing that others need, and not for long.

The server has two seconds of patience, 16 threads in one process, and room for four calls at a time.
"""

from __future__ import annotations

import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.server.listening.programs.short_of_patience import LARGE, PLACES, THREADS, impatient
from tests.server.listening.test_stopping import children
from tests.soap.client import login, preview, request
from tests.soap.sample_tenant import MONTHLY, PASSWORD, USER
from tests.support.server import Server
from tests.support.until import until

PATH = "/apps/services/a/61.0"
OPEN = "01"
"""An established connection, as the kernel lists it."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with impatient(tmp_path_factory.mktemp("slow")) as running:
        yield running


@pytest.fixture(scope="module")
def token(server: Server) -> str:
    return log_in(server)


def log_in(server: Server) -> str:
    return call(server, login(USER, PASSWORD))[1].partition("<ns1:Session>")[2].partition("<")[0]


def call(server: Server, body: str) -> tuple[int, str]:
    with closing(HTTPConnection(*server.host_port, timeout=60)) as connection:
        connection.request("POST", PATH, body.encode(), {"Content-Type": "text/xml"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def head(length: int) -> bytes:
    lines = [f"POST {PATH} HTTP/1.1", "Host: h", "Content-Type: text/xml", f"Content-Length: {length}", "", ""]
    return "\r\n".join(lines).encode()


def everything(connection: socket.socket) -> bytes:
    """The bytes until the connection ends, in any way."""
    received = b""
    with suppress(ConnectionResetError):
        while piece := connection.recv(65536):
            received += piece
    return received


def test_a_message_that_does_not_arrive_is_408_and_takes_no_place_of_the_gate(server: Server, token: str) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(server.connected()) for _ in range(PLACES + 2)]
        for connection in slow:
            connection.sendall(head(100) + b"<")
        time.sleep(0.2)
        assert call(server, preview(request(MONTHLY), session=token))[0] == 200
        assert all(connection.recv(9999).startswith(b"HTTP/1.1 408 ") for connection in slow)


def test_a_worker_whose_threads_wait_for_those_who_stay_is_replaced(server: Server, token: str) -> None:
    """Nine of sixteen threads are too many. Calls meanwhile are answered by the old or the new worker."""
    before = children(server.process.pid)
    with ExitStack() as stack:
        for _ in range(THREADS // 2 + 1):
            stack.enter_context(server.connected()).sendall(head(100) + b"<")

        def replaced() -> bool:
            assert call(server, preview(request(MONTHLY), session=token))[0] == 200
            return bool(set(children(server.process.pid)) - set(before))

        until(replaced, "a successor")
        assert call(server, preview(request(MONTHLY), session=token))[0] == 200


def test_readers_that_stop_give_their_places_back_and_are_cut_off(server: Server, token: str) -> None:
    """None of four large answers is read. A fifth call is let in, though there are four places."""
    message = preview(*LARGE, session=token).encode()
    with ExitStack() as stack:
        stalled = [stack.enter_context(server.connected(window=4096)) for _ in range(PLACES)]
        for connection in stalled:
            connection.sendall(head(len(message)) + message)
            assert connection.recv(12, socket.MSG_PEEK) == b"HTTP/1.1 200"
        until(lambda: call(server, preview(request(MONTHLY), session=token))[0] == 200, "a place")
        time.sleep(5)
        for connection in stalled:
            received = everything(connection)
            assert received.startswith(b"HTTP/1.1 200 ")
            assert not received.endswith(b"0\r\n\r\n")


@pytest.mark.parametrize("at_once", [512, 128])
def test_the_answer_to_a_reader_that_is_too_slow_is_broken_off(server: Server, token: str, at_once: int) -> None:
    """It reads ten times a second: 5 KB a second out of a window of 4 KB, or 1 KB."""
    message = preview(*LARGE, session=token).encode()
    with server.connected(window=4096) as connection:
        connection.sendall(head(len(message)) + message)
        received, end = b"", time.monotonic() + 60
        with suppress(ConnectionResetError):
            while piece := connection.recv(at_once):
                received += piece
                assert time.monotonic() < end, "it is not cut off"
                time.sleep(0.1)
    assert received.startswith(b"HTTP/1.1 200 ")
    assert not received.endswith(b"0\r\n\r\n")


def ports_of(server: Server) -> set[int]:
    """The ports of the clients that the server has a connection with, which none has closed."""
    own = f":{server.host_port[1]:04X}"
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {
        int(peer.rpartition(":")[2], 16) for _, local, peer, state, *_ in lines if local.endswith(own) and state == OPEN
    }


def stalled(server: Server, sent: bytes, count: int, stack: ExitStack) -> set[int]:
    """So many clients who send this and read nothing of what is answered, by their ports."""
    clients = [stack.enter_context(server.connected(window=4096)) for _ in range(count)]
    for client in clients:
        client.sendall(sent)
    for client in clients:
        assert client.recv(12, socket.MSG_PEEK) == b"HTTP/1.1 200"
    return {client.getsockname()[1] for client in clients}


def cut_off(server: Server, ports: set[int], body: str) -> list[int]:
    """Call until the server has let go of all these clients; returns the statuses of what was answered meanwhile."""
    statuses, end = [], time.monotonic() + 60
    while ports & ports_of(server):
        assert time.monotonic() < end, f"{len(ports & ports_of(server))} are not cut off"
        statuses.append(call(server, body)[0])
    return statuses


@pytest.fixture(scope="module")
def roomy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The places of the real service, threads for twice as many, and five seconds of patience."""
    with impatient(tmp_path_factory.mktemp("roomy"), places=40, threads=80, seconds=5) as running:
        yield running


def test_40_who_do_not_read_large_answers_are_cut_off_and_others_are_served_meanwhile(roomy: Server) -> None:
    """They have all forty places; within some seconds each gives its place back, and then loses its connection."""
    token = log_in(roomy)
    large, small = (preview(*asked, session=token) for asked in (LARGE, [request(MONTHLY)]))
    sent = head(len(large)) + large.encode()
    with ExitStack() as stack:
        ports = stalled(roomy, sent, 40, stack)
        assert ports <= ports_of(roomy)
        until(lambda: call(roomy, small)[0] == 200, "a place")
        assert ports & ports_of(roomy)
        assert set(cut_off(roomy, ports, small)) <= {200}
    assert call(roomy, large)[0] == 200
    assert "Traceback" not in roomy.log.read_text()


@pytest.mark.parametrize("path", ["/openapi.yaml", f"{PATH}?wsdl", "/docs"])
def test_64_who_do_not_read_what_is_open_to_all_hold_nothing_and_are_cut_off(
    server: Server, token: str, path: str
) -> None:
    """They are four times as many as there are threads, and have no session. What they ask for was made before."""
    urllib.request.urlopen(f"{server.url}{path}", timeout=30).read()  # noqa: S310 - our own server
    small = preview(request(MONTHLY), session=token)
    with ExitStack() as stack:
        ports = stalled(server, f"GET {path} HTTP/1.1\r\nHost: h\r\n\r\n".encode(), 4 * THREADS, stack)
        assert ports <= ports_of(server)
        statuses = cut_off(server, ports, small)
        assert len(statuses) > 1
        assert set(statuses) == {200}


@pytest.mark.parametrize("said", [b"", b"POST /oauth/token HTTP/1.1\r\nHost: "], ids=["nothing", "half a head"])
def test_a_thousand_connections_that_say_no_more(server: Server, token: str, said: bytes) -> None:
    with ExitStack() as stack:
        for _ in range(1000):
            stack.enter_context(server.connected()).sendall(said)
        assert call(server, preview(request(MONTHLY), session=token))[0] == 200
