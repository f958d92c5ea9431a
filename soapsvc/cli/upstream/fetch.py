"""`soapsvc fetch`: read a live tenant into a tenant directory."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from soapsvc.cli.options.values import choice
from soapsvc.cli.options.words import FETCHED_USAGE, LAST_FETCH
from soapsvc.cli.upstream.options import upstream_options
from soapsvc.cli.upstream.selection import check_selection, selection_options

if TYPE_CHECKING:
    from soapsvc.cli.upstream.fetching import FetchOptions


class Since(click.ParamType[str]):
    """An instant, or the word `last`."""

    name = "instant"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return what `value` spells, checked."""
        if value != LAST_FETCH:
            try:
                datetime.fromisoformat(str(value))
            except ValueError:
                self.fail(f"{value!r} is neither {LAST_FETCH} nor an instant such as 2024-07-09T12:00:00Z", param, ctx)
        return str(value)


@click.command("fetch")
@upstream_options
@selection_options
@click.option("--since", type=Since(), help="Only what changed since this instant, or since the last fetch into DIR.")
@click.option(
    "--usage",
    type=choice(FETCHED_USAGE),
    default=FETCHED_USAGE[0],
    show_default=True,
    help="Usage records: those not billed yet; all, which prepaid funds need; or none.",
)
@click.option("--drafts", is_flag=True, help="Read draft invoices and credit memos, too.")
@click.option("--keep-personal", is_flag=True, help="Keep names, addresses and e-mails, which billing does not need.")
@click.option(
    "--bulk", is_flag=True, help="Read the whole tenant by exports of one moment (AQuA): for hundreds of thousands."
)
@click.option("--restart", is_flag=True, help="Forget an unfinished fetch into DIR, and begin again.")
@click.option("--quiet", is_flag=True, help="Print nothing but problems.")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.pass_context
def command(context: click.Context, /, **options: Unpack[FetchOptions]) -> None:
    """Read a live tenant into the tenant directory DIR, for `import`, `serve` and `preview`.

    It changes nothing in the tenant. After an interruption, call the same command again: it goes on where it stopped.
    Accounts that fail do not stop the others. They are listed, the exit code is 1, and the same command tries them
    again.
    """
    check_selection(context)
    from soapsvc.cli.upstream.fetching import fetch_and_tell

    fetch_and_tell(context, options)
