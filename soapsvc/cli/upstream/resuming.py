"""How work on an upstream that can be taken up again ends, if it does not come to its end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console

_INTERRUPTED = 130


@contextmanager
def resumable(errors: Console, *refusals: type[Exception]) -> Iterator[None]:
    """Work that the same command goes on with: Ctrl-C says so, and what is refused is said in a sentence."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        errors.print("Stopped. The same command goes on where this one was.")
        raise SystemExit(_INTERRUPTED) from interrupt
    except refusals as error:
        raise click.ClickException(f"{error}") from error
