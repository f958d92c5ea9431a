"""The HTTP server: one socket, on which worker processes listen that share the gate and the rates."""

from __future__ import annotations

import gc
import os
import resource
import socket
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from soapsvc.clock import system_clock
from soapsvc.runs import Context, DaskWorkers, ProcessWorkers, RunService
from soapsvc.runs.storage import default_results
from soapsvc.server.counting import InFlight, RunCounts, SharedRates
from soapsvc.server.listening import http
from soapsvc.server.listening.exchange import Exchange, Pace, Watch
from soapsvc.server.listening.processes import PATIENT_SECONDS, Processes, ask_for_successor
from soapsvc.server.listening.tls import Tls
from soapsvc.server.watching import (
    Gauges,
    Metrics,
    MetricsFolder,
    Traces,
    WorkersSeen,
    both,
    metrics_page,
    readiness,
)
from soapsvc.server.wsgi import Options, Watching, application
from soapsvc.soap.app import load
from soapsvc.tenant.store import Store

_OPEN_FILES = 16384
_NICENESS = 10
"""The niceness of processes that compute runs: calls come first, because their clients wait."""

_END_SECONDS = 5.0
"""How long a worker continues its background work after its last call."""


@dataclass(frozen=True, slots=True)
class Listen:
    """The address, and the numbers of processes and threads; port 0 takes a free port.

    `pace` is the time that clients may take to send a request or read an answer. A call that computes, a body that
    arrives and a large answer that is read each hold a thread. A worker is replaced when bodies that do not arrive hold
    more than half of its threads. Calls under way have `grace` seconds when the service is told to stop. With `tls`,
    only TLS is accepted.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    workers: int = 1
    threads: int = 256
    pace: Pace = field(default_factory=Pace)
    grace: float = PATIENT_SECONDS
    tls: Tls | None = None


def serve(store: Store, options: Options, listen: Listen, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT, then finish the calls under way; `announce` gets our URL once calls are accepted.

    Raises OSError where the address cannot be listened on, WorkersFailed where the service cannot start.
    """
    with http.listening(listen.host, listen.port, listen.pace.seconds) as listener:
        _allow_open_files()
        if options.stand_in is None:  # a stand-in must start at once, and has one worker
            load()
        # The objects loaded so far live to the end. Without this, the interpreter scans all of them when it ends, which
        # takes longer than the rest of the stop; and workers would copy the pages that their collectors mark.
        gc.collect()
        gc.freeze()
        workers = _Workers(store, options, listen, listener)
        processes = Processes(listen.workers, workers.start, workers.ended, workers.lost, listen.grace)
        host, port = listener.getsockname()[:2]
        scheme = "http" if listen.tls is None else "https"
        url = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
        try:
            outdated = listen.tls.has_changed if listen.tls is not None else lambda: False
            processes.run(lambda: announce(url), listener.close, outdated)
        finally:
            workers.folder.remove()


def _allow_open_files() -> None:
    """Raise the limit of open files to the system's maximum: each connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class _Workers:
    """The work of a worker process, and the state that all of them share."""

    def __init__(self, store: Store, options: Options, listen: Listen, listener: socket.socket) -> None:
        self._store = store
        self._options = options
        self._listen = listen
        self._listener = listener
        self._main = os.getpid()
        slots = Processes.slots(listen.workers)
        self._in_flight = InFlight(options.limits.concurrency, slots)
        self._queue = InFlight(options.rest_limits.async_queue, slots)
        self._rates, self._strangers = SharedRates(slots=slots), SharedRates(slots=slots)
        self._seen = WorkersSeen(slots)
        self._runs = RunCounts(slots)
        self.folder = MetricsFolder()

    def start(self, slot: int) -> Callable[[], None]:
        """Become the worker of this slot; returns the function that serves."""
        self._store.reconnect()
        for count in (self._in_flight, self._queue, self._rates, self._strangers):
            count.use_slot(slot)
        self._seen.use_slot(slot)
        self._runs.use_slot(slot)
        self.folder.use_slot(slot)
        metrics = Metrics(self.folder, self._runs)
        metrics.watch_store(self._store)
        runs = _run_service(self._store, self._options, metrics)
        traces = Traces() if self._options.traces else None
        watching = self._watching(metrics, runs, traces)
        options = replace(self._options, watching=watching)
        shared = self._in_flight, self._rates, self._strangers, self._queue
        answer = application(self._store, options, system_clock, *shared)
        watch = Watch(self._listen.pace, self._listen.threads // 2, partial(ask_for_successor, self._main))
        # The garbage collector never needs to scan the objects loaded so far again: they live until the end.
        gc.collect()
        gc.freeze()

        def serve() -> None:
            watch.start()
            if runs is not None:
                runs.start()
            tls = None if self._listen.tls is None else self._listen.tls.files()
            exchange = Exchange(answer, watch)
            http.serve(self._listener, exchange, self._listen.threads, tls, exchange.leave)
            if runs is not None:
                runs.stop()
            for end in watching.endings:
                end(min(_END_SECONDS, self._listen.grace / 2))
            if traces is not None:
                traces.finish()
            if os.getppid() != self._main:
                self.folder.remove()  # no other process does

        return serve

    def _watching(self, metrics: Metrics, runs: RunService | None, traces: Traces | None) -> Watching:
        """The observers of calls, and the probes by path."""
        gauges = Gauges(self._store, system_clock, self._in_flight, self._queue, self._seen)
        page = metrics_page(lambda: metrics.text() + gauges.text(), self._options.metrics_token)
        more = {} if runs is None else {"runs": runs.problem}
        observer = metrics.call if traces is None else both(metrics.call, traces.call)
        return Watching(observer, {"/metrics": page, "/readyz": readiness(self._store, more)}, metrics.shadowed)

    def ended(self, slot: int) -> None:
        """Clear the calls and waiting requests of a dead worker."""
        self._in_flight.forget(slot)
        self._queue.forget(slot)
        self._seen.forget(slot)

    def lost(self) -> None:
        """Count a worker that has ended unexpectedly."""
        self._seen.lost()


def _run_service(store: Store, options: Options, metrics: Metrics) -> RunService | None:
    """The service that executes billing preview runs in a worker process: one process claims a run."""
    if options.run_workers == 0:
        return None
    local = options.run_workers or os.cpu_count() or 1
    workers = DaskWorkers(options.dask) if options.dask is not None else ProcessWorkers(local, _NICENESS)
    results = options.results or default_results(store.url)
    return RunService(Context(store, workers, results, watch=metrics.run))
