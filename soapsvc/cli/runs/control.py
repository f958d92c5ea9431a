"""`soapsvc run resume`, `work`, `cancel` and `list`: commands for existing runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from soapsvc.cli.options.log_options import log_options
from soapsvc.cli.runs.options import Execution, database_option, execution_options, out_option

if TYPE_CHECKING:
    from soapsvc import logs


@click.command()
@click.argument("run")
@database_option
@out_option
@execution_options
def resume(run: str, database: str, out: Path | None, **execution: Unpack[Execution]) -> None:
    """Finish a run that was paused with Ctrl-C, or whose process died. Finished parts are not computed again."""
    from soapsvc.cli.runs.existing import resume_run

    resume_run(run, database, out, execution)


@click.command()
@database_option
@execution_options
@log_options
def work(database: str, log_format: logs.Form, log_level: str, **execution: Unpack[Execution]) -> None:
    """Execute the runs that others make, on this machine or others, until stopped."""
    from soapsvc import logs
    from soapsvc.cli.runs.existing import work_until_stopped

    logs.set_up(log_format, log_level)
    work_until_stopped(database, execution)


@click.command()
@click.argument("run")
@database_option
def cancel(run: str, database: str) -> None:
    """Cancel a run that is under way."""
    from soapsvc.cli.runs.existing import cancel_one

    cancel_one(run, database)


@click.command(name="list")
@database_option
def list_runs(database: str) -> None:
    """Show all runs."""
    from soapsvc.cli.runs.existing import show_runs

    show_runs(database)
