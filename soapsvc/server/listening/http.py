"""The HTTP server of a worker process. This is the one module that imports granian.

granian speaks HTTP/1.0 and 1.1, keep-alive, chunked bodies and Expect: 100-continue; docs/dev/http-server.md gives the
reasons for it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from granian import _futures, _granian
from granian.http import HTTP1Settings

from soapsvc.server.listening.nudge import Exchanged, Nudged

# granian's own types of its inner interface are wrong.
_INNER: Any = _granian
_FUTURES: Any = _futures

BACKLOG = 1024
_HEAD_SECONDS = 75
"""How long a connection may wait for its first or next request, and for the request's head."""
_CONNECTIONS = 4096
_THREAD_IDLE_SECONDS = 30
_LEAVING_SECONDS = 2.0
"""How long a replaced worker still serves its connections, for requests that are on their way."""
_FINISHING_SECONDS = 1.0
"""How long a worker that stops waits for calls whose answers are sent, so that each has its line of the log."""
_NO_TLS: tuple[object, ...] = (False, None, None, None, "tls1.3", None, [], False)
_OLDEST_TLS = "tls1.2"
"""The oldest accepted version of TLS: older Java and .NET clients have no newer one."""
_NO_METRICS = (None, None)


def listening(host: str, port: int, stalled_seconds: float) -> socket.socket:
    """A listening socket. Connections inherit its options. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux: end a connection whose reader has stopped reading
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(stalled_seconds * 1000))
    return listener


def serve(
    listener: socket.socket,
    exchange: Exchanged,
    threads: int,
    tls: tuple[str, str] | None = None,
    leaving: Callable[[], None] = lambda: None,
) -> None:
    """Answer requests with `exchange`, in `threads` threads, until SIGTERM; then finish those under way.

    This process stops listening at once. New connections are refused when all processes have stopped: granian owns the
    descriptor, and closes it before it waits for calls. If SIGTERM comes before granian listens, it stops as soon as it
    listens. With `tls`, the files of a certificate and its key, only TLS is accepted.

    At SIGUSR1 the other processes continue to listen. Open connections of this process are served for a moment, in
    which `leaving` may ask their clients to disconnect; then the process ends as after SIGTERM.
    """
    told = _Told(signal.SIGTERM, signal.SIGUSR1)
    socket_of_all = os.fstat(listener.fileno()).st_ino
    running = begin(listener, exchange, threads, tls)
    told.wait()
    if told.which == signal.SIGUSR1:
        running.nudges.end()  # they would reach others only
        _leave_to_others(socket_of_all)
        leaving()
        told.wait(_LEAVING_SECONDS)
    running.stop()


def _leave_to_others(inode: int) -> None:
    """Accept no more connections on the socket with this inode, which stays open in other processes.

    granian has no function for this. A socket without connections replaces the one on which granian accepts.
    """
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        deaf.setblocking(False)
        for descriptor in map(int, os.listdir("/proc/self/fd")):  # noqa: PTH208 - names that are numbers
            with suppress(OSError):
                if os.fstat(descriptor).st_ino == inode:
                    os.dup2(deaf.fileno(), descriptor, inheritable=False)


@dataclass(frozen=True, slots=True)
class Running:
    """A running server, and its nudges; `stop`, to be called once, ends both."""

    stop: Callable[[], None]
    nudges: Nudged


def begin(listener: socket.socket, exchange: Exchanged, threads: int, tls: tuple[str, str] | None = None) -> Running:
    """As `serve`, in threads besides the caller's."""
    # It logs exceptions of a request; `exchange` does so itself.
    logging.getLogger("_granian").setLevel(logging.CRITICAL)
    nudged = Nudged(exchange, listener.getsockname()[:2], threads, with_tls=tls is not None)
    worker = _INNER.WSGIWorker(
        1,
        (None, _INNER.SocketHolder(listener.detach(), False, BACKLOG)),
        None,
        1,
        threads,
        threads,
        _THREAD_IDLE_SECONDS,
        _CONNECTIONS,
        "1",
        HTTP1Settings(header_read_timeout=_HEAD_SECONDS * 1000),
        None,
        None,
        *(_NO_TLS if tls is None else (True, *tls, None, _OLDEST_TLS, None, [], False)),
        _NO_METRICS,
    )
    loop = asyncio.new_event_loop()  # granian requires one, but runs nothing in it
    stop, stopped = _INNER.WorkerSignal(), threading.Event()
    stop.add_cb(stopped.set)
    worker.serve_mtr(_FUTURES._new_cbscheduler(loop, nudged, impl_asyncio=True), loop, stop)  # noqa: SLF001 - it has no other
    nudged.start()

    def end() -> None:
        nudged.end()
        stop.set()  # once: it holds one signal, and would wait for room for another
        stopped.wait()
        nudged.finish(_FINISHING_SECONDS)
        loop.close()

    return Running(end, nudged)


class _Told:
    """Waits for a signal that comes from now on, in whichever thread the system delivers it.

    A lock is not enough: after a signal just before the main thread begins to wait, that thread would wait for ever.
    """

    def __init__(self, *numbers: int) -> None:
        self.which: int | None = None
        self._reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for number in numbers:
            signal.signal(number, self._note)

    def _note(self, number: int, _frame: object) -> None:
        self.which = number

    def wait(self, seconds: float | None = None) -> None:
        """Wait for the next signal, at most `seconds`; `which` is the last signal."""
        if seconds is None:
            while self.which is None:
                os.read(self._reader, 1)
            return
        before, end = self.which, time.monotonic() + seconds
        while self.which == before and (left := end - time.monotonic()) > 0:
            if select.select([self._reader], [], [], left)[0]:
                os.read(self._reader, 1)
