"""`soapsvc record`: keep previews of a live tenant, with what they were computed from."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path

import click

from soapsvc.cli.options.values import ChargeTypes, Day, choice
from soapsvc.cli.shown.progress import progress_bar
from soapsvc.cli.terminal import console, counted
from soapsvc.cli.upstream.options import credentials_of, upstream_options, vendor_of
from soapsvc.cli.upstream.selection import check_selection, selection_of, selection_options
from soapsvc.engine.result import AssumeRenewal, PreviewRequest
from soapsvc.parity.asking import OverSoap, record
from soapsvc.parity.recording import RecordingProblem
from soapsvc.vendor.client import Vendor
from soapsvc.vendor.credentials import AccessKeys
from soapsvc.vendor.errors import VendorError
from soapsvc.vendor.soap_calls import SoapEndpoint

_MOST_SHOWN = 20
_REST, _SOAP = "rest", "soap"


@click.command("record")
@upstream_options
@click.option("--target-date", type=Day(), required=True, help="Preview up to this day.")
@click.option("--assume-renewal", type=choice(AssumeRenewal), default=AssumeRenewal.NONE.value, show_default=True)
@click.option("--charge-type-to-exclude", type=ChargeTypes(), default="", help="Such as OneTime,Usage.")
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
    "--soap-url", metavar="URL", help="The host of the SOAP endpoint.  [default: that of --upstream, without `rest.`]"
)
@selection_options
@click.option(
    "--keep-names", is_flag=True, help="Keep names of accounts, products and charges. By default they are hashed."
)
@click.option("--quiet", is_flag=True, help="Print nothing but problems.")
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_context
def command(  # noqa: PLR0913, PLR0917 - one for each option
    context: click.Context,
    /,
    target_date: date,
    assume_renewal: str,
    charge_type_to_exclude: frozenset[str],
    include_evergreen: bool,
    include_draft_items: bool,
    surface: str,
    soap_url: str | None,
    keep_names: bool,
    quiet: bool,
    file: Path,
    **_others: object,
) -> None:
    """Ask a live tenant for previews, and keep them in FILE with the present data of their accounts.

    FILE holds no secret, and nothing that tells who customers are. Run again it goes on where it ended. What it takes
    is read only: the tenant does not change.
    """
    check_selection(context)
    if surface == _SOAP and include_draft_items:
        raise click.UsageError("SOAP knows no draft items: --include-draft-items goes with --surface rest.")
    errors = console(stderr=True)
    renewal = AssumeRenewal(assume_renewal)
    request = PreviewRequest(target_date, renewal, charge_type_to_exclude, include_evergreen, include_draft_items)
    try:
        selection = selection_of(context)
        with vendor_of(context) as vendor, progress_bar(errors, shown=not quiet) as told:
            found = record(
                vendor,
                file,
                selection,
                request,
                previews=_over_soap(context, vendor, soap_url) if surface == _SOAP else None,
                keep_names=keep_names,
                at_once=context.params["at_once"],
                progress=partial(told, "recording"),
            )
    except KeyboardInterrupt as interrupt:
        errors.print("Stopped. The same command goes on where this one was.")
        raise SystemExit(130) from interrupt
    except (VendorError, RecordingProblem) as error:
        raise click.ClickException(f"{error}") from error
    for account, reason in found.failed[:_MOST_SHOWN]:
        errors.print(f"account {account}: {reason}", soft_wrap=True)
    if not quiet:
        before = f", {found.there:,} were there" if found.there else ""
        failed = f", {len(found.failed):,} failed" if found.failed else ""
        console().print(f"{counted(found.added, 'preview')} recorded in {file}{before}{failed}")
    if found.failed:
        raise SystemExit(1)


def _over_soap(context: click.Context, vendor: Vendor, url: str | None) -> OverSoap:
    keys = credentials_of(context)
    if not isinstance(keys, AccessKeys):
        raise click.UsageError(
            "SOAP signs in with a user: give SOAPSVC_UPSTREAM_ACCESS_KEY_ID and SOAPSVC_UPSTREAM_SECRET_ACCESS_KEY."
        )
    return OverSoap(SoapEndpoint(vendor, keys, url, plain_http=context.params["plain_http"]))
