"""The options of `soapsvc serve` for listening: address, processes, TLS, grace and limits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypedDict, TypeVar

import click

from soapsvc.cli.options.words import CONCURRENCY, GRACE_SECONDS

Command = TypeVar("Command", bound=Callable[..., Any])


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
    """Give a command the options for listening."""
    file = click.Path(path_type=Path, dir_okay=False)
    mib = click.IntRange(1, 1024)
    options = [
        click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on."),
        click.option(
            "--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 picks a free port."
        ),
        click.option("--workers", type=click.IntRange(1, 64), help="Processes.  [default: one for each core, up to 4]"),
        click.option(
            "--threads", type=click.IntRange(1, 1024), default=256, show_default=True, help="Threads of a process."
        ),
        click.option("--tls-certificate", type=file, metavar="FILE", help="Speak TLS with this certificate, in PEM."),
        click.option("--tls-key", type=file, metavar="FILE", help="Its private key.  [default: in the same file]"),
        click.option(
            "--grace",
            type=click.FloatRange(0, 3600),
            default=GRACE_SECONDS,
            show_default=True,
            metavar="SECONDS",
            help="How long calls under way may go on after the service was asked to stop.",
        ),
        click.option(
            "--concurrency",
            type=click.IntRange(1, 10_000),
            default=CONCURRENCY,
            show_default=True,
            help="Calls under way at once, over all processes; more calls get 429 and Retry-After.",
        ),
        click.option(
            "--traces",
            is_flag=True,
            help="Send calls as OpenTelemetry spans to the collector that OTEL_EXPORTER_OTLP_ENDPOINT names.",
        ),
        click.option(
            "--max-body", type=mib, default=2, show_default=True, metavar="MIB", help="The largest request, unpacked."
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command
