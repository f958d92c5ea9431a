"""granian: the HTTP server of a worker process. The one module that knows it.

It speaks HTTP/1.0 and 1.1, keep-alive, chunked bodies and Expect: 100-continue; docs/dev/http-server.md says why it.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import threading
from collections.abc import Callable
from typing import Any

from granian import _futures, _granian
from granian.http import HTTP1Settings

# What granian says of the types of its inner interface is not so.
_INNER: Any = _granian
_FUTURES: Any = _futures

BACKLOG = 1024
_HEAD_SECONDS = 75
"""How long a connection may wait for its first or next request, and for the head of that."""
_CONNECTIONS = 4096
_THREAD_IDLE_SECONDS = 30
_NO_TLS: tuple[object, ...] = (False, None, None, None, "tls1.3", None, [], False)
_NO_METRICS = (None, None)


def listening(host: str, port: int, stalled_seconds: float) -> socket.socket:
    """A socket that listens. Connections inherit what is set on it. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux: a connection whose reader has stopped reading ends
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(stalled_seconds * 1000))
    return listener


def serve(listener: socket.socket, exchange: Callable[[Any, dict[str, Any]], None], threads: int) -> None:
    """Answer requests with `exchange`, in so many threads, until SIGTERM; then finish those under way.

    Listening ends at once for this process, and new connections are refused as soon as it has for all: granian owns
    the descriptor, and closes it before it waits for calls. SIGTERM may come before granian listens: it then stops as
    soon as it does.
    """
    # It logs what a request has raised; `exchange` does so itself.
    logging.getLogger("_granian").setLevel(logging.CRITICAL)
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
        *_NO_TLS,
        _NO_METRICS,
    )
    loop = asyncio.new_event_loop()  # granian asks for one, and has nothing run in it
    stop, stopped = _INNER.WorkerSignal(), threading.Event()
    stop.add_cb(stopped.set)

    def end(*_: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it holds one signal, and would wait for room for another
        stop.set()

    signal.signal(signal.SIGTERM, end)
    worker.serve_mtr(_FUTURES._new_cbscheduler(loop, exchange, impl_asyncio=True), loop, stop)  # noqa: SLF001 - it has no other
    stopped.wait()
