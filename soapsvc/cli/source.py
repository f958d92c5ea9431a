"""Which tenant a command works on: a tenant directory or a database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlalchemy.exc import SQLAlchemyError

from soapsvc.tenant import ImportRefused, Store, open_tenant

Command = TypeVar("Command", bound=Callable[..., Any])


def source_options(command: Command) -> Command:
    """Give a command the options `--tenant` and `--database`."""
    folder = click.Path(path_type=Path, exists=True, file_okay=False)
    command = click.option("--database", metavar="URL", help="A database that `soapsvc import` filled.")(command)
    return click.option("--tenant", type=folder, metavar="DIR", help="A tenant directory.")(command)


@contextmanager
def opened(tenant: Path | None, database: str | None) -> Iterator[Store]:
    """The store of the one source that was given.

    Raises click.UsageError where it is not exactly one, and click.ClickException where it cannot be read.
    """
    if (tenant is None) == (database is None):
        raise click.UsageError("Give either --tenant or --database.")
    try:
        store = open_tenant(tenant) if tenant is not None else Store.open(database or "")
    except ImportRefused as refused:
        raise click.ClickException(f"the tenant cannot be read:\n{refused}") from refused
    except SQLAlchemyError as error:
        raise click.ClickException(f"the database cannot be opened: {error}") from error
    try:
        yield store
    finally:
        store.close()
