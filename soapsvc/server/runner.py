"""gunicorn, with threads: the HTTP server, chosen by what old clients send.

It speaks HTTP/1.0 and 1.1, keep-alive, chunked bodies and Expect: 100-continue.
"""

from __future__ import annotations

import gc
import os
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gunicorn.app.base import BaseApplication

from soapsvc.clock import system_clock
from soapsvc.runs import Context, DaskWorkers, ProcessWorkers, RunService
from soapsvc.runs.folder import default_results
from soapsvc.server.inflight import InFlight
from soapsvc.server.rates import SharedRates
from soapsvc.server.wsgi import Options, WSGIApplication, application
from soapsvc.tenant.store import Store

_READ_SECONDS = 20
_STOP_SECONDS = 30
_BACKLOG = 1024


@dataclass(frozen=True, slots=True)
class Listen:
    """Where and with how many processes and threads to serve; port 0 takes a free one."""

    host: str = "127.0.0.1"
    port: int = 8080
    workers: int = 1
    threads: int = 64


def serve(store: Store, options: Options, listen: Listen, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT, then finish the calls under way; `announce` gets our URL once calls are taken.

    Raises OSError where the address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    with socket.create_server((listen.host, listen.port), family=family, backlog=_BACKLOG) as listener:
        # A client that stops sending in the middle of a request must not hold a thread for ever. Accepted sockets
        # inherit the limit.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", _READ_SECONDS, 0))
        _Server(store, options, listen, listener, announce).run()


@dataclass
class _Slots:
    """Which slot of the shared count belongs to which worker process; lives in the process that forks them."""

    in_flight: InFlight
    free: list[int]
    taken: dict[int, int] = field(default_factory=dict)

    def take(self, worker: Any) -> None:
        """Before a fork."""
        self.taken[worker.age] = self.free.pop()

    def release(self, worker: Any) -> None:
        """After a worker's end."""
        slot = self.taken.pop(worker.age)
        self.in_flight.forget(slot)
        self.free.append(slot)


class _Server(BaseApplication):  # type: ignore[misc]
    """gunicorn's application, configured by us alone: no file, no environment, no arguments."""

    def __init__(
        self, store: Store, options: Options, listen: Listen, listener: socket.socket, announce: Callable[[str], None]
    ) -> None:
        self._store = store
        self._options = options
        self._listen = listen
        self._listener = listener
        self._announce = announce
        # While a worker is replaced, its successor starts before it is gone.
        slots = 2 * listen.workers
        self._slots = _Slots(InFlight(options.limits.concurrency, slots), list(range(slots)))
        self._rates = SharedRates()
        self._runs: RunService | None = None
        super().__init__()

    def load_config(self) -> None:
        """Set what we need; the rest is gunicorn's defaults."""
        settings = {
            # gunicorn makes a socket of its own from the descriptor, and closes that.
            "bind": f"fd://{os.dup(self._listener.fileno())}",
            "worker_class": "gthread",
            "workers": self._listen.workers,
            "threads": self._listen.threads,
            "keepalive": 75,
            "graceful_timeout": _STOP_SECONDS,
            "loglevel": "warning",
            # X-Forwarded headers are read by PublicUrl alone.
            "forwarded_allow_ips": "",
            "secure_scheme_headers": {},
            "when_ready": self._when_ready,
            "pre_fork": lambda _arbiter, worker: self._slots.take(worker),
            "post_fork": lambda _arbiter, worker: self._after_fork(worker),
            "post_worker_init": lambda _worker: _settle(),
            "worker_exit": lambda _arbiter, _worker: self._before_exit(),
            "child_exit": lambda _arbiter, worker: self._slots.release(worker),
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> WSGIApplication:
        """The WSGI application of a worker process."""
        return application(self._store, self._options, system_clock, self._slots.in_flight, self._rates)

    def _when_ready(self, _arbiter: object) -> None:
        host, port = self._listener.getsockname()[:2]
        self._announce(f"http://{f'[{host}]' if ':' in host else host}:{port}")

    def _after_fork(self, worker: Any) -> None:
        self._store.reconnect()
        self._slots.in_flight.use_slot(self._slots.taken[worker.age])
        self._rates.forked()
        self._runs = _run_service(self._store, self._options)
        if self._runs is not None:
            self._runs.start()

    def _before_exit(self) -> None:
        if self._runs is not None:
            self._runs.stop()


def _settle() -> None:
    """Let the garbage collector never look again at what a worker has loaded by now: it stays."""
    gc.collect()
    gc.freeze()


def _run_service(store: Store, options: Options) -> RunService | None:
    """What executes billing preview runs in a worker process: each run is taken by one of them."""
    if options.run_workers == 0:
        return None
    local = options.run_workers or os.cpu_count() or 1
    workers = DaskWorkers(options.dask) if options.dask is not None else ProcessWorkers(local)
    return RunService(Context(store, workers, options.results or default_results(store.url)))
