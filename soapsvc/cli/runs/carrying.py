"""Shared by the commands on runs: their errors, and the execution of one run with its progress."""

from __future__ import annotations

import os
import shlex
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from soapsvc.cli.runs.interrupts import first_interrupt
from soapsvc.cli.runs.options import Execution
from soapsvc.cli.runs.progress import RunProgress, print_summary
from soapsvc.cli.terminal import console, program
from soapsvc.clock import system_clock
from soapsvc.figures.run_rows import NoRows, accounts_of, failed_rows, run_rows
from soapsvc.figures.run_table import run_table
from soapsvc.figures.workbooks import write_run_book
from soapsvc.runs import (
    Context,
    DaskWorkers,
    ProcessWorkers,
    Run,
    RunRefused,
    RunRequest,
    RunStatus,
    StorageOption,
    WorkersLost,
    cancel_run,
    claim_run,
    execute_run,
    get_run,
)
from soapsvc.runs.definition import MissingExtra, needed
from soapsvc.runs.execution import new_owner, run_folder
from soapsvc.runs.storage import default_results
from soapsvc.tenant import Store, User
from soapsvc.tenant.database import reason
from soapsvc.tenant.reading import derived_id

OPERATOR = User(derived_id("user", "operator"), "operator", "Operator of the command line", "", frozenset())
"""The creator of runs of the command line."""

_POLL_SECONDS = 0.5
_INTERRUPTED = 130


@contextmanager
def explained() -> Iterator[None]:
    """Turn errors into a sentence."""
    try:
        yield
    except RunRefused as refusal:
        raise click.ClickException("\n".join(problem.message for problem in refusal.problems)) from refusal
    except (MissingExtra, WorkersLost) as error:
        raise click.ClickException(str(error)) from error
    except SQLAlchemyError as error:
        raise click.ClickException(
            f"the database does not answer: {reason(error)}; check its URL and that its server runs"
        ) from error


def new_context(store: Store, execution: Execution, watch: Callable[[Run], None] | None = None) -> Context:
    """The context of executions from the options. Raises MissingExtra."""
    dask = execution["dask"]
    return Context(
        store,
        DaskWorkers(dask) if dask is not None else ProcessWorkers(execution["workers"] or os.cpu_count() or 1),
        execution["results"] or default_results(store.url),
        part_accounts=execution["part_accounts"],
        lease_seconds=execution["lease"],
        watch=watch,
    )


def check_packages(request: RunRequest) -> None:
    """Check at the start that the packages for the run are installed. Raises MissingExtra."""
    if request.storage_option is StorageOption.PARQUET:
        needed("pyarrow", extra="parquet")


def carry_out(store: Store, run: Run, out: Path | None, execution: Execution, database: str | None) -> None:
    """Execute a run, show how it goes, and copy its file to `out`.

    The first Ctrl-C pauses a run of a `database`, which can be resumed, and cancels one of a temporary store.
    """
    check_packages(run.request)
    form = form_of(out, execution, run.request)
    errors = console(stderr=True)
    started = time.monotonic()
    with RunProgress(errors) as progress:
        context = new_context(store, execution, progress.show)
        try:
            with first_interrupt(context.stop.set):
                ended = _executed(context, run, progress)
        finally:
            context.workers.close()
    if ended.active and database is None:
        ended = cancel_run(store, run.id, OPERATOR, system_clock())
    print_summary(errors, ended, time.monotonic() - started)
    if ended.active:
        go_on = _resuming(ended, out, execution, database or "")
        errors.print(f"{ended.number} is paused. To resume it: {go_on}", soft_wrap=True)
    if ended.active or ended.status is RunStatus.CANCELED:
        raise click.exceptions.Exit(_INTERRUPTED)
    if ended.status is not RunStatus.COMPLETED:
        raise click.ClickException(f"{ended.number} is {ended.status}: {ended.error}")
    if out is not None:
        if form == "xlsx":
            _write_book(store, context.results, ended, out)
        elif form == "csv":
            _write_csv(store, context.results, ended, out, execution.get("columns", "vendor"))
        else:
            _copy(context.results, ended, out)
        errors.print(f"The result is in {out}", soft_wrap=True)


def form_of(out: Path | None, execution: Execution, request: RunRequest) -> str:
    """The form of the file `out`. Raises click.UsageError where options do not go together."""
    form = execution.get("form") or (out.suffix.lower().removeprefix(".") if out is not None else "")
    wants_all = execution.get("columns") == "all"
    if wants_all and (out is None or form != "csv"):
        raise click.UsageError("--columns all needs a CSV: give --out FILE.csv, or --out with --format csv.")
    if form == "csv" and not wants_all and request.storage_option is StorageOption.PARQUET:
        raise click.UsageError("A run with --storage Parquet has no CSV: leave --storage out, or give --columns all.")
    return form


def _executed(context: Context, run: Run, progress: RunProgress) -> Run:
    """The run at its end, or at the moment when it was asked to stop."""
    owner = new_owner()
    while (claimed := claim_run(context.store, owner, system_clock(), context.lease_seconds, run.id)) is None:
        run = get_run(context.store, run.id)
        if not run.active:
            raise click.ClickException(f"{run.number} is already {run.status}.")
        progress.wait(run)
        if context.stop.wait(_POLL_SECONDS):
            return run
    return execute_run(claimed, owner, context)


def _resuming(run: Run, out: Path | None, execution: Execution, database: str) -> str:
    """The command that continues a run; a password in the database's URL is not shown."""
    shown = make_url(database).render_as_string(hide_password=True)
    words = [program(), "run", "resume", run.number, "--database", shown]
    for option, value in (("--results", execution["results"]), ("--dask", execution["dask"]), ("--out", out)):
        if value is not None:
            words += [option, str(value)]
    return shlex.join(words)


def _copy(results: str, run: Run, out: Path) -> None:
    with _whole(out) as target, run_folder(results, run.id).read(run.file_name) as source:
        shutil.copyfileobj(source, target)


def _write_csv(store: Store, results: str, run: Run, out: Path, columns: str) -> None:
    """Write the CSV of the result unchanged, or one with all columns."""
    with _whole(out) as target:
        if columns == "all":
            target.writelines(line.encode() for line in run_table(store, run))
            return
        with (
            run_folder(results, run.id).read(run.file_name) as file,
            zipfile.ZipFile(file) as archive,
            archive.open(f"{run.entry_name}.csv") as source,
        ):
            shutil.copyfileobj(source, target)


def _write_book(store: Store, results: str, run: Run, out: Path) -> None:
    """Write the workbook of a run; rows wait in files, so that memory does not grow with them."""
    try:
        with _whole(out) as target:
            rows, failures = run_rows(store, run, results), failed_rows(store, run, results)
            accounts = accounts_of(store, run.state)
            write_run_book(target, rows, failures, accounts, credit_memos=run.request.credit_memos)
    except NoRows as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def _whole(out: Path) -> Iterator[BinaryIO]:
    """A file that is either complete or absent."""
    temporary = out.with_name(f".{out.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as target:
            yield target
        temporary.replace(out)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise click.ClickException(f"{out} cannot be written: {error.strerror or error}") from error
