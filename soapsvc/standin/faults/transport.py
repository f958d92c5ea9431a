"""End connections before their answer is complete.

A WSGI server does not give access to connections. On Linux the connection of a call is found among the open files of
the process, by its addresses; of several, the one that received the latest data of those that wait for an answer.
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

_FILES = Path("/proc/self/fd")
_INFO_SIZE = 160
_LAST_SENT, _LAST_RECEIVED, _SEGMENTS_IN, _SEGMENTS_OUT = 44, 52, 152, 156
"""Offsets in `struct tcp_info`: the milliseconds since data was sent and received, and how many segments had data."""


class BrokenOff(OSError):
    """An answer that must not be sent to its end."""

    is_meant = True


class Broken:
    """A body that breaks off before it begins."""

    in_pieces = True

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        raise BrokenOff("the connection is to end here")


class _Traffic(NamedTuple):
    """What went over a connection. The kernel's clock has steps of up to 10 ms, so that ages are often equal."""

    sent_age: int
    received_age: int
    segments_in: int
    segments_out: int

    def order(self) -> tuple[bool, int, bool, int, int]:
        """The least is that of the call: it waits for an answer, and received data last.

        Of equal ages, a connection that was never answered is first, then the one whose last answer is longest ago.
        """
        is_new = self.segments_out == 0
        waits = self.segments_in > 0 and (is_new or self.sent_age >= self.received_age)
        unanswered = self.segments_in - self.segments_out
        return not waits, self.received_age, not is_new, -self.sent_age, -unanswered


def drop(found: socket.socket, *, reset: bool) -> None:
    """End a connection: close it, or reset it."""
    if not reset or not _disconnect(found):
        with suppress(OSError):
            if reset:
                found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            found.shutdown(socket.SHUT_RD if reset else socket.SHUT_RDWR)


def connection_of(environ: dict[str, Any]) -> socket.socket | None:
    """The connection that a call just came over, as a socket of its own; None where it is not found."""
    host, port = environ.get("REMOTE_ADDR"), str(environ.get("SERVER_PORT"))
    best: tuple[_Traffic, socket.socket] | None = None
    for found in _sockets():
        traffic = _traffic(found, host, port)
        if traffic is None or (best is not None and best[0].order() <= traffic.order()):
            found.close()
            continue
        if best is not None:
            best[1].close()
        best = traffic, found
    return best[1] if best is not None else None


def _sockets() -> Iterator[socket.socket]:
    """The sockets among our open files, each as a copy."""
    if not _FILES.is_dir():
        return
    for entry in sorted(_FILES.iterdir()):
        with suppress(OSError):
            if str(entry.readlink()).startswith("socket:"):
                yield socket.socket(fileno=os.dup(int(entry.name)))


def _traffic(found: socket.socket, host: object, port: str) -> _Traffic | None:
    """The traffic between that host and that port of ours; None for other sockets."""
    try:
        if found.type != socket.SOCK_STREAM or found.family not in {socket.AF_INET, socket.AF_INET6}:
            return None
        if str(found.getsockname()[1]) != port or found.getpeername()[0] != host:
            return None
        info = found.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO_SIZE)
        places = (_LAST_SENT, _LAST_RECEIVED, _SEGMENTS_IN, _SEGMENTS_OUT)
        return _Traffic(*(struct.unpack_from("I", info, place)[0] for place in places))
    except (OSError, AttributeError, struct.error):
        return None


def _disconnect(found: socket.socket) -> bool:
    """Reset a connection at once, by connecting it to no address, which Python's own `connect` does not support."""
    if not sys.platform.startswith("linux"):
        return False
    nowhere = struct.pack("=H14x", socket.AF_UNSPEC)
    return bool(ctypes.CDLL(None, use_errno=True).connect(found.fileno(), nowhere, len(nowhere)) == 0)
