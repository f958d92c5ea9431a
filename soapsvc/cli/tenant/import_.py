"""`soapsvc import`: read a tenant directory into a database, once and for all."""

from __future__ import annotations

import os
from pathlib import Path

import click

from soapsvc.cli.configuration import SecretUrl

_MOST = 4
"""More processes would wait for the one that writes."""


@click.command("import")
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--database", "url", cls=SecretUrl, metavar="URL", required=True, help="Such as sqlite:///tenant.sqlite.")
@click.option("--replace", is_flag=True, help="Remove what DIR does not have.")
@click.option("--dry-run", is_flag=True, help="Show what would be added, changed and removed, and change nothing.")
@click.option(
    "--processes",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes that read a large DIR.  [default: one for each processor, up to 4]",
)
@click.option("--quiet", is_flag=True, help="Print nothing but problems.")
def command(folder: Path, url: str, replace: bool, dry_run: bool, processes: int | None, quiet: bool) -> None:
    """Import the tenant directory DIR into a database, whole or not at all.

    A second import replaces what has the same id. What DIR does not have stays, unless --replace removes it. You can
    import while the server runs; a run that has begun keeps the old data.
    """
    from soapsvc.cli.tenant.importing import ImportOptions, import_and_tell

    asked = ImportOptions(replace=replace, dry_run=dry_run, processes=processes or min(os.cpu_count() or 1, _MOST))
    import_and_tell(folder, url, asked, quiet=quiet)
