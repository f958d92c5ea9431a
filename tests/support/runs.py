"""Billing preview runs for tests: made, executed and read in a few words."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

from soapsvc.clock import Clock, system_clock
from soapsvc.runs import Context, Run, RunRequest, StorageOption, claim_run, create_run, execute_run
from soapsvc.runs.execution import new_owner
from soapsvc.runs.execution.part import close_stores
from soapsvc.tenant import Store, User

Result = TypeVar("Result")

ANYBODY = User("00000000000000000000000000000001", "anybody@example.com", "", "", frozenset())
AS_OF = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
EVERYTHING = RunRequest(
    date(2027, 2, 28),
    assume_renewal="All",  # type: ignore[arg-type]
    including_evergreen_subscription=True,
    including_draft_items=True,
)
IN_DATABASE = replace(EVERYTHING, storage_option=StorageOption.DATABASE)
SEED = "the same in every test"


class ThreadWorkers:
    """Workers in this process: quick to start, and sufficient for tests that kill no worker."""

    def __init__(self, count: int = 1) -> None:
        self.count = count
        self._threads: ThreadPoolExecutor | None = None

    def submit(self, function: Callable[..., Result], *arguments: object) -> Future[Result]:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.count)
        return self._threads.submit(function, *arguments)

    def are_lost(self, error: BaseException) -> bool:
        return False

    def renew(self) -> None:
        raise AssertionError("threads do not die")

    def close(self) -> None:
        if self._threads is not None:
            self._threads.shutdown()
            self._threads = None
            close_stores()


def finished(
    store: Store,
    results: Path | str,
    request: RunRequest = EVERYTHING,
    *,
    clock: Clock = system_clock,
    user: User = ANYBODY,
    **options: Any,
) -> Run:
    """A run that was made and executed; `options` are those of the execution's context."""
    run = create_run(store, request, user, clock(), seed=SEED, as_of=AS_OF)
    return executed(store, results, run, clock=clock, **options)


def executed(store: Store, results: Path | str, run: Run, *, clock: Clock = system_clock, **options: Any) -> Run:
    """The run after it was claimed and executed."""
    workers = options.pop("workers", None) or ThreadWorkers()
    context = Context(store, workers, str(results), clock=clock, **{"part_accounts": 4, **options})
    owner = new_owner()
    claimed = claim_run(store, owner, clock(), context.lease_seconds, run.id)
    assert claimed is not None
    try:
        return execute_run(claimed, owner, context)
    finally:
        workers.close()


def archive_of(results: Path | str, run: Run) -> Path:
    """The path of a run's file."""
    return Path(results) / run.id / run.file_name


def entry(path: Path, suffix: str) -> bytes:
    """The only entry of a zip whose name ends like this."""
    with zipfile.ZipFile(path) as archive:
        (name,) = (each for each in archive.namelist() if each.endswith(suffix))
        return archive.read(name)


def item_file(results: Path | str, run: Run) -> bytes:
    """The CSV file of a run's items."""
    return entry(archive_of(results, run), f"{run.entry_name}.csv")


def table(content: bytes) -> list[dict[str, str]]:
    """The rows of a CSV file by its header."""
    return list(csv.DictReader(io.StringIO(content.decode())))
