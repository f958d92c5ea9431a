"""The end of interrupted work on an upstream, which the same command can resume."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console

_INTERRUPTED = 130


@contextmanager
def resumable(errors: Console, *refusals: type[Exception]) -> Iterator[None]:
    """Work that the same command resumes: Ctrl-C prints that, and a refusal is one sentence."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        errors.print("Stopped. Call the same command again to go on from here.")
        raise SystemExit(_INTERRUPTED) from interrupt
    except refusals as error:
        raise click.ClickException(f"{error}") from error
