"""`soapsvc purge`: drop the results of old runs."""

from __future__ import annotations

from datetime import timedelta

import click

from soapsvc.cli.options.source import opened
from soapsvc.cli.runs.options import database_option, explained
from soapsvc.clock import system_clock
from soapsvc.runs.execution import RETENTION, purge_runs, purge_states
from soapsvc.runs.storage import default_results


@click.command()
@database_option
@click.option("--results", metavar="DIR|URL", help="Where result files are kept.  [default: as for `soapsvc run`]")
@click.option(
    "--days", type=click.IntRange(0), default=RETENTION.days, show_default=True, help="Keep results that are younger."
)
def command(database: str, results: str | None, days: int) -> None:
    """Delete the results of runs that ended long ago. The runs and their counts stay.

    What imports have superseded, and no run under way still reads, goes as well.
    """
    with opened(None, database) as store, explained():
        purged = purge_runs(store, results or default_results(store.url), system_clock(), timedelta(days=days))
        for run in purged:
            print(f"{run.number} of {run.created:%Y-%m-%d}")
        print(f"{len(purged)} purged")
        purge_states(store, system_clock())
