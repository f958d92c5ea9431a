"""`soapsvc run resume`, `work`, `cancel` and `list`: what is done with runs that are there."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Unpack

import click

from soapsvc import logs
from soapsvc.cli.options.log_options import log_options
from soapsvc.cli.options.source import opened
from soapsvc.cli.runs.options import (
    OPERATOR,
    Execution,
    carry_out,
    database_option,
    execution_options,
    explained,
    new_context,
    out_option,
)
from soapsvc.cli.runs.progress import print_runs
from soapsvc.cli.terminal import console
from soapsvc.clock import system_clock
from soapsvc.runs import RunService, cancel_run, find_runs, get_run


@click.command()
@click.argument("run")
@database_option
@out_option
@execution_options
def resume(run: str, database: str, out: Path | None, **execution: Unpack[Execution]) -> None:
    """Finish a run that was paused with Ctrl-C, or whose process died: parts that are done are not computed again."""
    with opened(None, database) as store, explained():
        carry_out(store, get_run(store, run), out, execution, database)


@click.command()
@database_option
@execution_options
@log_options
def work(database: str, log_format: logs.Form, log_level: str, **execution: Unpack[Execution]) -> None:
    """Execute the runs that others make, on this machine or others, until stopped."""
    logs.set_up(log_format, log_level)
    with opened(None, database) as store, explained():
        context = new_context(store, execution)
        for stopping in (signal.SIGTERM, signal.SIGINT):
            signal.signal(stopping, lambda *_: context.stop.set())
        print("waiting for runs", flush=True)
        RunService(context).serve()


@click.command()
@click.argument("run")
@database_option
def cancel(run: str, database: str) -> None:
    """Cancel a run that is under way."""
    with opened(None, database) as store, explained():
        canceled = cancel_run(store, run, OPERATOR, system_clock())
        print(f"{canceled.number} is {canceled.status}")


@click.command(name="list")
@database_option
def list_runs(database: str) -> None:
    """Show all runs."""
    with opened(None, database) as store:
        print_runs(console(), find_runs(store))
