"""The workers that compute the parts of a run: processes on this machine, or those of a Dask cluster.

Both are a `concurrent.futures.Executor`. When it breaks, because a process died or the cluster's scheduler went away,
a new one replaces it, and the parts under way are submitted again.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from typing import Any, Protocol, TypeVar

from soapsvc import logs
from soapsvc.children import collect_rarely, deaf_to_interrupts, die_with_parent
from soapsvc.runs.definition import needed

Result = TypeVar("Result")

_CONNECT_SECONDS = 10


class WorkersLost(Exception):
    """No worker can be reached, or the workers have died."""


class Workers(Protocol):
    """A set of workers that outlives the breaking of its executor. Safe to share among threads."""

    @property
    def count(self) -> int:
        """How many parts can be computed at the same time at the moment. Raises WorkersLost."""

    def submit(self, function: Callable[..., Result], *arguments: object) -> Future[Result]:
        """Have a worker call a function. Raises WorkersLost without a worker."""

    def are_lost(self, error: BaseException) -> bool:
        """Whether this error says that workers were lost, rather than that the function failed."""

    def renew(self) -> None:
        """After a break: have the next call start or reach new workers."""

    def close(self) -> None:
        """Stop, without waiting for calls that are under way."""


class ProcessWorkers:
    """A pool of processes, each with an interpreter of its own; they die with the process that started them.

    With `niceness` above 0 they have a lower priority and compute when other processes leave the processors free.
    """

    def __init__(self, count: int, niceness: int = 0) -> None:
        self.count = count
        self._niceness = niceness
        self._lock = threading.Lock()
        self._pool: Executor | None = None

    def submit(self, function: Callable[..., Result], *arguments: object) -> Future[Result]:
        with self._lock:
            if self._pool is None:
                context = get_context("spawn")
                begin = partial(_begin, self._niceness, logs.chosen())
                self._pool = ProcessPoolExecutor(self.count, mp_context=context, initializer=begin)
            try:
                with deaf_to_interrupts():
                    return self._pool.submit(function, *arguments)
            except BrokenExecutor as error:
                raise WorkersLost("a worker process ended unexpectedly") from error

    def are_lost(self, error: BaseException) -> bool:
        return isinstance(error, BrokenExecutor | CancelledError)

    def renew(self) -> None:
        with self._lock:
            if self._pool is not None and _is_broken(self._pool):  # another run may have replaced it meanwhile
                self._stop()

    def close(self) -> None:
        with self._lock:
            self._stop()

    def _stop(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


def _is_broken(pool: Executor) -> bool:
    """Whether a pool accepts no more work."""
    try:
        pool.submit(_nothing)
    except BrokenExecutor:
        return True
    return False


def _nothing() -> None:
    """A task that tests a pool."""


class DaskWorkers:
    """The workers of a Dask cluster, reached through its scheduler at an address such as `tcp://host:8786`."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._distributed = needed("distributed", extra="dask")
        self._lock = threading.Lock()
        self._client: Any = None

    @property
    def count(self) -> int:
        with self._lock, self._reaching():
            threads: dict[str, int] = self._connected().nthreads()
            return max(1, sum(threads.values()))

    def submit(self, function: Callable[..., Result], *arguments: object) -> Future[Result]:
        with self._lock, self._reaching():
            executor = self._connected().get_executor(pure=False)
            future: Future[Result] = executor.submit(function, *arguments)
            return future

    def are_lost(self, error: BaseException) -> bool:
        return isinstance(error, CancelledError | self._distributed.KilledWorker | self._distributed.CommClosedError)

    def renew(self) -> None:
        with self._lock:
            if self._client is not None and self._client.status != "running":
                self._stop()

    def close(self) -> None:
        with self._lock:
            self._stop()

    def _connected(self) -> Any:
        if self._client is None:
            self._client = self._distributed.Client(self._address, timeout=_CONNECT_SECONDS, set_as_default=False)
        return self._client

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        """Raises WorkersLost where the scheduler does not answer; the next call connects again."""
        try:
            yield
        except OSError as error:
            self._stop()
            raise WorkersLost(f"the Dask scheduler at {self._address} does not answer: {error}") from error

    def _stop(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


def _begin(niceness: int, logging: tuple[logs.Form, str] | None) -> None:
    """Set up a new process of the pool."""
    die_with_parent()
    os.nice(niceness)
    if logging is not None:
        logs.set_up(*logging)
    collect_rarely()
