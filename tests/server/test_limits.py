"""The limits of the command line hold in the server: the largest body, calls at once, and the time to end in."""

from __future__ import annotations

import re
import signal
import socket
from contextlib import closing, suppress
from http.client import HTTPConnection
from pathlib import Path

from soapsvc.resources import fixtures_dir
from tests.server.test_stopping import LARGE, call_under_way, get
from tests.soap.client import login, preview
from tests.soap.sample_tenant import PASSWORD, USER, write_sample_tenant
from tests.support.server import Server, serving

MIB = 1024 * 1024
PATH = "/apps/services/a/61.0"


def post(server: Server, path: str, body: bytes, media_type: str) -> tuple[int, bytes]:
    with closing(HTTPConnection(*server.host_port, timeout=60)) as connection:
        connection.request("POST", path, body, {"Content-Type": media_type})
        answer = connection.getresponse()
        return answer.status, answer.read()


def test_a_body_above_max_body_is_too_large_and_one_of_its_size_is_read(tmp_path: Path) -> None:
    with serving(tmp_path / "log", "--tenant", str(fixtures_dir()), "--workers", "1", "--max-body", "1") as server:
        assert b"is larger than 1048576 bytes" in post(server, PATH, b" " * (MIB + 1), "text/xml")[1]
        assert b"not well-formed" in post(server, PATH, b" " * MIB, "text/xml")[1]
        status, _ = post(server, "/oauth/token", b"a" * (MIB + 1), "application/x-www-form-urlencoded")
        assert status == 413


def test_concurrency_is_how_many_calls_may_be_under_way(tmp_path: Path) -> None:
    """An answer that nobody reads is under way: the next call finds no place."""
    write_sample_tenant(tmp_path / "tenant")
    options = ("--tenant", str(tmp_path / "tenant"), "--workers", "1", "--concurrency", "1")
    with serving(tmp_path / "log", *options) as server:
        assert re.search(rb"^soapsvc_gate_places 1(\.0)?$", get(server, "/metrics"), re.MULTILINE)
        _, opened = post(server, PATH, login(USER, PASSWORD).encode(), "text/xml")
        (token,) = re.findall(r"Session>([^<]+)<", opened.decode())
        body = preview(*LARGE, session=token).encode()
        head = f"POST {PATH} HTTP/1.1\r\nHost: h\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
        with socket.socket() as unread:
            # Without this the kernel may take the whole answer for a client that reads none of it.
            unread.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            unread.settimeout(60)
            unread.connect(server.host_port)
            unread.sendall(head.encode() + body)
            assert unread.recv(15) == b"HTTP/1.1 200 OK"
            status, _ = post(server, PATH, body, "text/xml")
            assert status == 429


def test_without_grace_a_call_under_way_is_broken_off(tmp_path: Path) -> None:
    """With grace it is answered: `test_stopping` has that."""
    options = ("--tenant", str(fixtures_dir()), "--workers", "1", "--grace", "0")
    with serving(tmp_path / "log", *options) as server, call_under_way(server) as connection:
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(30) == 0
        with suppress(ConnectionResetError):
            assert connection.recv(1) == b""
