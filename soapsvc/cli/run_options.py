"""What the commands on runs have in common: their options, their errors, and one run carried out before one's eyes."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypedDict, TypeVar

import click
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from soapsvc.cli.run_progress import RunProgress, print_summary
from soapsvc.clock import system_clock
from soapsvc.runs import (
    Context,
    DaskWorkers,
    ProcessWorkers,
    Run,
    RunRefused,
    RunStatus,
    WorkersLost,
    cancel_run,
    claim_run,
    execute_run,
)
from soapsvc.runs.execute import LEASE_SECONDS, PART_ACCOUNTS, run_folder
from soapsvc.runs.extras import MissingExtra
from soapsvc.runs.folder import default_results
from soapsvc.runs.service import new_owner
from soapsvc.tenant import Store, User
from soapsvc.tenant.fields import derived_id

OPERATOR = User(derived_id("user", "operator"), "operator", "Operator of the command line", "", frozenset())
"""Who makes the runs of the command line."""

_POLL_SECONDS = 0.5
_INTERRUPTED = 130

Command = TypeVar("Command", bound=Callable[..., Any])


class Execution(TypedDict):
    """The options of `execution_options`."""

    results: str | None
    workers: int | None
    dask: str | None
    lease: int
    part_accounts: int


def database_option(command: Command) -> Command:
    """Give a command the option `--database`, which it needs."""
    return click.option("--database", metavar="URL", required=True, help="The database of the runs.")(command)


def out_option(command: Command) -> Command:
    """Give a command the option `--out`."""
    path = click.Path(path_type=Path, dir_okay=False)
    return click.option("--out", type=path, metavar="FILE.zip", help="Copy the result here.")(command)


def execution_options(command: Command) -> Command:
    """Give a command the options that say who computes and where results are kept."""
    command = click.option("--part-accounts", type=click.IntRange(1), default=PART_ACCOUNTS, hidden=True)(command)
    command = click.option(
        "--lease",
        type=click.IntRange(2),
        default=LEASE_SECONDS,
        metavar="SECONDS",
        show_default=True,
        help="How long after its process died a run is taken over.",
    )(command)
    command = click.option("--dask", metavar="ADDRESS", help="Compute on the Dask cluster at tcp://HOST:PORT.")(command)
    command = click.option("--workers", type=click.IntRange(1), help="Processes.  [default: all cores]")(command)
    return click.option(
        "--results",
        metavar="DIR|URL",
        help="Where result files are kept.  [default: beside an SQLite database, else the user's folder for data]",
    )(command)


@contextmanager
def explained() -> Iterator[None]:
    """Say what went wrong in a sentence."""
    try:
        yield
    except RunRefused as refusal:
        raise click.ClickException("\n".join(problem.message for problem in refusal.problems)) from refusal
    except (MissingExtra, WorkersLost) as error:
        raise click.ClickException(str(error)) from error
    except SQLAlchemyError as error:
        raise click.ClickException(f"the database does not answer: {error}") from error


def new_context(store: Store, execution: Execution, watch: Callable[[Run], None] | None = None) -> Context:
    """What the options ask for. Raises MissingExtra."""
    dask = execution["dask"]
    return Context(
        store,
        DaskWorkers(dask) if dask is not None else ProcessWorkers(execution["workers"] or os.cpu_count() or 1),
        execution["results"] or default_results(store.url),
        part_accounts=execution["part_accounts"],
        lease_seconds=execution["lease"],
        watch=watch,
    )


def carry_out(store: Store, run: Run, out: Path | None, execution: Execution) -> None:
    """Execute a run, show how it goes, and copy its file to `out`. Ctrl-C cancels it."""
    console = Console(stderr=True)
    started = time.monotonic()
    with RunProgress(console) as progress:
        context = new_context(store, execution, progress.show)
        try:
            owner = new_owner()
            while (claimed := claim_run(store, owner, system_clock(), context.lease_seconds, run.id)) is None:
                if not run.active:
                    raise click.ClickException(f"{run.number} is {run.status} already.")
                progress.wait(run)
                time.sleep(_POLL_SECONDS)
            ended = execute_run(claimed, owner, context)
        except KeyboardInterrupt:
            ended = cancel_run(store, run.id, OPERATOR, system_clock())
        finally:
            context.workers.close()
    print_summary(console, ended, time.monotonic() - started)
    if ended.status is RunStatus.CANCELED:
        raise click.exceptions.Exit(_INTERRUPTED)
    if ended.status is not RunStatus.COMPLETED:
        raise click.ClickException(f"{ended.number} is {ended.status}: {ended.error}")
    if out is not None:
        _copy(context.results, ended, out)
        console.print(f"The result is in {out}", highlight=False)


def _copy(results: str, run: Run, out: Path) -> None:
    temporary = out.with_name(f".{out.name}.{os.getpid()}.tmp")
    try:
        with run_folder(results, run.id).read(run.file_name) as source, temporary.open("wb") as target:
            shutil.copyfileobj(source, target)
        temporary.replace(out)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise click.ClickException(f"{out} cannot be written: {error.strerror or error}") from error
