"""The options that select accounts of a live tenant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from soapsvc.vendor.fetching import Selection

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--accounts",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        metavar="FILE",
        help="Only these: ids or numbers, one a line, or a CSV with a column of them.",
    ),
    click.option("--batch", multiple=True, metavar="NAME", help="Only accounts of this batch; may be repeated."),
    click.option(
        "--query",
        metavar="ZOQL",
        default="",
        help="Only the accounts that this query finds: select Id from Account where …",
    ),
)


def selection_options(command: Command) -> Command:
    """Give a command the options; `selection_of` reads them."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def check_selection(context: click.Context) -> None:
    """Raise click.UsageError where accounts are selected in more than one way."""
    given = context.params
    if sum((given["accounts"] is not None, bool(given["batch"]), bool(given["query"]))) > 1:
        raise click.UsageError("Give at most one of --accounts, --batch and --query.")


def selection_of(context: click.Context, since: datetime | None = None) -> Selection:
    """The accounts of a command with these options; raises VendorError for a file without any."""
    from soapsvc.vendor.fetching import Selection, keys_of

    given = context.params
    keys = keys_of(given["accounts"]) if given["accounts"] is not None else ()
    return Selection(keys, given["batch"], given["query"], since)
