"""The work of `soapsvc fetch`: read a live tenant into a folder, and print the report."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict

import click
from rich.console import Console

from soapsvc.cli.options.words import LAST_FETCH
from soapsvc.cli.shown.progress import progress_bar
from soapsvc.cli.terminal import console, counted
from soapsvc.cli.upstream.options import vendor_of
from soapsvc.cli.upstream.resuming import resumable
from soapsvc.cli.upstream.selection import selection_of
from soapsvc.vendor.errors import VendorError
from soapsvc.vendor.fetching import Fetched, FolderUnwritable, JournalRefused, Wanted, fetch, last_fetch

_MOST_SHOWN = 20


class FetchOptions(TypedDict):
    """The options of `soapsvc fetch` beside those of the upstream and of the selection."""

    since: str | None
    usage: str
    drafts: bool
    keep_personal: bool
    restart: bool
    bulk: bool
    quiet: bool
    folder: Path


def fetch_and_tell(context: click.Context, options: FetchOptions) -> None:
    """Read the tenant in the context's options; exit with status 1 where an account failed."""
    folder, quiet = options["folder"], options["quiet"]
    errors = console(stderr=True)
    with resumable(errors, VendorError, JournalRefused, FolderUnwritable):
        selection = selection_of(context, _instant(options["since"], folder))
        if options["bulk"] and not selection.is_whole:
            raise click.UsageError("--bulk reads the whole tenant: leave --accounts, --batch, --query, --since away.")
        wanted = Wanted(
            selection,
            options["usage"],
            drafts=options["drafts"],
            personal=options["keep_personal"],
            restart=options["restart"],
            bulk=options["bulk"],
        )
        with vendor_of(context) as vendor, progress_bar(errors, shown=not quiet) as told:
            found = fetch(vendor, folder, wanted, at_once=context.params["at_once"], progress=told)
    _report(errors, found, folder, quiet=quiet)
    if found.failed:
        raise SystemExit(1)


def _instant(since: str | None, folder: Path) -> datetime | None:
    """The instant of `--since`; one without a zone is in UTC."""
    if since is None:
        return None
    if since == LAST_FETCH:
        last = last_fetch(folder)
        if last is None:
            raise click.UsageError(f"No fetch into {folder} was completed yet: give --since an instant.")
        return last
    instant = datetime.fromisoformat(since)
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)


def _report(errors: Console, found: Fetched, folder: Path, *, quiet: bool) -> None:
    for warning in found.warnings:
        errors.print(f"warning: {warning}", soft_wrap=True)
    for outcome in found.failed[:_MOST_SHOWN]:
        errors.print(f"account {outcome.key}: {outcome.note}", soft_wrap=True)
    if len(found.failed) > _MOST_SHOWN:
        errors.print("… and more; fetch-report.json has all")
    if not quiet:
        gone = f", {len(found.gone):,} deleted meanwhile" if found.gone else ""
        failed = f", {len(found.failed):,} failed" if found.failed else ""
        console().print(f"{counted(found.accounts, 'account')} in {folder}{gone}{failed}")
