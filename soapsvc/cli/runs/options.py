"""The options that the commands on runs share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NotRequired, TypedDict, TypeVar

import click

from soapsvc.cli.configuration import SecretUrl
from soapsvc.cli.options.values import choice
from soapsvc.cli.options.words import LEASE_SECONDS, PART_ACCOUNTS

Command = TypeVar("Command", bound=Callable[..., Any])


class Execution(TypedDict):
    """The options of `execution_options`."""

    results: str | None
    workers: int | None
    dask: str | None
    lease: int
    part_accounts: int
    form: NotRequired[str | None]
    columns: NotRequired[str]


def database_option(command: Command) -> Command:
    """Give a command the option `--database`, which it needs."""
    return click.option(
        "--database", cls=SecretUrl, metavar="URL", required=True, help="The database of the tenant and its runs."
    )(command)


def out_option(command: Command) -> Command:
    """Give a command the option `--out`, and the options for the form of that file."""
    path = click.Path(path_type=Path, dir_okay=False)
    command = click.option(
        "--columns",
        type=choice(["vendor", "all"]),
        default="vendor",
        show_default=True,
        help="Columns of a CSV: the vendor's, or all: also names, account number, currency, tax, reasons.",
    )(command)
    command = click.option(
        "--format",
        "form",
        type=choice(["zip", "csv", "xlsx"]),
        help="The format of --out: the whole result, only its CSV, or a workbook.  [default: by its name, or zip]",
    )(command)
    return click.option("--out", type=path, metavar="FILE", help="Copy the result here.")(command)


def execution_options(command: Command) -> Command:
    """Give a command the options for the workers and the place of results."""
    command = click.option("--part-accounts", type=click.IntRange(1), default=PART_ACCOUNTS, hidden=True)(command)
    command = click.option(
        "--lease",
        type=click.IntRange(2),
        default=LEASE_SECONDS,
        metavar="SECONDS",
        show_default=True,
        help="When a process dies, another takes over its run after this time.",
    )(command)
    command = click.option("--dask", metavar="ADDRESS", help="Compute on the Dask cluster at tcp://HOST:PORT.")(command)
    command = click.option(
        "--workers", type=click.IntRange(1), help="Processes that compute.  [default: one for each core]"
    )(command)
    return click.option(
        "--results",
        metavar="DIR|URL",
        help="Where result files are kept.  [default: beside an SQLite database, else the user's data folder]",
    )(command)
