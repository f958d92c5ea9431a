"""`soapsvc preview`: one account's preview in the terminal, as tables and bars, as a wire format, or as a workbook."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import NoReturn, TypedDict, Unpack

import click

from soapsvc.cli.options.source import opened, source_options
from soapsvc.cli.options.values import ChargeTypes, Day, Instant, choice
from soapsvc.cli.shown.preview_formats import EXPLAINED, FORMATS, Preview, Shown
from soapsvc.clock import system_clock
from soapsvc.engine.account import Account
from soapsvc.engine.preview import preview as compute
from soapsvc.engine.result import AssumeRenewal, PreviewRequest
from soapsvc.figures.groups import By
from soapsvc.figures.upcoming import latest_target, next_invoices
from soapsvc.randomness import drawn_from, seeded
from soapsvc.rest.http import Reason, unknown_key, unratable, v1_body


class _Asked(TypedDict):
    """The options that become the request."""

    target_date: date | None
    next_invoices: int | None
    assume_renewal: str
    charge_type_to_exclude: frozenset[str]
    include_evergreen: bool
    include_draft_items: bool


class _Shown(TypedDict):
    """The options that say how the preview is shown."""

    explain: bool
    form: str
    by: str | None
    chart: bool
    columns: str


class _Options(_Asked, _Shown):
    """All options beside those of the source and the account."""


@click.command()
@source_options
@click.option("--account-id", metavar="ID", help="The account by its id.")
@click.option("--account-number", metavar="NUMBER", help="The account by its number.")
@click.option("--target-date", type=Day(), metavar="DATE", help="The last day to look at, inclusive.")
@click.option(
    "--next-invoices",
    type=click.IntRange(1, 100),
    metavar="N",
    help="The next N invoices; only up to the target date, if one is given.",
)
@click.option(
    "--assume-renewal", type=choice(AssumeRenewal), default="None", show_default=True, help="Subscriptions to renew."
)
@click.option(
    "--charge-type-to-exclude", type=ChargeTypes(), default="", metavar="TYPES", help="Such as OneTime,Usage."
)
@click.option("--include-evergreen", is_flag=True, help="Preview evergreen subscriptions, too.")
@click.option("--include-draft-items", is_flag=True, help="Add the items of existing draft documents.")
@click.option("--explain", is_flag=True, help="Say for each amount how it comes about: table, json, xlsx.")
@click.option("--as-of", type=Instant(), metavar="INSTANT", help="The instant to preview for.  [default: now]")
@click.option(
    "--seed", metavar="TEXT", help="The source of made-up ids. The same seed and --as-of give the same bytes."
)
@click.option("--by", type=choice(By), help="Group the items of the table, each group with its sum.")
@click.option("--chart", is_flag=True, help="Draw what is billed in each month.")
@click.option("--format", "form", type=choice(FORMATS), default="table", show_default=True)
@click.option(
    "--columns",
    type=choice(["vendor", "all"]),
    default="vendor",
    show_default=True,
    help="Columns of the CSV: those of the vendor's runs, or all: names, account number, currency, tax, reasons.",
)
def preview(
    tenant: Path | None,
    database: str | None,
    account_id: str | None,
    account_number: str | None,
    as_of: datetime | None,
    seed: str | None,
    **options: Unpack[_Options],
) -> None:
    """Preview what an account will be invoiced up to a date.

    Reasons of an empty preview and warnings go to standard error. Ends with 1 where there is no preview.
    """
    if (account_id is None) == (account_number is None):
        raise click.UsageError("Give either --account-id or --account-number.")
    _check(options)
    with nullcontext() if seed is None else drawn_from(seeded(seed)):
        with opened(tenant, database) as store:
            account = store.account(id=account_id, number=account_number)
            if account is None:
                _fail(options["form"], [unknown_key(account_id or account_number or "")])
            found = _computed(account, options, (as_of or system_clock()).astimezone(store.settings().zone))
        _show(found, options)


def _show(found: Preview, options: _Shown) -> None:
    if found.result.errors:
        _fail(options["form"], unratable(found.result.errors))
    for note in found.result.notes:
        click.echo(f"{note.kind}: {note.code}: {note.message}", err=True)
    by = By(options["by"]) if options["by"] else None
    shown = Shown(options["explain"], by, options["chart"], options["columns"] == "all")
    FORMATS[options["form"]](found, shown)


def _check(options: _Options) -> None:
    """Refuse options that do not go together."""
    form = options["form"]
    if options["target_date"] is None and options["next_invoices"] is None:
        raise click.UsageError("Missing option '--target-date'; --next-invoices does without one.")
    if options["explain"] and form not in EXPLAINED:
        raise click.UsageError(f"--explain needs --format {' or '.join(EXPLAINED)}; {form} has no place for it.")
    if (options["by"] or options["chart"]) and form != "table":
        raise click.UsageError(f"--by and --chart are about the table, not about --format {form}.")
    if options["columns"] == "all" and form != "csv":
        raise click.UsageError("--columns is about the CSV: give --format csv.")
    if form == "xlsx" and sys.stdout.isatty():
        raise click.UsageError("A workbook is no text for a terminal: send it to a file, as in `… > preview.xlsx`.")


def _computed(account: Account, options: _Options, as_of: datetime) -> Preview:
    """The preview as it was asked for, up to a date or up to the next invoices."""
    request = _request(options, options["target_date"] or latest_target(as_of.date()))
    if (count := options["next_invoices"]) is None:
        return Preview(account, compute(account, request, as_of))
    found = next_invoices(account, request, as_of, count)
    return Preview(account, found.result, found.invoices, found.memos)


def _request(options: _Options, target_date: date) -> PreviewRequest:
    return PreviewRequest(
        target_date,
        AssumeRenewal(options["assume_renewal"]),
        options["charge_type_to_exclude"],
        including_evergreen_subscription=options["include_evergreen"],
        including_draft_items=options["include_draft_items"],
        explain=options["explain"] or options["form"] == "xlsx",
    )


def _fail(form: str, reasons: list[Reason]) -> NoReturn:
    """Say why there is no preview, in the JSON answer too where one was asked for, and end with 1."""
    if form == "json":
        click.echo(v1_body(tuple(reasons)))
    for reason in reasons:
        click.echo(f"error: {reason.code}: {reason.message}", err=True)
    sys.exit(1)
