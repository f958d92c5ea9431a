"""Turn the options of `listen_options` into the server's settings: address, certificate and limits."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import click

from soapsvc.cli.configuration import Misconfigured, named
from soapsvc.cli.serving.listen_options import ListenOptions
from soapsvc.runs.definition import MissingExtra, needed
from soapsvc.server.listening.runner import Listen
from soapsvc.server.listening.tls import Pair, Tls, WrongCertificate
from soapsvc.server.wsgi import Options

_MOST_WORKERS = 4
_COLLECTOR = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def listen(options: ListenOptions, *, alone: bool) -> Listen:
    """The settings for listening; with `alone`, one worker process.

    Raises Misconfigured for an unusable certificate.
    """
    workers = 1 if alone else options["workers"] or min(os.cpu_count() or 1, _MOST_WORKERS)
    return Listen(
        options["host"],
        options["port"],
        workers,
        options["threads"],
        grace=options["grace"],
        tls=_tls(options["tls_certificate"], options["tls_key"]),
    )


def limited(options: Options, given: ListenOptions) -> Options:
    """The options with the given limits. Raises click.ClickException where a package is missing."""
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
    """Check at the start that spans can be sent."""
    try:
        needed("opentelemetry.exporter.otlp.proto.http.trace_exporter", extra="otel")
    except MissingExtra as error:
        raise click.ClickException(str(error)) from error
    for name in _COLLECTOR:
        url = os.environ.get(name, "")
        if url and not url.startswith(("http://", "https://")):
            raise Misconfigured(f"{name}: {url!r} is not an http or https URL such as http://collector:4318.")


def _tls(certificate: Path | None, key: Path | None) -> Tls | None:
    if certificate is None:
        if key is not None:
            raise Misconfigured(f"{named('tls_key')}: a key needs its certificate: give --tls-certificate.")
        return None
    try:
        return Tls(Pair(certificate, key or certificate))
    except WrongCertificate as error:
        given = "tls_key" if error.of_key and key is not None else "tls_certificate"
        raise Misconfigured(f"{named(given)}: {error}.") from error
