"""`soapsvc preview`: one account's preview in the terminal, as tables and bars, as a wire format, or as a workbook."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Unpack

import click

from soapsvc.cli.options.source import source_options
from soapsvc.cli.options.values import ChargeTypes, Day, Instant, choice
from soapsvc.cli.options.words import ASSUME_RENEWAL, EXPLAINED, GROUPED_BY, NO_RENEWAL, PREVIEW_FORMATS

if TYPE_CHECKING:
    from soapsvc.cli.shown.preview import PreviewOptions


@click.command()
@source_options
@click.option("--account-id", metavar="ID", help="The account by its id.")
@click.option("--account-number", metavar="NUMBER", help="The account by its number.")
@click.option("--target-date", type=Day(), metavar="DATE", help="The last day to look at, inclusive.")
@click.option(
    "--next-invoices",
    type=click.IntRange(1, 100),
    metavar="N",
    help="Preview the next N invoices, but none after --target-date, if it is given.",
)
@click.option(
    "--assume-renewal",
    type=choice(ASSUME_RENEWAL),
    default=NO_RENEWAL,
    show_default=True,
    help="Subscriptions to renew.",
)
@click.option(
    "--charge-type-to-exclude",
    type=ChargeTypes(),
    default="",
    metavar="TYPES",
    help="Leave these out, such as OneTime,Usage.",
)
@click.option("--include-evergreen", is_flag=True, help="Preview evergreen subscriptions, too.")
@click.option("--include-draft-items", is_flag=True, help="Add the items of existing draft documents.")
@click.option("--explain", is_flag=True, help="Show the steps of each amount; for --format table, json, xlsx.")
@click.option("--as-of", type=Instant(), metavar="INSTANT", help="The instant to preview for.  [default: now]")
@click.option(
    "--seed", metavar="TEXT", help="The source of made-up ids. The same seed and --as-of give the same bytes."
)
@click.option("--by", type=choice(GROUPED_BY), help="Group the items of the table, each group with its sum.")
@click.option("--chart", is_flag=True, help="Draw what is billed in each month.")
@click.option("--format", "form", type=choice(PREVIEW_FORMATS), default="table", show_default=True)
@click.option(
    "--columns",
    type=choice(["vendor", "all"]),
    default="vendor",
    show_default=True,
    help="Columns of the CSV: the vendor's, or all: also names, account number, currency, tax, reasons.",
)
def preview(**options: Unpack[PreviewOptions]) -> None:
    """Preview what an account will be invoiced up to a date.

    Warnings, and the reasons for an empty preview, go to standard error. The exit code is 1 if the preview fails.
    """
    if (options["account_id"] is None) == (options["account_number"] is None):
        raise click.UsageError("Give either --account-id or --account-number.")
    _check(options)
    from soapsvc.cli.shown.preview import show_preview

    show_preview(options)


def _check(options: PreviewOptions) -> None:
    """Refuse options that do not go together."""
    form = options["form"]
    if options["target_date"] is None and options["next_invoices"] is None:
        raise click.UsageError("Missing option '--target-date': give it, or --next-invoices.")
    if options["explain"] and form not in EXPLAINED:
        raise click.UsageError(f"--explain needs --format {' or '.join(EXPLAINED)}; {form} cannot show it.")
    if (options["by"] or options["chart"]) and form != "table":
        raise click.UsageError(f"--by and --chart need --format table; it is {form}.")
    if options["columns"] == "all" and form != "csv":
        raise click.UsageError("--columns all needs --format csv.")
    if form == "xlsx" and sys.stdout.isatty():
        raise click.UsageError("A workbook cannot be shown in a terminal: send it to a file, as in `… > preview.xlsx`.")
