"""The work of `soapsvc record`: request previews of a live tenant, and store them in a file."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path
from typing import TypedDict

import click

from soapsvc.cli.shown.progress import progress_bar
from soapsvc.cli.terminal import console, counted
from soapsvc.cli.upstream.options import credentials_of, vendor_of
from soapsvc.cli.upstream.resuming import resumable
from soapsvc.cli.upstream.selection import selection_of
from soapsvc.engine.result import AssumeRenewal, PreviewRequest
from soapsvc.parity.asking import OverSoap, record
from soapsvc.parity.recording import RecordingProblem
from soapsvc.vendor.client import Vendor
from soapsvc.vendor.credentials import AccessKeys
from soapsvc.vendor.errors import VendorError
from soapsvc.vendor.soap_calls import SoapEndpoint

_MOST_SHOWN = 20


class RecordOptions(TypedDict):
    """The options of `soapsvc record` beside those of the upstream and of the selection."""

    target_date: date
    assume_renewal: str
    charge_type_to_exclude: frozenset[str]
    include_evergreen: bool
    include_draft_items: bool
    surface: str
    soap_url: str | None
    keep_names: bool
    quiet: bool
    file: Path


def record_and_tell(context: click.Context, options: RecordOptions, *, over_soap: bool) -> None:
    """Record previews of the tenant in the context's options; exit with status 1 where one failed."""
    errors = console(stderr=True)
    file, quiet = options["file"], options["quiet"]
    request = PreviewRequest(
        options["target_date"],
        AssumeRenewal(options["assume_renewal"]),
        options["charge_type_to_exclude"],
        options["include_evergreen"],
        options["include_draft_items"],
    )
    with resumable(errors, VendorError, RecordingProblem):
        selection = selection_of(context)
        with vendor_of(context) as vendor, progress_bar(errors, shown=not quiet) as told:
            found = record(
                vendor,
                file,
                selection,
                request,
                previews=_over_soap(context, vendor, options["soap_url"]) if over_soap else None,
                keep_names=options["keep_names"],
                at_once=context.params["at_once"],
                progress=partial(told, "recording"),
            )
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
