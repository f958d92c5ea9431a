"""The work of `soapsvc accounts`: find accounts, and list them in the requested form."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

import click
import msgspec
from rich.table import Table
from rich.text import Text

from soapsvc.cli.options.opening import opened
from soapsvc.cli.runs.carrying import OPERATOR
from soapsvc.cli.terminal import console
from soapsvc.runs.sinks import csv_line, formula_safe
from soapsvc.tenant import Store
from soapsvc.tenant.store import Listed, Wanted, list_accounts

_AT_ONCE = 500
_COLUMNS = ("Id", "Number", "Name", "Currency", "Batch", "Status", "Organization")


def list_found(tenant: Path | None, database: str | None, wanted: Wanted, limit: int, form: str) -> None:
    """List the matching accounts of a tenant, up to a limit, as a table, csv or json."""
    with opened(tenant, database) as store:
        found, more = _found(store, wanted, limit)
    if form == "csv":
        click.echo(csv_line(_COLUMNS), nl=False)
        for each in found:
            click.echo(csv_line([formula_safe(cell or "") for cell in astuple(each)]), nl=False)
    elif form == "json":
        for each in found:
            click.echo(msgspec.json.encode(each))
    else:
        _print(found)
    if more:
        click.echo(f"There are more than {limit}; --limit lists them, and --search or a filter narrows them.", err=True)


def _found(store: Store, wanted: Wanted, limit: int) -> tuple[list[Listed], bool]:
    """The accounts up to the limit, and whether there are more."""
    found: list[Listed] = []
    after: str | None = ""
    while after is not None and len(found) < limit:
        listing = list_accounts(store, OPERATOR, wanted, after=after, size=min(_AT_ONCE, limit - len(found)))
        found += listing.accounts
        after = listing.next
    return found, after is not None


def _print(found: list[Listed]) -> None:
    table = Table(box=None)
    for name in _COLUMNS:
        table.add_column(name, overflow="fold")
    for each in found:
        table.add_row(*(Text(cell or "") for cell in astuple(each)))
    console().print(table)
