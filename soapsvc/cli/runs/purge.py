"""`soapsvc purge`: drop the results of old runs."""

from __future__ import annotations

import click

from soapsvc.cli.options.words import RETENTION_DAYS
from soapsvc.cli.runs.options import database_option


@click.command()
@database_option
@click.option("--results", metavar="DIR|URL", help="Where result files are kept.  [default: as for `soapsvc run`]")
@click.option(
    "--days", type=click.IntRange(0), default=RETENTION_DAYS, show_default=True, help="Keep results that are younger."
)
def command(database: str, results: str | None, days: int) -> None:
    """Delete the results of runs that ended long ago. The runs and their counts stay.

    It also deletes data that an import has replaced, if no run under way reads them.
    """
    from soapsvc.cli.runs.existing import purge

    purge(database, results, days)
