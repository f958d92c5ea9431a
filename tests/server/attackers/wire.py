"""Sends raw bytes to a server, and reads all of its answers until it closes the connection."""

from __future__ import annotations

import gzip
import io
import socket
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPResponse

HANGS_AFTER = 20
"""The most seconds without a byte and without an end."""

_QUIET_AFTER = 3
_TOO_LATE = b"HTTP/1.1 408 "


@dataclass(frozen=True)
class Answer:
    """One answer; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def plain(self) -> bytes:
        """The decompressed body."""
        return gzip.decompress(self.body) if self.headers.get("content-encoding") == "gzip" else self.body

    @property
    def is_json(self) -> bool:
        return self.headers.get("content-type", "").startswith("application/json")


class _Shared(io.BytesIO):
    """A stream of several answers, which each of its readers closes at the end."""

    def close(self) -> None:
        """Nothing: the next reader continues."""

    def makefile(self, *_: object) -> _Shared:
        return self


def everything(host_port: tuple[str, int], sent: bytes) -> bytes:
    """A server's answers to these bytes, until it closes or waits for more. Raises TimeoutError if it does nothing.

    A reset is also an end: the server closed while unwanted bytes were still on their way. After 408 it waits for the
    client to close.
    """
    received = b""
    with socket.create_connection(host_port, timeout=HANGS_AFTER) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(sent)
        with suppress(ConnectionResetError):
            while piece := _next(connection, has_some=received != b""):
                received += piece
                if piece.startswith(_TOO_LATE):
                    break
    return received


def _next(connection: socket.socket, *, has_some: bool) -> bytes:
    connection.settimeout(_QUIET_AFTER if has_some else HANGS_AFTER)
    try:
        return connection.recv(65536)
    except TimeoutError:
        if has_some:
            return b""
        raise


def answers(received: bytes, first_method: str = "POST") -> list[Answer]:
    """The answers in these bytes, without 100 Continue. Raises HTTPException or ValueError if they are not HTTP."""
    stream, found = _Shared(received), list[Answer]()
    while stream.tell() < len(received):
        response = HTTPResponse(stream, method=first_method if not found else "GET")  # type: ignore[arg-type]
        response.begin()
        body = response.read()
        found.append(Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, body))
    return found
