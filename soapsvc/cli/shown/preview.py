"""The work of `soapsvc preview`: compute one account's preview, and show it in the requested form."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import TypedDict

import click

from soapsvc.cli.options.opening import opened
from soapsvc.cli.shown.preview_formats import FORMATS, Preview, Shown
from soapsvc.clock import system_clock
from soapsvc.engine.account import Account
from soapsvc.engine.preview import preview as compute
from soapsvc.engine.result import AssumeRenewal, PreviewRequest
from soapsvc.figures.groups import By
from soapsvc.figures.upcoming import latest_target, next_invoices
from soapsvc.randomness import drawn_from, seeded


class RequestOptions(TypedDict):
    """The options that become the request."""

    target_date: date | None
    next_invoices: int | None
    assume_renewal: str
    charge_type_to_exclude: frozenset[str]
    include_evergreen: bool
    include_draft_items: bool


class ShownAs(TypedDict):
    """The options for the form of the preview."""

    explain: bool
    form: str
    by: str | None
    chart: bool
    columns: str


class PreviewOptions(RequestOptions, ShownAs):
    """All options of `soapsvc preview`."""

    tenant: Path | None
    database: str | None
    account_id: str | None
    account_number: str | None
    as_of: datetime | None
    seed: str | None


def show_preview(options: PreviewOptions) -> None:
    """Show the preview of the account in the options; exit with status 1 where there is none."""
    key, number, seed, as_of = options["account_id"], options["account_number"], options["seed"], options["as_of"]
    with nullcontext() if seed is None else drawn_from(seeded(seed)):
        with opened(options["tenant"], options["database"]) as store:
            account = store.account(id=key, number=number)
            if account is None:
                from soapsvc.cli.shown.failures import fail_unknown

                fail_unknown(options["form"], key or number or "")
            found = _computed(account, options, (as_of or system_clock()).astimezone(store.settings().zone))
        _show(found, options)


def _show(found: Preview, options: ShownAs) -> None:
    if found.result.errors:
        from soapsvc.cli.shown.failures import fail_unratable

        fail_unratable(options["form"], found.result.errors)
    for note in found.result.notes:
        click.echo(f"{note.kind}: {note.code}: {note.message}", err=True)
    by = By(options["by"]) if options["by"] else None
    shown = Shown(options["explain"], by, options["chart"], options["columns"] == "all")
    FORMATS[options["form"]](found, shown)


def _computed(account: Account, options: PreviewOptions, as_of: datetime) -> Preview:
    """The requested preview, up to a date or up to the next invoices."""
    request = _request(options, options["target_date"] or latest_target(as_of.date()))
    if (count := options["next_invoices"]) is None:
        return Preview(account, compute(account, request, as_of))
    found = next_invoices(account, request, as_of, count)
    return Preview(account, found.result, found.invoices, found.memos)


def _request(options: PreviewOptions, target_date: date) -> PreviewRequest:
    return PreviewRequest(
        target_date,
        AssumeRenewal(options["assume_renewal"]),
        options["charge_type_to_exclude"],
        including_evergreen_subscription=options["include_evergreen"],
        including_draft_items=options["include_draft_items"],
        explain=options["explain"] or options["form"] == "xlsx",
    )
