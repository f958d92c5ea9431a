"""Execute the runs that the edges create, in the background of a process, and purge expired results.

Any number of processes and machines may do so over one store: one of them executes a run, and another takes it over if
that process dies.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from soapsvc.runs.definition import Run
from soapsvc.runs.execution.execute import Context, execute_run
from soapsvc.runs.execution.expire import purge_runs, purge_states
from soapsvc.runs.execution.workers import WorkersLost
from soapsvc.runs.planning import MOST_RUNS, claim_run
from soapsvc.tenant.database import log_failure
from soapsvc.wire import fresh_ids

POLL_SECONDS = 1.0
_PURGE_EVERY = timedelta(hours=1).total_seconds()
_LOG = logging.getLogger(__name__)


def new_owner() -> str:
    """A unique name for an executor of runs; people read from it where the run is executed."""
    return f"{socket.gethostname()[:20]}-{os.getpid()}-{fresh_ids(1)[0]}"


class RunService:
    """Claims runs and executes them, each in a thread that waits for workers."""

    def __init__(self, context: Context, poll_seconds: float = POLL_SECONDS) -> None:
        self._context = context
        self._poll_seconds = poll_seconds
        self._is_cut_off = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._thread = threading.Thread(target=self.serve, name="billing preview runs", daemon=True)
        self._thread.start()

    def problem(self) -> str | None:
        """Why no runs are executed; None if the service works."""
        if self._is_cut_off:
            return "the tenant store does not answer"
        if self._thread is not None and not self._thread.is_alive() and not self._context.stop.is_set():
            return "no process executes runs"
        return None

    def stop(self) -> None:
        """Release the runs under way, so that another service can take them over at once."""
        self._context.stop.set()
        if self._thread is not None:
            self._thread.join()

    def serve(self) -> None:
        """Execute runs until stopped."""
        under_way: set[Future[None]] = set()
        next_purge = time.monotonic()
        with ThreadPoolExecutor(MOST_RUNS, thread_name_prefix="billing preview run") as threads:
            while not self._context.stop.is_set():
                under_way = {future for future in under_way if not future.done()}
                claimed = self._claim() if len(under_way) < MOST_RUNS else None
                if claimed is not None:
                    under_way.add(threads.submit(self._execute, *claimed))
                    continue
                if not under_way:
                    self._context.workers.close()  # a stopped service needs none
                if time.monotonic() >= next_purge:
                    self._purge()
                    next_purge = time.monotonic() + _PURGE_EVERY
                self._context.stop.wait(self._poll_seconds)
        self._context.workers.close()

    def _claim(self) -> tuple[Run, str] | None:
        owner = new_owner()
        try:
            run = claim_run(self._context.store, owner, self._context.clock(), self._context.lease_seconds)
        except SQLAlchemyError as error:
            if not self._is_cut_off:  # logged once, not at every poll
                log_failure(_LOG, error, "no runs are taken until the store answers again")
            self._is_cut_off = True
            return None
        if self._is_cut_off:
            _LOG.info("the tenant store answers again")
        self._is_cut_off = False
        return (run, owner) if run is not None else None

    def _execute(self, run: Run, owner: str) -> None:
        _LOG.info("run %s is being executed", run.number)
        try:
            ended = execute_run(run, owner, self._context)
            _LOG.info("run %s is %s", ended.number, ended.status)
        except (SQLAlchemyError, WorkersLost) as error:
            log_failure(_LOG, error, "run %s is released, and is resumed later", run.number)

    def _purge(self) -> None:
        try:
            for run in purge_runs(self._context.store, self._context.results, self._context.clock()):
                _LOG.info("run %s: results purged", run.number)
            purge_states(self._context.store, self._context.clock())
        except (SQLAlchemyError, OSError) as error:
            log_failure(_LOG, error, "results could not be purged")
