"""The work of `soapsvc run`: create a run, execute it, and copy its result."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from soapsvc.cli.options.opening import opened
from soapsvc.cli.runs.carrying import OPERATOR, carry_out, check_packages, explained, form_of
from soapsvc.cli.runs.options import Execution
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
    """The options of `soapsvc run`, except for the tenant and the output."""

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


def run_and_show(
    tenant: Path | None, database: str | None, out: Path | None, options: RunOptions, target_date: date
) -> None:
    """Carry out a new run over the accounts of a tenant, and copy its file to `out`."""
    with opened(tenant, database) as store, explained():
        request = _request(store, options, target_date)
        check_packages(request)
        form_of(out, options, request)
        seed, as_of = options["seed"], options["as_of"]
        run = create_run(store, request, OPERATOR, system_clock(), seed=seed, as_of=as_of)
        carry_out(store, run, out, options, database)
        if (compared := run.request.compared_run_id) is not None:
            _print_changes(store, get_run(store, compared), get_run(store, run.id))


def _print_changes(store: Store, old: Run, new: Run) -> None:
    """Print the differences of a run from its compared run: sums by currency and cause, and the largest changes."""
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
