"""Execute one run: plan it, let workers compute its parts, join the results, end it.

All progress is in the database and in the folder of results. So if an execution dies at any point, the next one
continues it, and computes only the open parts.
"""

from __future__ import annotations

import errno
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import dataclass, field

from sqlalchemy.exc import SQLAlchemyError

from soapsvc.clock import Clock, system_clock
from soapsvc.runs.definition import MissingExtra, Moment, Run, RunStatus, StorageOption, is_worth_noting, noted
from soapsvc.runs.execution.part import Job, PartGone, run_part
from soapsvc.runs.execution.workers import Workers, WorkersLost
from soapsvc.runs.planning import (
    Part,
    complete_run,
    fail_run,
    get_run,
    keep_run,
    note_pace,
    open_parts,
    plan_run,
    release_run,
    reopen_part,
    state_of,
)
from soapsvc.runs.sinks import LostPart, parts_folder, write_archive
from soapsvc.runs.storage import Folder, open_folder
from soapsvc.tenant import Store
from soapsvc.tenant.database import reason
from soapsvc.wire import fresh_ids

PART_ACCOUNTS = 500
MOST_PARTS = 10_000
"""The most parts of a run: with more, workers would wait, as the owner alone hands out and joins parts."""
LEASE_SECONDS = 30

_MOST_ATTEMPTS = 5
_LONGEST_PAUSE = 8.0
_LONGEST_WAIT = 1.0
_SHOWN_TIMES = 1000
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_SQL_FULL = ("database or disk is full", "No space left on device", "could not extend file")
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Context:
    """The settings that executions share.

    `results` is a folder or a URL that fsspec reads; the workers must see the same one. `watch` gets a run whenever its
    state has changed. Set `stop` to pause executions soon; they can be resumed. A part has `part_accounts` accounts, or
    more where the run would have more than `most_parts` parts.
    """

    store: Store
    workers: Workers
    results: str
    clock: Clock = system_clock
    part_accounts: int = PART_ACCOUNTS
    most_parts: int = MOST_PARTS
    lease_seconds: int = LEASE_SECONDS
    stop: threading.Event = field(default_factory=threading.Event)
    watch: Callable[[Run], None] | None = None


class _Lost(Exception):
    """The run is no longer ours: it was canceled, or another execution has taken over."""


class _Stopped(Exception):
    """The execution was asked to stop."""


class _Failed(Exception):
    """The run cannot be finished; the message has the reason."""


def run_folder(results: str, run_id: str) -> Folder:
    """The folder of a run's files."""
    return open_folder(results).child(run_id)


def execute_run(run: Run, owner: str, context: Context) -> Run:
    """Execute a run that `owner` has claimed; returns the run at its end.

    Raises SQLAlchemyError where the database cannot be reached, and WorkersLost where the workers cannot: the run can
    then be claimed again.
    """
    folder = run_folder(context.results, run.id)
    execution = _Execution(run, owner, context, folder)
    try:
        execution.perform()
    except _Stopped:
        release_run(context.store, run.id, owner)
    except _Lost:
        _LOG.info("run %s was taken over by another process", run.number)
        if get_run(context.store, run.id).status is RunStatus.CANCELED:
            folder.remove()
    except WorkersLost:
        release_run(context.store, run.id, owner)
        raise
    except Exception as error:
        if isinstance(error, SQLAlchemyError) and not _is_full(error):
            raise
        if isinstance(error, _Failed | MissingExtra) or _is_full(error):
            _LOG.error("run %s failed: %s", run.number, _reason(error))
        else:
            _LOG.exception("run %s failed", run.number)
        folder.remove()  # before the database is told, which a full disk may stop as well
        fail_run(context.store, run.id, owner, context.clock(), _reason(error))
    finally:
        execution.abandon()
    ended = get_run(context.store, run.id)
    execution.show(ended)
    return ended


@dataclass(slots=True)
class _Execution:
    run: Run
    owner: str
    context: Context
    folder: Folder
    under_way: dict[Future[int], Part] = field(default_factory=dict)
    retry_later: list[tuple[float, Part]] = field(default_factory=list)
    """Parts to be tried again, not before a time of the monotonic clock."""
    attempts: Counter[int] = field(default_factory=Counter)
    next_beat: float = 0.0
    unshown: int = 0
    """Parts that have ended since the run was shown."""
    pace: tuple[Moment, ...] = ()

    def perform(self) -> None:
        """Plan, compute, join, complete."""
        context, run_id = self.context, self.run.id
        if self.run.parts is None:
            if not plan_run(context.store, self.run, self.owner, context.part_accounts, context.most_parts):
                raise _Lost
            self.run = get_run(context.store, run_id)
        self.pace = self.run.pace
        self.show(self.run)
        if self.run.request.storage_option is not StorageOption.DATABASE:
            parts_folder(self.folder).make()
        file_size = self._compute_all()
        file_id = fresh_ids(1)[0] if file_size is not None else None
        if not complete_run(context.store, run_id, self.owner, context.clock(), file_id, file_size):
            raise _Lost
        parts_folder(self.folder).remove()

    def abandon(self) -> None:
        """Cancel the submitted parts that no worker has begun."""
        for future in self.under_way:
            future.cancel()

    def show(self, run: Run) -> None:
        """Give the run's state to `watch`."""
        if self.context.watch is not None:
            self.context.watch(run)

    def _compute_all(self) -> int | None:
        """Let workers compute all parts; returns the bytes of the joined file, None for results in the database."""
        while True:
            self._compute_open()
            if self.run.request.storage_option is StorageOption.DATABASE:
                return None
            try:
                return write_archive(self.context.store, self.run, self.folder, self._beat)
            except LostPart as lost:
                _LOG.warning("run %s: %s", self.run.number, lost)
                self._count_attempt(lost.part, lost)
                reopen_part(self.context.store, self.run.id, lost.part)

    def _compute_open(self) -> None:
        """Let workers compute the open parts, as many at a time as keep the workers busy."""
        context = self.context
        state = state_of(context.store, self.run)
        job = Job(
            context.store.url,
            self.run.id,
            self.run.request,
            state,
            self.run.seed,
            self.run.as_of.astimezone(context.store.settings_at(state).zone),
            self._location(),
        )
        waiting = open_parts(context.store, self.run.id)
        more = True
        while more or self.under_way or self.retry_later:
            more = self._submit(job, waiting) if more or self.retry_later else False
            self._collect()
            self._beat()
            self._note_pace()
            self._show_now()

    def _show_now(self) -> None:
        """Show how the run stands, about a thousand times at most: it is a sum over all parts of the run."""
        many = (self.run.parts or 0) // _SHOWN_TIMES
        if self.context.watch is not None and (self.unshown >= many or not self.under_way):
            self.unshown = 0
            self.show(get_run(self.context.store, self.run.id))

    def _location(self) -> str:
        return f"{self.context.results.rstrip('/')}/{self.run.id}"

    def _submit(self, job: Job, waiting: Iterator[Part]) -> bool:
        """Submit parts until two per worker are under way. False once every part has been submitted."""
        more = True
        room = 2 * self.context.workers.count - len(self.under_way)
        for _ in range(room):
            part = self._ready_again() or next(waiting, None)
            if part is None:
                more = False
                break
            self.under_way[self._given(job, part)] = part
        return more

    def _given(self, job: Job, part: Part) -> Future[int]:
        """The part in a worker's hands, or about to be; workers that have died meanwhile are replaced."""
        try:
            return self.context.workers.submit(run_part, job, part)
        except WorkersLost:
            self.context.workers.renew()
            return self.context.workers.submit(run_part, job, part)

    def _ready_again(self) -> Part | None:
        now = time.monotonic()
        for index, (ready, part) in enumerate(self.retry_later):
            if ready <= now:
                del self.retry_later[index]
                return part
        return None

    def _collect(self) -> None:
        """Wait for parts to end, up to a limit, and handle their results."""
        pause = max(0.0, min([self.next_beat, *(ready for ready, _ in self.retry_later)]) - time.monotonic())
        pause = min(pause, _LONGEST_WAIT)
        if not self.under_way:
            time.sleep(pause if self.retry_later else 0.0)
            return
        ended, _ = wait(self.under_way, timeout=pause, return_when=FIRST_COMPLETED)
        self.unshown += len(ended)
        workers_lost = False
        for future in ended:
            part = self.under_way.pop(future)
            error = _error_of(future)
            if error is None:
                continue
            if isinstance(error, PartGone):
                raise _Lost from error
            workers_lost = workers_lost or self.context.workers.are_lost(error)
            if _is_full(error) or isinstance(error, MissingExtra):
                raise error
            self._try_again(part, error)
        if workers_lost:
            self.context.workers.renew()

    def _try_again(self, part: Part, error: BaseException) -> None:
        attempts = self._count_attempt(part.number, error)
        _LOG.warning("run %s: part %d, attempt %d: %r", self.run.number, part.number, attempts, error)
        pause = min(2.0 ** (attempts - 2), _LONGEST_PAUSE) if attempts > 1 else 0.0
        self.retry_later.append((time.monotonic() + pause, part))

    def _count_attempt(self, part: int, error: BaseException) -> int:
        self.attempts[part] += 1
        if self.attempts[part] >= _MOST_ATTEMPTS:
            raise _Failed(f"Part {part + 1} of {self.run.parts} failed {_MOST_ATTEMPTS} times. {_reason(error)}")
        return self.attempts[part]

    def _beat(self) -> None:
        """Keep the lease; raises _Lost where it is no longer ours, _Stopped where the execution must stop."""
        context, now = self.context, time.monotonic()
        if context.stop.is_set():
            raise _Stopped
        if now < self.next_beat:
            return
        if not keep_run(context.store, self.run.id, self.owner, context.clock(), context.lease_seconds):
            raise _Lost
        self.next_beat = now + context.lease_seconds / 3

    def _note_pace(self) -> None:
        """Keep how many accounts are done by now, every second at first and when all parts are."""
        context, run = self.context, self.run
        seconds = int((context.clock() - (run.started or run.created)).total_seconds())
        is_over = not self.under_way and not self.retry_later
        if is_over or is_worth_noting(self.pace, seconds):
            now = get_run(context.store, run.id)
            self.pace = noted(self.pace, Moment(seconds, now.finished_accounts, now.failed_accounts))
            note_pace(context.store, run.id, self.owner, self.pace)


def _error_of(future: Future[int]) -> BaseException | None:
    return CancelledError() if future.cancelled() else future.exception()


def _is_full(error: BaseException) -> bool:
    if isinstance(error, SQLAlchemyError):
        return any(text in str(error) for text in _SQL_FULL)
    return isinstance(error, OSError) and error.errno in _FULL


def _reason(error: BaseException) -> str:
    """An error as a sentence for the run's errorMessage."""
    if isinstance(error, _Failed | MissingExtra):
        return str(error)
    if _is_full(error):
        return f"There is no space for the results: {reason(error)}"
    return f"{type(error).__name__}: {reason(error)}"
