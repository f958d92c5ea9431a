"""`soapsvc verify`: the vendor's recorded previews beside ours, every difference with its cause."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from soapsvc.cli.options.source import source_options
from soapsvc.cli.options.values import choice
from soapsvc.cli.options.words import DATA_FROM


class Allowed(click.ParamType[frozenset[str]]):
    """Kinds of differences and causes, separated by commas."""

    name = "words"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> frozenset[str]:
        """Return the set of words that `value` lists."""
        from soapsvc.parity.verification import ALLOWED

        named = {part.strip().lower() for part in str(value).split(",") if part.strip()}
        if unknown := sorted(named.difference(ALLOWED)):
            self.fail(f"{', '.join(unknown)} cannot be allowed; --allow takes {', '.join(ALLOWED)}", param, ctx)
        return frozenset(named)


@click.command()
@click.argument("recording", metavar="FILE", type=click.Path(exists=True, path_type=Path))
@source_options
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="F.html",
    help="Also write the report as an HTML page.",
)
@click.option(
    "--allow",
    type=Allowed(),
    default="",
    metavar="WORDS",
    help="Differences that do not count, separated by commas: name,cent.",
)
@click.option(
    "--data", type=choice(DATA_FROM), default=DATA_FROM[0], show_default=True, help="The data to preview from."
)
@click.option("--format", "form", type=choice(["table", "json"]), default="table", show_default=True)
def command(
    recording: Path,
    tenant: Path | None,
    database: str | None,
    report: Path | None,
    allow: frozenset[str],
    data: str,
    form: str,
) -> None:
    """Compare recorded previews of the vendor with ours, item by item. FILE may be a folder.

    The exit code is 0 if all agree, 1 if there is a difference that --allow does not allow, and 2 if the recording
    cannot be read.
    """
    from soapsvc.cli.parity.verifying import verify_and_tell

    if not verify_and_tell(recording, tenant, database, report, allow, data, form):
        sys.exit(1)
