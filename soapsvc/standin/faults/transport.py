"""End connections before their answer is complete.

A WSGI server does not give access to connections. On Linux the connection of a call is found among the open files of
the process, by its addresses; of several, the one with the latest received data.
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
from typing import Any

_FILES = Path("/proc/self/fd")
_INFO_SIZE = 104
_LAST_RECEIVED = 52
"""The offset in `struct tcp_info` of the milliseconds since data was received."""


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


def drop(environ: dict[str, Any], *, reset: bool) -> bool:
    """End the connection that a call came over, without an answer: closed, or reset. False where it is not found."""
    found = _connection(environ)
    if found is None:
        return False
    with found:
        if not reset or not _disconnect(found):
            with suppress(OSError):
                if reset:
                    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                found.shutdown(socket.SHUT_RD if reset else socket.SHUT_RDWR)
    return True


def _connection(environ: dict[str, Any]) -> socket.socket | None:
    """The connection, as a socket of its own."""
    host, port = environ.get("REMOTE_ADDR"), str(environ.get("SERVER_PORT"))
    best: tuple[int, socket.socket] | None = None
    for found in _sockets():
        age = _age(found, host, port)
        if age is None or (best is not None and best[0] <= age):
            found.close()
            continue
        if best is not None:
            best[1].close()
        best = age, found
    return best[1] if best is not None else None


def _sockets() -> Iterator[socket.socket]:
    """The sockets among our open files, each as a copy."""
    if not _FILES.is_dir():
        return
    for entry in sorted(_FILES.iterdir()):
        with suppress(OSError):
            if str(entry.readlink()).startswith("socket:"):
                yield socket.socket(fileno=os.dup(int(entry.name)))


def _age(found: socket.socket, host: object, port: str) -> int | None:
    """The milliseconds since data came from that host to that port of ours; None for other sockets."""
    try:
        if found.type != socket.SOCK_STREAM or found.family not in {socket.AF_INET, socket.AF_INET6}:
            return None
        if str(found.getsockname()[1]) != port or found.getpeername()[0] != host:
            return None
        info = found.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO_SIZE)
        (age,) = struct.unpack_from("I", info, _LAST_RECEIVED)
    except (OSError, AttributeError, struct.error):
        return None
    return int(age)


def _disconnect(found: socket.socket) -> bool:
    """Reset a connection at once, by connecting it to no address, which Python's own `connect` does not support."""
    if not sys.platform.startswith("linux"):
        return False
    nowhere = struct.pack("=H14x", socket.AF_UNSPEC)
    return bool(ctypes.CDLL(None, use_errno=True).connect(found.fileno(), nowhere, len(nowhere)) == 0)
