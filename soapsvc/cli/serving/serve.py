"""`soapsvc serve`: the HTTP server over a tenant directory, a database, or the demo tenant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from soapsvc.cli.configuration import ARGUMENT, DEFAULT, Misconfigured, Secret, SecretUrl, option_key, place_of
from soapsvc.cli.options.log_options import log_options
from soapsvc.cli.options.values import choice
from soapsvc.cli.options.words import MOST_SESSION_MINUTES, OFFSETS
from soapsvc.cli.serving.listen_options import listen_options
from soapsvc.cli.serving.stand_in import check_options, stand_in_options
from soapsvc.cli.upstream.shadow_options import shadow_options

if TYPE_CHECKING:
    from soapsvc.cli.serving.service import ServeOptions


@click.command()
@click.option("--tenant", type=click.Path(path_type=Path, exists=True, file_okay=False), help="A tenant directory.")
@click.option("--database", cls=SecretUrl, metavar="URL", help="A database that `soapsvc import` filled.")
@click.option("--demo", is_flag=True, help="Serve the demo tenant.")
@listen_options
@click.option("--public-url", metavar="URL", help="The URL that clients use.  [default: the host that they call]")
@click.option(
    "--trusted-proxy",
    multiple=True,
    metavar="CIDR",
    help="A proxy whose X-Forwarded headers are trusted; may be repeated.",
)
@click.option(
    "--session-lifetime",
    type=click.IntRange(1, MOST_SESSION_MINUTES),
    metavar="MINUTES",
    help="How long a login lasts.  [default: the tenant's session_minutes]",
)
@click.option(
    "--target-date-offset",
    type=choice(OFFSETS),
    default=OFFSETS[0],
    show_default=True,
    help=(
        "The day of a TargetDate with an offset in SOAP. vendor: the day in Pacific Time through 68.0, as written from "
        "69.0 on; convert: the day in the tenant's zone; as-written: the day as written."
    ),
)
@click.option(
    "--results", metavar="DIR|URL", help="Where result files of runs are kept.  [default: as for `soapsvc run`]"
)
@click.option(
    "--run-workers",
    type=click.IntRange(0),
    help="Processes that compute runs; 0 leaves runs to `soapsvc run work`.  [default: one for each core]",
)
@click.option("--dask", metavar="ADDRESS", help="Compute runs on the Dask cluster at tcp://HOST:PORT.")
@stand_in_options
@shadow_options
@click.option("--strict-status", is_flag=True, help="Answer failed REST v1 calls with a 4xx or 5xx, not with 200.")
@click.option("--metrics-token", cls=Secret, metavar="TEXT", help="A bearer token that callers of /metrics must send.")
@log_options
def serve(**given: Unpack[ServeOptions]) -> None:
    """Serve SOAP and REST over HTTP until stopped.

    Prints one line `listening on URL` when ready. Logs go to standard error.
    """
    check_options(given, given["host"], given["workers"])
    sources = sum((given["tenant"] is not None, given["database"] is not None, given["demo"]))
    if sources > 1 or (sources == 0 and not given["stand_in"]):
        raise Misconfigured(f"Give exactly one of --tenant, --database and --demo{_given()}.")
    from soapsvc.cli.serving.service import serve_until_stopped

    serve_until_stopped(given)


def _given() -> str:
    """Which of the three options come from a source other than arguments."""
    context = click.get_current_context()
    places = {option_key(option): place_of(context, option) for option in context.command.params}
    told = [places[key] for key in ("tenant", "database", "demo") if places[key] not in {ARGUMENT, DEFAULT}]
    return f"; there is {' and '.join(told)}" if told else ""
