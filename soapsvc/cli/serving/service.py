"""The work of `soapsvc serve`: open a store, and serve it until a signal stops it."""

from __future__ import annotations

import errno
import logging
import os
import re
from datetime import timedelta
from pathlib import Path

import click
from sqlalchemy import make_url

from soapsvc import __version__, logs
from soapsvc.cli.configuration import named
from soapsvc.cli.serving.checks import check_runs, public_url_of
from soapsvc.cli.serving.demo import first_words
from soapsvc.cli.serving.listen_options import ListenOptions
from soapsvc.cli.serving.listening import limited, listen
from soapsvc.cli.serving.stand_in import StandInOptions
from soapsvc.cli.serving.stores import served
from soapsvc.cli.upstream.shadow_options import ShadowOptions, shadow_of
from soapsvc.server.listening.processes import WorkersFailed
from soapsvc.server.listening.runner import Listen
from soapsvc.server.listening.runner import serve as run
from soapsvc.server.wsgi import Options
from soapsvc.soap.operations import Offsets
from soapsvc.tenant import Store

_LOG = logging.getLogger(__name__)


class ServeOptions(StandInOptions, ListenOptions, ShadowOptions):
    """The options of `soapsvc serve`."""

    tenant: Path | None
    database: str | None
    demo: bool
    public_url: str | None
    trusted_proxy: tuple[str, ...]
    session_lifetime: int | None
    target_date_offset: str
    strict_status: bool
    results: str | None
    run_workers: int | None
    dask: str | None
    metrics_token: str | None
    log_format: logs.Form
    log_level: str


def serve_until_stopped(given: ServeOptions) -> None:
    """Serve with these options. Raises click.ClickException where that is impossible."""
    logs.set_up(given["log_format"], given["log_level"])
    options = _options(given)
    place = listen(given, alone=given["stand_in"])
    store, options = served(given["tenant"], given["database"], given["demo"], limited(options, given), given)

    def announce(url: str) -> None:
        _LOG.info(_start(store, place, url))
        print(f"listening on {url}", flush=True)
        if given["demo"]:
            print(first_words(options.public_url.fixed or url), flush=True)

    try:
        run(store, options, place, announce)
    except WorkersFailed as error:
        raise click.ClickException("The service cannot start; its log above says why.") from error
    except OSError as error:
        raise click.ClickException(_cannot_listen(place.host, place.port, error)) from error


def _options(given: ServeOptions) -> Options:
    """The server's options, except for the limits. Raises click.ClickException for impossible ones."""
    minutes = given["session_lifetime"]
    options = Options(
        public_url=public_url_of(given["public_url"], given["trusted_proxy"]),
        session_lifetime=timedelta(minutes=minutes) if minutes else None,
        offsets=Offsets(given["target_date_offset"]),
        strict_status=given["strict_status"],
        results=given["results"],
        run_workers=given["run_workers"],
        dask=given["dask"],
        metrics_token=given["metrics_token"],
        shadow=shadow_of(given, stand_in=given["stand_in"]),
        comparisons=given["comparisons"],
    )
    check_runs(given["results"], given["dask"], given["run_workers"])
    return options


def _start(store: Store, place: Listen, url: str) -> logs.Event:
    """The first line of the log."""
    shown = make_url(store.url).render_as_string(hide_password=True)
    return logs.Event(
        "serving", version=__version__, store=shown, workers=place.workers, threads=place.threads, address=url
    )


def _cannot_listen(host: str, port: int, error: OSError) -> str:
    """The error of an address on which the server cannot listen, with the setting to change."""
    told = f"Cannot listen on {host} port {port}:"
    if error.errno in {errno.EADDRINUSE, errno.EACCES}:
        other = f"Give another port with {named('port')}, or 0 for any free one (PORT=8081 make serve)."
        return f"{told} {os.strerror(error.errno)}. {other}"
    why = re.sub(r" \(while attempting.*", "", error.strerror or f"{error}")
    return f"{told} {why}. Give {named('host')} an address of this machine, such as 127.0.0.1."
