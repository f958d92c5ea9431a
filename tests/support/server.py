"""A real server on the loopback interface, as a user starts it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.services.log_lines import leaks

SOAPSVC = Path(sys.executable).parent / "soapsvc"
_STOP_SECONDS = 40


@dataclass(frozen=True)
class Server:
    """A running server: its URL, its output up to the first blank line or listening line, and its log."""

    url: str
    process: subprocess.Popen[str]
    log: Path

    @property
    def host_port(self) -> tuple[str, int]:
        host, _, port = self.url.partition("://")[2].partition(":")
        return host, int(port)

    def endpoint(self, version: str) -> str:
        return f"{self.url}/apps/services/a/{version}"

    def connected(self, window: int | None = None) -> socket.socket:
        """A connection; with a `window` its kernel buffers only few bytes of an unread answer."""
        connection = socket.socket()
        if window is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        connection.settimeout(60)
        connection.connect(self.host_port)
        return connection

    def read_lines(self, count: int) -> list[str]:
        """The next lines of its standard output."""
        assert self.process.stdout is not None
        return [self.process.stdout.readline() for _ in range(count)]


@contextmanager
def serving(
    log: Path, *arguments: str, program: Path = SOAPSVC, under: Sequence[str] = (), own_group: bool = False
) -> Iterator[Server]:
    """Start `soapsvc serve` with these arguments on a free port; stop it with SIGTERM at the end.

    `under` is a command that starts it, such as nohup; `own_group` makes it lead a process group, as a terminal's
    foreground program does.
    """
    command = [*under, program, "serve", "--port", "0", *arguments]
    with log.open("w") as stderr:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=stderr, text=True, env=os.environ, start_new_session=own_group
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith(("listening on http://", "listening on https://")), f"{line}{log.read_text()}"
            yield Server(line.removeprefix("listening on ").strip(), process, log)
        finally:
            process.terminate()
            process.wait(_STOP_SECONDS)
            assert process.stdout is not None
            process.stdout.close()
    found = leaks(log.read_text())
    assert not found, found
