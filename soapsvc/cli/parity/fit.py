"""`soapsvc fit`: the billing rules under which we answer as the vendor's recorded previews do."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from soapsvc.cli.options.source import source_options
from soapsvc.cli.options.values import choice
from soapsvc.cli.options.words import DATA_FROM


@click.command()
@click.argument("recording", metavar="FILE", type=click.Path(exists=True, path_type=Path))
@source_options
@click.option("--write", is_flag=True, help="Write what was found into the tenant.toml of --tenant.")
@click.option(
    "--data", type=choice(DATA_FROM), default=DATA_FROM[0], show_default=True, help="The data to preview from."
)
@click.option(
    "--processes",
    type=click.IntRange(1),
    metavar="N",
    help="Processes that compute.  [default: one for each processor]",
)
@click.option("--format", "form", type=choice(["table", "json"]), default="table", show_default=True)
def command(
    recording: Path,
    tenant: Path | None,
    database: str | None,
    write: bool,
    data: str,
    processes: int | None,
    form: str,
) -> None:
    """Find the billing rules, roundings, time zone and tax rates that reproduce recorded previews of the vendor.

    It says for each setting whether the recordings determine it, leave it open, or contradict each other. The exit code
    is 0 if all recordings are reproduced, 1 if some are not, and 2 if they cannot be read.
    """
    if write and tenant is None:
        raise click.UsageError("--write needs --tenant, the directory whose tenant.toml it changes.")
    from soapsvc.cli.parity.fitting import fit_and_tell

    if not fit_and_tell(recording, tenant, database, data, processes, form, write=write):
        sys.exit(1)
