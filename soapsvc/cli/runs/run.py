"""`soapsvc run`: the billing of many accounts, previewed from the terminal; its sub-commands work on existing runs."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Unpack

import click

from soapsvc.cli.options.source import opened, source_options
from soapsvc.cli.options.values import ChargeTypes, Day, Instant, choice
from soapsvc.cli.runs.control import cancel, list_runs, resume, work
from soapsvc.cli.runs.diff import diff
from soapsvc.cli.runs.options import (
    OPERATOR,
    Execution,
    carry_out,
    check_packages,
    execution_options,
    explained,
    form_of,
    out_option,
)
from soapsvc.cli.shown.sums import print_sums
from soapsvc.cli.terminal import console
from soapsvc.clock import system_clock
from soapsvc.engine.result import AssumeRenewal
from soapsvc.figures.changes import Sums, changes
from soapsvc.figures.run_rows import accounts_of
from soapsvc.runs import Header, Organization, Run, RunRequest, StorageOption, create_run, get_run
from soapsvc.runs.run_diff import stored_rows
from soapsvc.tenant import Store


class RunOptions(Execution):
    """The options of `soapsvc run`, beside where from and where to."""

    target_date: date | None
    assume_renewal: str
    batch: tuple[str, ...]
    organization: tuple[str, ...]
    charge_type_to_exclude: frozenset[str]
    include_evergreen: bool
    include_draft_items: bool
    storage: str
    compare_with: str | None
    header: str
    seed: str | None
    as_of: datetime | None


@click.group(invoke_without_command=True)
@source_options
@click.option("--target-date", type=Day(), help="Preview up to this day, inclusive.  [required]")
@click.option("--assume-renewal", type=choice(AssumeRenewal), default=AssumeRenewal.NONE.value, show_default=True)
@click.option("--batch", multiple=True, help="Only the accounts of this batch; may be repeated.")
@click.option("--organization", multiple=True, metavar="ID", help="Only those of this organization; may be repeated.")
@click.option("--charge-type-to-exclude", type=ChargeTypes(), default="", help="OneTime, Recurring, Usage, by commas.")
@click.option("--include-evergreen", is_flag=True, help="Evergreen subscriptions too.")
@click.option("--include-draft-items", is_flag=True, help="Items of draft documents too.")
@click.option(
    "--storage",
    type=choice(StorageOption),
    default=StorageOption.CSV.value,
    show_default=True,
    help="A zip with a CSV or Parquet file, or rows of the database.",
)
@click.option("--compare-with", metavar="RUN", help="With Database: store the differences from this earlier run.")
@click.option(
    "--header",
    type=choice(Header),
    default=Header.DOCUMENTED.value,
    show_default=True,
    help="How the CSV's columns are spelled.",
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

    With --database, Ctrl-C pauses a run, and `soapsvc run resume` goes on with it, as it does after a crash.
    """
    if context.invoked_subcommand is not None:
        return
    if options["target_date"] is None:
        raise click.UsageError("Missing option '--target-date'.")
    stored = options["storage"] == StorageOption.DATABASE
    if tenant is not None and (stored or out is None):
        raise click.UsageError("With --tenant the result is a file: give --out, and no --storage Database.")
    if stored and out is not None:
        raise click.UsageError("With --storage Database there is no file for --out.")
    with opened(tenant, database) as store, explained():
        request = _request(store, options, options["target_date"])
        check_packages(request)
        form_of(out, options, request)
        seed, as_of = options["seed"], options["as_of"]
        run = create_run(store, request, OPERATOR, system_clock(), seed=seed, as_of=as_of)
        carry_out(store, run, out, options, database)
        if (compared := run.request.compared_run_id) is not None:
            _print_changes(store, get_run(store, compared), get_run(store, run.id))


def _print_changes(store: Store, old: Run, new: Run) -> None:
    """Print what a run that was compared has otherwise: sums by currency and cause, and the largest changes."""
    sums = Sums()
    for _ in sums.watch(changes(stored_rows(store, old.id), stored_rows(store, new.id), accounts_of(store, new.state))):
        pass
    print_sums(console(stderr=True), sums)


def _request(store: Store, options: RunOptions, target_date: date) -> RunRequest:
    compared = options["compare_with"]
    return RunRequest(
        target_date,
        assume_renewal=AssumeRenewal(options["assume_renewal"]),
        batches=options["batch"],
        exclude=tuple(sorted(options["charge_type_to_exclude"])),
        including_draft_items=options["include_draft_items"],
        including_evergreen_subscription=options["include_evergreen"],
        organizations=tuple(Organization(id=each) for each in options["organization"]),
        storage_option=StorageOption(options["storage"]),
        store_difference=compared is not None,
        compared_run_id=get_run(store, compared).id if compared is not None else None,
        header=Header(options["header"]),
    )


for subcommand in (cancel, diff, list_runs, resume, work):
    command.add_command(subcommand)
