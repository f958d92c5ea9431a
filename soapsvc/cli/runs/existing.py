"""The work of the commands on existing runs: resume, execute runs of others, cancel, show and purge."""

from __future__ import annotations

import signal
from datetime import timedelta
from pathlib import Path

from soapsvc.cli.options.opening import opened
from soapsvc.cli.runs.carrying import OPERATOR, carry_out, explained, new_context
from soapsvc.cli.runs.options import Execution
from soapsvc.cli.runs.progress import print_runs
from soapsvc.cli.terminal import console
from soapsvc.clock import system_clock
from soapsvc.runs import RunService, cancel_run, find_runs, get_run
from soapsvc.runs.execution import purge_runs, purge_states
from soapsvc.runs.storage import default_results


def resume_run(run: str, database: str, out: Path | None, execution: Execution) -> None:
    """Resume the run of this id or number, and copy its file to `out`."""
    with opened(None, database) as store, explained():
        carry_out(store, get_run(store, run), out, execution, database)


def work_until_stopped(database: str, execution: Execution) -> None:
    """Execute runs of a database as they come, until SIGTERM or Ctrl-C."""
    with opened(None, database) as store, explained():
        context = new_context(store, execution)
        for stopping in (signal.SIGTERM, signal.SIGINT):
            signal.signal(stopping, lambda *_: context.stop.set())
        print("waiting for runs", flush=True)
        RunService(context).serve()


def cancel_one(run: str, database: str) -> None:
    """Cancel the run of this id or number."""
    with opened(None, database) as store, explained():
        canceled = cancel_run(store, run, OPERATOR, system_clock())
        print(f"{canceled.number} is {canceled.status}")


def show_runs(database: str) -> None:
    """Print a table of all runs."""
    with opened(None, database) as store:
        print_runs(console(), find_runs(store))


def purge(database: str, results: str | None, days: int) -> None:
    """Delete the results of runs that ended more than `days` days ago, and list these runs."""
    with opened(None, database) as store, explained():
        purged = purge_runs(store, results or default_results(store.url), system_clock(), timedelta(days=days))
        for run in purged:
            print(f"{run.number} of {run.created:%Y-%m-%d}")
        print(f"{len(purged)} purged")
        purge_states(store, system_clock())
