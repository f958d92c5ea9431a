"""The options of `soapsvc serve` that say how it listens: address, processes, TLS, grace and limits."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict, TypeVar

import click

from soapsvc.cli.configuration import Misconfigured, named
from soapsvc.runs.definition import MissingExtra, needed
from soapsvc.server.listening.processes import PATIENT_SECONDS
from soapsvc.server.listening.runner import Listen
from soapsvc.server.listening.tls import Pair, Tls, WrongCertificate
from soapsvc.server.wsgi import Options

Command = TypeVar("Command", bound=Callable[..., Any])
_MOST_WORKERS = 4
_COLLECTOR = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


class ListenOptions(TypedDict):
    """The options of `listen_options`."""

    host: str
    port: int
    workers: int | None
    threads: int
    tls_certificate: Path | None
    tls_key: Path | None
    grace: float
    concurrency: int
    max_body: int
    traces: bool


def listen_options(command: Command) -> Command:
    """Give a command the options that say how it listens."""
    file = click.Path(path_type=Path, dir_okay=False)
    mib = click.IntRange(1, 1024)
    options = [
        click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on."),
        click.option(
            "--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 picks a free one."
        ),
        click.option("--workers", type=click.IntRange(1, 64), help="Processes.  [default: one for each core, up to 4]"),
        click.option(
            "--threads", type=click.IntRange(1, 1024), default=256, show_default=True, help="Threads of a process."
        ),
        click.option("--tls-certificate", type=file, metavar="FILE", help="Speak TLS with this certificate, in PEM."),
        click.option("--tls-key", type=file, metavar="FILE", help="The key to it.  [default: in the same file]"),
        click.option(
            "--grace",
            type=click.FloatRange(0, 3600),
            default=PATIENT_SECONDS,
            show_default=True,
            metavar="SECONDS",
            help="How long calls under way may go on when the service is told to stop.",
        ),
        click.option(
            "--concurrency",
            type=click.IntRange(1, 10_000),
            default=Options().limits.concurrency,
            show_default=True,
            help="Calls under way at once, over all processes; further ones get 429 and Retry-After.",
        ),
        click.option(
            "--traces",
            is_flag=True,
            help="Send calls as OpenTelemetry spans to where OTEL_EXPORTER_OTLP_ENDPOINT says.",
        ),
        click.option(
            "--max-body", type=mib, default=2, show_default=True, metavar="MIB", help="The largest request, unpacked."
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def listen(options: ListenOptions) -> Listen:
    """Where and how to listen. Raises Misconfigured for an unusable certificate."""
    workers = options["workers"] or min(os.cpu_count() or 1, _MOST_WORKERS)
    return Listen(
        options["host"],
        options["port"],
        workers,
        options["threads"],
        grace=options["grace"],
        tls=_tls(options["tls_certificate"], options["tls_key"]),
    )


def limited(options: Options, given: ListenOptions) -> Options:
    """The same options with the limits that were given. Raises click.ClickException where a package is missing."""
    if given["traces"]:
        _check_traces()
    size = given["max_body"] * 1024 * 1024
    return replace(
        options,
        traces=given["traces"],
        limits=replace(options.limits, concurrency=given["concurrency"], body_bytes=size),
        rest_limits=replace(options.rest_limits, body_bytes=size),
    )


def _check_traces() -> None:
    """Say before the first call that spans could not be sent."""
    try:
        needed("opentelemetry.exporter.otlp.proto.http.trace_exporter", extra="otel")
    except MissingExtra as error:
        raise click.ClickException(str(error)) from error
    for name in _COLLECTOR:
        url = os.environ.get(name, "")
        if url and not url.startswith(("http://", "https://")):
            raise Misconfigured(f"{name}: {url!r} is no http or https URL such as http://collector:4318.")


def _tls(certificate: Path | None, key: Path | None) -> Tls | None:
    if certificate is None:
        if key is not None:
            raise Misconfigured(
                f"{named('tls_key')}: a key needs --tls-certificate, the file with the certificate to it."
            )
        return None
    try:
        return Tls(Pair(certificate, key or certificate))
    except WrongCertificate as error:
        given = "tls_key" if error.of_key and key is not None else "tls_certificate"
        raise Misconfigured(f"{named(given)}: {error}.") from error
