"""Signals to `soapsvc serve`, as a terminal, a service manager and an operator send them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from tests.server.listening.programs.short_of_patience import LARGE, impatient
from tests.soap.client import login, preview
from tests.soap.sample_tenant import PASSWORD, USER
from tests.support.machine import is_running
from tests.support.server import Server, serving
from tests.support.until import until

PATH = "/apps/services/a/61.0"
LOGIN = login("demo@example.com", "wrong").encode()


def get(server: Server, path: str = "/healthz") -> bytes:
    with closing(HTTPConnection(*server.host_port, timeout=30)) as connection:
        connection.request("GET", path)
        return connection.getresponse().read()


def children(pid: int) -> list[int]:
    """The processes that this one has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def call_under_way(server: Server) -> socket.socket:
    """A connection on which the service waits for the body of a login, to which `LOGIN` is what it waits for."""
    connection = socket.create_connection(server.host_port, timeout=60)
    lines = ["Host: h", "Content-Type: text/xml", f"Content-Length: {len(LOGIN)}", "Expect: 100-continue", "", ""]
    connection.sendall("\r\n".join([f"POST {PATH} HTTP/1.1", *lines]).encode())
    assert connection.recv(9999).startswith(b"HTTP/1.1 100")
    return connection


@pytest.mark.parametrize("busy", [False, True], ids=["idle", "with a call under way"])
def test_ctrl_c_reaches_all_processes_and_ends_them_without_a_word(tmp_path: Path, busy: bool) -> None:
    with serving(tmp_path / "log", "--demo", "--workers", "2", own_group=True) as server:
        get(server)
        connection = call_under_way(server) if busy else None
        workers = children(server.process.pid)
        os.killpg(server.process.pid, signal.SIGINT)
        assert server.process.wait(30) == 0
        assert [pid for pid in workers if is_running(pid)] == []
        if connection is not None:
            connection.close()
    log = (tmp_path / "log").read_text()
    assert [line for line in log.splitlines() if " INFO " not in line] == []


def test_a_worker_that_is_stopped_before_it_listens_ends_without_a_word() -> None:
    program = Path(__file__).with_name("programs") / "stopped_at_once.py"
    ended = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_call_under_way_is_answered_after_sigterm_and_new_ones_are_refused(tmp_path: Path) -> None:
    with serving(tmp_path / "log", "--demo", "--workers", "2") as server:
        with call_under_way(server) as connection:
            server.process.terminate()

            def refused() -> bool:
                try:
                    socket.create_connection(server.host_port, timeout=5).close()
                except ConnectionRefusedError:
                    return True
                return False

            until(refused, "a refusal of new connections")
            assert server.process.poll() is None
            connection.sendall(LOGIN)
            assert b"LoginFault" in connection.recv(9999)
        assert server.process.wait(40) == 0


@pytest.mark.parametrize(("first", "second"), [("SIGTERM", "SIGTERM"), ("SIGINT", "SIGINT"), ("SIGTERM", "SIGINT")])
def test_a_second_signal_does_not_wait_for_calls(tmp_path: Path, first: str, second: str) -> None:
    with serving(tmp_path / "log", "--demo", "--workers", "1") as server, call_under_way(server) as connection:
        server.process.send_signal(signal.Signals[first])
        time.sleep(0.3)
        server.process.send_signal(signal.Signals[second])
        assert server.process.wait(30) == 0
        with pytest.raises((ConnectionResetError, AssertionError)):
            assert connection.recv(9999) != b""


def test_signals_for_more_and_fewer_workers_do_nothing(tmp_path: Path) -> None:
    with serving(tmp_path / "log", "--demo", "--workers", "2") as server:
        before = children(server.process.pid)
        for name in ("SIGTTIN", "SIGTTIN", "SIGTTIN", "SIGTTOU", "SIGUSR1", "SIGUSR2", "SIGWINCH"):
            server.process.send_signal(signal.Signals[name])
        assert get(server) == b"ok\n"
        assert children(server.process.pid) == before


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSEGV"])
def test_a_worker_that_dies_is_replaced(tmp_path: Path, name: str) -> None:
    with serving(tmp_path / "log", "--demo", "--workers", "2") as server:
        for _ in range(3):
            before = children(server.process.pid)
            os.kill(before[0], signal.Signals[name])
            until(lambda seen=before: len(set(children(server.process.pid)) - {seen[0]}) == 2, "a successor")
            assert get(server) == b"ok\n"
        assert (tmp_path / "log").read_text().count("another one takes its place") == 3


def test_the_places_of_a_killed_workers_calls_are_released(tmp_path: Path) -> None:
    """There is one place for one call, and the worker that is at it is killed. The next one finds the place free."""
    with impatient(tmp_path, places=1) as server:
        for _ in range(3):
            token = session(server)
            held, small = (preview(*asked, session=token) for asked in (LARGE, LARGE[:1]))
            with unread_answer(server, held):
                until(lambda said=small: posted(server, said) == 429, "a call that finds no place")
                os.kill(children(server.process.pid)[0], signal.SIGKILL)
            until(lambda said=small: posted(server, said) == 200, "a free place")
        assert server.log.read_text().count("another one takes its place") == 3


def session(server: Server) -> str:
    until(lambda: posted(server, login(USER, PASSWORD)) == 200, "a login")
    with closing(HTTPConnection(*server.host_port, timeout=60)) as connection:
        connection.request("POST", PATH, login(USER, PASSWORD).encode(), {"Content-Type": "text/xml"})
        return connection.getresponse().read().decode().partition("<ns1:Session>")[2].partition("<")[0]


def posted(server: Server, message: str) -> int:
    """The status of an answer that is read whole; 0 where there is none."""
    with closing(HTTPConnection(*server.host_port, timeout=60)) as connection:
        try:
            connection.request("POST", PATH, message.encode(), {"Content-Type": "text/xml"})
            answer = connection.getresponse()
            answer.read()
        except (OSError, HTTPException):
            return 0
        return answer.status


def unread_answer(server: Server, message: str) -> socket.socket:
    """A connection whose client reads the first line of its answer only, which so stays under way."""
    connection = server.connected(window=4096)
    head = f"POST {PATH} HTTP/1.1\r\nHost: h\r\nContent-Type: text/xml\r\nContent-Length: {len(message)}\r\n\r\n"
    connection.sendall((head + message).encode())
    assert connection.recv(15) == b"HTTP/1.1 200 OK"
    return connection


def test_workers_do_not_outlive_the_main_process(tmp_path: Path) -> None:
    with serving(tmp_path / "log", "--demo", "--workers", "2") as server:
        get(server)
        workers = children(server.process.pid)
        assert len(workers) == 2
        server.process.kill()
        server.process.wait(30)
        until(lambda: not any(is_running(pid) for pid in workers), "the end of the workers")


def test_a_worker_that_has_outlived_the_main_process_signals_no_other_process() -> None:
    """Its parent is then init or another process that adopts orphans, for which SIGUSR1 has another meaning."""
    program = Path(__file__).with_name("programs") / "orphaned.py"
    ended = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout == "[0, 0] []\n"


def test_nohup_keeps_it_from_hanging_up(tmp_path: Path) -> None:
    with serving(tmp_path / "log", "--demo", "--workers", "1", under=["nohup"]) as server:
        server.process.send_signal(signal.SIGHUP)
        assert get(server) == b"ok\n"
        with pytest.raises(subprocess.TimeoutExpired):
            server.process.wait(1)


def test_a_service_that_ends_leaves_no_process_behind(tmp_path: Path) -> None:
    with serving(tmp_path / "log", "--demo", "--workers", "1", "--run-workers", "1") as started:
        process = started.process
    assert process.returncode == 0
    assert "Traceback" not in (tmp_path / "log").read_text()
