"""The work of `soapsvc run diff`: find and show the differences of two runs."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import click
import msgspec

from soapsvc.cli.options.opening import opened
from soapsvc.cli.runs.carrying import explained
from soapsvc.cli.shown.sums import print_sums
from soapsvc.cli.terminal import console
from soapsvc.figures.changes import Change, Sums, changes
from soapsvc.figures.run_rows import Accounts, NoRows, accounts_of, nobody, run_rows
from soapsvc.figures.workbooks import write_diff_book
from soapsvc.runs import RunStatus, get_run
from soapsvc.runs.definition import ITEM_FIELDS
from soapsvc.runs.results import DifferenceType
from soapsvc.runs.run_diff import AccountRows, file_rows
from soapsvc.runs.storage import default_results
from soapsvc.tenant import Store

_SHOWN = (
    "account_id",
    "subscription_number",
    "rate_plan_charge_number",
    "invoice_item_service_start_date",
    "credit_memo_item_service_start_date",
    "invoice_item_charge_amount",
    "credit_memo_item_amount",
)


def show_differences(a: str, b: str, database: str | None, results: str | None, form: str) -> bool:
    """Show the differences of run B from run A, each a file or a run of the database; True if there are any."""
    with ExitStack() as stack, explained():
        store = stack.enter_context(opened(None, database)) if database is not None else None
        accounts: Accounts = accounts_of(store, None) if store is not None else nobody
        found = changes(_rows(a, store, results), _rows(b, store, results), accounts)
        if form == "xlsx":
            sums = write_diff_book(sys.stdout.buffer, found)
        else:
            sums = Sums()
            {"text": _print_text, "csv": _print_csv, "json": _print_json}[form](sums.watch(found))
        counts: Counter[str] = Counter()
        for (_, kind), each in sums.by_type.items():
            counts[kind] += each.count
        told = ", ".join(f"{counts[kind]:,} {kind}" for kind in DifferenceType)
        print(told if counts else "no differences", file=sys.stderr)
        print_sums(console(stderr=True), sums)
    return bool(counts)


def _rows(key: str, store: Store | None, results: str | None) -> AccountRows:
    if Path(key).is_file():
        return file_rows(Path(key))
    if store is None:
        raise click.UsageError(f"There is no file {key}. If it is a run in a database, give --database.")
    run = get_run(store, key)
    if run.status is not RunStatus.COMPLETED:
        raise click.ClickException(f"Run {run.number} is {run.status}; only a Completed run has results to compare.")
    try:
        return run_rows(store, run, results or default_results(store.url))
    except NoRows as error:
        raise click.ClickException(str(error)) from error


def _print_text(found: Iterator[Change]) -> None:
    for each in found:
        row = dict(zip(ITEM_FIELDS, each.difference.row, strict=True))
        changed = "; ".join(f"{name} was {was}, is {row[name]}" for name, was in each.difference.compared.items())
        print(f"{each.type:8}", *(row[name] for name in _SHOWN if row[name] is not None), changed)


def _print_csv(found: Iterator[Change]) -> None:
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(("difference_type", "changed_fields", *ITEM_FIELDS))
    for each in found:
        table.writerow((each.type, " ".join(each.difference.compared), *each.difference.row))


def _print_json(found: Iterator[Change]) -> None:
    """One JSON object a line."""
    for each in found:
        row = dict(zip(ITEM_FIELDS, each.difference.row, strict=True))
        told = {"type": each.type, "item": row, "compared": each.difference.compared}
        print(msgspec.json.encode(told).decode())
