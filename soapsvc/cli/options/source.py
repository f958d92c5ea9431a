"""The options that say which tenant a command works on: a tenant directory or a database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from soapsvc.cli.configuration import SecretUrl

Command = TypeVar("Command", bound=Callable[..., Any])


def source_options(command: Command) -> Command:
    """Give a command the options `--tenant` and `--database`."""
    folder = click.Path(path_type=Path, exists=True, file_okay=False)
    command = click.option("--database", cls=SecretUrl, metavar="URL", help="A database that `soapsvc import` filled.")(
        command
    )
    return click.option("--tenant", type=folder, metavar="DIR", help="A tenant directory.")(command)
