"""`soapsvc accounts`: the accounts of a tenant, searched and narrowed."""

from __future__ import annotations

from pathlib import Path

import click

from soapsvc.cli.options.source import source_options
from soapsvc.cli.options.values import choice


@click.command()
@source_options
@click.option(
    "--search", default="", metavar="TEXT", help="The beginning of a number or name, words of a name, or an id."
)
@click.option("--batch", multiple=True, help="Only those of this batch; may be repeated.")
@click.option("--currency", default="", help="Only those billed in this currency.")
@click.option("--status", default="", help="Only those of this status.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many to list.")
@click.option("--format", "form", type=choice(["table", "csv", "json"]), default="table", show_default=True)
def accounts(
    tenant: Path | None,
    database: str | None,
    search: str,
    batch: tuple[str, ...],
    limit: int,
    form: str,
    **filters: str,
) -> None:
    """List accounts by number, or the best matches of a search."""
    from soapsvc.cli.tenant.listing import list_found
    from soapsvc.tenant.store import Wanted

    list_found(tenant, database, Wanted(search, batch, **filters), limit, form)
