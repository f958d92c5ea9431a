"""The limits of the command line hold in the server: the largest body, calls at once, and the time to end in."""

from __future__ import annotations

import re
import signal
from contextlib import closing, suppress
from http.client import HTTPConnection
from pathlib import Path

from soapsvc.resources import fixtures_dir
from tests.server.listening.programs.short_of_patience import LARGE
from tests.server.listening.test_stopping import call_under_way, get, unread_answer
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
    """An unread answer is under way, so the next call finds no place."""
    write_sample_tenant(tmp_path / "tenant")
    options = ("--tenant", str(tmp_path / "tenant"), "--workers", "1", "--concurrency", "1")
    with serving(tmp_path / "log", *options) as server:
        assert re.search(rb"^soapsvc_gate_places 1(\.0)?$", get(server, "/metrics"), re.MULTILINE)
        _, opened = post(server, PATH, login(USER, PASSWORD).encode(), "text/xml")
        (token,) = re.findall(r"Session>([^<]+)<", opened.decode())
        message = preview(*LARGE, session=token)
        with unread_answer(server, message):
            status, _ = post(server, PATH, message.encode(), "text/xml")
            assert status == 429


def test_without_grace_a_call_under_way_is_broken_off(tmp_path: Path) -> None:
    """With grace it is answered: `test_stopping` has that."""
    options = ("--tenant", str(fixtures_dir()), "--workers", "1", "--grace", "0")
    with serving(tmp_path / "log", *options) as server, call_under_way(server) as connection:
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(30) == 0
        with suppress(ConnectionResetError):
            assert connection.recv(1) == b""
