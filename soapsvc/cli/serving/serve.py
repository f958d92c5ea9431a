"""`soapsvc serve`: the HTTP server over a tenant directory, a database, or the demo tenant."""

from __future__ import annotations

import errno
import logging
import os
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Unpack, cast

import click
from sqlalchemy import make_url

from soapsvc import __version__, logs
from soapsvc.cli.configuration import ARGUMENT, DEFAULT, Misconfigured, Secret, SecretUrl, named, option_key, place_of
from soapsvc.cli.options.log_options import log_options
from soapsvc.cli.options.source import open_source
from soapsvc.cli.options.values import choice
from soapsvc.cli.serving.checks import check_runs, public_url_of
from soapsvc.cli.serving.demo import first_words
from soapsvc.cli.serving.listen_options import ListenOptions, limited, listen, listen_options
from soapsvc.cli.serving.stand_in import StandInOptions, check_options, open_stand_in, stand_in_options
from soapsvc.cli.upstream.shadow_options import ShadowOptions, shadow_of, shadow_options
from soapsvc.resources import fixtures_dir
from soapsvc.server.listening.processes import WorkersFailed
from soapsvc.server.listening.runner import Listen
from soapsvc.server.listening.runner import serve as run
from soapsvc.server.wsgi import Options
from soapsvc.soap.frame import MAX_SESSION_LIFETIME
from soapsvc.soap.operations import Offsets
from soapsvc.standin import DEMO_USERS
from soapsvc.tenant import Store

_LOG = logging.getLogger(__name__)


class _More(StandInOptions, ListenOptions, ShadowOptions):
    """The options that others declare."""


@click.command()
@click.option("--tenant", type=click.Path(path_type=Path, exists=True, file_okay=False), help="A tenant directory.")
@click.option("--database", cls=SecretUrl, metavar="URL", help="A database that `soapsvc import` filled.")
@click.option("--demo", is_flag=True, help="Serve the demo tenant.")
@listen_options
@click.option("--public-url", metavar="URL", help="Our address as clients know it.  [default: the host that they call]")
@click.option(
    "--trusted-proxy",
    multiple=True,
    metavar="CIDR",
    help="A proxy whose X-Forwarded headers are true; may be repeated.",
)
@click.option(
    "--session-lifetime",
    type=click.IntRange(1, int(MAX_SESSION_LIFETIME.total_seconds() // 60)),
    metavar="MINUTES",
    help="How long a login lasts.  [default: the tenant's session_minutes]",
)
@click.option(
    "--target-date-offset",
    type=choice(Offsets),
    default=Offsets.VENDOR.value,
    show_default=True,
    help=(
        "What a TargetDate with an offset means in SOAP. vendor: the day in Pacific Time through 68.0, as written from "
        "69.0 on; convert: the day in the tenant's zone; as-written: the day as written."
    ),
)
@click.option("--results", metavar="DIR|URL", help="Where result files of runs are kept.  [default: as `soapsvc run`]")
@click.option(
    "--run-workers",
    type=click.IntRange(0),
    help="Processes that compute billing preview runs; 0 leaves them to `soapsvc run work`.  [default: all cores]",
)
@click.option("--dask", metavar="ADDRESS", help="Compute runs on the Dask cluster at tcp://HOST:PORT.")
@stand_in_options
@shadow_options
@click.option("--strict-status", is_flag=True, help="Answer failed REST v1 calls with a 4xx or 5xx, not with 200.")
@click.option(
    "--metrics-token", cls=Secret, metavar="TEXT", help="Show /metrics to those alone who send it as a bearer token."
)
@log_options
def serve(  # noqa: PLR0913, PLR0917 - one for each option
    tenant: Path | None,
    database: str | None,
    demo: bool,
    public_url: str | None,
    trusted_proxy: tuple[str, ...],
    session_lifetime: int | None,
    target_date_offset: str,
    strict_status: bool,
    results: str | None,
    run_workers: int | None,
    dask: str | None,
    metrics_token: str | None,
    log_format: logs.Form,
    log_level: str,
    **more: Unpack[_More],
) -> None:
    """Serve SOAP and REST over HTTP until stopped.

    Prints one line `listening on URL` when ready. Logs go to standard error.
    """
    stand, given = cast(StandInOptions, more), cast(ListenOptions, more)
    check_options(stand, given["host"], given["workers"])
    sources = sum((tenant is not None, database is not None, demo))
    if sources > 1 or (sources == 0 and not stand["stand_in"]):
        raise Misconfigured(f"Give exactly one of --tenant, --database and --demo{_given()}.")
    logs.set_up(log_format, log_level)
    options = Options(
        public_url=public_url_of(public_url, trusted_proxy),
        session_lifetime=timedelta(minutes=session_lifetime) if session_lifetime else None,
        offsets=Offsets(target_date_offset),
        strict_status=strict_status,
        results=results,
        run_workers=run_workers,
        dask=dask,
        metrics_token=metrics_token,
        shadow=shadow_of(cast(ShadowOptions, more), stand_in=bool(stand["stand_in"])),
        comparisons=more["comparisons"],
    )
    check_runs(results, dask, run_workers)
    place = listen({**given, "workers": 1} if stand["stand_in"] else given)
    store, options = _opened(tenant, database, demo, limited(options, given), stand)

    def announce(url: str) -> None:
        _LOG.info(_start(store, place, url))
        print(f"listening on {url}", flush=True)
        if demo:
            print(first_words(options.public_url.fixed or url), flush=True)

    try:
        run(store, options, place, announce)
    except WorkersFailed as error:
        raise click.ClickException("The service cannot start; its log above says why.") from error
    except OSError as error:
        raise click.ClickException(_cannot_listen(place.host, place.port, error)) from error


def _start(store: Store, place: Listen, url: str) -> logs.Event:
    """The first line of the log."""
    shown = make_url(store.url).render_as_string(hide_password=True)
    return logs.Event(
        "serving", version=__version__, store=shown, workers=place.workers, threads=place.threads, address=url
    )


def _given() -> str:
    """Which of the three are given by what else than arguments."""
    context = click.get_current_context()
    places = {option_key(option): place_of(context, option) for option in context.command.params}
    told = [places[key] for key in ("tenant", "database", "demo") if places[key] not in {ARGUMENT, DEFAULT}]
    return f"; there is {' and '.join(told)}" if told else ""


def _opened(
    tenant: Path | None, database: str | None, demo: bool, options: Options, stand: StandInOptions
) -> tuple[Store, Options]:
    """The store to serve; a stand-in's is its own, and nothing but that is computed beside calls."""
    if stand["stand_in"]:
        stand_in = open_stand_in(stand, tenant, database)
        return stand_in.store, replace(options, stand_in=stand_in, run_workers=0)
    store = open_source(fixtures_dir() if demo else tenant, database)
    for user in DEMO_USERS if demo else ():
        store.put_user(user)
    return store, options


def _cannot_listen(host: str, port: int, error: OSError) -> str:
    """Why the address cannot be listened on, and which setting is the way out."""
    told, why = (
        f"Cannot listen on {host} port {port}:",
        re.sub(r" \(while attempting.*", "", error.strerror or f"{error}"),
    )
    if error.errno in {errno.EADDRINUSE, errno.EACCES}:
        other = f"{named('port')} takes another one, and 0 any that is free (PORT=8081 make serve)."
        return f"{told} {os.strerror(error.errno)}. {other}"
    return f"{told} {why}. {named('host')} takes an address of this machine, such as 127.0.0.1."
