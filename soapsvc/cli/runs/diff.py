"""`soapsvc run diff`: what is different between the results of two runs."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import click
import msgspec

from soapsvc.cli.configuration import SecretUrl
from soapsvc.cli.runs.options import explained
from soapsvc.cli.source import opened
from soapsvc.cli.values import choice
from soapsvc.runs.definition import ITEM_FIELDS
from soapsvc.runs.results import Difference, DifferenceType
from soapsvc.runs.run_diff import AccountRows, diff_runs, file_rows, stored_rows
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


@click.command()
@click.argument("a")
@click.argument("b")
@click.option("--database", cls=SecretUrl, metavar="URL", help="The database of runs that are given by id or number.")
@click.option("--format", "form", type=choice(["text", "csv", "json"]), default="text", show_default=True)
def diff(a: str, b: str, database: str | None, form: str) -> None:
    """Show what run B has otherwise than run A: items Added, Removed and Changed.

    A and B are result files (our zip, or the CSV in it, also the vendor's), or runs with results in the database, by id
    or number. Exits with 1 where there are differences.
    """
    with ExitStack() as stack, explained():
        store = stack.enter_context(opened(None, database)) if database is not None else None
        counts: Counter[DifferenceType] = Counter()
        found = _counted(diff_runs(_rows(a, store), _rows(b, store)), counts)
        {"text": _print_text, "csv": _print_csv, "json": _print_json}[form](found)
        told = ", ".join(f"{counts[kind]:,} {kind}" for kind in DifferenceType)
        print(told if counts else "no differences", file=sys.stderr)
    if counts:
        raise click.exceptions.Exit(1)


def _rows(key: str, store: Store | None) -> AccountRows:
    if Path(key).is_file():
        return file_rows(Path(key))
    if store is None:
        raise click.UsageError(f"There is no file {key}; for a run in a database give --database.")
    return stored_rows(store, key)


def _counted(found: Iterator[Difference], counts: Counter[DifferenceType]) -> Iterator[Difference]:
    for each in found:
        counts[each.type] += 1
        yield each


def _print_text(found: Iterator[Difference]) -> None:
    for each in found:
        row = dict(zip(ITEM_FIELDS, each.row, strict=True))
        changes = "; ".join(f"{name} was {was}, is {row[name]}" for name, was in each.compared.items())
        print(f"{each.type:8}", *(row[name] for name in _SHOWN if row[name] is not None), changes)


def _print_csv(found: Iterator[Difference]) -> None:
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(("difference_type", "changed_fields", *ITEM_FIELDS))
    for each in found:
        table.writerow((each.type, " ".join(each.compared), *each.row))


def _print_json(found: Iterator[Difference]) -> None:
    """One JSON object a line."""
    for each in found:
        row = dict(zip(ITEM_FIELDS, each.row, strict=True))
        print(msgspec.json.encode({"type": each.type, "item": row, "compared": each.compared}).decode())
