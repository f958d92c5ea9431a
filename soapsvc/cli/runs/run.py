"""`soapsvc run`: the billing of many accounts, previewed from the terminal; its sub-commands work on existing runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from soapsvc.cli.options.source import source_options
from soapsvc.cli.options.values import ChargeTypes, Day, Instant, choice
from soapsvc.cli.options.words import ASSUME_RENEWAL, HEADERS, NO_RENEWAL, STORAGE
from soapsvc.cli.runs.control import cancel, list_runs, resume, work
from soapsvc.cli.runs.diff import diff
from soapsvc.cli.runs.options import execution_options, out_option

if TYPE_CHECKING:
    from soapsvc.cli.runs.new_run import RunOptions


@click.group(invoke_without_command=True)
@source_options
@click.option("--target-date", type=Day(), help="Preview up to this day, inclusive.  [required]")
@click.option("--assume-renewal", type=choice(ASSUME_RENEWAL), default=NO_RENEWAL, show_default=True)
@click.option("--batch", multiple=True, help="Only the accounts of this batch; may be repeated.")
@click.option("--organization", multiple=True, metavar="ID", help="Only those of this organization; may be repeated.")
@click.option(
    "--charge-type-to-exclude", type=ChargeTypes(), default="", help="Leave these out, such as OneTime,Usage."
)
@click.option("--include-evergreen", is_flag=True, help="Preview evergreen subscriptions, too.")
@click.option("--include-draft-items", is_flag=True, help="Add the items of existing draft documents.")
@click.option(
    "--storage",
    type=choice(STORAGE),
    default=STORAGE[0],
    show_default=True,
    help="A zip with a CSV or Parquet file, or rows of the database.",
)
@click.option("--compare-with", metavar="RUN", help="With Database: store the differences from this earlier run.")
@click.option(
    "--header",
    type=choice(HEADERS),
    default=HEADERS[0],
    show_default=True,
    help="The spelling of the CSV's column names.",
)
@click.option("--seed", help="The source of made-up ids. The same seed and --as-of give the same bytes.")
@click.option("--as-of", type=Instant(), metavar="INSTANT", help="The items' charge date.  [default: now]")
@out_option
@execution_options
@click.pass_context
def command(
    context: click.Context, tenant: Path | None, database: str | None, out: Path | None, **options: Unpack[RunOptions]
) -> None:
    """Preview the billing of all accounts, or of some, into one file.

    With --database, Ctrl-C pauses the run. `soapsvc run resume` resumes it, also after a crash.
    """
    if context.invoked_subcommand is not None:
        return
    if options["target_date"] is None:
        raise click.UsageError("Missing option '--target-date'.")
    stored = options["storage"] == "Database"
    if tenant is not None and (stored or out is None):
        raise click.UsageError("With --tenant the result is a file: give --out, and leave --storage Database out.")
    if stored and out is not None:
        raise click.UsageError("With --storage Database the results are rows, not a file: leave --out out.")
    from soapsvc.cli.runs.new_run import run_and_show

    run_and_show(tenant, database, out, options, options["target_date"])


for subcommand in (cancel, diff, list_runs, resume, work):
    command.add_command(subcommand)
