"""`soapsvc serve`: the HTTP server over a tenant directory, a database, or the demo tenant."""

from __future__ import annotations

import logging
import os
import sys
from datetime import timedelta
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from soapsvc.resources import fixtures_dir
from soapsvc.runs.extras import MissingExtra, needed
from soapsvc.server.public_url import PublicUrl, networks
from soapsvc.server.runner import Listen
from soapsvc.server.runner import serve as run
from soapsvc.server.wsgi import Options
from soapsvc.soap.app import ENDPOINTS
from soapsvc.soap.limits import MAX_SESSION_LIFETIME
from soapsvc.soap.operations.reading import Offsets
from soapsvc.tenant import ImportRefused, Store, UserEntry, open_tenant

_DEMO_USER = UserEntry("demo@example.com", "demo", client_id="demo", client_secret="demo")  # noqa: S106 - known to all
_DEMO_LINES = """
The demo tenant, until you stop it with Ctrl-C:
  endpoint   {endpoint}
  WSDL       {endpoint}?wsdl
  user       demo@example.com
  password   demo
A call that works, from another terminal:

{call}
"""
# One line that a shell takes as it is: the inner call logs in, the outer one previews.
_DEMO_CALL = (
    "curl -sS {endpoint} -H 'Content-Type: text/xml' -d \""
    "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/' xmlns:a='http://api.zuora.com/'>"
    "<e:Header><a:SessionHeader><a:session>"
    "$(curl -sS {endpoint} -H 'Content-Type: text/xml' -d '"
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><login xmlns="http://api.zuora.com/">'
    "<username>demo@example.com</username><password>demo</password></login></e:Body></e:Envelope>"
    "' | sed 's/.*<ns1:Session>//; s/<.*//')"
    "</a:session></a:SessionHeader></e:Header><e:Body><a:billingPreview><a:requests>"
    "<a:AccountId>402892154627d9a2014627e1b0b60114</a:AccountId>"
    "<a:ChargeTypeToExclude>OneTime,Recurring</a:ChargeTypeToExclude><a:TargetDate>2014-06-01T19:18:09</a:TargetDate>"
    "<a:IncludingEvergreenSubscription>true</a:IncludingEvergreenSubscription>"
    '</a:requests></a:billingPreview></e:Body></e:Envelope>"'
)


@click.command()
@click.option("--tenant", type=click.Path(path_type=Path, exists=True, file_okay=False), help="A tenant directory.")
@click.option("--database", metavar="URL", help="A database that `soapsvc import` filled.")
@click.option("--demo", is_flag=True, help="Serve the demo tenant.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 picks a free one.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes.  [default: one for each core, up to 4]")
@click.option("--threads", type=click.IntRange(1, 1024), default=64, show_default=True, help="Threads of each process.")
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
    type=click.Choice([each.value for each in Offsets]),
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
@click.option("--strict-status", is_flag=True, help="Answer failed REST v1 calls with a 4xx or 5xx, not with 200.")
def serve(  # noqa: PLR0913, PLR0917 - one for each option
    tenant: Path | None,
    database: str | None,
    demo: bool,
    host: str,
    port: int,
    workers: int | None,
    threads: int,
    public_url: str | None,
    trusted_proxy: tuple[str, ...],
    session_lifetime: int | None,
    target_date_offset: str,
    strict_status: bool,
    results: str | None,
    run_workers: int | None,
    dask: str | None,
) -> None:
    """Serve SOAP and REST over HTTP until stopped.

    Prints one line `listening on URL` when ready. Logs go to standard error.
    """
    if sum((tenant is not None, database is not None, demo)) != 1:
        raise click.UsageError("Give exactly one of --tenant, --database and --demo.")
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        proxies = networks(trusted_proxy)
    except ValueError as error:
        raise click.BadParameter(f"{error}", param_hint="--trusted-proxy") from error
    options = Options(
        public_url=PublicUrl(_checked(public_url), proxies),
        session_lifetime=timedelta(minutes=session_lifetime) if session_lifetime else None,
        offsets=Offsets(target_date_offset),
        strict_status=strict_status,
        results=results,
        run_workers=run_workers,
        dask=dask,
    )
    if dask is not None:
        _check_dask()
    store = _open(fixtures_dir() if demo else tenant, database)
    if demo:
        store.put_user(_DEMO_USER)
    listen = Listen(host, port, workers or min(os.cpu_count() or 1, 4), threads)

    def announce(url: str) -> None:
        print(f"listening on {url}", flush=True)
        if demo:
            endpoint = f"{options.public_url.fixed or url}{ENDPOINTS}61.0"
            print(_DEMO_LINES.format(endpoint=endpoint, call=_DEMO_CALL.format(endpoint=endpoint)), flush=True)

    try:
        run(store, options, listen, announce)
    except OSError as error:
        raise click.ClickException(f"Cannot listen on {host} port {port}: {error.strerror}") from error


def _check_dask() -> None:
    """Say before the first run that Dask is not there."""
    try:
        needed("distributed", extra="dask")
    except MissingExtra as error:
        raise click.ClickException(str(error)) from error


def _checked(public_url: str | None) -> str | None:
    if public_url is not None and not public_url.startswith(("http://", "https://")):
        raise click.BadParameter(f"{public_url!r} is no http or https URL", param_hint="--public-url")
    return public_url


def _open(folder: Path | None, database: str | None) -> Store:
    """The store of a tenant directory (a temporary file that all workers share) or of a database."""
    try:
        if folder is not None:
            return open_tenant(folder)
        return Store.open(database or "")
    except ImportRefused as refused:
        raise click.ClickException(f"{refused}") from refused
    except SQLAlchemyError as error:
        raise click.ClickException(f"The database cannot be opened: {error}") from error
