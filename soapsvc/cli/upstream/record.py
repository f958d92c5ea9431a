"""`soapsvc record`: keep previews of a live tenant, with what they were computed from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from soapsvc.cli.options.values import ChargeTypes, Day, choice
from soapsvc.cli.options.words import ASSUME_RENEWAL, NO_RENEWAL
from soapsvc.cli.upstream.options import upstream_options
from soapsvc.cli.upstream.selection import check_selection, selection_options

if TYPE_CHECKING:
    from soapsvc.cli.upstream.recording import RecordOptions

_REST, _SOAP = "rest", "soap"


@click.command("record")
@upstream_options
@click.option("--target-date", type=Day(), required=True, help="Preview up to this day.")
@click.option("--assume-renewal", type=choice(ASSUME_RENEWAL), default=NO_RENEWAL, show_default=True)
@click.option(
    "--charge-type-to-exclude", type=ChargeTypes(), default="", help="Leave these out, such as OneTime,Usage."
)
@click.option("--include-evergreen", is_flag=True, help="Include evergreen subscriptions.")
@click.option("--include-draft-items", is_flag=True, help="Include items of draft documents.")
@click.option(
    "--surface",
    type=choice((_REST, _SOAP)),
    default=_REST,
    show_default=True,
    help="The API to call. soap needs a user, and has no taxes and no credit memos.",
)
@click.option(
    "--soap-url",
    metavar="URL",
    help="The host of the SOAP endpoint.  [default: the host of --upstream, without `rest.`]",
)
@selection_options
@click.option(
    "--keep-names", is_flag=True, help="Keep names of accounts, products and charges. By default they are hashed."
)
@click.option("--quiet", is_flag=True, help="Print nothing but problems.")
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_context
def command(context: click.Context, /, **options: Unpack[RecordOptions]) -> None:
    """Ask a live tenant for previews, and keep them in FILE with the present data of their accounts.

    It only reads; it changes nothing in the tenant. FILE holds no secret and nothing that identifies customers. Call
    the same command again to go on where it stopped.
    """
    check_selection(context)
    if options["surface"] == _SOAP and options["include_draft_items"]:
        raise click.UsageError("SOAP has no draft items: --include-draft-items needs --surface rest.")
    from soapsvc.cli.upstream.recording import record_and_tell

    record_and_tell(context, options, over_soap=options["surface"] == _SOAP)
