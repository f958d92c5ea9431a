"""`soapsvc run diff`: the differences between the results of two runs."""

from __future__ import annotations

import sys

import click

from soapsvc.cli.configuration import SecretUrl
from soapsvc.cli.options.values import choice


@click.command()
@click.argument("a")
@click.argument("b")
@click.option(
    "--database", cls=SecretUrl, metavar="URL", help="The database of runs given by id or number, and of the accounts."
)
@click.option("--results", metavar="DIR|URL", help="Where the runs' files are kept.  [default: as for `soapsvc run`]")
@click.option("--format", "form", type=choice(["text", "csv", "json", "xlsx"]), default="text", show_default=True)
def diff(a: str, b: str, database: str | None, results: str | None, form: str) -> None:
    """Show how run B differs from run A: items Added, Removed and Changed, with their sums.

    A and B are result files (our zip, or the CSV in it, also the vendor's), or runs, by id or number. Sums by
    currency and cause, and the largest changes, go to standard error; currencies and names need --database. The exit
    code is 1 if there are differences.
    """
    if form == "xlsx" and sys.stdout.isatty():
        raise click.UsageError("A workbook cannot be shown in a terminal: send it to a file, as in `… > diff.xlsx`.")
    from soapsvc.cli.runs.differing import show_differences

    if show_differences(a, b, database, results, form):
        raise click.exceptions.Exit(1)
